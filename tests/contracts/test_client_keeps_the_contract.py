"""Whatever the client asks, and whatever it is answered, fits the contract."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self
from urllib.parse import urlsplit

import pytest
import urllib3
from tests.contract import (
    HEADCOUNT,
    METADATA,
    TENANT_INFO,
    TOKEN,
    Exchange,
    contract,
    serving,
)

from bridgehead.cli.main import run
from bridgehead.emulator import DemoClient, Limits


@dataclass(slots=True)
class Recorder:
    """A reverse proxy on loopback that keeps every exchange. target: the base URL it stands before."""

    target: str
    exchanges: list[Exchange] = field(default_factory=list)
    _server: ThreadingHTTPServer = field(init=False)
    _thread: Thread = field(init=False)
    _http: urllib3.PoolManager = field(init=False)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def pass_on(self, method: str, target: str, headers: dict[str, str], body: bytes) -> urllib3.BaseHTTPResponse:
        sent = {name: value for name, value in headers.items() if name not in {"host", "connection"}}
        answer = self._http.request(method, self.target + target, headers=sent, body=body or None, redirect=False)
        parts, got = urlsplit(target), {name.lower(): value for name, value in answer.headers.items()}
        self.exchanges.append(Exchange(method, parts.path, parts.query, headers, body, answer.status, got, answer.data))
        return answer

    def __enter__(self) -> Self:
        self._http = urllib3.PoolManager(retries=False, maxsize=16)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.pass_on))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="recorder")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._http.clear()


def _handler(
    pass_on: Callable[[str, str, dict[str, str], bytes], urllib3.BaseHTTPResponse],
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 1 << 16

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            assert len(headers) == len(self.headers), "a header was sent twice"
            answer = pass_on(self.command, self.path, headers, body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in {"date", "server", "connection", "transfer-encoding"}:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.data)

        do_GET = do_POST = pass_on  # noqa: N815 - the standard library's names

        def log_message(self, *_: object) -> None:
            pass

    return Handler


HEADER = "scenario,version,period_start,org_unit,cost_center,location,job,headcount,fte,hours,cost,currency"
DISCOVERY = "/.well-known/oauth-authorization-server"
PLAN = [
    f"budget,v1,2027-{month:02d},0100,CC0100,L01,J001,{month},{month}.5,160.25,{month}000.1,EUR"
    for month in range(1, 11)
]
CONFIG = """\
[tenants.acme.environments.production]
tenant_id = "{tenant_id}"
base_url = "{base_url}"
client_id = "{client_id}"
client_secret = "file:{client_id}.secret"
approval = "guardrails"
dialect_overrides = {{ metadata = {{ codes = {{ org_unit = "not.listed" }} }} }}

[tenants.acme.feeds.headcount.source]
path = "plan.csv"
columns = {{ {columns} }}
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an engineer sits: a folder with configuration and plan, and the commands."""

    folder: Path
    base_url: str

    def configure(self, client: DemoClient, secret: str | None = None) -> None:
        secrets = self.folder / f"{client.client_id}.secret"
        secrets.write_text(secret or client.secret, encoding="utf-8")
        columns = ", ".join(f'{name} = "{name}"' for name in HEADER.split(","))
        text = CONFIG.format(
            tenant_id=client.tenant_id, base_url=self.base_url, client_id=client.client_id, columns=columns
        )
        (self.folder / "bridgehead.toml").write_text(text, encoding="utf-8")

    def type(self, command: str, *, plan: list[str], expect: int = 0) -> None:
        (self.folder / "plan.csv").write_text("\n".join([HEADER, *plan, ""]), encoding="utf-8")
        code = run(["--config", str(self.folder / "bridgehead.toml"), command, "acme"])
        assert code == expect, command


@pytest.fixture(scope="module")
def conversation(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    """Let the real client work through a month and through its mishaps, and return all that was said."""
    limits = Limits(records=4, page=3, requests_per_minute=10**6)
    for server in serving(limits):
        with Recorder(server.emulator.production) as recorder:
            desk = Desk(tmp_path_factory.mktemp("desk"), recorder.base_url)
            desk.configure(server.client())
            for command in ("tenant-id", "plan", "sync", "verify"):
                desk.type(command, plan=PLAN)
            changed = [PLAN[0].replace(",1.5,", ",0.75,"), *PLAN[1:9]]
            for command in ("plan", "sync", "verify"):
                desk.type(command, plan=changed)
            desk.type("sync", plan=[*changed, PLAN[0].replace("0100", "9999", 1)], expect=7)
            desk.configure(server.client("integration"))
            desk.type("sync", plan=PLAN, expect=4)
            desk.configure(server.client(), secret="wrong")
            desk.type("tenant-id", plan=PLAN, expect=4)
            desk.type("doctor", plan=PLAN, expect=4)
    return recorder.exchanges


def planning_calls(conversation: list[Exchange]) -> list[Exchange]:
    return [exchange for exchange in conversation if "/planning/" in exchange.path]


def test_every_request_of_the_client_fits_the_contract(conversation: list[Exchange]) -> None:
    assert [words for exchange in conversation for words in contract.request_breaches(exchange)] == []


def test_every_answer_to_the_client_fits_the_contract(conversation: list[Exchange]) -> None:
    assert [words for exchange in conversation for words in contract.answer_breaches(exchange)] == []


def test_the_conversation_covers_what_the_client_can_say(conversation: list[Exchange]) -> None:
    said = {(exchange.method, exchange.path, exchange.status) for exchange in conversation}
    assert said == {
        ("GET", DISCOVERY, 200),
        ("POST", TOKEN, 200),
        ("POST", TOKEN, 400),
        ("POST", TOKEN, 401),
        ("GET", TENANT_INFO, 200),
        ("GET", TENANT_INFO, 401),
        ("GET", METADATA, 200),
        ("GET", HEADCOUNT, 200),
        ("POST", HEADCOUNT, 200),
        ("POST", HEADCOUNT, 207),
    }
    assert any("cursor=" in exchange.query for exchange in conversation)
    statuses = {
        result["status"]
        for exchange in conversation
        if (exchange.method, exchange.path) == ("POST", HEADCOUNT)
        for result in json.loads(exchange.answer)["results"]
    }
    assert statuses >= {"created", "updated", "rejected"}


def test_the_client_asks_for_a_token_in_exactly_the_words_of_the_thread(conversation: list[Exchange]) -> None:
    forms = [sorted(exchange.form()) for exchange in conversation if exchange.path == TOKEN]
    tenant = ("tenant_context", "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101")
    grant, scope = (
        ("grant_type", "client_credentials"),
        "workforce.planning.write compliance.data.access tenant.context.read",
    )
    others = [form for form in forms if form != [grant, ("scope", scope), tenant]]
    assert len(forms) - len(others) >= 3
    # The doctor asks once what a client is registered for, and once whether a secret passes in the form.
    assert [[name for name, _ in form] for form in others] == [
        ["grant_type", "tenant_context"],
        ["client_id", "client_secret", "grant_type", "scope", "tenant_context"],
    ]


def test_every_planning_call_carries_the_three_headers_of_the_thread(conversation: list[Exchange]) -> None:
    calls = planning_calls(conversation)
    assert len(calls) > 10
    for call in calls:
        assert re.fullmatch(r"Bearer [\w-]+\.[\w-]+\.[\w-]+", call.headers["authorization"])
        assert call.headers["x-tenant-id"] == "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"
        assert call.headers["content-type"] == "application/json"


def test_every_write_of_the_client_has_an_idempotency_key_and_every_call_a_correlation_id_of_its_own(
    conversation: list[Exchange],
) -> None:
    writes = [call for call in planning_calls(conversation) if call.method == "POST"]
    assert len({call.headers["idempotency-key"] for call in writes}) == len(writes)
    identifiers = [call.headers["x-correlation-id"] for call in planning_calls(conversation)]
    assert len(set(identifiers)) == len(identifiers)


def test_every_record_of_the_client_states_all_dimensions(conversation: list[Exchange]) -> None:
    dimensions = {"cost_center", "location", "job", "position", "grade", "employment_type"}
    records = [
        record
        for call in planning_calls(conversation)
        if call.method == "POST"
        for record in json.loads(call.body)["records"]
    ]
    assert len(records) > 10
    assert all(dimensions <= set(record) for record in records)


BREACHES: dict[str, Callable[[Exchange], Exchange]] = {
    "the tenant header is dropped": lambda call: replace(call, headers=_without(call.headers, "x-tenant-id")),
    "the tenant is none": lambda call: replace(call, headers={**call.headers, "x-tenant-id": "acme"}),
    "the token is dropped": lambda call: replace(call, headers=_without(call.headers, "authorization")),
    "the media type is dropped": lambda call: replace(call, headers=_without(call.headers, "content-type")),
    "a parameter is misspelt": lambda call: replace(call, query="validateonly=true"),
    "the path is misspelt": lambda call: replace(call, path=call.path.replace("headcount", "head-count")),
    "a field is misspelt": lambda call: replace(call, body=call.body.replace(b"org_unit", b"orgunit")),
    "a dimension is empty": lambda call: replace(call, body=call.body.replace(b'"CC0100"', b'""')),
    "a number is a text": lambda call: replace(
        call, body=re.sub(rb'"headcount":(\d+)', rb'"headcount":"\1"', call.body)
    ),
    "the envelope is another": lambda call: replace(call, body=call.body.replace(b'"records"', b'"rows"')),
}


def _without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


@pytest.mark.parametrize("spoil", BREACHES.values(), ids=BREACHES)
def test_a_request_that_breaks_the_contract_is_noticed(
    conversation: list[Exchange], spoil: Callable[[Exchange], Exchange]
) -> None:
    write = next(call for call in planning_calls(conversation) if call.method == "POST")
    spoilt = spoil(write)

    assert spoilt != write
    assert contract.request_breaches(write) == []
    assert contract.request_breaches(spoilt) != []

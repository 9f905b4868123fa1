"""Authorization as a conversation: what is asked, in which order, and what is never signed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from bridgehead.errors import EvidenceMissing, Interlock, PermissionRefused, TokenRefused
from bridgehead.testing import Clock
from bridgehead.ukg.auth import Identity, TenantAuth
from bridgehead.ukg.dialect import load_dialect
from bridgehead.ukg.interlock import EVIDENCE
from bridgehead.ukg.messages import Request, Response
from bridgehead.ukg.tokens import TokenCache

TENANT = "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"
OTHER = "7d1e4c3a-93b5-4c0f-8a57-5e0d6a9cf202"
DATA = Request("POST", "/api/v1/workforce/planning/headcount", {}, b"{}")
EXACT = "workforce.planning.write compliance.data.access tenant.context.read"


class Server:
    """The other side of the conversation: answers what it is asked, and keeps what was asked."""

    def __init__(self, clock: Clock, **said: Any) -> None:
        self.clock = clock
        self.asked: list[Request] = []
        self.tokens = 0
        self.refuse_next = 0
        self.said: dict[str, Any] = {
            "token": TENANT,
            "info": TENANT,
            "echo": TENANT,
            "environment": "production",
        } | said

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        status, document = self.answer(request)
        return Response(
            status, {"x-correlation-id": request.correlation_id}, json.dumps(document).encode(), self.clock()
        )

    def answer(self, request: Request) -> tuple[int, Any]:
        environment = self.said["environment"]
        if request.path == "/oauth/token":
            self.tokens += 1
            claims = {"tenant_id": self.said["token"], "environment": self.said.get("token_environment", environment)}
            scope = self.said.get("scope", EXACT)
            return 200, {"access_token": jwt(claims, self.tokens), "expires_in": 1800, "scope": scope}
        if request.path == "/api/v1/tenant/info":
            return 200, {"tenant_id": self.said["info"], "environment": environment}
        if request.path == "/api/v1/workforce/planning/metadata":
            if self.said["echo"] == 401:
                return 401, {"error": "insufficient_permissions"}
            return 200, {"echo": {"tenant_id": self.said["echo"], "environment": environment}}
        if self.refuse_next:
            self.refuse_next -= 1
            return 401, {"error": "insufficient_permissions"}
        return 200, {}

    def paths(self) -> list[str]:
        return [request.path.rpartition("/")[2] for request in self.asked]


def jwt(claims: dict[str, Any], number: int) -> str:
    told = {name: value for name, value in claims.items() if value is not None} | {"jti": number}
    payload = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def auth(clock: Clock, **waivers: str) -> TenantAuth:
    identity = Identity("acme", TENANT, "production", "acme-headcount", lambda: "s3cret+%", waivers)
    return TenantAuth(load_dialect("thread", {}), identity, clock=clock, new_id=iter(map(str, range(10**6))).__next__)


def converse(conversation: Generator[Request, Response, Any], server: Callable[[Request], Response]) -> Any:
    request = next(conversation)
    try:
        while True:
            request = conversation.send(server(request))
    except StopIteration as done:
        return done.value


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_token_is_asked_for_with_tenant_context_and_the_three_exact_scopes(clock: Clock) -> None:
    server = Server(clock)
    converse(auth(clock).flow(DATA), server)
    form = parse_qs(server.asked[0].body.decode())

    assert form == {
        "grant_type": ["client_credentials"],
        "scope": ["workforce.planning.write compliance.data.access tenant.context.read"],
        "tenant_context": [TENANT],
    }
    assert base64.b64decode(server.asked[0].headers["Authorization"].split()[1]) == b"acme-headcount:s3cret%2B%25"


def test_every_call_carries_bearer_tenant_and_content_type(clock: Clock) -> None:
    server = Server(clock)
    converse(auth(clock).flow(DATA), server)
    for request in server.asked[1:]:
        assert request.headers["Authorization"].startswith("Bearer ")
        assert request.headers["X-Tenant-ID"] == TENANT
        assert request.headers["Content-Type"] == "application/json"


def test_the_token_is_proven_before_data_is_signed_with_it(clock: Clock) -> None:
    server = Server(clock)
    converse(auth(clock).flow(DATA), server)

    assert server.paths() == ["token", "info", "metadata", "headcount"]


def test_a_token_is_shared_by_those_of_one_purpose_and_by_nobody_else(clock: Clock) -> None:
    server, tokens, thread = Server(clock), TokenCache(), load_dialect("thread", {})
    new_id = iter(map(str, range(10**6))).__next__
    ours = Identity("acme", TENANT, "production", "acme-headcount", lambda: "s3cret", base_url="https://one.example")
    others = [
        replace(ours, base_url="https://two.example"),
        replace(ours, client_id="acme-other"),
        replace(ours, environment="sandbox"),
    ]
    for _ in range(3):
        converse(TenantAuth(thread, ours, clock=clock, new_id=new_id, tokens=tokens).flow(DATA), server)
    assert server.tokens == 1
    for other in others:
        server.said["environment"] = other.environment
        converse(TenantAuth(thread, other, clock=clock, new_id=new_id, tokens=tokens).flow(DATA), server)
    server.said["environment"] = "production"
    wider = load_dialect("thread", {"scopes": ["workforce.planning.write"]})
    converse(TenantAuth(wider, ours, clock=clock, new_id=new_id, tokens=tokens).flow(DATA), server)
    assert server.tokens == 5
    foreign = TenantAuth(thread, replace(ours, tenant_id=OTHER), clock=clock, new_id=new_id, tokens=tokens)
    with pytest.raises(Interlock):  # a token of its own is asked for, and proven
        converse(foreign.flow(DATA), server)
    assert server.tokens == 6


def test_a_good_token_is_used_again(clock: Clock) -> None:
    server, one = Server(clock), auth(clock)
    converse(one.flow(DATA), server)
    clock.advance(60)
    converse(one.flow(DATA), server)

    assert server.paths() == ["token", "info", "metadata", "headcount", "headcount"]


def test_a_token_is_renewed_and_proven_again_before_it_ends(clock: Clock) -> None:
    server, one = Server(clock), auth(clock)
    converse(one.flow(DATA), server)
    clock.advance(1800 - 60)
    converse(one.flow(DATA), server)

    assert server.paths() == ["token", "info", "metadata", "headcount"] * 2


def test_a_token_refused_later_is_renewed_once(clock: Clock) -> None:
    server, one = Server(clock), auth(clock)
    converse(one.flow(DATA), server)
    server.refuse_next = 1

    assert converse(one.flow(DATA), server).status == 200
    assert server.tokens == 2


def test_a_refusal_that_stays_is_not_tried_in_a_loop(clock: Clock) -> None:
    server, one = Server(clock), auth(clock)
    converse(one.flow(DATA), server)
    server.refuse_next = 10

    assert converse(one.flow(DATA), server).status == 401
    assert server.tokens == 2
    assert server.paths().count("headcount") == 3


def test_a_fresh_token_that_is_refused_is_not_renewed(clock: Clock) -> None:
    server = Server(clock)
    server.refuse_next = 10

    assert converse(auth(clock).flow(DATA), server).status == 401
    assert server.tokens == 1


def test_a_fresh_token_that_ended_while_a_call_was_tried_again_is_renewed(clock: Clock) -> None:
    server = Server(clock)
    server.refuse_next = 1

    def slowly(request: Request) -> Response:
        if request.path == DATA.path and server.refuse_next:
            clock.advance(1800)  # as a server that is away for a while
        return server(request)

    assert converse(auth(clock).flow(DATA), slowly).status == 200
    assert server.tokens == 2


@pytest.mark.parametrize("where", ["token", "info", "echo"])
def test_another_tenant_anywhere_stops_before_the_first_byte_of_data(clock: Clock, where: str) -> None:
    server = Server(clock, **{where: OTHER})
    with pytest.raises(Interlock) as stopped:
        converse(auth(clock, **dict.fromkeys(EVIDENCE, "waived")).flow(DATA), server)

    assert TENANT in stopped.value.message
    assert OTHER in stopped.value.message
    assert "API Configuration" in stopped.value.cure
    assert DATA.path not in [request.path for request in server.asked]


@pytest.mark.parametrize("where", ["environment", "token_environment"])
def test_another_environment_stops_too(clock: Clock, where: str) -> None:
    server = Server(clock, **{where: "sandbox"})
    with pytest.raises(Interlock, match=r"production.*sandbox"):
        converse(auth(clock).flow(DATA), server)


@pytest.mark.parametrize(
    ("where", "name"), [("token", "token-tenant"), ("info", "tenant-info-tenant"), ("echo", "metadata-tenant")]
)
def test_a_silence_needs_a_named_waiver(clock: Clock, where: str, name: str) -> None:
    with pytest.raises(EvidenceMissing, match="cannot be confirmed") as stopped:
        converse(auth(clock).flow(DATA), Server(clock, **{where: None}))

    assert name in stopped.value.cure
    waived = auth(clock, **{name: "agreed with J. Berg"})
    assert converse(waived.flow(DATA), Server(clock, **{where: None})).status == 200


def test_an_opaque_token_is_no_evidence(clock: Clock) -> None:
    class Opaque(Server):
        def answer(self, request: Request) -> tuple[int, Any]:
            status, document = super().answer(request)
            return status, document | {"access_token": "opaque"} if request.path == "/oauth/token" else document

    with pytest.raises(EvidenceMissing, match="the access token"):
        converse(auth(clock).flow(DATA), Opaque(clock))
    waived = auth(clock, **{"token-tenant": "opaque tokens", "token-environment": "opaque tokens"})
    assert converse(waived.flow(DATA), Opaque(clock)).status == 200


def test_a_scope_that_was_dropped_in_silence_is_noticed(clock: Clock) -> None:
    with pytest.raises(TokenRefused, match=r"without the scope compliance\.data\.access"):
        converse(auth(clock).flow(DATA), Server(clock, scope="workforce.planning.write tenant.context.read"))


def test_the_threads_401_names_the_links_that_are_left(clock: Clock) -> None:
    with pytest.raises(PermissionRefused, match="401 insufficient_permissions") as stopped:
        converse(auth(clock).flow(DATA), Server(clock, echo=401))

    for place in ("Integration Hub > API Clients", "Role Management", "API Access Logs"):
        assert place in stopped.value.cure
    assert stopped.value.correlation_id


def test_the_clock_of_a_token_starts_when_it_was_asked_for(clock: Clock) -> None:
    class Slow(Server):
        def __call__(self, request: Request) -> Response:
            clock.advance(30)
            return super().__call__(request)

    server, one = Slow(clock), auth(clock)
    asked_at = clock()
    converse(one.flow(DATA), server)
    clock.advance(0)

    assert one._held.token is not None  # noqa: SLF001 - the moment of renewal is the subject
    assert one._held.token.spent_at == asked_at + timedelta(seconds=1740)  # noqa: SLF001


def test_a_secret_never_stands_in_a_representation(clock: Clock) -> None:
    one, server = auth(clock), Server(clock)
    converse(one.flow(DATA), server)
    shown = repr([one._identity, one._held.token, *server.asked])  # noqa: SLF001

    assert "s3cret" not in shown
    assert "Bearer" not in shown
    assert "e30." not in shown

"""What the emulator offers to tests: a first state for each, a journal, answers that a test writes, seeds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import urllib3
from tests.curl import HEADCOUNT, METADATA, Caller, records

from bridgehead.emulator import Emulator, Limits, SeedRefused, demo_seed, read_seed, write_seed
from bridgehead.emulator.journal import Exchanged, Journal
from bridgehead.testing import Clock


def write(caller: Caller) -> int:
    token = caller.token().json()["access_token"]
    url = caller.base + HEADCOUNT
    return int(caller.http.request("POST", url, json=records("0100"), headers=caller.headers(token)).status)


def held(caller: Caller) -> int:
    rows = caller.emulator.environments["production"].store.connection.execute("SELECT count(*) FROM projection")
    return int(rows.fetchone()[0])


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_finds_the_first_state(caller: Caller, round_: int) -> None:
    assert round_ in (1, 2)
    assert held(caller) == 0
    assert [one["alg"] for one in caller.http.request("GET", f"{caller.base}/oauth/jwks").json()["keys"]] == ["ES256"]
    assert len(caller.emulator.journal.read()) == 1
    write(caller)
    caller.switch("POST", "keys", algorithm="RS256")
    caller.switch("PATCH", "clients/acme-headcount", enabled=False)
    caller.switch("PATCH", "environment", strictness="soft")
    caller.emulator.switch_on("latency", value=1)
    caller.emulator.answer_next(500)


def test_a_snapshot_is_put_back_while_the_emulator_serves(caller: Caller) -> None:
    write(caller)
    snapshot = caller.emulator.snapshot()
    token = caller.token().json()["access_token"]
    caller.switch("PATCH", "clients/acme-headcount", scopes=[])
    caller.switch("POST", "keys")
    assert caller.get(METADATA, token).status == 401
    caller.emulator.restore(snapshot)

    assert held(caller) == 1
    assert caller.get(METADATA, token).status == 200


def test_a_snapshot_of_a_state_file_is_put_back_into_the_file(tmp_path: Path) -> None:
    path = str(tmp_path / "ukg.sqlite")
    with urllib3.PoolManager(retries=False) as http:
        with Emulator(state=path) as emulator:
            snapshot = emulator.snapshot()
            caller = Caller(emulator, http, Clock())
            assert write(caller) == 200
            emulator.restore(snapshot)
        with Emulator(state=path) as emulator:
            caller = Caller(emulator, http, Clock())
            assert held(caller) == 0
            assert caller.token().status == 200


def test_the_journal_tells_what_was_asked_and_answered(caller: Caller) -> None:
    write(caller)
    caller.emulator.switch_on("reset-before", within=HEADCOUNT, times=1)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        caller.get(HEADCOUNT, "no token")
    token, post, lost = caller.emulator.journal.read()

    assert (token.method, token.path, token.status) == ("POST", "/oauth/token", 200)
    assert post.json() == records("0100")
    assert post.headers["x-tenant-id"] == caller.tenant
    assert (lost.status, lost.answer) == (None, b"")
    assert caller.emulator.journal.read("POST", HEADCOUNT) == [post]


def test_the_journal_has_bounds_of_number_and_of_bytes() -> None:
    def one(body: bytes) -> Exchanged:
        return Exchanged("production", "POST", "/", "", {}, body, 200, b"")

    journal = Journal(3)
    for number in range(5):
        journal.note(one(b"%d" % number))
    assert [kept.body for kept in journal.read()] == [b"2", b"3", b"4"]
    for _ in range(3):
        journal.note(one(bytes(9 * 1_048_576)))
    assert len(journal.read()) == 1
    none = Journal(0)
    none.note(one(b"x"))
    assert none.read() == []


def test_a_test_writes_the_next_answers_in_their_order(caller: Caller) -> None:
    caller.emulator.answer_next(503, {"error": "down"}, headers={"Retry-After": "1"}, within="/oauth/token")
    caller.emulator.answer_next(200, body=b"\xff", method="POST", within="/oauth/", times=2)
    elsewhere = caller.http.request("GET", f"{caller.base}/oauth/jwks").status
    answers = [caller.token() for _ in range(4)]

    assert elsewhere == 200
    assert [one.status for one in answers] == [503, 200, 200, 200]
    assert (answers[0].json(), answers[0].headers["Retry-After"]) == ({"error": "down"}, "1")
    assert answers[1].data == b"\xff"
    assert "access_token" in answers[3].json()


def test_an_emulator_starts_in_a_thread_and_answers_at_once() -> None:
    with Emulator() as first:  # once imported
        urllib3.request("GET", f"{first.production}/oauth/jwks", retries=False)
    began = time.perf_counter()
    with Emulator() as emulator:
        assert urllib3.request("GET", f"{emulator.production}/oauth/jwks", retries=False).status == 200
        took = time.perf_counter() - began
    assert took < 5  # the figure, 0.1 s, is in docs/performance.md; here only that nobody waits for a timeout


def test_the_audit_log_keeps_so_many_entries_and_is_asked_by_program_as_on_the_screen(caller: Caller) -> None:
    with Emulator(limits=Limits(audit_entries=100)) as emulator, urllib3.PoolManager(retries=False) as http:
        for _ in range(230):
            http.request("GET", f"{emulator.production}/oauth/jwks")
        kept = http.request("GET", f"{emulator.production}/_emulator/audit?limit=1000").json()["entries"]
    assert 100 <= len(kept) < 200

    write(caller)
    caller.get(
        METADATA,
        caller.post(
            "/oauth/token", basic=("acme-headcount", caller.client().secret), grant_type="client_credentials"
        ).json()["access_token"],
    )
    auditor = caller.client("auditor")
    form = {"grant_type": "client_credentials", "scope": "audit.logs.read"}
    token = caller.post("/oauth/token", basic=(auditor.client_id, auditor.secret), **form).json()["access_token"]
    log = "/api/v1/system/audit/api-access-logs"

    def told(query: str) -> list[str]:
        return [entry["check"] for entry in caller.get(f"{log}?{query}", token).json()["entries"]]

    assert told("check=token-tenant") == told("outcome=denied&client_id=acme-headcount") == ["token-tenant"]
    assert told("since=2026-11-03") == []
    assert len(told("until=2026-11-03")) >= 5
    assert caller.get(f"{log}?outcome=odd", token).status == 400


SEED = b"""
production:
- name: initech
  tenant_id: 11111111-2222-4333-8444-555555555555
  title: Initech
  catalogue:
    open_from: "2027-01-01"
    open_to: "2027-12-01"
    locked: ["2027-03-01"]
    scenarios: [{code: budget}]
    org_units: [{code: "7"}, {code: "8", active: false}]
  clients:
  - client_id: tps
    secret: reports
    scopes: [workforce.planning.write, compliance.data.access, tenant.context.read]
    roles: [Workforce Planning Administrator]
    planning_permission: true
"""


def test_a_seed_says_who_exists() -> None:
    with Emulator(seed=read_seed(SEED)) as emulator, urllib3.PoolManager(retries=False) as http:
        (client,) = emulator.demo_clients()
        headers = urllib3.make_headers(basic_auth="tps:reports")
        form = {"grant_type": "client_credentials", "tenant_context": client.tenant_id}
        url = f"{emulator.production}/oauth/token"
        answer = http.request("POST", url, fields=form, encode_multipart=False, headers=headers)
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}", "X-Tenant-ID": client.tenant_id}
        told = http.request("GET", emulator.production + METADATA, headers=headers).json()

        odd = {"headcount": 1, "fte": 1.5, "org_unit": "7"}
        sent = records("0007", "0007")["records"]
        sent = [sent[0] | odd, sent[1] | odd | {"period_start": "2027-03-01"}]
        results = http.request("POST", emulator.production + HEADCOUNT, headers=headers, json={"records": sent}).json()[
            "results"
        ]

    assert results[0]["warnings"] == [
        {"code": "fte_over_headcount", "field": "fte", "message": "1.50 FTE are more than 1 heads"}
    ]
    assert results[1]["error"]["code"] == "period_locked"
    assert (client.tenant, client.client_id, client.secret) == ("initech", "tps", "reports")
    assert told["org_units"] == [
        {"code": "7", "name": "", "active": True},
        {"code": "8", "name": "", "active": False},
    ]
    assert told["scenarios"] == [{"code": "budget", "name": "", "versions": ["v1"], "read_only": False}]


def test_the_seed_that_is_shown_can_be_planted() -> None:
    assert read_seed(write_seed(demo_seed())) == demo_seed()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"title:", b"titel:", "`titel` - at `$.production[0]`"),
        (b"11111111-2222", b"1111", "is no lower-case UUID"),
        (b'"2027-01-01"', b"2027", "$.production[0].catalogue.open_from"),
        (b'"2027-01-01"', b"January", "January in the catalogue of initech is no first day"),
        (b"workforce.planning.write", b"workforce.planning.wirte", "tps has the scope workforce.planning.wirte"),
        (b"[Workforce Planning Administrator]", b"[Boss]", "tps has the role Boss"),
        (b"    secret: reports\n", b"", "tps has no secret"),
        (b"production:", b"staging:", "`staging`"),
        (b"- name", b"{", "line"),
    ],
)
def test_a_seed_that_cannot_be_planted_says_what_and_where(old: bytes, new: bytes, says: str) -> None:
    with pytest.raises(SeedRefused) as refused:
        read_seed(SEED.replace(old, new))

    assert says in str(refused.value)


def test_two_of_a_name_cannot_be_planted() -> None:
    with pytest.raises(SeedRefused, match=r"the tenant id 11111111-.* stands there 2 times"):
        read_seed(SEED + SEED.partition(b"production:\n")[2])

"""Every fault that there is: what a caller sees of it, what the audit log says, and that nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.curl import METADATA, SCOPES, Caller
from tests.walk import GOOD, stored, walk

from bridgehead.emulator import Emulator
from bridgehead.emulator.authorization.tokens import claims_of
from bridgehead.emulator.faults.catalogue import CATALOGUE
from bridgehead.emulator.faults.switchboard import FaultRefused

SEEN: dict[str, tuple[tuple[int | None, ...], str]] = {
    "address-block": ((403, None, None), "address-block"),
    "blocked": ((403, None, None), "blocked"),
    "planning-moved": ((200, 404, 404), "path"),
    "server-error": ((503, None, None), "server-error"),
    "too-many-requests": ((429, None, None), "too_many_requests"),
    "client-unknown": ((401, None, None), "oauth-invalid-client"),
    "secret-expired": ((401, None, None), "oauth-invalid-client"),
    "account-locked": ((401, None, None), "oauth-invalid-client"),
    "basic-refused": ((401, None, None), "oauth-invalid-client"),
    "grant-not-enabled": ((400, None, None), "oauth-unauthorized-client"),
    "tenant-context-refused": ((400, None, None), "oauth-invalid-target"),
    "scope-refused": ((400, None, None), "oauth-invalid-scope"),
    "tenant-context-ignored": ((200, 401, 401), "token-tenant"),
    "scope-dropped": ((200, 401, 401), "scope"),
    "near-miss-scopes": ((200, 401, 401), "scope"),
    "wrong-audience": ((200, 401, 401), "token-audience"),
    "wrong-issuer": ((200, 401, 401), "token-issuer"),
    "short-lived": ((200, 401, 401), "token-expired"),
    "tenant-header-stripped": ((200, 401, 401), "tenant-header"),
    "tenant-header-rewritten": ((200, 401, 401), "tenant-match"),
    "role-missing": ((200, 401, 401), "role"),
    "write-role-missing": ((200, 200, 401), "role"),
    "service-account-refused": ((200, 401, 401), "role"),
    "role-pending": ((200, 401, 401), "role"),
    "role-propagating": ((200, 401, 401), "role"),
    "module-off": ((200, 401, 401), "module"),
    "authority-outage": ((200, 401, 401), "token-authority"),
    "too-large": ((200, 200, 413), "payload_too_large"),
    "all-or-nothing": ((200, 200, 400), ""),
}
"""What is seen of faults that refuse: the statuses of token endpoint, metadata and write, and the check in the log."""

ELSEWHERE = {
    "clock-skew",
    "gateway-401",
    "throttle-as-401",
    "throttle-as-403",
    "post-refused",
    "org-units-limited",
    "validate-only-ignored",
    "rejects-in-200",
    "results-by-position",
    "partial-acceptance",
    "version-conflict",
    "product-limit",
    "group-incomplete",
    "legacy-key",
    "latency",
    "dribble",
    "reset-on-connect",
    "reset-before",
    "reset-after",
    "closed-after",
    "truncated",
    "garbage",
}
"""Faults with a test of their own, here, in planning, or on the wire."""


def test_every_fault_has_a_test() -> None:
    assert SEEN.keys() | ELSEWHERE == CATALOGUE.keys()


@pytest.mark.parametrize("slug", SEEN)
def test_a_fault_is_seen_where_it_belongs_named_in_the_log_and_over_when_it_is_switched_off(
    caller: Caller, slug: str
) -> None:
    statuses, check = SEEN[slug]
    value = {"too-large": 3}.get(slug)
    caller.emulator.switch_on(slug, client_id="acme-headcount", value=value)
    seen = walk(caller)

    assert seen.statuses == statuses
    assert caller.why()["check"] == check
    assert stored(caller) == []
    globex = caller.emulator.demo_clients()[3]
    other = caller.post("/oauth/token", basic=(globex.client_id, globex.secret), grant_type="client_credentials")
    assert other.status == 200  # nobody else is met
    caller.emulator.switch_off(slug)
    assert walk(caller).statuses == (200, 200, 207)
    assert stored(caller) == GOOD


def test_a_refusal_by_a_fault_looks_like_the_real_one(caller: Caller) -> None:
    caller.emulator.switch_on("role-missing")
    by_fault, told = walk(caller).write, caller.why()
    caller.emulator.switch_off()
    caller.switch("PATCH", "service-accounts/svc-acme-headcount", roles=[])
    real = walk(caller).write

    assert (by_fault.status, by_fault.data) == (real.status, real.data)
    assert told["reason"] == caller.why()["reason"]
    assert told["steps"] == caller.why()["steps"]


def test_faults_that_do_not_exclude_one_another_combine_and_the_others_are_refused(caller: Caller) -> None:
    caller.emulator.switch_on("tenant-header-stripped")
    caller.emulator.switch_on("role-missing")
    walk(caller)
    assert caller.why()["check"] == "tenant-header"
    with pytest.raises(FaultRefused, match="role-missing exclude each other"):
        caller.emulator.switch_on("role-pending")
    caller.emulator.switch_on("role-pending", environment="sandbox")
    caller.emulator.switch_off("tenant-header-stripped")
    walk(caller)
    assert caller.why()["check"] == "role"


@pytest.mark.parametrize(
    ("slug", "other", "says"),
    [
        ("no-such-fault", {}, "there is no fault"),
        ("latency", {"value": "long"}, "is a number of milliseconds"),
        ("latency", {"value": -1}, "is a number of milliseconds from 0 to 1000000"),
        ("latency", {"value": 10**7}, "is a number of milliseconds from 0 to 1000000"),
        ("server-error", {"value": 0}, "is a number of status from 500 to 599"),
        ("partial-acceptance", {"value": 0}, "is a number of records from 1"),
        ("scope-dropped", {"value": 3}, "is a scope"),
        ("org-units-limited", {"value": "0100"}, "is a list of org units"),
        ("role-missing", {"value": 1}, "has no value"),
        ("role-missing", {"times": 0}, "at least 1"),
    ],
)
def test_a_switch_that_there_is_not_is_refused_in_words(
    caller: Caller, slug: str, other: dict[str, Any], says: str
) -> None:
    answer = caller.http.request("PUT", f"{caller.base}/_emulator/faults/{slug}", json=other)

    assert answer.status == 400
    assert says in answer.json()["message"]


def test_the_switches_work_by_curl_and_show_what_is_on(caller: Caller) -> None:
    caller.switch("PUT", "faults/server-error", value=500, times=2, within="/oauth/")
    shown = caller.http.request("GET", f"{caller.base}/_emulator/faults").json()

    assert [one["slug"] for one in shown["faults"]] == [
        slug for slug, kind in CATALOGUE.items() if kind.exists_in("thread")
    ]
    assert [(one["slug"], one["value"], one["times"]) for one in shown["on"]] == [("server-error", 500, 2)]
    assert [caller.token().status for _ in range(3)] == [500, 500, 200]
    caller.switch("PUT", "faults/latency", value=1)
    assert caller.switch("DELETE", "faults") == {"switched_off": 1}


def test_a_fault_meets_a_tenant_alone_when_it_is_asked_to(caller: Caller) -> None:
    caller.emulator.switch_on("client-unknown", tenant_id="7d1e4c3a-93b5-4c0f-8a57-5e0d6a9cf202")
    globex = caller.emulator.demo_clients()[3]

    assert caller.token().status == 200
    form = {"grant_type": "client_credentials", "client_id": globex.client_id, "client_secret": globex.secret}
    assert caller.post("/oauth/token", **form).status == 401


# Faults with values.


def test_a_clock_that_is_ahead_shows_in_date_and_in_tokens(caller: Caller) -> None:
    before = caller.token()
    caller.emulator.switch_on("clock-skew", value=3600)
    after = caller.token()

    assert before.headers["Date"] == "Mon, 02 Nov 2026 03:00:00 GMT"
    assert after.headers["Date"] == "Mon, 02 Nov 2026 04:00:00 GMT"
    assert claims_of(after.json()["access_token"])["iat"] - claims_of(before.json()["access_token"])["iat"] == 3600
    assert caller.get(METADATA, before.json()["access_token"]).status == 401  # half an hour was its life


def test_a_gateway_that_knows_no_path_says_401(caller: Caller) -> None:
    path = "/api/v2/workforce/planning/metadata"
    assert caller.http.request("GET", caller.base + path).status == 404
    caller.emulator.switch_on("gateway-401")
    assert caller.http.request("GET", caller.base + path).status == 401


@pytest.mark.parametrize(("slug", "status"), [("throttle-as-401", 401), ("throttle-as-403", 403)])
def test_a_throttle_in_disguise_refuses_what_comes_too_fast_and_time_mends_it(
    caller: Caller, slug: str, status: int
) -> None:
    token = caller.token().json()["access_token"]
    caller.clock.advance(1)
    caller.emulator.switch_on(slug, value=2)
    answers = [caller.get(METADATA, token) for _ in range(4)]

    assert [one.status for one in answers] == [200, 200, status, status]
    assert answers[-1].json() == {"error": "insufficient_permissions"}
    caller.clock.advance(1)
    assert caller.get(METADATA, token).status == 200


def test_post_is_refused_where_basic_is_not(caller: Caller) -> None:
    caller.emulator.switch_on("post-refused")
    client = caller.client()
    form = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": client.secret}

    assert (caller.post("/oauth/token", **form).status, caller.token().status) == (401, 200)


def test_a_role_that_propagates_counts_after_its_time(caller: Caller) -> None:
    caller.emulator.switch_on("role-propagating", value=90)
    assert walk(caller).statuses == (200, 401, 401)
    caller.clock.advance(90)
    assert walk(caller).statuses == (200, 200, 207)


def test_a_block_is_over_after_its_time(caller: Caller) -> None:
    caller.emulator.switch_on("blocked", value=90)
    assert caller.token().status == 403
    caller.clock.advance(90)
    assert caller.token().status == 200


def test_without_a_value_a_429_has_no_retry_after(caller: Caller) -> None:
    caller.emulator.switch_on("too-many-requests", value=0, times=1)
    assert "Retry-After" not in caller.token().headers
    caller.emulator.switch_on("too-many-requests", value=7, times=1)
    assert caller.token().headers["Retry-After"] == "7"


def test_the_legacy_key_is_asked_for_in_the_second_dialect_only(caller: Caller) -> None:
    with pytest.raises(FaultRefused, match="exists in the dialect platform only"):
        caller.emulator.switch_on("legacy-key")
    with Emulator(dialect="platform") as emulator:
        emulator.switch_on("legacy-key", value="k-1")
        other = replace(caller, emulator=emulator)
        asked = {"organization": other.tenant, "audience": "https://api.ukg.net"}
        client = other.client()
        got = other.post(
            "/oauth/token", basic=(client.client_id, client.secret), grant_type="client_credentials", **asked
        )
        headers = {"Authorization": f"Bearer {got.json()['access_token']}", "global-tenant-id": other.tenant}
        statuses = {
            key: other.http.request(
                "GET", other.base + METADATA, headers=headers | ({"appkey": key} if key else {})
            ).status
            for key in ("", "k-2", "k-1")
        }

    assert statuses == {"": 401, "k-2": 401, "k-1": 200}


def test_scopes_in_the_answer_are_those_that_were_granted(caller: Caller) -> None:
    caller.emulator.switch_on("scope-dropped", value="compliance.data.access")
    granted = caller.token().json()["scope"]

    assert granted == SCOPES.replace(" compliance.data.access", "")

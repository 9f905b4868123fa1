"""What roles reach, when they count, and how an environment that is soft tells of them."""

from __future__ import annotations

from tests.curl import ADMINISTRATOR, HEADCOUNT, METADATA, Caller, records


def test_a_role_for_some_org_units_writes_and_shows_those_alone(caller: Caller) -> None:
    token = caller.token().json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "X-Tenant-ID": caller.tenant}
    caller.http.request("POST", caller.base + HEADCOUNT, json=records("0100", "0101"), headers=headers)
    role = {
        "role": ADMINISTRATOR,
        "activated_at": "2026-01-01T00:00:00+00:00",
        "org_units": ["0101"],
    }
    caller.switch("PATCH", "service-accounts/svc-acme-headcount", assignments=[role])
    answer = caller.http.request("POST", caller.base + HEADCOUNT, json=records("0100", "0101", "0102"), headers=headers)
    seen = caller.get(HEADCOUNT, token).json()["records"]

    assert answer.status == 207
    assert [one["status"] for one in answer.json()["results"]] == ["rejected", "unchanged", "rejected"]
    assert answer.json()["results"][0]["error"]["code"] == "org_unit_not_permitted"
    assert [record["org_unit"] for record in seen] == ["0101"]


def test_a_role_that_propagates_counts_when_its_time_has_come(caller: Caller) -> None:
    later = "2026-11-02T03:10:00.000+00:00"
    role = {
        "role": ADMINISTRATOR,
        "activated_at": "2026-11-02T03:00:00.000+00:00",
        "effective_at": later,
    }
    caller.switch("PATCH", "service-accounts/svc-acme-headcount", assignments=[role])
    token = caller.token().json()["access_token"]

    assert caller.get(METADATA, token).status == 401
    assert f"still propagating: it takes effect at {later}" in caller.why()["reason"]
    caller.clock.advance(600)
    assert caller.get(METADATA, token).status == 200


def test_an_environment_that_is_soft_says_what_production_would_have_refused(caller: Caller) -> None:
    caller.switch("PATCH", "environment", strictness="soft")
    client = caller.client("integration")
    token = caller.post("/oauth/token", basic=(client.client_id, client.secret), grant_type="client_credentials").json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    answer = caller.http.request("GET", caller.base + METADATA, headers=headers)
    entry = caller.why()

    assert (answer.status, answer.headers["X-Emulator"]) == (200, "bridgehead; environment=production; strictness=soft")
    assert (entry["outcome"], entry["check"]) == ("forgiven", "token-tenant")
    forgiven = [check for check, outcome, _ in entry["steps"] if outcome == "forgiven"]
    assert forgiven == ["token-tenant", "tenant-header", "scope", "registration", "planning-permission", "role"]


def test_soft_takes_what_is_beyond_a_limited_role_and_says_so(caller: Caller) -> None:
    role = {"role": ADMINISTRATOR, "activated_at": "2026-01-01T00:00:00+00:00", "org_units": ["0101"]}
    caller.switch("PATCH", "service-accounts/svc-acme-headcount", assignments=[role])
    caller.switch("PATCH", "environment", strictness="soft")
    token = caller.token().json()["access_token"]

    for units, outcome in ((("0101",), "allowed"), (("0100", "0101"), "forgiven")):
        answer = caller.http.request(
            "POST", caller.base + HEADCOUNT, json=records(*units), headers=caller.headers(token)
        )
        assert (answer.status, caller.why()["outcome"]) == (200, outcome)
    assert caller.why()["reason"] == "the roles count for 0101 only, not for 0100"
    assert len(caller.get(HEADCOUNT, token).json()["records"]) == 2
    assert (caller.why()["outcome"], caller.why()["check"]) == ("forgiven", "role")

"""Attacks on what comes of a sign-in: codes, refresh tokens and persons of others, and tokens that are asked about.

Nothing is issued, nothing of another tenant's is told or ended, and the audit log names what was wrong.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.curl import METADATA, SCOPES, Browser, Caller
from tests.forging import GLOBEX, SANDBOX, assert_nothing_issued, assert_told


def refreshed(caller: Caller, client_id: str, ticket: str, **other: str) -> Any:
    return caller.post("/oauth/token", grant_type="refresh_token", client_id=client_id, refresh_token=ticket, **other)


def test_a_code_and_a_refresh_token_are_good_for_no_client_of_another_tenant(caller: Caller, browser: Browser) -> None:
    code = browser.sign_in()["code"]
    assert_nothing_issued(
        caller, browser.redeem(code, client_id="globex-desk"), "oauth-invalid-grant", "issued to another client"
    )
    own = browser.redeem(code)  # what the stranger tried took nothing away
    ticket = own.json()["refresh_token"]

    answer = refreshed(caller, "globex-desk", ticket)
    assert_nothing_issued(caller, answer, "oauth-invalid-grant", "issued to another client")
    assert "acme" not in json.dumps(caller.why())  # since this entry stands in the other tenant's log
    assert_nothing_issued(
        caller, refreshed(caller, "acme-desk", ticket + "x"), "oauth-invalid-grant", "unknown or expired"
    )
    assert_nothing_issued(caller, refreshed(caller, "acme-desk", code), "oauth-invalid-grant", "unknown or expired")
    assert refreshed(caller, "acme-desk", ticket).status == 200


@pytest.mark.parametrize(
    ("other", "check"),
    [
        ({"tenant_context": GLOBEX}, "oauth-invalid-target"),
        ({"tenant_context": SANDBOX}, "oauth-invalid-target"),
        ({"scope": f"{SCOPES} audit.logs.read"}, "oauth-invalid-scope"),
        ({"scope": "employees.read"}, "oauth-invalid-scope"),
    ],
)
def test_a_refresh_token_widens_neither_tenant_nor_scope(
    caller: Caller, browser: Browser, other: dict[str, str], check: str
) -> None:
    ticket = browser.redeem(browser.sign_in()["code"]).json()["refresh_token"]

    assert_nothing_issued(caller, refreshed(caller, "acme-desk", ticket, **other), check)


def test_a_refresh_token_ends_with_the_person_and_with_the_client(caller: Caller, browser: Browser) -> None:
    first, second = (browser.redeem(browser.sign_in()["code"]).json()["refresh_token"] for _ in range(2))
    caller.switch("PATCH", "people/planner@acme.example", locked=True)
    assert_nothing_issued(caller, refreshed(caller, "acme-desk", first), "oauth-invalid-grant", "may no longer")
    caller.switch("PATCH", "people/planner@acme.example", locked=False)
    caller.switch("PATCH", "clients/acme-desk", enabled=False)
    assert_nothing_issued(caller, refreshed(caller, "acme-desk", second), "oauth-invalid-client", "disabled")


def test_a_client_of_another_tenant_is_told_of_no_token_and_ends_none(
    caller: Caller, globex: Caller, browser: Browser
) -> None:
    client = globex.client()
    answer = browser.redeem(browser.sign_in()["code"]).json()
    token = caller.token().json()["access_token"]

    for shown, check in ((token, "token-client"), (answer["refresh_token"], "token-signature")):
        for path, told in (("introspect", {"active": False}), ("revoke", {})):
            heard = caller.post(f"/oauth/{path}", basic=(client.client_id, client.secret), token=shown)
            assert (heard.status, heard.json()) == (200, told)
            assert (caller.why()["check"], caller.why()["tenant_id"]) == (check, globex.tenant)
            assert "acme" not in json.dumps(caller.why())
    assert caller.get(METADATA, token).status == 200
    assert refreshed(caller, "acme-desk", answer["refresh_token"]).status == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("planner@globex.example", "globex-planner"),
        ("PLANNER@ACME.EXAMPLE", "acme-planner"),
        ("planner@acme.example", ""),
        ("planner@acme.example ", "acme-planner"),
        ("svc-acme-headcount", ""),
    ],
)
def test_nobody_but_a_person_of_the_clients_tenant_signs_in(
    caller: Caller, browser: Browser, username: str, password: str
) -> None:
    answer = browser.send(browser.open().data, username=username, password=password)

    assert (answer.status, "Location" in answer.headers) == (401, False)
    assert b"User name or password is wrong." in answer.data
    assert_told(caller, "sign-in", "is wrong" if username == "planner@acme.example" else "the tenant has no person")


def test_a_person_who_is_locked_does_not_sign_in(caller: Caller, browser: Browser) -> None:
    caller.switch("PATCH", "people/planner@acme.example", locked=True)
    answer = browser.send(browser.open().data, username="planner@acme.example", password="acme-planner")

    assert answer.status == 401
    assert_told(caller, "sign-in")

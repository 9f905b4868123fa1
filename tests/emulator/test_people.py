"""People who sign in: what a client may ask them, what it gets, and what nobody else gets."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.curl import CALLBACK, METADATA, Browser, Caller


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def test_a_person_signs_in_and_their_client_acts_with_their_roles_and_name(caller: Caller, browser: Browser) -> None:
    back = browser.sign_in()
    answer = browser.redeem(back["code"]).json()

    assert (back["state"], back["iss"]) == ("s-1", caller.base)
    assert caller.get(METADATA, answer["access_token"]).status == 200
    assert (caller.why()["client_id"], caller.why()["account"]) == ("acme-desk", "planner@acme.example")
    assert claims_of(answer["access_token"])["sub"] == "planner@acme.example"
    caller.switch("PATCH", "people/planner@acme.example", roles=[])
    assert caller.get(METADATA, answer["access_token"]).status == 401
    assert "the person planner@acme.example has no role" in caller.why()["reason"]


def test_a_refresh_token_rotates_and_one_that_is_used_twice_ends_the_session(caller: Caller, browser: Browser) -> None:
    first = browser.redeem(browser.sign_in()["code"]).json()

    def renewed(refresh_token: str) -> Any:
        form = {"grant_type": "refresh_token", "client_id": "acme-desk", "refresh_token": refresh_token}
        return caller.post("/oauth/token", **form)

    second = renewed(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert caller.get(METADATA, second["access_token"]).status == 200
    stolen = renewed(first["refresh_token"])
    assert (stolen.status, stolen.json()["error"]) == (400, "invalid_grant")
    assert renewed(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert caller.get(METADATA, second["access_token"]).status == 401
    assert caller.why()["check"] == "token-revoked"


def test_a_refresh_that_is_refused_for_scope_or_tenant_uses_nothing_up(caller: Caller, browser: Browser) -> None:
    first = browser.redeem(browser.sign_in()["code"]).json()
    form = {"grant_type": "refresh_token", "client_id": "acme-desk", "refresh_token": first["refresh_token"]}
    other = {"tenant_context": "7d1e4c3a-93b5-4c0f-8a57-5e0d6a9cf202"}

    assert caller.post("/oauth/token", **form, scope="nonsense").json()["error"] == "invalid_scope"
    assert caller.post("/oauth/token", **form, **other).json()["error"] == "invalid_target"
    assert caller.post("/oauth/token", **form).status == 200
    assert caller.post("/oauth/token", **form).json()["error"] == "invalid_grant"


def test_a_code_that_is_used_twice_ends_the_session(caller: Caller, browser: Browser) -> None:
    code = browser.sign_in()["code"]
    token = browser.redeem(code).json()["access_token"]

    assert browser.redeem(code).json()["error"] == "invalid_grant"
    assert caller.get(METADATA, token).status == 401


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:1/callback"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"tenant_context": "7d1e4c3a-93b5-4c0f-8a57-5e0d6a9cf202"}, "invalid_target"),
        ({"code": "x"}, "invalid_grant"),
        ({"code": ""}, "invalid_request"),
        ({"client_id": "globex-desk"}, "invalid_grant"),
    ],
)
def test_a_code_is_good_for_its_own_client_address_verifier_and_tenant_only(
    browser: Browser, other: dict[str, str], error: str
) -> None:
    code = browser.sign_in()["code"]
    answer = browser.redeem(**({"code": code} | other))

    assert (answer.status, answer.json()["error"]) == (400, error)


def test_a_code_is_good_for_a_minute(caller: Caller, browser: Browser) -> None:
    code = browser.sign_in()["code"]
    caller.clock.advance(60)

    assert browser.redeem(code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "workforce:write"}, "invalid_scope"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"tenant_context": "7d1e4c3a-93b5-4c0f-8a57-5e0d6a9cf202"}, "invalid_target"),
    ],
)
def test_what_a_client_may_not_ask_it_hears_at_its_own_address_with_issuer_and_state(
    browser: Browser, other: dict[str, str], error: str
) -> None:
    answer = browser.open(**other)
    back = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    assert answer.status == 303
    assert answer.headers["Location"].startswith(CALLBACK + "?")
    assert (back["error"], back["state"], back["iss"]) == (error, "s-1", browser.caller.base)


@pytest.mark.parametrize(
    "other",
    [
        {"client_id": "nobody"},
        {"client_id": ""},
        {"redirect_uri": ""},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1:49152/callback/../evil"},
        {"redirect_uri": "http://127.0.0.1:49152@evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1:x/callback"},
        {"redirect_uri": "http://localhost:49152/callback"},
        {"redirect_uri": "https://127.0.0.1:49152/callback"},
        {"redirect_uri": "http://127.0.0.1:49152/callback?x=1"},
        {"redirect_uri": "http://127.0.0.1:49152/callback#x"},
    ],
)
def test_an_address_that_cannot_be_trusted_hears_nothing(browser: Browser, other: dict[str, str]) -> None:
    answer = browser.open(**other)

    assert (answer.status, "Location" in answer.headers) == (400, False)
    assert "This cannot be asked" in answer.data.decode()
    assert "evil" not in answer.data.decode()


def test_the_sign_in_page_says_who_asks_for_what_and_escapes_it(caller: Caller, browser: Browser) -> None:
    answer = browser.open(state='"><script>alert(1)</script>')
    page = answer.data.decode()

    assert answer.status == 200
    assert "acme-desk" in page
    assert "workforce.planning.write" in page
    assert "<script" not in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "HttpOnly; SameSite=Lax" in answer.headers["Set-Cookie"]
    assert caller.http.request("GET", f"{caller.base}/_emulator/ukg.css").headers["Content-Type"].startswith("text/css")


def test_a_wrong_password_an_unknown_person_and_another_tenants_look_alike_and_are_slowed(
    caller: Caller, browser: Browser
) -> None:
    page = browser.open().data
    typed = [
        {"username": "planner@acme.example", "password": "wrong"},
        {"username": "nobody@acme.example", "password": "acme-planner"},
        {"username": "planner@globex.example", "password": "globex-planner"},
    ]
    answers = [browser.send(page, **one) for one in typed]

    reasons = [entry["reason"] for entry in caller.log(3)]
    assert reasons == [
        "the tenant has no person 'planner@globex.example'",
        "the tenant has no person 'nobody@acme.example'",
        "the password of planner@acme.example is wrong",
    ]
    assert [one.status for one in answers] == [401] * 3
    assert all("User name or password is wrong." in one.data.decode() for one in answers)
    for _ in range(5):
        last = browser.send(page, **typed[0])
    assert "Too many attempts" in last.data.decode()
    assert (
        "Too many attempts"
        in browser.send(page, username="planner@acme.example", password="acme-planner").data.decode()
    )
    caller.clock.advance(60)
    assert browser.send(page, username="planner@acme.example", password="acme-planner").status == 303


def test_a_form_that_another_page_sends_is_not_taken(browser: Browser) -> None:
    page = browser.open().data
    browser.cookie = ""
    answer = browser.send(page, username="planner@acme.example", password="acme-planner")
    assert answer.status == 401
    browser.open()
    for proof in ("guessed", "\xe9"):
        other = re.sub(rb'name="proof" value="[^"]*"', f'name="proof" value="{proof}"'.encode(), page)
        assert browser.send(other, username="planner@acme.example", password="acme-planner").status == 401


def test_a_person_who_does_not_allow_it_is_believed(browser: Browser) -> None:
    answer = browser.send(browser.open().data, decision="deny")

    assert "error=access_denied" in answer.headers["Location"]


def test_a_public_client_cannot_act_by_itself(caller: Caller) -> None:
    answer = caller.post("/oauth/token", grant_type="client_credentials", client_id="acme-desk")

    assert (answer.status, answer.json()["error"]) == (400, "unauthorized_client")

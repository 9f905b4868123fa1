"""How a client proves who it is: by secret, by signed assertion, from where it may; and what happens to guesses."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from tests.curl import METADATA, SCOPES, Caller

from bridgehead.emulator.authorization.keys import Algorithms


def assertion(caller: Caller, key: Any, algorithm: str = "ES256", **other: Any) -> str:
    now = int(caller.clock().timestamp())
    claims = {
        "iss": "acme-headcount",
        "sub": "acme-headcount",
        "aud": f"{caller.base}/oauth/token",
        "exp": now + 60,
        "iat": now,
        "jti": secrets.token_hex(8),
    } | other
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key, registry=Algorithms(algorithms=[algorithm]))


def by_assertion(caller: Caller, signed: str, **other: str) -> Any:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {"grant_type": "client_credentials", "client_assertion_type": kind, "client_assertion": signed} | other
    return caller.post("/oauth/token", **form)


def registered(caller: Caller, key: Any) -> None:
    public = dict(key.as_dict(private=False), kid=key.kid)
    caller.switch("PATCH", "clients/acme-headcount", keys=[public], methods=["private_key_jwt"])


KEYS = {
    "ES256": lambda: ECKey.generate_key("P-256", {"kid": "mine"}, auto_kid=False),
    "RS256": lambda: RSAKey.generate_key(2048, {"kid": "mine"}, auto_kid=False),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519", {"kid": "mine"}, auto_kid=False),
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_client_with_a_registered_key_signs_an_assertion_that_counts_once(caller: Caller, algorithm: str) -> None:
    key = KEYS[algorithm]()
    registered(caller, key)
    signed = assertion(caller, key, algorithm)

    assert by_assertion(caller, signed).status == 200
    again = by_assertion(caller, signed)
    assert (again.status, again.json()["error"]) == (401, "invalid_client")
    assert caller.why()["reason"] == "the assertion was used before"


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"aud": "https://elsewhere.example/token"}, "audience"),
        ({"aud": None}, "audience"),
        ({"sub": "acme-auditor"}, "not registered for"),
        ({"iss": "acme-auditor"}, "iss and sub"),
        ({"exp": None}, "exp"),
        ({"exp": 1}, "exp"),
        ({"exp": 10**10}, "exp"),
        ({"exp": True}, "exp"),
        ({"nbf": 10**10}, "nbf"),
        ({"iat": 10**10}, "iat"),
        ({"jti": None}, "jti"),
    ],
)
def test_an_assertion_that_says_something_else_proves_nothing(caller: Caller, other: dict[str, Any], says: str) -> None:
    key = KEYS["ES256"]()
    registered(caller, key)

    assert by_assertion(caller, assertion(caller, key, **other)).json()["error"] == "invalid_client"
    assert says in caller.why()["reason"] or "is registered for" in caller.why()["reason"]


def test_an_assertion_that_is_signed_with_another_key_proves_nothing(caller: Caller) -> None:
    registered(caller, KEYS["ES256"]())

    assert by_assertion(caller, assertion(caller, KEYS["ES256"]())).status == 401
    assert "not signed with a registered key" in caller.why()["reason"]


def test_a_client_proves_itself_only_as_it_is_registered_for(caller: Caller) -> None:
    client = caller.client()
    caller.switch("PATCH", "clients/acme-headcount", methods=["client_secret_post"])
    secret = {"client_id": client.client_id, "client_secret": client.secret}

    assert caller.post("/oauth/token", grant_type="client_credentials", **secret).status == 200
    assert caller.token().status == 401
    assert "is registered for client_secret_post, not client_secret_basic" in caller.why()["reason"]


def test_two_secrets_are_valid_while_they_are_rotated_and_each_is_shown_once(caller: Caller) -> None:
    old = caller.client().secret
    shown = caller.switch("POST", "clients/acme-headcount/secrets")
    new = shown["client_secret"]

    def opens(secret: str) -> bool:
        form = {"grant_type": "client_credentials"}
        return bool(caller.post("/oauth/token", basic=("acme-headcount", secret), **form).status == 200)

    assert opens(old)
    assert opens(new)
    third = caller.http.request("POST", f"{caller.base}/_emulator/clients/acme-headcount/secrets")
    assert third.status == 409
    caller.switch("DELETE", "clients/acme-headcount/secrets/1")
    assert (opens(old), opens(new)) == (False, True)
    everything = caller.http.request("GET", f"{caller.base}/_emulator/state").data.decode()
    assert new not in everything
    assert "hash" not in everything


def test_a_registered_client_works_at_once_with_the_secret_that_is_shown(caller: Caller) -> None:
    made = caller.switch(
        "POST",
        "clients",
        client_id="acme-new",
        tenant_id=caller.tenant,
        scopes=SCOPES.split(),
        roles=["Workforce Planning Administrator"],
        planning_permission=True,
    )
    form = {"grant_type": "client_credentials", "scope": SCOPES, "tenant_context": caller.tenant}
    token = caller.post("/oauth/token", basic=("acme-new", made["client_secret"]), **form).json()["access_token"]

    assert caller.get(METADATA, token).status == 200


def test_failed_attempts_are_slowed_from_their_address_and_time_mends_it(caller: Caller) -> None:
    client, form = caller.client(), {"grant_type": "client_credentials"}
    guesses = [caller.post("/oauth/token", basic=(client.client_id, "guess"), **form) for _ in range(7)]
    right = caller.token()

    assert [one.status for one in guesses] == [401] * 5 + [429] * 2
    assert (right.status, right.json()["error"]) == (429, "slow_down")
    assert "too many failed attempts from 127.0.0.1" in caller.why()["reason"]
    assert caller.post("/oauth/token", basic=("acme-auditor", caller.client("auditor").secret), **form).status == 200
    caller.clock.advance(int(right.headers["Retry-After"]))
    assert caller.token().status == 200
    assert caller.post("/oauth/token", basic=(client.client_id, "guess"), **form).status == 401  # counted from 0 again


def test_a_locked_service_account_looks_like_a_wrong_secret_and_the_log_tells_them_apart(caller: Caller) -> None:
    caller.switch("PATCH", "service-accounts/svc-acme-headcount", locked=True)
    locked = caller.token()
    reason = caller.why()["reason"]
    caller.switch("PATCH", "service-accounts/svc-acme-headcount", locked=False)
    wrong = caller.post("/oauth/token", basic=("acme-headcount", "no"), grant_type="client_credentials")

    assert (locked.status, locked.data) == (wrong.status, wrong.data)
    assert reason == "service account svc-acme-headcount is locked"


def test_a_client_that_is_limited_to_networks_is_refused_from_elsewhere_with_token_and_without(caller: Caller) -> None:
    token = caller.token().json()["access_token"]
    caller.switch("PATCH", "clients/acme-headcount", addresses=["192.0.2.0/24"])

    assert caller.token().status == 401
    assert "may not call from 127.0.0.1" in caller.why()["reason"]
    assert caller.get(METADATA, token).status == 401
    assert caller.why()["check"] == "address"
    caller.switch("PATCH", "clients/acme-headcount", addresses=["192.0.2.0/24", "127.0.0.0/8"])
    assert caller.get(METADATA, token).status == 200

"""Tokens that end, and keys that change."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import urllib3
from joserfc.jwk import ECKey, OKPKey, RSAKey
from tests.curl import METADATA, Browser, Caller

from bridgehead.emulator import Emulator
from bridgehead.testing import Clock

KEYS = {
    "ES256": lambda: ECKey.generate_key("P-256", {"kid": "mine"}, auto_kid=False),
    "RS256": lambda: RSAKey.generate_key(2048, {"kid": "mine"}, auto_kid=False),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519", {"kid": "mine"}, auto_kid=False),
}


def test_a_revoked_token_is_refused_and_introspection_says_so(caller: Caller) -> None:
    client = caller.client()
    who = (client.client_id, client.secret)
    token = caller.token().json()["access_token"]

    told = caller.post("/oauth/introspect", basic=who, token=token).json()
    assert (told["active"], told["client_id"], told["tenant_id"]) == (True, client.client_id, client.tenant_id)
    assert caller.post("/oauth/revoke", basic=who, token=token).status == 200
    assert caller.post("/oauth/introspect", basic=who, token=token).json() == {"active": False}
    assert caller.get(METADATA, token).status == 401
    assert caller.why()["check"] == "token-revoked"
    assert caller.get(METADATA, caller.token().json()["access_token"]).status == 200


def test_a_client_learns_nothing_of_other_clients_tokens_and_cannot_revoke_them(caller: Caller) -> None:
    auditor = caller.client("auditor")
    who = (auditor.client_id, auditor.secret)
    token = caller.token().json()["access_token"]

    assert caller.post("/oauth/introspect", basic=who, token=token).json() == {"active": False}
    assert caller.post("/oauth/revoke", basic=who, token=token).status == 200
    assert caller.get(METADATA, token).status == 200


def test_revoking_a_refresh_token_ends_all_that_came_of_the_sign_in(caller: Caller, browser: Browser) -> None:
    answer = browser.redeem(browser.sign_in()["code"]).json()
    caller.post("/oauth/revoke", client_id="acme-desk", token=answer["refresh_token"])

    assert caller.get(METADATA, answer["access_token"]).status == 401
    form = {"grant_type": "refresh_token", "client_id": "acme-desk", "refresh_token": answer["refresh_token"]}
    assert caller.post("/oauth/token", **form).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("algorithm", KEYS)
def test_keys_rotate_old_tokens_stay_good_until_their_key_is_withdrawn(caller: Caller, algorithm: str) -> None:
    before = caller.token().json()["access_token"]
    made = caller.switch("POST", "keys", algorithm=algorithm)
    after = caller.token().json()["access_token"]
    shown = caller.http.request("GET", f"{caller.base}/oauth/jwks").json()["keys"]

    assert [key["alg"] for key in shown] == ["ES256", algorithm]
    assert all(key.keys().isdisjoint({"d", "p", "q", "dp", "dq", "qi"}) for key in shown)
    assert (caller.get(METADATA, before).status, caller.get(METADATA, after).status) == (200, 200)
    header = json.loads(base64.urlsafe_b64decode(after.split(".")[0] + "=="))
    assert (header["kid"], header["alg"]) == (made["kid"], algorithm)
    caller.switch("DELETE", f"keys/{shown[0]['kid']}")
    assert (caller.get(METADATA, before).status, caller.get(METADATA, after).status) == (401, 200)
    last = caller.http.request("DELETE", f"{caller.base}/_emulator/keys/{made['kid']}")
    assert last.status == 404  # nobody could sign


def test_keys_and_sessions_outlive_a_restart(tmp_path: Any) -> None:
    with urllib3.PoolManager(retries=False) as http:
        with Emulator(state=str(tmp_path / "ukg.sqlite"), algorithm="RS256") as emulator:
            first = Caller(emulator, http, Clock())
            token = first.token().json()["access_token"]
            ports = {name: int(one.base_url.rpartition(":")[2]) for name, one in emulator.environments.items()}
        with Emulator(state=str(tmp_path / "ukg.sqlite"), ports=ports) as emulator:
            again = Caller(emulator, http, Clock())
            assert again.get(METADATA, token).status == 200
            assert json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["alg"] == "RS256"

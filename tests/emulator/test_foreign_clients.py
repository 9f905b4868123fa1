"""Clients that nobody here wrote complete their flows: Authlib and requests-oauthlib; others from npm stand beside."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session
from tests.curl import CALLBACK, METADATA, SCOPES, Browser, Caller


@pytest.fixture(autouse=True)
def plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def planning(caller: Caller, session: Any) -> int:
    """Call planning with whatever the session signs its calls with."""
    return int(session.get(caller.base + METADATA, headers={"X-Tenant-ID": caller.tenant}).status_code)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlib_gets_a_bound_token_introspects_and_revokes_it(caller: Caller, method: str) -> None:
    client = caller.client()
    told = caller.http.request("GET", f"{caller.base}/.well-known/oauth-authorization-server").json()
    with AuthlibSession(client.client_id, client.secret, token_endpoint_auth_method=method, scope=SCOPES) as session:
        token = session.fetch_token(
            told["token_endpoint"], grant_type="client_credentials", tenant_context=client.tenant_id
        )
        assert planning(caller, session) == 200
        access = token["access_token"]
        assert session.introspect_token(told["introspection_endpoint"], token=access).json()["active"] is True
        assert session.revoke_token(told["revocation_endpoint"], token=access).status_code == 200
        assert session.introspect_token(told["introspection_endpoint"], token=access).json() == {"active": False}
        assert planning(caller, session) == 401


def test_authlib_proves_itself_with_a_signed_assertion(caller: Caller) -> None:
    key = ECKey.generate_key("P-256", {"kid": "mine", "alg": "ES256"}, auto_kid=False)
    public = {**key.as_dict(private=False), "kid": "mine"}
    caller.switch("PATCH", "clients/acme-headcount", keys=[public], methods=["private_key_jwt"])
    endpoint = f"{caller.base}/oauth/token"
    with AuthlibSession("acme-headcount", key, token_endpoint_auth_method="private_key_jwt", scope=SCOPES) as session:
        now = int(caller.clock().timestamp())  # the emulator's clock is set by the test
        claims = {"iat": now, "exp": now + 60}
        session.register_client_auth_method(
            PrivateKeyJWT(endpoint, claims=claims, headers={"kid": "mine"}, alg="ES256")
        )
        session.fetch_token(endpoint, grant_type="client_credentials", tenant_context=caller.tenant)
        assert planning(caller, session) == 200


def signed_in(browser: Browser, url: str) -> str:
    """Sign in on the page that a client has led the browser to; return the address that it is led back to."""
    page = browser.caller.http.request("GET", url, redirect=False)
    browser.cookie = page.headers["Set-Cookie"].partition(";")[0]
    answer = browser.send(page.data, username="planner@acme.example", password="acme-planner")
    assert answer.status == 303, answer.data
    return str(answer.headers["Location"])


def test_authlib_signs_a_person_in_with_pkce_and_refreshes(caller: Caller, browser: Browser) -> None:
    verifier = "a-verifier-of-chance-that-has-at-least-43-characters"
    options = {"scope": SCOPES, "redirect_uri": CALLBACK, "code_challenge_method": "S256"}
    with AuthlibSession("acme-desk", token_endpoint_auth_method="none", **options) as session:
        asked = {"code_verifier": verifier, "tenant_context": caller.tenant}
        url, state = session.create_authorization_url(f"{caller.base}/oauth/authorize", **asked)
        back = signed_in(browser, url)
        endpoint = f"{caller.base}/oauth/token"
        first = session.fetch_token(endpoint, authorization_response=back, state=state, code_verifier=verifier)
        assert planning(caller, session) == 200
        second = session.refresh_token(endpoint, refresh_token=first["refresh_token"])
        assert planning(caller, session) == 200
        assert second["refresh_token"] != first["refresh_token"]


def test_requests_oauthlib_gets_a_bound_token(caller: Caller) -> None:
    client = caller.client()
    with OAuth2Session(client=BackendApplicationClient(client.client_id, scope=SCOPES.split())) as session:
        session.fetch_token(
            f"{caller.base}/oauth/token",
            client_id=client.client_id,
            client_secret=client.secret,
            tenant_context=client.tenant_id,
        )
        assert planning(caller, session) == 200


def test_requests_oauthlib_signs_a_person_in_with_pkce_and_refreshes(caller: Caller, browser: Browser) -> None:
    with OAuth2Session("acme-desk", redirect_uri=CALLBACK, scope=SCOPES.split(), pkce="S256") as session:
        url, _ = session.authorization_url(f"{caller.base}/oauth/authorize", tenant_context=caller.tenant)
        back = signed_in(browser, url)
        assert dict(parse_qsl(urlsplit(back).query))["iss"] == caller.base
        endpoint = f"{caller.base}/oauth/token"
        first = session.fetch_token(endpoint, authorization_response=back, include_client_id=True)
        assert planning(caller, session) == 200
        session.refresh_token(endpoint, refresh_token=first["refresh_token"], client_id="acme-desk")
        assert planning(caller, session) == 200

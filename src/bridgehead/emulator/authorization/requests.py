"""Authorization requests: what a client asks a person for (RFC 6749 section 4.1.1, RFC 7636)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from bridgehead.emulator.authorization.grants import granted_scope, tenant_of
from bridgehead.emulator.authorization.refusals import OAuthError
from bridgehead.emulator.directory import ApiClient
from bridgehead.emulator.store import Store

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LOOPBACK = frozenset({"127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that a person may be asked about."""

    client: ApiClient
    redirect_uri: str
    state: str
    scope: str
    tenant_id: str | None
    challenge: str


class RequestRefused(Exception):
    """A request that is refused.

    redirect_uri: where the client hears of it; empty when it cannot be trusted, then only the person does.
    """

    def __init__(self, wrong: OAuthError, redirect_uri: str = "", state: str = "") -> None:
        super().__init__(wrong.description)
        self.wrong = wrong
        self.redirect_uri = redirect_uri
        self.state = state


def read_request(store: Store, parameters: Mapping[str, str]) -> AuthorizationRequest:
    """Return what is asked; raise RequestRefused otherwise."""
    client = store.find(ApiClient, parameters.get("client_id", ""))
    asked_uri, state = parameters.get("redirect_uri", ""), parameters.get("state", "")
    if client is None or not client.enabled:
        named = parameters.get("client_id", "")[:64]
        reason = f"API client {named!r} is not registered here, or disabled"
        raise RequestRefused(OAuthError("invalid_request", "the client is unknown", client_id=named, reason=reason))
    if not any(same_uri(asked_uri, registered) for registered in client.redirect_uris):
        reason = f"redirect_uri {asked_uri[:200]!r} is not registered for API client {client.client_id}"
        raise RequestRefused(
            OAuthError("invalid_request", "redirect_uri is not registered", client_id=client.client_id, reason=reason)
        )
    try:
        return AuthorizationRequest(client, asked_uri, state, *_asked(client, parameters))
    except OAuthError as wrong:
        wrong.client_id, wrong.tenant_id = client.client_id, client.tenant_id
        raise RequestRefused(wrong, asked_uri, state) from None


def _asked(client: ApiClient, parameters: Mapping[str, str]) -> tuple[str, str | None, str]:
    """Return scope, tenant and code challenge."""
    if "authorization_code" not in client.grants:
        raise OAuthError("unauthorized_client", "the client is not registered for the grant authorization_code")
    if parameters.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "only response_type=code")
    if parameters.get("code_challenge_method") != "S256":
        raise OAuthError("invalid_request", "code_challenge_method must be S256")
    challenge = parameters.get("code_challenge", "")
    if not _CHALLENGE.fullmatch(challenge):
        raise OAuthError("invalid_request", "code_challenge must be a SHA-256 digest in base64url, 43 characters")
    scope = granted_scope(parameters.get("scope"), client.scopes)
    return scope, tenant_of(parameters.get("tenant_context"), client), challenge


def same_uri(asked: str, registered: str) -> bool:
    """Whether a redirect URI is the registered one, to the letter; on loopback with any port (RFC 8252 section 7.3)."""
    if asked == registered:
        return bool(asked)
    try:
        one, other = urlsplit(asked), urlsplit(registered)
        loopback = one.scheme == other.scheme == "http" and other.hostname in _LOOPBACK
        _ = one.port
    except ValueError:
        return False
    return (
        loopback
        and one.hostname == other.hostname
        and "@" not in one.netloc
        and (one.path, one.query, one.fragment) == (other.path, other.query, other.fragment)
    )


def back(redirect_uri: str, issuer: str, **parameters: str) -> str:
    """Compose where the person's browser goes next; `iss` says whose answer it is (RFC 9207)."""
    told = {name: value for name, value in {**parameters, "iss": issuer}.items() if value}
    return f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}{urlencode(told)}"

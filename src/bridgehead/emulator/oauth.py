"""The token endpoint: client credentials, bound to a tenant when `tenant_context` is sent (RFC 6749, the thread).

Here errors are exact, as the RFC asks; the planning API stays vague, as in the thread.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from bridgehead.emulator.directory import ApiClient, secret_matches
from bridgehead.emulator.tokens import LIFETIME_SECONDS, Mint


class OAuthError(Exception):
    """An error answer of RFC 6749 section 5.2 (or RFC 8707 for the tenant).

    description goes over the wire; reason goes into the audit log, where it may be exact.
    """

    def __init__(
        self, error: str, description: str, *, status: int = 400, client_id: str = "", reason: str = ""
    ) -> None:
        super().__init__(description)
        self.error = error
        # RFC 6749 section 5.2 allows neither quotes, backslashes nor anything beyond ASCII here.
        self.description = re.sub(r"[^ !#-\[\]-~]", "?", description)
        self.status = status
        self.client_id = client_id
        self.reason = reason or description


@dataclass(frozen=True, slots=True)
class Granted:
    """A token that was issued, and what it was issued for."""

    token: str
    client: ApiClient
    scope: str
    tenant_id: str | None

    def answer(self) -> dict[str, object]:
        """Return the body of RFC 6749 section 5.1."""
        return {
            "access_token": self.token,
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS,
            "scope": self.scope,
        }


def parse_form(content_type: str, body: bytes) -> dict[str, str]:
    """Read the form of a token request; a repeated parameter is an error (RFC 6749 section 3.2)."""
    if content_type.split(";", maxsplit=1)[0].strip().lower() != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "the body must be application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise OAuthError("invalid_request", "the body is not a form") from None
    form = {name: value for name, value in pairs if value}
    if len({name for name, _ in pairs}) != len(pairs):
        raise OAuthError("invalid_request", "a parameter is repeated")
    return form


def basic_credentials(authorization: str | None) -> tuple[str, str] | None:
    """Read client id and secret from a Basic header, form-decoded as RFC 6749 section 2.3.1 asks.

    Returns None when there is no Basic header; raises when there is one that cannot be read.
    """
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:  # binascii.Error and UnicodeDecodeError are both of this kind
        raise OAuthError("invalid_client", "the Basic header cannot be read", status=401) from None
    if not colon:
        raise OAuthError("invalid_client", "the Basic header holds no colon", status=401)
    return unquote_plus(client_id), unquote_plus(secret)


def authenticate(
    find: Callable[[str], ApiClient | None], hash_key: bytes, credentials: tuple[str, str] | None
) -> ApiClient:
    """Return the client that these credentials prove; every way to fail has the same words on the wire."""
    client_id, secret = credentials or ("", "")
    client = find(client_id)
    if credentials is None:
        reason = "no client authentication was sent"
    elif client is None:
        reason = f"API client {client_id[:64]!r} is not registered in this environment"
    elif not secret_matches(client, secret, hash_key):
        reason = "the secret is wrong"
    elif not client.enabled:
        reason = f"API client {client_id} is disabled"
    else:
        return client
    raise OAuthError("invalid_client", "client authentication failed", status=401, client_id=client_id, reason=reason)


def _presented(form: Mapping[str, str], authorization: str | None) -> tuple[str, str] | None:
    basic = basic_credentials(authorization)
    posted = "client_secret" in form
    if basic is not None and posted:
        raise OAuthError("invalid_request", "two ways of client authentication at once", client_id=basic[0])
    if basic is not None:
        if form.get("client_id", basic[0]) != basic[0]:
            raise OAuthError("invalid_request", "client_id differs from the Basic header", client_id=basic[0])
        return basic
    return (form.get("client_id", ""), form["client_secret"]) if posted else None


def _granted_scope(asked: str | None, client: ApiClient, known: frozenset[str]) -> str:
    if asked is None:
        return " ".join(client.scopes)
    scopes: Sequence[str] = list(dict.fromkeys(asked.split(" ")))
    for scope in scopes:
        if scope not in known:
            raise OAuthError("invalid_scope", f"unknown scope {scope[:64]!r}", client_id=client.client_id)
        if scope not in client.scopes:
            raise OAuthError("invalid_scope", f"the client is not registered for {scope}", client_id=client.client_id)
    return " ".join(scopes)


def grant(
    form: Mapping[str, str],
    authorization: str | None,
    *,
    find: Callable[[str], ApiClient | None],
    hash_key: bytes,
    mint: Mint,
    known_scopes: frozenset[str],
) -> Granted:
    """Answer a token request, or raise the OAuthError that the RFC names."""
    client = authenticate(find, hash_key, _presented(form, authorization))
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise OAuthError("invalid_request", "grant_type is missing", client_id=client.client_id)
    if grant_type != "client_credentials":
        raise OAuthError("unsupported_grant_type", "only client_credentials", client_id=client.client_id)
    scope = _granted_scope(form.get("scope"), client, known_scopes)
    tenant_id = form.get("tenant_context")
    if tenant_id is not None and tenant_id != client.tenant_id:
        raise OAuthError("invalid_target", "the client is not registered in this tenant", client_id=client.client_id)
    token = mint.issue(client_id=client.client_id, account=client.service_account, scope=scope, tenant_id=tenant_id)
    return Granted(token, client, scope, tenant_id)

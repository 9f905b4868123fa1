"""Client authentication: which API client is asking, by secret (basic or post), by signed assertion, or by name alone.

Every way to fail has the same words on the wire, and its own in the audit log (RFC 6749 section 2.3, RFC 7523).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from bridgehead.emulator.authorization.attempts import Attempts
from bridgehead.emulator.authorization.refusals import OAuthError
from bridgehead.emulator.authorization.tokens import claims_of, header_of, members, verified
from bridgehead.emulator.directory import ApiClient, ServiceAccount, secret_matches
from bridgehead.emulator.network import within
from bridgehead.emulator.store import Store

METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS = ("ES256", "RS256", "PS256", "EdDSA")
_LONGEST_ASSERTION = 3600
_SKEW = 5


class Presented(msgspec.Struct, frozen=True):
    """What a caller sent to prove who it is."""

    method: str
    client_id: str
    proof: str = ""


def parse_form(content_type: str, body: bytes) -> dict[str, str]:
    """Read the form of a request; a repeated parameter is an error (RFC 6749 section 3.2)."""
    if content_type.split(";", maxsplit=1)[0].strip().lower() != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "the body must be application/x-www-form-urlencoded")
    try:
        return read_parameters(body.decode())
    except UnicodeDecodeError:
        raise OAuthError("invalid_request", "the body is not a form") from None


def read_parameters(text: str) -> dict[str, str]:
    """Read parameters of a form or a query; one without a value counts as absent (RFC 6749 section 3.1)."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise OAuthError("invalid_request", "the body is not a form") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise OAuthError("invalid_request", "a parameter is repeated")
    return {name: value for name, value in pairs if value}


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


def presented(form: Mapping[str, str], authorization: str | None) -> Presented | None:
    """Return what was sent for client authentication; two ways at once are an error (RFC 6749 section 2.3)."""
    found = []
    basic = basic_credentials(authorization)
    if basic is not None:
        found.append(Presented("client_secret_basic", *basic))
    if "client_secret" in form:
        found.append(Presented("client_secret_post", form.get("client_id", ""), form["client_secret"]))
    if "client_assertion" in form or "client_assertion_type" in form:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise OAuthError("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
        assertion = form.get("client_assertion", "")
        found.append(
            Presented(
                "private_key_jwt", str(claims_of(assertion).get("sub", "")) or form.get("client_id", ""), assertion
            )
        )
    if not found and "client_id" in form:
        found.append(Presented("none", form["client_id"]))
    if not found:
        return None
    first = found[0]
    if len(found) > 1:
        raise OAuthError("invalid_request", "two ways of client authentication at once", client_id=first.client_id)
    if form.get("client_id", first.client_id) != first.client_id:
        raise OAuthError("invalid_request", "client_id differs from the authentication", client_id=first.client_id)
    return first


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Tells who is asking. audiences: what an assertion may be meant for, the issuer or the token endpoint."""

    store: Store
    hash_key: bytes
    clock: Callable[[], datetime]
    audiences: tuple[str, ...]
    attempts: Attempts

    def admit(self, shown: Presented | None, address: str) -> ApiClient:
        """Return the client that is proven; raise `invalid_client` otherwise.

        address: where the call came from. After some failures the next attempts are not looked at for a while.
        """
        client_id = shown.client_id if shown else ""
        wait = self.attempts.wait(client_id, address)
        if wait:
            raise OAuthError(
                "slow_down",
                f"too many failed attempts; wait {wait} s",
                status=429,
                client_id=client_id,
                reason=f"too many failed attempts from {address}; the next one is looked at in {wait} s",
                wait=wait,
            )
        client = self.store.find(ApiClient, client_id) if client_id else None
        reason = self._wrong(shown, client, address)
        if reason or client is None:
            self.attempts.failed(client_id, address)
            raise OAuthError(
                "invalid_client",
                "client authentication failed",
                status=401,
                client_id=client_id,
                tenant_id=client.tenant_id if client else "",
                reason=reason,
            )
        self.attempts.succeeded(client_id, address)
        return client

    def _wrong(self, shown: Presented | None, client: ApiClient | None, address: str) -> str:
        if shown is None:
            return "no client authentication was sent"
        if client is None:
            return f"API client {shown.client_id[:64]!r} is not registered in this environment"
        if client.addresses and not within(address, client.addresses):
            return f"API client {client.client_id} may not call from {address}"
        if shown.method not in client.methods:
            return f"API client {client.client_id} is registered for {' and '.join(client.methods)}, not {shown.method}"
        proven = self._unproven(shown, client)
        if proven:
            return proven
        if not client.enabled:
            return f"API client {client.client_id} is disabled"
        account = self.store.find(ServiceAccount, client.service_account)
        return f"service account {client.service_account} is locked" if account is not None and account.locked else ""

    def _unproven(self, shown: Presented, client: ApiClient) -> str:
        if shown.method == "none":
            return ""
        if shown.method == "private_key_jwt":
            return self._wrong_assertion(shown.proof, client)
        return "" if secret_matches(client, shown.proof, self.hash_key) else "the secret is wrong"

    def _wrong_assertion(self, assertion: str, client: ApiClient) -> str:
        """Return what is wrong with an assertion (RFC 7523 section 3)."""
        try:
            claims = self._signed(assertion, client)
        except (JoseError, ValueError, TypeError, RecursionError) as wrong:
            return f"the assertion is not signed with a registered key: {wrong}"
        now, exp, jti = int(self.clock().timestamp()), claims.get("exp"), claims.get("jti")
        audience = claims.get("aud")
        meant = audience if isinstance(audience, list) else [audience]
        if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
            return "the assertion's iss and sub are not both the client id"
        if len(meant) != 1 or meant[0] not in self.audiences:
            return f"the assertion's audience is {audience!r}, not {' or '.join(self.audiences)}"
        if not isinstance(exp, int) or isinstance(exp, bool) or not now < exp <= now + _LONGEST_ASSERTION:
            return f"the assertion's exp is {exp!r}: it must lie ahead, at most {_LONGEST_ASSERTION} s"
        for name in ("nbf", "iat"):
            moment = claims.get(name, 0)
            if not isinstance(moment, int) or moment > now + _SKEW:
                return f"the assertion's {name} lies ahead: {moment!r}"
        if not isinstance(jti, str) or not jti:
            return "the assertion has no jti"
        fresh = self.store.spend(f"assertion {client.client_id} {jti}", now=now, forget_at=exp)
        return "" if fresh else "the assertion was used before"

    @staticmethod
    def _signed(assertion: str, client: ApiClient) -> dict[str, Any]:
        header = header_of(assertion)
        named = [key for key in client.keys if header.get("kid") in (None, key.get("kid"))]
        if len(named) != 1:
            raise ValueError(f"it names the key {header.get('kid')!r}, {len(named)} of the registered ones match")
        key = JWKRegistry.import_key(dict(named[0]))
        return members(verified(assertion, key, ASSERTION_ALGORITHMS))

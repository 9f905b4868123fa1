"""The token endpoint's grants: client credentials, an authorization code with PKCE, and a refresh token that rotates.

A token is bound to a tenant when `tenant_context` is sent (the thread). Errors are exact, as RFC 6749 asks; the
planning API stays vague, as in the thread.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from bridgehead.emulator.authorization.refusals import OAuthError
from bridgehead.emulator.authorization.tokens import LIFETIME_SECONDS, Mint
from bridgehead.emulator.directory import SCOPES, ApiClient, Person, hash_secret
from bridgehead.emulator.store import Store

GRANTS = ("client_credentials", "authorization_code", "refresh_token")
CODE_SECONDS = 60
REFRESH_SECONDS = 30 * 24 * 3600


class Consent(msgspec.Struct, frozen=True):
    """What a person who signed in granted to a client: kept under a code, then under a refresh token.

    session: the same for all that comes of one sign-in. redirect_uri and challenge: of a code only.
    """

    client_id: str
    person: str
    scope: str
    tenant_id: str | None
    session: str
    redirect_uri: str = ""
    challenge: str = ""


class Granted(msgspec.Struct, frozen=True):
    """A token that was issued, and what it was issued for."""

    token: str
    client: ApiClient
    scope: str
    tenant_id: str | None
    refresh_token: str = ""

    def answer(self) -> dict[str, Any]:
        """Return the body of RFC 6749 section 5.1."""
        more = {"refresh_token": self.refresh_token} if self.refresh_token else {}
        answer = {"access_token": self.token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}
        return {**answer, "scope": self.scope, **more}


class Tickets:
    """Codes and refresh tokens: each can be used once; what is used twice was stolen, and ends its session."""

    def __init__(self, store: Store, hash_key: bytes, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._hash_key = hash_key
        self._clock = clock

    def write(self, kind: str, consent: Consent, lifetime: int) -> str:
        """Return a fresh ticket for a consent; only its hash is kept. lifetime: seconds."""
        ticket, now = secrets.token_urlsafe(32), self._clock().timestamp()
        with self._store.transaction() as connection:
            connection.execute(
                "DELETE FROM ticket WHERE environment = ? AND forget_at < ?", (self._store.environment, now)
            )
            connection.execute(
                "INSERT INTO ticket (environment, hash, kind, session, document, forget_at) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    self._store.environment,
                    hash_secret(ticket, self._hash_key),
                    kind,
                    consent.session,
                    msgspec.json.encode(consent),
                    now + lifetime,
                ),
            )
        return ticket

    def look(self, kind: str, ticket: str) -> tuple[Consent, bool] | None:
        """Return the consent behind a ticket, and whether it was used; None when there is none, or no more."""
        row = self._store.connection.execute(
            "SELECT document, used FROM ticket WHERE environment = ? AND hash = ? AND kind = ? AND forget_at > ?",
            (self._store.environment, hash_secret(ticket, self._hash_key), kind, self._clock().timestamp()),
        ).fetchone()
        return None if row is None else (msgspec.json.decode(row[0], type=Consent), bool(row[1]))

    def use(self, ticket: str) -> None:
        """Mark a ticket as used."""
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE ticket SET used = 1 WHERE environment = ? AND hash = ?",
                (self._store.environment, hash_secret(ticket, self._hash_key)),
            )

    def end_session(self, session: str) -> None:
        """Let no ticket of a session count any more."""
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE ticket SET used = 1 WHERE environment = ? AND session = ?", (self._store.environment, session)
            )


class Grants(msgspec.Struct, frozen=True):
    """Answers token requests of clients that proved who they are. bend: what a fault makes of a token's claims."""

    store: Store
    mint: Mint
    tickets: Tickets
    bend: Callable[[dict[str, Any]], dict[str, Any]] = dict

    def answer(self, client: ApiClient, form: Mapping[str, str]) -> Granted:
        """Issue a token, or raise the OAuthError that the RFC names."""
        try:
            return self._granted(client, form)
        except OAuthError as wrong:
            wrong.client_id, wrong.tenant_id = client.client_id, client.tenant_id
            raise

    def _granted(self, client: ApiClient, form: Mapping[str, str]) -> Granted:
        grant_type = form.get("grant_type")
        if grant_type is None:
            raise OAuthError("invalid_request", "grant_type is missing")
        if grant_type not in GRANTS:
            raise OAuthError("unsupported_grant_type", f"only {', '.join(GRANTS)}")
        if grant_type not in client.grants:
            raise OAuthError("unauthorized_client", f"the client is not registered for the grant {grant_type}")
        return {
            "client_credentials": self._client_credentials,
            "authorization_code": self._authorization_code,
            "refresh_token": self._refresh_token,
        }[grant_type](client, form)

    def _client_credentials(self, client: ApiClient, form: Mapping[str, str]) -> Granted:
        if client.methods == ("none",):
            raise OAuthError("unauthorized_client", "a public client cannot act by itself")
        scope = granted_scope(form.get("scope"), client.scopes)
        tenant_id = tenant_of(form.get("tenant_context"), client)
        token = self.mint.issue(
            client_id=client.client_id,
            subject=client.service_account,
            scope=scope,
            tenant_id=tenant_id,
            bend=self.bend,
        )
        return Granted(token, client, scope, tenant_id)

    def _authorization_code(self, client: ApiClient, form: Mapping[str, str]) -> Granted:
        consent = self._granted_before("code", form.get("code"), client)
        self.tickets.use(form["code"])
        if form.get("redirect_uri") != consent.redirect_uri:
            raise OAuthError("invalid_grant", "redirect_uri is not the one of the authorization request")
        if not _proves(form.get("code_verifier", ""), consent.challenge):
            raise OAuthError("invalid_grant", "code_verifier does not match the code_challenge")
        self._same_tenant(form, consent)
        return self._delegated(client, consent, consent.scope)

    def _refresh_token(self, client: ApiClient, form: Mapping[str, str]) -> Granted:
        consent = self._granted_before("refresh", form.get("refresh_token"), client)
        self._same_tenant(form, consent)
        scope = granted_scope(form.get("scope"), consent.scope.split(" "))
        self.tickets.use(form["refresh_token"])  # what is refused for its scope or tenant costs no sign-in
        return self._delegated(client, consent, scope)

    def _granted_before(self, kind: str, ticket: str | None, client: ApiClient) -> Consent:
        """Look behind a ticket; one that was used before ends all that came of its sign-in (RFC 9700 section 4.14)."""
        name = {"code": "code", "refresh": "refresh_token"}[kind]
        if ticket is None:
            raise OAuthError("invalid_request", f"{name} is missing")
        found = self.tickets.look(kind, ticket)
        if found is None:
            raise OAuthError("invalid_grant", f"the {name} is unknown or expired")
        consent, used = found
        if consent.client_id != client.client_id:
            reason = f"the {name} was issued to another client"
            raise OAuthError("invalid_grant", f"the {name} is unknown or expired", reason=reason)
        if used:
            self.end_session(consent.session)
            raise OAuthError("invalid_grant", f"the {name} was used before; what came of it is revoked")
        return consent

    def _delegated(self, client: ApiClient, consent: Consent, scope: str) -> Granted:
        person = self.store.find(Person, consent.person)
        if person is None or person.locked or person.tenant_id != client.tenant_id:
            raise OAuthError("invalid_grant", "the person may no longer sign in")
        token = self.mint.issue(
            client_id=client.client_id,
            subject=person.username,
            scope=scope,
            tenant_id=consent.tenant_id,
            session=consent.session,
            bend=self.bend,
        )
        kept = msgspec.structs.replace(consent, redirect_uri="", challenge="")
        offered = "refresh_token" in client.grants
        refresh = self.tickets.write("refresh", kept, REFRESH_SECONDS) if offered else ""
        return Granted(token, client, scope, consent.tenant_id, refresh)

    @staticmethod
    def _same_tenant(form: Mapping[str, str], consent: Consent) -> None:
        if form.get("tenant_context", consent.tenant_id) != consent.tenant_id:
            raise OAuthError("invalid_target", "tenant_context is not the one that was granted")

    def end_session(self, session: str) -> None:
        """Let nothing that came of one sign-in count any more."""
        self.tickets.end_session(session)
        self.mint.end_session(session)


def granted_scope(asked: str | None, registered: Sequence[str]) -> str:
    """Return the scope that is granted: what was asked, or all; raise invalid_scope for what is not to be had."""
    if asked is None:
        return " ".join(registered)
    scopes: Sequence[str] = list(dict.fromkeys(asked.split(" ")))
    for scope in scopes:
        if scope not in SCOPES:
            raise OAuthError("invalid_scope", f"unknown scope {scope[:64]!r}")
        if scope not in registered:
            raise OAuthError("invalid_scope", f"the client is not registered for {scope}")
    return " ".join(scopes)


def tenant_of(asked: str | None, client: ApiClient) -> str | None:
    """Return the tenant that a token is bound to, None when none was asked for; raise invalid_target for another's."""
    if asked is not None and asked != client.tenant_id:
        raise OAuthError("invalid_target", "the client is not registered in this tenant")
    return asked


def _proves(verifier: str, challenge: str) -> bool:
    """Whether a verifier belongs to a challenge, by S256 (RFC 7636 section 4.6)."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(digest, challenge.encode())

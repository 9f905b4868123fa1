"""Authorization as a conversation that decides and never sends: which call comes next, given the last answer.

Every new token is proven by the interlock before anything is signed with it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeGuard

import msgspec

from bridgehead.errors import BridgeheadError, PermissionRefused, Refused, RequestRefused, TokenRefused
from bridgehead.ukg.asking import Identity, call_headers, token_request
from bridgehead.ukg.delegated import Kept, Turn
from bridgehead.ukg.dialect import Dialect, at
from bridgehead.ukg.interlock import Evidence, prove, spoken
from bridgehead.ukg.messages import Request, Response
from bridgehead.ukg.tokens import Purpose, Token, TokenCache

Conversation = Generator[Request, Response, Response]
_EARLY = timedelta(seconds=60)
_LONGEST = 24 * 3600
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 section 2.1


@dataclass(frozen=True, slots=True)
class _Issued:
    """What the token endpoint gave, which nothing has proven yet. seconds: how long it counts."""

    value: str = field(repr=False)
    seconds: int


class TenantAuth:
    """Puts bearer token and tenant on every request; renews the token before it ends, and once when it is refused.

    tokens: where others of the same purpose find it. A refusal is remembered for this object only.
    """

    def __init__(
        self,
        dialect: Dialect,
        identity: Identity,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        tokens: TokenCache | None = None,
    ) -> None:
        self._dialect = dialect
        self._identity = identity
        self._clock = clock
        self._new_id = new_id
        purpose = Purpose(
            identity.base_url,
            identity.client_id,
            identity.tenant_id,
            identity.environment,
            " ".join(dialect.scopes),
            identity.login.name if identity.login is not None else "",
        )
        self._held = (tokens or TokenCache()).of(purpose)
        self._refused: Token | None = None
        self._failed: tuple[Token | None, Refused] | None = None

    @property
    def _doctor(self) -> str:
        return f"bridgehead doctor {self._identity.tenant} --environment {self._identity.environment}"

    @property
    def _sign_in(self) -> str:
        return self._identity.login.next_command if self._identity.login is not None else self._doctor

    def flow(self, request: Request) -> Conversation:
        """Yield the calls to make, receive their responses; return the response to *request*."""
        token = self._held.token
        fresh = token is None or self._clock() >= token.spent_at
        if token is None or fresh:
            token = yield from self._renewed(instead_of=token)
        response = yield self._signed(request, token.value)
        # A new token may have ended while the call was tried again and again.
        fresh = fresh and self._clock() < token.spent_at
        if response.status == 401 and not fresh and token is not self._refused:
            token = yield from self._renewed(instead_of=token)
            if token is self._refused:
                return response
            # One at a time: where the first is refused again, the others need not ask.
            alone = not response.says_token_is_spent
            response = yield replace(self._signed(request, token.value), alone=alone)
            if response.status == 401:
                self._refused = token
        return response

    def connect(self) -> Generator[Request, Response, Any]:
        """Yield the calls that lead to a proven token; return the metadata that it was proven with."""
        token = self._held.token
        if token is None or self._clock() >= token.spent_at:
            token = yield from self._renewed(instead_of=token)
        return token.metadata

    def _renewed(self, *, instead_of: Token | None) -> Generator[Request, Response, Token]:
        """Ask for a token and prove it; one thread asks, the others wait and take what it got, a refusal included."""
        with self._held.lock:
            if self._held.token is not None and self._held.token is not instead_of:
                return self._held.token
            if self._failed is not None and self._failed[0] is instead_of:
                raise self._failed[1]
            try:
                self._held.token = yield from self._proven()
            except Refused as refused:
                self._failed = (instead_of, refused)
                raise
            return self._held.token

    def _proven(self) -> Generator[Request, Response, Token]:
        """Ask for a token, and hold everything that speaks of tenant and environment against the configuration."""
        dialect, asked_at = self._dialect, self._clock()
        issued = self._issued((yield from self.answered()))
        yield from self._of_the_tenant(issued)
        answered = yield self._signed(Request("GET", dialect.metadata.path), issued.value)
        metadata = self._read(answered, "the planning metadata")
        self._agree("metadata", metadata, dialect.metadata.echo_tenant, dialect.metadata.echo_environment)
        early = min(_EARLY, timedelta(seconds=issued.seconds / 10))
        return Token(issued.value, asked_at + timedelta(seconds=issued.seconds) - early, metadata)

    def answered(self, *, plain: bool = False) -> Conversation:
        """Ask for a token; return the answer. Of a person's login what renews it next is kept before anybody uses it.

        plain: one that is bound to nothing.
        """
        login = self._identity.login
        ask = partial(token_request, self._dialect, self._identity, self._clock, self._new_id, plain=plain)
        if login is None:
            return (yield ask())
        with login.turn() as turn:
            kept = login.current(turn)
            response = yield ask(refresh_token=kept.refresh_token)
            renew(self._dialect, turn, kept, response)
        return response

    def enter(
        self, request: Request, give_back: Callable[[str], Request] | None = None
    ) -> Generator[Request, Response, Entered]:
        """Redeem what a person granted, and hold it against the configuration; nothing is kept here.

        give_back: asks that what was granted is ended, where it is not for this configuration.
        """
        response = yield request
        issued, told = self._issued(response), self._dialect.login
        refresh_token = at(response.document(), told.refresh_token)
        try:
            info = yield from self._of_the_tenant(issued)
        except Refused:
            if give_back is not None and isinstance(refresh_token, str):
                with suppress(BridgeheadError):  # what was wrong says more
                    yield give_back(refresh_token)
            raise
        if not isinstance(refresh_token, str) or not refresh_token:
            raise TokenRefused(
                "The person signed in, and UKG gave nothing that renews the token when it ends.",
                cure=f"Have the grant refresh_token enabled for {self._identity.client_id}: "
                f"{self._dialect.menus.api_clients}.",
            )
        person = spoken(at(claims_of(issued.value), told.claim_person)) or "somebody whom the token does not name"
        identity = self._identity
        kept = Kept(person, identity.base_url, identity.client_id, identity.tenant_id, refresh_token)
        return Entered(kept, spoken(at(info, self._dialect.tenant_info.tenant_name)) or "")

    def _of_the_tenant(self, issued: _Issued) -> Generator[Request, Response, Mapping[str, Any]]:
        """Hold a token's claims, then tenant/info, against the configuration; return the latter."""
        dialect = self._dialect
        self._agree("token", claims_of(issued.value), dialect.token.claim_tenant, dialect.token.claim_environment)
        info = self._read((yield self._signed(Request("GET", dialect.tenant_info.path), issued.value)), "tenant/info")
        self._agree("tenant-info", info, dialect.tenant_info.tenant, dialect.tenant_info.environment)
        return info

    def _agree(self, where: str, document: Any, tenant: str, environment: str) -> None:
        """Hold what one source says against the configuration, before the next call is made with the token."""
        self.agree(
            [
                Evidence(f"{where}-tenant", spoken(at(document, tenant))),
                Evidence(f"{where}-environment", spoken(at(document, environment))),
            ]
        )

    def agree(self, evidence: list[Evidence]) -> None:
        """Hold evidence against the configuration: the interlock."""
        expected = {"tenant": self._identity.tenant_id, "environment": self._identity.environment}
        prove(expected, evidence, waivers=self._identity.waivers, tenant_menu=self._dialect.tenant_id.menu)

    def _signed(self, request: Request, token: str) -> Request:
        """Put token, tenant and correlation id on a request (T4)."""
        correlation_id = self._new_id()
        headers = call_headers(self._dialect, self._identity, token, correlation_id) | dict(request.headers)
        return Request(request.method, request.path, headers, request.body, correlation_id)

    def token_of(self, response: Response, *, next_command: str = "") -> str:
        """Return the token that the endpoint gave; raise TokenRefused when it gave none."""
        answer = response.document()
        token = at(answer, self._dialect.token.access_token)
        if response.status != 200 or not isinstance(token, str) or not _B64TOKEN.fullmatch(token):
            if response.status not in (401, 403) and not isinstance(at(answer, "error"), str):
                raise RequestRefused(
                    f"What answers at {self._dialect.token.path} is no token endpoint: {response.status}: "
                    f"{response.words()}.",
                    cure="Check base_url; where UKG is being maintained, try again later.",
                    next_command=next_command,
                    status=response.status,
                    correlation_id=response.header(self._dialect.call.correlation_header),
                )
            raise TokenRefused(
                f"The token endpoint answered {response.status}: {response.words()}.",
                cure=self._token_cure(at(answer, "error")),
                next_command=self._sign_in if at(answer, "error") == "invalid_grant" else next_command,
                status=response.status,
                correlation_id=response.header(self._dialect.call.correlation_header),
            )
        return token

    def _issued(self, response: Response) -> _Issued:
        """Return the token that was issued, with all the scopes that were asked for."""
        known = self._dialect.token
        issued = _Issued(self.token_of(response, next_command=self._doctor), known.lifetime)
        granted, lifetime = (at(response.document(), path) for path in (known.granted_scope, known.expires_in))
        missing = set(self._dialect.scopes) - set(granted.split()) if isinstance(granted, str) else set()
        if missing:
            raise TokenRefused(
                f"A token was issued without the scope {', '.join(sorted(missing))}; granted was {granted!r}.",
                cure=f"Have the exact scopes added to API client {self._identity.client_id}: "
                f"{self._dialect.menus.api_clients}.",
                status=response.status,
            )
        return replace(issued, seconds=min(lifetime, _LONGEST)) if _is_time(lifetime) else issued

    def _token_cure(self, error: Any) -> str:
        clients, client = self._dialect.menus.api_clients, self._identity.client_id
        proof = (
            "the public key of its client_key: is it registered, under client_key_id where there are several, and for "
            "private_key_jwt? Is this machine's clock right?"
            if self._identity.keyed
            else "that it may go without a secret."
            if self._identity.public
            else "its secret."
        )
        grants = "client_credentials" if self._identity.login is None else "authorization_code and refresh_token"
        return {
            "invalid_client": f"Check client id {client} and {proof} An API client belongs to one environment: "
            f"is it registered in {self._identity.environment}? {clients}.",
            "invalid_scope": f"Have the exact scopes {', '.join(self._dialect.scopes)} added to {client}: {clients}.",
            "invalid_target": f"API client {client} is not registered in tenant {self._identity.tenant_id}. "
            f"Correct the tenant id ({self._dialect.tenant_id.menu}) or use that tenant's own client ({clients}).",
            "unauthorized_client": f"Have the grant {grants} enabled for {client}: {clients}.",
            "invalid_grant": "What was granted at the sign-in counts no more: it was used, revoked, has expired, or "
            f"the person may no longer sign in. Sign in anew: {self._sign_in}.",
        }.get(
            str(error),
            f"Compare the token request with what your UKG expects; the log is at {self._dialect.menus.audit}.",
        )

    def _read(self, response: Response, what: str) -> Mapping[str, Any]:
        if response.status in (401, 403):
            raise self.refusal(response, what)
        document = response.document()
        if response.status != 200 or not isinstance(document, Mapping):
            raise RequestRefused(
                f"UKG answered {response.status} to {what}: {response.words()}.",
                cure="Compare path and answer with the dialect; each key can be overridden for this tenant.",
                status=response.status,
            )
        return document

    def refusal(self, response: Response, what: str) -> PermissionRefused:
        """Explain the thread's 401: a token was issued, and the call is refused all the same."""
        menus, identity = self._dialect.menus, self._identity
        whose = "its service account" if identity.login is None else "the person who signed in"
        correlation_id = response.header(self._dialect.call.correlation_header)
        return PermissionRefused(
            f"UKG issued a token and refuses {what}: {response.status} {response.words()}.",
            cure=f"The token carries the tenant and the exact scopes, so look at the rest of the chain: "
            f"(1) {menus.api_clients}: is {identity.client_id} registered for {', '.join(self._dialect.scopes)}, and "
            f"has it the tenant's workforce planning permission? (2) {menus.roles}: has {whose} the "
            f"workforce planning role? (3) {menus.audit} names the check that failed: correlation id {correlation_id}.",
            next_command=self._doctor,
            status=response.status,
            correlation_id=correlation_id,
        )


@dataclass(frozen=True, slots=True)
class Entered:
    """A person who signed in: what is to be kept of it, and the tenant's name."""

    kept: Kept
    tenant_name: str


def renew(dialect: Dialect, turn: Turn, kept: Kept, response: Response) -> None:
    """Keep what an answer says renews the login from now on: the one before counts no more."""
    following = at(response.document(), dialect.login.refresh_token)
    if response.status == 200 and isinstance(following, str) and following and following != kept.refresh_token:
        turn.write(msgspec.structs.replace(kept, refresh_token=following))


def _is_time(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and value > 0


def claims_of(token: str) -> Mapping[str, Any]:
    """Return the claims of a JSON web token, nothing when it is opaque.

    They are evidence about the binding, not trust: who issued the token is proven by TLS, and UKG checks the signature.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = msgspec.json.decode(payload)
    except (binascii.Error, ValueError, RecursionError, msgspec.DecodeError):
        return {}
    return claims if isinstance(claims, dict) else {}

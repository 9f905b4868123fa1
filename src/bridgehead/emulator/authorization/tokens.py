"""Access tokens: signed JSON web tokens with the claims of RFC 9068, and what makes one acceptable."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeyFlexible

from bridgehead.emulator.authorization.keys import Algorithms, KeyRing
from bridgehead.emulator.store import Store

AUDIENCE = "ukg-pro-api"
LIFETIME_SECONDS = 1800
_HEADER = frozenset({"alg", "kid", "typ"})

_SCOPE = re.compile(r"([!#-\[\]-~]+( [!#-\[\]-~]+)*)?")
"""Scopes with one blank between them (RFC 6749 section 3.3): whoever reads a tab as a blank reads another scope."""


class TokenRefused(Exception):
    """A bearer token that is not accepted: *check* names the reason for the audit log."""

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(detail)
        self.check = check
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Mint:
    """Issues and verifies the access tokens of one environment. claim: what the tenant is called in a token."""

    issuer: str
    store: Store
    keys: KeyRing
    claim: str
    clock: Callable[[], datetime]
    new_id: Callable[[], str]

    def issue(
        self,
        *,
        client_id: str,
        subject: str,
        scope: str,
        tenant_id: str | None,
        session: str = "",
        bend: Callable[[dict[str, Any]], dict[str, Any]] = dict,
    ) -> str:
        """Sign a token; the tenant stands in it only when a tenant context was asked for and allowed.

        session: of a person who signed in; without one the client acts by itself. bend: what a fault makes of the
        claims.
        """
        now = int(self.clock().timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": subject,
            "aud": AUDIENCE,
            "client_id": client_id,
            "scope": scope,
            "environment": self.store.environment,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
            "jti": self.new_id(),
        }
        claims |= {self.claim: tenant_id} if tenant_id is not None else {}
        claims |= {"sid": session} if session else {}
        return self.keys.sign(bend(claims))

    def verify(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that is ours, in date and not revoked; raise TokenRefused otherwise."""
        claims = self._in_our_words(self._signed(token))
        if claims.get("iss") != self.issuer:
            raise TokenRefused("token-issuer", f"the token's issuer is {claims.get('iss')!r}")
        if claims.get("aud") != AUDIENCE:
            raise TokenRefused("token-audience", f"the token's audience is {claims.get('aud')!r}")
        _check_lifetime(claims, int(self.clock().timestamp()))
        for name, absent in _TEXTS.items():
            if not isinstance(claims.get(name, absent), str):
                raise TokenRefused("token-claims", f"the token's claim {name} is missing or no text")
        if not _SCOPE.fullmatch(claims["scope"]):
            raise TokenRefused("token-claims", f"the token's claim scope has another form: {claims['scope'][:64]!r}")
        if self.store.is_spent(f"token {claims['jti']}") or self.store.is_spent(f"session {claims.get('sid', '')}"):
            raise TokenRefused("token-revoked", "the token was revoked")
        return claims

    def _in_our_words(self, claims: dict[str, Any]) -> dict[str, Any]:
        """Call the tenant `tenant_id`, whatever the dialect calls it."""
        if self.claim == "tenant_id":
            return claims
        kept = {name: value for name, value in claims.items() if name != "tenant_id"}
        return {"tenant_id" if name == self.claim else name: value for name, value in kept.items()}

    def revoke(self, claims: Mapping[str, Any]) -> None:
        """Let a token count no more (RFC 7009)."""
        self.store.spend(f"token {claims['jti']}", now=self.clock().timestamp(), forget_at=claims["exp"])

    def end_session(self, session: str) -> None:
        """Let no access token of a session count any more."""
        now = self.clock().timestamp()
        self.store.spend(f"session {session}", now=now, forget_at=now + LIFETIME_SECONDS)

    def _signed(self, token: str) -> dict[str, Any]:
        """Return what a token of ours says: its key is found by name, the algorithm is the key's."""
        header = header_of(token)
        if header.keys() - _HEADER:  # before anybody acts on it
            foreign = ", ".join(sorted(header.keys() - _HEADER))
            raise TokenRefused("token-header", f"the token's header holds {foreign[:200]!r}, which ours never do")
        kid = header.get("kid")
        found = self.keys.verifier(kid) if isinstance(kid, str) else None
        if found is None:
            known = isinstance(kid, str) and bool(kid)
            named = f"it names the key {str(kid)[:64]!r}" if known else "it names no key, or cannot be read"
            raise TokenRefused(
                "token-signature", f"the token is not one of ours: {named}, this is {self.store.environment}"
            )
        algorithm, key = found
        try:
            payload = verified(token, key, [algorithm])
        except (JoseError, ValueError) as wrong:
            raise TokenRefused("token-signature", f"the token is not one of ours: {wrong}") from None
        if header.get("typ") != "at+jwt":
            raise TokenRefused("token-type", "the token is not an access token (typ at+jwt)")
        try:
            return members(payload)
        except ValueError as wrong:
            raise TokenRefused("token-claims", f"the token's claims cannot be read: {wrong}") from None


_TEXTS = {"sub": None, "client_id": None, "scope": None, "environment": None, "jti": None, "tenant_id": "", "sid": ""}
"""Claims that are texts, and what stands for those that may be absent."""


def _check_lifetime(claims: Mapping[str, Any], now: int) -> None:
    exp, nbf = claims.get("exp"), claims.get("nbf")
    if type(exp) is not int or type(nbf) is not int:  # a truth value is none
        raise TokenRefused("token-lifetime", "the token has no lifetime")
    if exp - nbf > LIFETIME_SECONDS:
        raise TokenRefused("token-lifetime", "the token has a longer lifetime than ours have")
    if now >= exp:
        raise TokenRefused("token-expired", f"the token expired {now - exp} s ago")
    if now < nbf:
        raise TokenRefused("token-not-yet-valid", f"the token is valid in {nbf - now} s")


def verified(token: str, key: KeyFlexible, algorithms: Sequence[str]) -> bytes:
    """Return the payload of a token that is signed with a key; raise JoseError or ValueError otherwise."""
    return jws.deserialize_compact(token.encode(), key, registry=Algorithms(algorithms=algorithms)).payload


def members(raw: bytes) -> dict[str, Any]:
    """Return the members of a JSON object; raise ValueError for anything else.

    A name that stands twice is refused, since two readers would read two things (RFC 7515 and RFC 7519, section 4); so
    is half of a surrogate pair, which no log and no database could keep.
    """
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_once)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeError:
        raise ValueError("it holds what is no text") from None
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - what cannot be read is one kind of error here
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in it")
    return found


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token claims, unverified."""
    part = token.split(".")[1:2]
    return header_of(part[0]) if part else {}


def header_of(token: str) -> dict[str, Any]:
    """Return what a token's header says, unverified: it may name a key, and proves nothing."""
    encoded = token.split(".", maxsplit=1)[0]
    try:
        return members(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except ValueError:
        return {}

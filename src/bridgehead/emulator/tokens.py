"""Access tokens: signed JSON web tokens (RFC 9068 claims, ES256) and the key set that verifies them (RFC 7517)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

AUDIENCE = "ukg-pro-api"
LIFETIME_SECONDS = 1800
ALGORITHM = "ES256"


class TokenRefused(Exception):
    """A bearer token that is not accepted: *check* names the reason for the audit log."""

    def __init__(self, check: str, detail: str) -> None:
        super().__init__(detail)
        self.check = check
        self.detail = detail


def new_signing_key(kid: str) -> str:
    """Return a fresh P-256 key as PEM; *kid* is its name in the key set."""
    key = ECKey.generate_key("P-256", {"kid": kid}, auto_kid=False)
    return key.as_pem(private=True).decode()


@dataclass(frozen=True, slots=True)
class Mint:
    """Issues and verifies the access tokens of one environment."""

    issuer: str
    environment: str
    key: ECKey
    clock: Callable[[], datetime]
    new_id: Callable[[], str]

    def key_set(self) -> dict[str, Any]:
        """Return the public keys (RFC 7517)."""
        public = dict(self.key.as_dict(private=False), use="sig", alg=ALGORITHM)
        return {"keys": [public]}

    def issue(self, *, client_id: str, account: str, scope: str, tenant_id: str | None) -> str:
        """Sign a token; the tenant stands in it only when a tenant context was asked for and allowed."""
        now = int(self.clock().timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": account,
            "aud": AUDIENCE,
            "client_id": client_id,
            "scope": scope,
            "environment": self.environment,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
            "jti": self.new_id(),
        }
        if tenant_id is not None:
            claims["tenant_id"] = tenant_id
        header = {"alg": ALGORITHM, "kid": self.key.kid, "typ": "at+jwt"}
        return jwt.encode(header, claims, self.key, algorithms=[ALGORITHM])

    def verify(self, token: str) -> dict[str, str]:
        """Return the claims of a token that is ours and in date; raise TokenRefused otherwise."""
        try:
            decoded = jwt.decode(token, KeySet([self.key]), algorithms=[ALGORITHM])
        except (JoseError, ValueError) as wrong:
            named = (
                f"it names the key {kid!r}, this is {self.environment}" if (kid := _key_named(token)) else str(wrong)
            )
            raise TokenRefused("token-signature", f"the token is not one of ours: {named}") from None
        claims, now = decoded.claims, int(self.clock().timestamp())
        if decoded.header.get("typ") != "at+jwt":
            raise TokenRefused("token-type", "the token is not an access token (typ at+jwt)")
        if claims.get("iss") != self.issuer:
            raise TokenRefused("token-issuer", f"the token's issuer is {claims.get('iss')!r}")
        if claims.get("aud") != AUDIENCE:
            raise TokenRefused("token-audience", f"the token's audience is {claims.get('aud')!r}")
        exp, nbf = claims.get("exp"), claims.get("nbf")
        if not isinstance(exp, int) or not isinstance(nbf, int):
            raise TokenRefused("token-lifetime", "the token has no lifetime")
        if now >= exp:
            raise TokenRefused("token-expired", f"the token expired {now - exp} s ago")
        if now < nbf:
            raise TokenRefused("token-not-yet-valid", f"the token is valid in {nbf - now} s")
        return {name: value for name, value in claims.items() if isinstance(value, str)}


def _key_named(token: str) -> str:
    """Return the key that a token's header names, unverified: for the audit log's words only."""
    try:
        encoded = token.split(".", maxsplit=1)[0]
        header = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        return str(header.get("kid", ""))[:64]
    except (ValueError, AttributeError, RecursionError):
        return ""


def load_signing_key(pem: str, kid: str) -> ECKey:
    """Read a key that was kept as PEM."""
    return ECKey.import_key(pem, {"kid": kid})

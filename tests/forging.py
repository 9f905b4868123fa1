"""A workshop for false tokens: each part can be bent by itself, also under the emulator's own key."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.curl import HEADCOUNT, Caller, records

GONE = object()
"""Stands for a member that is left out."""

GLOBEX = "7d1e4c3a-93b5-4c0f-8a57-5e0d6a9cf202"
"""The neighbour of Acme, in production."""

SANDBOX = "a51c2d90-1f5b-4be7-b1d4-90c6de77e303"
"""Acme in the sandbox."""

Part = Mapping[str, Any] | str | bytes
"""What a part of a token holds. A text stands as it is, so that what no JSON library writes can be written."""


def encoded(part: Part) -> str:
    if isinstance(part, Mapping):
        part = json.dumps({name: value for name, value in part.items() if value is not GONE})
    raw = part.encode() if isinstance(part, str) else part
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@cache
def key(kind: str) -> Any:
    """Return a key of an attacker's."""
    if kind == "RSA":
        return RSAKey.generate_key(2048, auto_kid=False)
    return (OKPKey if kind == "Ed25519" else ECKey).generate_key(kind, auto_kid=False)


@dataclass(slots=True)
class Forge:
    """Makes tokens from a good one of a caller's. What is not named stays as it was issued."""

    caller: Caller
    good: str

    @property
    def parts(self) -> list[str]:
        return self.good.split(".")

    @property
    def signer(self) -> Any:
        """The emulator's own key: under it, nothing but what was bent is wrong."""
        return self.caller.emulator.environments["production"].keys.signer()[2]

    def header(self, **other: Any) -> dict[str, Any]:
        return json.loads(decoded(self.parts[0])) | other

    def claims(self, **other: Any) -> dict[str, Any]:
        return json.loads(decoded(self.parts[1])) | other

    def sign(self, header: Part, claims: Part, signer: Any = None, algorithm: str = "ES256") -> str:
        """Sign whatever is given, by default with the emulator's own key."""
        told = f"{encoded(header)}.{encoded(claims)}"
        signature = JWSRegistry.algorithms[algorithm].sign(told.encode(), signer or self.signer)
        return f"{told}.{encoded(signature)}"

    def own(self, **claims: Any) -> str:
        """Return a token with other claims, under the emulator's own key."""
        return self.sign(self.header(), self.claims(**claims))

    def headed(self, **header: Any) -> str:
        """Return a token with another header, under the emulator's own key."""
        return self.sign(self.header(**header), self.claims())

    def foreign(self, kind: str, algorithm: str, **header: Any) -> str:
        """Return a token that says what the good one says, under an attacker's key."""
        return self.sign(self.header(**{"alg": algorithm} | header), self.claims(), key(kind), algorithm)

    def unsigned(self, signature: str = "", **header: Any) -> str:
        return f"{encoded(self.header(**header))}.{self.parts[1]}.{signature}"

    def hashed(self, secret: bytes, digest: str = "sha256", **header: Any) -> str:
        """Return a token with a message authentication code in the place of a signature."""
        told = f"{encoded(self.header(**{'alg': f'HS{digest[3:]}'} | header))}.{self.parts[1]}"
        return f"{told}.{encoded(hmac.new(secret, told.encode(), digest).digest())}"

    def with_signature(self, signature: Part) -> str:
        return f"{self.parts[0]}.{self.parts[1]}.{encoded(signature)}"

    def public(self, number: int = -1) -> dict[str, Any]:
        """Return a key of the key set, as anybody may read it."""
        found: dict[str, Any] = self.caller.http.request("GET", f"{self.caller.base}/oauth/jwks").json()["keys"][number]
        return found

    def rotated(self, algorithm: str) -> Forge:
        """Let the emulator sign with a new key; return what makes tokens from one that it signs."""
        self.caller.switch("POST", "keys", algorithm=algorithm)
        return replace(self, good=self.caller.token().json()["access_token"])


def kept(caller: Caller) -> list[Any]:
    """Return all that a write could have changed, of all tenants in both environments."""
    connection = caller.emulator.environments["production"].store.connection
    return [
        connection.execute(question).fetchall()
        for question in ("SELECT * FROM projection", "SELECT * FROM answer", "SELECT * FROM directory")
    ]


def assert_refused(caller: Caller, answer: Any, check: str, says: str = "") -> None:
    """The caller learns nothing but that it was refused; the audit log names the check."""
    assert (answer.status, answer.json()) == (401, {"error": "insufficient_permissions"})
    assert_told(caller, check, says)


def assert_told(caller: Caller, check: str, says: str = "") -> None:
    why = caller.why()
    assert (why["outcome"], why["check"]) == ("denied", check), why
    assert why["reason"]
    assert says in why["reason"]


def assert_writes_nothing(caller: Caller, headers: Any, check: str, says: str = "") -> None:
    """A write with these headers is refused, and nothing is stored for anybody."""
    before = kept(caller)
    answer = caller.http.request("POST", caller.base + HEADCOUNT, json=records("0102"), headers=headers)
    assert_refused(caller, answer, check, says)
    assert kept(caller) == before


def assert_nothing_issued(caller: Caller, answer: Any, check: str, says: str = "") -> None:
    """The answer is an error of the RFC and holds no token; the audit log names check and reason."""
    document = answer.json()
    assert document.keys() == {"error", "error_description"}
    assert check == f"oauth-{document['error'].replace('_', '-')}"
    assert answer.status == (401 if check == "oauth-invalid-client" else 400)
    assert_told(caller, check, says)

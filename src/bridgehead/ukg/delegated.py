"""Acting for a person: what a login keeps, where, and what a browser brings back (RFC 6749, RFC 8252, RFC 9207)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from bridgehead.errors import TokenRefused
from bridgehead.ukg.dialect import Dialect


class Kept(msgspec.Struct, frozen=True):
    """What is kept of a login: whose it is, for which client of which UKG, and what renews it.

    A login is good where it was made, and nowhere else: its token is never sent to another address.
    """

    person: str
    base_url: str
    client_id: str
    tenant_id: str
    refresh_token: str

    def __repr__(self) -> str:
        """Name the person, and nothing that opens a door."""
        return f"Kept(person={self.person!r}, base_url={self.base_url!r})"


class Turn(Protocol):
    """A login while nobody else uses it."""

    def read(self) -> Kept | None:
        """Return what is kept, None where nobody is signed in."""

    def write(self, kept: Kept) -> None:
        """Keep it; it is durable when this returns."""

    def forget(self) -> None:
        """Keep nothing any more."""


class Login(Protocol):
    """Where one login is kept."""

    @property
    def name(self) -> str:
        """The place, as it may be shown."""

    def turn(self) -> AbstractContextManager[Turn]:
        """Let nobody else use it until the block ends, in this process or another one."""

    def current(self, turn: Turn) -> Kept:
        """Return who is signed in; raise SecretMissing where nobody is, or somebody for another client or UKG."""

    @property
    def next_command(self) -> str:
        """The command with which a person signs in."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One sign-in that is under way. state, verifier: drawn for it alone. issuer: who has to answer, if that is known.

    names_itself: whether the server says that its answer names the issuer.
    """

    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    issuer: str
    names_itself: bool = False

    @property
    def challenge(self) -> str:
        """What the verifier proves later (RFC 7636, S256)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")

    @property
    def values(self) -> dict[str, str]:
        """What the dialect's templates may hold of it."""
        return {"redirect_uri": self.redirect_uri, "state": self.state, "challenge": self.challenge}


def code_of(dialect: Dialect, asking: Asking, answer: Mapping[str, str], cure: str) -> str:
    """Return the code that the browser brought back; raise TokenRefused for an answer that is not ours, or a no."""
    known = dialect.login
    if answer.get(known.state) != asking.state:
        raise TokenRefused("What came back has another state: it is not the answer to this sign-in.", cure=cure)
    issuer = answer.get(known.issuer, "")
    if (issuer or asking.names_itself) and issuer.rstrip("/") != asking.issuer.rstrip("/"):
        raise TokenRefused(
            f"What came back is the answer of {issuer[:200] or 'nobody'}, asked was {asking.issuer}.",
            cure=cure,
        )
    if known.error in answer:
        raise TokenRefused(f"The sign-in ended with {answer[known.error][:100]}.", cure=cure)
    code = answer.get(known.code, "")
    if not code:
        raise TokenRefused("What came back holds no code.", cure=cure)
    return code

"""Access tokens that were proven, for as long as they count: in memory, each for one UKG, client, tenant and scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple


class Purpose(NamedTuple):
    """What a token was asked for; one that was got for another purpose is never used. login: whose, if a person's."""

    base_url: str
    client_id: str
    tenant_id: str
    environment: str
    scope: str
    login: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token that passed the interlock. spent_at: from then on a new one is asked for."""

    value: str = field(repr=False)
    spent_at: datetime
    metadata: Any = field(repr=False)


@dataclass(slots=True)
class Held:
    """The token of one purpose, None before there is one. lock: one asks for a new one at a time."""

    lock: Lock = field(default_factory=Lock, repr=False)
    token: Token | None = None


class TokenCache:
    """The tokens of a process. Thread-safe. Feeds that share it ask for one token together."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: dict[Purpose, Held] = {}

    def of(self, purpose: Purpose) -> Held:
        """Return where the token of a purpose is held."""
        with self._lock:
            return self._held.setdefault(purpose, Held())

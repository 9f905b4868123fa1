"""Who has signed in: in memory, so that a restart ends every visit; each has an end, and one sooner when it is idle."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from bridgehead.config import PersonSettings

_IDLE = timedelta(hours=1)
_LONGEST = timedelta(hours=10)
_EACH = 10
"""Visits of one person at a time; the oldest ends when there is one more."""


@dataclass(slots=True)
class Session:
    """One person's visit. csrf: stands in each of its forms. said: what a change has said, shown once.

    password: the hash that was signed in with; when another one stands in the configuration, the visit is over.
    """

    person: str
    password: str
    csrf: str
    begun_at: datetime
    seen_at: datetime
    said: str = ""


class Sessions:
    """The visits. A token is kept as its digest alone."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, Session] = {}

    def begin(self, person: str, password: str) -> str:
        """Begin a visit; return its token, which only its browser has."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._known = {key: one for key, one in self._known.items() if self._lives(one, now)}
            own = [key for key, one in self._known.items() if one.person == person]
            for key in own[: max(0, len(own) - _EACH + 1)]:
                del self._known[key]
            self._known[_digest(token)] = Session(person, password, secrets.token_urlsafe(32), now, now)
        return token

    def find(self, token: str, people: Mapping[str, PersonSettings]) -> Session | None:
        """Return the visit of a token, None when it is over, or its person may not sign in any more."""
        if not token:
            return None
        now, key = self._clock(), _digest(token)
        with self._lock:
            found = self._known.get(key)
            if found is None:
                return None
            settings = people.get(found.person)
            if not self._lives(found, now) or settings is None or settings.password != found.password:
                del self._known[key]
                return None
            found.seen_at = now
            return found

    def end(self, token: str) -> None:
        """End a visit."""
        with self._lock:
            self._known.pop(_digest(token), None)

    @staticmethod
    def _lives(one: Session, now: datetime) -> bool:
        return now - one.seen_at < _IDLE and now - one.begun_at < _LONGEST


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

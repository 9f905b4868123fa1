"""Examinations that somebody asked for: one at a time of each tenant, not too often, and the last one is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from bridgehead.config import Config
from bridgehead.doctor import Diagnosis, Finding
from bridgehead.examining import examination

_AGAIN = timedelta(minutes=1)
"""So long the last examination has to do: a few calls are refused in each, and accounts get locked by that."""

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Examined:
    """What the doctor found, and when."""

    at: datetime
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis


class Busy(Exception):
    """An examination is under way, or was only a moment ago."""


class Examinations:
    """The last examination of each tenant's environments, in memory."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._last: dict[_Key, Examined] = {}
        self._under_way: set[_Key] = set()

    def last(self, tenant: str, environment: str) -> Examined | None:
        """Return the last examination, None where there was none since this program started."""
        with self._lock:
            return self._last.get((tenant, environment))

    def examine(self, config: Config, tenant: str, environment: str) -> Examined:
        """Examine a tenant's environment now; raise Busy where that was just done, or is being done."""
        key = (tenant, environment)
        with self._lock:
            before = self._last.get(key)
            if key in self._under_way or (before is not None and self._clock() - before.at < _AGAIN):
                raise Busy
            self._under_way.add(key)
        try:
            with examination(config, tenant, environment, clock=self._clock) as found:
                findings = tuple(found)
                made = Examined(self._clock(), findings, found.diagnosis)
            with self._lock:
                self._last[key] = made
            return made
        finally:
            with self._lock:
                self._under_way.discard(key)

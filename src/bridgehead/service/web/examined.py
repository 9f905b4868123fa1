"""Examinations that somebody asked for: one at a time of each tenant, not too often, and the last one is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from bridgehead.config import Config
from bridgehead.doctor import Diagnosis, Finding
from bridgehead.errors import BridgeheadError
from bridgehead.examining import examination
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.tenant import choose, open_ledger

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
            worked = _worked_before(config, tenant, environment)
            with examination(config, tenant, environment, worked_before=worked, clock=self._clock) as found:
                findings = tuple(found)
                made = Examined(self._clock(), findings, found.diagnosis)
            if made.diagnosis.healthy:
                _let_try(config, tenant, environment)
            with self._lock:
                self._last[key] = made
            return made
        finally:
            with self._lock:
                self._under_way.discard(key)


def _ledgers(config: Config, tenant: str, environment: str) -> Iterator[FeedLedger]:
    for feed in config.tenants[tenant].feeds:
        with closing(open_ledger(choose(config, tenant, environment, feed))) as ledger:
            yield ledger


def _worked_before(config: Config, tenant: str, environment: str) -> bool:
    """Whether UKG has accepted anything before; a ledger that cannot say so is no matter here."""
    try:
        return any(any(run.accepted for run in ledger.history()) for ledger in _ledgers(config, tenant, environment))
    except BridgeheadError:
        return False


def _let_try(config: Config, tenant: str, environment: str) -> None:
    """Let the next sync ask UKG at once, where a refusal had it left alone."""
    with suppress(BridgeheadError):  # what UKG would do is known all the same
        for ledger in _ledgers(config, tenant, environment):
            ledger.set_circuit(None)

"""For your own tests: a UKG Pro that starts in a line, a ledger that forgets, and a clock that you set.

pytest finds the fixtures by itself once bridgehead is installed. Nothing is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bridgehead.emulator import Emulator
    from bridgehead.ledgers.memory import MemoryLedger


class Clock:
    """A clock that stands still until it is told to move. Call it for the time."""

    def __init__(self, start: datetime = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)) -> None:
        self._now = start

    def __call__(self) -> datetime:
        """Return the time."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)


@pytest.fixture
def ukg_clock() -> Clock:
    """Return the clock that the emulator of this test goes by."""
    return Clock()


@pytest.fixture
def ukg_pro(ukg_clock: Clock) -> Iterator[Emulator]:
    """Run a UKG Pro for this test, in a thread, in memory, with two tenants in two environments."""
    from bridgehead.emulator import Emulator  # noqa: PLC0415 - the extra is needed only by those who ask

    with Emulator(clock=ukg_clock) as emulator:
        yield emulator


@pytest.fixture
def memory_ledger(ukg_clock: Clock) -> Iterator[MemoryLedger]:
    """Return a ledger that forgets everything after this test."""
    from bridgehead.ledgers.memory import MemoryLedger  # noqa: PLC0415 - see above

    ledger = MemoryLedger(("acme", "production", "headcount"), tenant_id="a-tenant", clock=ukg_clock)
    yield ledger
    ledger.close()

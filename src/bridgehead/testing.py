"""For your own tests: a UKG Pro that starts in a line, a ledger that forgets, and a clock that you set.

pytest finds the fixtures by itself once bridgehead is installed. Nothing is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bridgehead.emulator import Emulator, Snapshot
    from bridgehead.ledgers.memory import MemoryLedger


class Clock:
    """A clock that stands still until it is told to move. Call it for the time."""

    def __init__(self, start: datetime = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._other: Clock | None = None

    def __call__(self) -> datetime:
        """Return the time."""
        return self._now if self._other is None else self._other()

    def follow(self, other: Clock) -> None:
        """Show from now on what another clock shows."""
        self._other = other

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)


@pytest.fixture
def ukg_clock() -> Clock:
    """Return the clock that the emulator of this test goes by."""
    return Clock()


@pytest.fixture(scope="session")
def ukg_pro_of_this_session() -> Iterator[tuple[Emulator, Clock, Snapshot]]:
    """Run a UKG Pro for all tests of a session; `ukg_pro` hands it out as it was in the beginning."""
    from bridgehead.emulator import Emulator  # noqa: PLC0415 - the extra is needed only by those who ask

    clock = Clock()
    with Emulator(clock=clock, journal=1000) as emulator:
        yield emulator, clock, emulator.snapshot()


@pytest.fixture
def ukg_pro(ukg_pro_of_this_session: tuple[Emulator, Clock, Snapshot], ukg_clock: Clock) -> Emulator:
    """Return a UKG Pro in its first state: in a thread, in memory, with two tenants in two environments.

    It goes by `ukg_clock`. `ukg_pro.journal.read()` tells what was asked of it; `ukg_pro.switch_on("reset-after")` lets
    something go wrong; `ukg_pro.answer_next(503)` takes the next answer from the test.
    """
    emulator, clock, beginning = ukg_pro_of_this_session
    clock.follow(ukg_clock)
    emulator.restore(beginning)
    return emulator


@pytest.fixture
def memory_ledger(ukg_clock: Clock) -> Iterator[MemoryLedger]:
    """Return a ledger that forgets everything after this test."""
    from bridgehead.ledgers.memory import MemoryLedger  # noqa: PLC0415 - see above

    ledger = MemoryLedger(("acme", "production", "headcount"), tenant_id="a-tenant", clock=ukg_clock)
    yield ledger
    ledger.close()

"""One feed's sync with nobody watching: idempotent, resumable, fenced and yielding, so that any engine can place it.

Placed again, it goes on where it was; placed twice at once, the second one finds the lease held; killed, it is settled
by the next one. It never sleeps for long in the place that it was given: it pauses and says when to place it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridgehead.ended import Ended, Seen
from bridgehead.errors import Paused
from bridgehead.events import Event, RunFinished, RunStarted, Settled, Settling
from bridgehead.tenant import Choice, open_sync, utc_now
from bridgehead.ukg.tokens import TokenCache


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under which a feed is synced.

    owner: who runs, for the lease. halt: asked again and again; what it returns ends the run. on_event, on_wait: told
    what happens, also from several threads. looking: UKG is read also where nothing was sent. desk: held while
    processors are needed. quantum: after so many seconds of delivering the run gives its place back. patience: it also
    does where UKG asks to wait longer than so many seconds; None: never.
    """

    owner: str
    halt: Callable[[], BaseException | None] = lambda: None
    on_event: Callable[[Choice, Event], object] = lambda _choice, _event: None
    on_wait: Callable[[Choice, str, float], object] = lambda _choice, _why, _seconds: None
    verifying: bool = True
    looking: bool = False
    tokens: TokenCache = field(default_factory=TokenCache)
    desk: AbstractContextManager[object] = field(default_factory=nullcontext)
    clock: Callable[[], datetime] = utc_now
    sleep: Callable[[float], object] = time.sleep
    quantum: float | None = None
    patience: float | None = None


def sync_feed(choice: Choice, circumstances: Circumstances) -> Ended:
    """Sync one feed, and return its verdict whatever happens; of a run that paused, when to place it again."""
    begun, seen, place = time.monotonic(), Seen(), _Place(choice, circumstances)
    where = (choice.tenant, choice.environment, choice.feed_name)
    try:
        with open_sync(
            choice,
            clock=circumstances.clock,
            sleep=circumstances.sleep,
            halt=place.halt,
            on_wait=place.waiting,
            verifying=circumstances.verifying,
            looking=circumstances.looking,
            tokens=circumstances.tokens,
            desk=circumstances.desk,
        ) as sync:
            try:
                for event in sync.run(owner=circumstances.owner):
                    seen.take(event)
                    place.take(event)
                    circumstances.on_event(choice, event)
            finally:
                seen.source = (sync.source.fingerprint() if choice.feed.expect_new_by else "") or seen.source
    except Exception as wrong:  # noqa: BLE001 - what nobody foresaw of one tenant hides no other's verdict
        return seen.failed(where, wrong, time.monotonic() - begun)
    return seen.ended(where, time.monotonic() - begun)


class _Place:
    """The place that a run was given, and whether it has to give it back."""

    def __init__(self, choice: Choice, circumstances: Circumstances) -> None:
        self._choice, self._circumstances = choice, circumstances
        self._until: datetime | None = None
        self._paused: Paused | None = None

    def take(self, event: Event) -> None:
        """Let the time begin with a delivery, and end with it.

        What is read before and after it is read in one go: else a run for which that takes longer never ends.
        """
        quantum = self._circumstances.quantum
        if isinstance(event, RunStarted | Settling) and quantum is not None:
            self._until = self._circumstances.clock() + timedelta(seconds=quantum)
        elif isinstance(event, RunFinished | Settled):
            self._until = None

    def halt(self) -> BaseException | None:
        """Return what ends the run."""
        if self._paused is None and self._until is not None and self._circumstances.clock() >= self._until:
            self._paused = Paused("It has used up its time, and lets others have the place.", seconds=0)
        return self._circumstances.halt() or self._paused

    def waiting(self, why: str, seconds: float) -> None:
        """Hear that a call has to wait; a long wait is one for another time."""
        patience = self._circumstances.patience
        if patience is not None and seconds > patience:
            self._paused = Paused(f"UKG asks for patience: {why}", seconds=seconds)
        self._circumstances.on_wait(self._choice, why, seconds)

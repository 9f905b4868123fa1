"""The scheduler: looks each second which feeds are due, and gives each tenant a place to be synced in.

It keeps no queue: what is due follows from the ledger, so that one that was killed goes on where it was, and two of
them on one ledger do not hurt each other. In memory is only who is under way, and what need not be done again yet.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore, Event, Lock
from typing import Protocol

from bridgehead.agenda import Appointment, Standing
from bridgehead.answering.retention import purge
from bridgehead.ended import Ended
from bridgehead.errors import BridgeheadError, LeaseHeld, Paused
from bridgehead.events import Event as Happened
from bridgehead.keeping import open_database
from bridgehead.ledgers.standings import standings
from bridgehead.service.booking import book, check_file, tell_all
from bridgehead.service.due import Why, begun, due, looks
from bridgehead.service.schedule import until
from bridgehead.service.telling import Page
from bridgehead.service.watched import Key, Scheduled, Watched
from bridgehead.tenant import Choice, open_ledger
from bridgehead.unattended import Circumstances, sync_feed


class Listener(Protocol):
    """Who hears what a scheduler does: logs, figures, traces. Called from several threads."""

    def placed(self, choice: Choice, why: Why) -> None:
        """Hear that a feed was given a place."""

    def happened(self, choice: Choice, event: Happened) -> None:
        """Hear what happens in its run."""

    def ended(self, choice: Choice, ended: Ended) -> None:
        """Hear how it ended."""

    def said(self, level: str, words: str) -> None:
        """Hear something about the scheduler itself. level: info, warning or error."""


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_AGAIN = timedelta(minutes=1)
"""After so long a notice that did not get through is tried again, and a place whose end could not be written down."""
_NEVER = object()


def _lately(moment: datetime | None, now: datetime) -> bool:
    """Whether a moment is less than a minute ago; one that lies ahead, since the clock was set back, is not."""
    return moment is not None and timedelta(0) <= now - moment < _AGAIN


@dataclass(slots=True)
class Scheduler:
    """Places what is due. `tick` is called again and again, always from one thread.

    owner: who runs, for the lease. page: makes the page of the plan that a notice is about. desks: how many feeds at
    once are read and compared.
    """

    watched: Watched
    clock: Callable[[], datetime]
    owner: str
    listeners: tuple[Listener, ...] = ()
    page: Page = lambda _notice: ""
    desks: int = field(default_factory=lambda: os.cpu_count() or 1)
    stopping: Event = field(default_factory=Event)
    ticked_at: datetime | None = None
    _under_way: dict[str, Key] = field(default_factory=dict)
    _checked: dict[Key, datetime | None] = field(default_factory=dict)
    _placed_at: dict[Key, datetime] = field(default_factory=dict)
    _failed_at: dict[Key, datetime] = field(default_factory=dict)
    _purged_at: dict[Key, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _pool: ThreadPoolExecutor | None = None
    _futures: set[Future[None]] = field(default_factory=set)
    _circumstances: Circumstances | None = None

    def __post_init__(self) -> None:
        """Open the places."""
        self._pool = ThreadPoolExecutor(self.watched.config.run.slots, thread_name_prefix="tenant")
        desk = BoundedSemaphore(max(1, self.desks))
        self._circumstances = Circumstances(self.owner, on_event=self._happened, desk=desk, clock=self.clock)

    def tick(self, *, anew: bool = False) -> bool:
        """Place what is due, as far as there are places, and return whether anything was.

        anew: read the configuration, whether it seems to have changed or not. Whoever had a place last comes last, so
        that a run that gives its place back gives it to others. Raises what the ledger raises when it cannot be read.
        """
        if self.watched.refresh(at_once=anew, on_wrong=self._kept):
            self._say("info", "The configuration has changed and holds from now on.")
        now = self.clock()
        facts = self._standings(now)
        placed = False
        for key in sorted(self.watched.feeds, key=lambda key: self._placed_at.get(key, _LONG_AGO)):
            if self.stopping.is_set():
                break
            placed |= self._look(key, self.watched.feeds[key], facts.get(key, Standing()), now)
        self._futures = {one for one in self._futures if not one.done()}
        self.ticked_at = now
        return placed

    def _standings(self, now: datetime) -> dict[Key, Standing]:
        with closing(open_database(self.watched.config)) as database:
            return standings(database, now)

    def _look(self, key: Key, one: Scheduled, standing: Standing, now: datetime) -> bool:
        """Place a feed when it is due, its tenant is not under way, a place is free, and no window is closed."""
        with self._lock:
            if key[0] in self._under_way or len(self._under_way) >= self.watched.config.run.slots:
                return False
        if _lately(self._failed_at.get(key), now):
            return False
        try:
            if standing.appointment.served is None:
                self._begin(one, now)
        except BridgeheadError as wrong:  # of this feed's ledger: the others are looked at
            self._failed(key, wrong)
            return False
        work = self._work(key, one, standing, now)
        if work is not None:
            self._submit(key, one, work)
        return work is not None

    def _work(self, key: Key, one: Scheduled, standing: Standing, now: datetime) -> Callable[[], None] | None:
        """Return what is to be done for a feed now, if anything is."""
        by = one.expected.last(now) if one.expected is not None else None
        if one.expected is not None and self._checked.get(key, _NEVER) != by:
            return lambda: self._check(key, one, by)
        why = due(one.schedule, standing, now)
        if why is not None and until(one.windows, now) is None:
            return lambda: self._sync(one, why, standing.appointment)
        if standing.untold and not _lately(self._placed_at.get(key), now):
            return lambda: None  # what is told at the end of each place
        return None

    def _check(self, key: Key, one: Scheduled, by: datetime | None) -> None:
        check_file(one.choice, one.expected or one.schedule, clock=self.clock)
        self._checked[key] = by

    def _begin(self, one: Scheduled, now: datetime) -> None:
        """Note that a feed is new to the schedule, so that it waits for its next moment."""
        with closing(open_ledger(one.choice, self.clock)) as ledger:
            ledger.agenda.keep(begun(one.schedule, ledger.agenda.appointment(), now))

    def _submit(self, key: Key, one: Scheduled, work: Callable[[], None]) -> None:
        """Do something for a feed in a place of its tenant."""
        if self._pool is None:
            return
        with self._lock:
            self._under_way[key[0]] = key
        self._placed_at[key] = self.clock()
        self._futures.add(self._pool.submit(self._placed, key, one, work))

    def _placed(self, key: Key, one: Scheduled, work: Callable[[], None]) -> None:
        """Do what a place was given for, and tell who has to be told; whatever happens the place is free again."""
        try:
            work()
            with closing(open_ledger(one.choice, self.clock)) as ledger:
                told = tell_all(self.watched.config, ledger, page=self.page, over=self.stopping.is_set)
                for problem in told:
                    self._say("warning", f"A notice of {' / '.join(key)} did not get through by {problem}.")
        except BridgeheadError as wrong:
            self._failed(key, wrong)
        except Exception as wrong:  # noqa: BLE001 - one tenant's trouble ends no other's nights
            self._failed_at[key] = self.clock()
            self._say("error", f"{' / '.join(key)}: {wrong!r}. Please report this.")
        finally:
            with self._lock:
                self._under_way.pop(key[0], None)

    def _failed(self, key: Key, wrong: BridgeheadError) -> None:
        self._failed_at[key] = self.clock()
        self._say("error", f"{' / '.join(key)}: {wrong.message} {wrong.cure}")

    def _sync(self, one: Scheduled, why: Why, appointment: Appointment) -> None:
        for listener in self.listeners:
            listener.placed(one.choice, why)
        placed_at, run = self.clock(), one.choice.config.run

        def halt() -> BaseException | None:
            if self.stopping.is_set():
                return Paused("The scheduler is stopping.", seconds=0)
            closed = until(one.windows, self.clock())
            if closed is not None:
                return Paused("A blackout has begun.", seconds=(closed - self.clock()).total_seconds())
            return None

        if self._circumstances is None:
            return
        looking = looks(appointment, run.look_again_after, placed_at)
        circumstances = replace(
            self._circumstances, halt=halt, looking=looking, quantum=run.quantum, patience=run.patience
        )
        ended = sync_feed(one.choice, circumstances)
        with closing(open_ledger(one.choice, self.clock)) as ledger:
            book(ledger, one.choice, ended, now=self.clock(), schedule=one.schedule, placed_at=placed_at)
        if one.expected is not None:
            check_file(one.choice, one.expected, clock=self.clock)
        for listener in self.listeners:
            listener.ended(one.choice, ended)
        self._let_go(one.choice)

    def _let_go(self, choice: Choice) -> None:
        """Let go of the values that are old enough, once a day, where the configuration says for how long they stay."""
        key: Key = (choice.tenant, choice.environment, choice.feed_name)
        days, now = choice.config.run.keep_values_for, self.clock()
        if not days or now - self._purged_at.get(key, _LONG_AGO) < _DAY:
            return
        self._purged_at[key] = now
        try:
            purged = purge(choice, days, owner=self.owner, clock=self.clock)
        except LeaseHeld:  # another day
            return
        if purged.runs or purged.plans:
            told = f"{len(purged.runs):,} runs and {len(purged.plans):,} plans from before {purged.before:%Y-%m-%d}"
            self._say("info", f"{' / '.join(key)}: the values of {told} were let go of.")

    def _happened(self, choice: Choice, event: Happened) -> None:
        for listener in self.listeners:
            listener.happened(choice, event)

    def _kept(self, wrong: BridgeheadError) -> None:
        self._say(
            "error", f"The configuration was changed and cannot be used; the one before holds on: {wrong.message}"
        )

    def _say(self, level: str, words: str) -> None:
        for listener in self.listeners:
            listener.said(level, words)

    def under_way(self) -> list[Key]:
        """Return the feeds that have a place now."""
        with self._lock:
            return list(self._under_way.values())

    def settle(self) -> None:
        """Wait until everything that was placed has ended."""
        wait(self._futures)

    def stop(self) -> None:
        """Place nothing more, let each run stop after the requests in flight, and wait for that."""
        self.stopping.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def next_run(self, choice: Choice) -> datetime | None:
        """Return when a feed is due next by its schedule; None where it has none."""
        return self.watched.next_run(choice, self.clock())

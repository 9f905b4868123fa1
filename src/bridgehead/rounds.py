"""A round: every tenant's feeds, the tenants at once and each by itself, with a verdict for every feed.

A tenant whose UKG hangs, refuses or throttles waits in a thread of its own; what needs processors is done at so many
desks at once. The feeds of one tenant go one after the other, since they share its lease.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from threading import BoundedSemaphore

import msgspec

from bridgehead.config import Config
from bridgehead.errors import DRIFT, PARTIAL, BridgeheadError, Unavailable
from bridgehead.events import Event, RunFinished, UpToDate, Verified
from bridgehead.tables import TableError
from bridgehead.tenant import Choice, choose, open_sync
from bridgehead.ukg.tokens import TokenCache

_WORST = (0, PARTIAL, DRIFT, 9, 6, 5, 3, 4, 2, 1, 130)
"""Exit codes, the worst last: the exit code of a round is the worst of its feeds."""


class Ended(msgspec.Struct, frozen=True):
    """How one feed's sync ended. state: `complete`, `up to date`, `partial`, `drift`, `unverified`, or an error's slug.

    seconds: how long it took. The rest of an error is empty where there is none.
    """

    tenant: str
    environment: str
    feed: str
    state: str
    exit_code: int
    seconds: float
    run_id: str = ""
    accepted: int = 0
    rejected: int = 0
    message: str = ""
    cure: str = ""
    next_command: str = ""


def worst(codes: Sequence[int]) -> int:
    """Return the worst of some exit codes; 0 of none."""
    return max(codes, key=_WORST.index, default=0)


def sync_round(
    config: Config,
    tenants: Sequence[str],
    *,
    owner: str,
    desks: int,
    halt: Callable[[], BaseException | None],
    on_event: Callable[[Choice, Event], object] = lambda _choice, _event: None,
    on_wait: Callable[[Choice, str, float], object] = lambda _choice, _why, _seconds: None,
    verifying: bool = True,
) -> Iterator[Ended]:
    """Sync the feeds of some tenants, each in its default environment; yield each verdict as soon as there is one.

    owner: who runs, for the lease. desks: how many feeds at once are read and compared. on_event, on_wait: told what
    happens, from several threads. halt: asked again and again; what it returns ends every feed's run.
    """
    round_ = _Round(owner, halt, on_event, on_wait, verifying, TokenCache(), BoundedSemaphore(max(1, desks)))
    ended: SimpleQueue[Ended | None] = SimpleQueue()

    def of(tenant: str) -> None:
        try:
            for feed in config.tenants[tenant].feeds:
                ended.put(round_.sync(choose(config, tenant, None, feed)))
        finally:
            ended.put(None)

    with ThreadPoolExecutor(max(1, len(tenants)), thread_name_prefix="tenant") as pool:
        waiting = [pool.submit(of, tenant) for tenant in tenants]
        for _ in waiting:
            while (one := ended.get()) is not None:
                yield one
        for done in waiting:
            done.result()


@dataclass(frozen=True, slots=True)
class _Round:
    """What the feeds of a round have in common."""

    owner: str
    halt: Callable[[], BaseException | None]
    on_event: Callable[[Choice, Event], object]
    on_wait: Callable[[Choice, str, float], object]
    verifying: bool
    tokens: TokenCache
    desk: BoundedSemaphore

    def sync(self, choice: Choice) -> Ended:
        """Sync one feed, and return its verdict whatever happens."""
        begun, seen = time.monotonic(), _Seen()
        try:
            with open_sync(
                choice,
                halt=self.halt,
                on_wait=lambda why, seconds: self.on_wait(choice, why, seconds),
                verifying=self.verifying,
                tokens=self.tokens,
                desk=self.desk,
            ) as sync:
                for event in sync.run(owner=self.owner):
                    seen.take(event)
                    self.on_event(choice, event)
        except Exception as wrong:  # noqa: BLE001 - what nobody foresaw of one tenant hides no other's verdict
            return _failed(choice, wrong, seen, time.monotonic() - begun)
        return seen.ended(choice, time.monotonic() - begun)


class _Seen:
    """What the events of a run amount to."""

    def __init__(self) -> None:
        self.state, self.exit_code, self.run_id = "up to date", 0, ""
        self.accepted = self.rejected = 0

    def take(self, event: Event) -> None:
        """Take an event in."""
        if isinstance(event, RunFinished):
            self.state, self.run_id = event.state, event.run_id
            self.accepted, self.rejected = event.accepted, event.rejected
            self.exit_code = PARTIAL if event.rejected else 0
        elif isinstance(event, UpToDate):
            self.state = "up to date"
        elif isinstance(event, Verified) and not self.exit_code:
            self._verified(event)

    def _verified(self, event: Verified) -> None:
        if event.verdict.differences:
            self.state, self.exit_code = "drift", DRIFT
        elif event.verdict.later:
            self.state, self.exit_code = "unverified", Unavailable.exit_code

    def ended(self, choice: Choice, seconds: float) -> Ended:
        """Return the verdict."""
        where = (choice.tenant, choice.environment, choice.feed_name)
        return Ended(*where, self.state, self.exit_code, seconds, self.run_id, self.accepted, self.rejected)


def _failed(choice: Choice, wrong: Exception, seen: _Seen, seconds: float) -> Ended:
    unforeseen = f"The table engine stopped: {wrong}" if isinstance(wrong, TableError) else repr(wrong)
    error = wrong if isinstance(wrong, BridgeheadError) else BridgeheadError(unforeseen, cure="Please report this.")
    return Ended(
        choice.tenant,
        choice.environment,
        choice.feed_name,
        error.slug,
        error.exit_code,
        seconds,
        seen.run_id,
        seen.accepted,
        seen.rejected,
        error.message,
        error.cure,
        error.next_command,
    )

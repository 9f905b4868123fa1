"""How a feed's sync ended: a verdict that a person, a schedule and a program can act on, and the worst of several."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bridgehead.errors import DRIFT, PARTIAL, BridgeheadError, Paused, RowsInvalid, Unavailable
from bridgehead.events import BatchAnswered, Event, Planned, Released, RunFinished, Verified
from bridgehead.tables import TableError

_WORST = (0, PARTIAL, DRIFT, 9, 6, 5, 3, 4, 2, 1, 130)
"""Exit codes, the worst last: the exit code of a round is the worst of its feeds."""


_SHOWN = 3
"""So many examples are told of what is not as it should be."""


class Ended(msgspec.Struct, frozen=True):
    """How one feed's sync ended. state: `complete`, `up to date`, `partial`, `drift`, `unverified`, or an error's slug.

    seconds: how long it took. The rest of an error is empty where there is none. plan: the beginning of the digest of
    the plan that waits for a person. source: a digest of the planning file. retry_in: after so many seconds a run that
    gave its place back is to be placed again. released: it carried an approved plan out. looked: it read what UKG
    holds, or found that UKG does not show it.
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
    plan: str = ""
    source: str = ""
    retry_in: float | None = None
    released: bool = False
    looked: bool = False


def worst(codes: Sequence[int]) -> int:
    """Return the worst of some exit codes; 0 of none."""
    return max(codes, key=_WORST.index, default=0)


class Seen:
    """What the events of a run amount to."""

    def __init__(self) -> None:
        self.state, self.exit_code, self.run_id, self.source, self.message = "up to date", 0, "", "", ""
        self.accepted = self.rejected = 0
        self.released = self.looked = False
        self._examples: list[str] = []

    def take(self, event: Event) -> None:
        """Take an event in."""
        if isinstance(event, RunFinished):
            self.state, self.run_id = event.state, event.run_id
            self.accepted, self.rejected = event.accepted, event.rejected
            self.exit_code = PARTIAL if event.rejected else 0
            self.message = " ".join(self._examples) if event.rejected else ""
        elif isinstance(event, BatchAnswered):
            told = [f"{one.origin}: {(one.message or one.code).rstrip('.')}." for one in event.receipt.rejected]
            self._examples = [*self._examples, *told][:_SHOWN]
        elif isinstance(event, Released):
            self.released = True
        elif isinstance(event, Planned):
            self.source = event.plan.bound.source_digest
        elif isinstance(event, Verified):
            self.looked = not event.verdict.later
            self._verified(event)

    def _verified(self, event: Verified) -> None:
        if self.exit_code:  # what was rejected says more
            return
        if event.verdict.differences:
            differences = event.verdict.differences
            self.state, self.exit_code = "drift", DRIFT
            told = "; ".join(f"{one.cell} is {one.kind}" for one in differences[:_SHOWN])
            self.message = f"{len(differences):,} cells are in UKG not as they were sent: {told}."
        elif event.verdict.later:
            self.state, self.exit_code, self.message = "unverified", Unavailable.exit_code, event.verdict.cannot

    def ended(self, where: tuple[str, str, str], seconds: float) -> Ended:
        """Return the verdict of a run that came to its end. where: tenant, environment and feed."""
        return Ended(
            *where,
            self.state,
            self.exit_code,
            seconds,
            self.run_id,
            self.accepted,
            self.rejected,
            self.message,
            source=self.source,
            released=self.released,
            looked=self.looked,
        )

    def failed(self, where: tuple[str, str, str], wrong: Exception, seconds: float) -> Ended:
        """Return the verdict of a run that an error ended, also one that nobody foresaw."""
        unforeseen = f"The table engine stopped: {wrong}" if isinstance(wrong, TableError) else repr(wrong)
        error = wrong if isinstance(wrong, BridgeheadError) else BridgeheadError(unforeseen, cure="Please report this.")
        bad = error.rows[:_SHOWN] if isinstance(error, RowsInvalid) else ()
        return Ended(
            *where,
            error.slug,
            error.exit_code,
            seconds,
            self.run_id,
            self.accepted,
            self.rejected,
            " ".join([error.message, *(f"{one.origin}: {one.words}" for one in bad)]),
            error.cure,
            error.next_command,
            error.plan,
            self.source,
            error.seconds if isinstance(error, Paused) else None,
        )

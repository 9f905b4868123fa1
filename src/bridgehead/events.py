"""What happens during a run, as values. The engine yields them; a view shows them, to people or to machines."""

from __future__ import annotations

import msgspec

from bridgehead.compare.drift import Difference
from bridgehead.plan import Counts, Plan
from bridgehead.ports import Receipt


class Settling(msgspec.Struct, frozen=True):
    """A run that died is being settled: so many batches were sent, or about to be, and never answered."""

    run_id: str
    doubtful: int


class Settled(msgspec.Struct, frozen=True):
    """What was in doubt is known now."""

    run_id: str
    records: int


class Planned(msgspec.Struct, frozen=True):
    """The plan is drawn; nothing was sent."""

    plan: Plan


class Released(msgspec.Struct, frozen=True):
    """A plan that a person approved is carried out as it was signed. plan: the beginning of its digest."""

    plan: str
    approved_by: str
    reason: str


class UpToDate(msgspec.Struct, frozen=True):
    """There is nothing to send. unchanged: so many projections of the source UKG has accepted before.

    rest: changes that stay planned, since they are in no slice that was asked for.
    """

    unchanged: int
    rest: int = 0


class RunStarted(msgspec.Struct, frozen=True):
    """The plan is kept in the ledger and its first batch is about to leave."""

    run_id: str
    records: int


class BatchAnswered(msgspec.Struct, frozen=True):
    """One batch was answered, and the ledger knows it."""

    receipt: Receipt
    done: int
    records: int


class RunFinished(msgspec.Struct, frozen=True):
    """The run is over. state: complete, partial, or settled for a run that had died."""

    run_id: str
    state: str
    counts: Counts
    accepted: int
    unchanged: int
    rejected: int


class Verdict(msgspec.Struct, frozen=True):
    """What reading back found. compared: how many projections UKG holds of what the feed owns, says the ledger.

    unsettled: a run died and its batches in doubt were not settled yet, so differences may come from there.
    cannot: why UKG could not be read, so that nothing is known; empty when it was. later: another try may be able to.
    """

    compared: int
    read: int
    differences: tuple[Difference, ...]
    unsettled: bool
    cannot: str = ""
    later: bool = False

    @property
    def holds(self) -> bool:
        """Whether UKG was read, and holds exactly what the ledger says."""
        return not self.cannot and not self.differences


class Verified(msgspec.Struct, frozen=True):
    """UKG was read, or could not be: whether it holds what the ledger says."""

    verdict: Verdict


class Repaired(msgspec.Struct, frozen=True):
    """The ledger now says what UKG holds of the feed's own cells. extra: cells of nobody's that UKG holds besides."""

    projections: int
    extra: int


class Adopted(msgspec.Struct, frozen=True):
    """What UKG holds of the feed's part is the baseline now; nothing was sent."""

    run_id: str
    projections: int


Event = (
    Settling
    | Settled
    | Released
    | Planned
    | UpToDate
    | RunStarted
    | BatchAnswered
    | RunFinished
    | Verified
    | Repaired
    | Adopted
)

"""What happens during a run, as values. The engine yields them; a view shows them, to people or to machines."""

from __future__ import annotations

import msgspec

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


class UpToDate(msgspec.Struct, frozen=True):
    """There is nothing to send. unchanged: so many projections of the source UKG has accepted before."""

    unchanged: int


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


Event = Settling | Settled | Planned | UpToDate | RunStarted | BatchAnswered | RunFinished

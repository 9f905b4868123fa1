"""Whether the ledger knows what UKG holds, else a person adopts it first; and what that says of a plan drawn before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridgehead.errors import AdoptionNeeded, NoReadBack
from bridgehead.feed import Feed
from bridgehead.plan import Owned, Plan
from bridgehead.ports import Ledger

if TYPE_CHECKING:  # a run that finds nothing to do reads nothing back
    from bridgehead.verify import ReadingBack


def check_restored(feed: Feed, ledger: Ledger) -> None:
    """Raise AdoptionNeeded when the ledger was put back from a backup: what was sent since is not in it."""
    restored_at = ledger.baseline().restored_at
    if restored_at:
        raise _adopt_first(
            feed, f"The ledger was restored from a backup ({restored_at}): what UKG accepted since is not in it."
        )


def check_known(plan: Plan, reading: ReadingBack) -> None:
    """Raise AdoptionNeeded when nothing is known of the feed, and UKG holds something of what it would own."""
    ledger = reading.ledger
    if ledger.baseline().known or not plan.counts.changes:
        return
    parts = plan.owned or tuple(
        dict.fromkeys(Owned(one.scenario, one.version, one.period_start, one.period_start) for one in plan.months)
    )
    try:
        holds = reading.holds_any(parts)
    except NoReadBack:
        return
    if holds and not ledger.baseline().known:  # else a first run has begun while it was read
        message = "The ledger knows nothing of this feed, and UKG holds projections of its part."
        raise _adopt_first(reading.feed, message)


def held_against(plan: Plan, reading: ReadingBack) -> Plan:
    """Hold a plan that was drawn before against what is known by now, and against what UKG has where rules say so.

    It is carried out as it was signed, or not at all: where cells of others are to be kept, it stops.
    """
    feed = reading.feed
    overlap = feed.overlap(plan.owned, reading.ledger.neighbours())
    if overlap is not None:
        raise overlap
    check_known(plan, reading)
    if not feed.policy.read_back:
        return plan
    from bridgehead.compare.conflicts import find_conflicts_of_plan  # noqa: PLC0415 - see above

    target = reading.target
    conflicts, count = find_conflicts_of_plan(reading.session, target.read, target.open().names)
    on_drift = "overwrite" if feed.policy.on_drift == "overwrite" else "stop"
    if plan.reverts:  # what has changed since that run was found when it was drawn
        conflicts = tuple({one.cell: one for one in (*conflicts, *plan.conflicts)}.values())
        count, on_drift = max(count, plan.conflicting, len(conflicts)), "stop"
    return replace(plan, conflicts=conflicts, conflicting=count, on_drift=on_drift)


def _adopt_first(feed: Feed, message: str) -> AdoptionNeeded:
    return AdoptionNeeded(
        f"{message} Nothing was sent.",
        cure="Adopt what UKG holds as the baseline, which sends nothing; the plan then shows what differs.",
        next_command=f"bridgehead adopt {feed.tenant} --environment {feed.environment} --feed {feed.name}",
    )

"""Whether the ledger knows what UKG holds; a person adopts it first where a feed is new, or a backup was restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def _adopt_first(feed: Feed, message: str) -> AdoptionNeeded:
    return AdoptionNeeded(
        f"{message} Nothing was sent.",
        cure="Adopt what UKG holds as the baseline, which sends nothing; the plan then shows what differs.",
        next_command=f"bridgehead adopt {feed.tenant} --environment {feed.environment} --feed {feed.name}",
    )

"""Did it arrive? Read back what UKG holds, compare it with what it accepted, and bring the ledger in line if asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from bridgehead.compare.accepted import held_parts, prepare
from bridgehead.compare.differences import write_owned
from bridgehead.compare.drift import add_remote, adopt_remote, drift, repair_from_remote, stage_remote
from bridgehead.errors import EvidenceMissing, Interlock, Refused, Unavailable
from bridgehead.events import Verdict
from bridgehead.feed import Feed
from bridgehead.gathering import gather
from bridgehead.plan import Owned, apart
from bridgehead.ports import Ledger, Target
from bridgehead.projection import Cell
from bridgehead.tables import Session

_MANY = 5_000
"""Projections of a part of the plan from which on its months are read side by side."""


@dataclass(frozen=True, slots=True)
class ReadingBack:
    """Reads what UKG holds, several parts side by side. pool: its threads wait for UKG."""

    feed: Feed
    target: Target
    ledger: Ledger
    session: Session
    pool: Executor

    def verify(self) -> Verdict:
        """Read back the part that the feed owns, and name every cell that is missing, extra or different."""
        unsettled, owned = self._begin()
        compared = int(
            self.session.value(
                "SELECT count(*) FROM accepted WHERE NOT retired AND is_owned(scenario, version, period_start)"
            )
        )
        self._read(owned)
        read = int(self.session.value("SELECT count(*) FROM remote"))
        # A cell that another feed is complete for by now, and this one no more, is that one's to answer for.
        ours = self.feed.owns or self.ledger.baseline().owned
        others = [part for parts in self.ledger.neighbours().values() for part in parts]
        found = [one for one in drift(self.session) if _is_of(one.cell, ours) or not _is_of(one.cell, others)]
        return Verdict(compared, read, tuple(found), unsettled)

    def look(self) -> Verdict:
        """Do the same after a delivery, which stands whether UKG can be read or not; else the verdict says why not."""
        try:
            return self.verify()
        except (Interlock, EvidenceMissing):
            raise
        except (Refused, Unavailable) as wrong:
            told = f"{wrong.message} {wrong.cure}"
            return Verdict(0, 0, (), unsettled=False, cannot=told, later=isinstance(wrong, Unavailable))

    def repair(self, verdict: Verdict) -> int:
        """Let the ledger say what UKG was found to hold of the feed's own cells; return how many it now says."""
        count = repair_from_remote(self.session)
        parts = self.feed.owns or self.ledger.baseline().owned or held_parts(self.session)
        self.ledger.adopt(self.session, state="repaired", count=len(verdict.differences), owned=parts)
        return count

    def adopt(self, planned: Sequence[Owned]) -> tuple[str, int]:
        """Take all that UKG holds of the owned part as accepted; return the run's id, and how many projections it is.

        planned: what the feed is complete for by its source.
        """
        _, held = self._begin()
        owned = apart([*planned, *held])
        write_owned(self.session, owned)
        self._read(owned)
        count = adopt_remote(self.session)
        return self.ledger.adopt(self.session, state="adopted", count=count, owned=planned), count

    def holds_any(self, parts: Sequence[Owned]) -> bool:
        """Whether UKG holds anything but zeros in these parts of the plan; not more is read than that takes."""
        names = self.target.open().names
        stage_remote(self.session)
        for page in self.target.read(parts):
            add_remote(self.session, page, names)
            if self.session.value(
                "SELECT EXISTS (SELECT 1 FROM remote WHERE headcount <> 0 OR fte <> 0 OR hours <> 0 OR cost <> 0)"
            ):
                return True
        return False

    def _begin(self) -> tuple[bool, tuple[Owned, ...]]:
        """Stage what the ledger says, and what the feed owns by it; return whether a run is not settled, and that."""
        self.target.open()
        prepare(self.session)
        unsettled = self.ledger.unfinished(self.session) is not None
        self.ledger.snapshot(self.session)
        owned = self.feed.owns or held_parts(self.session)
        write_owned(self.session, owned)
        return unsettled, owned

    def _read(self, owned: Sequence[Owned]) -> None:
        """Fill `remote`."""
        names = self.target.open().names
        stage_remote(self.session)
        count = int(self.session.value("SELECT count(*) FROM accepted"))
        parts = [one for part in apart(owned) for one in self._by_months(part)] if count > _MANY else apart(owned)
        self.target.expect(len(parts) + count // self.target.open().max_records)
        for page in gather(self.pool, [partial(self.target.read, [part]) for part in parts]):
            add_remote(self.session, page, names)

    def _by_months(self, part: Owned) -> Iterator[Owned]:
        """Yield a part of the plan by the months in which something was accepted, and what lies between as a whole."""
        rows = self.session.ask(
            "SELECT DISTINCT period_start FROM accepted WHERE scenario = $scenario AND version = $version ORDER BY 1",
            {"scenario": part.scenario, "version": part.version},
        )
        yield from by_months(part, [month for (month,) in rows])


def by_months(part: Owned, months: Sequence[date]) -> Iterator[Owned]:
    """Yield a part of the plan in pieces without a gap: each of these months by itself, and what lies between."""

    def piece(first: date, last: date) -> Owned:
        return Owned(part.scenario, part.version, first, last)

    begins: date | None = part.first_period
    for month in months:
        if begins is None or not begins <= month <= part.last_period:
            continue
        if begins < month:
            yield piece(begins, month - timedelta(days=1))
        ends = min(part.last_period, _last_day(month))
        yield piece(month, ends)
        begins = ends + timedelta(days=1) if ends < part.last_period else None
    if begins is not None:
        yield piece(begins, part.last_period)


def _last_day(day: date) -> date:
    if (day.year, day.month) == (date.max.year, 12):
        return date.max
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)


def _is_of(cell: Cell, parts: Sequence[Owned]) -> bool:
    """Whether a cell lies in one of these parts of the plan."""
    return any(
        (cell.scenario, cell.version) == (part.scenario, part.version)
        and part.first_period <= cell.period_start <= part.last_period
        for part in parts
    )

"""The way back: what would bring back what stood before a run, and which of its cells have changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from bridgehead.compare.accepted import held_parts, join
from bridgehead.compare.conflicts import find_conflicts, shown_conflicts
from bridgehead.compare.constants import compare_as_needed
from bridgehead.compare.differences import Compared, write_owned
from bridgehead.plan import Conflict, Owned, apart
from bridgehead.projection import Cell
from bridgehead.tables import Session, question

_HERE = "bridgehead.compare"


def stage_arrived(session: Session, ranges: Sequence[tuple[int, int]], rejected: Sequence[int]) -> None:
    """Fill `arrived` with the rows of `past_rows` that UKG took. ranges: that were answered, or may have been taken."""
    session.fill("arrived_ranges", ("first BIGINT", "last BIGINT"), list(join(ranges)))
    session.fill("rejected", ("row BIGINT",), [(row,) for row in rejected])
    session.spool("arrived", question(_HERE, "arrived"))


def take_back(session: Session) -> None:
    """Let `difference` be what brings back what stood before the run; every row counts as an update until `resolve`."""
    session.ask(question(_HERE, "begin"))
    session.spool("difference", question(_HERE, "reverted"))
    session.ask(question(_HERE, "moves_back"))


def outside(session: Session, owned: Sequence[Owned]) -> Cell | None:
    """Return the first cell of the difference that lies outside of what a feed owns, None when there is none."""
    write_owned(session, owned)
    found = session.ask(
        "SELECT scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type"
        " FROM difference AS d WHERE NOT is_owned(d.scenario, d.version, d.period_start) ORDER BY row LIMIT 1"
    )
    return Cell(*found[0]) if found else None


def resolve(session: Session, before: Sequence[Owned]) -> tuple[tuple[Owned, ...], Compared]:
    """Let each row of the difference say what is done; return what it all lies in, and what is held of that.

    before: what the feed was complete for when it last sent something.
    """
    session.spool("difference", "SELECT * EXCLUDE (row, becomes) REPLACE (becomes AS action) FROM difference")
    touched = [Owned(*row) for row in session.ask(question(_HERE, "changing"))]
    owned = apart([*(before or held_parts(session)), *touched])
    write_owned(session, owned)
    compare_as_needed(session, {})
    session.ask(question(_HERE, "standing"))
    session.fill("typed", ("rounded BOOLEAN",), [])  # no source was read
    live = int(session.value("SELECT coalesce(sum(live), 0) FROM standing"))
    changing = session.value("SELECT count(*) FROM difference WHERE NOT coalesce(retired_before, true)")
    return owned, Compared(live - int(changing), live)


def find_changed(
    session: Session, read: Callable[[Sequence[Owned]], Iterator[bytes]] | None, names: Mapping[str, str]
) -> tuple[tuple[Conflict, ...], int]:
    """Return the first cells that have changed since the run, and how many there are.

    read: yields what UKG holds of a part of the plan, where others may have changed it; None: only the ledger is asked.
    """
    session.ask(question(_HERE, "changed_since"))
    if read is None:
        session.ask("CREATE OR REPLACE TABLE conflicts AS FROM changed_since")
    else:
        find_conflicts(session, read, names, "stop")
        session.ask("INSERT INTO conflicts FROM changed_since WHERE row NOT IN (SELECT row FROM conflicts)")
    return shown_conflicts(session)

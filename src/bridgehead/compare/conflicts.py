"""Before sending: whether UKG still holds what was last sent of the cells that a plan changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from bridgehead.compare.drift import add_remote, stage_remote
from bridgehead.plan import Conflict, Owned
from bridgehead.projection import Cell, Projection
from bridgehead.tables import Session, question

_HERE = "bridgehead.compare"
_SHOWN = 20


def find_conflicts(
    session: Session,
    read: Callable[[Sequence[Owned]], Iterator[bytes]],
    names: Mapping[str, str],
    on_drift: Literal["stop", "overwrite", "keep"],
) -> tuple[tuple[Conflict, ...], int]:
    """Read back what `difference` would change; return the first conflicts, and how many there are.

    read: yields what UKG holds of a part of the plan, in pages. on_drift: keep leaves them out of the difference.
    """
    stage_remote(session)
    for page in read([Owned(*row) for row in session.ask(question(_HERE, "changing"))]):
        add_remote(session, page, names)
    session.ask(question(_HERE, "conflicts"))
    session.drop("remote")
    found, count = shown_conflicts(session)
    if count and on_drift == "keep":
        session.spool("difference", question(_HERE, "keep"))
    return found, count


def shown_conflicts(session: Session) -> tuple[tuple[Conflict, ...], int]:
    """Return the first of the conflicts that were found, and how many there are."""
    found = [
        Conflict(
            cell=(cell := Cell(*row[3:13])),
            sent=None if row[1] else Projection(cell, *row[13:18]),
            now=None if row[2] else Projection(cell, *row[18:23]),
            planned=Projection(cell, *row[23:28]),
        )
        for row in session.ask("SELECT * FROM conflicts ORDER BY row LIMIT $most", {"most": _SHOWN})
    ]
    count = int(session.value("SELECT count(*) FROM conflicts"))
    return tuple(found), count


def find_conflicts_of_plan(
    session: Session, read: Callable[[Sequence[Owned]], Iterator[bytes]], names: Mapping[str, str]
) -> tuple[tuple[Conflict, ...], int]:
    """Do the same for `plan_rows`, a plan that was saved: its rows stay as they are, whatever has changed."""
    session.ask("CREATE OR REPLACE VIEW difference AS SELECT * FROM plan_rows")
    return find_conflicts(session, read, names, "stop")


def conflicting_cells(session: Session) -> set[Cell]:
    """Return the cells of all conflicts that were found."""
    return {Cell(*row[3:13]) for row in session.ask("SELECT * FROM conflicts")}

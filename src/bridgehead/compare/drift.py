"""Where UKG is not as the ledger says: what was read back against what was accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridgehead.compare.accepted import ACCEPTED_COLUMNS
from bridgehead.errors import RequestRefused
from bridgehead.projection import DIMENSIONS, Cell, Projection
from bridgehead.tables import Session, TableError, question

_HERE = "bridgehead.compare"
_CELL = ", ".join(DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell where UKG is not as the ledger says. kind: missing, extra or different."""

    kind: str
    cell: Cell
    expected: Projection | None
    found: Projection | None


def stage_remote(session: Session) -> None:
    """Make the empty table of what UKG holds."""
    columns = [column for column in ACCEPTED_COLUMNS if not column.endswith("BOOLEAN")]
    session.fill("remote", columns, [])


def add_remote(session: Session, page: bytes, names: Mapping[str, str]) -> None:
    """Add a page of records, as they came over the wire, to `remote`."""
    fields = [(names[column.split()[0]], column.split(maxsplit=1)[1]) for column in ACCEPTED_COLUMNS[:-2]]
    # Wider than ours: what does not fit into its type would be read as nothing at all.
    inner = ", ".join(f'"{name}": "{kind.replace("DECIMAL(18", "DECIMAL(38")}"' for name, kind in fields)
    try:
        session.ask(question(_HERE, "remote"), {"page": page.decode(), "shape": f"[{{{inner}}}]"})
    except TableError as wrong:
        raise RequestRefused(
            f"UKG holds a figure that no plan has: {wrong}.", cure="Correct it in UKG; no measure reaches 10^14."
        ) from None


def adopt_remote(session: Session) -> int:
    """Fill `adopted` with all of `remote`, and with what was accepted outside of `owned`; return how many it holds."""
    session.ask(question(_HERE, "adopted"))
    twice = session.ask(f"SELECT {_CELL} FROM adopted GROUP BY ALL HAVING count(*) > 1 LIMIT 1")  # noqa: S608 - ours
    if twice:
        raise RequestRefused(
            f"UKG gave one cell twice while it was read: {Cell(*twice[0])}. The ledger stays as it is.",
            cure="Try again when nobody changes the plan there; compare headcount.query in the dialect.",
        )
    return _adopted(session)


def repair_from_remote(session: Session) -> int:
    """Fill `adopted` with the cells of `accepted` as `remote` has them by now; return how many it holds."""
    session.ask(question(_HERE, "repaired"))
    return _adopted(session)


def _adopted(session: Session) -> int:
    return int(session.value("SELECT count(*) FROM adopted WHERE NOT retired"))


def drift(session: Session) -> list[Difference]:
    """Compare `remote` with `accepted`, inside `owned`."""
    found = []
    for kind, *rest in session.ask(question(_HERE, "drift")):
        row = tuple(rest)
        cell = Cell(*row[:10])
        expected = None if kind == "extra" else Projection(cell, *row[10:15])
        found.append(Difference(kind, cell, expected, None if kind == "missing" else Projection(cell, *row[15:20])))
    return found

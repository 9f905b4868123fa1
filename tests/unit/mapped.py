"""Reading a table of texts through a mapping, for the tests of columns and of wide files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bridgehead.sources.mapping import FIELDS, ColumnMapping, Headers
from bridgehead.sources.mapping.fitting import fit
from bridgehead.sources.mapping.staging import Table, stage
from bridgehead.tables import Session

ORDERLY = {"scenario": "budget", "version": "v1", "period_start": "2027-01", "org_unit": "A", "headcount": "1"}
UNSET = ("cost_center", "location", "job")
NASTY = (
    "'; DROP TABLE raw; --",
    '"; DROP TABLE raw; --',
    "it's",
    '"',
    "''",
    "$name",
    "?",
    "%s {0} {name}",
    "\\",
    "--",
    "/*",
    "Zürich 東京 🚲",
    "a\u2028b",
)
MONTHS = r"(?P<year>\d{4})-(?P<month>\d{2})"


def read(
    session: Session, mapping: ColumnMapping, header: Sequence[str], *rows: Sequence[str | None]
) -> list[dict[str, Any]]:
    session.fill("raw", [f"c{index} VARCHAR" for index in range(len(header))], rows)
    stage(session, [Table(fit(mapping, header, "plan.csv"), "raw")])
    names = ("record", "origin_column", *FIELDS, "period")
    found = session.ask(f"SELECT {', '.join(names)} FROM text_rows ORDER BY record, period, origin_column")  # noqa: S608
    return [dict(zip(names, values, strict=True)) for values in found]


def read_one(
    session: Session, mapping: ColumnMapping, *, leave: Sequence[str] = (), **cells: str | None
) -> dict[str, Any]:
    """Read one row whose columns are called like our fields."""
    row = {name: value for name, value in {**ORDERLY, **cells}.items() if name not in leave}
    (found,) = read(session, mapping, list(row), list(row.values()))
    return found


def plain(*, leave: Sequence[str] = (), more: Sequence[str] = (), **settings: Any) -> ColumnMapping:
    columns = {name: name for name in (*ORDERLY, *more) if name not in leave}
    return ColumnMapping(columns=columns, **{"unset": UNSET, **settings})


def wide(pattern: str = MONTHS, measure: Any = "headcount", measures: Any = None, **settings: Any) -> ColumnMapping:
    headers = Headers(pattern=pattern, measure=measure, measures=measures or {})
    constants = settings.pop("constants", {"scenario": "budget", "version": "v1"})
    return ColumnMapping(columns={"org_unit": "org"}, constants=constants, headers=headers, unset=UNSET, **settings)

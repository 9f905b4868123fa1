"""Planning files to measure with, the same on every machine: a plan, and its twins in which something changed."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

COLUMNS = "scenario,version,period,org_unit,cost_center,location,job,headcount,fte,cost,currency"

TWINS = {
    "base": ("base", "TRUE", "FALSE"),
    # The last line stands first: another file that says the same.
    "rewritten": ("rewritten", "TRUE", "FALSE"),
    # 0.6 % updated, 0.2 % gone, and 0.2 % new ones at the end.
    "changed": ("grown", "number >= $rows OR number * 7919 % 1000 NOT IN (6, 7)", "number * 7919 % 1000 < 6"),
    # Every row updated.
    "all-changed": ("base", "TRUE", "TRUE"),
}
"""A twin: which numbers there are, which of them are lines, and which lines say something new."""

_NUMBERS = {
    "base": "SELECT range AS number FROM range($rows)",
    "rewritten": "SELECT $rows - 1 AS number UNION ALL SELECT range FROM range($rows - 1)",
    "grown": "SELECT range AS number FROM range($rows + $rows // 500)",
}

_LINES = """
SELECT
    'budget' AS scenario,
    'v1' AS version,
    CAST(DATE '2027-01-01' + to_months(CAST(month AS INTEGER)) AS DATE) AS period,
    printf('%05d', cell // 40) AS org_unit,
    printf('CC%05d', cell // 40) AS cost_center,
    printf('L%02d', cell // 40 % 60) AS location,
    printf('J%03d', cell % 40) AS job,
    heads + fresh AS headcount,
    CAST(heads + fresh - number * 31 % 4 / 4 AS DECIMAL(12, 2)) AS fte,
    CAST((heads + fresh) * 4150 + number * 7919 % 100000 / 100 AS DECIMAL(14, 2)) AS cost,
    'EUR' AS currency
FROM (
    SELECT
        number,
        number // 24 AS cell,
        number % 24 AS month,
        1 + (number // 24) * 7919 % 30 + number * 13 % 3 AS heads,
        CAST(number < $rows AND ({updated}) AS INTEGER) AS fresh
    FROM ({numbers})
    WHERE {kept}
)
"""


def lines(rows: int, twin: str) -> str:
    """Compose the query for a twin's lines, in the order of the file."""
    numbers, kept, updated = TWINS[twin]
    query = _LINES.format(numbers=_NUMBERS[numbers], kept=kept, updated=updated)
    return query.replace("$rows", str(rows))


def write(rows: int, twin: str, path: Path) -> None:
    """Write a planning file."""
    side = path.with_suffix(".part")
    duckdb.sql(f"COPY ({lines(rows, twin)}) TO '{side}' (FORMAT csv, HEADER)")
    side.rename(path)


if __name__ == "__main__":
    write(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))

"""Cells that a spreadsheet would run as a formula: marked by an apostrophe when written, and exactly themselves again.

A mark goes before a sign that begins a formula, at the beginning of a cell and after whatever another program may take
for the end of one (OWASP, CSV injection). Where apostrophes stand before it already they become one more, so that no
cell of a source is taken for a marked one. A plain number is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bridgehead.sources.mapping import REJECT_COLUMNS
from bridgehead.tables import Session, literal, question

_SIGNS = "=+@\uff1d\uff0b\uff0d\uff20-"
_BLANK = "\t\r\n"
_ENDS = ',;|"\t\r\n'
_NUMBER = re.compile("[+-]?[0-9]+([.,' \u00a0\u202f][0-9]{3})*([.,][0-9]*)?|[+-][.,][0-9]+")
_INSIDE = re.compile(f"(^|[{_ENDS}])('*[{_SIGNS}])")
_BEGINNING = re.compile(f"^('*[{_BLANK}])")
_MARKING_INSIDE = r"\1'\2"
_MARKING_BEGINNING = r"'\1"
MARKED_INSIDE = f"(^|[{_ENDS}])'('*[{_SIGNS}])"
MARKED_BEGINNING = f"^'('*[{_BLANK}])"


def marked(cell: str) -> str:
    """Return a cell that no spreadsheet runs."""
    if _NUMBER.fullmatch(cell):
        return cell
    return _BEGINNING.sub(_MARKING_BEGINNING, _INSIDE.sub(_MARKING_INSIDE, cell))


def define_marked(session: Session) -> None:
    """Define the macro `marked`, which does the same with the cells of a table."""
    number, inside, beginning = (literal(one.pattern) for one in (_NUMBER, _INSIDE, _BEGINNING))
    within = f"regexp_replace(cell, {inside}, {literal(_MARKING_INSIDE)}, 'g')"
    session.ask(
        f"CREATE OR REPLACE MACRO marked(cell) AS (CASE WHEN regexp_full_match(cell, {number}) THEN cell"
        f" ELSE regexp_replace({within}, {beginning}, {literal(_MARKING_BEGINNING)}) END)"
    )


def unmarked(cell: str) -> str:
    """Return the cell that was marked."""
    return re.sub(MARKED_INSIDE, r"\1\2", re.sub(MARKED_BEGINNING, r"\1", cell))


def is_rejects(header: Sequence[str]) -> bool:
    """Tell whether a header is that of a rejects file, whose cells are marked."""
    return tuple(header[-len(REJECT_COLUMNS) :]) == REJECT_COLUMNS


def unmark(session: Session) -> None:
    """Let the cells of the session's table `raw` be what they were."""
    session.ask(question("bridgehead.sources", "unmarked"), {"beginning": MARKED_BEGINNING, "inside": MARKED_INSIDE})

"""A first reading of a planning file that nobody has described, for `bridgehead init`.

For: recognising columns, months, notations and accounts, and writing the section that reads the file.
May touch: the tables that the readers open, the session it is handed.
May not: decide between two readings that the file leaves open; write a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bridgehead.sources.guess import accounts, closing, fields, pov, wide
from bridgehead.sources.guess.draft import Context, Draft, Question
from bridgehead.sources.guess.opening import Opened, Where, open_tables
from bridgehead.sources.guess.rehearsal import Rehearsed, rehearse
from bridgehead.sources.guess.seen import Looked, Seen, looked_at
from bridgehead.sources.guess.writing import section
from bridgehead.sources.reader import Reader
from bridgehead.tables import Session

__all__ = ["Looked", "Question", "Rehearsed", "Seen", "Where", "guess"]

_STEPS = (
    pov.name_pov,
    accounts.name_account,
    wide.name_wide,
    fields.name_periods,
    accounts.name_value,
    fields.name_fields,
    fields.leave_remarks,
    accounts.name_flags,
    closing.name_heads,
    fields.name_leftovers,
    closing.read_numbers,
    closing.split_heads,
    accounts.leave_totals,
    closing.read_missing,
    closing.fill_gaps,
    closing.set_aside,
    closing.tell_names,
)
"""In this order: what is surest first, since each step looks at the columns that are left."""


def guess(
    where: Where,
    *,
    name: str,
    path: str,
    scales: Mapping[str, int],
    session: Session,
    scratch: Path,
    reader: Reader | None = None,
) -> Looked:
    """Look at a table; return what was seen, and the section that reads it.

    name: of the feed's table in the configuration. path: of the file, as it is to stand there. scales: decimals of each
    measure on the wire. reader: of a database, instead of a path. Raises DataError or ConfigError when nothing can be
    read at all.
    """
    opened = open_tables(where, session, scratch, reader)
    draft = Draft(opened, Context.of(opened))
    _ask_about_reading(draft)
    for step in _STEPS:
        step(draft)
    spooled = replace(where, path=str(scratch / "stdin")) if where.path == "-" else where
    rehearsed = rehearse(draft, spooled, scales, session, scratch, reader)
    return looked_at(draft, rehearsed, section(draft, where, name, path))


def _ask_about_reading(draft: Draft) -> None:
    """Ask about what the readers cannot tell either."""
    opened: Opened = draft.opened
    written = opened.written
    if opened.mixed:
        names = ", ".join(opened.mixed[:3])
        draft.ask("encoding", f"{names} and {opened.names[0]} are not written alike; save them in one encoding.")
    elif written.other:
        draft.look(
            "encoding",
            f"{written.encoding} makes {written.shown!r} of what {written.other} makes {written.other_shown!r} of.",
            f'encoding = "{written.other}"',
        )
    if opened.rivals:
        sheets = (opened.sheet, *opened.rivals)
        draft.ask(
            "sheet", f"Several sheets look like a plan: {', '.join(sheets)}.", *(f'sheet = "{one}"' for one in sheets)
        )
    if opened.delimiters:
        told = [f"delimiter = {one!r}".replace("'", '"') for one in opened.delimiters]
        draft.ask("delimiter", "The lines can be separated in several ways.", *told)

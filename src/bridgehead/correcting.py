"""The rows of a source that a person has to correct: those that break a rule, and those whose records UKG rejected.

They are told so that they can be fed back: with a row go the others that say something of the same cells, since half a
cell, or a part of a sum, would take away what UKG holds of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bridgehead.compare.telling import bad_rows
from bridgehead.errors import BadRow
from bridgehead.ports import Rejected, Source, Staged
from bridgehead.tables import Session, question

_HERE = "bridgehead.compare"


class ToCorrect(msgspec.Struct, frozen=True):
    """The source's columns, and its rows as they stand there, each with all that is wrong with it.

    gone: so many records that UKG rejected are no longer in the source, as those that it was to retire.
    """

    columns: Sequence[str] = ()
    rows: Sequence[tuple[Sequence[str], Sequence[BadRow]]] = ()
    gone: int = 0


def rows_to_correct(
    session: Session, source: Source, staged: Staged | None, refused: Sequence[Rejected], *, whole: bool
) -> ToCorrect:
    """Return them, in the order of the source.

    staged: what the source had staged, None where only a saved plan is carried out. refused: what UKG rejected of
    `plan_rows`. whole: whether several rows may say something of one cell. Raises SourceUnreadable when the source is
    no longer what was staged.
    """
    told: dict[int, list[BadRow]] = {}
    if staged is not None:
        for record, bad in bad_rows(session, words=staged.words, locate=source.locate):
            told.setdefault(record, []).append(bad)
    if not told and not refused:
        return ToCorrect()
    source.stage_apart(session)
    session.ask(question(_HERE, "apart_cells"))
    if told and whole:
        for record, other in session.ask(question(_HERE, "companions"), {"records": list(told)}):
            words = f"belongs to a cell of {source.locate(record, '')}, and has to go with it"
            told.setdefault(other, []).append(BadRow(source.locate(other, ""), "", None, told[record][0].rule, words))
    found = _refused(session, source, refused, told) if refused else set()
    columns, rows = source.original(session, list(told))
    return ToCorrect(columns, [(rows[record], told[record]) for record in sorted(told)], len(refused) - len(found))


def _refused(session: Session, source: Source, refused: Sequence[Rejected], told: dict[int, list[BadRow]]) -> set[int]:
    """Add what UKG said to the rows that the records were made of; return which rows of the plan these are.

    They are found by their cells: of a saved plan the numbers of its records may by now mean other ones.
    """
    said, found = {one.row: one for one in refused}, set()
    for row, record, column in session.ask(question(_HERE, "refused"), {"rows": list(said)}):
        one = said[row]
        words = one.message or "UKG rejected it without a word"
        bad = BadRow(source.locate(record, column or ""), one.field, None, one.code or "rejected", words)
        told.setdefault(record, []).append(bad)
        found.add(row)
    return found

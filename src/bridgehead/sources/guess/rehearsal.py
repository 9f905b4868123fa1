"""The plan read as the written section says, by the same steps as `plan`: what it comes to, or what stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bridgehead.compare.accepted import prepare
from bridgehead.compare.rules import judge
from bridgehead.compare.telling import refuse, report
from bridgehead.errors import BridgeheadError, RowsInvalid
from bridgehead.sources.csv import CsvReader, look
from bridgehead.sources.files import open_files, wanted_by
from bridgehead.sources.guess.closing import leave_blank
from bridgehead.sources.guess.draft import Draft
from bridgehead.sources.guess.opening import Where
from bridgehead.sources.guess.toml import line
from bridgehead.sources.guess.wholes import leave_wholes
from bridgehead.sources.guess.words import PERSONS, REMARKS
from bridgehead.sources.mapping import ColumnMapping
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.sources.reader import Reader
from bridgehead.tables import Session, TableError, question

_HERE = "bridgehead.sources.guess"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What the plan comes to. refused: why `plan` would stop, and what it would say; empty when it would not."""

    cells: int = 0
    head_months: str = "0"
    fte_months: str = "0"
    first: str = ""
    last: str = ""
    months: int = 0
    refused: str = ""
    cure: str = ""


def rehearse(
    draft: Draft, where: Where, scales: Mapping[str, int], session: Session, scratch: Path, reader: Reader | None = None
) -> Rehearsed:
    """Read the plan as the draft says; add what that shows: the header's row, blank dimensions, totals."""
    found = _rehearsed(draft, where, scales, session, scratch, reader)
    if not found.refused and leave_wholes(draft, session):
        return _rehearsed(draft, where, scales, session, scratch, reader)
    return found


def _rehearsed(
    draft: Draft, where: Where, scales: Mapping[str, int], session: Session, scratch: Path, reader: Reader | None
) -> Rehearsed:
    prepare(session)
    mapping = msgspec.convert(draft.settings, ColumnMapping)
    try:
        readers = [reader] if reader is not None else _readers(draft, where, mapping, session, scratch)
        source = PlanningFile(readers, mapping, where.folder)
        staged = source.stage(session)
        (blank,) = session.ask(question(_HERE, "blanks"))
        leave_blank(draft, dict(zip(("cost_center", "location", "job"), blank, strict=True)))
        judge(session, scales=scales, unset=draft.settings.get("unset", ()))
        refuse(report(session, words=staged.words, locate=source.locate))
        (found,) = session.ask(question(_HERE, "rehearsed"))
    except RowsInvalid as wrong:
        _tell(draft, wrong)
        first = wrong.rows[0]
        return Rehearsed(refused=f"{wrong.message} {first.origin} {first.words}.", cure=wrong.cure)
    except BridgeheadError as wrong:
        return Rehearsed(refused=wrong.message, cure=wrong.cure)
    except TableError as wrong:
        return Rehearsed(refused=str(wrong))
    cells, heads, fte, first, last, months = found
    return Rehearsed(cells, heads, fte, first or "", last or "", months)


def _readers(draft: Draft, where: Where, mapping: ColumnMapping, session: Session, scratch: Path) -> Sequence[Reader]:
    """Open the tables as `plan` would; where that finds another header, its row has to be said."""
    opened = draft.opened
    readers: Sequence[Reader] = ()
    for row in (0, opened.found.row):
        readers = open_files(
            where.folder,
            where.path,
            scratch,
            wanted=wanted_by(mapping, row, opened.found.rows),
            encoding=opened.encoding,
            delimiter=opened.delimiter,
            sheet=opened.sheet,
        )
        if _header(readers[0], session) == opened.headers[0]:
            draft.header_row = row
            return readers
    return readers


def _header(reader: Reader, session: Session) -> tuple[str, ...]:
    try:
        if isinstance(reader, CsvReader):
            told = {"encoding": reader.encoding, "delimiter": reader.delimiter}
            return look(reader.path, **told, wanted=reader.wanted).header
        return reader.load(session).header
    except BridgeheadError:
        return ()


def _tell(draft: Draft, wrong: RowsInvalid) -> None:
    """Ask for the settings that decide about the rows that were refused."""
    rules = {row.rule: row for row in wrong.rows}
    if "duplicate" in rules:
        left = [one for one in draft.columns if not draft.roles.get(one.number) and one.present]
        left = [one for one in left if one.title.words not in (*PERSONS, *REMARKS) and one.distinct > 1]
        shown = ", ".join(repr(one.name) for one in left[:6])
        told = f" Does one of those tell them apart that were left aside: {shown}?" if left else ""
        lacking = [ours for ours in ("location", "job", "cost_center", "position", "grade") if not draft.known(ours)]
        codes = [one.name for one in left if not one.counts]
        lines = [line(ours, title) for ours, title in zip(lacking, codes, strict=False)][:3]
        draft.offers.setdefault("columns", []).extend(lines)
        words = f"Cells are planned more than once, as at {rules['duplicate'].origin}.{told}"
        draft.ask("rules.duplicates", words, *lines, 'rules.duplicates = "sum"')
    for rule in ("whole", "boundary", "negative", "required", "heads", "number"):
        if rule in rules and not (rule == "number" and any(one.setting == "decimal" for one in draft.questions)):
            row, count = rules[rule], wrong.by_rule.get(rule, 1)
            told = f"{count:,} times: {row.origin} {row.words}."
            told += {
                "required": " If a cell stands for those below it, fill it down in the file.",
                "number": " Rows that are no plan can be left out: without.",
            }.get(rule, "")
            setting = {"number": "missing"}.get(rule, f"columns.{_ours(draft, row.column)}")
            draft.ask(setting, told)


def _ours(draft: Draft, title: str) -> str:
    columns = draft.settings.get("columns", {})
    return next((ours for ours, named in columns.items() if title == named or title in named), title)

"""What judging found, told for people: each mistake once, at its place in the file, in the file's own words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridgehead.compare.readings import of_boundary, of_control, of_number, of_parts, of_period
from bridgehead.compare.rules import RULES
from bridgehead.compare.wording import Wording, word
from bridgehead.errors import BadRow, RowsInvalid
from bridgehead.projection import MEASURES, SEPARATOR
from bridgehead.tables import Row, Session, question

_HERE = "bridgehead.compare"

SHOWN = 1000
"""So many mistakes of each rule are listed; the rest is counted."""

_PLACES = 20
"""So many of a duplicate's places are named."""

Locate = Callable[[int, str], str]


@dataclass(frozen=True, slots=True)
class Report:
    """What judging found. rows: the first of each rule; warnings are those that may be sent all the same.

    by_rule: how many mistakes each rule has, as a person would correct them: a wrong code in a row of twelve months is
    one. count: refusing ones. skipped: how many cells of the plan they spoil. unreadable: cells whose key cannot be
    read, so that nothing may be retired.
    """

    rows: tuple[BadRow, ...] = ()
    warnings: tuple[BadRow, ...] = ()
    by_rule: Mapping[str, int] | None = None
    count: int = 0
    skipped: int = 0
    unreadable: int = 0


def report(session: Session, *, locate: Locate, words: Wording = Wording()) -> Report:  # noqa: B008 - a value
    """Say what is in `findings`, for people. words: the source's own. locate: from a record to an origin."""
    if not session.value("SELECT count(*) FROM findings"):
        return Report()
    telling = _gathered(session, words, locate)
    listed = session.ask(question(_HERE, "listed"), {"most": SHOWN})
    by_rule: dict[str, int] = {row[2]: row[-1] for row in listed}
    bad = [(telling.bad_row(row), row[-2]) for row in listed]
    place = "(record, coalesce(origin_column, ''))"
    skipped = session.value(f"SELECT count(DISTINCT {place}) FROM findings WHERE refuses")  # noqa: S608 - our own
    return Report(
        rows=tuple(row for row, refuses in bad if refuses),
        warnings=tuple(row for row, refuses in bad if not refuses),
        by_rule=by_rule,
        count=sum(by_rule[rule] for rule in {row.rule for row, refuses in bad if refuses}),
        skipped=skipped,
        unreadable=unreadable_keys(session),
    )


def unreadable_keys(session: Session) -> int:
    """Count the cells whose key cannot be read: any cell that UKG holds may be one of them."""
    return int(
        session.value(
            "SELECT count(*) FROM held_back WHERE scenario IS NULL OR version IS NULL OR period_start IS NULL"
            " OR org_unit IS NULL"
        )
    )


def bad_rows(session: Session, *, locate: Locate, words: Wording = Wording()) -> Iterator[tuple[int, BadRow]]:  # noqa: B008
    """Yield every mistake that keeps a row from being sent, with the row's record; every row of a duplicate too.

    A mistake in a header or in the settings is told of every row that it spoils.
    """
    telling = _gathered(session, words, locate)
    for row in session.ask(question(_HERE, "refusing")):
        yield row[0], telling.bad_row(row)


def refuse(found: Report) -> None:
    """Raise RowsInvalid when there are bad rows."""
    if found.count:
        raise RowsInvalid(
            f"{found.count:,} finding{'s' if found.count != 1 else ''} in the planning data. Nothing was sent.",
            rows=found.rows,
            count=found.count,
            by_rule=found.by_rule or {},
            cure="Correct these rows in the planning file, or the mapping in bridgehead.toml.",
        )


def _gathered(session: Session, words: Wording, locate: Locate) -> _Telling:
    """Gather the findings into `mistakes`; look up what UKG says of those that it would refuse."""
    words.stage(session)
    halves = ("period_start",) if {"year", "month"} & set(words.pov) else ()
    session.ask(question(_HERE, "mistakes"), {"pov": [name for name in (*words.pov, *halves) if name]})
    rules = {rule for (rule,) in session.ask("SELECT DISTINCT rule FROM mistakes")}
    likely = session.ask(question(_HERE, "likely")) if "unknown" in rules else []
    lengths: list[Row] = session.ask("SELECT field, most FROM lengths") if "long" in rules else []
    return _Telling(words, locate, {(name, value): code for name, value, code in likely}, dict(lengths))


@dataclass(frozen=True, slots=True)
class _Telling:
    """Turns mistakes into words. likely: by field and code that UKG lacks, the code that it has. lengths: of codes."""

    words: Wording
    locate: Locate
    likely: Mapping[tuple[str, str], str] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)

    def bad_row(self, row: Row) -> BadRow:
        """Say what is wrong, where, and what to do."""
        record, header, rule, name, title, place, value, others, cells = row[:9]
        if rule == "duplicate":
            return self._doubled(record, header if cells == 1 else None, value, others, cells)
        told = self._as_written(name, value)
        message = RULES[rule].format(**self._said(rule, name, title, told, record, header))
        origin = self.locate(record, "" if place == "settings" else title)
        return BadRow(origin, title, told, rule, message + _spoilt(place, cells), cells)

    def _doubled(self, record: int, header: str | None, value: str, others: list[dict[str, Any]], cells: int) -> BadRow:
        """Say which cell is planned more than once, and where. header: over it, None when it is a whole row."""
        several = cells > 1
        places = [self.locate(one["record"], "" if several else one["origin_column"] or "") for one in others]
        more = " and at others" if len(places) > _PLACES else ""
        parts = tuple(value.split(SEPARATOR))
        message = RULES["duplicate"].format(
            cell=self.words.cell(parts, record, None if several else header or ""),
            places=", ".join(dict.fromkeys(places[:_PLACES])) + more,
        )
        shown = " / ".join(filter(None, parts))
        return BadRow(self.locate(record, header or ""), "", shown, "duplicate", message + _spoilt("row", cells), cells)

    def _as_written(self, name: str, value: str | None) -> str | None:
        """Turn a value back into the file's own notation; the mapping had exchanged point and comma."""
        if value is None or self.words.decimal == "point" or name not in MEASURES:
            return value
        return value.translate(str.maketrans(",.", ".,"))

    def _said(
        self, rule: str, name: str, title: str, value: str | None, record: int, header: str | None
    ) -> dict[str, object]:
        """Return what a rule's words need."""
        words, text = self.words, value or ""
        file, code = words.crosswalks.get(name, ""), self.likely.get((name, text), "")
        zeros = " (spreadsheets drop zeros)" if code.upper() != text.upper() else ""
        told = repr(text) if text else "an empty cell"
        if rule == "period" and words.halved:
            told = self._halves(title, text, record, header)
        if rule in {"outside", "closed"}:
            text = text.removesuffix("-01")
        return {
            "word": word(name),
            "field": name,
            "value": text,
            "told": told,
            "measures": ", ".join(words.measures),
            "without": f"{_quoted(title)} = [{_quoted(text)}]",
            "parts": of_parts(text, words.pov, words.separator) if rule == "pov" else "",
            "crosswalk": (file or "the crosswalk") if rule == "crosswalk" else f" (after {file})" if file else "",
            "likely": f", but {code!r}{zeros}" if code else "",
            "length": len(text),
            "most": self.lengths.get(name, 0),
            "reading": self._reading(rule, text, record),
        }

    def _reading(self, rule: str, text: str, record: int) -> str:
        words = self.words
        match rule:
            case "period":
                return of_period(text, words.period_format, halved=words.halved)
            case "boundary":
                return of_boundary(text, words.period_format)
            case "number":
                return of_number(text, words.decimal, words.thousands)
            case "control":
                return of_control(text)
            case "currency":
                spot = words.spot("currency", record)
                mapped = spot is None or spot.place != "settings"
                return (
                    "Fill it in, such as EUR" if mapped else 'Map its column, or set constants = { currency = "EUR" }'
                )
        return ""

    def _halves(self, title: str, text: str, record: int, header: str | None) -> str:
        """Name both halves of a period as the file has them. title: of the column that the line already names."""
        year, _, month = text.rpartition(" ")
        told: list[str] = []
        for name, half in (("month", month), ("year", year)):
            spot = self.words.spot(name, record, header)
            if spot is not None and spot.title == title and name not in self.words.pov:
                told.insert(0, repr(half))
            elif spot is not None and spot.place == "header":
                told.append(f"the header's {name} {half!r}")
            else:
                told.append(f"{name if spot is None or name in self.words.pov else spot.title} {half!r}")
        return " with ".join(told)


def _quoted(text: str) -> str:
    """Quote a text as the configuration does."""
    return json.dumps(text, ensure_ascii=False)


def _spoilt(place: str, cells: int) -> str:
    """Say how far a mistake reaches, where that is farther than one cell."""
    if cells == 1:
        return ""
    where = {"header": "in the header, so ", "settings": "in the settings, so "}.get(place, "")
    return f" ({where}in {cells:,} cells)"

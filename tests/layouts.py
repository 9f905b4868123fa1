"""The layouts of planning files: one plan as rows and columns of many shapes, each with the mapping that reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st
from msgspec.structs import replace

from bridgehead.projection import MEASURES, STATED, Cell
from tests.notations import Marks, Periods, plain, undecided, written
from tests.plans import CODES, Plan

Value = str | Decimal | date | None
Row = dict[str, Value]
"""A row of a planning file: a value for each title. A number or date is one in the file, where its kind has such."""

TITLES = (
    *(
        "Org Unit",
        "Kostenstelle",
        "Σ 100 %",
        'the "X"',
        "a, b",
        "semi;colon",
        "Jahr|Monat",
        "TRUE",
        "0",
        "it's",
        "FTE?",
    ),
    *("(.+)", "Cost [EUR]", "a.c", "SELECT", "rowid", "c0", "c1", "record", "period", "headcount", "Period_Start", "-"),
    *("scenario", "東京", "🚲", "back\\slash", "$1", "{0}", "Betrag", "Ä"),
)
PADS = st.sampled_from([("", "")] * 6 + [(" ", ""), ("", "  "), ("\u00a0", " ")])
MISSING = ("#Missing", "-", "--", "n/a", "N/A", "NULL", "None", "nan", "0x0", "(leer)", ".", "TRUE", "#N/A")
WORDS = {
    "headcount": ("HC", "Köpfe", "Headcount"),
    "fte": ("FTE", "VZÄ", "5%"),
    "hours": ("Std.", "hours"),
    "cost": ("€", "$"),
}
JOIN = " | "


class Table(NamedTuple):
    """What one layout makes of a plan. mapping: the settings that read it. crosswalk: a file beside it."""

    titles: tuple[str, ...]
    rows: list[Row]
    mapping: dict[str, Any]
    crosswalk: str = ""


@dataclass
class Pen:
    """Writes the cells of a file. kind: of the file. real: numbers are numbers there. dated: and dates dates."""

    draw: st.DrawFn
    kind: str
    marks: Marks
    periods: Periods
    missing: tuple[str, ...]
    real: bool
    dated: bool
    numbers: dict[str, list[str]] = field(default_factory=dict)
    habits: dict[str, Any] | None = None

    def habit(self, name: str, options: Sequence[Any]) -> Any:
        """Choose how something is written: anew each time, or once for the file where it has habits."""
        chosen = self.draw(st.sampled_from(options))
        return chosen if self.habits is None else self.habits.setdefault(name, chosen)

    def number(self, measure: str, number: Decimal | None) -> Value:
        """Write a number."""
        if number is None:
            return None if self.real and self.kind == "parquet" else self.nothing()
        real = self.real and (self.kind == "parquet" or len(number.normalize().as_tuple().digits) <= 15)
        text = plain(number, self.marks.mark) if real else written(self.draw, self.marks, number)
        self.numbers.setdefault(measure, []).append(text)
        return number if real else self.padded(text)

    def code(self, code: str | None) -> Value:
        """Write a code."""
        return self.nothing() if code is None else self.padded(code)

    def nothing(self) -> Value:
        """Write that there is nothing."""
        return self.draw(st.sampled_from([None, "", *map(self.padded, self.missing)]))

    def padded(self, text: str) -> str:
        """Put blanks around a text, as exports do."""
        left, right = self.draw(PADS)
        return f"{left}{text}{right}"

    def period(self, period: date) -> Value:
        """Write a period."""
        if self.dated:
            return period
        text = self.periods.text(period, self.habit("day", range(1, 29)))
        iso = self.periods.template == "{y}-{m}" and self.periods.iso and self.periods.first_month < 2
        return self.padded(text + (self.habit("first", ["", "-01"]) if iso else ""))


@dataclass
class Layout:
    """Where things stand. titles: of the columns that the mapping names. headed: what headers say."""

    titles: dict[str, str]
    period: str
    measure: str
    headed: tuple[str, ...]
    constants: dict[str, str]
    pov: tuple[str, ...]
    separator: str
    words: Mapping[str, str]
    measures: tuple[str, ...]

    @property
    def wide(self) -> bool:
        """Whether some columns are known by a pattern."""
        return bool(self.headed) or self.period not in ("cell", "pair")


@st.composite
def titled(draw: st.DrawFn, fields: Sequence[str], headers: Sequence[str]) -> dict[str, str]:
    """Draw a title for each field; no two are alike, even to a reader that minds no case."""
    taken = {header.casefold() for header in headers}
    pool = [title for title in draw(st.permutations(TITLES)) if title.casefold() not in taken]
    return dict(zip(fields, pool, strict=False))


def separators(cells: Sequence[Cell], missing: Sequence[str]) -> list[str]:
    """Return the separators that no code holds, and no text for nothing."""
    texts = [str(getattr(cell, name)) for cell in cells for name in CODES] + list(missing)
    return [mark for mark in (",", "|", "::", ";", "/") if set(mark).isdisjoint("".join(texts))]


def one_currency(plan: Plan, headed: Sequence[str]) -> bool:
    """Tell whether all that a row may hold has one currency: where it holds nothing, it lends its own all the same."""
    seen: dict[tuple[Any, ...], str | None] = {}
    rows = [(tuple(getattr(cell, name) for name in CODES if name not in headed), one) for cell, one in plan.items()]
    return all(seen.setdefault(row, one.currency) == one.currency for row, one in rows)


@st.composite
def layouts(draw: st.DrawFn, plan: Plan, pen: Pen, *, headers: bool) -> Layout:
    """Draw a layout that the plan fits. headers: periods may stand in the headers."""
    cells = list(plan)
    measures = tuple(name for name in MEASURES if any(one.numbers[name] is not None for one in plan.values()))
    measures = measures or ("fte",)
    period = draw(st.sampled_from(["headers", "headers", "month", "year"] if headers else ["cell", "cell", "pair"]))
    if period != "cell":
        pen.dated = False
    full = [name for name in CODES if all(getattr(cell, name) for cell in cells)]
    apart = [name for name in full if not any(JOIN in (getattr(cell, name) or "") for cell in cells)]
    headed = tuple(draw(st.lists(st.sampled_from(apart), max_size=1))) if apart and pen.kind in ("csv", "xlsx") else ()
    wide = bool(headed) or period not in ("cell", "pair")
    single = ["single"] if measures in (("headcount",), ("fte",)) else []
    rows = ["rows"] if not wide or one_currency(plan, headed) else []
    measure = draw(st.sampled_from([*single, "headers", *rows] if wide else ["columns", "columns", *rows]))
    same = [name for name in full if len({getattr(cell, name) for cell in cells}) == 1 and name not in headed]
    constant = draw(st.sets(st.sampled_from(same))) if same else set()
    rest = [name for name in CODES if name not in (*headed, *constant)]
    marks, pov, separator = separators(cells, pen.missing), (), ","
    if marks and rest and draw(st.integers(0, 3)) == 0:
        pov = tuple(draw(st.lists(st.sampled_from(rest), min_size=1, max_size=3, unique=True)))
        separator = draw(st.sampled_from(marks))
    words = {name: draw(st.sampled_from(WORDS[name])) for name in MEASURES}
    constants = {name: str(getattr(cells[0], name)) for name in constant}
    return Layout({}, period, measure, headed, constants, pov, separator, words, measures)


def header_of(layout: Layout, periods: Periods, cell: Cell, measure: str) -> str:
    """Return the header of the column where a number stands."""
    parts = [str(getattr(cell, name)) for name in layout.headed]
    parts += [layout.words[measure]] if layout.measure == "headers" else []
    halves = {"month": periods.month_of, "year": periods.year_of, "headers": lambda one: periods.text(one, 1)}
    parts += [halves[layout.period](cell.period_start)] if layout.period in halves else []
    return JOIN.join(parts)


def pattern_of(layout: Layout, periods: Periods) -> str:
    """Return the regular expression that reads these headers."""
    parts = [f"(?P<{name}>.*)" for name in layout.headed]
    parts += ["(?P<measure>.*)"] if layout.measure == "headers" else []
    if layout.period in ("headers", "month", "year"):
        parts.append(periods.pattern(year=layout.period != "month", month=layout.period != "year"))
    return re.escape(JOIN).join(parts)


def fields_of(layout: Layout, plan: Plan) -> list[str]:
    """Return the columns that are called by a title: our fields, the halves of a period, and what the layout needs."""
    rest = [name for name in CODES if name not in (*layout.headed, *layout.constants, *layout.pov)]
    named = [name for name in rest if any(getattr(cell, name) is not None for cell in plan)]
    named += ["period_start"] if layout.period == "cell" else []
    named += ["year"] if layout.period in ("pair", "month") else []
    named += ["month"] if layout.period in ("pair", "year") else []
    named += ["currency"] if any(one.currency for one in plan.values()) else []
    named += layout.measures if layout.measure == "columns" else []
    named += ["measure"] if layout.measure == "rows" else []
    named += ["value"] if layout.measure == "rows" and not layout.wide else []
    return named + (["pov"] if layout.pov else [])


def row_of(layout: Layout, pen: Pen, cell: Cell, currency: str | None, measure: str) -> Row:
    """Return what stands in a row beside its numbers."""
    row: Row = {}
    for name, title in layout.titles.items():
        if name in CODES:
            row[title] = pen.code(getattr(cell, name))
        elif name == "period_start":
            row[title] = pen.period(cell.period_start)
        elif name == "year":
            sign = pen.habit("year", ["", "FY", "FY "])
            row[title] = pen.padded(sign + pen.periods.year_of(cell.period_start))
        elif name == "month":
            sign = pen.habit("month", ["", "P", "M"]) if pen.periods.month == "%m" else ""
            row[title] = pen.padded(sign + pen.periods.month_of(cell.period_start))
        elif name == "currency":
            row[title] = pen.code(currency)
        elif name == "measure":
            row[title] = pen.padded(layout.words[measure])
        elif name == "pov":
            parts = [getattr(cell, one) for one in layout.pov]
            row[title] = layout.separator.join(str(pen.code(part) or "") for part in parts)
    return row


def key_of(layout: Layout, periods: Periods, cell: Cell, currency: str | None, measure: str) -> tuple[Any, ...]:
    """Return what tells a row from others."""
    halves = {"month": periods.year_of, "year": periods.month_of, "headers": lambda _: None}
    period = halves.get(layout.period, lambda one: one)(cell.period_start)
    codes = [getattr(cell, name) for name in CODES if name not in layout.headed]
    return (*codes, period, currency, measure if layout.measure == "rows" else None)


def filled(layout: Layout, pen: Pen, plan: Plan) -> list[Row]:
    """Return the rows of a plan."""
    rows: dict[tuple[Any, ...], Row] = {}
    for cell, one in plan.items():
        for measure in layout.measures:
            number = one.numbers[measure]
            if number is None and layout.measure == "rows" and pen.draw(st.booleans()):
                continue
            key = key_of(layout, pen.periods, cell, one.currency, measure)
            if key not in rows:
                rows[key] = row_of(layout, pen, cell, one.currency, measure)
            column = header_of(layout, pen.periods, cell, measure) if layout.wide else layout.titles.get(measure)
            rows[key][column or layout.titles["value"]] = pen.number(measure, number)
    return list(rows.values())


def mapping_of(layout: Layout, pen: Pen, plan: Plan) -> dict[str, Any]:
    """Return the settings that read this layout."""
    columns = {name: title for name, title in layout.titles.items() if name not in ("measure", "value", "pov")}
    said = {"columns": columns, "constants": layout.constants, "missing": list(pen.missing)}
    said["unset"] = [name for name in STATED if any(getattr(cell, name) is None for cell in plan)]
    said |= pen.periods.counting() if layout.period != "cell" else {} if pen.dated else pen.periods.reading()
    if layout.wide:
        headers: dict[str, Any] = {"pattern": pattern_of(layout, pen.periods)}
        if layout.measure == "headers":
            headers["measures"] = {layout.words[name]: name for name in layout.measures}
        elif layout.measure == "single":
            headers["measure"] = layout.measures[0]
        said["headers"] = headers
    if layout.measure == "rows":
        words = {layout.words[name]: name for name in layout.measures}
        value = {"value": layout.titles["value"]} if "value" in layout.titles else {}
        said["measure"] = {"column": layout.titles["measure"], "words": words, **value}
    if layout.pov:
        said["pov"] = {"column": layout.titles["pov"], "fields": list(layout.pov), "separator": layout.separator}
    stated = pen.draw(st.booleans()) or any(map(undecided, pen.numbers.values()))
    if pen.marks.decimal != "point" or (stated and not pen.marks.thousands):
        said["decimal"] = pen.marks.decimal
    return said | ({"thousands": pen.marks.thousands} if pen.marks.thousands else {})


@st.composite
def tables(draw: st.DrawFn, plan: Plan, pen: Pen, *, headers: bool) -> Table:
    """Draw a table that says what the plan says."""
    plan, crosswalk, said = draw(translated(plan))
    layout = draw(layouts(plan, pen, headers=headers))
    wide = dict.fromkeys(
        header_of(layout, pen.periods, cell, name) for cell in plan for name in layout.measures if layout.wide
    )
    layout.titles = draw(titled([*fields_of(layout, plan), "kind", "junk"], list(wide)))
    kind, junk = layout.titles.pop("kind"), layout.titles.pop("junk")
    # The rows of one cell are known by the text of its period.
    pen.habits = {} if layout.measure == "rows" else None
    rows = filled(layout, pen, plan)
    titles = [*layout.titles.values(), *wide]
    for row in rows:
        for title in wide:
            row.setdefault(title, pen.number("", None))
    mapping = mapping_of(layout, pen, plan) | said
    if draw(st.booleans()):
        for row in rows:
            row[junk] = draw(st.sampled_from([None, "", "7", "1,5", "x", "Total", 'a "note"; more, or less']))
        mapping["ignore"] = [junk]
        titles.append(junk)
    if draw(st.booleans()):
        titles.append(kind)
        rows = draw(with_totals(rows, kind, mapping))
    mapping["columns"] = {name: draw(aliased(title, titles)) for name, title in mapping["columns"].items()}
    return Table(tuple(draw(st.permutations(titles))), draw(st.permutations(rows)), mapping, crosswalk)


@st.composite
def with_totals(draw: st.DrawFn, rows: list[Row], kind: str, mapping: dict[str, Any]) -> list[Row]:
    """Add rows of totals that the mapping leaves out."""
    only = draw(st.booleans())
    mapping["only" if only else "without"] = {kind: ["Plan", ""] if only else ["Total", "it's"]}
    fine = st.sampled_from(["Plan", " Plan ", "", None] if only else ["Plan", "total", "", None])
    totals = [
        row | {kind: draw(st.sampled_from(["Total", " Total", "it's"]))} for row in rows[: draw(st.integers(0, 2))]
    ]
    return [row | {kind: draw(fine)} for row in rows] + totals


@st.composite
def aliased(draw: st.DrawFn, title: str, titles: Sequence[str]) -> str | list[str]:
    """Draw the names that a column has had."""
    others = [one for one in ("Old name", "c0", "Jahr") if one not in titles]
    return draw(st.sampled_from([title, title, [*others, title], [title, *others]]))


@st.composite
def translated(draw: st.DrawFn, plan: Plan) -> tuple[Plan, str, dict[str, Any]]:
    """Draw a plan in which some codes of one dimension are others, and the crosswalk that leads back."""
    name = draw(st.sampled_from([None, None, None, *CODES]))
    if name is None:
        return plan, "", {}
    present = sorted({code for cell in plan if (code := getattr(cell, name)) is not None})
    moved = [code for code in present if draw(st.integers(0, 2))]
    olds = [old for old in ("OLD 1", "007", "1,5", 'x"y', "1E5", "Ä", "OLD 7", "b%", "9", "#1") if old not in present]
    pairs = dict(zip(moved, olds, strict=False))
    lines = ['"' + old.replace('"', '""') + '","' + new.replace('"', '""') + '"' for new, old in pairs.items()]
    cells = {cell: replace(cell, **{name: pairs.get(getattr(cell, name), getattr(cell, name))}) for cell in plan}
    said = {"crosswalks": {name: {"path": "crosswalk.csv", "unknown": "keep"}}}
    return {cells[cell]: one for cell, one in plan.items()}, "\n".join(["from,to", *lines, ""]), said


@st.composite
def missing_beside(draw: st.DrawFn, plan: Plan) -> tuple[str, ...]:
    """Draw texts for nothing; none of them is a code of the plan."""
    used = {getattr(cell, name) for cell in plan for name in CODES} | {one.currency for one in plan.values()}
    free = [text for text in MISSING if text not in used]
    # None that a number, a month or another word of these files could be.
    foreign = st.characters(
        min_codepoint=0x250, exclude_categories=["Cs", "Zs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"
    )
    more = draw(st.text(foreign, min_size=3, max_size=4).filter(lambda text: text not in used))
    return tuple(dict.fromkeys(draw(st.lists(st.sampled_from([*free, more]), max_size=3))))

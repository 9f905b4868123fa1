"""Columns that are months, scenarios or departments: which family of titles the plan's figures stand under."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bridgehead.projection import MEASURES
from bridgehead.sources.guess.draft import Draft, cells
from bridgehead.sources.guess.fields import ask_fiscal, notation_in
from bridgehead.sources.guess.headings import Family, escaped, families, pattern_of
from bridgehead.sources.guess.notation import Notation
from bridgehead.sources.guess.numbers import marks_of
from bridgehead.sources.guess.profile import Column
from bridgehead.sources.guess.titles import is_sum, is_summary
from bridgehead.sources.guess.toml import line, quoted, value
from bridgehead.sources.guess.words import ACTUAL, COUNTED, OTHER_POINTS, TYPES, VALUES, WHOLE_YEARS, plain


def name_wide(draft: Draft) -> None:
    """Find the columns that headers.pattern fits, and what their cells hold."""
    able = [column for column in draft.free() if _can_be(column)]
    found = families([(column.number, column.name) for column in able])
    family = _chosen(draft, [one for one in found if _filled(draft, one)])
    if family is None:
        return
    draft.settings["headers"] = {"pattern": pattern_of(family)}
    for heading in family.headings:
        draft.take(draft.columns[heading.number], "figures")
    _measure(draft, family)
    _explain(draft, family)
    for column in draft.free():
        year = WHOLE_YEARS.fullmatch(column.title.words) and not _holds_years(column)
        if (year or is_summary(column.name)) and _can_be(column):
            draft.take(column, "a total")
    _others(draft, [one for one in found if one is not family])


def _can_be(column: Column) -> bool:
    """Whether a column can hold figures: numbers, or nothing yet."""
    return column.counts or not column.present


def _filled(draft: Draft, family: Family) -> bool:
    return any(draft.columns[number].present for number in family.numbers)


def _chosen(draft: Draft, found: Sequence[Family]) -> Family | None:
    """Return the family that holds the plan, None when its periods stand in rows."""
    rated = sorted(found, key=lambda one: (len(one.headings) > 2, _heads(one), len(one.headings)), reverse=True)
    likely = [column for column in draft.free() if not _can_be(column) or _is_period(column)]
    found_in = [notation for column in likely if (notation := notation_in(column))]
    rows = [notation.kind for notation in found_in if notation.days != "any"]  # people are hired on any day
    dated = "month" in rows or draft.known("period_start")
    halved = "part" in rows or draft.known("month")
    months = [one for one in rated if one.kind == "month" and (len(one.headings) > 2 or not dated)]
    parts = [one for one in rated if one.kind == "part" and not dated and not halved and len(one.headings) > 1]
    years = [one for one in rated if one.kind == "year" and not dated and (halved or len(one.headings) > 1)]
    plainly = [one for one in rated if not one.kind and (dated or halved)]
    years = [one for one in years if not is_sum(one.headings[0].title)]
    return next(iter((*months, *parts, *years, *plainly)), None)


def _is_period(column: Column) -> bool:
    return any(meant.field in ("period_start", "year") and meant.rank <= 1 for meant in column.title.meant)


def _holds_years(column: Column) -> bool:
    return bool(column.values) and all(re.fullmatch(r"\D{0,3}(19|20)\d\d", text) for text in column.values)


def _heads(family: Family) -> int:
    """Prefer families that say that they count heads, then those that say nothing, then those that say else."""
    measures = set(family.measures.values())
    points = any(slot.kind == "point" for slot in family.headings[0].slots)
    unknown = any(slot.kind == "word" for slot in family.headings[0].slots)
    return (3 if measures & {"headcount", "fte"} else 0 if measures else 2) - 2 * points - unknown


def _measure(draft: Draft, family: Family) -> None:
    """Say what the cells hold: as the titles say, or an account, or, as a guess, whether they are whole."""
    headers = draft.settings["headers"]
    kinds = set(family.measures.values())
    if len(kinds) > 1:
        headers["measures"] = dict(family.measures)
    elif kinds:
        headers["measure"] = kinds.pop()
    elif "measure" not in draft.settings and (why := _no_heads(draft, family)):
        headers["measure"] = ""
        lines = [f'headers.measure = "{one}"' for one in ("headcount", "fte", "cost")]
        draft.ask("headers.measure", f"What do the columns of months count? {why}", *lines)
    elif "measure" not in draft.settings and not family.unknown:
        headers["measure"] = guess_measure(
            draft, [draft.columns[number] for number in family.numbers], "headers.measure"
        )
    if headers.get("measure") == "headcount":
        columns = [draft.columns[number] for number in family.numbers]
        broken = sum(column.fractions(marks_of(columns).mark) for column in columns)
        if broken and family.measures:
            headers["measure"] = "fte"
            draft.look(
                "headers.measure", f"{cells(broken)} with parts of a head, which headcount cannot: taken for fte."
            )


def _no_heads(draft: Draft, family: Family) -> str:
    """Return why figures whose titles do not say what they are may be no heads at all: hours, or money."""
    said = draft.context.measure()
    if said in ("cost", "hours"):
        return f"Around the table stands a word for {said}, and a plan needs heads."
    columns = [draft.columns[number] for number in family.numbers]
    largest = max((column.largest(marks_of(columns).mark) for column in columns), default=0.0)
    beside = [
        column.name
        for column in draft.free()
        if column.counts and any(meant.field in MEASURES for meant in column.title.meant)
    ]
    if beside and largest >= _MUCH:
        return f"They go up to {largest:,.0f}, and {beside[0]!r} stands beside them."
    return ""


_MUCH = 100
"""So many heads hardly stand in one row of a plan whose rows have a figure of their own."""


def guess_measure(draft: Draft, columns: Sequence[Column], setting: str) -> str:
    """Guess whether numbers are heads or full-time equivalents, and say so."""
    said = draft.context.measure()
    broken = sum(column.fractions(marks_of(columns).mark) for column in columns)
    if said == "fte" or broken:
        why = "as file or title say" if said == "fte" else f"{cells(broken)} with parts of a head"
        draft.notes[setting] = f"a guess: {why}"
        draft.look(setting, f"Nothing says what the numbers are; taken for fte: {why}.")
        return "fte"
    if said != "headcount":
        draft.notes[setting] = 'a guess, since all are whole; or "fte"'
        draft.look(setting, "Nothing says what the numbers are; taken for headcount, since all are whole.")
    return "headcount"


def _explain(draft: Draft, family: Family) -> None:
    """Write what the months' notation needs, and ask what it leaves open."""
    notation, shown = family.notation, family.headings[0].title
    if notation is not None and notation.names:
        draft.settings["month_names"] = notation.names
    if notation is not None and (notation.fiscal or _begins_within(notation)):
        ask_fiscal(draft, repr(shown))
    if notation is not None and notation.other is not None and notation.reading is not None:
        text = next(one for one in notation.read if notation.reading.day(one) != notation.other.day(one))
        told = [f"{one.day(text):%-d %B %Y}" for one in (notation.reading, notation.other)]
        both = pattern_of(family), pattern_of(replace(family, notation=replace(notation, reading=notation.other)))
        draft.settings["headers"]["pattern"] = "?"
        readings = [f"pattern = '{one}'  # {text} is {day}" for one, day in zip(both, told, strict=True)]
        draft.offers["headers.pattern"] = readings
        draft.ask("headers.pattern", f"{text!r} in the titles has two readings, and no other one tells.", *readings)
    if family.unknown:
        _unknown(draft, family)
    actual = [text for text in family.fields.get("scenario", ()) if plain(text) in ACTUAL]
    kinds = family.fields.get("scenario", ())
    if len(kinds) > 1 and not actual and not {*map(plain, kinds)} <= {"budget", "plan", "forecast"}:
        shown = ", ".join(map(repr, kinds))
        draft.look("headers.pattern", f"{shown} in the titles are read as scenarios of that name.")
    if actual and len(family.fields["scenario"]) > 1:
        ignored = [one.title for one in family.headings if any(slot.text in actual for slot in one.slots)]
        draft.others.setdefault("ignore", []).append(ignored)
        words = f"Columns of {actual[0]!r} are read as a scenario of that name."
        draft.look("ignore", words, f"ignore = {value(ignored)}")


def _begins_within(notation: Notation) -> bool:
    """Whether months by name begin within a calendar year and go on after its end: April, ..., December, January."""
    if notation.kind != "part" or notation.reading is None or "%m" in notation.reading.roles:
        return False
    days = [day for text in notation.read if (day := notation.reading.day(text)) is not None]
    return any(one > two for one, two in pairwise(days)) and days == sorted(days, key=lambda day: day < days[0])


def _unknown(draft: Draft, family: Family) -> None:
    """Deal with words in the titles that differ and that nobody knows: departments, unless a column has them."""
    shown = ", ".join(repr(text) for text in family.unknown[:4])
    has_units = any(meant.field == "org_unit" and meant.rank <= 1 for one in draft.free() for meant in one.title.meant)
    headers = draft.settings["headers"]
    if all(plain(text) in TYPES for text in family.unknown) and not _has(draft, "employment_type"):
        headers["pattern"] = headers["pattern"].replace("(?P<org_unit>", "(?P<employment_type>")
        if not headers.get("measure") and "measure" not in draft.settings:
            columns = [draft.columns[number] for number in family.numbers]
            headers["measure"] = guess_measure(draft, columns, "headers.measure")
        draft.look("headers.pattern", f"The titles say {shown}: taken for kinds of employment.")
        return
    if has_units:
        headers["pattern"] = headers["pattern"].replace("(?P<org_unit>", "(?P<measure>")
        headers.pop("measure", None)
        lines = [f'headers.measures: {quoted(text)} = "headcount"' for text in family.unknown[:2]]
        draft.ask("headers.measures", f"The titles say {shown}: which measures are they?", *lines)
        return
    if not headers.get("measure") and "measure" not in draft.settings:
        columns = [draft.columns[number] for number in family.numbers]
        headers["measure"] = guess_measure(draft, columns, "headers.measure")
    draft.look("headers.pattern", f"The titles say {shown}: taken for org units.")


def _others(draft: Draft, found: Sequence[Family]) -> None:
    """Name the other families beside the months, which are left aside."""
    for family in found:
        left = [draft.columns[number] for number in sorted(family.numbers) if number not in draft.roles]
        if len(left) > 1 and family.kind == "month":
            draft.look("headers.pattern", f"{left[0].name!r} and {len(left) - 1} more columns like it are left aside.")


def offer_departments(draft: Draft) -> bool:
    """Offer to read columns of numbers that nobody knows as departments, or as another dimension that is lacking."""
    numbers = [column for column in draft.free() if column.counts and not column.title.meant and not column.title.other]
    numbers = [column for column in numbers if not is_summary(column.name) and column.title.words not in VALUES]
    numbers = [column for column in numbers if not set(column.title.words.split()) & {*OTHER_POINTS, *COUNTED}]
    typed = all(column.title.words in TYPES for column in numbers)
    order = ("employment_type",) if typed else ("org_unit", "location", "job", "employment_type")
    lacking = [one for one in order if not _has(draft, one)]
    if len(numbers) < 2 or not lacking:
        return False
    draft.settings["headers"] = {"pattern": "?", "measure": guess_measure(draft, numbers, "headers.measure")}
    for column in numbers:
        draft.take(column, "figures")
    names = "|".join(escaped(column.name) for column in numbers)
    offered = list(dict.fromkeys([lacking[0], "job" if "job" in lacking else lacking[-1]]))
    draft.offers["headers.pattern"] = [line("pattern", f"(?P<{one}>{names})") for one in offered]
    shown = ", ".join(repr(column.name) for column in numbers[:3])
    told = f"{shown} and {len(numbers) - 3} more" if len(numbers) > 3 else shown
    asked = f"What do the titles {told} name: {', '.join(one.replace('_', ' ') for one in offered)}?"
    other = "  # if one of them holds the heads; without headers"
    instead = [f"columns.headcount = {quoted(column.name)}{other}" for column in numbers[:1]]
    draft.ask("headers.pattern", asked, *draft.offers["headers.pattern"], *instead)
    return True


def _has(draft: Draft, ours: str) -> bool:
    codes = (column for column in draft.free() if not column.counts)
    return draft.known(ours) or any(meant.field == ours for column in codes for meant in column.title.meant)

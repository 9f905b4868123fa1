"""What is settled last: notations of numbers, what is absent, what no column says, and what is left aside."""

from __future__ import annotations

import re

from bridgehead.projection import DIMENSIONS, MEASURES, STATED
from bridgehead.sources.guess.draft import Draft, cells
from bridgehead.sources.guess.fields import is_flag
from bridgehead.sources.guess.numbers import marks_of, missing_in
from bridgehead.sources.guess.profile import Column
from bridgehead.sources.guess.titles import WEAK
from bridgehead.sources.guess.toml import line, quoted
from bridgehead.sources.guess.wide import guess_measure, offer_departments
from bridgehead.sources.guess.words import VALUES

_NUMBERS = (*MEASURES, "figures", "value")


def name_heads(draft: Draft) -> None:
    """Find the heads where no title told them: another point of a measure, or a column called value."""
    if draft.known("headcount", "fte") or "headers" in draft.settings or "measure" in draft.settings:
        return
    others = [one for one in draft.free() if one.title.other and one.counts and one.title.meant]
    if not others and not quarter_in(draft) and offer_departments(draft):
        return
    values = [one for one in draft.free() if one.counts and one.title.words in VALUES]
    flags = [one for one in draft.free() if is_flag(one)]
    if len(values) == 1 and not others and not flags:
        measure = guess_measure(draft, values, "columns.headcount")
        draft.notes[f"columns.{measure}"] = draft.notes.pop("columns.headcount", "as the file's name or title says")
        draft.map(measure, values[0])
        return
    numbers = others or values or [one for one in draft.free() if one.counts]
    if numbers and not quarter_in(draft):
        lines = [line(_measure_of(one), one.name) for one in numbers[:6]]
        draft.offers.setdefault("columns", []).extend(lines)
        shown = ", ".join(repr(one.name) for one in numbers[:6])
        draft.ask("columns.headcount", f"Which column holds the heads? {shown}.", *lines)
        if flags and not others:
            _ask_flag(draft, flags[0], numbers[0])
    elif not numbers:
        named = [one for one in draft.free() if any(meant.field in MEASURES for meant in one.title.meant)]
        texts = [one for one in named if one.present]
        shown = "".join(f" {one.name!r} holds texts, such as {one.values[0]!r}." for one in texts[:1])
        lines = [line(_measure_of(one), one.name) for one in texts]
        draft.offers.setdefault("columns", []).extend(lines)
        draft.ask("columns.headcount", f"No column of the file seems to hold heads.{shown}", *lines)


def _ask_flag(draft: Draft, flag: Column, numbers: Column) -> None:
    """Ask whether a flag says what the numbers are: heads, or hours."""
    words = dict(zip(flag.values, ("headcount", "hours"), strict=False))
    offer = line("measure", {"column": flag.name, "words": words, "value": numbers.name})
    draft.offers.setdefault("measure", []).append(offer)
    draft.ask("measure", f"Does {flag.name!r} ({', '.join(flag.values)}) say what {numbers.name!r} counts?", offer)


def _measure_of(column: Column) -> str:
    return next((one.field for one in column.title.meant if one.field in MEASURES), "headcount")


def split_heads(draft: Draft) -> None:
    """Read a headcount that holds parts of heads as full-time equivalents: UKG counts whole heads."""
    mapped = draft.settings.get("columns", {})
    if "headcount" not in mapped:
        return
    columns = [one for one in draft.columns if draft.roles.get(one.number) == "headcount"]
    if any(one.setting == "decimal" for one in draft.questions):
        return
    broken = sum(column.fractions(_mark(draft)) for column in columns)
    if not broken:
        return
    if "fte" in mapped or draft.known("fte"):
        draft.ask("columns.headcount", f"{cells(broken)} with parts of a head, and fte has a column of its own.")
        return
    renamed = {("fte" if name == "headcount" else name): title for name, title in mapped.items()}
    draft.settings["columns"] = renamed
    draft.roles |= {column.number: "fte" for column in columns}
    draft.notes["columns.fte"] = f"a guess: {cells(broken)} with parts of a head"
    draft.look("columns.fte", f"{columns[0].name!r} holds {cells(broken)} with parts of a head: taken for fte.")


def _mark(draft: Draft) -> str:
    return "," if draft.settings.get("decimal") == "comma" else "."


def _figures(draft: Draft) -> list[Column]:
    return [column for column in draft.columns if draft.roles.get(column.number) in _NUMBERS]


def read_numbers(draft: Draft) -> None:
    """Write decimal and thousands where a number proves them; ask where one could be either."""
    marks = marks_of(_figures(draft))
    if marks.contradicted:
        one, two = marks.contradicted
        draft.ask("decimal", f"{one!r} and {two!r} cannot be written in one way.")
        return
    if marks.open:
        whole, mark = marks.open, "," if "," in marks.open else "."
        grouped, parted = whole.replace(mark, ""), whole.replace(mark, ".")
        other = {",": "point", ".": "comma"}[mark]
        same = {",": "comma", ".": "point"}[mark]
        readings = [
            f'decimal = "{same}"  # {whole} is {parted}',
            f'decimal = "{other}", thousands = "{mark}"  # {whole} is {grouped}',
        ]
        draft.offers["decimal"] = [
            f'decimal = "{same}"   # {whole} is {parted}',
            f'decimal = "{other}"   # {whole} is {grouped}, with the next line',
            f'thousands = "{mark}"',
        ]
        draft.ask("decimal", f"{whole!r} has two readings, and no other number tells.", *readings)
        return
    if marks.decimal:
        draft.settings["decimal"] = marks.decimal
        draft.notes["decimal"] = f"{marks.decided} tells"
    if marks.thousands:
        draft.settings["thousands"] = marks.thousands


def read_missing(draft: Draft) -> None:
    """Write which texts mean absent; name the others among the numbers."""
    dimensions = [one for one in draft.columns if draft.roles.get(one.number) in STATED]
    found, strange = missing_in(_figures(draft), dimensions)
    if found and found != ["#Missing"]:
        draft.settings["missing"] = found
        draft.notes["missing"] = "absent, which is not 0"
    for text, (title, times) in list(strange.items())[:5]:
        draft.ask(
            "missing",
            f"{text!r} stands among the numbers of {title!r}, {times} time{'s' if times > 1 else ''}.",
            line("missing", [*(found or ["#Missing"]), text]),
        )


def fill_gaps(draft: Draft) -> None:
    """Set what no column says: scenario and version as guesses, a title's currency, dimensions that are nowhere."""
    guessed = []
    for ours, usual, around in (
        ("scenario", "budget", draft.context.scenario()),
        ("version", "v1", draft.context.version()),
    ):
        if draft.known(ours):
            continue
        said = draft.context.said(ours)
        note = "stands above the header" if said else "as its name says" if around else "a guess: the file does not say"
        draft.constant(ours, said or around or usual, note)
        guessed.append(f"{ours} = {quoted(said or around or usual)} ({note})")
    if guessed:
        draft.look("constants", f"{'; '.join(guessed)}.")
    if draft.known("cost") and not draft.known("currency"):
        _currency(draft)
    _year(draft)
    _unset(draft)


def _currency(draft: Draft) -> None:
    titles = [one.title for one in draft.columns if draft.roles.get(one.number) in _NUMBERS and one.title.currency]
    found = {title.currency for title in titles}
    said = draft.context.said("currency")
    if len(found) == 1 and found != {"?"}:
        draft.constant("currency", found.pop(), f"as the title {titles[0].text!r} says")
    elif said:
        draft.constant("currency", said, "stands above the header")
    else:
        sign = " $ is the sign of several." if "?" in found else ""
        draft.offers.setdefault("constants", []).append('currency = "EUR"')
        draft.ask("constants.currency", f"cost has no currency.{sign}", 'constants.currency = "EUR"')


def _year(draft: Draft) -> None:
    if draft.known("period_start"):
        return
    known = draft.sources()
    if "month" in known:
        year = draft.context.said("year") or draft.context.year()
        if year:
            draft.constant("year", year, "a guess: stands around the table")
            draft.look("constants.year", f"{year!r} stands around the table; the months have no year.")
        else:
            draft.offers.setdefault("constants", []).append('year = "2027"')
            draft.ask("constants.year", "The months have no year.", 'constants.year = "2027"')
    elif "year" in known:
        draft.offers.setdefault("constants", []).append('month = "1"')
        draft.ask("constants.month", "The years have no months.", 'constants.month = "1"')
    else:
        draft.offers.setdefault("constants", []).append('period_start = "2027-01"')
        if any(one.setting == "columns.period_start" for one in draft.questions):
            return
        told = "No column says the month."
        if quarter := quarter_in(draft):
            told = f"{quarter!r} is a quarter or a week, and plans hold months: ask for the export by month."
        draft.ask("columns.period_start", told, 'constants.period_start = "2027-01"')


def quarter_in(draft: Draft) -> str:
    """Return a title, or the cell of a column full of them, that names a quarter or a week."""
    titles = [one.name for one in draft.free() if one.counts and _QUARTER.fullmatch(one.name)]
    cells = [one.values[0] for one in draft.free() if one.values and all(map(_QUARTER.fullmatch, one.values))]
    return next(iter((*titles, *cells)), "")


_QUARTER = re.compile(
    r".*(?<![^\W_])([QqTt] ?[1-4]|[1-4]Q|[HS] ?[12]|(W|KW|CW|WK|Week|Woche|Semaine|Semana) ?-?\d{1,2})(?![^\W_]).*",
    re.IGNORECASE,
)


def _unset(draft: Draft) -> None:
    """State the dimensions that are nowhere, and those whose cells are blank in some rows."""
    hidden = "pov" in draft.settings and any(one.setting == "pov.fields" and one.readings for one in draft.questions)
    if not draft.known("org_unit"):
        lines = [line("org_unit", one.name) for one in _codes(draft)[:5]]
        draft.offers.setdefault("columns", []).extend(lines)
        draft.ask("columns.org_unit", "No column is known to be the org unit.", *lines)
    absent = [ours for ours in STATED if not draft.known(ours) and not hidden]
    if absent:
        draft.settings["unset"] = absent
        told = f"no column says {'it' if len(absent) == 1 else 'them'}"
        draft.look("unset", f"{', '.join(absent)}: {told}; sent as null.")


def _codes(draft: Draft) -> list[Column]:
    """Return the columns that may be codes: those that nobody knows, and those that are other dimensions already."""
    mapped = [one for one in draft.columns if draft.roles.get(one.number) in DIMENSIONS[4:]]
    codes = [one for one in draft.free() if one.present and not one.counts]
    numbers = [one for one in draft.free() if one.counts and not one.title.meant]
    return [*mapped[:1], *(codes or [one for one in numbers if not one.fractions(_mark(draft))]), *mapped[1:]]


def leave_blank(draft: Draft, blank: dict[str, int]) -> None:
    """State the dimensions that are blank in some rows. blank: how many, as the rows were read."""
    for ours in STATED:
        if blank.get(ours) and draft.known(ours) and ours not in draft.settings.get("unset", []):
            draft.settings["unset"] = [*draft.settings.get("unset", []), ours]
            draft.look("unset", f"{ours} is empty in {blank[ours]:,} cells of the plan: sent as null.")


def set_aside(draft: Draft) -> None:
    """Ignore every column that is left, and say so."""
    ignored = [one for one in draft.columns if draft.roles.get(one.number, "") in ("", "a total", "line numbers")]
    for column in ignored:
        draft.roles.setdefault(column.number, "")
    if ignored:
        draft.settings["ignore"] = [column.name for column in ignored]
    for column in ignored:
        measure = next((one for one in column.title.meant if one.field in MEASURES), None)
        if not column.present or draft.roles[column.number] or measure is None:
            continue
        if column.title.thousands:
            draft.look("ignore", f"{column.name!r} counts thousands, which no setting multiplies.")
        elif "headers" in draft.settings:
            draft.look("ignore", f"{column.name!r} is left aside: it stands once beside the columns of figures.")
        elif measure.rank < WEAK and draft.known("headcount", "fte"):
            draft.look("ignore", f"{column.name!r} is left aside.")


def tell_names(draft: Draft) -> None:
    """Say where a cell holds a code and its name: both are sent, and UKG knows the code alone."""
    mapped = draft.settings.get("columns", {})
    columns = {one.name: one for one in draft.columns}
    both = [
        (ours, columns[mapped[ours]])
        for ours in ("org_unit", *STATED)
        if mapped.get(ours) in columns and all(map(_CODE_AND_NAME.fullmatch, columns[mapped[ours]].values))
    ]
    if both:
        shown = ", ".join(f"{column.values[0]!r} in {column.name!r}" for _, column in both)
        lines = [f'crosswalks.{ours} = {{ path = "maps/{ours}.csv" }}' for ours, _ in both]
        draft.look("crosswalks", f"Codes with their names are sent whole: {shown}. Files can translate them.", *lines)


_CODE_AND_NAME = re.compile(r"[A-Za-z]{0,4}\d[\w.]*(?: ?[-\u2013:|] ?| +)[^\W\d].+")

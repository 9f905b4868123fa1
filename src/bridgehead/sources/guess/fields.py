"""Which column is which of our fields: by its title, as far as its cells do not contradict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bridgehead.projection import DIMENSIONS, MEASURES
from bridgehead.sources.guess.draft import Draft
from bridgehead.sources.guess.notation import FISCAL_WORDS, Notation, notation_of
from bridgehead.sources.guess.profile import Column
from bridgehead.sources.guess.titles import WEAK, Meant, is_sum, is_summary
from bridgehead.sources.guess.words import CURRENCIES, FULL_YEARS, MISSING, OTHER_POINTS, PERSONS, REMARKS, plain

_CODES = tuple(one for one in DIMENSIONS if one != "period_start")


def name_fields(draft: Draft) -> None:
    """Map every column whose title says what it is; of several, the one that says it best."""
    taken = draft.sources()
    options = sorted(_options(draft), key=lambda one: one[:-1])
    for rank, *_, field, number in options:
        column = draft.columns[number]
        if number in draft.roles or field in taken - set(draft.settings.get("columns", {})):
            continue
        if field in draft.settings.get("columns", {}):
            _rival(draft, field, column, rank)
            continue
        draft.map(field, column)
        draft.ranks[field] = rank
        if rank >= WEAK:
            draft.notes[f"columns.{field}"] = "a guess"
            draft.look(f"columns.{field}", f"{column.name!r} is taken for it, and may be something else.")


def _options(draft: Draft) -> Iterator[tuple[int, bool, int, int, str, int]]:
    """Yield what each free column may be, in the order in which it is to be tried."""
    for column in draft.free():
        for meant in column.title.meant:
            if meant.field in ("period_start", "year") or column.title.other or not fits(column, meant):
                continue
            if meant.field in MEASURES and "headers" in draft.settings and draft.known("month", "year", "period_start"):
                continue  # it stands once beside the months, and would be read for each of them
            # Of two dimensions as good, the finer one; of two measures, the more usual word.
            order = (meant.order, -column.distinct) if meant.field in MEASURES else (-column.distinct, meant.order)
            yield meant.rank, meant.named, *order, meant.field, column.number


def fits(column: Column, meant: Meant) -> bool:
    """Whether the cells can be what the title says."""
    if not column.present:
        return False
    if meant.field in MEASURES:
        return column.counts and not column.title.thousands
    if meant.field == "currency":
        return all(re.fullmatch("[A-Za-z]{3}", text) or text in CURRENCIES for text in column.values[:20])
    if is_flag(column) or all(text.endswith("%") for text in column.values):
        return False
    numbers = column.counts and not column.title.words.endswith(("code", "id", "no", "nr"))
    if meant.field == "scenario":
        return column.distinct <= 50 and not column.counts
    return not (numbers and (column.fractions(".") or column.fractions(",")))


def is_flag(column: Column) -> bool:
    """Whether a column only says yes or no."""
    if set(column.title.words.split()) & {*OTHER_POINTS} or column.title.words in REMARKS:
        return False
    texts = {text.lower() for text in column.values}
    return 0 < len(texts) <= 2 and any(texts <= pair for pair in _FLAGS) and (column.distinct > 1 or column.counts)


_FLAGS = ({"0", "1"}, {"y", "n"}, {"yes", "no"}, {"true", "false"}, {"ja", "nein"}, {"oui", "non"}, {"j", "n"}, {"x"})


def _rival(draft: Draft, field: str, column: Column, rank: int) -> None:
    """Deal with another column of the same meaning: the same one in another file, or one that may be meant instead."""
    chosen = draft.settings["columns"][field]
    titles = [chosen] if isinstance(chosen, str) else chosen
    together = any(column.name in header and set(titles) & set(header) for header in draft.opened.headers)
    if not together:
        draft.map(field, column)
        return
    best = next(one for one in draft.columns if one.name == titles[0])
    named = any(meant.named for meant in column.title.meant if meant.field == field)
    if rank > draft.ranks[field] or named or (column.distinct == 1 and column.rows > 1):
        return
    line = f"{field} = {column.name!r}".replace("'", '"')
    draft.offers.setdefault("columns", []).append(line)
    draft.look(f"columns.{field}", f"It is {best.name!r} here; {column.name!r} may be meant as well.", line)


def name_periods(draft: Draft) -> None:
    """Find the column, or the two, that say the month."""
    if draft.known("period_start"):
        return
    found = [(column, notation) for column in draft.free() if (notation := notation_in(column)) is not None]
    wholes = sorted((one for one in found if one[1].kind in ("month", "serial")), key=_how_well)
    wholes = [one for one in wholes if _how_well(one)[0] < _NOT_NAMED or _evident(*one)]
    if wholes and not draft.known("year", "month"):
        column, notation = wholes[0]
        if told := _spans(draft, column, notation, found):
            draft.take(column, "")
            draft.ask("columns.period_start", told)
            return
        draft.map("period_start", column)
        if _how_well(wholes[0])[0] >= _NOT_NAMED:
            draft.look("columns.period_start", f"{column.name!r} is taken for it, since its cells are months.")
        write_notation(draft, notation, column.name)
        return
    for field, kind in (("year", "year"), ("month", "part")):
        halves = [one for one in found if one[1].kind == kind and _says(one[0], field)]
        if halves and not draft.known(field):
            column, notation = min(halves, key=_how_well)
            if column.number not in draft.roles:
                draft.map(field, column)
                _half(draft, notation, column)


def _spans(draft: Draft, column: Column, notation: Notation, found: Sequence[tuple[Column, Notation]]) -> str:
    """Return why a column of dates says when a job begins, and not which month a row is about; empty when it does."""
    began = _months_of(notation)
    for other, ends in found:
        if other is not column and ends.kind == "month" and _ENDS & set(other.title.words.split()):
            if _months_of(ends) != began or other.present != column.present:
                return (
                    f"{column.name!r} and {other.name!r} say from when until when a row holds, and a plan has a row, "
                    "or a column, for each month: ask for the export by month."
                )
            return ""
    posts = [one for one in draft.free() if any(meant.field == "position" for meant in one.title.meant)]
    alone = any(one.distinct == one.filled == column.filled for one in posts)
    if alone and len(began) > 1 and column.title.words in _BEGINS:
        return (
            f"{column.name!r} says when each {posts[0].name!r} begins, and a plan has a row, or a column, for each "
            "month: ask for the export by month."
        )
    return ""


_ENDS = frozenset(("end", "ende", "enddatum", "fin", "fim", "bis", "until", "termination", "exit", "einde", "to"))
_BEGINS = ("start date", "effective date", "start", "date debut", "fecha inicio", "ingangsdatum", "wirksam ab")


def _months_of(notation: Notation) -> set[tuple[int, int]]:
    if notation.reading is None:
        return set()
    days = [notation.reading.day(text) for text in notation.read]
    return {(day.year, day.month) for day in days if day is not None}


def notation_in(column: Column) -> Notation | None:
    """Return how a column writes its periods, None when it does not hold any."""
    texts = [text for text in column.values if text not in MISSING and not is_summary(text)]
    if not texts or not column.complete or len(texts) > _MOST:
        return None
    if all((both := _BOTH_YEARS.fullmatch(text)) and int(both[1]) % 100 + 1 == int(both[2]) % 100 for text in texts):
        return Notation("year", "", None, fiscal=True, read=tuple(texts))
    months = notation_of([text for text in texts if not FULL_YEARS.fullmatch(plain(text))])
    return months if months is not None and months.kind == "month" and not months.unread else notation_of(texts)


_MOST = 5000
_BOTH_YEARS = re.compile(r"\D{0,3}((?:19|20)\d\d) ?[-/] ?((?:19|20)?\d\d)")


_NOT_NAMED = 50


def _how_well(one: tuple[Column, Notation]) -> tuple[int, int, int]:
    column, _ = one
    ranks = [(meant.rank, meant.order) for meant in column.title.meant if meant.field in ("period_start", "year")]
    return (*min(ranks, default=(_NOT_NAMED + 10 * bool(column.title.recognised), 0)), column.number)


def _evident(column: Column, notation: Notation) -> bool:
    """Whether cells are months, even if no title says so: 4.50 is a number."""
    measure = any(meant.field in MEASURES and meant.rank < WEAK for meant in column.title.meant)
    return notation.kind == "month" and not measure and not re.search(r"^%[ymd]\W%[ymd]$", notation.written)


def _says(column: Column, field: str) -> bool:
    """Whether a title says that a column holds years, or months."""
    wanted = ("year", "period_start") if field == "year" else ("period_start",)
    return any(meant.field in wanted for meant in column.title.meant)


def _half(draft: Draft, notation: Notation, column: Column) -> None:
    if notation.names:
        draft.settings["month_names"] = draft.settings.get("month_names", {}) | notation.names
    fiscal = set(column.title.words.split()) & (FISCAL_WORDS | {"financial", "geschaftsjahr", "ejercicio", "boekjaar"})
    if notation.fiscal or fiscal:
        ask_fiscal(draft, f"{column.name!r} ({column.values[0]})")


def write_notation(draft: Draft, notation: Notation, title: str) -> None:
    """Write how the periods of a column are read, or ask."""
    if notation.names:
        draft.settings["month_names"] = notation.names
    if notation.other is not None and notation.reading is not None:
        text = next(one for one in notation.read if notation.reading.day(one) != notation.other.day(one))
        readings = [
            f'period_format = "{one.written}"  # {text} is {one.day(text):%-d %B %Y}'
            for one in (notation.reading, notation.other)
        ]
        draft.settings["period_format"] = "?"
        draft.offers["period_format"] = readings
        draft.ask("period_format", f"{text!r} in {title!r} has two readings, and no other cell tells.", *readings)
    elif notation.written != "iso":
        draft.settings["period_format"] = notation.written
        if notation.decided:
            draft.notes["period_format"] = f"{notation.decided} tells"
    if notation.days == "last":
        draft.look("period_format", f"{title!r} holds the last days of months: %D is a day that does not count.")
    if notation.days == "any" and notation.other is None:
        draft.ask("columns.period_start", f"{title!r} holds days within months; a plan's periods are months.")
    if notation.unread:
        shown = ", ".join(repr(text) for text in notation.unread[:3])
        draft.ask("period_format", f"{title!r} is written in several ways: {notation.read[0]!r}, but also {shown}.")
    if notation.fiscal:
        ask_fiscal(draft, f"{notation.read[0]!r}")


def ask_fiscal(draft: Draft, shown: str) -> None:
    """Ask which calendar years and periods are counted in: plan refuses until it is said."""
    if "fiscal" in draft.settings:
        return
    draft.settings["fiscal"] = {"first_month": 0, "year_named": "end"}
    draft.notes["fiscal.first_month"] = "1 is a calendar year; 4 a year that begins in April"
    draft.notes["fiscal.year_named"] = "FY27 ends in 2027; or start: it begins in 2027"
    draft.ask(
        "fiscal.first_month",
        f"{shown} may count in a fiscal year: with which month does it begin?",
        'fiscal = { first_month = 1, year_named = "end" }  # calendar years',
        'fiscal = { first_month = 4, year_named = "end" }  # FY27-P01 is April 2026',
    )


def leave_remarks(draft: Draft) -> None:
    """Set aside what is never needed: remarks, names of people, line numbers, columns without a cell."""
    for column in draft.free():
        if column.title.words in REMARKS or column.title.words in PERSONS or not column.filled:
            draft.take(column, "")
        elif _is_index(column):
            draft.take(column, "line numbers")


def name_leftovers(draft: Draft) -> None:
    """Take the only column of codes that is left for the org unit."""
    for column in draft.free():
        if is_sum(column.name) and column.counts:
            draft.take(column, "a total")
    if draft.known("org_unit"):
        return
    codes = [one for one in draft.free() if not one.counts and one.present and not _strongly(one)]
    if len(codes) == 1 and not draft.known("cost_center"):
        draft.map("org_unit", codes[0])
        draft.notes["columns.org_unit"] = "a guess: the only column of codes that is left"
        draft.look("columns.org_unit", f"{codes[0].name!r} is taken for it: no other column of codes is left.")


def _strongly(column: Column) -> bool:
    """Whether a title says well that it is something else."""
    return column.title.other or any(meant.rank < WEAK or meant.named for meant in column.title.meant)


def _is_index(column: Column) -> bool:
    """Whether a column without a title counts its rows."""
    if not re.fullmatch(r"column \d+|Unnamed: \d+|index", column.name) or not column.counts:
        return False
    return column.distinct * 10 >= column.filled * 9 and plain(column.values[0]).isdigit()

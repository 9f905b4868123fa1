"""Which rows of a table hold its titles: the one that looks most like a header, or several that are read together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from bridgehead.sources.guess.headings import heading
from bridgehead.sources.guess.notation import notation_of
from bridgehead.sources.guess.titles import WEAK, is_summary, read_title
from bridgehead.sources.reader import Wanted, joined, titled

_NUMBER = re.compile(r"[+-]?[\d.,' \u00a0]*\d[\d.,]*")
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(\d{2}|\d{4})|(0?[1-9]|1[0-2])[./-]20\d\d|20\d\d[./-](0?[1-9]|1[0-2])")
_YEAR = re.compile(r"(19|20)\d\d")
_MOST_ROWS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """Where a header was found. row: its first, counted from 1; rows: how many it has; above: what stands over it."""

    row: int = 1
    rows: int = 1
    above: tuple[tuple[str, ...], ...] = ()


class Likely(Wanted, frozen=True):
    """Finds the header by what titles look like. seen: each header, and where it was found."""

    seen: dict[tuple[str, ...], Found] = msgspec.field(default_factory=dict)

    def held_by(self, row: Sequence[str]) -> int:
        """Rate a row as a header: by the titles that say anything; a row with numbers is none."""
        return score(row)

    def header_in(self, rows: Sequence[Sequence[str]]) -> tuple[list[str], int]:
        """Return the header, and the number of its last row: the row that looks most like one, or several of them."""
        rated = [(score(row), -number) for number, row in enumerate(rows)]
        best, number = max(rated, default=(0, 0))
        last = -number if best > 0 else _widest(rows)
        if last >= len(rows):
            return [], last
        first, last = _several(rows, last)
        titles = joined(rows[first : last + 1])
        above = tuple(tuple(row) for row in rows[:first])
        self.seen[titled(titles)] = Found(first + 1, last - first + 1, above)
        return titles, last


def _several(rows: Sequence[Sequence[str]], best: int) -> tuple[int, int]:
    """Return the first and the last of the rows that are one header together."""
    for size in range(_MOST_ROWS, 1, -1):
        for first in range(max(0, best - size + 1), min(best, len(rows) - size) + 1):
            if _are_one(rows[first : first + size]):
                return first, first + size - 1
    return best, best


def _are_one(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows say together what none of them says alone: years above months, measures below them."""
    if not all(any(cell.strip() for cell in row) and _may_title(row) for row in rows):
        return False
    titles = joined(rows)
    filled = [title for title in titles if title]
    own = [{row[index].strip() for row in rows if index < len(row)} for index in range(len(titles))]
    composed = [title for title, cells in zip(titles, own, strict=True) if title and title not in cells]
    single = [title for title, cells in zip(titles, own, strict=True) if title in cells and title]
    told = [title for title in composed if not is_summary(title)]
    lowest = [cell.strip() for cell in rows[-1] if cell.strip()]
    if len(set(filled)) < len(filled) or not single or len(told) < 2 or len(told) * 2 < len(composed):
        return False
    headings = [heading(0, title) for title in told]
    if not all(one and (one.run or one.slots) and not one.of_calendar for one in headings):
        return False
    months = notation_of(lowest)
    whole = months is not None and months.kind == "month"
    scenarios = {slot.text for one in headings if one for slot in one.slots if slot.kind == "scenario"}
    return len(set(lowest)) < len(lowest) or not whole or len(scenarios) > 1


def _may_title(row: Sequence[str]) -> bool:
    """Whether a row can hold titles: its numbers count months or years."""
    numbers = [cell.strip() for cell in row if _is_number(cell.strip())]
    return all(_YEAR.fullmatch(number) for number in numbers) or _counting(numbers)


def score(row: Sequence[str]) -> int:
    """Count the titles in a row that say anything; months count when there are several."""
    cells = [cell.strip() for cell in row if cell.strip()]
    numbers = [cell for cell in cells if _is_number(cell)]
    if not cells or (numbers and not _counting(numbers)):
        return 0
    titles = [read_title(cell) for cell in cells]
    fields = {title.meant[0].field for title in titles if title.meant and title.meant[0].rank <= WEAK}
    known = sum(title.recognised for title in titles)
    months = notation_of([cell for cell in cells if not read_title(cell).recognised]) if len(cells) > 1 else None
    several = len(months.read) if months is not None and len(months.read) > 1 else 0
    return 2 * len(fields) + known + several if len(cells) > 1 or known else 0


def _is_number(cell: str) -> bool:
    """Whether a cell is a number, and no date."""
    return _NUMBER.fullmatch(cell) is not None and _DATE.fullmatch(cell) is None


def _counting(numbers: Sequence[str]) -> bool:
    """Whether numbers in a row count months or years, as in 1 to 12."""
    if not all(number.isdecimal() for number in numbers):
        return False
    whole = [int(number) for number in numbers]
    rising = all(one < two for one, two in pairwise(whole))
    serial = len(whole) > 1 and all(36526 <= number <= 73050 for number in whole)
    months = len(whole) > 2 and whole == list(range(1, len(whole) + 1))
    years = all(1990 <= number <= 2100 for number in whole)
    joined = all(199001 <= number <= 210012 and 1 <= number % 100 <= 12 for number in whole)
    return rising and (serial or months or years or joined)


def _widest(rows: Sequence[Sequence[str]]) -> int:
    """Return the first row that is about as wide as any."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    most = max(filled, default=0)
    return next((number for number, count in enumerate(filled) if count and count * 10 >= most * 8), 0)

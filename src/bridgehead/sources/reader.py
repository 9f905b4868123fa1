"""What every kind of planning file is read as: a header, and rows of texts that know where they came from."""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Sequence
from typing import Protocol

import msgspec

from bridgehead.tables import Session

BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError)
"""What unpacking may raise; the last one for a password, or a packing that nobody knows."""

DOUBLED = "Give every column a name of its own; where the titles stand in two rows, set header_rows = 2."
"""What to do about two columns of one name."""

HEADER_WITHIN = 50
"""So many rows are looked at for the header; a title block is shorter."""


class Wanted(msgspec.Struct, frozen=True):
    """Where the header is. row: its number, 1 is the first; 0: it is the row that holds most of these columns.

    columns: each with all the names that it has had. figures: titles of columns that hold numbers;
    pattern: fits the others of them. rows: how many rows the header has.
    """

    columns: tuple[tuple[str, ...], ...] = ()
    row: int = 0
    figures: tuple[str, ...] = ()
    pattern: str = ""
    rows: int = 1

    def held_by(self, row: Sequence[str]) -> int:
        """Count the columns that a row holds."""
        titles = {title.strip() for title in row}
        return sum(not titles.isdisjoint(names) for names in self.columns)

    def is_figure(self, title: str) -> bool:
        """Tell whether a column holds numbers, as far as its title tells."""
        named = any(title in names for names in self.columns)
        return title in self.figures or (not named and re.fullmatch(self.pattern, title) is not None)

    def header_in(self, rows: Sequence[Sequence[str]]) -> tuple[list[str], int]:
        """Return the header among these rows, and the number of its last row, counted from 0.

        It is the first that holds most of the columns. So a column that is missing is said of the header, not of a
        title above it. Where no row holds any of them, it is the first that is not empty. Empty when it lies beyond.
        """
        last = self.rows - 1
        if self.row:
            number = self.row - 1 + last
            return (joined(rows[self.row - 1 : number + 1]) if number < len(rows) else []), number
        headers = [joined(rows[number - last : number + 1]) for number in range(last, len(rows))]
        held, best = 0, next((number for number, titles in enumerate(headers) if any(map(str.strip, titles))), 0)
        for number, titles in enumerate(headers):
            count = self.held_by(titles)
            if count > held:
                held, best = count, number
        return (headers[best] if headers else []), best + last


class Loaded(msgspec.Struct, frozen=True):
    """What a reader read. digest: of the content. padded: whether cells may have blanks around their text.

    numbers: columns that hold numbers which are no texts; how those are written is not in question. clean: whether it
    is known that no cell holds a control character.
    """

    header: tuple[str, ...]
    digest: str
    padded: bool = True
    numbers: frozenset[str] = frozenset()
    clean: bool = False


class Reader(Protocol):
    """One table of a planning file. name: as people call it. It reads; it neither renames nor judges."""

    name: str

    def digest(self) -> str:
        """Return a digest of the content without reading rows; empty when that cannot be said beforehand."""

    def load(self, session: Session, mark: str = ".") -> Loaded:
        """Fill the session's table `raw` with texts `c0`, `c1`, ...

        mark: what the mapping expects before the decimals. Numbers that are numbers, no texts, are written with it.
        Raises SourceUnreadable.
        """

    def locate(self, record: int, column: str) -> str:
        """Say where a record stands, and where in it the column, as far as that can be said apart from its name."""


def joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """Put the rows of a header together: `Jan` below `2027` becomes `2027 Jan`.

    A title stands for the columns to its right as well, until the next one of its row; where no title is below it, for
    its own column alone. What is merged downwards is said once.
    """
    if len(rows) == 1:
        return list(rows[0])
    width = max(map(len, rows), default=0)
    found = [""] * width
    for row in reversed(rows):
        title = ""
        for index in range(width):
            own = row[index].strip() if index < len(row) else ""
            title = own or title
            above = title if found[index] else own
            found[index] = above if found[index] == above else f"{above} {found[index]}".strip()
    return found


def titled(header: Sequence[str]) -> tuple[str, ...]:
    """Trim a header; a column without a title is called by its number, such as `column 3`."""
    return tuple(title.strip() or f"column {number}" for number, title in enumerate(header, 1))


def fits_pattern(title: str, pattern: str) -> bool:
    """Tell whether a title fits a pattern in which * stands for any text, and every other sign for itself."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), title, re.DOTALL) is not None

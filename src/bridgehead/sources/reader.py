"""What every kind of planning file is read as: a header, and rows of texts that know where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bridgehead.tables import Session

HEADER_WITHIN = 50
"""So many rows are looked at for the header; a title block is shorter."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the header is. row: its number, 1 is the first; 0: it is the row that holds most of these columns.

    columns: each with all the names that it has had.
    """

    columns: tuple[tuple[str, ...], ...] = ()
    row: int = 0

    def found_in(self, rows: Sequence[Sequence[str]]) -> int:
        """Return which of these rows is the header, counted from 0: the first that holds most of the columns.

        So a column that is missing is said of the header, not of a title above it. Where no row holds any of them, it
        is the first that is not empty.
        """
        if self.row:
            return self.row - 1
        held, best = 0, next((number for number, row in enumerate(rows) if any(title.strip() for title in row)), 0)
        for number, row in enumerate(rows):
            titles = {title.strip() for title in row}
            count = sum(not titles.isdisjoint(names) for names in self.columns)
            if count > held:
                held, best = count, number
        return best


class Reader(Protocol):
    """One table of a planning file. name: as people call it. It reads; it neither renames nor judges."""

    name: str

    def load(self, session: Session) -> tuple[tuple[str, ...], str]:
        """Fill the session's table `raw` with texts `c0`, `c1`, ...; return the header and a digest of the content.

        Raises SourceUnreadable.
        """

    def locate(self, record: int, column: str) -> str:
        """Say where a record stands, and where in it the column, as far as that can be said apart from its name."""


def titled(header: Sequence[str]) -> tuple[str, ...]:
    """Trim a header; a column without a title is called by its number, such as `column 3`."""
    return tuple(title.strip() or f"column {number}" for number, title in enumerate(header, 1))

"""What UKG refused, told by the rows of the planning file: of a wide row all months at once, equal reasons together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bridgehead.ports import Rejected

_PLACES = (
    re.compile(r"(?P<row>.*, record \d+)(?:, (?P<column>.*))?"),
    re.compile(r"(?P<row>.*\d)(?: \[(?P<column>.*)\])?"),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row of the file with one reason. columns: in which of its columns the refused numbers stand, if it is wide.

    count: of the projections that were refused.
    """

    row: str
    columns: tuple[str, ...]
    field: str
    code: str
    message: str
    count: int

    @property
    def span(self) -> str:
        """The columns, in short."""
        if len(self.columns) < 2:
            return "".join(self.columns)
        return f"{len(self.columns)} columns, {self.columns[0]} to {self.columns[-1]}"


def by_row(rejects: Sequence[Rejected]) -> list[Refusal]:
    """Return the refusals by row of the file, in the order in which they were sent."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for one in rejects:
        row, column = placed(one.origin)
        found.setdefault((row, one.field, one.code, one.message), []).append(column)
    return [
        Refusal(row, tuple(filter(None, columns)), field, code, message, len(columns))
        for (row, field, code, message), columns in found.items()
    ]


def rows_of(refusals: Sequence[Refusal]) -> int:
    """Return how many rows of the file are meant; a record of which no row is known counts as one."""
    return len({one.row for one in refusals if one.row}) + sum(one.count for one in refusals if not one.row)


def placed(origin: str) -> tuple[str, str]:
    """Return the row and the column that an origin names: `plan.csv, record 18` and `2027-01`."""
    for pattern in _PLACES:
        found = pattern.fullmatch(origin)
        if found is not None:
            return found["row"], found["column"] or ""
    return origin, ""


def reasons(refusals: Sequence[Refusal]) -> list[tuple[str, str, str, int]]:
    """Return UKG's reasons, the most frequent first: field, code, words and how many rows."""
    counted = Counter((one.field, one.code, one.message) for one in refusals)
    return [(*reason, count) for reason, count in counted.most_common(10)]

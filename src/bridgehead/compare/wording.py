"""How a source calls what it holds, and where it holds it: what is wrong with a row is said in these words."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from bridgehead.projection import DIMENSIONS
from bridgehead.tables import Session

_COLUMNS = (
    "field VARCHAR",
    "header VARCHAR",
    "place VARCHAR",
    "title VARCHAR",
    "position INTEGER",
    "after BIGINT",
    "until BIGINT",
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one of our fields stands, in the records from after + 1 to until.

    place: in a column of the row; in the header over a cell; in the cell itself; or in the settings, which no row can
    correct. title: of its column. position: of that column in the file. header: over the cell, where it depends on it.
    A spot without a field is the column of a header.
    """

    field: str
    place: Literal["row", "header", "cell", "settings"]
    title: str
    position: int = 0
    header: str = ""
    after: int = 0
    until: int = sys.maxsize


@dataclass(frozen=True)
class Wording:
    """What messages need to know of a source.

    decimal, thousands, period_format: how it writes numbers and periods. pov: the fields that share one cell, in order,
    and separator between them. measures: its words for them, where rows say which measure they hold. crosswalks: by
    dimension, the file that translates its codes.
    """

    spots: tuple[Spot, ...] = ()
    decimal: str = "point"
    thousands: str = ""
    period_format: str = "iso"
    pov: tuple[str, ...] = ()
    separator: str = ","
    measures: tuple[str, ...] = ()
    crosswalks: Mapping[str, str] = field(default_factory=dict)

    def spot(self, name: str, record: int, header: str | None = None) -> Spot | None:
        """Return where a field of a record stands."""
        found = self._index.get((name, "")) or self._index.get((name, header or "")) or ()
        return next((one for one in found if one.after < record <= one.until), None)

    @cached_property
    def _index(self) -> Mapping[tuple[str, str], list[Spot]]:
        """The spots by field and header: each bad row asks for several."""
        found: dict[tuple[str, str], list[Spot]] = {}
        for one in self.spots:
            found.setdefault((one.field, one.header), []).append(one)
        return found

    @property
    def halved(self) -> bool:
        """Whether a period comes in two parts, year and month."""
        return any(one.field == "month" for one in self.spots)

    def cell(self, parts: tuple[str, ...], record: int, header: str | None) -> str:
        """Name a cell of the plan by what the file says of it: `Department 0100, Job J001, Jan-27`.

        parts: its dimensions, empty where unset. header: over it; None when several cells of the row are meant.
        """
        told: list[str] = []
        for name, value in zip(DIMENSIONS, parts, strict=True):
            spot = self.spot(name, record, header)
            shown = value[:7] if name == "period_start" else value
            if spot is None or spot.place == "settings" or not value:
                continue
            if spot.place == "header":
                told.append(spot.title)
            elif name in self.crosswalks:  # the code is UKG's, and stands in no column of the file
                told.append(f"{word(name)} {shown}")
            elif header is not None or name != "period_start" or not self.halved:
                told.append(f"{spot.title} {shown}")
        return ", ".join(dict.fromkeys(told)) or " / ".join(filter(None, parts))

    def stage(self, session: Session) -> None:
        """Fill the table `spots`."""
        rows = [(one.field, one.header, one.place, one.title, one.position, one.after, one.until) for one in self.spots]
        session.fill("spots", _COLUMNS, rows)


def word(name: str) -> str:
    """Return what people call one of our fields."""
    return {"period_start": "period", "fte": "FTE", "pov": "point of view"}.get(name, name.replace("_", " "))

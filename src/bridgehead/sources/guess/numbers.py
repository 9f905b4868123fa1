"""How numbers are written: a decimal comma or groups of thousands, only where a number of the file proves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridgehead.sources.guess.profile import Column
from bridgehead.sources.guess.words import MISSING


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands before the decimals, and what groups thousands. decided: the number that proved it.

    open: a number that has two readings, where no other one tells. contradicted: two numbers that cannot both be.
    """

    decimal: str = ""
    thousands: str = ""
    decided: str = ""
    open: str = ""
    contradicted: tuple[str, str] | None = None

    @property
    def mark(self) -> str:
        """What stands before the decimals."""
        return "," if self.decimal == "comma" else "."


def marks_of(columns: Sequence[Column]) -> Marks:
    """Tell from the columns that hold measures; one proof holds for all of them."""
    told = [column.notations for column in columns]
    comma = next((one.comma for one in told if one.comma_decimal or one.point_groups), "")
    point = next((one.point for one in told if one.point_decimal or one.comma_groups), "")
    either = next((one.either for one in told if one.either_comma or one.either_point), "")
    spaced, quoted = any(one.spaced for one in told), any(one.quoted for one in told)
    if comma and point:
        return Marks(contradicted=(comma, point))
    grouped = " " if spaced else "'" if quoted else ""
    if comma:
        groups = any(one.point_groups or one.either_point for one in told)
        dotted = any("." in text for column in columns for text in column.values if "," in text)
        return Marks("comma", "." if groups or dotted else grouped, comma)
    if point:
        groups = any(one.comma_groups or one.either_comma for one in told)
        dotted = any("," in text for column in columns for text in column.values if "." in text)
        grouped = "," if groups or dotted else grouped
        # Points are what is expected: only where 1.234 was seen as well is it worth saying.
        return Marks("point" if any(one.either_point for one in told) or grouped else "", grouped, point)
    if either and not grouped:
        return Marks(open=either)
    if either:
        return Marks("comma" if any(one.either_comma for one in told) else "point", grouped, either)
    return Marks(thousands=grouped)


def missing_in(columns: Sequence[Column], dimensions: Sequence[Column]) -> tuple[list[str], dict[str, tuple[str, int]]]:
    """Return the texts that mean absent, and the other ones among the numbers with where and how often they stand.

    Among dimensions only what is no code anywhere counts as absent.
    """
    found: list[str] = []
    strange: dict[str, tuple[str, int]] = {}
    for column in columns:
        for text, times in column.texts:
            if text in MISSING:
                found += [text] if text not in found else []
            elif not any(sign.isdigit() for sign in text):
                strange.setdefault(text, (column.name, times))
    for column in dimensions:
        found += [text for text in column.values if text in _NO_CODES and text not in found]
    return found, strange


_NO_CODES = frozenset(
    ("#Missing", "#MISSING", "#missing", "#N/A", "#NA", "#NV", "n/a", "N/A", "n.a.", "N.A.", "n.v.", "k.A.", "nvt", "-")
) | {"--", "---", "\u2013", "\u2014", "NULL", "null", "(blank)", "(null)", "\\N", "<NA>", "#Mi", "nan", "NaN"}

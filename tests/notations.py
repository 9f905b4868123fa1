"""How planning files write numbers and periods: every notation with the settings that read it."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st

GERMAN = ["Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]


class Marks(NamedTuple):
    """How numbers are written. decimal, thousands: as settings. sign: what groups thousands in the file."""

    decimal: str
    thousands: str
    sign: str

    @property
    def mark(self) -> str:
        """What stands before the decimals."""
        return {"point": ".", "comma": ","}[self.decimal]


MARKS = st.sampled_from(
    [
        *(Marks("point", "", ""), Marks("comma", "", ""), Marks("point", ",", ","), Marks("comma", ".", ".")),
        *(Marks("point", "'", "'"), Marks("point", " ", " "), Marks("point", " ", "\u202f")),
        *(Marks("comma", " ", "\u00a0"), Marks("comma", "'", "'"), Marks("comma", " ", " ")),
    ]
)
FRONT = st.sampled_from(["", "", "", "", "+", "0", "+00"])
TAIL = st.sampled_from(["", "", "", "0", "000", "."])


def written(draw: st.DrawFn, marks: Marks, number: Decimal) -> str:
    """Write a number: with zeros that say nothing, a sign, and groups where the marks have them."""
    whole, _, decimals = f"{number:f}".partition(".")
    front, tail = "" if number < 0 else draw(FRONT), draw(TAIL)
    if marks.sign and draw(st.booleans()):
        whole, front = f"{int(whole):,}".replace(",", marks.sign), front.strip("0")
    decimals += tail.strip(".")
    zeros = front.strip("+")[: max(0, 12 - len(whole))]
    point = marks.mark if decimals or tail == "." else ""
    return f"{'+' * front.startswith('+')}{zeros}{whole}{point}{decimals}"


def plain(number: Decimal, mark: str = ".") -> str:
    """Write a number as it is."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", mark)


def undecided(texts: list[str]) -> bool:
    """Tell whether a column's numbers could be read with a decimal point, and with grouped thousands as well."""
    pointed = [text for text in texts if "." in text]
    return bool(pointed) and all(re.fullmatch(r"[+-]?[1-9][0-9]{0,2}([.][0-9]{3})+", text) for text in pointed)


@dataclass(frozen=True)
class Periods:
    """How periods are written. year, month: as period_format names them. template: what stands around the two.

    settings: of the mapping. first_month, named: the fiscal calendar, where there is one.
    """

    year: str
    month: str
    template: str
    first_month: int = 0
    named: str = "end"
    german: bool = False
    day: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def year_of(self, period: date, *, dated: bool = False) -> str:
        """Write the year. dated: beside a day, where it is the calendar's in every company."""
        year = period.year
        if self.first_month > 1 and not dated:
            started = year if period.month >= self.first_month else year - 1
            year = started + (self.named == "end")
        return f"{year:04d}" if self.year == "%Y" else f"{year % 100:02d}"

    def month_of(self, period: date, *, dated: bool = False) -> str:
        """Write the month, by its number in the calendar that counts, or by its name."""
        if self.month == "%m":
            number = (period.month - self.first_month) % 12 + 1 if self.first_month and not dated else period.month
            return f"{number:02d}"
        if self.german:
            return GERMAN[period.month - 1]
        return (calendar.month_abbr if self.month == "%b" else calendar.month_name)[period.month]

    def text(self, period: date, day: int) -> str:
        """Write a period. day: the one that does not count, where the format has one."""
        if self.template == "serial":
            return str((period - date(1899, 12, 30)).days)
        days, dated = {"": "", "%d": "01", "%D": f"{day:02d}"}[self.day], bool(self.day)
        return self.template.format(y=self.year_of(period, dated=dated), m=self.month_of(period, dated=dated), d=days)

    @property
    def iso(self) -> bool:
        """Whether this is how periods are written when nobody says otherwise."""
        return (
            self.template in ("{y}-{m}", "{y}-{m}-{d}") and (self.year, self.month) == ("%Y", "%m") and self.day != "%D"
        )

    def reading(self) -> dict[str, Any]:
        """Return the settings that read a cell."""
        if self.template == "serial":
            return {"period_format": "excel-serial"}
        written = self.template.replace("%", "%%").format(y=self.year, m=self.month, d=self.day)
        return self.counting() | ({} if self.iso else {"period_format": written})

    def counting(self) -> dict[str, Any]:
        """Return the settings that say how years and months are counted and called."""
        fiscal = {"fiscal": {"first_month": self.first_month, "year_named": self.named}} if self.first_month else {}
        called = {name: number for number, name in enumerate(GERMAN, 1)} if self.german else {}
        return fiscal | ({"month_names": called} if called else {})

    def pattern(self, *, year: bool = True, month: bool = True) -> str:
        """Return the regular expression of a header that holds the period, or one half of it."""
        years = {"%Y": r"(?P<year>\d{4})", "%y": r"(?P<yy>\d\d)"}[self.year]
        months = r"(?P<month>\d\d)" if self.month == "%m" else r"(?P<month>[^\W\d_]+)"
        if not (year and month):
            return years if year else months
        return re.escape(self.template).replace(r"\{y\}", years).replace(r"\{m\}", months).replace(r"\{d\}", "")


FISCAL = st.sampled_from([(0, "end"), (0, "end"), (0, "end"), (4, "end"), (7, "start"), (10, "end"), (1, "start")])


@st.composite
def periods(draw: st.DrawFn, *, headers: bool) -> Periods:
    """Draw how periods are written. headers: in the headers of columns."""
    first_month, named = draw(FISCAL)
    month = draw(st.sampled_from(["%m", "%m", "%b", "%B"]))
    templates = ["{y}-{m}", "{m}/{y}", "{m} {y}", "FY{y}-P{m}", "{y}.{m}", "100% {m}|{y}"]
    # A number beside a number: only without a name between can both be told.
    templates += ["{y}{m}"] if month == "%m" else []
    days = [] if headers else ["{d}/{m}/{y}", "{m}/{d}/{y}", "{y}-{m}-{d}", "{d}.{m}.{y}", "serial", "serial"]
    template = draw(st.sampled_from([*templates, *days]))
    day = draw(st.sampled_from(["%d", "%D"])) if "{d}" in template else ""
    year = draw(st.sampled_from(["%Y", "%Y", "%y"]))
    if template == "serial":
        return Periods("%Y", "%m", template)
    german = month == "%b" and draw(st.booleans())
    return Periods(year, month, template, first_month, named, german, day)

"""From the text of a period to the month that it means: formats, month names, fiscal calendars. Never a guess."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from bridgehead.errors import ConfigError
from bridgehead.sources.mapping.settings import Fiscal

_ENGLISH = {
    name.lower(): number
    for names in (calendar.month_abbr, calendar.month_name)
    for number, name in enumerate(names)
    if name
} | {"sept": 9}
_PIECES = {
    "%Y": r"(?P<year>[0-9]{4})",
    "%y": r"(?P<year>[0-9]{2})",
    "%m": r"(?P<month>[0-9]{1,2})",
    "%b": r"(?P<month>[^\W\d_]+\.?)",
    "%B": r"(?P<month>[^\W\d_]+\.?)",
    "%d": r"(?P<day>[0-9]{1,2})",
    "%D": r"(?P<some_day>[0-9]{1,2})",
    "%%": "%",
}
_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2}))?")
_BOTH_YEARS = re.compile(r"[^0-9]*(?P<first>[0-9]{4}|[0-9]{2}) ?[-/] ?(?P<second>[0-9]{4}|[0-9]{2})")
_SERIAL_EPOCH = date(1899, 12, 30)
"""Day 0 of a spreadsheet's dates, as they count since March 1900."""


class Calendar:
    """Reads periods. names: of months, beside the English ones. fiscal: None for calendar years."""

    def __init__(self, names: Mapping[str, int], fiscal: Fiscal | None) -> None:
        wrong = [name for name, number in names.items() if not 1 <= number <= 12]
        if wrong:
            raise ConfigError(
                f"month_names.{wrong[0]} is {names[wrong[0]]}, not a month from 1 to 12.",
                cure="For instance: month_names = { Mrz = 3, Mai = 5, Okt = 10, Dez = 12 }.",
                setting=f"month_names.{wrong[0]}",
            )
        if fiscal is not None and not fiscal.first_month:
            raise ConfigError(
                "fiscal.first_month is 0: nobody has said with which month the fiscal year begins.",
                cure='For instance: fiscal = { first_month = 4, year_named = "end" }; 1 for calendar years.',
                setting="fiscal.first_month",
            )
        self._names = _ENGLISH | {name.lower().rstrip("."): number for name, number in names.items()}
        self._fiscal = fiscal

    def month(self, year: str, month: str, day: str | None = None) -> date | None:
        """Return the day that year, month and day mean, None when they mean none. Years of two digits: 20yy.

        In a fiscal calendar a month's number counts from its first month, and a name is still that month's. With a day
        it is a date, such as a spreadsheet's: dates are the calendar's in every company.
        """
        number = self.number(month)
        if not year.isascii() or not year.isdecimal() or not number:
            return None
        whole = int(year) + (2000 if len(year) == 2 else 0)
        if self._fiscal is not None and day is None:
            period = number if month.isdecimal() else (number - self._fiscal.first_month) % 12 + 1
            whole, number = _calendar_month(self._fiscal, whole, period)
        try:
            found = date(whole, number, int(day or 1))
        except ValueError:
            return None
        return found if 1900 <= found.year <= 2999 else None

    def number(self, month: str) -> int:
        """Return the number of a month that is written as a number or a name; 0 when it is neither."""
        if month.isascii() and month.isdecimal():
            return int(month) if 1 <= int(month) <= 12 else 0
        return self._names.get(month.lower().rstrip("."), 0)

    def reader(self, written: str) -> Callable[[str], date | None]:
        """Return the function that reads texts of a format; raise ConfigError when the format is none."""
        if written == "excel-serial":
            return _serial
        pattern = _ISO if written == "iso" else _pattern(written)

        def read(text: str) -> date | None:
            match = pattern.fullmatch(text)
            if match is None:
                return None
            parts = match.groupdict()
            day = parts.get("day") or ("1" if parts.get("some_day") else None)
            return self.month(parts["year"], parts["month"], day)

        return read

    def pair(self, text: str) -> date | None:
        """Read a period that came in two parts, year and month, with a blank between."""
        year, _, month = text.rpartition(" ")
        years = re.fullmatch(r"[^0-9]*([0-9]{4}|[0-9]{2})", self._one_of(year))  # 2026, FY26, FY 26
        months = re.fullmatch(r"[PpMm]?([0-9]{1,2})|([^\W\d_]+\.?)", month)  # 3, P03, Mar
        if years is None or months is None:
            return None
        return self.month(years.group(1), months.group(1) or months.group(2))

    def _one_of(self, year: str) -> str:
        """Return the year by which a fiscal year is named that tells both of its own, such as 2026/27."""
        both = _BOTH_YEARS.fullmatch(year)
        if both is None or self._fiscal is None or self._fiscal.first_month == 1:
            return year
        first, second = both.group("first"), both.group("second")
        if (int(first) + 1) % 100 != int(second) % 100:
            return year
        return first if self._fiscal.year_named == "start" else second


def _calendar_month(fiscal: Fiscal, year: int, period: int) -> tuple[int, int]:
    """Return calendar year and month of a fiscal period: FY26-P01 with April as first month, named by its end."""
    if fiscal.first_month == 1:
        return year, period
    started = year - 1 if fiscal.year_named == "end" else year
    months = fiscal.first_month - 1 + period - 1
    return started + months // 12, months % 12 + 1


def _serial(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{5}(\.0+)?", text):
        return None
    return _SERIAL_EPOCH + timedelta(days=int(text.partition(".")[0]))


def _pattern(written: str) -> re.Pattern[str]:
    pieces = re.split(r"(%.)", written)
    named = [piece for piece in pieces if piece.startswith("%") and piece != "%%"]
    years, months = sum(one in ("%Y", "%y") for one in named), sum(one in ("%m", "%b", "%B") for one in named)
    broken = any("%" in piece and piece not in _PIECES for piece in pieces)
    if broken or years != 1 or months != 1 or max(named.count("%d"), named.count("%D")) > 1:
        raise ConfigError(
            f"period_format {written!r} is no pattern of one year and one month.",
            cure='Write period_format = "iso", or a pattern such as "%d/%m/%Y", "%b-%y" or "FY%y-P%m"; %Y is a year of '
            "four digits, %y of two, %m a month's number, %b its name, %d the day, %D a day that does not count.",
            setting="period_format",
        )
    close = re.search(r"%[Yymd]%[md]|%[md]%[Yy]", written) is not None
    # Without a sign between them, only two digits each can tell where one ends: 1112027 is no day.
    width = "{2}" if close else "{1,2}"
    return re.compile("".join(_PIECES.get(piece, re.escape(piece)).replace("{1,2}", width) for piece in pieces))

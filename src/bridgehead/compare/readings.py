"""What a text could mean that was read as nothing: both readings, and the setting that decides between them."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_TRIED = (
    (r"(?P<day>\d{1,2})(?P<mark>[/.-])(?P<month>\d{1,2})[/.-](?P<year>\d{4}|\d{2})", "%d{0}%m{0}%{1}"),
    (r"(?P<month>\d{1,2})(?P<mark>[/.-])(?P<day>\d{1,2})[/.-](?P<year>\d{4}|\d{2})", "%m{0}%d{0}%{1}"),
    (r"(?P<year>\d{4})(?P<mark>[/.-])(?P<month>\d{1,2})", "%{1}{0}%m"),
    (r"(?P<month>\d{1,2})(?P<mark>[/.-])(?P<year>\d{4})", "%m{0}%{1}"),
    (r"(?P<year>\d{4})(?P<mark>)(?P<month>\d{2})", "%{1}%m"),
    (r"(?P<name>[A-Za-z]{3,9})(?P<mark>[ /.-]?)(?P<year>\d{4}|\d{2})", "{2}{0}%{1}"),
    (r"FY(?P<year>\d{4}|\d{2})(?P<mark>[ /.-]?)P(?P<month>\d{2})", "FY%{1}{0}P%m"),
)
_SERIAL = r"[34]\d{4}"


def of_period(text: str) -> str:
    """Say how a text could be read as a period, and which setting says so."""
    found = [(match, written) for pattern, written in _TRIED if (match := _read(pattern, text))]
    told = [f'{_name(match)} with period_format = "{_format(written, match)}"' for match, written in found]
    if re.fullmatch(_SERIAL, text):
        told.append('a spreadsheet\'s date with period_format = "excel-serial"')
    if not told:
        return "Write 2027-01 or 2027-01-01, or set period_format"
    fiscal = ", and fiscal" if "FY" in text else ""
    return f"It could be {', or '.join(told)}{fiscal}: say which"


def of_number(text: str) -> str:
    """Say how a text could be read as a number, and which settings say so; empty when it could not."""
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text):
        plain = text.replace(",", "")
        other = (
            f', or {text.replace(",", ".")} with decimal = "comma"' if text.count(",") == 1 and "." not in text else ""
        )
        return f'. It could be {plain} with thousands = ","{other}'
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return f'. It could be {text.replace(",", ".")} with decimal = "comma"'
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?", text):
        plain = text.replace(".", "").replace(",", ".")
        return f'. It could be {plain} with decimal = "comma" and thousands = "."'
    spaced = re.fullmatch(r"[+-]?\d{1,3}(([ '\u00a0\u202f])\d{3})+([.,]\d*)?", text)
    if spaced:
        mark = "'" if spaced.group(2) == "'" else " "
        return f'. It could be {re.sub("[^0-9+.,-]", "", text)} with thousands = "{mark}"'
    return ""


def _read(pattern: str, text: str) -> re.Match[str] | None:
    match = re.fullmatch(pattern, text)
    if match is None:
        return None
    parts = match.groupdict()
    if "name" in parts:
        return match if any(name.lower().startswith(parts["name"].lower()) for name in _MONTHS) else None
    try:
        date(2000, int(parts["month"]), int(parts.get("day") or 1))
    except ValueError:
        return None
    return match


def _format(written: str, match: re.Match[str]) -> str:
    name = match.groupdict().get("name", "")
    return written.format(
        match.group("mark"), "Y" if len(match.group("year")) == 4 else "y", "%b" if len(name) == 3 else "%B"
    )


def _name(match: re.Match[str]) -> str:
    """Name the day or the month that a reading means."""
    parts = match.groupdict()
    year = parts["year"] if len(parts["year"]) == 4 else f"20{parts['year']}"
    if "name" in parts:
        month = next(name for name in _MONTHS if name.lower().startswith(parts["name"].lower()))
    elif "FY" in match.string:
        return f"period {int(parts['month'])} of {year}"
    else:
        month = _MONTHS[int(parts["month"]) - 1]
    return f"{int(parts['day'])} {month} {year}" if parts.get("day") else f"{month} {year}"

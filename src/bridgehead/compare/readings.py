"""What a text could mean that was read as nothing: both readings, and the setting that decides between them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

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


_PERIODS = {"iso": ("2027-01", "2027-12"), "excel-serial": ("46388", "46388")}
_MARKS = {"point": ".", "comma": ","}


def of_period(text: str, written: str, *, halved: bool = False) -> str:
    """Say what was expected of a period, how a text could be read as one, and which setting says so.

    written: the period_format that is set. halved: the text is a year and a month from two places.
    """
    if halved:
        return _of_halves(text)
    examples = " or ".join(dict.fromkeys(_examples(written)))
    expected = f'Expected is a month such as {examples} (period_format = "{written}")'
    told = [(_name(match), one) for match, one in _found(text) if one != written]
    if re.fullmatch(_SERIAL, text) and written != "excel-serial":
        told.append((_day(_of_serial(text)), "excel-serial"))
    if not told:
        named = re.search(r"[^\W\d_]{2,}", text) and re.search("%[bB]", written)
        return f"{expected}{'; a name that is not English is explained under month_names' if named else ''}"
    fiscal = ", and fiscal" if "FY" in text else ""
    if len(told) == 1:
        ((day, one),) = told
        return f'{expected}. It could be {day}: write it as expected, or set period_format = "{one}"{fiscal}'
    readings = ", or ".join(f'{day} with period_format = "{one}"' for day, one in told)
    return f"{expected}. It could be {readings}{fiscal}: say which"


def _of_halves(text: str) -> str:
    """Say how a year and a month are written that come in two parts, with a blank between."""
    year, _, month = text.rpartition(" ")
    if not re.fullmatch(r"[^0-9]*([0-9]{4}|[0-9]{2})", year):
        return "Write the year as 2027, 27 or FY27"
    named = re.search(r"\d", month) is None
    return f"Write the month as 3, P03, Mar or March{', or explain its name under month_names' if named else ''}"


def of_boundary(text: str, written: str) -> str:
    """Say which day a text was read as, and how another reading is the first of a month."""
    found = _found(text)
    now = next((_name(match) for match, one in found if one == written), "")
    if written == "excel-serial" and re.fullmatch(_SERIAL, text):
        now = _day(_of_serial(text))
    read = f'It is read as {now} (period_format = "{written}"). ' if now else ""
    firsts = [
        f'{_name(match)} with period_format = "{one}"'
        for match, one in found
        if one != written and int(match.groupdict().get("day") or 1) == 1
    ]
    if firsts:
        return f"{read}It could be {', or '.join(firsts)}: say which"
    dayless = {"iso": "%Y-%m-%D"}.get(written, written.replace("%d", "%D") if "%d" in written else "")
    loose = f', or let the day not count: period_format = "{dayless}"' if dayless else ""
    return f"{read}Write the first of its month{loose}"


def of_number(text: str, decimal: str, thousands: str) -> str:
    """Say how a text could be read as a number, and which settings say so; else how a number is written.

    decimal, thousands: as they are set.
    """
    plain = text.translate(str.maketrans("\u00a0\u202f", "  "))
    told: dict[str, str] = {}
    for other, mark in _MARKS.items():
        for group in ("", ",", ".", "'", " "):
            value = _value(plain, mark, group)
            if value and group != mark and value not in told:
                settings = [f'decimal = "{other}"'] if other != decimal else []
                if group != thousands and (group or thousands == mark):
                    settings.append(f'thousands = "{group}"')
                told[value] = " and ".join(settings)
    if len(told) == 1:
        ((value, setting),) = told.items()
        return f"It could be {value}: write {value.replace('.', _MARKS[decimal])}, or set {setting}"
    if told:
        return f"It could be {', or '.join(f'{value} with {setting}' for value, setting in told.items())}: say which"
    if re.search(r"\d", text):
        return f"Write digits alone, with a {decimal} before the decimals"
    return "Write a figure, or leave the cell empty; a word that means empty is named under missing"


def of_parts(text: str, fields: Sequence[str], separator: str) -> str:
    """Say how many parts a cell of several has, and which are expected."""
    count, names = len(text.split(separator)) if text else 0, ", ".join(name or "(not needed)" for name in fields)
    cure = "Add what is missing" if count < len(fields) else "Take out what is too much"
    parts = f"{count or 'no'} part{'s' if count != 1 else ''}"
    return f"{parts}, and pov.fields names {len(fields)}: {names}. {cure}"


def of_control(text: str) -> str:
    """Name the first control character of a text."""
    found = re.search(r"[\x00-\x1f\x7f]", text)
    sign = found.group() if found else ""
    names = {"\r": "the end of a line", "\n": "the end of a line", "\t": "a tab"}
    return names.get(sign, repr(sign)[1:-1])


def _value(text: str, mark: str, group: str) -> str:
    """Return the number, with a point, that a text is with such marks; nothing when it is none."""
    whole = rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+" if group else r"\d+"
    match = re.fullmatch(rf"([+-]?{whole})(?:{re.escape(mark)}(\d+))?", text)
    if match is None:
        return ""
    return (match.group(1).replace(group, "") if group else match.group(1)) + (
        f".{match.group(2)}" if match.group(2) else ""
    )


def _examples(written: str) -> tuple[str, str]:
    """Return the first and the last month of a year, as a format writes them."""
    if written in _PERIODS:
        return _PERIODS[written]
    first = {"%Y": "2027", "%y": "27", "%m": "01", "%b": "Jan", "%B": "January", "%d": "01", "%D": "01", "%%": "%"}
    last = first | {"%m": "12", "%b": "Dec", "%B": "December"}
    return _filled(written, first), _filled(written, last)


def _filled(written: str, pieces: Mapping[str, str]) -> str:
    return re.sub("%.", lambda piece: pieces[piece.group()], written)


def _found(text: str) -> list[tuple[re.Match[str], str]]:
    """Return the readings of a text, each with its format."""
    return [(match, _format(written, match)) for pattern, written in _TRIED if (match := _read(pattern, text))]


def _of_serial(text: str) -> date:
    return date(1899, 12, 30) + timedelta(days=int(text))


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _read(pattern: str, text: str) -> re.Match[str] | None:
    match = re.fullmatch(pattern, text)
    if match is None:
        return None
    parts = match.groupdict()
    if "name" in parts:
        return match if any(name.lower().startswith(parts["name"].lower()) for name in _MONTHS) else None
    try:
        date(2000 + int(parts["year"][-2:]), int(parts["month"]), int(parts.get("day") or 1))
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

"""A first guess at what a planning file holds, for `bridgehead init`: columns by their names, months in headers."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bridgehead.errors import SourceUnreadable
from bridgehead.projection import MEASURES, REQUIRED, STATED
from bridgehead.sources.csv import Shape, look, unreadable

_SAMPLE = 200

_ALIASES: dict[str, tuple[str, ...]] = {
    "scenario": ("scenario", "plan", "plan type", "category"),
    "version": ("version", "plan version", "revision"),
    "period_start": ("period start", "period", "month", "date", "start date", "effective date"),
    "org_unit": ("org unit", "organization", "organisation", "org", "department", "dept", "department code", "unit"),
    "cost_center": ("cost center", "cost centre", "costcenter", "cc", "cost center code"),
    "location": ("location", "site", "location code", "plant", "office"),
    "job": ("job", "job code", "jobcode", "role", "job title", "profession"),
    "position": ("position", "position code", "position id"),
    "grade": ("grade", "pay grade", "paygrade", "level", "band"),
    "employment_type": ("employment type", "employee type", "contract", "contract type"),
    "headcount": ("headcount", "heads", "hc", "head count", "planned headcount"),
    "fte": ("fte", "ftes", "full time equivalent"),
    "hours": ("hours", "planned hours", "hrs"),
    "cost": ("cost", "amount", "total cost", "salary cost", "budget"),
    "currency": ("currency", "ccy", "currency code"),
}
_MONTH_HEADERS = (
    r"(?P<year>\d{4})-(?P<month>\d{2})",
    r"(?P<year>\d{4})/(?P<month>\d{2})",
    r"(?P<month>[A-Z][a-z]{2})-(?P<yy>\d{2})",
    r"(?P<month>[A-Z][a-z]{2,8}) (?P<year>\d{4})",
    r"(?P<month>[A-Z][a-z]{2})(?P<yy>\d{2})",
)


@dataclass(frozen=True, slots=True)
class Guess:
    """What a file seems to hold. columns: our field to the file's column; months: pattern and how many columns fit."""

    name: str
    shape: Shape
    columns: dict[str, str]
    months: tuple[str, int] | None
    period_format: str
    decimal: str
    strangers: tuple[str, ...]
    missing: tuple[str, ...]

    def lacking(self) -> list[str]:
        """Return the fields that nothing in the file seems to hold."""
        known = set(self.columns) | ({"period_start"} if self.months else set())
        return [name for name in (*REQUIRED, *STATED) if name not in known]

    def told(self) -> list[str]:
        """Say in words what was seen."""
        mark = {"\t": "tab"}.get(self.shape.delimiter, self.shape.delimiter)
        encoding = self.shape.encoding.removesuffix("-sig").upper()
        lines = [f"{self.name}: {len(self.shape.header)} columns, separated by {mark!r}, {encoding}."]
        lines += [f"  {ours} = {theirs!r}" for ours, theirs in self.columns.items()]
        if self.months:
            lines.append(f"  months in {self.months[1]} headers, taken for headcount")
        if self.period_format != "iso":
            lines.append(f"  periods written as {self.period_format}")
        if self.decimal != "point":
            lines.append("  decimal commas")
        if self.lacking():
            lines.append(f"  not found: {', '.join(self.lacking())}")
        if self.strangers:
            lines.append(f"  ignored: {', '.join(self.strangers)}")
        return lines

    def settings(self) -> list[str]:
        """Return the lines of the source section."""
        lines = [] if self.shape.encoding == "utf-8-sig" else [f"encoding = {_text(self.shape.encoding)}"]
        pairs = ", ".join(f"{ours} = {_text(theirs)}" for ours, theirs in self.columns.items())
        lines.append(f"columns = {{ {pairs} }}" if pairs else "columns = {}")
        if self.months:
            lines.append(f"headers = {{ pattern = '{self.months[0]}', measure = \"headcount\" }}")
        formats = {"period_format": (self.period_format, "iso"), "decimal": (self.decimal, "point")}
        lines += [f"{name} = {_text(value)}" for name, (value, usual) in formats.items() if value != usual]
        lists = {"missing": self.missing, "ignore": self.strangers}
        lines += [f"{name} = {json.dumps(values, ensure_ascii=False)}" for name, values in lists.items() if values]
        return lines + self._gaps()

    def _gaps(self) -> list[str]:
        """Return the lines about what the file does not say."""
        lines, lacking = [], self.lacking()
        constants = {"scenario": "budget", "version": "v1"}
        needed = ", ".join(f"{name} = {_text(value)}" for name, value in constants.items() if name in lacking)
        if needed:
            lines.append(f"constants = {{ {needed} }}  # a guess: the file does not say")
        unset = [name for name in STATED if name in lacking]
        if unset:
            lines.append(f"unset = {json.dumps(unset)}  # dimensions that this plan does not have")
        if "org_unit" in lacking:
            lines.append('# columns.org_unit is needed: add org_unit = "..." to columns')
        if "period_start" in lacking:
            lines.append("# columns.period_start is needed, or headers with the months")
        if "cost" in self.columns and "currency" not in self.columns:
            lines.append('# cost needs a currency: add currency = "EUR" to constants, or a column')
        return lines


def guess(path: Path) -> Guess:
    """Look at a file's header and first rows; raise SourceUnreadable when it is no CSV file."""
    shape = look(path)
    columns: dict[str, str] = {}
    for title in shape.header:
        ours = _field(title)
        if ours is not None and ours not in columns:
            columns[ours] = title
    left = [title for title in shape.header if title not in columns.values()]
    months = _months(left)
    if months:
        left = [title for title in left if not re.fullmatch(months[0], title)]
        columns = {ours: theirs for ours, theirs in columns.items() if ours not in (*MEASURES, "period_start")}
        left = [title for title in shape.header if title in left or _field(title) in (*MEASURES, "period_start")]
    sample = _sample(path, shape)
    return Guess(
        name=path.name,
        shape=shape,
        columns=columns,
        months=months,
        period_format=_period_format(columns, sample),
        decimal=_decimal(columns, sample),
        strangers=tuple(left),
        missing=_missing(sample),
    )


def _field(title: str) -> str | None:
    plain = re.sub(r"[\s_\-.]+", " ", title).strip().lower()
    return next((ours for ours, names in _ALIASES.items() if plain in names or plain == ours.replace("_", " ")), None)


def _months(titles: list[str]) -> tuple[str, int] | None:
    for pattern in _MONTH_HEADERS:
        fitting = sum(re.fullmatch(pattern, title) is not None for title in titles)
        if fitting:
            return pattern, fitting
    return None


def _sample(path: Path, shape: Shape) -> list[dict[str, str]]:
    try:
        with path.open(encoding=shape.encoding, newline="") as file:
            return list(islice(csv.DictReader(file, fieldnames=shape.header, delimiter=shape.delimiter), 1, _SAMPLE))
    except (OSError, UnicodeError, csv.Error) as wrong:
        raise unreadable(path, wrong) from None


def _missing(sample: list[dict[str, str]]) -> tuple[str, ...]:
    cells = {str(value).strip() for row in sample for value in row.values()}
    return tuple(token for token in ("#Missing", "#N/A", "n/a", "N/A", "-") if token in cells)


def _decimal(columns: dict[str, str], sample: list[dict[str, str]]) -> str:
    """Tell decimal commas from decimal points; a comma before three digits alone proves nothing."""
    numbers = [
        str(row.get(columns[measure], "")).strip() for row in sample for measure in MEASURES if measure in columns
    ]
    commas = [re.fullmatch(r"-?\d+,(\d+)", number) for number in numbers]
    return "comma" if any(match and len(match.group(1)) != 3 for match in commas) else "point"


def _period_format(columns: dict[str, str], sample: list[dict[str, str]]) -> str:
    """Find how periods are written; day first or month first is told apart only when the file proves it."""
    if "period_start" not in columns:
        return "iso"
    periods = [row.get(columns["period_start"], "").strip() for row in sample]
    periods = [period for period in periods if period]
    shapes = (
        (r"\d{4}-\d{2}(-\d{2})?", "iso"),
        (r"[A-Z][a-z]{2}-\d{2}", "%b-%y"),
        (r"[A-Z][a-z]{2} \d{4}", "%b %Y"),
        (r"\d{2}\.\d{2}\.\d{4}", "%d.%m.%Y"),
        (r"\d{4}/\d{2}", "%Y/%m"),
    )
    for pattern, written in shapes:
        if periods and all(re.fullmatch(pattern, period) for period in periods):
            return written
    if periods and all(re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", period) for period in periods):
        first = {int(period.split("/")[0]) for period in periods}
        if first == {1}:
            return "%d/%m/%Y"
        second = {int(period.split("/")[1]) for period in periods}
        if second == {1}:
            return "%m/%d/%Y"
        raise SourceUnreadable(
            f"The periods could be day first or month first, such as {periods[0]}.",
            cure='Say which: period_format = "%d/%m/%Y" or "%m/%d/%Y".',
        )
    return "iso"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)

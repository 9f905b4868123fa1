"""Columns whose header says what their cells hold: a month, a measure, a scenario, a department."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bridgehead.errors import ConfigError, MappingMismatch
from bridgehead.projection import DIMENSIONS, MEASURES
from bridgehead.sources.mapping.periods import Calendar
from bridgehead.sources.mapping.settings import PARTS, ColumnMapping, Headers

PATTERN_EXAMPLE = r"For instance: pattern = '(?P<year>\d{4})-(?P<month>\d{2})'."


@dataclass(frozen=True, slots=True)
class Wide:
    """One such column. period: None when rows say it. measure: empty when rows say it."""

    index: int
    header: str
    period: date | None
    measure: str
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def given(self) -> set[str]:
        """Our fields that this header gives."""
        period = {"period_start"} if self.period is not None else set()
        return {*self.fields, *period, *([self.measure] if self.measure else [])}


def wide_columns(
    mapping: ColumnMapping, candidates: Sequence[tuple[int, str]], name: str, calendar: Calendar
) -> tuple[Wide, ...]:
    """Return the columns that fit headers.pattern; raise MappingMismatch when there is none, or two for one figure."""
    if mapping.headers is None:
        return ()
    try:
        pattern = re.compile(mapping.headers.pattern)
    except re.error as wrong:
        raise ConfigError(
            f"headers.pattern is not a regular expression: {wrong}.", cure=PATTERN_EXAMPLE, setting="headers.pattern"
        ) from None
    _check_groups(pattern)
    columns = tuple(
        _wide_column(mapping, mapping.headers, index, title, match, calendar, name)
        for index, title in candidates
        if (match := pattern.fullmatch(title.strip()))
    )
    _check_columns(columns, name)
    if not columns:
        raise MappingMismatch(
            f"No column of {name} fits headers.pattern '{mapping.headers.pattern}'. "
            f"Left to fit were: {', '.join(title for _, title in candidates) or 'none'}.",
            cure="Correct headers.pattern in the configuration.",
        )
    return columns


def together(columns: Sequence[Wide]) -> list[list[Wide]]:
    """Put the columns together that belong to one projection: same period and dimensions, different measures."""
    groups: dict[tuple[date | None, tuple[tuple[str, str], ...]], list[Wide]] = {}
    for column in columns:
        groups.setdefault((column.period, tuple(sorted(column.fields.items()))), []).append(column)
    return list(groups.values())


def header_of(group: Sequence[Wide]) -> str:
    """Name the columns of one projection, as its rows do: `2027-01 HC and 2027-01 FTE`."""
    return " and ".join(column.header for column in group)


def _check_groups(pattern: re.Pattern[str]) -> None:
    known = {"year", "yy", "month", "measure", *DIMENSIONS}
    unknown = sorted(pattern.groupindex.keys() - known)
    if unknown or not pattern.groupindex:
        problem = f"a group {unknown[0]!r} that means nothing" if unknown else "no named group"
        raise ConfigError(
            f"headers.pattern has {problem}.",
            cure=f"Groups are: year, yy, month, measure, and the names of dimensions. {PATTERN_EXAMPLE}",
            setting="headers.pattern",
        )


def _check_columns(columns: Sequence[Wide], name: str) -> None:
    """Refuse two columns for one figure, and headers of which only some name a dimension."""
    seen: dict[tuple[date | None, tuple[tuple[str, str], ...], str], str] = {}
    for column in columns:
        other = seen.setdefault((column.period, tuple(sorted(column.fields.items())), column.measure), column.header)
        if other != column.header:
            held = " of ".join(filter(None, (column.measure, f"{column.period:%Y-%m}" if column.period else "")))
            raise MappingMismatch(
                f"The columns {other!r} and {column.header!r} of {name} both hold {held or 'the same'}.",
                cure="Narrow headers.pattern to one of them, or name the other under ignore.",
            )
        if column.given - {column.measure} != columns[0].given - {columns[0].measure}:
            raise MappingMismatch(
                f"The headers {columns[0].header!r} and {column.header!r} of {name} do not name the same dimensions.",
                cure="Correct headers.pattern, so that every header names them or none does.",
            )


def _wide_column(
    mapping: ColumnMapping,
    headers: Headers,
    index: int,
    title: str,
    match: re.Match[str],
    calendar: Calendar,
    name: str,
) -> Wide:
    groups = {group: value.strip() for group, value in match.groupdict().items() if value is not None}
    empty = [group for group, value in groups.items() if not value]
    if empty:
        raise MappingMismatch(
            f"The header {title!r} of {name} fits headers.pattern, and its {empty[0]} is empty.",
            cure="Correct the header in the file, or headers.pattern, so that the group holds at least one sign.",
        )
    word = groups.pop("measure", None)
    measure = headers.measure if word is None else headers.measures.get(word, word.lower())
    if measure not in MEASURES and not (mapping.measure is not None and not measure):
        raise _unmeasured(headers, title, word, name)
    if "yy" in groups:
        groups["year"] = groups.pop("yy")
    parts = {name: groups[name] for name in PARTS if name in groups}
    if len(parts) < len(PARTS):
        return Wide(index, title, None, measure, groups)
    period = calendar.month(parts["year"], parts["month"])
    if period is None:
        raise MappingMismatch(
            f"The header {title!r} of {name} fits headers.pattern and names no month.",
            cure="Correct the header in the file, or headers.pattern. A name that is not English is explained: "
            "month_names = { Mrz = 3, Okt = 10 }.",
        )
    return Wide(index, title, period, measure, {group: one for group, one in groups.items() if group not in PARTS})


def _unmeasured(headers: Headers, title: str, word: str | None, name: str) -> ConfigError:
    message = f"The header {title!r} of {name} does not say which measure it holds"
    if word is None:
        return ConfigError(f"{message}.", cure='Say it: headers.measure = "headcount".', setting="headers.measure")
    known = ", ".join(repr(one) for one in (*headers.measures, *MEASURES))
    return ConfigError(
        f"{message}: {word!r} is none of {known}.",
        cure='Correct the header in the file, or explain the word: headers.measures = { HC = "headcount" }.',
        setting="headers.measures",
    )

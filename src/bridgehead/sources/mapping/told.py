"""What a mapping knows of a file's own words, for whoever has to say what is wrong with a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bridgehead.compare.wording import Spot, Wording
from bridgehead.projection import MEASURES
from bridgehead.sources.mapping.fitting import Fitted
from bridgehead.sources.mapping.settings import PARTS, ColumnMapping
from bridgehead.sources.mapping.wide import Wide, header_of, together


def wording(mapping: ColumnMapping, spots: Sequence[Spot]) -> Wording:
    """Return how the files that a mapping reads call things."""
    return Wording(
        spots=tuple(spots),
        decimal=mapping.mark,
        thousands=mapping.thousands,
        period_format=mapping.period_format,
        pov=mapping.pov.fields if mapping.pov else (),
        separator=mapping.pov.separator if mapping.pov else ",",
        measures=tuple(mapping.measure.words) if mapping.measure else (),
        crosswalks={name: one.path for name, one in mapping.crosswalks.items()},
    )


def spots_of(fitted: Fitted, after: int, until: int) -> list[Spot]:
    """Return where each field stands in one file, whose records are those from after + 1 to until."""
    found = {(spot.field, spot.header): spot for spot in (*_settings(fitted), *_rows(fitted), *_headers(fitted))}
    if "headcount" not in fitted.known:
        _borrow(found, "headcount", "fte")  # one of both has to be there
    constants = fitted.mapping.constants
    if "version" in constants and "scenario" not in constants:
        del found["version", ""]
        _borrow(found, "version", "scenario")  # UKG knows a version by its scenario, which is what a row can get wrong
    return [replace(spot, after=after, until=until) for spot in found.values()]


def _borrow(found: dict[tuple[str, str], Spot], name: str, other: str) -> None:
    """Let a field stand where another one does."""
    found |= {(name, spot.header): replace(spot, field=name) for spot in list(found.values()) if spot.field == other}


def _settings(fitted: Fitted) -> Iterator[Spot]:
    for name in fitted.mapping.constants:
        yield Spot(name, "settings", f"constants.{name}", -1)
    if "currency" not in fitted.known:
        yield Spot("currency", "settings", "currency", -1)


def _rows(fitted: Fitted) -> Iterator[Spot]:
    columns = fitted.columns()
    positions = {title: index for index, title in enumerate(fitted.header)}
    if "period_start" not in fitted.known:
        columns.pop("period_start", None)
        halves = list(dict.fromkeys(columns[name] for name in PARTS if name in columns))
        if halves:
            yield Spot("period_start", "row", " and ".join(halves), positions[halves[0]])
    for name, title in columns.items():
        yield Spot(name, "row", title, positions[title])


def _headers(fitted: Fitted) -> Iterator[Spot]:
    in_row = bool(set(PARTS) & set(fitted.columns()))
    for group in together(fitted.wide):
        header, first = header_of(group), group[0]
        yield Spot("", "header", header, first.index, header)
        # Half a period in the header, and the other half nowhere in the row: the header is what can be wrong.
        alone = {"period_start"} if first.given & set(PARTS) and not in_row else set()
        for name in sorted((first.given | alone) - set(MEASURES)):
            yield Spot(name, "header", header, first.index, header)
        for column in group:
            for name in _measures(fitted, column):
                yield Spot(name, "cell", column.header, column.index, header)


def _measures(fitted: Fitted, column: Wide) -> set[str]:
    """Return the measures that a column may hold."""
    if column.measure or fitted.mapping.measure is None:
        return {column.measure}
    return set(fitted.mapping.measure.words.values())

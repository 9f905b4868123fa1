"""Holding a mapping against a real header: what is missing, doubled or unexplained is an error with its cure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from bridgehead.errors import ConfigError, MappingMismatch
from bridgehead.projection import MEASURES, REQUIRED, STATED
from bridgehead.sources.mapping.periods import Calendar
from bridgehead.sources.mapping.settings import FIELDS, PARTS, REJECT_COLUMNS, ColumnMapping
from bridgehead.sources.mapping.wide import Wide, wide_columns
from bridgehead.sources.reader import fits_pattern


@dataclass(frozen=True, slots=True)
class Fitted:
    """A mapping that was held against a real header.

    positions: our field to the column's index. others: the file's column to its index, for those that the mapping
    names without making a field of them (filters, measure, pov). padded: cells may have blanks around their text.
    """

    mapping: ColumnMapping
    header: tuple[str, ...]
    positions: Mapping[str, int]
    others: Mapping[str, int]
    wide: tuple[Wide, ...]
    calendar: Calendar
    padded: bool = True

    def columns(self) -> dict[str, str]:
        """Our field to the file's column, for messages."""
        named = {name: self.header[index] for name, index in self.positions.items()}
        if self.mapping.pov is not None:
            named |= {name: self.mapping.pov.column for name in ("pov", *self.mapping.pov.fields) if name}
        measure = self.mapping.measure
        if measure is not None:
            named |= dict.fromkeys(measure.words.values(), measure.value) if measure.value else {}
            named["measure"] = measure.column
        if self.mapping.routing is not None:
            named["route"] = self.mapping.routing.column
        if "period_start" not in named and "month" in named:
            named["period_start"] = named["month"]
        return named

    @property
    def in_headers(self) -> set[str]:
        """Our fields that come from the headers."""
        return {name for column in self.wide for name in column.given}

    @property
    def known(self) -> set[str]:
        """Our fields that come from anywhere."""
        mapping, measures = self.mapping, self.mapping.measure
        pov = {name for name in mapping.pov.fields if name} if mapping.pov else set()
        words = set(measures.words.values()) if measures else set()
        return {*self.positions, *mapping.constants, *mapping.unset, *pov, *words, *self.in_headers}


def fit(mapping: ColumnMapping, header: Sequence[str], name: str, *, padded: bool = True) -> Fitted:
    """Hold a mapping against a file's header; raise MappingMismatch for what is missing, doubled or unexplained.

    name: the file's, for messages. padded: cells may have blanks around their text. Raises ConfigError for what no
    file could fit.
    """
    _check_mapping(mapping)
    calendar = Calendar(mapping.month_names, mapping.fiscal)
    added = len(REJECT_COLUMNS) if tuple(header[-len(REJECT_COLUMNS) :]) == REJECT_COLUMNS else 0
    calendar.reader(mapping.period_format)
    positions = {
        ours: _position(header, [wanted] if isinstance(wanted, str) else wanted, f"mapped to {ours}", ours, name)
        for ours, wanted in mapping.columns.items()
    }
    others = {
        title: _position(header, [title], f"which {setting} names", setting, name)
        for setting, title in _others(mapping)
    }
    left = [
        (index, title)
        for index, title in enumerate(header[: len(header) - added])
        if index not in {*positions.values(), *others.values()}
        and not any(fits_pattern(title, pattern) for pattern in mapping.ignore)
    ]
    wide = wide_columns(mapping, left, name, calendar)
    _check_strangers([title for index, title in left if index not in {column.index for column in wide}], wide, name)
    fitted = Fitted(mapping, tuple(header), positions, others, wide, calendar, padded)
    _check_once(fitted)
    _check_complete(fitted, name)
    return fitted


def _others(mapping: ColumnMapping) -> Iterable[tuple[str, str]]:
    yield from (("only", title) for title in mapping.only)
    yield from (("without", title) for title in mapping.without)
    if mapping.pov is not None:
        yield "pov.column", mapping.pov.column
    if mapping.routing is not None:
        yield "routing.column", mapping.routing.column
    if mapping.measure is not None:
        yield "measure.column", mapping.measure.column
        if mapping.measure.value:
            yield "measure.value", mapping.measure.value


def _position(header: Sequence[str], aliases: Sequence[str], what_for: str, setting: str, name: str) -> int:
    found = [index for index, title in enumerate(header) if title in aliases]
    if len(found) == 1:
        return found[0]
    listed = " or ".join(repr(alias) for alias in aliases)
    setting = f"columns.{setting}" if setting in (*FIELDS, *PARTS) else setting
    raise MappingMismatch(
        f"{name} has {'no column' if not found else 'more than one column'} {listed}, {what_for}. "
        f"Its columns are: {', '.join(header)}.",
        cure=f"Correct {setting} in the configuration, or ask for the column in the file.",
    )


def _check_strangers(strangers: Sequence[str], wide: Sequence[Wide], name: str) -> None:
    if strangers:
        # Whoever mistypes a month must not be led to leave it out.
        fits = f" Unlike {wide[0].header!r}, they do not fit headers.pattern." if wide else ""
        raise MappingMismatch(
            f"{name} has columns that nobody explains: {', '.join(repr(title) for title in strangers)}.{fits}",
            cure=f"{'Correct the header where it is mistyped, map' if wide else 'Map'} them, or say that they are not "
            f"needed: ignore = [{', '.join(msgspec.json.encode(title).decode() for title in strangers)}].",
        )


def _check_mapping(mapping: ColumnMapping) -> None:
    """Refuse what no file could fit."""
    pov = [name for name in mapping.pov.fields if name] if mapping.pov else []
    for section, names in (("columns", mapping.columns), ("constants", mapping.constants), ("pov.fields", pov)):
        for ours in names:
            if ours not in (*FIELDS, *PARTS):
                raise ConfigError(
                    f"{section}.{ours} is not a field of a projection.",
                    cure=f"Fields are: {', '.join((*FIELDS, *PARTS))}. For instance: {_EXAMPLES[section]}.",
                    setting=f"{section}.{ours}",
                )
    _check_rows(mapping, pov)
    empty = [name for name, value in mapping.constants.items() if not value.strip()]
    if empty:
        raise ConfigError(
            f"constants.{empty[0]} is empty.",
            cure=f'A dimension that the plan does not have is stated: unset = ["{empty[0]}"].',
            setting=f"constants.{empty[0]}",
        )
    if mapping.thousands == {"point": ".", "comma": ","}[mapping.mark]:
        raise ConfigError(
            f"{mapping.thousands!r} cannot group thousands and stand before the decimals.",
            cure='Write decimal = "comma" with thousands = ".", or the other way round.',
            setting="thousands",
        )
    dated = [
        name for name in ("scenario", "version") if name in mapping.crosswalks and mapping.crosswalks[name].effective
    ]
    if dated:
        raise ConfigError(
            f"crosswalks.{dated[0]} has a month from which a {dated[0]} is called otherwise.",
            cure=f"A {dated[0]} does not move from month to month: plan the new one, and take effective out.",
            setting=f"crosswalks.{dated[0]}",
        )
    strange = sorted(mapping.crosswalks.keys() - set(FIELDS) | mapping.crosswalks.keys() & {"period_start", *MEASURES})
    if strange:
        raise ConfigError(
            f"crosswalks.{strange[0]} is not a dimension.",
            cure='For instance: crosswalks = { org_unit = { path = "maps/org-units.csv" } }.',
            setting=f"crosswalks.{strange[0]}",
        )


def _check_rows(mapping: ColumnMapping, pov: Sequence[str]) -> None:
    """Refuse a filter that names no value, and a part of a cell that is named twice."""
    for setting, filters in (("only", mapping.only), ("without", mapping.without)):
        for title, values in filters.items():
            if not values:
                raise ConfigError(
                    f"{setting} names no value of {title!r}.",
                    cure=f'For instance: {setting} = {{ "{title}" = ["Total"] }}; "" stands for an empty cell.',
                    setting=f"{setting}.{title}",
                )
    doubled = [name for name in pov if pov.count(name) > 1]
    if doubled:
        raise ConfigError(
            f"pov.fields names {doubled[0]} more than once.",
            cure=f'A part that is not needed is called "": {_EXAMPLES["pov.fields"]}.',
            setting="pov.fields",
        )


_EXAMPLES = {
    "columns": 'columns = { org_unit = "..." }',
    "constants": 'constants = { scenario = "budget" }',
    "pov.fields": 'pov = { column = "Point-of-View", fields = ["scenario", "version", ""] }',
}


def _check_once(fitted: Fitted) -> None:
    """Refuse a field that comes from two places: one of the two would be lost."""
    mapping = fitted.mapping
    places: dict[str, set[str]] = {
        "columns": set(mapping.columns),
        "constants": set(mapping.constants),
        "headers": fitted.in_headers,
        "pov": set(mapping.pov.fields) - {""} if mapping.pov else set(),
        "measure": set(mapping.measure.words.values()) if mapping.measure else set(),
    }
    for field in (*FIELDS, *PARTS):
        both = [place for place, given in places.items() if field in given]
        if field in PARTS and "period_start" in fitted.known and both:
            raise ConfigError(
                f"{field} and period_start both say the period.",
                cure=f"Keep one of them: take {field} out of {both[0]}, or period_start.",
                setting=both[0],
            )
        if len(both) > 1:
            raise ConfigError(
                f"{field} comes from {' and from '.join(both)}.",
                cure=f"Keep one of them, for instance: {_EXAMPLES['columns'].replace('org_unit', field)}.",
                setting=f"{both[-1]}.{field}",
            )
    if mapping.measure is not None and bool(mapping.measure.value) == bool(fitted.wide):
        wide = bool(fitted.wide)
        raise ConfigError(
            f"measure.value is {'given, and months are columns' if wide else 'not given, and no column is a month'}.",
            cure="The number stands either in measure.value or under headers: "
            'measure = { column = "Account", words = { Heads = "headcount" }, value = "Amount" }.',
            setting="measure",
        )
    said = next((column.header for column in fitted.wide if column.measure and mapping.measure is not None), "")
    if said:
        raise ConfigError(
            f"measure.column and the header {said!r} both say which measure a number is.",
            cure="Keep one of them: take measure, or headers.measure and the group measure, out.",
            setting="measure",
        )


def _check_complete(fitted: Fitted, name: str) -> None:
    known, parts = fitted.known, set(PARTS) & fitted.known
    needed = [*REQUIRED, *STATED]
    if parts:
        needed[needed.index("period_start")] = next(iter(set(PARTS) - parts), "org_unit")
    lacking = [ours for ours in needed if ours not in known]
    if lacking:
        ours = lacking[0]
        unset = f', or say that the plan has none: unset = ["{ours}"]' if ours in STATED else ""
        raise MappingMismatch(
            f"Nothing says where {', '.join(lacking)} come{'s' if len(lacking) == 1 else ''} from in {name}. "
            f"Its columns are: {', '.join(fitted.header)}.",
            cure=f'Map a column, columns = {{ {ours} = "..." }}, or set constants = {{ {ours} = "..." }}{unset}.',
        )
    if not known & {"headcount", "fte"}:
        raise MappingMismatch(
            f"Nothing says where headcount or fte comes from in {name}.",
            cure='Map a column (columns = { headcount = "..." }), or the month columns (headers).',
        )

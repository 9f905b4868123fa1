"""From the columns of a planning file to ours: names, constants, months in headers, missing tokens, number formats.

The only place that composes SQL; every name and text in it goes through the two quoting functions of `tables`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bridgehead.errors import ConfigError, MappingMismatch
from bridgehead.projection import DIMENSIONS, MEASURES, REQUIRED, STATED
from bridgehead.tables import Session, TableError, literal, quoted

_PATTERN_EXAMPLE = r"For instance: pattern = '(?P<year>\d{4})-(?P<month>\d{2})'."
FIELDS = (*DIMENSIONS, *MEASURES, "currency")
_MONTHS = {
    name.lower(): number
    for names in (calendar.month_abbr, calendar.month_name)
    for number, name in enumerate(names)
    if name
} | {"sept": 9}


class Headers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns whose header holds a period: each becomes a row of its own."""

    pattern: Annotated[
        str,
        Meta(
            description="Regular expression for the whole header. Named groups: year or yy, month (number or English "
            "name), and, where the header says it, measure, scenario or version.",
            examples=["(?P<year>\\\\d{4})-(?P<month>\\\\d{2})"],
        ),
    ]
    measure: Annotated[
        Literal["headcount", "fte", "hours", "cost", ""],
        Meta(description="What the cells hold, unless the header says it.", examples=["headcount"]),
    ] = ""
    measures: Annotated[
        dict[str, str],
        Meta(description="The header's word for each measure.", examples=['{ HC = "headcount", FTE = "fte" }']),
    ] = {}


class ColumnMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a file's columns become a projection's fields."""

    columns: Annotated[
        dict[str, str | tuple[str, ...]],
        Meta(
            description="Our field = the file's column, or a list of names that it has had.",
            examples=['{ org_unit = "Department", job = ["Job code", "Job"] }'],
        ),
    ] = {}
    constants: Annotated[
        dict[str, str],
        Meta(
            description="Fields that are the same in every row.", examples=['{ scenario = "budget", version = "v1" }']
        ),
    ] = {}
    unset: Annotated[
        tuple[Literal["cost_center", "location", "job"], ...],
        Meta(description="Dimensions that this plan does not have; they are sent as null.", examples=['["location"]']),
    ] = ()
    headers: Annotated[
        Headers | None,
        Meta(
            description="For wide files: the columns whose header holds a period.",
            examples=["{ pattern = '(?P<year>\\\\d{4})-(?P<month>\\\\d{2})', measure = \"headcount\" }"],
        ),
    ] = None
    ignore: Annotated[
        tuple[str, ...],
        Meta(description="Columns that are not needed; any other one is an error.", examples=['["Comment", "Total"]']),
    ] = ()
    missing: Annotated[
        tuple[str, ...],
        Meta(description="Texts that mean absent (not 0).", examples=['["#Missing", "-", "n/a"]']),
    ] = ("#Missing",)
    period_format: Annotated[
        str,
        Meta(
            description="How a period column is written: iso for 2027-01 and 2027-01-01, or a strptime pattern.",
            examples=['"%d/%m/%Y"'],
        ),
    ] = "iso"
    decimal: Annotated[
        Literal["point", "comma"], Meta(description="What stands before the decimals.", examples=['"comma"'])
    ] = "point"
    thousands: Annotated[
        Literal["", ",", ".", "'", " "], Meta(description="What groups thousands.", examples=['"."'])
    ] = ""


@dataclass(frozen=True, slots=True)
class Wide:
    """One column with a period in its header."""

    index: int
    header: str
    period: date
    measure: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A mapping that was held against a real header. positions: our field to the column's index."""

    mapping: ColumnMapping
    header: tuple[str, ...]
    positions: Mapping[str, int]
    wide: tuple[Wide, ...]

    def columns(self) -> dict[str, str]:
        """Our field to the file's column, for messages."""
        return {name: self.header[index] for name, index in self.positions.items()}


def fit(mapping: ColumnMapping, header: Sequence[str], name: str) -> Fitted:
    """Hold a mapping against a file's header; raise MappingMismatch for what is missing, doubled or unexplained."""
    _check_names(mapping)
    positions: dict[str, int] = {}
    for ours, wanted in mapping.columns.items():
        aliases = [wanted] if isinstance(wanted, str) else wanted
        found = [index for index, title in enumerate(header) if title in aliases]
        if len(found) != 1:
            listed = " or ".join(repr(alias) for alias in aliases)
            raise MappingMismatch(
                f"{name} has {'no column' if not found else 'more than one column'} {listed}, mapped to {ours}. "
                f"Its columns are: {', '.join(header)}.",
                cure=f"Correct columns.{ours} in the configuration, or ask for the column in the file.",
            )
        positions[ours] = found[0]
    taken = set(positions.values())
    wide = _wide(mapping, [(index, title) for index, title in enumerate(header) if index not in taken], name)
    taken |= {column.index for column in wide}
    strangers = [title for index, title in enumerate(header) if index not in taken and title not in mapping.ignore]
    if strangers:
        raise MappingMismatch(
            f"{name} has columns that nobody explains: {', '.join(repr(title) for title in strangers)}.",
            cure="Map them, or say that they are not needed: "
            f"ignore = [{', '.join(msgspec.json.encode(title).decode() for title in strangers)}].",
        )
    _check_overlap(mapping, wide)
    fitted = Fitted(mapping, tuple(header), positions, wide)
    _check_complete(fitted, name)
    return fitted


def _check_names(mapping: ColumnMapping) -> None:
    for section, names in (("columns", mapping.columns), ("constants", mapping.constants)):
        for ours in names:
            if ours not in FIELDS:
                raise ConfigError(
                    f"{section}.{ours} is not a field of a projection.",
                    cure=f'Fields are: {", ".join(FIELDS)}. For instance: {section} = {{ org_unit = "..." }}.',
                    setting=f"{section}.{ours}",
                )
    empty = [name for name, value in mapping.constants.items() if not value.strip()]
    if empty:
        raise ConfigError(
            f"constants.{empty[0]} is empty.",
            cure=f'A dimension that the plan does not have is stated: unset = ["{empty[0]}"].',
            setting=f"constants.{empty[0]}",
        )
    if mapping.thousands == {"point": ".", "comma": ","}[mapping.decimal]:
        raise ConfigError(
            f"{mapping.thousands!r} cannot group thousands and stand before the decimals.",
            cure='Write decimal = "comma" with thousands = ".", or the other way round.',
            setting="thousands",
        )
    both = sorted(mapping.columns.keys() & mapping.constants.keys())
    if both:
        raise ConfigError(
            f"{both[0]} is both a column and a constant.",
            cure=f'Keep one of them: columns = {{ {both[0]} = "..." }}, or constants = {{ {both[0]} = "..." }}.',
            setting=f"constants.{both[0]}",
        )


def _check_overlap(mapping: ColumnMapping, wide: Sequence[Wide]) -> None:
    """Refuse a field that the headers give and the mapping gives as well: one of the two would be lost."""
    given = {"period_start", *(name for column in wide for name in (column.measure, *column.fields))} if wide else set()
    both = sorted(given & (mapping.columns.keys() | mapping.constants.keys()))
    if both:
        raise ConfigError(
            f"{both[0]} comes from the headers, and from columns or constants as well.",
            cure=f"Keep one of them: take {both[0]} out of columns and constants, or out of headers.",
            setting="headers",
        )


def _check_complete(fitted: Fitted, name: str) -> None:
    mapping = fitted.mapping
    known = {*fitted.positions, *mapping.constants, *mapping.unset}
    if fitted.wide:
        known |= {"period_start", *fitted.wide[0].fields, *(column.measure for column in fitted.wide)}
    lacking = [ours for ours in (*REQUIRED, *STATED) if ours not in known]
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


def _wide(mapping: ColumnMapping, candidates: Sequence[tuple[int, str]], name: str) -> tuple[Wide, ...]:
    if mapping.headers is None:
        return ()
    try:
        pattern = re.compile(mapping.headers.pattern)
    except re.error as wrong:
        raise ConfigError(
            f"headers.pattern is not a regular expression: {wrong}.", cure=_PATTERN_EXAMPLE, setting="headers.pattern"
        ) from None
    columns = tuple(
        _wide_column(mapping.headers, index, title, match)
        for index, title in candidates
        if title not in mapping.ignore and (match := pattern.fullmatch(title.strip()))
    )
    _check_wide(columns, name)
    if not columns:
        raise MappingMismatch(
            f"No column of {name} fits headers.pattern {mapping.headers.pattern!r}. "
            f"Left to fit were: {', '.join(title for _, title in candidates) or 'none'}.",
            cure="Correct headers.pattern in the configuration.",
        )
    return columns


def _check_wide(columns: Sequence[Wide], name: str) -> None:
    """Refuse two columns for one figure, and headers of which only some name a dimension."""
    seen: dict[tuple[date, tuple[tuple[str, str], ...], str], str] = {}
    for column in columns:
        other = seen.setdefault((column.period, tuple(sorted(column.fields.items())), column.measure), column.header)
        if other != column.header:
            raise MappingMismatch(
                f"The columns {other!r} and {column.header!r} of {name} both hold {column.measure} of "
                f"{column.period:%Y-%m}.",
                cure="Narrow headers.pattern to one of them, or name the other under ignore.",
            )
        if column.fields.keys() != columns[0].fields.keys():
            raise MappingMismatch(
                f"The headers {columns[0].header!r} and {column.header!r} of {name} do not name the same dimensions.",
                cure="Correct headers.pattern, so that every header names them or none does.",
            )


def _wide_column(headers: Headers, index: int, title: str, match: re.Match[str]) -> Wide:
    groups = {name: value for name, value in match.groupdict().items() if value is not None}
    word = groups.pop("measure", None)
    measure = headers.measure if word is None else headers.measures.get(word, word.lower())
    if measure not in MEASURES:
        raise ConfigError(
            f"The header {title!r} does not say which measure it holds.",
            cure='Set headers.measure = "headcount", or explain the word: headers.measures = { HC = "headcount" }.',
            setting="headers.measure",
        )
    period = _header_period(groups, title)
    unknown = sorted(groups.keys() - set(DIMENSIONS))
    if unknown:
        raise ConfigError(
            f"headers.pattern has a group {unknown[0]!r} that means nothing.",
            cure=f"Groups are: year, yy, month, measure, and the names of dimensions. {_PATTERN_EXAMPLE}",
            setting="headers.pattern",
        )
    return Wide(index, title, period, measure, groups)


def _header_period(groups: dict[str, str], title: str) -> date:
    year, short, month = groups.pop("year", None), groups.pop("yy", None), groups.pop("month", None)
    if (year is None and short is None) or month is None:
        raise ConfigError(
            "headers.pattern needs the groups year (or yy) and month.", cure=_PATTERN_EXAMPLE, setting="headers.pattern"
        )
    try:
        number = int(month) if month.isascii() and month.isdecimal() else _MONTHS.get(month.lower(), 0)
        return date(int(year) if year is not None else 2000 + int(short or ""), number, 1)
    except ValueError:
        raise MappingMismatch(
            f"The header {title!r} fits headers.pattern and names no month.",
            cure="Correct the header, or headers.pattern.",
        ) from None


def stage(session: Session, fitted: Fitted) -> None:
    """Turn the raw table `raw` into `text_rows`, one row for each projection, all values but the period as text."""
    period_text, period = ("wide.period_text", "wide.period") if fitted.wide else _period(fitted)
    selected = ["record", f"{'wide.header' if fitted.wide else 'NULL::VARCHAR'} AS origin_column"]
    for name in FIELDS:
        text = period_text if name == "period_start" else _text(fitted, name)
        selected.append(f"{text} AS {quoted(name)}")
    selected.append(f"{period} AS period")
    unpivot = (
        f", unnest([{', '.join(_packed(fitted, group) for group in _groups(fitted))}]) AS wide" if fitted.wide else ""
    )
    rows = f"SELECT rowid + 1 AS record, *{unpivot} FROM raw"  # noqa: S608 - composed here, all quoted
    try:
        session.ask(f"CREATE OR REPLACE TABLE text_rows AS SELECT {', '.join(selected)} FROM ({rows})")  # noqa: S608
    except TableError as wrong:
        if "format specifier" not in str(wrong):
            raise
        raise ConfigError(
            f"period_format {fitted.mapping.period_format!r} is no strptime pattern.",
            cure='Write period_format = "iso", or a pattern such as "%d/%m/%Y" or "%b-%y".',
            setting="period_format",
        ) from None


def _groups(fitted: Fitted) -> list[list[Wide]]:
    """Put the columns together that belong to one projection: same period and dimensions, different measures."""
    groups: dict[tuple[date, tuple[tuple[str, str], ...]], list[Wide]] = {}
    for column in fitted.wide:
        groups.setdefault((column.period, tuple(sorted(column.fields.items()))), []).append(column)
    return list(groups.values())


def _packed(fitted: Fitted, group: Sequence[Wide]) -> str:
    """Compose one projection of a wide row."""
    first, cells = group[0], {column.measure: column for column in group}
    parts = {
        "header": literal(" and ".join(column.header for column in group)),
        "period_text": literal(first.header),
        "period": f"DATE {literal(first.period.isoformat())}",
        **{name: literal(value) for name, value in first.fields.items()},
    }
    for measure in sorted({column.measure for column in fitted.wide}):
        parts[measure] = _number(fitted.mapping, cells[measure].index) if measure in cells else "NULL::VARCHAR"
    return "{" + ", ".join(f"{literal(name)}: {value}" for name, value in parts.items()) + "}"


def _text(fitted: Fitted, name: str) -> str:
    if fitted.wide and (name in fitted.wide[0].fields or any(column.measure == name for column in fitted.wide)):
        return f"wide.{quoted(name)}"
    if name in fitted.mapping.constants:
        return literal(fitted.mapping.constants[name])
    if name not in fitted.positions:
        return "NULL::VARCHAR"
    index = fitted.positions[name]
    return _number(fitted.mapping, index) if name in MEASURES else _cell(fitted.mapping, index)


def _cell(mapping: ColumnMapping, index: int) -> str:
    """Compose a cell without the blanks around it; inner blanks stay, missing tokens become absent."""
    text = f"trim({quoted(f'c{index}')})"
    tokens = ", ".join(literal(token) for token in ["", *mapping.missing])
    return f"CASE WHEN {text} NOT IN ({tokens}) THEN {text} END"


def _number(mapping: ColumnMapping, index: int) -> str:
    """Compose a number with a point and without groups; what is not written as declared stays wrong, to be found."""
    text, mark = _cell(mapping, index), "," if mapping.decimal == "comma" else "."
    if mapping.thousands == " ":
        text = f"translate({text}, chr(160) || chr(8239), '  ')"  # the blanks that spreadsheets group with
    if mapping.thousands:
        grouped = f"[+-]?[0-9]{{1,3}}([{mapping.thousands}][0-9]{{3}})+([{mark}][0-9]*)?"
        stripped = f"replace({text}, {literal(mapping.thousands)}, '')"
        text = f"CASE WHEN regexp_full_match({text}, {literal(grouped)}) THEN {stripped} ELSE {text} END"
    # Swapped, not replaced: a point where commas were declared must not pass for one.
    return f"translate({text}, ',.', '.,')" if mapping.decimal == "comma" else text


def _period(fitted: Fitted) -> tuple[str, str]:
    """Compose a period column: its text, and the date it means (NULL when it means none)."""
    text = _text(fitted, "period_start")
    if fitted.mapping.period_format != "iso":
        return text, _sane(f"CAST(try_strptime({text}, {literal(fitted.mapping.period_format)}) AS DATE)")
    month = f"regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}')"
    day = f"regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
    whole = f"CASE WHEN {month} THEN {text} || '-01' WHEN {day} THEN {text} END"
    return text, _sane(f"TRY_CAST({whole} AS DATE)")


def _sane(period: str) -> str:
    """Compose a period that is NULL outside the years that a plan can mean."""
    return f"CASE WHEN year({period}) BETWEEN 1900 AND 2999 THEN {period} END"

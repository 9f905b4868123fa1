"""The query that carries a mapping out: from the tables of a source to `text_rows`, one row for each projection.

The only place that composes SQL; every name and text in it goes through the two quoting functions of `tables`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bridgehead.errors import MappingMismatch
from bridgehead.plan import Share
from bridgehead.projection import DIMENSIONS, MEASURES
from bridgehead.sources.mapping.crosswalks import Crosswalk
from bridgehead.sources.mapping.fitting import Fitted
from bridgehead.sources.mapping.routing import misrouted, only_of, route_of, shares
from bridgehead.sources.mapping.settings import FIELDS, ColumnMapping
from bridgehead.sources.mapping.wide import Wide, header_of, together
from bridgehead.tables import Session, literal, quoted

_PLAIN = "[+]?[0-9]{1,12}([.][0-9]{0,20})?"
"""A number that nothing is wrong with."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a source. name: in the session. after: how many records the tables before it have.

    numbers: its columns of numbers that are no texts.
    """

    fitted: Fitted
    name: str
    after: int = 0
    numbers: frozenset[str] = frozenset()


def stage(
    session: Session,
    tables: Sequence[Table],
    crosswalks: Sequence[Crosswalk] = (),
    *,
    tenant: str = "",
    apart: bool = False,
) -> tuple[Share, ...]:
    """Make `text_rows` of what the tables hold, all values but the period as text.

    apart: make `apart_rows` instead, where the measures of one cell that stand in several rows stay in these.

    tenant: of a routed source only its rows count, and those that are nobody's; returns how the source is shared out.

    noted says what the mapping could not do with a row, as rule and field; noted_value: why. It is a view where each
    row is one projection, so that a million rows are held once, and a table where rows are taken apart or together.
    """
    for one in crosswalks:
        columns = ("code VARCHAR", "first DATE", "until DATE", "target VARCHAR")
        session.fill(f"crosswalk_{one.dimension}", columns, one.rows)
    routed = any(table.fitted.mapping.routing for table in tables)
    parts = [_projections(session, table, crosswalks, apart=apart) for table in tables]
    rows = " UNION ALL ".join(part + (only_of(tenant) if routed else "") for part in parts)
    if apart:
        session.ask(f"CREATE OR REPLACE VIEW apart_rows AS {rows}")
        return ()
    simple = not any(table.fitted.wide or table.fitted.mapping.measure for table in tables)
    session.drop("text_rows")
    session.ask(f"CREATE {'VIEW' if simple else 'TABLE'} text_rows AS {rows}")
    return shares(session, " UNION ALL ".join(parts)) if routed else ()


def _projections(session: Session, table: Table, crosswalks: Sequence[Crosswalk], *, apart: bool) -> str:
    """Compose the query for one table; the texts of its periods are read on the way."""
    fitted, mapped = table.fitted, _mapped(table, apart=apart)
    fixed = bool(fitted.wide) and fitted.wide[0].period is not None
    periods = f"periods_{table.name}"
    if not fixed:
        session.fill(periods, ("text VARCHAR", "period DATE"), _periods(session, fitted, mapped))
    return _translated(mapped, crosswalks, "" if fixed else periods, routing=fitted.mapping.routing is not None)


def check_notation(
    session: Session, tables: Sequence[Table], columns: Mapping[str, str], locate: Callable[[int, str], str]
) -> None:
    """Raise MappingMismatch when numbers could be read in two ways and nobody said which, such as 1.234.

    columns: our field to the file's column. locate: from a record and a column to its place. Columns of numbers that
    are no texts can be read in one way only.
    """
    mapping = tables[0].fitted.mapping
    if mapping.decimal or mapping.thousands:
        return
    for measure in MEASURES:
        if not any(_is_text(table, measure) for table in tables):
            continue
        grouped = f"regexp_full_match({measure}, '[+-]?[1-9][0-9]{{0,2}}([.][0-9]{{3}})+')"
        one = f"SELECT 1 FROM text_rows WHERE contains({measure}, '.')"  # noqa: S608 - our own names
        # Nearly always the first number with a point decides; only where none does, the others are looked at.
        if not session.ask(f"{one} LIMIT 1") or session.ask(f"{one} AND NOT {grouped} LIMIT 1"):
            continue
        place = f"arg_min({{'record': record, 'header': coalesce(origin_column, ''), 'text': {measure}}}, record)"
        first = session.value(f"SELECT {place} FROM text_rows WHERE {grouped}")  # noqa: S608 - our own names
        text, column = str(first["text"]), columns.get(measure) or first["header"] or measure
        raise MappingMismatch(
            f"{locate(first['record'], column)}  {column}: {text!r} could be {text} with a decimal point, or "
            f"{text.replace('.', '')} with grouped thousands; no number of the column tells.",
            cure='Say which: decimal = "point", or decimal = "comma" with thousands = ".".',
        )


def _is_text(table: Table, measure: str) -> bool:
    """Whether a table's numbers of a measure are texts, as far as it has any."""
    title = table.fitted.columns().get(measure)
    titles = {title} if title else {column.header for column in table.fitted.wide}
    return not titles <= table.numbers


def _periods(session: Session, fitted: Fitted, mapped: str) -> list[tuple[str, date | None]]:
    """Read each text of a period once, however many rows it stands in."""
    pair = "period_start" not in fitted.known
    read = fitted.calendar.pair if pair else fitted.calendar.reader(fitted.mapping.period_format)
    texts = session.ask(f"SELECT DISTINCT period_start FROM ({mapped}) WHERE period_start IS NOT NULL")  # noqa: S608
    return [(text, read(text)) for (text,) in texts]


def _translated(mapped: str, crosswalks: Sequence[Crosswalk], periods: str, *, routing: bool) -> str:
    """Compose the last step: periods become months, codes those of UKG. periods: their table, if they are no months."""
    period = "p.period" if periods else "m.period"
    joins = f" LEFT JOIN {quoted(periods)} AS p ON p.text = m.period_start" if periods else ""
    fields = {name: f"m.{quoted(name)}" for name in FIELDS}
    notes, values = ["m.noted"], ["m.noted_value"]
    filled = f"coalesce({', '.join(f'm.{quoted(name)}' for name in MEASURES)}) IS NOT NULL"
    for one in crosswalks:
        name, table = quoted(one.dimension), quoted(f"crosswalk_{one.dimension}")
        alias = quoted(f"x_{one.dimension}")
        in_time = f" AND {period} >= {alias}.first AND {period} < {alias}.until" if one.dated else ""
        joins += f" LEFT JOIN {table} AS {alias} ON {alias}.code = m.{name}{in_time}"
        fields[one.dimension] = f"coalesce({alias}.target, m.{name})"
        if one.refuses:
            unknown = f"m.{name} IS NOT NULL AND {alias}.code IS NULL AND {filled}"
            notes.append(f"CASE WHEN {unknown} THEN {literal(f'crosswalk:{one.dimension}')} END")
            values.append(f"CASE WHEN {unknown} THEN m.{name} END")
    selected = ", ".join(f"{fields[name]} AS {quoted(name)}" for name in FIELDS)
    told = f"coalesce({', '.join(notes)}, NULL) AS noted, coalesce({', '.join(values)}, NULL) AS noted_value"
    told += ", m.route" if routing else ""
    return f"SELECT m.record, m.origin_column, {selected}, {period} AS period, {told} FROM ({mapped}) AS m{joins}"  # noqa: S608


def _mapped(table: Table, *, apart: bool) -> str:
    """Compose the first step: cells become fields, wide rows become several, filtered rows go.

    apart: the measures of one cell stay in rows of their own.
    """
    fitted, unpivot = table.fitted, ""
    if fitted.wide:
        unpivot = f", unnest([{', '.join(_packed(fitted, group) for group in together(fitted.wide))}]) AS wide"
    source = quoted(table.name)
    rows = f"SELECT rowid + 1 + {int(table.after)} AS record, *{unpivot} FROM {source}{_filters(fitted)}"  # noqa: S608
    selected = ["record", f"{'wide.header' if fitted.wide else 'NULL::VARCHAR'} AS origin_column"]
    selected += [f"{_field(fitted, name)} AS {quoted(name)}" for name in FIELDS]
    fixed = bool(fitted.wide) and fitted.wide[0].period is not None
    selected.append(f"{'wide.period' if fixed else 'NULL::DATE'} AS period")
    noted, value = _noted(fitted)
    selected += [f"{noted} AS noted", f"{value} AS noted_value", *([_route(fitted)] if fitted.mapping.routing else [])]
    composed = f"SELECT {', '.join(selected)} FROM ({rows})"  # noqa: S608
    return _together(fitted, composed) if fitted.mapping.measure is not None and not apart else composed


def _together(fitted: Fitted, rows: str) -> str:
    """Compose the step that puts the measures of one cell together when each stood in a row of its own.

    A measure that stands there twice stays apart, so that the duplicate is found and both places are named; so does a
    row that the mapping has no word for. The place of a cell is that of its first number that cannot be read, else of
    its first row. Its currency is that of the cost's row, else of another one with a figure; a blank cell lends its
    own only where they have none.
    """
    words = fitted.mapping.measure.words.values() if fitted.mapping.measure else ()
    given = "CASE " + " ".join(f"WHEN {quoted(name)} IS NOT NULL THEN {literal(name)}" for name in set(words)) + " END"
    unread = " OR ".join(
        f"coalesce(NOT regexp_full_match({quoted(name)}, {literal(_PLAIN)}), false)" for name in set(words)
    )
    routed = ["route"] if fitted.mapping.routing else []
    key = ", ".join(quoted(name) for name in (*DIMENSIONS, "period", "noted", *routed))
    nth = f"row_number() OVER (PARTITION BY {key}, {given} ORDER BY record)"
    place = f"min({{'readable': NOT ({unread}), 'record': record, 'origin_column': origin_column}}) AS place"
    blank = f"coalesce({', '.join(quoted(name) for name in set(words))}) IS NULL"
    first = {name: ("record", f"{quoted(name)} IS NOT NULL") for name in (*MEASURES, "noted_value")}
    first["currency"] = (f"cost IS NULL, {blank}, record", "currency IS NOT NULL")
    together = ", ".join(
        f"first({quoted(name)} ORDER BY {order}) FILTER ({given}) AS {quoted(name)}"
        for name, (order, given) in first.items()
    )
    order = ", ".join([*(quoted(name) for name in FIELDS), "period", "noted", "noted_value", *routed])
    grouped = f"SELECT {key}, {place}, {together} FROM (SELECT *, {nth} AS nth FROM ({rows})) GROUP BY {key}, nth"  # noqa: S608
    return f"SELECT place.record AS record, place.origin_column AS origin_column, {order} FROM ({grouped})"  # noqa: S608


def _route(fitted: Fitted) -> str:
    """Compose whom a row is routed to."""
    routing = fitted.mapping.routing
    cell = f"coalesce(trim({quoted(f'c{fitted.others[routing.column]}')}), '')" if routing else "''"
    return f"{route_of(routing, cell) if routing else cell} AS route"


def _filters(fitted: Fitted) -> str:
    mapping, tests = fitted.mapping, []
    for given, negated in ((mapping.only, ""), (mapping.without, "NOT ")):
        for title, values in given.items():
            texts = ", ".join(literal(value.strip()) for value in values) or "NULL"
            cell = f"coalesce(trim({quoted(f'c{fitted.others[title]}')}), '')"
            tests.append(f"{cell} {negated}IN ({texts})")
    return f" WHERE {' AND '.join(tests)}" if tests else ""


def _packed(fitted: Fitted, group: Sequence[Wide]) -> str:
    """Compose one projection of a wide row."""
    first, cells = group[0], {column.measure: column for column in group}
    parts = {
        "header": literal(header_of(group)),
        **{name: literal(value) for name, value in first.fields.items()},
    }
    if first.period is not None:
        parts["period_start"] = literal(first.header)
        parts["period"] = f"DATE {literal(first.period.isoformat())}"
    for measure in sorted({column.measure for column in fitted.wide}):
        cell = _number(fitted, cells[measure].index) if measure in cells else "NULL::VARCHAR"
        parts[measure or "value"] = cell
    return "{" + ", ".join(f"{literal(name)}: {value}" for name, value in parts.items()) + "}"


def _field(fitted: Fitted, name: str) -> str:
    """Compose the text of one of our fields."""
    mapping = fitted.mapping
    if name == "period_start" and name not in fitted.known:
        return f"{_part(fitted, 'year')} || ' ' || {_part(fitted, 'month')}"
    if mapping.measure is not None and name in mapping.measure.words.values():
        words = ", ".join(literal(word) for word, measure in mapping.measure.words.items() if measure == name)
        word = f"trim({quoted(f'c{fitted.others[mapping.measure.column]}')})"
        return f"CASE WHEN {word} IN ({words}) THEN {_figure(fitted)} END"
    return _part(fitted, name)


def _part(fitted: Fitted, name: str) -> str:
    """Compose what stands in headers, constants, a part of a cell, or a column."""
    mapping = fitted.mapping
    if name in fitted.in_headers:
        return f"wide.{quoted(name)}"
    if name in mapping.constants:
        return literal(mapping.constants[name])
    if mapping.pov is not None and name in mapping.pov.fields:
        cell = quoted(f"c{fitted.others[mapping.pov.column]}")
        part = f"trim(split_part({cell}, {literal(mapping.pov.separator)}, {mapping.pov.fields.index(name) + 1}))"
        return _present(mapping, part)
    if name not in fitted.positions:
        return "NULL::VARCHAR"
    index = fitted.positions[name]
    return _number(fitted, index) if name in MEASURES else _cell(fitted, index)


def _figure(fitted: Fitted) -> str:
    """Compose the number of a row, null when it holds none, as a note below the table."""
    mapping = fitted.mapping
    if mapping.measure is None:
        return f"coalesce({', '.join(_part(fitted, name) for name in MEASURES)})"
    return _number(fitted, fitted.others[mapping.measure.value]) if mapping.measure.value else "wide.value"


def _noted(fitted: Fitted) -> tuple[str, str]:
    """Compose what a row with a number holds that the mapping has no word for."""
    mapping, cases, filled = fitted.mapping, [], f"{_figure(fitted)} IS NOT NULL"
    if mapping.routing is not None:
        cell = f"trim({quoted(f'c{fitted.others[mapping.routing.column]}')})"
        cases += [
            (f"{test} AND {filled}", rule, f"coalesce({cell}, '')")
            for test, rule in misrouted(_route(fitted).removesuffix(" AS route"))
        ]
    if mapping.measure is not None:
        cell = f"trim({quoted(f'c{fitted.others[mapping.measure.column]}')})"
        words = ", ".join(literal(word) for word in mapping.measure.words)
        cases.append(
            (f"coalesce({cell}, '') NOT IN ({words}) AND {filled}", "measure:measure", f"coalesce({cell}, '')")
        )
    if mapping.pov is not None:
        cell = quoted(f"c{fitted.others[mapping.pov.column]}")
        parts = f"len(string_split(coalesce({cell}, ''), {literal(mapping.pov.separator)}))"
        cases.append((f"{parts} <> {len(mapping.pov.fields)} AND {filled}", "pov:pov", f"coalesce({cell}, '')"))
    if not cases:
        return "NULL::VARCHAR", "NULL::VARCHAR"
    noted = " ".join(f"WHEN {test} THEN {literal(rule)}" for test, rule, _ in cases)
    values = " ".join(f"WHEN {test} THEN {value}" for test, _, value in cases)
    return f"CASE {noted} END", f"CASE {values} END"


def _present(mapping: ColumnMapping, text: str) -> str:
    tokens = ", ".join(literal(token) for token in ["", *mapping.missing])
    return f"CASE WHEN {text} NOT IN ({tokens}) THEN {text} END"


def _cell(fitted: Fitted, index: int) -> str:
    """Compose a cell without the blanks around it; inner blanks stay, missing tokens become absent."""
    cell = quoted(f"c{index}")
    # Trimming is the dearest step of reading (measured): it is done only where there is a blank, of ASCII or not.
    blank = f"contains({cell}, ' ') OR strlen({cell}) <> length({cell})"
    trimmed = f"CASE WHEN {blank} THEN trim({cell}) ELSE {cell} END" if fitted.padded else cell
    return _present(fitted.mapping, trimmed)


def _number(fitted: Fitted, index: int) -> str:
    """Compose a number with a point and without groups; what is not written as declared stays wrong, to be found."""
    mapping = fitted.mapping
    text, mark = _cell(fitted, index), "," if mapping.mark == "comma" else "."
    if mapping.thousands == " ":
        text = f"translate({text}, chr(160) || chr(8239), '  ')"  # the blanks that spreadsheets group with
    if mapping.thousands:
        grouped = f"[+-]?[0-9]{{1,3}}([{mapping.thousands}][0-9]{{3}})+([{mark}][0-9]*)?"
        stripped = f"replace({text}, {literal(mapping.thousands)}, '')"
        text = f"CASE WHEN regexp_full_match({text}, {literal(grouped)}) THEN {stripped} ELSE {text} END"
    # Swapped, not replaced: a point where commas were declared must not pass for one.
    return f"translate({text}, ',.', '.,')" if mapping.mark == "comma" else text

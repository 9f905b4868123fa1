"""Is every planned row valid? Rules are data: a slug, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bridgehead.compare.readings import of_number, of_period
from bridgehead.errors import BadRow, RowsInvalid
from bridgehead.plan import CONTROLLED, Policy
from bridgehead.projection import MEASURES
from bridgehead.tables import Row, Session, question

_HERE = "bridgehead.compare"

NUMBER = r"[+-]?[0-9]{1,12}(\.[0-9]{0,20})?"
"""A number as a plan may write it, once the mapping has dealt with decimal commas: no exponent, no blanks."""

LARGE = r"[+-]?([0-9]{13,}(\.[0-9]*)?|[0-9]+\.[0-9]{21,})"
"""A number with more digits than can be held."""

SHOWN = 1000
"""So many bad rows of each rule are listed; the rest is counted."""

RULES: dict[str, str] = {
    "required": '{column} is empty. Every projection needs it: fill it in, or set constants = {{ {column} = "..." }}',
    "unset": '{column} is empty. Fill it in, or say that the plan has none: unset = ["{column}"]',
    "measure": "{value!r} is not a word that measure.words explains. Add it there, or leave such rows out: without",
    "pov": "{value!r} has another number of parts than pov.fields names",
    "crosswalk": '{value!r} is not in the crosswalk of {column}. Add a line, or say unknown = "keep"',
    "period": "{value!r} is not a period. {reading}",
    "boundary": "{value!r} is not the first day of a month. {reading}",
    "number": "{value!r} is not a number. Write it with digits and a {mark}, or name it under missing{reading}",
    "large": "{value!r} has more digits than any plan: at most 12 before the decimals and 20 after",
    "negative": "{value!r} is below zero. A plan counts what is there: correct the figure",
    "whole": "{value!r} is not a whole number of heads. Use fte for parts of a person",
    "heads": "neither headcount nor fte is given. Fill one of them in, or name the cell's text under missing",
    "part_time": "{value} FTE are more than the heads beside them. See which is right, or set rules.fte_over_headcount",
    "currency": 'cost needs a currency. Map its column, or set constants = {{ currency = "EUR" }}',
    "control": "{value!r} holds a control character. Take it out of the code",
    "outside": "{value} lies outside what the feed owns. Widen owns in the configuration, or take the row out",
    "duplicate": "the same cell is planned here and at {value}. Keep one of them, or set rules.duplicates",
    "currencies": "the rows of this cell have several currencies, and cannot be summed",
    "unknown": "UKG has no {column} {value!r}. Correct the code, or have it created in UKG",
    "inactive": "the {column} {value!r} is inactive in UKG. Use another one, or have it activated",
    "read_only": "{value!r} is read-only in UKG. Plan in another version, or have it opened",
    "long": "{value!r} has more characters than UKG takes as {column}",
    "closed": "{value} is not open for planning in UKG. Leave its figures as they were, or have the period opened",
}
"""What is said of a row, by the slug of the rule it breaks."""


Locate = Callable[[int, str], str]


@dataclass(frozen=True, slots=True)
class Known:
    """What UKG accepts. codes: by dimension, each with whether it is active; `version` means scenario and version.

    lengths: how many characters a code may have. open_from, open_to: the open periods, None where UKG does not say.
    """

    codes: Mapping[str, Mapping[str, bool]]
    lengths: Mapping[str, int]
    open_from: date | None = None
    open_to: date | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What judging found. rows: the first of each rule; warnings are those that may be sent all the same.

    by_rule: how many findings each rule has. count: refusing ones. skipped: how many rows they concern.
    unreadable: rows whose key cannot be read, so that nothing may be retired.
    """

    rows: tuple[BadRow, ...] = ()
    warnings: tuple[BadRow, ...] = ()
    by_rule: Mapping[str, int] | None = None
    count: int = 0
    skipped: int = 0
    unreadable: int = 0


def judge(session: Session, *, scales: Mapping[str, int], unset: Sequence[str], policy: Policy = Policy()) -> int:  # noqa: B008 - a value
    """Type `text_rows` into `typed`; rows that break a rule go to `findings` instead, their keys to `held_back`.

    scales: decimals of each measure on the wire. unset: dimensions that the plan does not have. Returns how many cells
    of the source hold no value.
    """
    session.ask(question(_HERE, "begin"))
    parameters: dict[str, Any] = {"number": NUMBER, "large": LARGE, "unset": list(unset)}
    for name, scale in scales.items():
        plain = rf"[+-]?[0-9]{{1,12}}(\.[0-9]{{0,{scale}}}0{{0,{20 - scale}}})?"
        parameters |= {f"{name}_scale": scale, f"{name}_plain": plain}
    session.ask(question(_HERE, "typed"), parameters)
    absent = int(session.value("SELECT (SELECT count(*) FROM text_rows) - (SELECT count(*) FROM typed)"))
    _set_aside(session)
    session.ask(question(_HERE, "duplicates"))
    if session.value("SELECT count(*) FROM twice"):
        session.ask(question(_HERE, f"{policy.duplicates}_duplicates"))
        _set_aside(session)
    if policy.fte_over_headcount != "allow":
        refuses = policy.fte_over_headcount == "refuse"
        session.ask(question(_HERE, "part_time"), {"refuses": refuses})
        if refuses:
            session.ask("UPDATE typed SET faults = 'part_time' WHERE fte > headcount")
            session.ask(question(_HERE, "set_aside"))
    return absent


def add_up(session: Session) -> dict[str, Decimal]:
    """Return what `text_rows` add up to, as the source has it: by measure, and how many projections."""
    return dict(zip(CONTROLLED, map(Decimal, session.ask(question(_HERE, "control"))[0]), strict=True))


def judge_ownership(session: Session) -> None:
    """Set aside the planned rows that lie outside the table `owned`."""
    session.ask(question(_HERE, "outside"))
    _set_aside(session)


def judge_changes(session: Session, known: Known) -> None:
    """Set aside the changes that UKG would refuse: unknown and inactive codes, closed periods, read-only versions.

    Only what changes is judged.
    """
    codes = [(field, code, active) for field, found in known.codes.items() for code, active in found.items()]
    session.fill("known_codes", ("field VARCHAR", "code VARCHAR", "active BOOLEAN"), codes)
    session.fill("lengths", ("field VARCHAR", "most INTEGER"), list(known.lengths.items()))
    opened = {"open_from": known.open_from or date.min, "open_to": known.open_to or date.max}
    session.ask(question(_HERE, "offences"), opened)
    if session.value("SELECT count(*) FROM offences"):
        session.ask(question(_HERE, "offending"))
        session.spool("difference", question(_HERE, "allowed"))


def _set_aside(session: Session) -> None:
    if session.value("SELECT count(*) FROM typed WHERE faults <> ''"):
        session.ask(question(_HERE, "findings"))
        session.ask(question(_HERE, "set_aside"))


def report(session: Session, *, columns: Mapping[str, str], locate: Locate, decimal: str = "point") -> Report:
    """Say what is in `findings`, for people.

    columns: our field to the column's name in the file. locate: from a record to an origin. decimal: point or comma,
    as in the file.
    """
    by_rule: dict[str, int] = dict(
        session.ask("SELECT rule, count(*) FROM findings WHERE told GROUP BY rule ORDER BY min(record), rule")
    )
    if not by_rule:
        return Report()
    listed = session.ask(question(_HERE, "listed"), {"most": SHOWN})
    bad = [(_bad_row(row, columns, locate, decimal), row[-1]) for row in listed]
    place = "(record, coalesce(origin_column, ''))"
    count, skipped = session.ask(
        f"SELECT count(*) FILTER (told), count(DISTINCT {place}) FROM findings WHERE refuses"  # noqa: S608 - our own
    )[0]
    unreadable = session.value(
        "SELECT count(*) FROM held_back WHERE scenario IS NULL OR version IS NULL OR period_start IS NULL"
        " OR org_unit IS NULL"
    )
    return Report(
        rows=tuple(row for row, refuses in bad if refuses),
        warnings=tuple(row for row, refuses in bad if not refuses),
        by_rule=by_rule,
        count=count,
        skipped=skipped,
        unreadable=unreadable,
    )


def bad_rows(
    session: Session, *, columns: Mapping[str, str], locate: Locate, decimal: str = "point"
) -> Iterator[tuple[int, BadRow]]:
    """Yield every finding that keeps a row from being sent, with the row's record; every row of a duplicate too."""
    for row in session.ask(question(_HERE, "refusing")):
        yield row[0], _bad_row(row, columns, locate, decimal)


def refuse(found: Report) -> None:
    """Raise RowsInvalid when there are bad rows."""
    if found.count:
        raise RowsInvalid(
            f"{found.count:,} finding{'s' if found.count != 1 else ''} in the planning data. Nothing was sent.",
            rows=found.rows,
            count=found.count,
            by_rule=found.by_rule or {},
            cure="Correct these rows in the planning file, or the mapping in bridgehead.toml.",
        )


def _bad_row(row: Row, columns: Mapping[str, str], locate: Locate, decimal: str) -> BadRow:
    record, header, rule, field, value, others, _ = row
    column = columns.get(field) or header or field
    told = _as_written(field, value, decimal)
    places = ", ".join(locate(one["record"], one["origin_column"] or "") for one in others)
    message = RULES[rule].format(
        column=field, value=places or told, mark=decimal, reading=_readings(rule, str(told or ""))
    )
    return BadRow(locate(record, column), column, told, rule, message)


def _as_written(field: str, value: str | None, decimal: str) -> str | None:
    """Turn a measure back into the file's own notation; the mapping had exchanged point and comma."""
    if value is None or decimal == "point" or field not in MEASURES:
        return value
    return value.translate(str.maketrans(",.", ".,"))


def _readings(rule: str, value: str) -> str:
    return {"period": of_period, "boundary": of_period, "number": of_number}.get(rule, lambda _: "")(value)

"""Is every staged row a valid projection? Rules are data: a slug, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bridgehead.errors import BadRow, RowsInvalid
from bridgehead.projection import DIMENSIONS
from bridgehead.tables import Session, question

_HERE = "bridgehead.compare"

NUMBER = r"[+-]?[0-9]{1,12}(\.[0-9]{0,20})?"
"""A number as a plan may write it, once the mapping has dealt with decimal commas: no exponent, no blanks."""

SHOWN = 1000
"""So many bad rows are listed; the rest is counted."""

RULES: dict[str, str] = {
    "required": "{column} is empty. Every projection needs it; fill it in or map a constant",
    "unset": '{column} is empty. Fill it in, or say that the plan has none: unset = ["{column}"]',
    "period": "{value!r} is not a period. Write 2027-01 or 2027-01-01, or set period_format",
    "boundary": "a period starts on the first day of a month",
    "number": "{value!r} is not a number. Write it with digits and a point, or name it under missing",
    "negative": "{column} is below zero",
    "whole": "{value!r} is not a whole number of heads. Use fte for parts of a person",
    "heads": "neither headcount nor fte is given",
    "currency": "cost needs a currency. Map a currency column or constant",
    "control": "a code holds a control character",
    "outside": "{value} lies outside what the feed owns. Widen owns in the configuration, or take the row out",
    "duplicate": "the same cell is planned {value}. Keep one of them",
}
"""What is said of a row, by the slug of the rule it breaks."""


Locate = Callable[[int, str], str]


def judge(
    session: Session, *, scales: Mapping[str, int], unset: Sequence[str], columns: Mapping[str, str], locate: Locate
) -> None:
    """Type `text_rows` into `typed`; raise RowsInvalid with every row that breaks a rule.

    scales: decimals of each measure on the wire. unset: dimensions that the plan does not have. columns: our field to
    the column's name in the file. locate: from a record to an origin.
    """
    session.ask(
        question(_HERE, "typed"),
        {"number": NUMBER, "unset": list(unset), **{f"{name}_scale": scale for name, scale in scales.items()}},
    )
    bad = [
        _bad_row(record, columns.get(field) or column or field, field, value, rule, locate)
        for record, column, rule, field, value in session.ask(question(_HERE, "findings"), {"most": SHOWN})
    ]
    count = session.value("SELECT coalesce(sum(len(string_split(faults, ' '))), 0) FROM typed WHERE faults <> ''")
    raise_for(bad, int(count))
    _judge_duplicates(session, columns, locate)


def judge_ownership(session: Session, locate: Locate) -> None:
    """Raise RowsInvalid when a planned row lies outside the table `owned`."""
    rows = session.ask(question(_HERE, "outside"), {"most": SHOWN})
    bad = [
        _bad_row(record, column or "period_start", "period_start", value, "outside", locate)
        for _, record, column, value in rows
    ]
    raise_for(bad, rows[0][0] if rows else 0)


def raise_for(bad: Sequence[BadRow], count: int) -> None:
    """Raise RowsInvalid when there are bad rows."""
    if bad:
        raise RowsInvalid(
            f"{count:,} finding{'s' if count != 1 else ''} in the planning data. Nothing was sent.",
            rows=bad,
            count=count,
            cure="Correct these rows in the planning file, or the mapping in bridgehead.toml.",
        )


def _bad_row(record: int, column: str, field: str, value: str | None, rule: str, locate: Locate) -> BadRow:
    message = RULES[rule].format(column=field, value=value)
    return BadRow(locate(record, column), column, value, rule, message)


def _judge_duplicates(session: Session, columns: Mapping[str, str], locate: Locate) -> None:
    bad, count = [], 0
    for found, records, wide, *key in session.ask(question(_HERE, "duplicates"), {"most": SHOWN}):
        origins = [locate(record, column or "") for record, column in zip(records, wide, strict=True)]
        cell = " / ".join(str(part) for part in key if part is not None)
        message = RULES["duplicate"].format(value=f"here and at {', '.join(origins[1:])}")
        bad.append(BadRow(origins[0], wide[0] or columns.get("scenario", DIMENSIONS[0]), cell, "duplicate", message))
        count = found
    raise_for(bad, count)

"""Is every staged row a valid projection? Rules are data: a slug, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bridgehead.errors import BadRow, RowsInvalid
from bridgehead.projection import DIMENSIONS, MEASURES
from bridgehead.tables import Session, question

_HERE = "bridgehead.compare"

NUMBER = r"[+-]?[0-9]{1,12}(\.[0-9]{0,20})?"
"""A number as a plan may write it, once the mapping has dealt with decimal commas: no exponent, no blanks."""

LARGE = r"[+-]?([0-9]{13,}(\.[0-9]*)?|[0-9]+\.[0-9]{21,})"
"""A number with more digits than can be held."""

SHOWN = 1000
"""So many bad rows are listed; the rest is counted."""

RULES: dict[str, str] = {
    "required": "{column} is empty. Every projection needs it; fill it in or map a constant",
    "unset": '{column} is empty. Fill it in, or say that the plan has none: unset = ["{column}"]',
    "measure": "{value!r} is not a word that measure.words explains. Add it there, or leave such rows out: without",
    "pov": "{value!r} has another number of parts than pov.fields names",
    "crosswalk": '{value!r} is not in the crosswalk of {column}. Add a line, or say unknown = "keep"',
    "period": "{value!r} is not a period. Write 2027-01 or 2027-01-01, or set period_format",
    "boundary": "a period starts on the first day of a month",
    "number": "{value!r} is not a number. Write it with digits and a {mark}, or name it under missing",
    "large": "{value!r} has more digits than any plan: at most 12 before the decimals and 20 after",
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
    session: Session,
    *,
    scales: Mapping[str, int],
    unset: Sequence[str],
    columns: Mapping[str, str],
    locate: Locate,
    decimal: str = "point",
) -> None:
    """Type `text_rows` into `typed`; raise RowsInvalid with every row that breaks a rule.

    scales: decimals of each measure on the wire. unset: dimensions that the plan does not have. columns: our field to
    the column's name in the file. locate: from a record to an origin. decimal: point or comma, as in the file.
    """
    session.ask(
        question(_HERE, "typed"),
        {
            "number": NUMBER,
            "large": LARGE,
            "unset": list(unset),
            **{f"{name}_scale": scale for name, scale in scales.items()},
        },
    )
    bad = [
        _bad_row(
            record,
            columns.get(field) or column or field,
            field,
            _as_written(field, value, decimal),
            rule,
            locate,
            decimal,
        )
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


def _bad_row(
    record: int, column: str, field: str, value: str | None, rule: str, locate: Locate, mark: str = "point"
) -> BadRow:
    message = RULES[rule].format(column=field, value=value, mark=mark)
    return BadRow(locate(record, column), column, value, rule, message)


def _as_written(field: str, value: str | None, decimal: str) -> str | None:
    """Turn a measure back into the file's own notation; the mapping had exchanged point and comma."""
    if value is None or decimal == "point" or field not in MEASURES:
        return value
    return value.translate(str.maketrans(",.", ".,"))


def _judge_duplicates(session: Session, columns: Mapping[str, str], locate: Locate) -> None:
    bad, count = [], 0
    for found, records, wide, *key in session.ask(question(_HERE, "duplicates"), {"most": SHOWN}):
        origins = [locate(record, column or "") for record, column in zip(records, wide, strict=True)]
        cell = " / ".join(str(part) for part in key if part is not None)
        message = RULES["duplicate"].format(value=f"here and at {', '.join(origins[1:])}")
        bad.append(BadRow(origins[0], wide[0] or columns.get("scenario", DIMENSIONS[0]), cell, "duplicate", message))
        count = found
    raise_for(bad, count)

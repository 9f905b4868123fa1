"""Columns that say the same in every row: nobody has to compare, hash or write them row by row.

A version, a currency, a dimension that a company does not use: few plans differ in everything. Measured on a million
rows, such a column takes 15 ms in a join, 5 in a hash, and 30 in a file.

What is found becomes macros, which the questions ask: `hash_cells` before duplicates.sql, `compare_as_needed` before
difference.sql and conserved.sql.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bridgehead.projection import DIMENSIONS, MEASURES
from bridgehead.tables import Session, literal

SELDOM = tuple(name for name in DIMENSIONS if name not in ("period_start", "org_unit"))
"""Dimensions that may say the same in every row; plans have months and units."""
_SAME, _EITHER = "one IS NOT DISTINCT FROM other", "coalesce(one, other)"


def constants(session: Session, columns: Sequence[str]) -> dict[str, str | None]:
    """Return those columns of `typed` that say the same in every row, with that text, or None where it is null."""
    texts = [f"CAST({name} AS VARCHAR)" for name in columns]
    firsts = session.ask(f"SELECT {', '.join(texts)} FROM typed LIMIT 1")  # noqa: S608 - names of ours
    if not firsts:
        return {}
    others = ", ".join(
        f"EXISTS (SELECT 1 FROM typed WHERE {text} IS DISTINCT FROM ${name})"  # noqa: S608 - as above
        for name, text in zip(columns, texts, strict=True)
    )
    first = dict(zip(columns, firsts[0], strict=True))
    differ = dict(zip(columns, session.ask(f"SELECT {others}", first)[0], strict=True))
    return {name: value for name, value in first.items() if not differ[name]}


def hash_cells(session: Session) -> None:
    """Define `cell_hash`, of the dimensions in which planned cells differ at all."""
    _define_hash(session, "cell_hash", DIMENSIONS, constants(session, SELDOM))


def compare_as_needed(session: Session, said: Mapping[str, str | None]) -> None:
    """Define how both sides of each dimension are compared (`same_...`, `either_...`), and what is hashed (`row_hash`).

    said: what every planned row says; where all that UKG holds says it too, there is nothing to compare.
    """
    agreed = []
    for name in SELDOM:
        value = said.get(name)
        same = name in said and _accepted_says(session, name, value)
        constant = f"CAST({'NULL' if value is None else literal(value)} AS VARCHAR)"
        session.ask(f"CREATE OR REPLACE MACRO same_{name}(one, other) AS ({'true' if same else _SAME})")
        session.ask(f"CREATE OR REPLACE MACRO either_{name}(one, other) AS ({constant if same else _EITHER})")
        agreed += [name] if same else []
    _define_hash(session, "row_hash", (*DIMENSIONS, *MEASURES, "currency"), agreed)


def _accepted_says(session: Session, dimension: str, value: str | None) -> bool:
    """Whether all that UKG holds says the same in a dimension."""
    other = f"WHERE {dimension} IS DISTINCT FROM $value"
    layers = (f"EXISTS (SELECT 1 FROM {layer} {other})" for layer in ("accepted_base", "accepted_delta"))  # noqa: S608 - ours
    return not session.value(f"SELECT {' OR '.join(layers)}", {"value": value})


def _define_hash(session: Session, macro: str, columns: Sequence[str], left_out: Collection[str]) -> None:
    hashed = ", ".join(name for name in columns if name not in left_out)
    session.ask(f"CREATE OR REPLACE MACRO {macro}({', '.join(columns)}) AS (hash({hashed}))")

"""Rows of a plan as texts, staged for judging: good but for what each says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bridgehead.compare.wording import Spot, Wording
from bridgehead.projection import DIMENSIONS, MEASURES
from bridgehead.tables import Session

SCALES = {"headcount": 0, "fte": 2, "hours": 2, "cost": 2}
COLUMNS = {name: f"The {name}" for name in (*DIMENSIONS, *MEASURES, "currency", "measure", "pov")}
GOOD: dict[str, Any] = {
    "origin_column": None,
    "scenario": "budget",
    "version": "v1",
    "period_start": "2027-01",
    "org_unit": "0100",
    "cost_center": "CC 1",
    "location": "L1",
    "job": "J1",
    "position": None,
    "grade": None,
    "employment_type": None,
    "headcount": "3",
    "fte": "2.50",
    "hours": None,
    "cost": None,
    "currency": None,
    "period": date(2027, 1, 1),
    "noted": None,
    "noted_value": None,
}


def named(columns: Mapping[str, str]) -> Wording:
    """Return how a source calls things whose columns are these."""
    return Wording(tuple(Spot(name, "row", title, number) for number, (name, title) in enumerate(columns.items())))


WORDS = named(COLUMNS)


def fill(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Stage rows that are good but for what each says."""
    kinds = [f"{name} {'DATE' if name == 'period' else 'VARCHAR'}" for name in GOOD]
    records = [(number, *{**GOOD, **row}.values()) for number, row in enumerate(rows, 1)]
    session.drop("text_rows")  # a view, when a mapping made it
    session.fill("text_rows", ["record BIGINT", *kinds], records)


def multiply(session: Session, change: str, count: int) -> None:
    """Make so many rows of the one that is staged, each changed by its number r."""
    select = f"SELECT * REPLACE ({change}) FROM text_rows, range(1, {count + 1}) t(r)"  # noqa: S608
    session.ask(f"CREATE OR REPLACE TABLE text_rows AS {select}")


def locate(record: int, column: str) -> str:
    return f"plan.csv:{record + 1} {column}".rstrip()

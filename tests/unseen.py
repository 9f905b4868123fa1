"""Files that `init` has never seen, put before it: how they are made, and what a plan with its section comes to."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from openpyxl import Workbook

from tests.conftest import Desk

ANY_CODE = """dialect_overrides.metadata.codes = { org_unit = "not.listed", cost_center = "not.listed", location = \
"not.listed", job = "not.listed" }
dialect_overrides.metadata.scenarios = "not.listed"
dialect_overrides.headcount.lengths = { org_unit = 99, cost_center = 99, location = 99, job = 99, position = 99, \
grade = 99, employment_type = 99 }"""
"""Codes as they come: which of them UKG has is not the question here."""

Content = str | bytes | Callable[[Path], None]


def put(desk: Desk, name: str, content: Content) -> None:
    path = desk.folder / name
    if callable(content):
        content(path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def table(*rows: str, mark: str = ",") -> str:
    """Rows as the text of a file; blanks stand for the delimiter."""
    return "".join(mark.join(row.split()).replace("_", " ") + "\n" for row in rows)


def book(sheets: dict[str, Sequence[Sequence[Any]]], merge: str = "") -> Callable[[Path], None]:
    def write(path: Path) -> None:
        workbook = Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
            if merge:
                sheet.merge_cells(merge)
        workbook.save(path)

    return write


def archive(name: str, content: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as target:
            target.writestr(name, content)

    return write


def parquet(query: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")

    return write


def source(desk: Desk, *arguments: str) -> str:
    """Let init write the configuration; return the section of the source."""
    outcome = desk.run("init", *arguments)
    assert outcome.code == 0, outcome
    text = (desk.folder / "bridgehead.toml").read_text()
    return text[text.index("[tenants.acme.feeds.headcount.source]") :]


def planned(desk: Desk, section: str) -> tuple[int, Decimal, Decimal]:
    """Plan with a section; return how many projections there are, head-months and FTE-months."""
    desk.configure(desk.environment(extra=ANY_CODE), section)
    outcome = desk.run("--json", "plan", "acme")
    assert outcome.code == 0, (section, outcome)
    plan = next(event["plan"] for event in outcome.events() if event["type"] == "plan")
    totals = plan["totals"]
    return (
        plan["counts"]["create"],
        sum((Decimal(str(one["heads_after"])) for one in totals), Decimal()),
        sum((Decimal(str(one["fte_after"])) for one in totals), Decimal()),
    )

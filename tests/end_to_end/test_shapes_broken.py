"""The broken twins in examples/shapes: each is explained word for word, by file, place and setting; nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from openpyxl import Workbook
from tests.conftest import Desk
from tests.end_to_end.test_shapes import NAMES, SHAPES, laid_out

from bridgehead.compare.rules import RULES
from bridgehead.emulator import Emulator, Limits

REPORTS = sorted(f"{report.parent.name}/{report.stem}" for report in SHAPES.glob("*/broken*.txt"))
CONFIGURATIONS_FAULT = {"measures-in-headers/broken-header"}
"""Here the configuration might be what is wrong as well as the file: exit code 2."""


@pytest.fixture(scope="module")
def untouched() -> Iterator[Emulator]:
    """One UKG for all broken twins: nothing may ever reach it."""
    with Emulator(limits=Limits(requests_per_minute=1_000_000)) as emulator:
        yield emulator


@pytest.fixture
def analyst(untouched: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with urllib3.PoolManager(retries=False) as http:
        yield Desk(tmp_path, untouched, http, capsys)


def broken(desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Configure a shape with its broken twin for a planning file; return the report that stands beside it."""
    shape, twin = name.split("/")
    source = laid_out(desk, shape, monkeypatch)
    changed = re.sub(r'^((?:path|connection) = ".*?)(?:plan|budget)(?=[.-])', rf"\1{twin}", source, flags=re.MULTILINE)
    assert changed != source
    desk.configure(changed, desk.environment())
    return (desk.folder / f"{twin}.txt").read_text()


@pytest.mark.parametrize("name", REPORTS)
def test_the_broken_twin_is_explained_word_for_word(analyst: Desk, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    report = broken(analyst, name, monkeypatch)
    outcome = analyst.run("plan", "acme")

    assert outcome.err.replace(f"{analyst.folder}/", "") == report
    assert (outcome.code, outcome.out) == (2 if name in CONFIGURATIONS_FAULT else 3, "")
    assert analyst.writes() == 0


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("oracle-epm/broken", "rows-invalid"),
        ("long/broken-codes", "rows-invalid"),
        ("months-as-columns/broken", "mapping-mismatch"),
        ("workbook/broken", "source-unreadable"),
        ("measures-in-headers/broken-header", "config-invalid"),
    ],
)
def test_a_sync_says_the_same_and_sends_nothing(
    analyst: Desk, monkeypatch: pytest.MonkeyPatch, name: str, slug: str
) -> None:
    report = broken(analyst, name, monkeypatch)
    outcome = analyst.run("sync", "acme")

    assert slug in report
    assert outcome.err == report
    assert outcome.code == (2 if name in CONFIGURATIONS_FAULT else 3)
    assert analyst.writes() == 0
    assert analyst.held() == {}


@pytest.mark.parametrize("name", NAMES)
def test_every_broken_file_has_its_report_and_the_report_names_it(name: str) -> None:
    files = {path.name for path in (SHAPES / name).glob("broken*") if path.suffix != ".txt"}
    told = "".join(path.read_text() for path in (SHAPES / name).glob("broken*.txt"))

    assert [file for file in files if file not in told and "query row" not in told] == []


def test_every_rule_that_a_file_alone_can_break_is_broken_by_a_twin() -> None:
    told = "".join(path.read_text() for path in SHAPES.glob("*/broken*.txt"))
    broken_by_none = {rule for rule in RULES if f"\n  {rule} (" not in f"\n{told}"}

    # A warning; what needs rules.duplicates = "sum"; and what needs a second tenant (test_routing.py).
    assert broken_by_none == {"part_time", "currencies", "unrouted", "ambiguous"}


def said(desk: Desk, source: str) -> str:
    """Return what a plan says that has to be refused. source: settings of a planning file."""
    desk.configure(f"[tenants.acme.feeds.headcount.source]\n{source}", desk.environment())
    outcome = desk.run("plan", "acme")
    assert outcome.code == 3, outcome
    return outcome.err


def workbook(desk: Desk, **cells: object) -> str:
    """Write a workbook with a good line, changed in these cells; return the settings that read it."""
    book = Workbook()
    book.active.append(["Dept", "2027-01 HC", "2027-01 FTE", "2027-02 HC", "2027-02 FTE"])
    book.active.append(["0100", 1, 1, 2, 2])
    for place, value in cells.items():
        book.active[place] = value
    book.save(desk.folder / "plan.xlsx")
    return """path = "plan.xlsx"
        columns = { org_unit = "Dept" }
        constants = { scenario = "budget", version = "v1" }
        unset = ["cost_center", "location", "job"]
        headers = { pattern = '(?P<year>\\d{4})-(?P<month>\\d{2}) (?P<measure>\\w+)', measures = { HC = "headcount" } }
    """


def test_all_broken_cells_of_a_sheet_are_named_at_once(analyst: Desk) -> None:
    told = said(analyst, workbook(analyst, B2="#DIV/0!", E2="=D2/2"))
    assert "plan.xlsx Sheet!B2 holds the error #DIV/0!." in told
    assert "E2 (a formula without a calculated value)" in told


def test_a_wrong_cell_among_several_of_one_projection_is_not_placed_in_its_neighbour(analyst: Desk) -> None:
    assert "plan.xlsx Sheet!E2  2027-02 FTE: 'tbd' is not a number" in said(analyst, workbook(analyst, E2="tbd"))


def test_a_file_that_is_no_text_is_told_for_what_it_is(analyst: Desk) -> None:
    workbook(analyst)
    (analyst.folder / "plan.xlsx").rename(analyst.folder / "plan.csv")
    assert "plan.csv is a workbook or a ZIP file" in said(analyst, LONG)
    (analyst.folder / "plan.csv").write_bytes("Dept,Month,Heads\n".encode("utf-16-le"))
    assert 'source.encoding = "utf-16-le"' in said(analyst, LONG)


def test_a_database_file_that_is_not_there_is_not_made(analyst: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(analyst.folder)
    told = said(analyst, 'connection = "sqlite:///plam.sqlite"\nquery = "SELECT 1 AS Dept"\n' + LONG.partition("\n")[2])
    assert "plam.sqlite does not exist" in told
    assert not Path("plam.sqlite").exists()


def test_a_crosswalk_of_moves_refuses_an_unknown_code_when_it_is_told_to(analyst: Desk) -> None:
    (analyst.folder / "plan.csv").write_text("Dept,Month,Heads\nNORTH,2027-06,4\nNORTH,2027-07,4\n")
    (analyst.folder / "units.csv").write_text("from,to,since\nNORTH,0100,2027-07\n")
    dated = '[tenants.acme.feeds.headcount.source.crosswalks]\norg_unit = { path = "units.csv", effective = "since"'

    assert "plan.csv:2  Dept: 'NORTH' is not in units.csv" in said(analyst, f'{LONG}{dated}, unknown = "refuse" }}')
    assert "plan.csv:2  Dept: UKG has no org unit 'NORTH' (after units.csv)" in said(analyst, f"{LONG}{dated} }}")


LONG = """path = "plan.csv"
columns = { org_unit = "Dept", period_start = "Month", headcount = "Heads" }
constants = { scenario = "budget", version = "v1" }
unset = ["cost_center", "location", "job"]
"""

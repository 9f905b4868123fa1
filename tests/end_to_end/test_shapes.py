"""Every shape of planning file in examples/shapes is delivered whole, and verified without drift."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from tests.conftest import Desk

EXAMPLES = Path(__file__).parents[2] / "examples"
SHAPES = EXAMPLES / "shapes"
NAMES = sorted(folder.name for folder in SHAPES.iterdir() if (folder / "source.toml").exists())


class Figures(NamedTuple):
    """What UKG has to hold: counted and added up in the planning files by hand, with no help of the product."""

    projections: int
    heads: str
    fte: str
    hours: str
    cost: str
    cell: str
    holds: dict[str, Any]


FIGURES = {
    "accounts-in-rows": Figures(
        *(8, "36", "27.25", "0", "128162.75"),
        "budget|v1|2027-03-01|0150|CC0150|L07|J015",
        {"headcount": 10, "fte": 9.25, "cost": 45162.75, "currency": "USD"},
    ),
    "crosswalk": Figures(
        *(7, "64", "61.25", "0", "0"),
        "budget|v1|2027-07-01|0109|CC0106||J022",
        {"headcount": 11, "fte": 10.5},
    ),
    "database": Figures(
        *(4, "16", "12", "0", "0"),
        "budget|v1|2027-02-01|0128|CC0128|L10|J013",
        {"headcount": 2, "fte": 1.5},
    ),
    "departments-as-columns": Figures(
        *(17, "112", "0", "0", "0"),
        "budget|v1|2027-03-01|0141||L06|J013",
        {"headcount": 22},
    ),
    "file-per-year": Figures(
        *(7, "28", "0", "0", "0"),
        "budget|v1|2028-01-01|0104||L02|J020",
        {"headcount": 3},
    ),
    "fiscal-periods": Figures(
        *(6, "35", "32.25", "0", "0"),
        "budget|v1|2028-03-01|0105|CC0105|L03|J021",
        {"headcount": 6, "fte": 5.5},
    ),
    "german-excel": Figures(
        *(6, "2533", "2428.25", "5163.75", "162560.5"),
        "budget|v1|2027-05-01|0114|CC0114|L01|J001",
        {"headcount": 9, "fte": 8.75, "hours": 1443.75, "cost": 44800.5, "currency": "EUR"},
    ),
    "hand-kept": Figures(
        *(5, "17", "0", "0", "35450.5"),
        "forecast|v1|2027-01-01|0113||L12|J025",
        {"headcount": 2, "cost": 4250.5, "currency": "GBP"},
    ),
    "heads-or-hours": Figures(
        *(5, "17", "0", "2052.75", "0"),
        "budget|v1|2027-01-01|0155||L10|J018",
        {"headcount": 1, "hours": 84.25},
    ),
    "long": Figures(
        *(10, "61", "57.5", "9660", "265301"),
        "budget|v1|2027-03-01|0100|CC0100|L01|J002||G6",
        {"headcount": 4, "fte": 4, "hours": 672, "cost": 32200, "currency": "EUR"},
    ),
    "measures-in-headers": Figures(
        *(15, "160", "164.75", "0", "0"),
        "budget|v2|2027-04-01|0110|||J001",
        {"headcount": 11, "fte": 10.25},
    ),
    "months-as-columns": Figures(
        *(59, "439", "0", "0", "0"),
        "budget|v1|2027-07-01|0102|CC0102|L02|J004",
        {"headcount": 0},
    ),
    "old-mac": Figures(
        *(5, "12", "10.25", "0", "0"),
        "forecast|v1|2027-02-01|0117|||J004",
        {"headcount": 1, "fte": 0.5},
    ),
    "oracle-epm": Figures(
        *(10, "83", "71.25", "0", "0"),
        "budget|v1|2027-04-01|0157|CC0157|L02|J002",
        {"headcount": 2, "fte": 1.5},
    ),
    "parquet": Figures(
        *(4, "69", "61.2", "0", "213051.75"),
        "forecast|v1|2027-01-01|0126|CC0126|L08|J011",
        {"headcount": 4, "fte": 3.2, "cost": 14000.5, "currency": "EUR"},
    ),
    "plan-and-actual": Figures(
        *(5, "5", "4.2", "0", "21651.25"),
        "budget|v1|2027-01-01|0100|CC0100||J001|P-1001",
        {"headcount": 1, "fte": 1, "cost": 5200.5, "currency": "GBP"},
    ),
    "scenario-in-headers": Figures(
        *(16, "184", "0", "0", "0"),
        "forecast|v1|2027-05-01|0130|||J011",
        {"headcount": 12},
    ),
    "short-month-names": Figures(
        *(36, "0", "57.6", "0", "0"),
        "forecast|v1|2027-10-01|0120|CC0120|L04|J006",
        {"fte": 3.5},
    ),
    "unicode-text": Figures(
        *(5, "28", "26.4", "0", "0"),
        "budget|v1|2027-04-01|0118|CC0118|L03|J005",
        {"headcount": 7, "fte": 6.6},
    ),
    "workbook": Figures(
        *(14, "120", "0", "0", "0"),
        "budget|v2|2027-01-01|0122||L06|J007",
        {"headcount": 2},
    ),
    "workbook-serials": Figures(
        *(4, "38", "36.6", "5856", "0"),
        "budget|v1|2027-04-01|0124|CC0124|L07|J009",
        {"headcount": 10, "fte": 9.65, "hours": 1544},
    ),
}


def laid_out(desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a shape on the desk, and stand there; return its source section."""
    shutil.copytree(SHAPES / name, desk.folder, dirs_exist_ok=True)
    monkeypatch.chdir(desk.folder)
    return (desk.folder / "source.toml").read_text()


def total(held: dict[str, dict[str, Any]], measure: str) -> Decimal:
    return sum((Decimal(str(one.get(measure) or 0)) for one in held.values()), Decimal())


@pytest.mark.parametrize("name", NAMES)
def test_the_shape_is_delivered_whole_and_verified_without_drift(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    desk.configure(laid_out(desk, name, monkeypatch), desk.environment())
    told = FIGURES[name]

    planned = desk.run("plan", "acme")
    assert (planned.code, planned.err) == (0, "")
    assert f"+ create {told.projections}   ~ update 0   - retire 0   = unchanged 0" in planned.out
    assert desk.run("sync", "acme").code == 0
    held = desk.held()
    assert len(held) == told.projections
    for measure, expected in (("headcount", told.heads), ("fte", told.fte), ("hours", told.hours), ("cost", told.cost)):
        assert total(held, measure) == Decimal(expected), measure
    record = held[told.cell]
    assert {field: record[field] for field in told.holds} == told.holds

    assert "No drift" in desk.run("verify", "acme").out
    writes = desk.writes()
    assert writes > 0
    assert desk.run("sync", "acme").code == 0
    assert desk.writes() == writes


def test_every_shape_has_its_figures_its_broken_twin_and_its_row_in_the_readme() -> None:
    rows = re.findall(r"^\| \[(.+?)\]\((.+?)/source\.toml\) \|", (SHAPES / "README.md").read_text(), re.MULTILINE)

    assert len(NAMES) >= 15
    assert list(FIGURES) == NAMES
    assert [folder for _, folder in rows] == sorted(folder for _, folder in rows) == NAMES
    assert {report.parent.name for report in SHAPES.glob("*/broken.txt")} == set(NAMES)


def test_the_files_that_no_editor_shows_are_those_that_the_script_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SHAPES / "make.py"), str(tmp_path)], check=True)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())

    assert len(made) > 15
    for path in made:
        assert content(SHAPES / path) == content(tmp_path / path), path


def content(path: Path) -> object:
    """Return what a file holds; how it is stored may differ from one version of a library to the next."""
    if path.suffix == ".parquet":
        with duckdb.connect() as connection:
            return connection.execute("SELECT * FROM read_parquet($path)", {"path": str(path)}).fetchall()
    if path.suffix == ".sqlite":
        connection = sqlite3.connect(path)
        try:
            return list(connection.iterdump())
        finally:
            connection.close()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return path.read_bytes()


def test_a_shape_is_tried_as_the_readme_says(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = re.findall(r"^\$ (.+)$", (SHAPES / "README.md").read_text(), re.MULTILINE)
    folder = next(line.removeprefix("cd ") for line in commands if line.startswith("cd "))
    assert "cat source.toml ../tenant.toml > bridgehead.toml" in commands
    shutil.copytree(EXAMPLES, desk.folder / "examples")
    desk.folder = desk.folder / folder
    monkeypatch.chdir(desk.folder)
    text = Path("source.toml").read_text() + Path("../tenant.toml").read_text()
    Path("bridgehead.toml").write_text(text.replace("http://127.0.0.1:8701", desk.emulator.production))

    for command in (line for line in commands if line.startswith("bridgehead") and "emulate" not in line):
        assert desk.run(*command.split()[1:]).code == 0, command

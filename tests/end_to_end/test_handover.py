"""The handover is tried by following it: every line is typed, in its order, and ends as it says."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from tests.conftest import Desk

from bridgehead.cli.main import run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "handover.md").read_text()
STEP = re.compile(r"<!-- edit: ([a-z ]+) -->|```console\n(.*?)```", re.DOTALL)
PLAN = "acme-plan.csv"


@pytest.fixture
def office(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    shutil.copytree(ROOT / "examples" / "two-tenants", desk.folder / "office")
    path = desk.folder / "office" / "bridgehead.toml"
    text = path.read_text().replace("http://127.0.0.1:8701", desk.emulator.production)
    path.write_text(text.replace("http://127.0.0.1:8702", desk.emulator.sandbox))
    monkeypatch.chdir(path.parent)
    shutil.copy(PLAN, "right.csv")
    return desk


def edit(what: str) -> None:
    """Do what a person would do in an editor."""
    rows = Path("right.csv").read_text().splitlines()
    if what == "approval":
        path = Path("bridgehead.toml")
        lines = path.read_text().splitlines()
        first = next(number for number, line in enumerate(lines) if line.startswith("approval"))
        path.write_text("\n".join([*lines[:first], *lines[first + 1 :]]) + "\n")
    elif what == "unknown code":
        Path(PLAN).write_text("\n".join(rows).replace("0100,", "NOWHERE,", 1) + "\n")
    elif what == "wrong numbers":
        header, *others = rows
        Path(PLAN).write_text("\n".join([header, *(re.sub(r",(\d+)(?=,|$)", _raised, row) for row in others)]) + "\n")
    else:
        assert what == "put right"
        shutil.copy("right.csv", PLAN)


def _raised(found: re.Match[str]) -> str:
    value = found[1]
    return f",{int(value) + 1}" if not value.startswith("0") and len(value) <= 3 else found[0]


def typed(desk: Desk, line: str) -> tuple[int, str]:
    """Type a line, with the id of the plan that waits, and of the last run, in their places."""
    names = {"PLAN": ("waiting", "name"), "RUN": ("history", "run_id")}
    for word, (command, key) in names.items():
        if re.search(rf"\b{word}\b", line):
            desk.capture.readouterr()
            run(["--json", command])
            (found, *_) = re.findall(rf'"{key}":"([^"]+)"', desk.capture.readouterr().out)
            line = re.sub(rf"\b{word}\b", found, line)
    desk.capture.readouterr()
    code = run(shlex.split(line, comments=True)[1:])
    said = desk.capture.readouterr()
    return code, said.out + said.err


def test_every_line_of_the_handover_ends_as_it_says(office: Desk) -> None:
    steps, commands = STEP.findall(PAGE), 0
    for what, block in steps:
        if what:
            edit(what)
            continue
        for line in re.findall(r"^\$ (bridgehead .*)$", block, re.MULTILINE):
            if line == "bridgehead emulate":
                continue
            ends = re.search(r"# ends with (\d+)", line)
            code, said = typed(office, line)
            assert code == (int(ends[1]) if ends else 0), (line, said)
            commands += 1
    assert commands == len(re.findall(r"^\$ bridgehead", PAGE, re.MULTILINE)) - 1
    assert sorted(path.name for path in Path().glob("*.html")) == ["plan.html", "signed.html"]
    office.capture.readouterr()
    run(["verify", "acme"])
    assert "No drift" in office.capture.readouterr().out

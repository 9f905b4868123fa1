"""The rules of the house: what a newcomer may rely on in every room."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import bridgehead

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "bridgehead"
MODULES = sorted(SOURCE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
EVERYTHING = [*MODULES, *TESTS, *sorted(SOURCE.rglob("*.sql")), *sorted(SOURCE.rglob("*.toml"))]
EVERYTHING += [*sorted(SOURCE.rglob("*.html")), *sorted(SOURCE.rglob("*.css"))]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", EVERYTHING, ids=named)
def test_no_file_has_more_than_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_function_has_more_than_50_lines(path: Path) -> None:
    long = [
        f"{node.name} ({(node.end_lineno or 0) - node.lineno + 1})"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert long == []


@pytest.mark.parametrize("path", [*MODULES, *(path for path in TESTS if path.name != "__init__.py")], ids=named)
def test_every_module_opens_with_a_sentence(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))

    assert docstring, "a newcomer is told nothing"
    assert docstring.splitlines()[0].endswith(".")


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.sql")), ids=named)
def test_every_question_says_what_it_answers(path: Path) -> None:
    assert path.read_text().startswith("-- ")


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"][1:], ids=named)
def test_every_package_has_its_card(path: Path) -> None:
    card = ast.get_docstring(ast.parse(path.read_text())) or ""

    for line in ("For:", "May touch:", "May not:"):
        assert line in card


def test_nothing_is_called_utils_or_the_like() -> None:
    banned = {"utils", "util", "common", "helpers", "helper", "manager", "base", "core", "misc"}
    names = {path.stem for path in MODULES} | {path.parent.name for path in MODULES}

    assert names.isdisjoint(banned)


def test_the_public_names_are_these_and_can_be_had() -> None:
    assert bridgehead.__all__ == sorted(bridgehead.__all__, key=lambda name: (name[0].islower(), name))
    assert 10 <= len(bridgehead.__all__) <= 20
    for name in bridgehead.__all__:
        assert getattr(bridgehead, name)
    with pytest.raises(AttributeError):
        _ = bridgehead.nothing_of_that_name


def test_importing_the_package_opens_no_door() -> None:
    check = "import sys, bridgehead, bridgehead.errors, bridgehead.projection; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout.split()

    assert not {"urllib3", "duckdb", "starlette", "uvicorn", "click", "rich", "sqlite3"} & set(loaded)


def test_the_command_line_does_not_load_the_emulator() -> None:
    check = "import sys, bridgehead.cli.main; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout.split()

    assert not {"starlette", "uvicorn", "joserfc", "bridgehead.emulator"} & set(loaded)


def test_every_ignored_rule_of_the_linter_says_why() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    ignored = [line for line in lines if re.match(r'\s+"[A-Z]+[0-9]*",', line)]

    assert len(ignored) > 10
    assert [line for line in ignored if "# " not in line] == []


def test_the_lock_has_a_hash_for_everything_and_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = [block for block in re.split(r"\n(?=[a-z0-9])", lock) if "==" in block]

    assert len(pinned) > 30
    assert all("--hash=sha256:" in block for block in pinned)
    assert "://" not in lock
    assert "index" not in lock


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["emulator"],
        *project["dependency-groups"]["dev"],
    ]
    locked = set(re.findall(r"^([a-z0-9.\-]+)(?:\[[^]]*\])?==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))

    assert {re.split(r"[<>=\[]", name)[0].lower() for name in wanted} <= locked


def test_no_test_skips_or_pretends() -> None:
    for path in TESTS:
        text = path.read_text()
        if path == Path(__file__):
            continue
        for word in ("pytest.skip", "mark.skip", "importorskip", "xfail(", "unittest.mock", "MagicMock"):
            assert word not in text, f"{named(path)} uses {word}"

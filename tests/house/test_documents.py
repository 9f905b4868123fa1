"""What exists stands in the documents, and what stands in the documents exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from click import Context

from bridgehead import errors
from bridgehead.cli.main import bridgehead as menu
from bridgehead.config import (
    ControlSettings,
    EmailSettings,
    EnvironmentSettings,
    GuardrailSettings,
    NotifySettings,
    OwnsSettings,
    PersonSettings,
    RulesSettings,
    RunSettings,
    SourceSettings,
)
from bridgehead.emulator.app import CONTROL_ROUTES, PAGES, ROUTES
from bridgehead.emulator.faults.catalogue import CATALOGUE, Kind
from bridgehead.emulator.gate import CHECKS
from bridgehead.sources.mapping import CrosswalkFile, Fiscal, Headers, MeasureColumn, Pov
from bridgehead.ukg.interlock import EVIDENCE

MENU = {name: menu.get_command(Context(menu), name) for name in menu.list_commands(Context(menu))}
ROOT = Path(__file__).parents[2]
DOCS = {path.name: path.read_text() for path in (ROOT / "docs").glob("*.md")}
README = (ROOT / "README.md").read_text()


def every_error() -> list[type[errors.BridgeheadError]]:
    found, todo = [], [errors.BridgeheadError]
    while todo:
        found.append(todo.pop())
        todo += found[-1].__subclasses__()
    return found


@pytest.mark.parametrize("slug", sorted({error.slug for error in every_error()}))
def test_every_error_has_a_heading(slug: str) -> None:
    assert re.search(rf"^### `{slug}`", DOCS["errors.md"], re.MULTILINE)


def test_every_heading_of_the_errors_is_an_error() -> None:
    assert set(re.findall(r"^### `([a-z-]+)`", DOCS["errors.md"], re.MULTILINE)) == {one.slug for one in every_error()}


@pytest.mark.parametrize("name", sorted(MENU))
def test_every_command_is_in_reference_and_readme(name: str) -> None:
    assert f"### `bridgehead {name}" in DOCS["reference.md"]
    assert f"bridgehead {name}" in README
    for parameter in MENU[name].params:
        assert parameter.opts[0] in DOCS["reference.md"] or parameter.param_type_name == "argument"


SETTINGS = [
    EnvironmentSettings,
    SourceSettings,
    Headers,
    MeasureColumn,
    Pov,
    Fiscal,
    CrosswalkFile,
    OwnsSettings,
    GuardrailSettings,
    RulesSettings,
    ControlSettings,
    RunSettings,
    NotifySettings,
    EmailSettings,
    PersonSettings,
]


@pytest.mark.parametrize("setting", [field.encode_name for kind in SETTINGS for field in msgspec.structs.fields(kind)])
def test_every_setting_is_in_the_reference(setting: str) -> None:
    assert f"`{setting}`" in DOCS["reference.md"]


@pytest.mark.parametrize("name", EVIDENCE)
def test_every_evidence_is_in_the_reference(name: str) -> None:
    assert f"`{name}`" in DOCS["reference.md"]


def test_every_key_of_the_dialect_is_documented() -> None:
    dialect = tomllib.loads((ROOT / "src/bridgehead/ukg/dialects/thread.toml").read_text())
    keys = {key for section in dialect.values() if isinstance(section, dict) for key in section} | dialect.keys()

    assert [key for key in sorted(keys) if key not in DOCS["dialects.md"]] == []


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in (*ROUTES, *PAGES, *CONTROL_ROUTES)])
def test_every_route_of_the_emulator_has_its_evidence(method: str, path: str) -> None:
    row = next((line for line in DOCS["fidelity.md"].splitlines() if f"`{method} {path}`" in line), "")

    assert re.search(r"\| (thread|RFC \d+|assumed|ours)", row), f"{method} {path} has no line"


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_every_fault_is_documented_as_it_is(kind: Kind) -> None:
    causes = ", ".join(map(str, kind.causes))
    default = ", ".join(kind.default) if isinstance(kind.default, list) else kind.default
    value = f"{kind.value}: `{default}`" if kind.value else ""

    assert f"| `{kind.slug}` | {kind.about} | {value} | {causes} |\n" in DOCS["faults.md"]


@pytest.mark.parametrize("slug", [check.slug for check in CHECKS])
def test_every_check_of_the_gate_has_its_evidence(slug: str) -> None:
    assert f"`{slug}`" in DOCS["fidelity.md"]


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md"])
def test_every_link_between_documents_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_every_room_is_on_the_map() -> None:
    rooms = [path.name for path in (ROOT / "src/bridgehead").iterdir() if path.name != "__pycache__"]

    assert [room for room in rooms if room not in DOCS["house.md"]] == []


def test_the_readme_names_only_targets_that_the_makefile_has() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"^make ([a-z]+)", README, re.MULTILINE)) <= targets


PROVEN = re.findall(r"`(test_[a-z_]+\.py)::(test_[a-z_0-9]+)`", DOCS["guarantees.md"])


@pytest.mark.parametrize(("file", "name"), sorted(set(PROVEN)))
def test_every_guarantee_names_a_test_that_there_is(file: str, name: str) -> None:
    (path,) = (ROOT / "tests").rglob(file)
    assert f"def {name}(" in path.read_text()


def test_every_guarantee_has_a_test() -> None:
    told = DOCS["guarantees.md"].partition("## Nothing lost")[2]
    rows = [line for line in told.splitlines() if line.startswith("| ") and line != "| promise | proven by |"]
    assert [row for row in rows if "`test_" not in row] == []
    assert len(rows) > 20

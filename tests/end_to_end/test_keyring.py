"""Secrets in the system's keyring: read anew for every token, and shown nowhere. The tests' keyring is a real file."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import keyring
import pytest
from keyring.backends.fail import Keyring
from keyrings.alt.file import PlaintextKeyring
from tests.conftest import Desk, lines
from tests.end_to_end.test_survival import PROGRAM

Set = Callable[[str, str, str], None]


@pytest.fixture
def put(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Set]:
    """Give the tests a keyring in the desk's folder, for other processes too; hand out what puts a password there."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    monkeypatch.setenv("XDG_DATA_HOME", str(desk.folder / "data"))
    before = keyring.get_keyring()
    keyring.set_keyring(PlaintextKeyring())
    yield keyring.set_password
    keyring.set_keyring(before)


def test_a_secret_in_the_keyring_is_read_anew_for_every_token(desk: Desk, put: Set) -> None:
    put("ukg/acme", "headcount", "wrong")
    desk.configure(desk.environment(client_secret="keyring:ukg/acme/headcount"), desk.feed())
    desk.plan(*lines(3))
    refused = desk.run("plan", "acme")
    put("ukg/acme", "headcount", desk.client().secret)

    assert (refused.code, "invalid_client" in refused.err) == (4, True)
    assert "wrong" not in refused.err
    assert desk.run("sync", "acme").code == 0


def test_another_process_finds_it_too(desk: Desk, put: Set) -> None:
    put("ukg", "headcount", desk.client().secret)
    desk.configure(desk.environment(client_secret="keyring:ukg/headcount"), desk.feed())
    desk.plan(*lines(3))
    command = [PROGRAM, "--config", desk.folder / "bridgehead.toml", "plan", "acme"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, "create 3" in done.stdout) == (0, True), done.stderr


def test_what_is_not_in_the_keyring_is_named_with_the_command_that_puts_it_there(desk: Desk, put: Set) -> None:
    desk.configure(desk.environment(client_secret="keyring:ukg/acme/headcount"), desk.feed())
    outcome = desk.run("plan", "acme")

    assert put
    assert (outcome.code, "secret-missing" in outcome.err) == (2, True)
    assert "keyring set ukg/acme headcount" in outcome.err


def test_a_machine_without_a_keyring_says_so(desk: Desk) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    try:
        desk.configure(desk.environment(client_secret="keyring:ukg/acme"), desk.feed())
        outcome = desk.run("plan", "acme")
    finally:
        keyring.set_keyring(before)

    assert (outcome.code, "cannot be read: NoKeyringError" in outcome.err) == (2, True)
    assert "env:NAME or file:PATH" in outcome.err


@pytest.mark.parametrize("reference", ["keyring:", "keyring:ukg", "keyring:/acme", "keyring:ukg/"])
def test_a_reference_that_names_no_service_or_no_name_is_none(desk: Desk, reference: str) -> None:
    desk.configure(desk.environment(client_secret=reference), desk.feed())
    outcome = desk.run("plan", "acme")

    assert (outcome.code, "is no reference" in outcome.err) == (2, True)

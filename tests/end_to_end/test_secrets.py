"""Secrets appear nowhere: a canary is hunted through output, errors, ledger, plans and process arguments."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import WRITE, Desk, lines
from tests.proxy import Lost, proxy, untouched

CANARY = "canary-9f3b27d1-secret"
PROGRAM = Path(sys.executable).with_name("bridgehead")


def traces(desk: Desk, *said: str) -> list[str]:
    """Return where the canary, or a token, can be seen."""
    encoded = base64.b64encode(f"acme-headcount:{CANARY}".encode()).decode()
    marks = (CANARY, encoded, "eyJ0eXAi", "Bearer ey")
    kept = [path.read_bytes().decode("latin-1") for path in (desk.folder / ".bridgehead").rglob("*") if path.is_file()]
    return [mark for mark in marks if any(mark in text for text in [*said, *kept])]


def test_a_right_and_a_wrong_secret_leave_no_trace(desk: Desk) -> None:
    said = []
    for secret in (desk.client().secret, CANARY):
        desk.configure()
        (desk.folder / "acme-production.secret").write_text(secret)
        desk.plan(*lines(5))
        for arguments in (("plan", "acme"), ("sync", "acme"), ("verify", "acme"), ("tenant-id", "acme"), ("status",)):
            for outcome in (desk.run(*arguments), desk.run("--json", *arguments)):
                said += [outcome.out, outcome.err]

    assert any("invalid_client" in text for text in said)
    assert traces(desk, *said) == []
    assert not any(desk.client().secret in text for text in said)


def test_a_failure_in_mid_delivery_leaves_no_trace(desk: Desk) -> None:
    def lose(path: str, document: object) -> object:
        if path == WRITE:
            raise Lost
        return document

    with proxy(desk.emulator.production, untouched, lose) as url:
        desk.configure(desk.environment(base_url=url, extra="attempts = 1"), desk.feed())
        desk.plan(*lines(5))
        outcome = desk.run("sync", "acme")

    assert outcome.code == 5
    assert traces(desk, outcome.out, outcome.err) == []


def test_a_secret_written_into_the_configuration_is_refused_without_being_shown(desk: Desk) -> None:
    desk.configure(desk.environment(client_secret=CANARY), desk.feed())
    outcome = desk.run("plan", "acme")

    assert outcome.code == 2
    assert CANARY not in outcome.out + outcome.err


def test_a_secret_is_no_process_argument(desk: Desk) -> None:
    def slow(_method: str, _path: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        time.sleep(0.3)
        return headers, body

    with proxy(desk.emulator.production, slow) as url:
        desk.configure(desk.environment(base_url=url), desk.feed())
        desk.plan(*lines(5))
        command = [str(PROGRAM), "--config", str(desk.folder / "bridgehead.toml"), "plan", "acme"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            time.sleep(0.8)
            told = Path(f"/proc/{process.pid}/cmdline").read_bytes() + Path(f"/proc/{process.pid}/environ").read_bytes()
            process.communicate()

    assert process.returncode == 0
    assert desk.client().secret.encode() not in told

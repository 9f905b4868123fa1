"""Killed, cut off or run twice: the next sync ends in exactly the accepted plan, and nothing is done twice."""

from __future__ import annotations

import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import WRITE, Desk, lines
from tests.proxy import Lost, proxy, untouched

SMALL = "in_flight = 4\nattempts = 3\ndialect_overrides = { headcount = { max_records = 20 } }"
PROGRAM = Path(sys.executable).with_name("bridgehead")


def slow(method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    if method == "POST" and path == WRITE:
        time.sleep(0.03)
    return headers, body


def start(desk: Desk) -> subprocess.Popen[str]:
    command = [str(PROGRAM), "--config", str(desk.folder / "bridgehead.toml"), "sync", "acme"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_writes(desk: Desk, count: int) -> None:
    deadline = time.monotonic() + 20
    while desk.writes() < count:
        assert time.monotonic() < deadline, "the run never got so far"
        time.sleep(0.005)


@pytest.mark.parametrize("writes", [1, 7, 20])
def test_a_killed_run_is_settled_by_the_next_and_nothing_is_lost_or_doubled(desk: Desk, writes: int) -> None:
    with proxy(desk.emulator.production, slow) as url:
        desk.configure(desk.environment(base_url=url, extra=SMALL), desk.feed())
        desk.plan(*lines(1_200))
        process = start(desk)
        wait_for_writes(desk, writes)
        process.kill()
        process.communicate()
        assert "not ended" in desk.run("status").out
        assert "did not end" in desk.run("plan", "acme").err
        events = desk.run("--json", "sync", "acme").events()

        assert events[0]["type"] == "settling"
        assert [event["state"] for event in events if event["type"] == "run-finished"] == ["complete"]
        assert events[-1]["type"] == "verified"
        assert not events[-1]["verdict"]["differences"]
        assert len(desk.held()) == 1_200
        assert desk.run("verify", "acme").code == 0
        assert "Nothing to send" in desk.run("sync", "acme").out
    # Whatever was sent again carried the same key, so UKG answered it from memory or took it for the first time; 409
    # where the dead run's request was still being processed; what the dead run had not sent whole was no request.
    told = [entry for entry in desk.audit() if entry["check"] != "disconnected"]
    changes = [entry for entry in told if entry["path"] == WRITE and entry["method"] == "POST"]
    assert {entry["status"] for entry in changes} <= {200, 409}


def test_after_a_kill_the_file_of_today_is_planned_not_the_one_of_yesterday(desk: Desk) -> None:
    with proxy(desk.emulator.production, slow) as url:
        desk.configure(desk.environment(base_url=url, extra=SMALL), desk.feed())
        desk.plan(*lines(600, headcount=5))
        process = start(desk)
        wait_for_writes(desk, 5)
        process.kill()
        process.communicate()
        desk.plan(*lines(600, headcount=6))
        outcome = desk.run("sync", "acme", "--allow", "total")

        assert outcome.code == 0, outcome
        assert {record["headcount"] for record in desk.held().values()} == {6}
        assert desk.run("verify", "acme").code == 0


def test_answers_that_are_lost_after_the_effect_are_asked_for_again_with_the_same_key(desk: Desk) -> None:
    lock, counted = threading.Lock(), [0]

    def lose(path: str, document: Any) -> Any:
        if path == WRITE:
            with lock:
                counted[0] += 1
                if counted[0] in (3, 6):  # fewer than a request has attempts: none can lose them all
                    raise Lost
        return document

    with proxy(desk.emulator.production, untouched, lose) as url:
        desk.configure(desk.environment(base_url=url, extra=SMALL), desk.feed())
        desk.plan(*lines(200))
        finished = desk.run("--json", "sync", "acme").finished()

    assert (finished["type"], finished["accepted"], finished["unchanged"]) == ("run-finished", 200, 0)
    replayed = [entry for entry in desk.audit() if entry["reason"] == "answered before"]
    assert replayed
    assert len(desk.held()) == 200


def test_a_server_that_goes_away_leaves_a_run_that_the_next_one_finishes(desk: Desk) -> None:
    lock, counted = threading.Lock(), [0]

    def vanish(path: str, document: Any) -> Any:
        with lock:
            counted[0] += path == WRITE
            if path == WRITE and counted[0] > 4:
                raise Lost
        return document

    impatient = SMALL.replace("attempts = 3", "attempts = 1")
    with proxy(desk.emulator.production, untouched, vanish) as url:
        desk.configure(desk.environment(base_url=url, extra=impatient), desk.feed())
        desk.plan(*lines(200))
        outcome = desk.run("sync", "acme")
    desk.configure(desk.environment(extra=SMALL), desk.feed())

    assert outcome.code == 5
    assert "gives no answer" in outcome.err
    assert desk.run("sync", "acme").code == 0
    assert len(desk.held()) == 200
    assert desk.run("verify", "acme").code == 0


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_a_service_manager_wait_for_the_requests_in_flight(desk: Desk, asked: signal.Signals) -> None:
    with proxy(desk.emulator.production, slow) as url:
        desk.configure(desk.environment(base_url=url, extra=SMALL), desk.feed())
        desk.plan(*lines(600))
        process = start(desk)
        wait_for_writes(desk, 5)
        process.send_signal(asked)
        _, said = process.communicate(timeout=20)

        assert process.returncode == 130, said
        assert "next sync goes on" in said
        events = desk.run("--json", "sync", "acme").events()
        # Nothing was in doubt: every request that had left was answered and remembered.
        assert next(event for event in events if event["type"] == "settling")["doubtful"] == 0
        assert desk.run("verify", "acme").code == 0


def test_a_second_sync_of_the_same_tenant_says_who_is_at_work(desk: Desk) -> None:
    with proxy(desk.emulator.production, slow) as url:
        desk.configure(desk.environment(base_url=url, extra=SMALL), desk.feed())
        desk.plan(*lines(600))
        process = start(desk)
        wait_for_writes(desk, 2)
        second = desk.run("sync", "acme")
        process.communicate(timeout=30)

    assert process.returncode == 0
    assert second.code == 9
    assert f"({process.pid}) since" in second.err


def test_a_host_that_never_answers_is_left_after_the_timeout(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        desk.configure(desk.environment(base_url=url, extra="timeout = 1\nattempts = 1"), desk.feed())
        desk.plan(*lines(1))
        outcome = desk.run("sync", "acme")

    assert outcome.code == 5
    assert "the answer took too long" in outcome.err


def test_a_snapshot_that_was_damaged_is_named_and_nothing_is_sent(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(3))
    desk.run("sync", "acme")
    (snapshot,) = (desk.folder / ".bridgehead").rglob("plan-*.parquet")  # all of which was accepted
    snapshot.write_bytes(b"not a table")
    desk.plan(*lines(4))
    outcome = desk.run("sync", "acme")

    assert outcome.code == 2
    assert "ledger-unusable" in outcome.err
    assert snapshot.name in outcome.err
    assert "backup" in outcome.err


def test_status_of_one_feed_is_not_hidden_by_the_trouble_of_another(desk: Desk) -> None:
    globex = desk.environment("globex"), desk.feed("globex", path="globex.csv")
    desk.configure(desk.environment(), desk.feed(), *globex)
    desk.plan(*lines(3))
    desk.run("sync", "acme")
    desk.configure(desk.environment(tenant_id=desk.client("globex").tenant_id), desk.feed(), *globex)
    outcome = desk.run("status")

    assert outcome.code == 2
    assert "was kept for tenant" in outcome.err
    assert "globex · production · headcount" in outcome.out


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_run_to_which_nobody_listens_ends_as_any_other(desk: Desk, closed: str) -> None:
    desk.configure()
    desk.plan(*lines(3))
    command = (
        f"{shlex.quote(str(PROGRAM))} --config {shlex.quote(str(desk.folder / 'bridgehead.toml'))} sync acme {closed}"
    )
    assert subprocess.run(["/bin/sh", "-c", command], check=False, capture_output=True).returncode == 0
    assert len(desk.held()) == 3

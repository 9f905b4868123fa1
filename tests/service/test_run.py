"""`bridgehead run` as a process: it is seen to live, stops when it is told to, and goes on when it was killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Desk, lines
from tests.told import posts

from bridgehead.agenda import Appointment
from bridgehead.config import load
from bridgehead.tenant import choose, open_ledger, utc_now

PROGRAM = [str(Path(sys.executable).with_name("bridgehead"))]
PATIENCE = 20.0


class Service:
    """A `bridgehead run`, and its log."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process, self._log = process, log

    def lines(self) -> list[dict[str, Any]]:
        """Return what the log says."""
        return [json.loads(line) for line in self._log.read_text().splitlines() if line.endswith("}")]

    def events(self) -> list[str]:
        """Return the names of what happened."""
        return [line["event"] for line in self.lines()]

    def address(self) -> str:
        """Return where it serves."""
        said = wait(lambda: next((one["message"] for one in self.lines() if "Health:" in one["message"]), ""))
        return str(said.split("Health: ")[1].split("/health")[0])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def wait(ask: Callable[[], Any]) -> Any:
    """Ask until there is an answer."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = ask()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


@contextmanager
def running(desk: Desk, *options: str, **environment: str) -> Iterator[Service]:
    log = desk.folder / f"log-{time.monotonic_ns()}"
    arguments = ["--config", str(desk.folder / "bridgehead.toml"), "--json", "run", "--listen", "127.0.0.1:0", *options]
    with log.open("w") as out:
        process = subprocess.Popen(
            [*PROGRAM, *arguments], stderr=out, stdout=out, text=True, env={**os.environ, **environment}
        )
    try:
        yield Service(process, log)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def scheduled(desk: Desk) -> Desk:
    """Acme is due: its schedule was last served yesterday."""
    configure(desk)
    desk.plan(*lines(24))
    due(desk)
    return desk


def configure(desk: Desk, *, top: str = "", extra: str = "") -> None:
    feed = f'[tenants.acme.feeds.headcount]\nschedule = "30 2 * * *"\n{desk.feed()}'
    desk.configure(top, desk.environment(extra=extra), feed)


def due(desk: Desk, appointment: Appointment | None = None) -> None:
    with closing(open_ledger(choose(load(desk.folder / "bridgehead.toml"), "acme", None, None))) as ledger:
        ledger.agenda.keep(appointment or Appointment(served=utc_now() - timedelta(days=2)))


def test_it_syncs_what_is_due_shows_that_it_lives_and_stops_on_sigterm(scheduled: Desk) -> None:
    with running(scheduled) as service:
        wait(lambda: "ended" in service.events())
        address = service.address()
        health = scheduled.http.request("GET", f"{address}/health")
        figures = scheduled.http.request("GET", f"{address}/metrics").data.decode()
        code = service.stop()

    assert code == 0
    assert len(scheduled.held()) == 24
    assert (health.status, health.json()["status"], health.json()["feeds"]) == (200, "ok", 1)
    feed = 'environment="production",feed="headcount",state="complete",tenant="acme"'
    assert f"bridgehead_runs_total{{{feed}}} 1.0" in figures
    assert 'answer="accepted"' in figures
    assert "bridgehead_configuration_good 1.0" in figures
    ended = next(line for line in service.lines() if line["event"] == "ended")
    assert (ended["tenant"], ended["level"], ended["run_id"]) == ("acme", "info", ended["ended"]["run_id"])
    assert "Stopped." in service.lines()[-1]["message"]


def test_sigterm_in_a_delivery_waits_for_what_is_in_flight_and_the_next_start_goes_on(scheduled: Desk) -> None:
    configure(scheduled, extra="in_flight = 1\ndialect_overrides = { headcount = { max_records = 20 } }")
    scheduled.plan(*lines(600))
    scheduled.emulator.switch_on("latency", value=100, client_id="acme-headcount", within="/api/v1/workforce/planning")
    with running(scheduled) as service:
        wait(scheduled.held)
        assert service.stop() == 0
    before = len(scheduled.held())
    assert 0 < before < 600
    assert [line["ended"]["state"] for line in service.lines() if line["event"] == "ended"] == ["paused"]
    scheduled.emulator.switch_off()
    with running(scheduled) as service:
        wait(lambda: "ended" in service.events())
        service.stop()

    assert len(scheduled.held()) == 600
    assert "settling" in service.events()
    assert scheduled.run("verify", "acme").code == 0


def test_killed_in_a_delivery_it_goes_on_by_itself_when_it_is_started_again(scheduled: Desk) -> None:
    configure(scheduled, extra="in_flight = 2\ndialect_overrides = { headcount = { max_records = 20 } }")
    scheduled.plan(*lines(600))
    scheduled.emulator.switch_on("latency", value=60, client_id="acme-headcount", within="/api/v1/workforce/planning")
    with running(scheduled) as service:
        wait(scheduled.held)
        service.stop(signal.SIGKILL)
    assert 0 < len(scheduled.held()) < 600
    scheduled.emulator.switch_off()
    with running(scheduled) as service:
        wait(lambda: "ended" in service.events())
        service.stop()

    assert len(scheduled.held()) == 600
    assert scheduled.run("verify", "acme").code == 0
    placed = next(line for line in service.lines() if line["event"] == "placed")
    assert placed["why"] in ("schedule", "resume")


def test_a_changed_configuration_holds_on_sighup_and_a_wrong_one_is_named(scheduled: Desk) -> None:
    path = scheduled.folder / "bridgehead.toml"
    with running(scheduled) as service:
        wait(lambda: "ended" in service.events())
        good = path.read_text()
        path.write_text(good.replace("schedule", "shedule"))
        service.process.send_signal(signal.SIGHUP)
        wait(lambda: any("shedule" in line["message"] for line in service.lines()))
        health = scheduled.http.request("GET", f"{service.address()}/health").json()
        path.write_text(good)
        service.process.send_signal(signal.SIGHUP)
        wait(lambda: any("has changed and holds" in line["message"] for line in service.lines()))
        assert service.stop() == 0

    assert "shedule" in health["configuration"]


def test_systemd_and_a_monitor_see_that_it_lives(scheduled: Desk, tmp_path: Path) -> None:
    with (
        posts() as monitor,
        closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd,
    ):
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        (scheduled.folder / "heartbeat.url").write_text(monitor.url)
        configure(scheduled, top='[run]\nheartbeat = "file:heartbeat.url"\nheartbeat_every = 1\n')
        with running(scheduled, NOTIFY_SOCKET=str(tmp_path / "notify")) as service:
            heard = {systemd.recv(100).decode() for _ in range(2)}
            wait(lambda: len(monitor.calls) >= 2)
            service.stop()
            while "STOPPING=1" not in heard:
                heard.add(systemd.recv(100).decode())

    assert heard >= {"READY=1", "WATCHDOG=1", "STOPPING=1"}


def test_once_syncs_what_is_due_and_ends_with_the_worst_verdict(scheduled: Desk) -> None:
    assert scheduled.run("run", "--once").code == 0
    assert len(scheduled.held()) == 24
    scheduled.plan("budget,v1,2027-01,NOWHERE,CC0100,L01,J001,5,5")
    due(scheduled)
    assert scheduled.run("run", "--once").code == 3
    assert scheduled.run("run", "--once").code == 0  # nothing is due


def test_without_a_schedule_it_says_how_to_write_one(desk: Desk) -> None:
    desk.configure()
    outcome = desk.run("run")

    assert outcome.code == 2
    assert 'schedule = "30 2 * * *"' in outcome.err


def test_a_taken_port_is_said(scheduled: Desk) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        outcome = scheduled.run("run", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")

    assert outcome.code == 2
    assert "Nothing can be served at" in outcome.err


def test_each_run_is_a_trace_for_opentelemetry(scheduled: Desk) -> None:
    with posts() as collector:
        endpoint = collector.url.removesuffix("/hook")
        with running(scheduled, "--traces", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as service:
            wait(lambda: "ended" in service.events())
            assert service.stop() == 0
        sent = b"".join(body for path, _, body in collector.calls if path == "/v1/traces")

    for name in (b"sync", b"deliver", b"verify", b"bridgehead.tenant", b"acme"):
        assert name in sent

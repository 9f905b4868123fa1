"""`bridgehead run`: the process that lives for months, and syncs each feed when its schedule says so."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event
from types import FrameType

import click

from bridgehead.cli.notices import page_of
from bridgehead.cli.options import Face, owner
from bridgehead.errors import INTERRUPTED, BridgeheadError, ConfigError
from bridgehead.service.listening import listen, serving
from bridgehead.service.liveness import Heartbeat, tell_systemd
from bridgehead.service.log import Log
from bridgehead.service.metrics import Metrics
from bridgehead.service.probes import is_alive, probes
from bridgehead.service.scheduler import Listener, Scheduler
from bridgehead.service.telling import Page
from bridgehead.service.watched import Watched
from bridgehead.service.web.application import application
from bridgehead.service.web.people import check_people
from bridgehead.tenant import utc_now

_EVERY = 1.0
"""Seconds between two looks at what is due."""


@click.command("run")
@click.option("--listen", "address", help="Where pages, health and metrics are served, instead of listen under [run].")
@click.option("--once", is_flag=True, help="Sync what is due, then end; for a timer of the system's.")
@click.option("--traces", is_flag=True, help="Send OpenTelemetry traces to where OTEL_EXPORTER_OTLP_ENDPOINT says.")
@click.pass_obj
def command(face: Face, address: str | None, *, once: bool, traces: bool) -> int:
    """Sync each feed when its schedule says so, unattended, until SIGTERM.

    What is due follows from the ledger: killed at any moment, it goes on where it was when it is started again. A
    changed configuration holds from the next look on (SIGHUP: at once); one that is wrong is named in the log, and the
    one before holds. SIGTERM stops after the requests in flight.

    \b
    Example:  bridgehead run
              bridgehead --json run --listen 0.0.0.0:8790
    """
    watched = Watched(face.config)
    if not watched.feeds:
        raise ConfigError(
            f"No feed in {face.config} has a schedule.",
            cure='Write schedule = "30 2 * * *" under [tenants.NAME.feeds.FEED]: every night at 02:30.',
        )
    if watched.config.people:
        check_people(watched.config)
    log, metrics = Log(utc_now, as_json=face.as_json), Metrics()
    with ExitStack() as stack:
        listeners: list[Listener] = [log, metrics]
        if traces:
            listeners.append(stack.enter_context(_traced()))
        scheduler = Scheduler(watched, utc_now, owner(), tuple(listeners), _page(watched))
        if once:
            return _once(scheduler, metrics)
        door = listen(address or watched.config.run.listen)
        pages = application(lambda: watched.config, next_run=scheduler.next_run, routes=probes(scheduler, metrics))
        where = stack.enter_context(serving(pages, door))
        log.said(
            "info",
            f"Feeds with a schedule: {len(watched.feeds):,}. The page: {where}. Health: {where}/health. "
            f"Figures: {where}/metrics.",
        )
        heartbeat = Heartbeat(
            lambda: watched.config, lambda: is_alive(scheduler), lambda words: log.said("warning", words)
        )
        heartbeat.start()
        stack.callback(heartbeat.stop)
        _live(scheduler, log)
    return 0


def _page(watched: Watched) -> Page:
    return lambda notice: page_of(watched.config, notice)


def _once(scheduler: Scheduler, metrics: Metrics) -> int:
    """Sync what is due by now, and tell how it ended."""
    while scheduler.tick():
        scheduler.settle()
    scheduler.stop()
    return metrics.worst()


def _live(scheduler: Scheduler, log: Log) -> None:
    """Look again and again what is due, until somebody wants it to end."""
    over, anew = Event(), Event()
    with _signals(over, anew, log):
        tell_systemd("READY=1")
        trouble = ""
        while not over.is_set():
            try:
                again = anew.is_set()
                anew.clear()
                scheduler.tick(anew=again)
                trouble = ""
                tell_systemd("WATCHDOG=1")
            except BridgeheadError as wrong:  # a ledger that does not answer may do so again
                if wrong.message != trouble:
                    log.said("error", f"{wrong.message} {wrong.cure}")
                trouble = wrong.message
            over.wait(_EVERY)
        tell_systemd("STOPPING=1")
        log.said("info", f"Stopping after the requests in flight of {len(scheduler.under_way())} runs.")
        scheduler.stop()
        log.said("info", "Stopped. What was begun goes on when it is started again.")


@contextmanager
def _signals(over: Event, anew: Event, log: Log) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C end it, a second one at once, and SIGHUP read the configuration anew."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        if over.is_set():
            log.said("warning", "Stopped at once. The next start settles what was in flight.")
            os._exit(INTERRUPTED)
        over.set()

    def again(_signal: int, _frame: FrameType | None) -> None:
        anew.set()

    wanted = {signal.SIGTERM: end, signal.SIGINT: end, signal.SIGHUP: again}
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _traced() -> Iterator[Listener]:
    try:
        from bridgehead.service.traces import Traces  # noqa: PLC0415 - an extra of its own
    except ImportError:
        raise ConfigError("OpenTelemetry is not installed.", cure='pip install "bridgehead[otel]" brings it.') from None
    made = Traces()
    try:
        yield made
    finally:
        made.close()

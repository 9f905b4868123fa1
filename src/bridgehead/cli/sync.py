"""`bridgehead sync`: deliver exactly what differs."""

from __future__ import annotations

import getpass
import os
import signal
import socket
import tempfile
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import click

from bridgehead.cli.options import Face, feed_options, find, rows_options
from bridgehead.cli.rejects import writing_rejects
from bridgehead.cli.view import View
from bridgehead.errors import INTERRUPTED, PARTIAL
from bridgehead.events import BatchAnswered, RunFinished, RunStarted, Settling
from bridgehead.ledgers.saved_plan import load_plan, read_header
from bridgehead.plan import Plan
from bridgehead.tables import Session
from bridgehead.tenant import open_sync

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command("sync")
@feed_options
@rows_options
@click.option(
    "--allow",
    type=click.Choice(["control", "drift", "empty", "retired", "total"]),
    multiple=True,
    help="Confirm a guardrail: other control totals, changes in UKG, an empty file, many retired, a total moving far.",
)
@click.pass_obj
def command(
    face: Face,
    tenant: str,
    environment: str | None,
    feed: str | None,
    rows_from: Path | None,
    rejects: Path | None,
    allow: tuple[str, ...],
    *,
    read_back: bool,
) -> int:
    """Bring UKG to what the planning file says: only what differs is sent, and nothing twice.

    TENANT may be a plan that was saved with `plan --out FILE`: it is carried out as it is, unless UKG has accepted
    anything since. A run that died is settled first. Exit code 7: some records were rejected.

    \b
    Example:  bridgehead sync acme --environment production
    """
    saved = Path(tenant) if tenant.endswith(".parquet") else None
    if saved is not None:
        bound = saved_header(saved).bound
        tenant, environment, feed = bound.tenant, bound.environment, bound.feed
    choice, place = find(face, tenant, environment, feed)
    finished: RunFinished | None = None
    with (
        open_sync(choice, on_wait=face.view.waiting, rows_from=rows_from, read_back=read_back) as sync,
        writing_rejects(sync, rejects, face.view),
        _Patience(face.view) as patience,
    ):
        sync.stop = patience.is_over
        events = (
            sync.run(owner=_owner(), allowed=frozenset(allow))
            if saved is None
            else sync.finish(lambda: load_plan(sync.session, saved), owner=_owner(), allowed=frozenset(allow))
        )
        for event in events:
            patience.during_delivery = isinstance(event, Settling | RunStarted | BatchAnswered)
            face.view.event(place, event)
            finished = event if isinstance(event, RunFinished) else finished
        if finished is None or not finished.rejected:
            return 0
        face.view.rejects(place, sync.ledger.rejects(finished.run_id))
    return PARTIAL


def saved_header(path: Path) -> Plan:
    """Return the header of a saved plan."""
    with tempfile.TemporaryDirectory(prefix="bridgehead-") as spill, Session(temp_directory=spill) as session:
        return read_header(session, path)


class _Patience:
    """Ctrl-C or SIGTERM in a delivery waits for the requests in flight; a second one, or one elsewhere, does not."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._over = False
        self.during_delivery = False

    def is_over(self) -> bool:
        """Whether a person asked to stop."""
        return self._over

    def _interrupted(self, _signal: int, _frame: FrameType | None) -> None:
        if self._over:
            # Requests may hang for minutes; what matters is written down already, as for a killed run.
            self._view.say("Interrupted. The next sync settles what was in flight.")
            os._exit(INTERRUPTED)
        if not self.during_delivery:
            raise KeyboardInterrupt
        self._over = True
        self._view.say("Stopping after the requests in flight. A second time stops at once.")

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._interrupted) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _owner() -> str:
    """Who runs, for the lease: `jo@planner-1 (4711)`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()} ({os.getpid()})"

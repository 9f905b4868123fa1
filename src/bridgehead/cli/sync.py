"""`bridgehead sync`: deliver exactly what differs."""

from __future__ import annotations

import getpass
import os
import socket

import click

from bridgehead.cli.options import Face, feed_options, find
from bridgehead.errors import PARTIAL
from bridgehead.events import RunFinished
from bridgehead.tenant import open_sync


@click.command("sync")
@feed_options
@click.option(
    "--allow",
    type=click.Choice(["empty", "retired", "total"]),
    multiple=True,
    help="Confirm a guardrail: an empty file, many retired, or a total that moves far.",
)
@click.pass_obj
def command(face: Face, tenant: str, environment: str | None, feed: str | None, allow: tuple[str, ...]) -> int:
    r"""Bring UKG to what the planning file says: only what differs is sent, and nothing twice.

    A run that died is settled first. Exit code 7: some records were rejected.

    \b
    Example:  bridgehead sync acme --environment production
    """
    choice, place = find(face, tenant, environment, feed)
    finished: RunFinished | None = None
    with open_sync(choice, on_wait=face.view.waiting) as sync:
        for event in sync.run(owner=_owner(), allowed=frozenset(allow)):
            face.view.event(place, event)
            finished = event if isinstance(event, RunFinished) else finished
        if finished is None or not finished.rejected:
            return 0
        face.view.rejects(place, sync.ledger.rejects(finished.run_id))
    return PARTIAL


def _owner() -> str:
    """Who runs, for the lease: `jo@planner-1 (4711)`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()} ({os.getpid()})"

"""`bridgehead verify`: whether it arrived."""

from __future__ import annotations

import click

from bridgehead.cli.options import Face, feed_options, find
from bridgehead.errors import DRIFT
from bridgehead.tenant import open_sync
from bridgehead.verify import verify


@click.command("verify")
@feed_options
@click.pass_obj
def command(face: Face, tenant: str, environment: str | None, feed: str | None) -> int:
    """Read back what UKG holds and compare it with what was delivered. Exit code 8: they differ.

    \b
    Example:  bridgehead verify acme
    """
    choice, place = find(face, tenant, environment, feed)
    with open_sync(choice, on_wait=face.view.waiting) as sync:
        verdict = verify(sync.feed, sync.target, sync.ledger, sync.session)
    face.view.verdict(place, verdict)
    return DRIFT if verdict.differences else 0

"""`bridgehead adopt`: what UKG holds already becomes the baseline; nothing is sent."""

from __future__ import annotations

import click

from bridgehead.cli.options import Face, feed_options, find, owner
from bridgehead.tenant import open_sync


@click.command("adopt")
@feed_options
@click.pass_obj
def command(face: Face, tenant: str, environment: str | None, feed: str | None) -> int:
    """Take what UKG holds of the feed's part of the plan as what it accepted. Sends nothing.

    Needed once where UKG is not empty and the ledger is, and after the ledger was restored from a backup. The plan then
    shows what differs from the file.

    \b
    Example:  bridgehead adopt acme
    """
    choice, place = find(face, tenant, environment, feed)
    with open_sync(choice, on_wait=face.view.waiting) as sync:
        for event in sync.adopt(owner=owner()):
            face.view.event(place, event)
    return 0

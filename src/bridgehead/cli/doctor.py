"""`bridgehead doctor`: whether UKG would accept a delivery, asked without any effect."""

from __future__ import annotations

import click

from bridgehead.cli.options import Face, feed_options, find
from bridgehead.tenant import open_sync


@click.command("doctor")
@feed_options
@click.pass_obj
def command(face: Face, tenant: str, environment: str | None, feed: str | None) -> int:
    """Walk the chain from the token to the write, the last with a delivery of no records; the first refusal is named.

    Where all of it holds, a circuit that a refusal had opened is closed: the next sync runs at once.

    \b
    Example:  bridgehead doctor acme
    """
    choice, place = find(face, tenant, environment, feed)
    with open_sync(choice, on_wait=face.view.waiting) as sync:
        sync.probe()
    face.view.healthy(place)
    return 0

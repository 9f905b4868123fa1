"""`bridgehead verify`: whether it arrived, and where it did not, a ledger that says so."""

from __future__ import annotations

import click

from bridgehead.cli.options import Face, feed_options, find, owner
from bridgehead.errors import DRIFT
from bridgehead.tenant import open_sync


@click.command("verify")
@feed_options
@click.option(
    "--repair", is_flag=True, help="Let the ledger say what UKG holds, so that the next sync sends what is missing."
)
@click.pass_obj
def command(face: Face, tenant: str, environment: str | None, feed: str | None, *, repair: bool) -> int:
    """Read back what UKG holds and compare it with what was delivered. Exit code 8: they differ.

    With --repair the ledger is brought in line with UKG, of the feed's own cells; nothing is sent but what a run that
    died left in doubt, and the next sync brings UKG to the file. Exit code 4: this UKG offers no reading back.

    \b
    Example:  bridgehead verify acme
    """
    choice, place = find(face, tenant, environment, feed)
    with open_sync(choice, on_wait=face.view.waiting) as sync:
        if repair:
            for event in sync.repair(owner=owner()):
                face.view.event(place, event)
            return 0
        verdict = sync.verify()
    face.view.verdict(place, verdict)
    return DRIFT if verdict.differences else 0

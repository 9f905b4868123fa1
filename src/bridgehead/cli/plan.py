"""`bridgehead plan`: what would change, with nothing sent."""

from __future__ import annotations

from pathlib import Path

import click

from bridgehead.cli.options import Face, feed_options, find, rows_options, writing_rejects
from bridgehead.errors import CHANGES
from bridgehead.tenant import open_sync


@click.command("plan")
@feed_options
@rows_options
@click.option("--exit-code", is_flag=True, help="Exit with 10 when there are changes.")
@click.pass_obj
def command(
    face: Face,
    tenant: str,
    environment: str | None,
    feed: str | None,
    rows_from: Path | None,
    rejects: Path | None,
    *,
    exit_code: bool,
) -> int:
    """Show what a sync would change in UKG. Reads only.

    \b
    Example:  bridgehead plan acme --environment production
    """
    choice, place = find(face, tenant, environment, feed)
    with open_sync(choice, on_wait=face.view.waiting, rows_from=rows_from) as sync:
        with writing_rejects(sync, rejects, face.view):
            plan = sync.plan()
        dead = sync.ledger.unfinished(sync.session)
    if dead is not None:
        face.view.say(
            f"Run {dead.run_id} did not end: {len(dead.doubtful)} requests were never answered and count as changed "
            "here. A sync settles them first."
        )
    face.view.plan(place, plan, sync.feed.guardrails.objection(plan))
    return CHANGES if exit_code and plan.counts.changes else 0

"""`bridgehead waiting`: the plans that wait for a person, and one of them closely, as a page too."""

from __future__ import annotations

from pathlib import Path

import click

from bridgehead.cli.options import Face
from bridgehead.cli.page import page, write_page
from bridgehead.cli.proposals import proposal_named, proposals
from bridgehead.config import load
from bridgehead.tenant import utc_now


@click.command("waiting")
@click.argument("plan", required=False)
@click.option("--html", type=click.Path(path_type=Path), help="Write the plan as a page, for the person who decides.")
@click.option("--decided", is_flag=True, help="Those too that were decided, gave way to another plan, or expired.")
@click.pass_obj
def command(face: Face, plan: str | None, html: Path | None, *, decided: bool) -> int:
    """Show the plans that wait for a person's word. Asks no one but the ledger.

    PLAN is the beginning of a plan's digest: then that one is shown, with what would change.

    \b
    Example:  bridgehead waiting
              bridgehead waiting 3fa9c1d27e55 --html plan.html
    """
    config, now = load(face.config), utc_now()
    if plan is None:
        found = [one for one in proposals(config) if decided or one.proposal.standing(now) in ("waiting", "approved")]
        face.view.waiting_plans([(one.place, one.proposal) for one in found], now)
        return 0
    with proposal_named(config, plan) as found_one:
        if html is not None:
            write_page(html, page(found_one.place, found_one.proposal.plan, None, proposal=found_one.proposal))
            face.view.say(f"{html}: the plan as a page.")
        face.view.proposal(found_one.place, found_one.proposal, now)
    return 0

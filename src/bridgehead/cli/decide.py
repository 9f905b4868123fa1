"""`bridgehead approve` and `bridgehead reject`: a person's word on one plan, with a name, a time and a reason."""

from __future__ import annotations

import click

from bridgehead.cli.options import Face, person
from bridgehead.cli.proposals import proposal_named
from bridgehead.config import load
from bridgehead.deciding import decide
from bridgehead.tenant import utc_now


@click.command("approve")
@click.argument("plan")
@click.option("--reason", required=True, help="Why; it stays on record with your name and the time.")
@click.pass_obj
def approve(face: Face, plan: str, reason: str) -> int:
    """Release exactly this plan, once: the next sync sends it as it stands, whatever the planning file says by then.

    PLAN is the beginning of its digest, or the file that it was saved to. Your name is that of your account here.

    \b
    Example:  bridgehead approve 3fa9c1d27e55 --reason "Budget of 11/2026, agreed with J. Berg"
    """
    return _decide(face, plan, reason, approve=True)


@click.command("reject")
@click.argument("plan")
@click.option("--reason", required=True, help="Why; it stays on record with your name and the time.")
@click.pass_obj
def reject(face: Face, plan: str, reason: str) -> int:
    """Say no to this plan: it is not sent, and not proposed again until it has expired.

    \b
    Example:  bridgehead reject 3fa9c1d27e55 --reason "Last month's file"
    """
    return _decide(face, plan, reason, approve=False)


def _decide(face: Face, plan: str, reason: str, *, approve: bool) -> int:
    with proposal_named(load(face.config), plan) as found:
        decided = decide(found.choice, found.ledger, found.proposal, approve=approve, by=person(), reason=reason)
        face.view.proposal(found.place, decided, utc_now())
    return 0

"""Small steps and the way back, for people: what a slice leaves planned, and what a run that is taken back means."""

from __future__ import annotations

from collections.abc import Iterator

from bridgehead.cli.view import Place
from bridgehead.plan import Plan

_AGAIN = "The planning file still says otherwise: the next sync of it sends it again, unless the file is put right."


def step_told(plan: Plan) -> Iterator[str]:
    """Yield what a plan is, where it is not that of the whole file."""
    if plan.reverts:
        yield f"back to what stood before run {plan.reverts}: what has arrived of it is taken back"
    elif plan.only:
        yield f"a slice: {plan.only}; {_rest(plan.counts.rest)} planned, and nothing is retired"


def after_told(place: Place, plan: Plan) -> Iterator[str]:
    """Yield what has to be known once such a plan was carried out, or shown."""
    if plan.reverts:
        yield _AGAIN
    elif plan.only:
        rest = _rest(plan.counts.rest)
        yield f"{rest[0].upper()}{rest[1:]} planned: [bold]{place.command('sync')}[/]"


def nothing_told(plan: Plan | None) -> str:
    """Say that there is nothing to send, and why."""
    if plan is not None and plan.reverts:
        return f"Nothing to send: UKG has accepted what stood before run {plan.reverts}."
    if plan is not None and plan.only:
        return "Nothing to send: none of the changes is in this slice."
    return "Nothing to send: UKG has accepted all of this before."


def _rest(changes: int) -> str:
    return "the rest, 1 change, stays" if changes == 1 else f"the rest, {changes:,} changes, stays"

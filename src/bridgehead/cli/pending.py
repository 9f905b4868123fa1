"""Plans that wait for a person, for people: a line for each, and of one of them why it waits and what was decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table

from bridgehead.approval import Proposal
from bridgehead.cli.view import Place

_COLOURS = {"waiting": "yellow", "approved": "green", "rejected": "red"}


def proposals_told(
    rows: Sequence[tuple[Place, Proposal]], now: datetime, table: Table, foreign: Callable[[str], str]
) -> Iterator[RenderableType]:
    """Yield what to print of proposals. table: an empty one with seven columns. foreign: makes words harmless."""
    if not rows:
        yield "No plan waits for anybody."
        return
    for place, one in rows:
        counts = one.plan.counts
        changes = f"+{counts.create:,} ~{counts.update:,} -{counts.retire:,}"
        until, standing = f"{one.expires_at:%Y-%m-%d %H:%M} UTC", one.standing(now)
        state = f"[{_COLOURS.get(standing, 'dim')}]{foreign(one.told(now))}[/]"
        table.add_row(one.name, str(place), foreign(one.plan.bound.source), foreign(one.author), changes, until, state)
    yield table
    for place, one in rows:
        if one.standing(now) == "waiting":
            yield f"{place}: {foreign(one.message)}"
    yield f"To look at one: [bold]bridgehead waiting {rows[0][1].name}[/]"


def proposal_told(place: Place, one: Proposal, now: datetime, foreign: Callable[[str], str]) -> Iterator[str]:
    """Yield how a proposal stands, and what to type next."""
    standing = one.standing(now)
    drawn = f"drawn by {foreign(one.author)} on {one.made_at:%Y-%m-%d %H:%M} UTC"
    state = "sent" if standing == "done" else standing
    yield f"Plan [bold]{one.name}[/], {drawn}: [{_COLOURS.get(standing, 'dim')}]{state}[/]"
    if one.decided_at is not None:
        yield f"  by {foreign(one.decided_by)} on {one.decided_at:%Y-%m-%d %H:%M} UTC: {foreign(one.reason)}"
    if standing == "waiting":
        yield f"  {foreign(one.message)} It waits until {one.expires_at:%Y-%m-%d %H:%M} UTC."
        yield f'To release it:  [bold]bridgehead approve {one.name} --reason "..."[/]'
        yield f'To say no:      [bold]bridgehead reject {one.name} --reason "..."[/]'
    elif standing == "approved":
        yield f"`bridgehead run` sends it by itself. To send it now: [bold]{place.command('sync')}[/]"

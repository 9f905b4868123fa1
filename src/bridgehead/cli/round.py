"""`bridgehead sync --all`: every tenant at once, each with its own verdict; the exit code is the worst of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from threading import Lock

from rich.console import RenderableType
from rich.table import Table

from bridgehead.cli.options import Face, owner, place_of
from bridgehead.cli.told import write_down
from bridgehead.cli.view import Place
from bridgehead.config import Config, load
from bridgehead.ended import Ended, worst
from bridgehead.errors import DRIFT, PARTIAL, PermissionRefused, TokenRefused
from bridgehead.events import BatchAnswered, Event
from bridgehead.examining import examine
from bridgehead.rounds import sync_round
from bridgehead.tenant import Choice, choose

_REFUSED = (TokenRefused.slug, PermissionRefused.slug)


def sync_all(face: Face, halt: Callable[[], BaseException | None], *, verifying: bool) -> int:
    """Sync every tenant in its default environment; say of each how it ended, and of a refused one what is broken."""
    config, lock = load(face.config), Lock()

    def on_event(choice: Choice, event: Event) -> None:
        if not isinstance(event, BatchAnswered):  # of twenty tenants at once, nobody reads each batch
            with lock:
                face.view.happened(place_of(config, choice), event)

    def on_wait(choice: Choice, why: str, seconds: float) -> None:
        with lock:
            face.view.waiting(f"{choice.tenant}: {why}", seconds)

    ended = []
    rounds = sync_round(
        config,
        list(config.tenants),
        owner=owner(),
        desks=os.cpu_count() or 1,
        halt=halt,
        on_event=on_event,
        on_wait=on_wait,
        verifying=verifying,
    )
    for one in rounds:
        told = _examined(config, one) if one.state in _REFUSED else one.message
        ended.append(one)
        with lock:
            write_down(face, choose(config, one.tenant, one.environment, one.feed), one)
            face.view.ended(_place(config, one), one, told)
    face.view.round([(_place(config, one), one) for one in ended])
    return worst([one.exit_code for one in ended])


def _place(config: Config, one: Ended) -> Place:
    return place_of(config, choose(config, one.tenant, one.environment, one.feed))


def _examined(config: Config, one: Ended) -> str:
    """Return the doctor's verdict on a refused tenant, in a line: the first link that is broken."""
    for finding in examine(config, one.tenant, one.environment):
        if finding.suspects and finding.verdict.value == "broken":
            return f"{finding.check}: {finding.says}"
    return one.message


def ended_told(place: Place, one: Ended, told: str, foreign: Callable[[str], str]) -> Iterator[str]:
    """Yield what to say when a feed has ended."""
    if not one.exit_code or one.exit_code in (PARTIAL, DRIFT):
        yield f"{place}: {one.state}, {one.accepted:,} accepted, {one.rejected:,} rejected, {one.seconds:.1f} s."
        if one.message:
            yield f"  {foreign(one.message)}"
        return
    yield f"[bold red]{place}: {one.state}[/]: {foreign(told)}"
    if one.cure and one.state not in _REFUSED:
        yield f"  {foreign(one.cure)}"


def round_told(rows: Sequence[tuple[Place, Ended]], table: Table) -> Iterator[RenderableType]:
    """Yield the table of a round. table: an empty one with five columns."""
    colours = {0: "green", 7: "yellow", 8: "yellow"}
    for place, one in sorted(rows, key=lambda row: str(row[0])):
        state = f"[{colours.get(one.exit_code, 'red')}]{one.state}[/]"
        table.add_row(str(place), state, f"{one.accepted:,}", f"{one.rejected:,}", f"{one.seconds:.1f} s")
    yield table
    for place, one in rows:
        if one.exit_code:
            verb = "doctor" if one.state in _REFUSED else "sync"
            yield f"{place}: [bold]{one.next_command or place.command(verb)}[/]"

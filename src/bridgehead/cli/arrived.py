"""Whether it arrived, for people: what reading back found, and what became of the ledger by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bridgehead.cli.view import Place
from bridgehead.compare.drift import Difference
from bridgehead.events import Adopted, Repaired, Verdict
from bridgehead.projection import Projection

_SHOWN = 20


def verdict_told(
    place: Place, verdict: Verdict, foreign: Callable[[str], str], held: Callable[[Projection | None], str]
) -> Iterator[str]:
    """Yield what to print of a verdict. foreign: makes foreign words harmless. held: says what a cell holds."""
    if verdict.cannot:
        yield f"[yellow]Cannot verify[/] whether UKG holds it: {foreign(verdict.cannot)}"
        return
    yield f"  {verdict.compared:,} projections delivered, {verdict.read:,} records read back."
    if verdict.unsettled:
        yield "  A run is open: it is at work now, or died. Differences may come from there; a sync settles it."
    if not verdict.differences:
        yield "[green]No drift: UKG holds what was delivered.[/]"
        return
    for one in verdict.differences[:_SHOWN]:
        yield f"  {_difference(one, foreign, held)}"
    if len(verdict.differences) > _SHOWN:
        yield f"  ... and {len(verdict.differences) - _SHOWN:,} more: --json lists them all"
    yield (
        f"[red]Drift: {len(verdict.differences):,} cells differ.[/] Something else changed them in UKG; "
        "Reports > System Audit > API Access Logs says who."
    )
    if all(one.kind == "extra" for one in verdict.differences):
        yield f"To take them into the baseline, so that the file decides: [bold]{place.command('adopt')}[/]"
    else:
        yield f"To send the file's values again: [bold]{place.command('verify')} --repair[/], then sync."


def baseline_told(place: Place, event: Repaired | Adopted) -> Iterator[str]:
    """Yield what to print of a ledger that was brought in line with UKG."""
    if isinstance(event, Adopted):
        yield f"[green]Adopted:[/] {event.projections:,} projections in UKG are the baseline now. Nothing was sent."
        yield f"To see what differs from the file: [bold]{place.command('plan')}[/]"
        return
    yield f"[green]Repaired:[/] the ledger says what UKG holds, {event.projections:,} projections. Nothing was sent."
    if event.extra:
        command = place.command("adopt")
        yield f"  {event.extra:,} cells in UKG are not from this feed, and stay: [bold]{command}[/] takes them."
    yield f"To send what differs from the file: [bold]{place.command('sync')}[/]"


def _difference(one: Difference, foreign: Callable[[str], str], held: Callable[[Projection | None], str]) -> str:
    delivered, found = held(one.expected), held(one.found)
    return f"[red]{one.kind}[/]  {foreign(str(one.cell))}   delivered {delivered}; UKG has {found}"

"""What the ledger knows of past runs, for people: a line for each run, and of one run every attempt to send a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table

from bridgehead.cli.view import Past
from bridgehead.ports import BatchRecord, RunRecord

_MOST = 200
"""Batches that are shown, those with something to say first; a run has thousands."""


def runs_told(runs: Sequence[Past], table: Table, foreign: Callable[[str], str]) -> Iterator[RenderableType]:
    """Yield what to print of runs. table: an empty one with nine columns. foreign: makes foreign words harmless."""
    for past in runs:
        run = past.run
        table.add_row(
            run.run_id,
            str(past.place),
            _moment(run.started_at),
            _took(run),
            foreign(run.owner),
            foreign(run.source),
            f"{run.accepted:,}",
            f"{run.rejected:,}",
            _state(run),
        )
    if not runs:
        yield "No run has sent anything yet."
        return
    yield table
    yield f"One of them, batch by batch: [bold]bridgehead history {runs[0].run.run_id}[/]"


def run_told(past: Past, table: Table, foreign: Callable[[str], str]) -> Iterator[RenderableType]:
    """Yield what to print of one run. table: an empty one with seven columns."""
    run, batches = past.run, past.batches
    counts = run.counts
    yield f"[bold]{past.place}[/] · run {run.run_id} · {_state(run)}"
    yield f"  by {foreign(run.owner)}, from {foreign(run.source)}"
    yield f"  began {_moment(run.started_at)}, took {_took(run)}"
    if run.approved_by:
        yield f"  approved by {foreign(run.approved_by)}: {foreign(run.reason)}"
    if run.dropped_at:
        yield f"  its values were purged on {_moment(datetime.fromisoformat(run.dropped_at))}"
    yield f"  planned: {counts.create:,} to create, {counts.update:,} to update, {counts.retire:,} to retire"
    if counts.rest:
        yield f"  a slice of a plan: {counts.rest:,} changes stayed planned"
    yield f"  {run.accepted:,} arrived, {run.rejected:,} rejected, in {len(batches):,} batches"
    shown = sorted(batches, key=_is_plain)[:_MOST]
    for one in sorted(shown, key=lambda batch: batch.number):
        _add(table, one, foreign)
    yield table
    if len(batches) > len(shown):
        yield f"  ... and {len(batches) - len(shown):,} more that were answered at the first attempt: --json lists them"
    if run.state == "open":
        yield f"It did not end. To settle it: [bold]{past.place.command('sync')}[/]"


def _is_plain(batch: BatchRecord) -> bool:
    """Whether a batch was answered at its first attempt, as nearly all."""
    return batch.state == "answered" and len(batch.attempts) == 1 and batch.attempts[0].status == 200


def _add(table: Table, batch: BatchRecord, foreign: Callable[[str], str]) -> None:
    rows = f"{batch.first:,} to {batch.last:,}"
    state = {"intended": "[red]no answer known[/]", "answered": "answered"}.get(batch.state, f"[red]{batch.state}[/]")
    if not batch.attempts:
        table.add_row(str(batch.number), rows, state, "", "", "", "")
    for number, one in enumerate(batch.attempts):
        told = str(one.status) if one.status else f"[yellow]none: {foreign(one.problem)}[/]"
        what = (str(batch.number), rows, state) if not number else ("", "", "")
        table.add_row(*what, str(number + 1), _moment(one.at, exact=True), told, foreign(one.correlation_id))


def _moment(moment: datetime, *, exact: bool = False) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" + (f".{moment.microsecond // 1000:03d}" if exact else "") + " UTC"


def _took(run: RunRecord) -> str:
    """Return how long a run took."""
    if run.ended_at is None:
        return "not ended"
    seconds = (run.ended_at - run.started_at).total_seconds()
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"


def _state(run: RunRecord) -> str:
    return {"open": "[red]not ended[/]", "partial": "[yellow]partial[/]"}.get(run.state, run.state)

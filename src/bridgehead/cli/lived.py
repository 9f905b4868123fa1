"""The lives of numbers, for people: under each cell what every run did to it, oldest first, and who answers for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from bridgehead.answering.lives import READ, Chapter, Held, Life, Lives
from bridgehead.cli.view import Place
from bridgehead.cli.worded import change_told, held_told
from bridgehead.ledgers.purging import Purged
from bridgehead.plan import Action, Change
from bridgehead.ports import RunRecord

_MOST = 200
"""So many chapters of a life are shown: the first, and the last ones."""
_SILENT = 10
_DIGEST = 12
_OUTCOMES = {
    "accepted": "[green]accepted[/]",
    "refused": "[yellow]refused with its whole request, without effect[/]",
    "unknown": "[red]UKG did not say what became of it[/]",
    "not sent": "[yellow]not sent[/]",
}


def lives_told(found: Sequence[tuple[Place, Lives]], foreign: Callable[[str], str]) -> Iterator[str]:
    """Yield what to print. foreign: makes foreign words harmless."""
    for place, lives in found:
        if lives.lives or lives.silent:
            yield f"[bold]{place}[/]"
            yield from _silent(lives.silent, foreign)
            for life in lives.lives:
                yield ""
                yield from _life(life, foreign)
        if lives.lives and lives.restored_at:
            yield f"  The ledger was put back on {_moment(lives.restored_at)}; what happened since is not in it."
    if not any(lives.lives for _, lives in found):
        whose = "Of what is kept no run" if any(lives.silent for _, lives in found) else "No run"
        yield f"{whose} has touched such a cell, and UKG holds none from here, as far as the ledger knows."


def _silent(runs: Sequence[RunRecord], foreign: Callable[[str], str]) -> Iterator[str]:
    """Say which runs may have touched the cells, and no longer say so."""
    if not runs:
        return
    yield "  Runs whose values are no longer kept; who, when, from what and how many is:"
    for run in runs[-_SILENT:]:
        counts = run.counts
        changes = f"+{counts.create:,} ~{counts.update:,} -{counts.retire:,}"
        gone = f"purged {_moment(run.dropped_at)}" if run.dropped_at else "no longer among the ledger's files"
        source = f"{foreign(run.source)}{_digest(run.source_digest)}"
        yield f"    {_moment(run.started_at)}  {changes}  {source}, run {run.run_id} by {foreign(run.owner)}; {gone}"
        yield from _approval(run, foreign, "      ")
    if len(runs) > _SILENT:
        yield f"    ... and {len(runs) - _SILENT:,} before these: --json lists them all"


def _life(life: Life, foreign: Callable[[str], str]) -> Iterator[str]:
    yield f"[bold]{foreign(str(life.cell))}[/]"
    chapters = life.chapters
    if len(chapters) > _MOST:
        left_out = len(chapters) - _MOST
        yield from _chapter(life, chapters[0], foreign)
        yield f"  ... {left_out:,} more: --json or --csv FILE tells them all"
        chapters = chapters[left_out + 1 :]
    for one in chapters:
        yield from _chapter(life, one, foreign)
    yield f"  in UKG now, as the ledger knows it: {_now(life.now)}"


def _now(now: Held | None) -> str:
    if now is None:
        return "nothing from this feed"
    told = "retired" if now.retired else held_told(now.projection)
    return f"{told} [red](a request for it was never answered)[/]" if now.unknown else told


def _chapter(life: Life, one: Chapter, foreign: Callable[[str], str]) -> Iterator[str]:
    run = one.run
    if one.action in READ:
        told = f"{one.action} from UKG: what it held then became the baseline"
        yield f"  {_moment(run.started_at)}  {told}"
        yield f"      run {run.run_id} by {foreign(run.owner)}, {run.counts.unchanged:,} cells"
        return
    elsewhere = one.cell != life.cell or one.moved_to is not None
    yield f"  {_moment(run.started_at)}  {_change(one, elsewhere=elsewhere)}   {_outcome(one, foreign)}"
    yield f"      {foreign(one.origin)}{_digest(run.source_digest)}, run {run.run_id} by {foreign(run.owner)}"
    yield from _approval(run, foreign, "      ")
    if one.correlation_id:
        answered = f", answered {_moment(one.answered_at)}" if one.answered_at else ""
        yield f"      [dim]correlation id {foreign(one.correlation_id)}{answered}[/]"


def _change(one: Chapter, *, elsewhere: bool) -> str:
    """Say a change, without the cell where it is the one that all is about."""
    if one.after is None or one.cell is None:
        return one.action
    told = change_told(Change(Action(one.action), one.before, one.after, one.moved_to))
    sign, _, rest = told.partition(" ")
    return told if elsewhere else f"{sign} {rest.rpartition('   ')[2]}"


def _outcome(one: Chapter, foreign: Callable[[str], str]) -> str:
    if one.outcome != "rejected":
        return _OUTCOMES.get(one.outcome, one.outcome)
    told = " ".join(part for part in (one.code, one.field) if part)
    return f"[red]rejected: {foreign(told)}[/]" + (f": {foreign(one.message)}" if one.message else "")


def _approval(run: RunRecord, foreign: Callable[[str], str], indent: str) -> Iterator[str]:
    if run.approved_by:
        at = f" on {_moment(run.approved_at)}" if run.approved_at else ""
        yield f"{indent}approved by {foreign(run.approved_by)}{at}: {foreign(run.reason)}"


def _digest(digest: str) -> str:
    return f" (sha256 {digest[:_DIGEST]}…)" if digest else ""


def _moment(moment: datetime | str) -> str:
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{found:%Y-%m-%d %H:%M:%S} UTC"


def purged_told(place: Place, purged: Purged, *, dry_run: bool) -> Iterator[str]:
    """Yield what to print of a purge."""
    yield f"[bold]{place}[/] · what ended before {_moment(purged.before)}"
    dropped = "would be dropped" if dry_run else "dropped"
    if not purged.runs and not purged.plans:
        yield f"  nothing {'would be' if dry_run else 'is'} dropped: no values are that old"
        return
    records = sum(run.counts.changes for run in purged.runs)
    if purged.runs:
        days = f"{purged.runs[-1].started_at:%Y-%m-%d} to {purged.runs[0].started_at:%Y-%m-%d}"
        yield f"  {dropped}: the {records:,} values of {_counted(len(purged.runs), 'run')}, {days}"
    if purged.rejects:
        yield f"  {dropped}: UKG's words on {_counted(purged.rejects, 'rejected record')}; its codes stay"
    if purged.plans:
        yield f"  {dropped}: the figures of {_counted(len(purged.plans), 'plan')} that waited; the decisions stay"
    if purged.rewritten:
        yield "  what UKG holds now stood among them, and is kept in a file of its own"
    yield "  kept: who, when, from which file, how many, digests, correlation ids, approvals"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("s" if count != 1 else "")

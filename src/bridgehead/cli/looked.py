"""What `init` found out about a planning file, for people: its columns, its months, and what nobody can know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from rich.console import RenderableType
from rich.table import Table

from bridgehead.cli.view import Written
from bridgehead.sources.guess import Looked, Question, Rehearsed

_LONGEST = 28


def told(looked: Looked, written: Written, table: Table, foreign: Callable[[str], str]) -> Iterator[RenderableType]:
    """Yield what to print. table: an empty one with four columns. foreign: makes foreign words harmless."""
    name = looked.names[0] if len(looked.names) == 1 else f"{looked.names[0]} and {len(looked.names) - 1} more"
    about = [f"{looked.rows:,} rows", f"{sum(one.count for one in looked.columns):,} columns", *looked.reading]
    yield f"[bold]{foreign(name)}[/] · {foreign(', '.join(about))}"
    yield ""
    for one in looked.columns:
        title = f"{_short(one.title, 30)} ({one.count} columns)" if one.count > 1 else _short(one.title, 44)
        taken = foreign(one.taken_for) if one.taken_for else "[dim]left aside[/]"
        joint = "; " if any("," in sample for sample in one.samples) else ", "
        samples = joint.join(_short(sample) for sample in one.samples)
        table.add_row(foreign(title), taken, foreign(samples), f"{one.distinct:,}")
    yield table
    yield ""
    yield from _plan(looked.plan, foreign)
    yield from _questions("To be said before plan goes on:", looked.musts, foreign)
    yield from _questions("Guessed, so have a look:", looked.guesses, foreign)
    yield ""
    if written.written:
        yield f"Wrote {foreign(written.path)}."
        yield f"Fill in the tenant's section, correct the rest, then: [bold]{foreign(written.next_command)}[/]"
    else:
        yield f"{foreign(written.path)} exists and was not changed. Add the section to it."
        yield f"Then: [bold]{foreign(written.next_command)}[/]"


def _plan(plan: Rehearsed, foreign: Callable[[str], str]) -> Iterator[str]:
    if plan.refused:
        yield f"As it is written, plan stops: {foreign(plan.refused)}"
        if plan.cure:
            yield f"  {foreign(plan.cure)}"
        return
    measures = [
        f"{Decimal(sum_).normalize():,f} {unit}"
        for sum_, unit in ((plan.head_months, "head-months"), (plan.fte_months, "FTE-months"))
        if Decimal(sum_)
    ]
    months = f"{plan.months} month{'s' if plan.months != 1 else ''}"
    span = f"{plan.first} to {plan.last}, {months}" if plan.months > 1 else plan.first
    yield f"Periods: {span}."
    yield f"As it is written, plan reads {plan.cells:,} cells: {', '.join(measures) or 'no heads'}."


def _questions(title: str, questions: tuple[Question, ...], foreign: Callable[[str], str]) -> Iterator[str]:
    if questions:
        yield ""
        yield title
    for one in questions:
        yield f"  [bold]{foreign(one.setting)}[/]: {foreign(one.words)}"
        yield from (f"    {foreign(reading)}" for reading in one.readings[:6])


def _short(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}\u2026"

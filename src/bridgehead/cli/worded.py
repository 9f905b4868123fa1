"""Words and tables for people: foreign words made harmless, changes, cells and shares of a plan in a line each."""

from __future__ import annotations

from decimal import Decimal

from rich import markup
from rich.table import Table

from bridgehead.plan import Action, Change, Plan
from bridgehead.projection import Projection

_COLOURS = {Action.CREATE: "green", Action.UPDATE: "yellow", Action.RETIRE: "red", Action.MOVE: "cyan"}


def foreign(text: str) -> str:
    """Return words that come from elsewhere as they may stand on a screen: without markup, and steering no terminal."""
    return markup.escape("".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text))


def empty_table(*titles: str, left: int = 1) -> Table:
    """Return a calm table with these columns, so many of them to the left."""
    table = Table(box=None, pad_edge=True, header_style="dim")
    for number, title in enumerate(titles):
        table.add_column(title, justify="left" if number < left else "right", no_wrap=True)
    return table


def shared_out(plan: Plan) -> str:
    """Say what becomes of the rows of a source that several tenants share; the shares add up to the source."""
    whole = sum(one.projections for one in plan.shares)
    told = ", ".join(f"{one.projections:,} to {one.tenant or 'nobody'}" for one in plan.shares)
    heads = sum((one.headcount for one in plan.shares), Decimal())
    mine = next((one.headcount for one in plan.shares if one.tenant == plan.bound.tenant), Decimal())
    return f"of the file's {whole:,} projections go {told}; of its {plain(heads)} head-months, {plain(mine)} are here"


def plain(value: Decimal | None) -> str:
    """Say a figure."""
    return "unset" if value is None else f"{value.normalize():f}"


def change_told(change: Change) -> str:
    """Say what happens to a cell."""
    if change.before is not None and change.moved_to is not None:
        moved = f"{foreign(str(change.before.cell))} \u2192 {foreign(str(change.moved_to))}"
        figures = ", ".join(f"{plain(value)} {name}" for name, value in change.before.measures().items())
        return f"[{_COLOURS[change.action]}]{change.action.sign}[/] {moved}   {foreign(figures)}"
    told = []
    for name, unit in (("headcount", "heads"), ("fte", "fte"), ("hours", "hours"), ("cost", "cost")):
        after = getattr(change.after, name)
        before = getattr(change.before, name) if change.before is not None else None
        if change.before is not None and before != after:
            told.append(f"{plain(before)} → {plain(after)} {unit}")
        elif change.before is None and after is not None:
            told.append(f"{plain(after)} {unit}")
    if change.before is not None and change.before.currency != change.after.currency:
        told.append(f"{change.before.currency or 'no currency'} → {change.after.currency or 'no currency'}")
    sign = f"[{_COLOURS[change.action]}]{change.action.sign}[/]"
    return f"{sign} {foreign(str(change.after.cell))}   {foreign(', '.join(told))}"


def held_told(projection: Projection | None) -> str:
    """Say what a cell holds."""
    if projection is None:
        return "nothing"
    told = [f"{name} {plain(value)}" for name, value in projection.measures().items()]
    return foreign(", ".join([*told, *([projection.currency] if projection.currency else [])]))

"""What would change: the difference between a valid source and what UKG last accepted, drawn up as a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from msgspec.structs import replace

from bridgehead.compare.accepted import holds_any
from bridgehead.compare.constants import SELDOM, compare_as_needed, constants
from bridgehead.compare.telling import Report
from bridgehead.errors import BridgeheadError
from bridgehead.plan import (
    Action,
    Bound,
    Change,
    CostTotal,
    Counts,
    Month,
    Movement,
    Owned,
    Plan,
    Rendering,
    Share,
    Slice,
    Totals,
)
from bridgehead.projection import DIMENSIONS, MEASURES, Cell, Projection
from bridgehead.tables import Row, Session, question

_HERE = "bridgehead.compare"
_EXAMPLES, _MOVEMENTS, _SLICES = 5, 5, 1000
_MOVES = (
    "row BIGINT",
    *(f"{name} {'DATE' if name == 'period_start' else 'VARCHAR'}" for name in DIMENSIONS),
    "moved_to VARCHAR",
    "planned BOOLEAN",
)
_PLANNED = ("origin_column", *SELDOM, *MEASURES, "currency")
_FIRST: dict[str, str | None] = {
    "action": "create",
    **{f"{name}_before": None for name in (*MEASURES, "currency", "retired", "unknown")},
    "moved_to": None,
}
_RENAMES = ("dimension VARCHAR", "old VARCHAR", "first DATE", "until DATE", "new VARCHAR")


@dataclass(frozen=True, slots=True)
class Wire:
    """How records are written.

    names: our field to the wire's. scales: decimals of each measure. envelope: what stands around the records.
    per_minute: how many requests the tenant may make.
    """

    names: Mapping[str, str]
    scales: Mapping[str, int]
    envelope: tuple[str, str]
    per_minute: int | None


@dataclass(frozen=True, slots=True)
class Compared:
    """How many planned rows say what UKG holds, and how many projections it holds in all."""

    unchanged: int
    held: int


def said_by_all(session: Session) -> dict[str, str | None]:
    """Return what every planned row says: in the dimensions; of a first plan in all that it will write."""
    return constants(session, SELDOM if holds_any(session) else _PLANNED)


def stage_owned(
    session: Session,
    declared: Sequence[Owned],
    said: Mapping[str, str | None],
    *,
    open_from: date | None,
    open_to: date | None,
) -> tuple[Owned, ...]:
    """Fill the table `owned` with the part of the plan that the feed is complete for, open periods only.

    Without a declaration: the scenario and version pairs of the source, over their span of periods. said: what every
    planned row says.
    """
    parts = declared or _spanned(session, said)
    first, last = open_from or date.min, open_to or date.max
    owned = tuple(
        Owned(part.scenario, part.version, max(part.first_period, first), min(part.last_period, last)) for part in parts
    )
    write_owned(session, owned)
    return owned


def _spanned(session: Session, said: Mapping[str, str | None]) -> tuple[Owned, ...]:
    scenario, version = said.get("scenario"), said.get("version")
    if scenario is not None and version is not None:  # one pair: no row has to be asked which
        return (Owned(scenario, version, *session.ask("SELECT min(period_start), max(period_start) FROM typed")[0]),)
    return tuple(Owned(*row) for row in session.ask(question(_HERE, "owned")))


def write_owned(session: Session, owned: Sequence[Owned]) -> None:
    """Fill the table `owned`."""
    session.fill(
        "owned",
        ("scenario VARCHAR", "version VARCHAR", "first_period DATE", "last_period DATE"),
        [(part.scenario, part.version, part.first_period, part.last_period) for part in owned],
    )


def compare(
    session: Session,
    said: Mapping[str, str | None],
    *,
    hold: bool = False,
    renames: Sequence[Row] = (),
    unique: bool = True,
) -> Compared | None:
    """Compare `typed` with `accepted`: what differs is `difference`, what is held adds up in `standing`.

    said: what every planned row says. hold: retire nothing. renames: dimension, old code, first month, month after the
    last, and new code of cells that move. unique: whether each cell is known to be planned once; else None is returned
    where one is planned twice. Raises BridgeheadError when a row was lost on the way.
    """
    held = holds_any(session)
    compare_as_needed(session, said)
    session.ask(question(_HERE, "standing"))
    written_once = {} if held else _FIRST | dict(said)
    session.spool("difference", question(_HERE, "difference"), as_joined=True, constants=written_once)
    session.fill("renames", _RENAMES, renames)
    session.fill("moves", _MOVES, [])
    if renames:
        session.ask(question(_HERE, "moves"))
    planned, differing = session.ask("SELECT (SELECT count(*) FROM typed), (SELECT count(*) FROM difference)")[0]
    if not held and planned == differing:
        return Compared(0, 0)  # all is new, and all of it is there
    unchanged, agreeing, same, live = session.ask(question(_HERE, "conserved"))[0]
    if not unique and (unchanged != agreeing or session.value(question(_HERE, "doubled"))):
        return None  # two rows that agree with one cell, or that differ from it
    if unchanged != agreeing or not same:
        raise BridgeheadError(
            f"The comparison lost rows: {unchanged} of the plan and {agreeing} of what UKG holds agree. "
            "Nothing was sent.",
            cure="This is a fault of bridgehead or of its table engine. Please report it with the versions of both.",
        )
    if session.value("SELECT (SELECT count(*) FROM difference WHERE action = 'absent') + (SELECT count(*) FROM moves)"):
        session.spool("difference", question(_HERE, "retires"), {"hold": hold})
    return Compared(int(unchanged), int(live))


def draw(
    session: Session,
    bound: Bound,
    owned: tuple[Owned, ...],
    wire: Wire,
    agreed: Mapping[tuple[str, str], tuple[Decimal, Decimal]],
    now: datetime,
    found: Report = Report(),  # noqa: B008 - a value
    *,
    compared: Compared,
    absent: int = 0,
    control: Mapping[str, Decimal] | None = None,
    shares: tuple[Share, ...] = (),
) -> Plan:
    """Make what differs (`difference`) the rows of a plan, `plan_rows`, and return its header.

    agreed: head-months and FTE-months that the guardrail measures from, where they are not what `accepted` holds.
    found: what judging found. compared: as `compare` counted. absent: cells of the source without a value.
    control: what the source adds up to. shares: how it is shared out among tenants.
    """
    session.rename("difference", "plan_rows")
    plan = Plan(
        bound=bound,
        made_at=now,
        counts=_counts(session, compared, absent, found.skipped),
        owned=owned,
        totals=(),
        movements=(),
        per_minute=wire.per_minute,
        envelope=wire.envelope,
        rendering=Rendering(bound.tenant_id, wire.names, wire.scales),
        control=control or {},
        findings=(*found.rows, *found.warnings),
        by_rule=found.by_rule or {},
        shares=shares,
    )
    return _measured(session, plan, agreed)


def draw_less(session: Session, plan: Plan, rest: int) -> Plan:
    """Return the header of a plan of whose rows fewer are left in `plan_rows`. rest: how many changes went."""
    agreed = {(one.scenario, one.version): (one.heads_agreed, one.fte_agreed) for one in plan.totals}
    counts: Counts = replace(plan.counts, **_by_action(session), rest=rest)
    return _measured(session, replace(plan, counts=counts), agreed)


def _measured(session: Session, plan: Plan, agreed: Mapping[tuple[str, str], tuple[Decimal, Decimal]]) -> Plan:
    """Return a plan with the figures of its rows."""
    session.ask(question(_HERE, "cube"))
    return replace(
        plan,
        totals=_totals(session, agreed),
        movements=tuple(Movement(*row) for row in session.ask(question(_HERE, "movements"), {"most": _MOVEMENTS})),
        examples=tuple(
            _change(row)
            for action in Action
            if getattr(plan.counts, action.value)
            for row in session.ask(question(_HERE, "examples"), {"most": _EXAMPLES, "action": action.value})
        ),
        months=tuple(Month(*row) for row in session.ask(question(_HERE, "months"))),
        slices=tuple(Slice(*row) for row in session.ask(question(_HERE, "slices"), {"most": _SLICES})),
        costs=tuple(CostTotal(*row) for row in session.ask(question(_HERE, "costs"))),
    )


def _totals(session: Session, agreed: Mapping[tuple[str, str], tuple[Decimal, Decimal]]) -> tuple[Totals, ...]:
    return tuple(
        Totals(scenario, version, heads, heads_after, fte, fte_after, *agreed.get((scenario, version), (heads, fte)))
        for scenario, version, heads, heads_after, fte, fte_after in session.ask(question(_HERE, "totals"))
    )


def _counts(session: Session, compared: Compared, absent: int, skipped: int) -> Counts:
    rounded = session.value("SELECT count(*) FROM typed WHERE rounded")
    counts = Counts(unchanged=compared.unchanged, rounded=rounded, absent=absent, held=compared.held, skipped=skipped)
    return replace(counts, **_by_action(session))


def _by_action(session: Session) -> dict[str, int]:
    found: dict[str, int] = dict(session.ask("SELECT action, count(*) FROM plan_rows GROUP BY action"))
    return {action.value: found.get(action.value, 0) for action in Action}


def _change(row: Row) -> Change:
    cell = Cell(*row[1:11])
    action = Action(row[0])
    before = None if action is Action.CREATE else Projection(cell, *row[11:16])
    return Change(
        action, before, Projection(cell, *row[16:21]), Cell.of_key(row[21]) if action is Action.MOVE else None
    )

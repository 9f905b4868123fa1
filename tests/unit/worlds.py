"""Small worlds for the laws of the plan: what is planned, what UKG holds, and what a plan makes of both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bridgehead.compare.accepted import ACCEPTED_COLUMNS, begin_accepted, stage_accepted
from bridgehead.compare.differences import Wire, compare, draw, said_by_all, stage_owned
from bridgehead.compare.records import digest_records, portions
from bridgehead.compare.rules import judge
from bridgehead.plan import Action, Bound, Owned, Plan, Rendering, digest_of
from bridgehead.projection import DIMENSIONS, MEASURES, Cell
from bridgehead.tables import Row, Session

# Without shrinking: the examples are small as they are, and each costs several questions to the engine.
LAW = settings(max_examples=10, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
NOW = datetime(2027, 1, 2, tzinfo=UTC)
TENANT = "5f0c6a4e-8d0b-4b57-9f0e-0c6f5f2b7a11"
BOUND = Bound("acme", TENANT, "production", "headcount", "thread", 3, "plan.csv", "d1")
SCALES = {"headcount": 0, "fte": 2, "hours": 4, "cost": 2}
NAMES = {name: f"the_{name}" for name in ("client_ref", *DIMENSIONS, *MEASURES, "currency")}
WIRE = Wire(NAMES, SCALES, envelope=('{"records":[', "]}"), per_minute=None)
RENDERING = Rendering(TENANT, NAMES, SCALES)
KEYS = ", ".join(DIMENSIONS)
VALUES = ", ".join((*MEASURES, "currency"))


@dataclass(frozen=True)
class Held:
    """What the ledger says of a cell."""

    values: Row
    retired: bool = False
    unknown: bool = False


Values = tuple[str | None, str | None, str | None, str | None, str | None]
Planned = Mapping[Cell, Values]
Accepted = Mapping[Cell, Held]

CODES = st.one_of(
    st.sampled_from(["0100", "A", "a", 'say "x"', "back\\slash", "Zürich 🚲", "\u2028", "None", "null", "<&>'"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6),
)
FEW = st.sampled_from(["A", "B"])
CELLS = st.builds(
    Cell,
    scenario=st.sampled_from(["budget", "forecast"]),
    version=st.sampled_from(["v1", "v2"]),
    period_start=st.dates(date(2027, 1, 1), date(2027, 6, 1)).map(lambda day: day.replace(day=1)),
    org_unit=CODES,
    cost_center=st.none() | FEW,
    location=st.none() | CODES,
    job=st.none() | FEW,
    position=st.none() | FEW,
    grade=st.none() | FEW,
    employment_type=st.none() | FEW,
)
# Cells that differ in one place only: where an order would be left open, it shows.
NEAR = st.builds(
    Cell,
    scenario=st.just("budget"),
    version=st.sampled_from(["v1", "v2"]),
    period_start=st.just(date(2027, 1, 1)),
    org_unit=st.just("A"),
    cost_center=st.none() | FEW,
    position=st.none() | FEW,
    grade=st.none() | FEW,
)
NUMBERS = st.builds(
    "{}{}".format, st.integers(0, 12) | st.integers(0, 10**9), st.sampled_from(["", ".0", ".5", ".125", ".005"])
)
HEADS = st.integers(0, 12).map(str)


@st.composite
def values(draws: st.DrawFn) -> Values:
    heads, fte = draws(st.one_of(st.tuples(HEADS, st.none() | NUMBERS), st.tuples(st.none(), NUMBERS)))
    cost = draws(st.none() | NUMBERS)
    return (
        heads,
        fte,
        draws(st.none() | NUMBERS),
        cost,
        None if cost is None else draws(st.sampled_from(["EUR", "USD"])),
    )


def wired(told: Values) -> Row:
    """Return what is sent for planned texts."""
    numbers = [
        None if number is None else Decimal(number).quantize(Decimal(1).scaleb(-SCALES[name]), rounding=ROUND_HALF_EVEN)
        for name, number in zip(MEASURES, told, strict=False)
    ]
    return (*numbers, told[4])


def zeros(told: Row) -> Row:
    return (*(None if number is None else Decimal(0) for number in told[:4]), told[4])


@st.composite
def held(draws: st.DrawFn) -> Held:
    told = wired(draws(values()))
    state = draws(st.sampled_from(["held", "held", "held", "retired", "unknown"]))
    return Held(zeros(told) if state == "retired" else told, state == "retired", state == "unknown")


@st.composite
def worlds(draws: st.DrawFn) -> tuple[Planned, Accepted]:
    """Draw a plan and a ledger that share some cells, some of them with the same values."""
    cells = draws(st.lists(draws(st.sampled_from([CELLS, NEAR])), max_size=14, unique=True))
    planned: dict[Cell, Values] = {}
    accepted: dict[Cell, Held] = {}
    for cell in cells:
        kind = draws(st.sampled_from(["new", "gone", "both", "same"]))
        if kind != "gone":
            planned[cell] = draws(values())
        if kind in {"gone", "both"}:
            accepted[cell] = draws(held())
        elif kind == "same":
            accepted[cell] = Held(wired(planned[cell]))
    return planned, accepted


WORLDS = worlds()
OWNED = st.lists(
    st.builds(
        lambda scenario, version, first, months: Owned(
            scenario, version, date(2027, first, 1), date(2027, first + months, 1)
        ),
        st.sampled_from(["budget", "forecast"]),
        st.sampled_from(["v1", "v2"]),
        st.integers(1, 6),
        st.integers(0, 5),
    ),
    max_size=3,
)


def parts(cell: Cell) -> Row:
    return tuple(getattr(cell, name) for name in DIMENSIONS)


def text(part: Any) -> str | None:
    return None if part is None else str(part)


def stage_plan(session: Session, planned: Planned) -> None:
    kinds = [f"{name} VARCHAR" for name in (*DIMENSIONS, *MEASURES, "currency")]
    rows = [
        (
            number,
            None,
            *(str(part) if isinstance(part, date) else part for part in parts(cell)),
            *told,
            cell.period_start,
        )
        for number, (cell, told) in enumerate(planned.items(), 1)
    ]
    session.drop("text_rows")  # a view, when a mapping made it
    session.fill("text_rows", ["record BIGINT", "origin_column VARCHAR", *kinds, "period DATE"], rows)
    session.ask("ALTER TABLE text_rows ADD COLUMN noted VARCHAR; ALTER TABLE text_rows ADD COLUMN noted_value VARCHAR")
    judge(
        session,
        scales=SCALES,
        unset=("cost_center", "location", "job"),
    )


def stage_ledger(session: Session, accepted: Accepted) -> None:
    rows = [(*parts(cell), *one.values, one.retired, one.unknown) for cell, one in accepted.items()]
    begin_accepted(session)
    session.fill("accepted_base", ACCEPTED_COLUMNS, rows)
    stage_accepted(session)


def plan_again(session: Session, owned: Sequence[Owned] = (), wire: Wire = WIRE, bound: Bound = BOUND) -> Plan:
    """Draw the same source's plan against the ledger as it stands in the session now."""
    said = said_by_all(session)
    parts = stage_owned(session, owned, said, open_from=None, open_to=None)
    compared = compare(session, said)
    drawn = draw(session, bound, parts, wire, {}, NOW, compared=compared)
    count = drawn.counts.changes
    return replace(drawn, digest=digest_of(bound, digest_records(session, RENDERING, count) if count else ""))


def plan(session: Session, world: tuple[Planned, Accepted], **terms: Any) -> Plan:
    stage_ledger(session, world[1])
    stage_plan(session, world[0])
    return plan_again(session, **terms)


def ledger(session: Session) -> dict[Cell, Held]:
    rows = session.ask(f"SELECT {KEYS}, {VALUES}, retired, unknown FROM accepted")  # noqa: S608
    found = {Cell(*row[:10]): Held(row[10:15], *row[15:]) for row in rows}
    assert len(found) == len(rows)
    return found


def changes(session: Session) -> dict[Cell, tuple[int, Action, Row]]:
    """Return row number, action and values of every row of the plan."""
    rows = session.ask(f"SELECT row, action, {KEYS}, {VALUES} FROM plan_rows ORDER BY row")  # noqa: S608
    found = {Cell(*row[2:12]): (row[0], Action(row[1]), row[12:]) for row in rows}
    assert len(found) == len(rows)
    return found


def bodies(session: Session) -> list[bytes]:
    """Return the rows of the plan as they would be sent."""
    return rows_as_sent(session, RENDERING)


def rows_as_sent(session: Session, rendering: Rendering) -> list[bytes]:
    """Return the rows of the plan as they would be sent under a rendering, each by itself."""
    count = session.value("SELECT count(*) FROM plan_rows")
    made = portions(session, rendering, 1, count, most=1, budget=0)
    return [b"".join(portion.records).removesuffix(b",") for portion in made]


def rendered(session: Session) -> list[tuple[Cell, int, bytes, str]]:
    rows = session.ask(f"SELECT row, {KEYS} FROM plan_rows ORDER BY row")  # noqa: S608
    return [
        (Cell(*row[1:]), row[0], body, json.loads(body)[NAMES["client_ref"]])
        for row, body in zip(rows, bodies(session), strict=True)
    ]


def on_the_wire(cell: Cell, told: Row) -> dict[str, Any]:
    """Return the record as JSON has it."""
    record = {name: getattr(cell, name) for name in DIMENSIONS} | {"period_start": str(cell.period_start)}
    record |= dict(zip((*MEASURES, "currency"), told, strict=True)) | {"client_ref": cell.client_ref(TENANT)}
    return {NAMES[name]: value for name, value in record.items()}


def owns(owned: Sequence[Owned], cell: Cell) -> bool:
    return any(
        (part.scenario, part.version) == (cell.scenario, cell.version)
        and part.first_period <= cell.period_start <= part.last_period
        for part in owned
    )

"""The laws of the plan: it holds exactly what differs, nothing is lost or doubled, and carried out it is empty."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

# Without shrinking: the examples are small as they are, and each costs several questions to the engine.
from tests.unit.worlds import (
    BOUND,
    LAW,
    NOW,
    OWNED,
    SCALES,
    TENANT,
    WIRE,
    WORLDS,
    Accepted,
    Held,
    Planned,
    changes,
    ledger,
    on_the_wire,
    owns,
    plan,
    plan_again,
    rendered,
    stage_ledger,
    stage_plan,
    wired,
    zeros,
)

from bridgehead.compare.differences import compare, draw, fold, stage_owned
from bridgehead.compare.rules import judge
from bridgehead.plan import Action, Owned, batch_key, wrap
from bridgehead.projection import DIMENSIONS, Cell
from bridgehead.tables import Row, Session


@given(WORLDS, OWNED)
@LAW
def test_a_plan_holds_exactly_what_differs_and_each_record_says_exactly_that(
    session: Session, world: tuple[Planned, Accepted], declared: list[Owned]
) -> None:
    planned, accepted = world
    drawn = plan(session, world, owned=declared)
    expected: dict[Cell, tuple[Action, Row]] = {}
    for cell, told in planned.items():
        one = accepted.get(cell)
        if one is None:
            expected[cell] = (Action.CREATE, wired(told))
        elif one.unknown or one.values != wired(told):
            expected[cell] = (Action.UPDATE, wired(told))
    for cell, one in accepted.items():
        if cell not in planned and not one.retired and owns(drawn.owned, cell):
            expected[cell] = (Action.RETIRE, zeros(one.values))
    assert {cell: told[1:] for cell, told in changes(session).items()} == expected
    for cell, row, body, reference in rendered(session):
        assert json.loads(body, parse_float=Decimal, parse_int=Decimal) == on_the_wire(cell, expected[cell][1]), row
        assert reference == cell.client_ref(TENANT)
    counts = drawn.counts
    assert counts.changes == len(expected)
    assert counts.create + counts.update + counts.unchanged == len(planned)


@given(WORLDS, OWNED)
@LAW
def test_a_plan_that_was_carried_out_leaves_nothing_to_plan(
    session: Session, world: tuple[Planned, Accepted], declared: list[Owned]
) -> None:
    first = plan(session, world, owned=declared)
    fold(session, settled=[(1, first.counts.changes)], doubtful=[], rejected=[])
    again = plan_again(session, declared)
    assert (again.counts.changes, again.requests) == (0, 0)
    assert again.counts.unchanged == len(world[0])
    assert {cell for cell, one in ledger(session).items() if not one.retired} >= set(world[0])


@given(WORLDS, OWNED, st.integers(1, 3), st.integers(3, 6))
@LAW
def test_nothing_outside_what_the_feed_owns_or_in_closed_periods_is_ever_retired(
    session: Session, world: tuple[Planned, Accepted], declared: list[Owned], first: int, last: int
) -> None:
    opened, closed = date(2027, first, 1), date(2027, last, 1)
    everything = [
        Owned(scenario, version, date(2020, 1, 1), date(2030, 1, 1))
        for scenario in ("budget", "forecast")
        for version in ("v1", "v2")
    ]
    wanted = declared or everything
    stage_ledger(session, world[1])
    stage_plan(session, world[0])
    owned = stage_owned(session, wanted, open_from=opened, open_to=closed)
    compare(session)
    drawn = draw(session, BOUND, owned, WIRE, {}, NOW)
    retired = {cell for cell, (_, action, _) in changes(session).items() if action is Action.RETIRE}
    mine = {cell for cell in world[1] if owns(wanted, cell) and opened <= cell.period_start <= closed}
    assert retired == {cell for cell in mine if cell not in world[0] and not world[1][cell].retired}
    fold(session, settled=[(1, drawn.counts.changes)], doubtful=[], rejected=[])
    after = ledger(session)
    strangers = {cell: one for cell, one in world[1].items() if cell not in world[0] and cell not in mine}
    assert {cell: after[cell] for cell in strangers} == strangers


@given(WORLDS, st.integers(1, 6), st.integers(0, 3_000))
@LAW
def test_batches_cover_all_rows_once_in_order_and_none_is_too_large(
    session: Session, world: tuple[Planned, Accepted], most: int, room: int
) -> None:
    plan(session, world)
    longest = max((len(body) for (body,) in session.ask("SELECT encode(body) FROM plan_rows")), default=0)
    wire = replace(WIRE, max_records=most, max_bytes=len("".join(WIRE.envelope)) + longest + room)
    drawn = plan_again(session, wire=wire)
    bodies = [body for (body,) in session.ask("SELECT encode(body) FROM plan_rows ORDER BY row")]
    batches = session.ask("SELECT number, first, last FROM batches ORDER BY number")
    assert [row for _, first, last in batches for row in range(first, last + 1)] == list(range(1, len(bodies) + 1))
    assert [number for number, _, _ in batches] == list(range(1, drawn.requests + 1))
    for _, first, last in batches:
        assert 1 <= last - first + 1 <= most
        assert len(wrap(wire.envelope, bodies[first - 1 : last])) <= wire.max_bytes


def test_many_rows_fill_their_batches_to_the_limits(session: Session) -> None:
    session.ask(
        "CREATE OR REPLACE TABLE text_rows AS SELECT r AS record, NULL::VARCHAR AS origin_column, 'budget' AS scenario,"
        " 'v1' AS version, '2027-01' AS period_start, repeat('é', 1 + r % 90) || r AS org_unit, 'C' AS cost_center,"
        " 'L' AS location, 'J' AS job, NULL::VARCHAR AS position, NULL::VARCHAR AS grade,"
        " NULL::VARCHAR AS employment_type, '1' AS headcount, NULL::VARCHAR AS fte, NULL::VARCHAR AS hours,"
        " NULL::VARCHAR AS cost, NULL::VARCHAR AS currency, DATE '2027-01-01' AS period, NULL::VARCHAR AS noted,"
        " NULL::VARCHAR AS noted_value FROM range(1, 20001) t(r)"
    )
    stage_ledger(session, {})
    judge(session, scales=SCALES, unset=())
    compare(session)
    draw(session, BOUND, (), replace(WIRE, max_records=200, max_bytes=50_000), {}, NOW)
    ranges = session.ask(
        "SELECT number, any_value(last - first + 1), sum(strlen(body) + 1) - 1 + 14"
        " FROM batches JOIN plan_rows ON row BETWEEN first AND last GROUP BY number ORDER BY number"
    )
    assert sum(size for _, size, _ in ranges) == 20_000
    assert max(size for _, size, _ in ranges) <= 200
    assert max(told for _, _, told in ranges) <= 50_000
    assert all(size == 200 or told > 48_000 for _, size, told in ranges[:-1])


@given(WORLDS, st.data())
@LAW
def test_rejected_rows_stay_out_of_the_ledger_and_come_again(
    session: Session, world: tuple[Planned, Accepted], data: st.DataObject
) -> None:
    first = plan(session, world)
    if not first.counts.changes:
        return
    before, sent = ledger(session), changes(session)
    rows = st.integers(1, first.counts.changes)
    rejected = data.draw(st.sets(rows, min_size=1))
    fold(session, settled=[(1, first.counts.changes)], doubtful=[], rejected=sorted(rejected))
    after = ledger(session)
    refused = {cell: told for cell, told in sent.items() if told[0] in rejected}
    assert {cell: after.get(cell) for cell in refused} == {cell: before.get(cell) for cell in refused}
    plan_again(session)
    assert {cell: told[1:] for cell, told in changes(session).items()} == {
        cell: told[1:] for cell, told in refused.items()
    }


@given(WORLDS, st.data())
@LAW
def test_rows_without_an_answer_are_unknown_and_come_again(
    session: Session, world: tuple[Planned, Accepted], data: st.DataObject
) -> None:
    first = plan(session, world)
    if not first.counts.changes:
        return
    sent = changes(session)
    cut = data.draw(st.integers(0, first.counts.changes - 1))
    end = data.draw(st.integers(cut + 1, first.counts.changes))
    fold(session, settled=[(1, cut)] if cut else [], doubtful=[(cut + 1, end)], rejected=[])
    after = ledger(session)
    assert all(after[cell].unknown for cell, (row, _, _) in sent.items() if cut < row <= end)
    assert not any(after[cell].unknown for cell, (row, _, _) in sent.items() if row <= cut)
    plan_again(session)
    again = changes(session)
    assert set(again) == {cell for cell, (row, _, _) in sent.items() if row > cut}
    assert {cell: told[2] for cell, told in again.items()} == {cell: sent[cell][2] for cell in again}


@given(WORLDS, st.randoms(use_true_random=False))
@LAW
def test_the_same_inputs_give_the_same_digest_and_batches(
    session: Session, world: tuple[Planned, Accepted], random: Any
) -> None:
    def drawn() -> tuple[str, list[str], list[Row]]:
        digest = plan_again(session, wire=replace(WIRE, max_records=3)).digest
        ranges = session.ask("SELECT first, last FROM batches ORDER BY number")
        bodies = session.ask("SELECT body FROM plan_rows ORDER BY row")
        return digest, [batch_key(digest, first, last) for first, last in ranges], bodies

    stage_plan(session, world[0])
    stage_ledger(session, world[1])
    first = drawn()
    shuffled = list(world[1].items())
    random.shuffle(shuffled)
    stage_ledger(session, dict(shuffled))
    assert drawn() == first
    assert len(set(first[1])) == len(first[1])


def test_retired_cells_that_differ_in_one_dimension_only_keep_their_order(session: Session) -> None:
    cell = Cell("budget", "v1", date(2027, 1, 1), "A", "C1", "L1", "J1", "P1", "G1", "E1")
    near = [replace(cell, **{name: "Z"}) for name in DIMENSIONS if name != "period_start"]
    cells = [cell, *near, replace(cell, period_start=date(2027, 2, 1))]
    everything = [
        Owned(scenario, version, date(2027, 1, 1), date(2027, 2, 1))
        for scenario in ("budget", "Z")
        for version in ("v1", "Z")
    ]
    rows = {one: Held(wired((str(number), None, None, None, None))) for number, one in enumerate(cells)}
    orders = [dict(rows), dict(reversed(rows.items()))]
    digests = {plan(session, ({}, order), owned=everything).digest for order in orders}
    assert len(digests) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"tenant": "globex"},
        {"tenant_id": "5f0c6a4e-8d0b-4b57-9f0e-0c6f5f2b7a12"},
        {"environment": "sandbox"},
        {"feed": "fte"},
        {"dialect": "other"},
        {"snapshot": 4},
        {"source_digest": "d2"},
    ],
)
def test_a_plan_that_is_bound_otherwise_has_another_digest(session: Session, other: dict[str, Any]) -> None:
    planned = {Cell("budget", "v1", date(2027, 1, 1), "A"): ("1", None, None, None, None)}
    assert plan(session, (planned, {})).digest != plan(session, (planned, {}), bound=replace(BOUND, **other)).digest


def test_a_retired_cell_that_is_planned_again_is_an_update(session: Session) -> None:
    cell = Cell("budget", "v1", date(2027, 1, 1), "A")
    accepted = {cell: Held((Decimal(0), None, None, None, None), retired=True)}
    drawn = plan(session, ({cell: ("2", None, None, None, None)}, accepted))
    assert (drawn.counts.create, drawn.counts.update, drawn.counts.retire) == (0, 1, 0)
    fold(session, settled=[(1, 1)], doubtful=[], rejected=[])
    assert not ledger(session)[cell].retired


def test_a_measure_that_the_plan_no_longer_speaks_of_is_a_change_and_not_zero(session: Session) -> None:
    cell = Cell("budget", "v1", date(2027, 1, 1), "A")
    accepted = {cell: Held((Decimal(2), Decimal("1.5"), None, None, None))}
    plan(session, ({cell: ("2", None, None, None, None)}, accepted))
    ((body,),) = session.ask("SELECT body FROM plan_rows")
    assert json.loads(body)["the_fte"] is None


def test_an_empty_source_retires_nothing_that_nobody_declared(session: Session) -> None:
    cell = Cell("budget", "v1", date(2027, 1, 1), "A")
    accepted = {cell: Held((Decimal(2), None, None, None, None))}
    assert plan(session, ({}, accepted)).counts.changes == 0

"""The laws of the plan: it holds exactly what differs, nothing is lost or doubled, and carried out it is empty."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

# Without shrinking: the examples are small as they are, and each costs several questions to the engine.
from tests.unit.worlds import (
    BOUND,
    LAW,
    NOW,
    OWNED,
    RENDERING,
    TENANT,
    WIRE,
    WORLDS,
    Accepted,
    Held,
    Planned,
    bodies,
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

from bridgehead.compare.accepted import fold
from bridgehead.compare.differences import compare, draw, said_by_all, stage_owned
from bridgehead.compare.records import cut, portions, requests_needed
from bridgehead.plan import Action, Owned
from bridgehead.projection import DIMENSIONS, Cell
from bridgehead.tables import Row, Session, Strings


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
    assert again.counts.changes == 0
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
    said = said_by_all(session)
    owned = stage_owned(session, wanted, said, open_from=opened, open_to=closed)
    drawn = draw(session, BOUND, owned, WIRE, {}, NOW, compared=compare(session, said))
    retired = {cell for cell, (_, action, _) in changes(session).items() if action is Action.RETIRE}
    mine = {cell for cell in world[1] if owns(wanted, cell) and opened <= cell.period_start <= closed}
    assert retired == {cell for cell in mine if cell not in world[0] and not world[1][cell].retired}
    fold(session, settled=[(1, drawn.counts.changes)], doubtful=[], rejected=[])
    after = ledger(session)
    strangers = {cell: one for cell, one in world[1].items() if cell not in world[0] and cell not in mine}
    assert {cell: after[cell] for cell in strangers} == strangers


def stretch(sent: Sequence[bytes]) -> tuple[Strings, Strings]:
    """Lay records out as the table engine hands them over, each with a comma; their references are their own bytes."""
    with_comma = [record + b"," for record in sent]
    return strings(sent), strings(with_comma)


def strings(values: Sequence[bytes]) -> Strings:
    return Strings([0, *accumulate(map(len, values))], memoryview(b"".join(values)))


@given(
    st.lists(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=20), max_size=6),
    st.integers(1, 6),
    st.integers(41, 200),
)
@LAW
def test_batches_cover_all_records_once_in_order_and_none_is_too_large(
    stretches: list[list[bytes]], most: int, budget: int
) -> None:
    sent = [record for part in stretches for record in part]
    batches = list(cut(map(stretch, stretches), most=most, budget=budget))
    assert b"".join(piece for batch in batches for piece in batch.records) == b"".join(one + b"," for one in sent)
    left = list(sent)
    for batch in batches:
        mine, left = left[: batch.size], left[batch.size :]
        assert b"".join(batch.records) == b"".join(record + b"," for record in mine)
        assert b"".join(batch.references) == b"".join(mine)
        assert 1 <= batch.size <= most
        assert batch.length == sum(map(len, mine)) + len(mine) <= budget
        assert batch.size == most or not left or batch.length + len(left[0]) + 1 > budget


def test_a_record_larger_than_a_request_travels_alone() -> None:
    made = cut(map(stretch, [[b"xxxxxxxx", b"y"], [b"z", b"xxxxxxxx"]]), most=5, budget=4)
    assert [b"".join(batch.records) for batch in made] == [b"xxxxxxxx,", b"y,z,", b"xxxxxxxx,"]


def test_what_the_engine_hands_over_stays_as_it_is_when_all_else_of_the_answer_is_gone() -> None:
    with Session(temp_directory=".") as session:
        parts = session.stretches(
            "SELECT CAST(1000000 + i AS VARCHAR) AS name FROM range($count) r(i)", {"count": 300_000}
        )
        kept = [names.between(0, len(names)) for (names,) in parts]
    more = [bytes(1_000_000) for _ in range(50)]
    assert b"".join(kept).decode() == "".join(str(1_000_000 + i) for i in range(300_000))
    assert len(more) == 50


@given(WORLDS, st.integers(1, 6), st.integers(0, 3_000))
@LAW
def test_the_requests_that_a_plan_tells_are_those_that_are_made(
    session: Session, world: tuple[Planned, Accepted], most: int, room: int
) -> None:
    count = plan(session, world).counts.changes
    if not count:
        return
    made = bodies(session)
    budget = max(map(len, made)) + 1 + room
    batches = list(portions(session, RENDERING, 1, count, most=most, budget=budget))
    assert b"".join(piece for batch in batches for piece in batch.records) == b"".join(one + b"," for one in made)
    assert requests_needed(session, RENDERING, count, most=most, budget=budget) == len(batches)


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
    def drawn() -> tuple[str, list[bytes]]:
        return plan_again(session).digest, bodies(session)

    stage_plan(session, world[0])
    stage_ledger(session, world[1])
    first = drawn()
    shuffled = list(world[1].items())
    random.shuffle(shuffled)
    stage_ledger(session, dict(shuffled))
    assert drawn() == first


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
    (body,) = bodies(session)
    assert json.loads(body)["the_fte"] is None


def test_an_empty_source_retires_nothing_that_nobody_declared(session: Session) -> None:
    cell = Cell("budget", "v1", date(2027, 1, 1), "A")
    accepted = {cell: Held((Decimal(2), None, None, None, None))}
    assert plan(session, ({}, accepted)).counts.changes == 0

"""The laws of small steps and of the way back: slice and rest are the whole; what is taken back is as before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.worlds import (
    BOUND,
    LAW,
    NOW,
    OWNED,
    TENANT,
    WIRE,
    WORLDS,
    Accepted,
    Held,
    Planned,
    changes,
    ledger,
    plan,
    plan_again,
    stage_ledger,
    stage_plan,
    wired,
    zeros,
)

from bridgehead.compare.accepted import fold
from bridgehead.compare.differences import compare, draw, said_by_all, stage_owned
from bridgehead.compare.reverts import find_changed, resolve, stage_arrived, take_back
from bridgehead.errors import ConfigError
from bridgehead.feed import Feed
from bridgehead.only import Only, only_of
from bridgehead.plan import Action, Owned, Plan
from bridgehead.projection import DIMENSIONS, Cell
from bridgehead.slicing import sliced
from bridgehead.tables import Row, Session

FEED = Feed("acme", TENANT, "production", "headcount", "thread")
EVERYTHING = [
    Owned(scenario, version, date(2020, 1, 1), date(2030, 1, 1))
    for scenario in ("budget", "forecast")
    for version in ("v1", "v2")
]


def carried_out(session: Session, count: int, rejected: tuple[int, ...] = ()) -> None:
    fold(session, settled=[(1, count)] if count else [], doubtful=[], rejected=rejected)


def asked(draws: st.DataObject, world: tuple[Planned, Accepted]) -> Only:
    """Draw some codes that there are, and a limit."""
    there = [*world[0], *(cell for cell, one in world[1].items() if not one.retired)]
    codes: dict[str, tuple[str, ...]] = {}
    for name in draws.draw(st.sets(st.sampled_from(DIMENSIONS), max_size=2)) if there else ():
        known = sorted({str(getattr(cell, name) or "") for cell in there})
        codes[name] = tuple(draws.draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True)))
    return Only(codes, draws.draw(st.none() | st.integers(1, 8)))


def fits(only: Only, cell: Cell) -> bool:
    return all(str(getattr(cell, name) or "") in codes for name, codes in only.codes.items())


@given(WORLDS, OWNED, st.data())
@LAW
def test_a_slice_and_then_the_rest_are_the_whole(
    session: Session, world: tuple[Planned, Accepted], declared: list[Owned], data: st.DataObject
) -> None:
    whole = plan(session, world, owned=declared)
    everything = changes(session)
    carried_out(session, whole.counts.changes)
    after = ledger(session)

    whole, only = plan(session, world, owned=declared), asked(data, world)
    first = sliced(whole, only, session, FEED, ())
    wanted = [cell for cell, one in everything.items() if one[1] is not Action.RETIRE and fits(only, cell)]
    expected = set(wanted[: only.most])
    if expected == set(everything):
        assert first is whole
        return
    sent = changes(session)
    assert set(sent) == expected
    assert [told[1:] for told in sent.values()] == [everything[cell][1:] for cell in sent]
    assert (first.counts.changes, first.counts.rest) == (len(sent), len(everything) - len(sent))
    assert (first.only, first.counts.retire) == (only.options, 0)

    carried_out(session, len(sent))
    rest = plan_again(session, declared)
    left = changes(session)
    assert {cell: told[1:] for cell, told in left.items()} == {
        cell: told[1:] for cell, told in everything.items() if cell not in sent
    }
    carried_out(session, rest.counts.changes)
    assert ledger(session) == after


UNITS = ("A", "B", "C", "D")
MOVING = st.tuples(
    st.dictionaries(st.sampled_from(UNITS), st.integers(1, 9).map(str), min_size=1),
    st.dictionaries(st.sampled_from(UNITS), st.integers(1, 9).map(str)),
    st.dictionaries(st.sampled_from(UNITS), st.sampled_from(UNITS), max_size=3),
)


def unit(code: str) -> Cell:
    return Cell("budget", "v1", date(2027, 1, 1), code)


def draw_moves(session: Session, planned: Mapping[str, str], renames: Mapping[str, str]) -> Plan:
    stage_plan(session, {unit(code): (heads, None, None, None, None) for code, heads in planned.items()})
    said = said_by_all(session)
    owned = stage_owned(session, EVERYTHING, said, open_from=None, open_to=None)
    told: list[Row] = [
        ("org_unit", old, date(2020, 1, 1), date(2030, 1, 1), new) for old, new in renames.items() if old != new
    ]
    compared = compare(session, said, renames=told)
    assert compared is not None
    return draw(session, BOUND, owned, WIRE, {}, NOW, compared=compared)


def links(session: Session) -> list[tuple[str, str]]:
    """Return which unit of the plan moves where, as far as both sides are in it."""
    rows = session.ask("SELECT org_unit, moved_to FROM plan_rows WHERE moved_to IS NOT NULL")
    units = {code for (code,) in session.ask("SELECT org_unit FROM plan_rows")}
    return [(old, new) for old, key in rows if (new := Cell.of_key(key).org_unit) in units]


@given(MOVING, st.integers(1, 4) | st.sampled_from(UNITS))
@LAW
def test_a_code_that_became_another_one_goes_with_both_sides_or_not_at_all(
    session: Session, world: tuple[dict[str, str], dict[str, str], dict[str, str]], asked_for: int | str
) -> None:
    held, planned, renames = world
    only = Only({}, asked_for) if isinstance(asked_for, int) else Only({"org_unit": (asked_for,)})
    stage_ledger(session, {unit(old): Held(wired((heads, None, None, None, None))) for old, heads in held.items()})
    whole = draw_moves(session, planned, renames)
    pairs, everything = links(session), changes(session)
    try:
        first = sliced(whole, only, session, FEED, ())
    except ConfigError:  # too few for both sides, or a code that nobody has
        assert only.most is not None or asked_for not in {*held, *planned}
        return
    sent = {cell.org_unit for cell in changes(session)}
    assert first.counts.changes == len(sent)
    assert first is whole or len(sent) <= (only.most or len(everything))
    assert all((old in sent) == (new in sent) for old, new in pairs)
    late = [row for (row,) in session.ask("SELECT row FROM plan_rows WHERE moved_to IS NOT NULL ORDER BY row")]
    assert late == list(range(first.counts.changes - len(late) + 1, first.counts.changes + 1))


def taken_back(session: Session, arrived: list[tuple[int, int]], rejected: tuple[int, ...] = ()) -> tuple[Plan, int]:
    """Draw the plan that takes back the run whose rows are `past_rows`; return how many cells changed since, too."""
    stage_arrived(session, arrived, rejected)
    take_back(session)
    owned, compared = resolve(session, ())
    _, conflicting = find_changed(session, None, WIRE.names)
    return draw(session, BOUND, owned, WIRE, {}, NOW, compared=compared), conflicting


@given(WORLDS, OWNED, st.data())
@LAW
def test_what_is_taken_back_is_as_it_was_before(
    session: Session, world: tuple[Planned, Accepted], declared: list[Owned], data: st.DataObject
) -> None:
    first = plan(session, world, owned=declared)
    before, sent = ledger(session), changes(session)
    session.spool("past_rows", "SELECT * EXCLUDE (row) FROM plan_rows ORDER BY row")
    count = first.counts.changes
    rejected = tuple(sorted(data.draw(st.sets(st.integers(1, count))))) if count else ()
    carried_out(session, count, rejected)
    left = ledger(session)

    back, conflicting = taken_back(session, [(1, count)] if count else [], rejected)
    assert conflicting == 0
    arrived = {cell for cell, told in sent.items() if told[0] not in rejected}
    assert set(changes(session)) <= arrived
    carried_out(session, back.counts.changes)
    expected = {
        cell: Held(zeros(left[cell].values), retired=True)
        if cell not in before
        else Held(before[cell].values, before[cell].retired)
        for cell in arrived
    }
    assert ledger(session) == left | expected
    assert taken_back(session, [(1, count)] if count else [], rejected)[0].counts.changes == 0


@given(MOVING)
@LAW
def test_what_moved_moves_back_and_is_zeroed_last(
    session: Session, world: tuple[dict[str, str], dict[str, str], dict[str, str]]
) -> None:
    held, planned, renames = world
    stage_ledger(session, {unit(old): Held(wired((heads, None, None, None, None))) for old, heads in held.items()})
    count = draw_moves(session, planned, renames).counts.changes
    before, sent = ledger(session), changes(session)
    session.spool("past_rows", "SELECT * EXCLUDE (row) FROM plan_rows ORDER BY row")
    carried_out(session, count)

    back, _ = taken_back(session, [(1, count)] if count else [])
    moved = {told[1] for told in changes(session).values()} & {Action.MOVE}
    created = {cell.org_unit for cell, told in sent.items() if told[1] is Action.CREATE}
    news = {Cell.of_key(key).org_unit for (key,) in session.ask("SELECT moved_to FROM past_rows WHERE moved_to <> ''")}
    assert bool(moved) == bool(created & news)
    assert set(changes(session)) == set(sent)
    late = [row for (row,) in session.ask("SELECT row FROM plan_rows WHERE moved_to IS NOT NULL ORDER BY row")]
    assert late == list(range(back.counts.changes - len(late) + 1, back.counts.changes + 1))
    carried_out(session, back.counts.changes)
    after = ledger(session)
    assert {cell: after[cell] for cell in before} == before
    assert all(after[cell].retired for cell in after.keys() - before.keys())


def test_cells_that_have_changed_since_are_told_with_what_was_sent_is_there_and_is_planned(session: Session) -> None:
    cells = [unit("A"), unit("B")]
    first = plan(session, (dict.fromkeys(cells, ("1", None, None, None, None)), {}))
    session.spool("past_rows", "SELECT * EXCLUDE (row) FROM plan_rows ORDER BY row")
    carried_out(session, first.counts.changes)
    stage_plan(session, {cells[0]: ("1", None, None, None, None), cells[1]: ("7", None, None, None, None)})
    carried_out(session, plan_again(session).counts.changes)

    stage_arrived(session, [(1, 2)], ())
    take_back(session)
    resolve(session, ())
    (one,), count = find_changed(session, None, WIRE.names)
    assert count == 1
    assert one.cell == cells[1]
    assert [held.headcount if held else None for held in (one.sent, one.now, one.planned)] == [1, 7, 0]


@pytest.mark.parametrize(
    ("told", "most", "codes"),
    [
        (["org_unit=0100,job=J1", "org-unit=0101"], None, {"org_unit": ("0100", "0101"), "job": ("J1",)}),
        (["org_unit=a,b"], 3, {"org_unit": ("a,b",)}),
        (["period_start=2027-01"], None, {"period_start": ("2027-01-01",)}),
        (["job="], None, {"job": ("",)}),
        ([], 3, {}),
    ],
)
def test_what_a_person_asks_for(told: list[str], most: int | None, codes: Mapping[str, Any]) -> None:
    assert only_of(told, most) == Only(codes, most)


@pytest.mark.parametrize("told", ["org_unit", "unit=0100", "org_unit=1,unit=2", "period_start=January", "=5"])
def test_what_names_no_code_of_a_dimension_is_refused(told: str) -> None:
    with pytest.raises(ConfigError):
        only_of([told], None)


def test_the_options_of_a_slice_can_be_typed_as_they_are_told() -> None:
    assert Only({"org_unit": ("a b", "0100")}, 5).options == "--only 'org_unit=a b' --only org_unit=0100 --max 5"
    assert replace(Only({}), most=None).options == ""

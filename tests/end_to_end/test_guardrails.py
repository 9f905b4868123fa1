"""A plan that goes further than was agreed waits for a person, who is told where and how far."""

from __future__ import annotations

import pytest
from tests.conftest import Desk


def unit(code: str, heads: int = 5, months: range = range(1, 13)) -> list[str]:
    return [f"budget,v1,2027-{month:02d},{code},CC0100,L01,J001,{heads},{heads}" for month in months]


def units(*codes: int, heads: int = 5) -> list[str]:
    return [line for code in codes for line in unit(f"{code:04d}", heads)]


@pytest.fixture
def delivered(desk: Desk) -> Desk:
    """UKG holds ten org units, twelve months each."""
    desk.configure()
    desk.plan(*units(*range(100, 110)))
    assert desk.run("sync", "acme").code == 0
    return desk


def stopped(desk: Desk, words: str, allow: str) -> None:
    before = desk.writes()
    planned, outcome = desk.run("plan", "acme"), desk.run("sync", "acme")
    assert (planned.code, outcome.code) == (0, 6)
    assert words in planned.out
    assert words in outcome.err
    assert f"--allow {allow}" in outcome.err
    assert desk.writes() == before
    assert desk.run("sync", "acme", "--allow", allow).code == 0


def test_a_whole_org_unit_that_leaves_the_file_stops_though_the_share_is_small(delivered: Desk) -> None:
    delivered.plan(*units(*range(100, 109)))
    stopped(delivered, "The whole org unit 0109 (12 projections) would go", "retired")


def test_a_whole_month_that_leaves_the_file_stops(delivered: Desk) -> None:
    months = [
        line for code in range(100, 110) for line in unit(f"{code:04d}", months=range(1, 13)) if "2027-06" not in line
    ]
    delivered.plan(*months)
    stopped(delivered, "The whole month 2027-06 (10 projections) would go", "retired")


def test_values_that_become_0_count_as_retired(delivered: Desk) -> None:
    delivered.plan(*units(*range(100, 107)), *units(107, 108, 109, heads=0))
    stopped(delivered, "36 of 120 projections (30.0 %) would be retired or become 0", "retired")


def test_one_org_unit_that_loses_most_of_its_plan_stops(delivered: Desk) -> None:
    delivered.plan(*units(*range(100, 109)), *unit("0109", months=range(1, 5)))
    stopped(delivered, "66.7 % of org unit 0109 would be retired or become 0", "retired")


def test_one_org_unit_that_more_than_doubles_stops(delivered: Desk) -> None:
    delivered.plan(*units(*range(100, 109)), *unit("0109", heads=11))
    stopped(delivered, "Org unit 0109 would move by 120.0 % (60 to 132 head-months)", "total")


def test_an_ordinary_month_passes(delivered: Desk) -> None:
    delivered.plan(*units(*range(100, 109)), *unit("0109", heads=6), *unit("0110"))
    assert delivered.run("sync", "acme").code == 0


def test_a_file_that_does_not_add_up_to_its_control_totals_stops(desk: Desk) -> None:
    control = '[tenants.acme.feeds.headcount.control]\ntotals = { headcount = "601" }\nfile = "control.csv"'
    desk.configure(desk.environment(), desk.feed(), control)
    (desk.folder / "control.csv").write_text("measure,total\nprojections,120\nfte,600\n")
    desk.plan(*units(*range(100, 110)))
    stopped(desk, "plan.csv adds up to 600 headcount, its control total says 601", "control")


def test_a_control_file_that_says_nothing_is_named_by_its_line(desk: Desk) -> None:
    desk.configure(desk.environment(), desk.feed(), '[tenants.acme.feeds.headcount.control]\nfile = "control.csv"')
    desk.plan(*unit("0100"))
    (desk.folder / "control.csv").write_text("measure,total\nheads,60\n")
    outcome = desk.run("plan", "acme")

    assert outcome.code == 3
    assert "control.csv:2 is no control total" in outcome.err

"""Small steps: a first slice is sent and seen to have arrived, and the next sync sends just the rest."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from tests.conftest import UNJUDGED, Desk, Outcome, lines
from tests.end_to_end.test_read_back import somebody_else_writes

from bridgehead.config import load
from bridgehead.errors import Unavailable
from bridgehead.events import BatchAnswered
from bridgehead.only import Only
from bridgehead.tenant import choose, open_sync

WHY = ("--reason", "agreed with J. Berg")


def two_units(*, headcount: int = 5) -> list[str]:
    """Return a year of unit 0100, then one of unit 0101."""
    return [*lines(12, headcount=headcount), *(one.replace(",0100,", ",0101,") for one in lines(12))]


def counts(outcome: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = outcome.finished()["counts"]
    return found


def units(desk: Desk) -> list[str]:
    return sorted(one["org_unit"] for one in desk.held().values() if one["headcount"])


@pytest.fixture
def planned(desk: Desk) -> Desk:
    """Two units are planned, and UKG is empty."""
    desk.configure()
    desk.plan(*two_units())
    return desk


def test_a_first_slice_is_sent_and_seen_to_have_arrived_and_the_rest_stays_planned(planned: Desk) -> None:
    outcome = planned.run("sync", "acme", "--only", "org_unit=0101", "--max", "5")

    assert outcome.code == 0, outcome
    assert units(planned) == ["0101"] * 5
    assert "The rest, 19 changes, stays planned: bridgehead sync acme" in outcome.out
    assert "No drift: UKG holds what was delivered." in outcome.out
    assert planned.run("verify", "acme").code == 0


def test_the_next_sync_sends_just_the_rest_and_stops_at_no_guardrail(planned: Desk) -> None:
    planned.run("sync", "acme", "--max", "5")
    shown = planned.run("plan", "acme")
    rest = planned.run("--json", "sync", "acme")

    assert "To send it: bridgehead sync acme" in shown.out
    assert rest.code == 0, rest
    assert (counts(rest)["create"], counts(rest)["unchanged"], counts(rest)["rest"]) == (19, 5, 0)
    assert len(planned.held()) == 24
    assert planned.run("plan", "acme", "--exit-code").code == 0


def test_nothing_is_retired_in_a_slice_and_the_whole_retires_it(planned: Desk) -> None:
    planned.run("sync", "acme")
    planned.plan(*two_units(headcount=6)[2:])
    slice_ = planned.run("--json", "sync", "acme", "--max", "20")
    assert slice_.code == 0, slice_
    assert (counts(slice_)["update"], counts(slice_)["retire"], counts(slice_)["rest"]) == (10, 0, 2)
    assert len(units(planned)) == 24

    assert counts(planned.run("--json", "sync", "acme"))["retire"] == 2
    assert len(units(planned)) == 22


def test_a_slice_in_which_nothing_changes_sends_nothing_and_is_no_agreement(planned: Desk) -> None:
    planned.run("sync", "acme", "--only", "org_unit=0100")
    before = planned.writes()
    outcome = planned.run("sync", "acme", "--only", "org_unit=0100")

    assert outcome.code == 0
    assert "none of the changes is in this slice" in outcome.out
    assert "The rest, 12 changes, stays planned" in outcome.out
    assert planned.writes() == before
    assert counts(planned.run("--json", "sync", "acme"))["create"] == 12


def test_a_slice_that_is_the_whole_is_nothing_else(planned: Desk) -> None:
    outcome = planned.run("sync", "acme", "--max", "100")

    assert "slice" not in outcome.out
    assert planned.run("--json", "sync", "acme").events()[-1]["type"] == "up-to-date"


@pytest.mark.parametrize(
    ("only", "told"),
    [
        ("org_unit=0199", "has the org unit '0199'"),
        ("org_unit=0100,0101", "--only org_unit=A --only org_unit=B"),
        ("unit=0100", "Dimensions are scenario, version"),
        ("period_start=spring", "--only period_start=2027-01"),
    ],
)
def test_what_matches_nothing_is_refused_with_its_cure(planned: Desk, only: str, told: str) -> None:
    outcome = planned.run("sync", "acme", "--only", only)

    assert outcome.code == 2
    assert told in outcome.err
    assert planned.writes() == 0


def test_a_slice_stops_where_the_whole_stops_and_can_be_confirmed(planned: Desk) -> None:
    planned.run("sync", "acme")
    planned.plan(*two_units(headcount=9))
    outcome = planned.run("sync", "acme", "--max", "1")

    assert outcome.code == 6
    assert "The whole plan, of which this is a slice, stops: the head-months of budget v1 would move" in outcome.err
    assert planned.run("sync", "acme", "--max", "1", "--allow", "total").code == 0
    assert sorted(one["headcount"] for one in planned.held().values()) == [*[5] * 23, 9]
    again = planned.run("sync", "acme", "--max", "1")  # many small steps pass no limit that the whole does not
    assert again.code == 6


def test_where_plans_wait_a_slice_waits_and_is_released_as_it_was_signed(desk: Desk) -> None:
    desk.configure(desk.environment(approval=""), desk.feed())
    desk.plan(*two_units())
    waits = desk.run("sync", "acme", "--only", "org_unit=0101", "--max", "3")
    (one,) = desk.run("--json", "waiting").events()
    assert waits.code == 6
    assert one["proposal"]["plan"]["counts"]["create"] == 3
    assert "the rest, 21 changes, stays planned" in desk.run("waiting", one["name"]).out
    assert desk.run("approve", one["name"], *WHY).code == 0
    desk.plan(*two_units(headcount=7))
    outcome = desk.run("sync", "acme")

    assert outcome.code == 0, outcome
    assert units(desk) == ["0101"] * 3
    assert desk.run("sync", "acme").code == 6  # the rest is another plan
    (rest,) = desk.run("--json", "waiting").events()
    assert rest["proposal"]["plan"]["counts"]["create"] == 21


def test_a_slice_can_be_saved_and_is_then_sent_as_it_was_signed(planned: Desk) -> None:
    path = str(planned.folder / "slice.parquet")
    shown = planned.run("plan", "acme", "--only", "org_unit=0101", "--max", "2", "--out", path)
    assert "To send it: bridgehead sync acme --only org_unit=0101 --max 2" in shown.out
    assert planned.run("sync", path, "--max", "1").code == 2
    assert planned.run("sync", path).code == 0

    assert units(planned) == ["0101"] * 2
    assert counts(planned.run("--json", "sync", "acme"))["create"] == 22


def test_what_the_feed_is_complete_for_is_the_same_after_a_slice(planned: Desk) -> None:
    planned.run("sync", "acme")
    planned.plan(*two_units(headcount=6)[:6])
    planned.run("sync", "acme", "--max", "2", "--allow", "retired", "--allow", "total")
    with open_sync(choose(load(planned.folder / "bridgehead.toml"), "acme", None, None)) as sync:
        (part,) = sync.ledger.baseline().owned

    assert (part.first_period.month, part.last_period.month) == (1, 12)


def test_a_slice_that_was_stopped_halfway_is_settled_and_the_whole_goes_on(desk: Desk) -> None:
    desk.configure(desk.environment(extra="in_flight = 1\ndialect_overrides = { headcount = { max_records = 100 } }"))
    with (desk.folder / "bridgehead.toml").open("a") as file:
        file.write(desk.feed())
    desk.plan(*lines(600))
    answered = threading.Event()
    choice = choose(load(desk.folder / "bridgehead.toml"), "acme", None, None)

    def halt() -> Unavailable | None:
        return Unavailable("The night is over.") if answered.is_set() else None

    with open_sync(choice, halt=halt, only=Only({}, 400)) as sync:
        events: Iterator[Any] = sync.run(owner="jo")
        next(event for event in events if isinstance(event, BatchAnswered))
        answered.set()
        with pytest.raises(Unavailable, match="The night is over"):
            deque(events, 0)
    assert 0 < len(desk.held()) < 400
    outcome = desk.run("sync", "acme")

    assert outcome.code == 0, outcome
    assert len(desk.held()) == 600
    assert {entry["status"] for entry in desk.audit() if entry["method"] == "POST"} <= {200}


def test_both_sides_of_a_rename_are_sent_together_or_not_at_all(desk: Desk) -> None:
    (desk.folder / "units.csv").write_text("from,to,since\n")
    crosswalk = 'crosswalks = { org_unit = { path = "units.csv", effective = "since" } }'
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed(extra=crosswalk))
    desk.plan(*two_units())
    desk.run("sync", "acme")
    (desk.folder / "units.csv").write_text("from,to,since\n0100,0102,2027-01\n")
    few = desk.run("sync", "acme", "--max", "1")
    assert few.code == 2
    assert "Send at least --max 2" in few.err
    assert desk.run("sync", "acme", "--only", "org_unit=0102", "--max", "5").code == 0

    assert units(desk) == [*["0100"] * 10, *["0101"] * 12, *["0102"] * 2]
    assert desk.run("verify", "acme").code == 0
    assert counts(desk.run("--json", "sync", "acme"))["move"] == 10
    assert units(desk) == [*["0101"] * 12, *["0102"] * 12]


def test_what_others_changed_in_the_rest_stops_no_slice(planned: Desk) -> None:
    planned.run("sync", "acme")
    planned.plan(*two_units(headcount=6))
    somebody_else_writes(planned, "2027-01", 7)
    mine = planned.run("plan", "acme", "--read-back", "--only", "period_start=2027-01")
    other = planned.run("sync", "acme", "--read-back", "--only", "period_start=2027-02", "--no-verify")

    assert "A sync will stop here" in mine.out
    assert "changed in UKG since: 1" in mine.out
    assert other.code == 0, other


@pytest.mark.parametrize("options", [("--max", "5"), ("--only", "org_unit=0100"), ("--revert", "X")])
def test_steps_are_taken_by_one_tenant(planned: Desk, options: tuple[str, str]) -> None:
    outcome = planned.run("sync", "--all", *options)

    assert outcome.code == 2
    assert "no option of a single one" in outcome.err

"""The way back: what stood before a run is sent again, as far as that run arrived, and nothing newer is lost."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from tests.conftest import UNJUDGED, Desk, lines
from tests.end_to_end.test_read_back import somebody_else_writes

from bridgehead.config import load
from bridgehead.errors import Unavailable
from bridgehead.events import BatchAnswered
from bridgehead.tenant import choose, open_sync

AGAIN = "The planning file still says otherwise: the next sync of it sends it again"
SOME = ("--allow", "retired", "--allow", "total")


def heads(desk: Desk) -> dict[tuple[str, str, str], Decimal]:
    """What UKG holds, by org unit, job and month, zeros left out."""
    return {
        (one["org_unit"], one["job"], one["period_start"][:7]): Decimal(str(one["headcount"]))
        for one in desk.held().values()
        if one["headcount"]
    }


FIRST = {("0100", f"J00{job}", f"2027-{month:02d}"): Decimal(5) for job in (1, 2) for month in range(1, 13)}


def runs(desk: Desk) -> list[str]:
    """Return the ids of the runs, newest first."""
    return [event["run"]["run_id"] for event in desk.run("--json", "history").events()]


def drawn(desk: Desk, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.run("--json", "plan", "acme", *options).events()[0]["plan"]
    return found


def catalogue(desk: Desk, **other: Any) -> None:
    """Let UKG plan with something else from now on."""
    environment, tenant_id = desk.emulator.environments["production"], desk.client().tenant_id
    environment.store.keep(tenant_id, replace(environment.catalogue(tenant_id), **other))


BEFORE = lines(24)
AFTER = [lines(1, headcount=6)[0], *lines(24)[1:4], *lines(24)[5:], lines(25)[24]]
"""Of two jobs' years the first month is another one, a month is gone, and a third job has one."""


@pytest.fixture
def changed(desk: Desk) -> Desk:
    """A plan was delivered, and then another one."""
    desk.configure()
    desk.plan(*BEFORE)
    assert desk.run("sync", "acme").code == 0
    desk.plan(*AFTER)
    assert desk.run("sync", "acme").code == 0
    return desk


def test_changed_cells_get_their_values_back_created_ones_are_retired_and_retired_ones_come_back(changed: Desk) -> None:
    outcome = changed.run("sync", "acme", "--revert", runs(changed)[0])

    assert outcome.code == 0, outcome
    assert heads(changed) == FIRST
    assert AGAIN in outcome.out
    assert "No drift: UKG holds what was delivered." in outcome.out
    run = changed.run("--json", "history").events()[0]["run"]
    assert run["source"] == f"revert of {runs(changed)[1]}"
    assert [run["counts"][name] for name in ("create", "update", "retire")] == [0, 2, 1]


def test_it_is_seen_before_it_is_sent_and_needs_no_planning_file(changed: Desk) -> None:
    (changed.folder / "plan.csv").unlink()
    run = runs(changed)[0]
    before = heads(changed)
    outcome = changed.run("plan", "acme", "--revert", run)

    assert outcome.code == 0, outcome
    assert f"back to what stood before run {run}" in outcome.out
    assert "~ budget v1 2027-01 0100 / CC0100 / L01 / J001   6 → 5 heads" in outcome.out
    assert "- budget v1 2027-01 0100 / CC0100 / L01 / J003   5 → 0 heads" in outcome.out
    assert f"To send it: bridgehead sync acme --revert {run}" in outcome.out
    assert heads(changed) == before


def test_the_next_sync_of_the_same_file_sends_it_again(changed: Desk) -> None:
    after = heads(changed)
    changed.run("sync", "acme", "--revert", runs(changed)[0])
    again = changed.run("--json", "sync", "acme")

    assert [again.finished()["counts"][name] for name in ("create", "update", "retire")] == [0, 2, 1]
    assert heads(changed) == after


def test_taken_back_twice_it_is_nothing_to_send_and_itself_it_can_be_taken_back(changed: Desk) -> None:
    after = heads(changed)
    changed.run("sync", "acme", "--revert", runs(changed)[0])
    writes = changed.writes()
    twice = changed.run("sync", "acme", "--revert", runs(changed)[1])
    assert twice.code == 0
    assert "Nothing to send: UKG has accepted what stood before run" in twice.out
    assert changed.writes() == writes

    assert changed.run("sync", "acme", "--revert", runs(changed)[0]).code == 0
    assert heads(changed) == after


def test_a_first_run_can_be_taken_back_once_its_retirement_is_confirmed(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(12))
    desk.run("sync", "acme")
    (run,) = runs(desk)
    stopped = desk.run("sync", "acme", "--revert", run)
    assert stopped.code == 6
    assert "--allow retired" in stopped.err
    assert desk.run("sync", "acme", "--revert", run, *SOME).code == 0

    assert heads(desk) == {}
    assert desk.run("verify", "acme").code == 0
    assert drawn(desk)["counts"]["update"] == 12


def test_what_moved_moves_back(desk: Desk) -> None:
    (desk.folder / "units.csv").write_text("from,to,since\n")
    crosswalk = 'crosswalks = { org_unit = { path = "units.csv", effective = "since" } }'
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed(extra=crosswalk))
    desk.plan(*lines(12))
    desk.run("sync", "acme")
    before = heads(desk)
    (desk.folder / "units.csv").write_text("from,to,since\n0100,0102,2027-01\n")
    assert desk.run("sync", "acme").code == 0
    plan = drawn(desk, "--revert", runs(desk)[0])
    assert [plan["counts"][name] for name in ("create", "update", "retire", "move")] == [0, 12, 0, 12]
    outcome = desk.run("sync", "acme", "--revert", runs(desk)[0])

    assert outcome.code == 0, outcome
    assert heads(desk) == before


def test_where_ukg_no_longer_takes_the_old_side_the_new_one_keeps_what_it_has(desk: Desk) -> None:
    (desk.folder / "units.csv").write_text("from,to,since\n")
    crosswalk = 'crosswalks = { org_unit = { path = "units.csv", effective = "since" } }'
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed(extra=crosswalk))
    desk.plan(*lines(2))
    desk.run("sync", "acme")
    (desk.folder / "units.csv").write_text("from,to,since\n0100,0102,2027-01\n")
    desk.run("sync", "acme")
    after = heads(desk)
    tenant = desk.emulator.environments["production"].catalogue(desk.client().tenant_id)
    catalogue(desk, org_units=tuple(one for one in tenant.org_units if one["code"] != "0100"))
    outcome = desk.run("sync", "acme", "--revert", runs(desk)[0])

    assert outcome.code == 7
    assert "budget v1 2027-01 0100 / CC0100 / L01 / J001" in outcome.out
    assert heads(desk) == after


def test_what_ukg_rejected_was_never_changed_and_is_left_out(desk: Desk) -> None:
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed())
    desk.plan(*BEFORE)
    desk.run("sync", "acme")
    desk.plan(*lines(2, headcount=6), *BEFORE[2:], lines(1)[0].replace(",0100,", ",9999,"))
    assert desk.run("sync", "acme").code == 7
    counts = drawn(desk, "--revert", runs(desk)[0])["counts"]

    assert [counts[name] for name in ("create", "update", "retire")] == [0, 2, 0]


def test_of_a_run_that_arrived_only_in_part_only_that_is_taken_back(desk: Desk) -> None:
    desk.configure(
        desk.environment(extra="in_flight = 1\ndialect_overrides = { headcount = { max_records = 100 } }"), desk.feed()
    )
    desk.plan(*lines(400))
    desk.run("sync", "acme")
    desk.plan(*lines(400, headcount=6))
    answered = threading.Event()
    choice = choose(load(desk.folder / "bridgehead.toml"), "acme", None, None)

    def halt() -> Unavailable | None:
        return Unavailable("The night is over.") if answered.is_set() else None

    with open_sync(choice, halt=halt) as sync:
        events: Iterator[Any] = sync.run(owner="jo")
        next(event for event in events if isinstance(event, BatchAnswered))
        answered.set()
        with pytest.raises(Unavailable, match="The night is over"):
            deque(events, 0)
    arrived = sum(one["headcount"] == 6 for one in desk.held().values())
    assert 0 < arrived < 400
    unknown = desk.run("plan", "acme", "--revert", runs(desk)[0])
    assert unknown.code == 2
    assert "it is not known yet what has arrived of it" in unknown.err
    outcome = desk.run("--json", "sync", "acme", "--revert", runs(desk)[0])

    assert outcome.code == 0, outcome
    assert outcome.finished()["counts"]["update"] == arrived
    assert {one["headcount"] for one in desk.held().values()} == {5}


def test_what_a_later_run_changed_stops_it_and_is_taken_back_only_when_confirmed(changed: Desk) -> None:
    older = runs(changed)[0]
    changed.plan(lines(1, headcount=7)[0], *AFTER[1:])
    assert changed.run("sync", "acme").code == 0
    shown = changed.run("plan", "acme", "--revert", older)
    stopped = changed.run("sync", "acme", "--revert", older)

    page = changed.folder / "back.html"
    changed.run("plan", "acme", "--revert", older, "--html", str(page))
    assert "This plan: back to what stood before run" in page.read_text()
    assert f"Changed since run {older}: 1" in page.read_text()
    assert f"changed since run {older}: 1" in shown.out
    row = next(line for line in shown.out.splitlines() if "headcount 6" in line and "headcount 7" in line)
    assert "headcount 5" in row.partition("headcount 7")[2]
    assert stopped.code == 6
    assert f"1 cell has changed since run {older}" in stopped.err
    assert "--allow drift" in stopped.err
    assert heads(changed)["0100", "J001", "2027-01"] == 7
    assert changed.run("sync", "acme", "--revert", older, "--allow", "drift").code == 0
    assert heads(changed)["0100", "J001", "2027-01"] == 5


def test_what_somebody_changed_in_ukg_stops_it_where_ukg_is_read_back(changed: Desk) -> None:
    run = runs(changed)[0]
    somebody_else_writes(changed, "2027-01", 9)
    outcome = changed.run("sync", "acme", "--revert", run, "--read-back")

    assert outcome.code == 6
    assert "--allow drift" in outcome.err
    path = str(changed.folder / "back.parquet")
    changed.run("plan", "acme", "--revert", run, "--out", path)  # without reading back
    saved = changed.run("sync", path, "--read-back")
    assert saved.code == 6
    assert "changed since run" in saved.err
    assert changed.run("sync", path, "--read-back", "--allow", "drift").code == 0
    assert heads(changed)["0100", "J001", "2027-01"] == 5


def test_what_lies_in_a_period_that_is_closed_by_now_is_named_and_nothing_is_sent(changed: Desk) -> None:
    catalogue(changed, open_from="2027-02-01")
    run, after, writes = runs(changed)[0], heads(changed), changed.writes()
    outcome = changed.run("sync", "acme", "--revert", run)

    assert outcome.code == 3
    assert "2 cells can no longer be brought back" in outcome.err
    assert f"revert of {run}  budget v1 2027-01 0100 / CC0100 / L01 / J001: 2027-01 is not open" in outcome.err
    assert f"revert of {run}  budget v1 2027-01 0100 / CC0100 / L01 / J003: 2027-01 is not open" in outcome.err
    assert (heads(changed), changed.writes()) == (after, writes)

    skip = '[tenants.acme.feeds.headcount.rules]\non_invalid = "skip"'
    changed.configure(changed.environment(), changed.feed(), skip)
    assert changed.run("sync", "acme", "--revert", run).code == 0
    assert heads(changed) == after | {("0100", "J001", "2027-05"): Decimal(5)}


def test_a_run_that_is_not_there_or_sent_nothing_is_refused(changed: Desk) -> None:
    unknown = changed.run("plan", "acme", "--revert", "20270103T031500-4f2a")
    assert unknown.code == 2
    assert "has no run" in unknown.err
    assert "Next: bridgehead history acme" in unknown.err
    changed.run("adopt", "acme")
    adopted = changed.run("sync", "acme", "--revert", runs(changed)[0])
    assert adopted.code == 2
    assert "sent nothing" in adopted.err


def test_a_run_whose_values_are_no_longer_kept_cannot_be_taken_back(changed: Desk) -> None:
    newer, older = runs(changed)
    (file,) = changed.folder.rglob(f"plan-{newer}.parquet")
    file.unlink()
    with sqlite3.connect(changed.folder / ".bridgehead" / "ledger.sqlite") as connection:
        connection.execute("UPDATE run SET dropped_at = '2027-05-01T00:00:00' WHERE run_id = ?", (older,))
    gone, purged = (changed.run("plan", "acme", "--revert", run) for run in (newer, older))

    assert (gone.code, purged.code) == (2, 2)
    assert "its values are not kept in the ledger" in gone.err
    assert "its values were purged on 2027-05-01" in purged.err


def test_in_production_it_waits_for_a_person_like_any_plan(changed: Desk) -> None:
    changed.configure(changed.environment(approval=""), changed.feed())
    run = runs(changed)[0]
    assert changed.run("sync", "acme", "--revert", run).code == 6
    (one,) = changed.run("--json", "waiting").events()
    assert one["proposal"]["plan"]["reverts"] == run
    assert changed.run("approve", one["name"], "--reason", "the wrong file").code == 0
    outcome = changed.run("sync", "acme")

    assert outcome.code == 0, outcome
    assert AGAIN in outcome.out
    assert heads(changed) == FIRST


def test_a_run_is_taken_back_as_a_whole(changed: Desk) -> None:
    outcome = changed.run("sync", "acme", "--revert", runs(changed)[0], "--max", "1")

    assert outcome.code == 2
    assert "as a whole" in outcome.err

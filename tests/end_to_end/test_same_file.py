"""The same file again: nothing is compared where nothing can have changed, and everything where something may."""

from __future__ import annotations

import sqlite3

import pytest
from tests.conftest import UNJUDGED, Desk, lines

from bridgehead.ports import Staged
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.tables import Session


@pytest.fixture
def agreed(desk: Desk) -> Desk:
    """Acme's file has been delivered."""
    desk.configure()
    desk.plan(*lines(12))
    assert desk.run("sync", "acme").code == 0
    return desk


def compared(desk: Desk, *options: str) -> bool:
    """Tell whether the next plan looks at the rows: only then can it say what totals move."""
    plan = desk.run("--json", "plan", "acme", *options).events()[0]["plan"]
    assert plan["counts"]["unchanged"] == 12
    return bool(plan["digest"])


def test_a_file_that_was_delivered_is_not_compared_again(agreed: Desk) -> None:
    assert not compared(agreed)
    outcome = agreed.run("sync", "acme")
    assert "Nothing to send" in outcome.out
    assert "unchanged 12" in outcome.out


def test_a_file_that_was_written_anew_is_compared_once(agreed: Desk) -> None:
    agreed.plan(*reversed(lines(12)))
    assert compared(agreed)
    assert agreed.run("sync", "acme").code == 0
    assert not compared(agreed)


@pytest.mark.parametrize(
    "extra",
    ['missing = ["-"]', '[tenants.acme.feeds.headcount.rules]\nduplicates = "sum"', 'constants = { grade = "G1" }'],
)
def test_another_mapping_or_rule_is_another_plan(agreed: Desk, extra: str) -> None:
    agreed.configure(agreed.environment(), agreed.feed(extra=extra))
    assert agreed.run("--json", "plan", "acme").events()[0]["plan"]["digest"]


def test_another_dialect_is_another_plan(agreed: Desk) -> None:
    agreed.configure(agreed.environment(extra=UNJUDGED), agreed.feed())
    assert compared(agreed)


def test_a_saved_plan_or_a_page_needs_the_rows(agreed: Desk) -> None:
    assert compared(agreed, "--html", str(agreed.folder / "plan.html"))


def test_what_ukg_rejected_is_tried_again_though_the_file_is_the_same(desk: Desk) -> None:
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed())
    desk.plan(*lines(12), "budget,v1,2027-01,9999,CC0100,L01,J001,5,5")
    assert desk.run("sync", "acme").code == 7
    assert desk.run("sync", "acme").code == 7


def test_rows_that_were_left_out_are_looked_at_again(desk: Desk) -> None:
    desk.configure(desk.environment(), desk.feed(), '[tenants.acme.feeds.headcount.rules]\non_invalid = "skip"')
    desk.plan(*lines(12), "budget,v1,2027-01,0101,CC0100,L01,J001,5,x")
    desk.run("sync", "acme")
    assert compared(desk)


def test_a_ledger_of_the_first_version_is_brought_up_to_date(agreed: Desk) -> None:
    path = agreed.folder / ".bridgehead" / "ledger.sqlite"
    with sqlite3.connect(path) as connection:
        for table in ("agreement", "proposal", "appointment", "notice"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("ALTER TABLE run DROP COLUMN proposal")
        connection.execute("ALTER TABLE run DROP COLUMN dropped_at")
        connection.execute("DROP TABLE attempt")
        connection.execute("DROP TABLE circuit")
        connection.execute("DROP INDEX run_of_feed")
        connection.execute("ALTER TABLE run DROP COLUMN position")
        connection.execute("CREATE INDEX run_of_feed ON run (tenant, environment, feed, started_at)")
        connection.execute("ALTER TABLE feed DROP COLUMN verified")
        connection.execute("ALTER TABLE feed DROP COLUMN restored_at")
        connection.execute("ALTER TABLE run DROP COLUMN rendering")
        connection.execute("ALTER TABLE batch DROP COLUMN digest")
        connection.execute("ALTER TABLE batch DROP COLUMN intended_at")
        connection.execute("ALTER TABLE feed DROP COLUMN owned")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    assert compared(agreed)
    assert agreed.run("sync", "acme").code == 0
    assert not compared(agreed)


def test_a_file_that_is_replaced_while_it_is_read_is_compared_the_next_time(
    agreed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file's hash was taken before its rows were read, and stood for rows that it never held."""
    first, second = [*lines(11), lines(12, headcount=7)[11]], lines(12, headcount=6)
    read = PlanningFile.stage

    def replaced(self: PlanningFile, session: Session) -> Staged:
        agreed.plan(*second)
        return read(self, session)

    agreed.plan(*first)
    with monkeypatch.context() as patched:
        patched.setattr(PlanningFile, "stage", replaced)
        assert agreed.run("sync", "acme", "--allow", "total").code == 0
    agreed.plan(*first)
    assert agreed.run("sync", "acme", "--allow", "total").code == 0
    assert sorted(one["headcount"] for one in agreed.held().values()) == [5] * 11 + [7]


@pytest.mark.parametrize("size", ["a lot", "12", "5MB", "0.5GB", "-1GB"])
def test_a_memory_limit_that_is_no_size_is_refused_with_its_line(desk: Desk, size: str) -> None:
    desk.configure(f'memory_limit = "{size}"', desk.environment(), desk.feed())
    outcome = desk.run("plan", "acme")

    assert outcome.code == 2
    assert f"memory_limit '{size}' is no size from 100MB on" in outcome.err

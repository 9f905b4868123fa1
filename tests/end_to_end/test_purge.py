"""Values are kept as long as the configuration says; then they go, and what proves the runs stays."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest
from tests.conftest import UNJUDGED, WRITE, Desk, lines
from tests.postgres import Postgres

from bridgehead.answering.retention import purge
from bridgehead.config import load
from bridgehead.errors import LeaseHeld
from bridgehead.tenant import choose, open_ledger, utc_now

KEY = "org_unit=0100,job=J001,period_start=2027-01"
Age = Callable[[int], None]


@pytest.fixture
def old(desk: Desk) -> Desk:
    """Two runs of long ago: the first is still what UKG holds for most cells."""
    desk.configure()
    for heads in (5, 6):
        desk.plan(*lines(1, headcount=heads), *lines(24)[1:])
        assert desk.run("sync", "acme").code == 0
    age(desk, 1000)
    return desk


def age(desk: Desk, days: int) -> None:
    """Let runs and proposals be older."""
    shifts = (("run", "started_at"), ("run", "ended_at"), *(("proposal", f"{name}_at") for name in ("made", "expires")))
    with closing(sqlite3.connect(desk.folder / ".bridgehead" / "ledger.sqlite")) as database, database:
        for table, column in shifts:
            shifted = f"strftime('%Y-%m-%dT%H:%M:%f+00:00', {column}, '-{days} days')"
            database.execute(f"UPDATE {table} SET {column} = {shifted} WHERE {column} <> ''")  # noqa: S608 - ours


def files(desk: Desk) -> list[str]:
    return sorted(path.name.partition("-")[0] for path in (desk.folder / ".bridgehead").rglob("*.parquet"))


def test_nobody_said_how_long_values_are_kept(desk: Desk) -> None:
    desk.configure()
    outcome = desk.run("purge")

    assert outcome.code == 2
    assert "does not say for how long values are kept, so they are kept for ever." in outcome.err
    assert "keep_values_for = 800" in outcome.err


def test_old_values_go_once_it_is_no_dry_run_and_the_proof_stays(old: Desk) -> None:
    old.configure("[run]\nkeep_values_for = 800", old.environment(), old.feed())
    before = old.run("--json", "history").events()
    dry = old.run("purge", "--dry-run")
    assert "would be dropped: the 25 values of 2 runs" in dry.out
    assert old.run("purge", "acme", "--older-than", "2000").out.endswith("no values are that old\n")
    assert files(old) == ["plan", "plan", "snapshot"]
    outcome = old.run("purge")
    after = old.run("--json", "history").events()

    assert outcome.code == 0, outcome
    assert "dropped: the 25 values of 2 runs" in outcome.out
    assert "what UKG holds now stood among them, and is kept in a file of its own" in outcome.out
    assert files(old) == ["snapshot"]
    assert all(event["run"].pop("dropped_at") for event in after)
    assert [{**event["run"], "dropped_at": ""} for event in after] == [event["run"] for event in before]
    assert old.run("--json", "history", after[0]["run"]["run_id"]).events()[1]["batch"]["attempts"]
    assert old.run("purge").out.endswith("no values are that old\n")


def test_after_a_purge_everything_goes_on_as_before(old: Desk) -> None:
    assert old.run("purge", "--older-than", "900").code == 0
    assert old.run("verify", "acme").code == 0
    assert "unchanged 24" in old.run("plan", "acme").out
    writes = old.writes()
    assert old.run("sync", "acme").code == 0
    assert old.writes() == writes
    old.plan(*lines(1, headcount=7), *lines(24)[1:23])
    assert old.run("sync", "acme", "--allow", "retired", "--allow", "total").code == 0
    assert old.run("verify", "acme").code == 0

    events = old.run("--json", "history", "acme", "--key", KEY).events()
    assert [event["chapter"]["before"]["headcount"] for event in events if event["type"] == "chapter"] == [6]
    shown = old.run("history", "acme", "--key", KEY).out
    assert re.search(r"\+24 ~0 -0  plan\.csv \(sha256 .*\), run .* by .*; purged \d{4}-", shown)
    assert "~ 6 → 7 heads" in shown

    path, page = old.folder / "changes.csv", old.folder / "signed.html"
    assert old.run("history", "acme", "--csv", str(path), "--html", str(page)).code == 0
    purged, *_, kept = path.read_text().splitlines()[1:]
    assert ",purged," in purged
    assert "24 create, 0 update, 0 retire, 0 move; 24 accepted, 0 rejected; values purged 20" in purged
    assert ",retire," in kept
    assert "values purged 20" in page.read_text()


def test_an_approved_plan_survives_a_purge_and_is_sent_as_it_was_signed(old: Desk) -> None:
    old.configure(old.environment(approval="required"), old.feed())
    old.plan(*lines(24, headcount=5))
    assert old.run("sync", "acme").code == 6
    name = old.run("--json", "waiting").events()[0]["name"]
    assert old.run("approve", name, "--reason", "agreed").code == 0
    assert old.run("purge", "--older-than", "900").code == 0
    assert old.run("sync", "acme").code == 0

    assert {record["headcount"] for record in old.held().values()} == {5}


def test_a_run_that_did_not_end_keeps_its_values_and_is_settled(desk: Desk) -> None:
    desk.configure(desk.environment(extra="attempts = 1"), desk.feed())
    desk.plan(*lines(3))
    desk.emulator.switch_on("closed-after", within=f"POST {WRITE}")
    assert desk.run("sync", "acme").code == 5
    desk.emulator.switch_off()
    age(desk, 1000)
    assert desk.run("purge", "--older-than", "900").out.endswith("no values are that old\n")

    assert desk.run("sync", "acme").code == 0
    assert len(desk.held()) == 3


def test_plans_that_nobody_can_decide_any_more_lose_their_figures_and_keep_the_decision(desk: Desk) -> None:
    desk.configure(desk.environment(approval=""), desk.feed())
    desk.plan(*lines(12))
    desk.run("sync", "acme")
    before = desk.run("--json", "waiting").events()[0]["proposal"]
    desk.run("reject", before["plan"]["digest"], "--reason", "last month's file")
    age(desk, 1000)
    with closing(sqlite3.connect(desk.folder / ".bridgehead" / "ledger.sqlite")) as database, database:
        database.execute("UPDATE proposal SET decided_at = made_at")
    outcome = desk.run("purge", "--older-than", "900")
    after = desk.run("--json", "waiting", "--decided").events()[0]["proposal"]

    assert "dropped: the figures of 1 plan that waited; the decisions stay" in outcome.out
    assert before["plan"]["examples"]
    assert (after["plan"]["examples"], after["plan"]["totals"]) == ([], [])
    assert (after["plan"]["digest"], after["plan"]["counts"]) == (before["plan"]["digest"], before["plan"]["counts"])
    assert (after["decided_by"], after["reason"], after["state"]) == ("root", "last month's file", "rejected")
    assert files(desk) == []
    assert desk.run("waiting", after["plan"]["digest"]).code == 0


def test_ukgs_words_on_rejected_records_go_and_its_codes_stay(desk: Desk) -> None:
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed())
    desk.plan("budget,v1,2027-01,9999,CC0100,L01,J001,5,5.50", *lines(1))
    assert desk.run("sync", "acme").code == 7
    run_id = desk.run("--json", "history").events()[0]["run"]["run_id"]
    age(desk, 1000)
    outcome = desk.run("purge", "--older-than", "900")
    rejected = desk.run("--json", "history", run_id).events()[-1]["rejected"]

    assert "UKG's words on 1 rejected record" in outcome.out
    assert (rejected["code"], rejected["field"], rejected["message"]) == ("unknown_code", "org_unit", "")


def test_a_run_at_work_is_waited_for_by_nobody_and_other_tenants_are_purged(desk: Desk) -> None:
    desk.configure(desk.environment(), desk.feed(), desk.environment("globex"), desk.feed("globex"))
    desk.plan(*lines(3))
    assert desk.run("sync", "acme").code == 0
    age(desk, 1000)
    choice = choose(load(desk.folder / "bridgehead.toml"), "acme", None, None)
    with closing(open_ledger(choice)) as ledger, ledger.lease("jo@planner (1)"):
        outcome = desk.run("purge", "--older-than", "900")
        with pytest.raises(LeaseHeld, match="jo@planner"):
            purge(choice, 900, owner="kim")

    assert outcome.code == 9
    assert "jo@planner (1)" in outcome.err
    assert "globex · production · headcount" in outcome.out
    assert files(desk) == ["plan"]


def test_a_ledger_in_postgres_lets_go_of_them_too(desk: Desk, postgres: Postgres) -> None:
    (desk.folder / "ledger.url").write_text(postgres.empty_schema())
    desk.configure('ledger = "file:ledger.url"', desk.environment(), desk.feed())
    desk.plan(*lines(12))
    assert desk.run("sync", "acme").code == 0
    assert "+ 5 heads, 5.5 fte   accepted" in desk.run("history", "acme", "--key", KEY).out
    choice = choose(load(desk.folder / "bridgehead.toml"), "acme", None, None)
    purged = purge(choice, 30, owner="kim", clock=lambda: utc_now() + timedelta(days=31))

    assert (len(purged.runs), purged.rewritten) == (1, True)
    assert desk.run("verify", "acme").code == 0
    assert "unchanged 12" in desk.run("plan", "acme").out
    shown = desk.run("history", "acme", "--key", KEY).out
    assert "purged" in shown
    assert "in UKG now, as the ledger knows it: headcount 5, fte 5.5" in shown

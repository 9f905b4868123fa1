"""The ledger and UKG in line: adopted where UKG came first, repaired where others changed it, restored."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from typing import Any

import pytest
from tests.conftest import WRITE, Desk, lines

OTHERS = {"job": "J099", "client_ref": "5f0c6a4e-8d0b-4b57-9f0e-0c6f5f2b7a11"}


@pytest.fixture
def delivered(desk: Desk) -> Desk:
    """Twelve cells, delivered."""
    desk.configure()
    desk.plan(*lines(12))
    assert desk.run("sync", "acme").code == 0
    return desk


def in_ukg(desk: Desk, month: str, **changes: Any) -> None:
    """Change what UKG holds of a month, as a person on its screens would; of another job it is a cell of its own."""
    connection = desk.emulator.environments["production"].store.connection
    for row in connection.execute("SELECT * FROM projection WHERE key LIKE ?", (f"%2027-{month}-%",)).fetchall():
        key, document = row[2].replace("J001", changes.get("job", "J001")), {**json.loads(row[6]), **changes}
        changed = (*row[:2], key, *row[3:6], json.dumps(document).encode(), *row[7:])
        connection.execute("INSERT OR REPLACE INTO projection VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", changed)
    connection.commit()


def gone_from_ukg(desk: Desk, month: str) -> None:
    connection = desk.emulator.environments["production"].store.connection
    connection.execute("DELETE FROM projection WHERE key LIKE ?", (f"%2027-{month}-%",))
    connection.commit()


def test_a_sync_reads_back_by_itself_and_only_what_was_not_seen_yet(delivered: Desk) -> None:
    reads = [one for one in delivered.audit() if one["method"] == "GET" and one["path"] == WRITE]
    second = delivered.run("--json", "sync", "acme").events()

    assert len(reads) == 2  # whether UKG is empty, and whether it arrived
    assert [event["type"] for event in second] == ["planned", "up-to-date"]


@pytest.mark.parametrize("switched_off", ["--no-verify", "rules"])
def test_reading_back_can_be_switched_off_and_is_made_up_for_when_it_is_on_again(desk: Desk, switched_off: str) -> None:
    rules = "[tenants.acme.feeds.headcount.rules]\nverify = false\n" if switched_off == "rules" else ""
    desk.configure(desk.environment(), desk.feed(), rules)
    desk.plan(*lines(12))
    first = desk.run("--json", "sync", "acme", *([switched_off] if not rules else [])).events()
    desk.configure()
    second = desk.run("--json", "sync", "acme").events()

    assert "verified" not in [event["type"] for event in first]
    assert [event["type"] for event in second] == ["planned", "up-to-date", "verified"]


def test_drift_that_a_sync_finds_ends_it_with_eight(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(12))
    assert desk.run("sync", "acme", "--no-verify").code == 0
    gone_from_ukg(desk, "03")
    outcome = desk.run("sync", "acme")

    assert (outcome.code, "missing" in outcome.out) == (8, True)
    assert "bridgehead verify acme --repair" in outcome.out


def test_where_ukg_offers_no_reading_back_a_sync_says_so_and_is_done(desk: Desk) -> None:
    without = "dialect_overrides = { headcount = { read_back = false } }"
    desk.configure(desk.environment(extra=without), desk.feed())
    desk.plan(*lines(12))
    outcome = desk.run("sync", "acme")
    asked = desk.run("verify", "acme")

    assert (outcome.code, "Cannot verify" in outcome.out) == (0, True)
    assert (asked.code, "no-read-back" in asked.err) == (4, True)
    assert len(desk.held()) == 12


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_ukg_that_does_not_know_the_call_cannot_be_verified(delivered: Desk, status: int) -> None:
    delivered.emulator.answer_next(status, {"error": "not_found"}, method="GET", within=WRITE)
    outcome = delivered.run("verify", "acme")

    assert (outcome.code, f"UKG answered {status}" in outcome.err) == (4, True)


def test_a_ukg_that_is_not_empty_has_to_be_adopted_before_an_unknown_feed_sends_anything(delivered: Desk) -> None:
    shutil.rmtree(delivered.folder / ".bridgehead")
    delivered.plan(*lines(12, headcount=6))
    writes = delivered.writes()
    for command in ("plan", "sync"):
        refused = delivered.run(command, "acme")
        assert (refused.code, "adoption-needed" in refused.err) == (6, True)
        assert "bridgehead adopt acme --environment production --feed headcount" in refused.err
    adopted = delivered.run("adopt", "acme")

    assert (adopted.code, "12 projections" in adopted.out) == (0, True)
    assert delivered.writes() == writes
    assert "update 12" in delivered.run("plan", "acme").out
    assert delivered.run("sync", "acme", "--allow", "total").code == 0
    assert {record["headcount"] for record in delivered.held().values()} == {6}


def test_what_is_adopted_and_not_in_the_file_is_retired_and_what_lies_outside_is_left_alone(delivered: Desk) -> None:
    shutil.rmtree(delivered.folder / ".bridgehead")
    delivered.plan(*lines(10))  # November and December are outside of the part now
    delivered.run("adopt", "acme")
    delivered.plan(*lines(9), lines(10)[9].replace("J001", "J002"))
    outcome = delivered.run("sync", "acme", "--allow", "retired")

    assert outcome.code == 0, outcome
    heads = {key.split("|")[2][:7]: one["headcount"] for key, one in delivered.held().items() if "J001" in key}
    assert (heads["2027-10"], heads["2027-11"], heads["2027-12"]) == (0, 5, 5)


def test_zeros_in_ukg_are_no_plan_that_had_to_be_adopted(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(3))
    desk.run("sync", "acme")
    desk.plan(
        "budget,v1,2027-01,0100,CC0100,L01,J001,0,0", *lines(3)[1:2], "budget,v1,2027-03,0100,CC0100,L01,J001,0,0"
    )
    desk.run("sync", "acme", "--allow", "retired", "--allow", "total")
    gone_from_ukg(desk, "02")
    shutil.rmtree(desk.folder / ".bridgehead")
    desk.plan(*lines(3))

    assert desk.run("sync", "acme").code == 0


def test_repair_lets_the_next_sync_send_what_others_changed_or_took_away(delivered: Desk) -> None:
    in_ukg(delivered, "02", headcount=9)
    gone_from_ukg(delivered, "03")
    writes = delivered.writes()
    repaired = delivered.run("verify", "acme", "--repair")

    assert (repaired.code, delivered.writes()) == (0, writes)
    assert "Repaired" in repaired.out
    assert delivered.run("verify", "acme").code == 0
    events = delivered.run("--json", "sync", "acme").events()
    counts = next(event for event in events if event["type"] == "planned")["plan"]["counts"]
    assert (counts["create"], counts["update"]) == (1, 1)
    assert {record["headcount"] for record in delivered.held().values()} == {5}


def test_repair_takes_nobody_elses_cells_and_says_who_does(delivered: Desk) -> None:
    in_ukg(delivered, "04", **OTHERS)
    repaired = delivered.run("verify", "acme", "--repair")

    assert "1 cells in UKG are not from this feed" in repaired.out
    assert "extra" in delivered.run("verify", "acme").out
    assert "unchanged 12" in delivered.run("plan", "acme").out


def test_a_repair_settles_first_what_died(desk: Desk) -> None:
    desk.configure(desk.environment(extra="attempts = 1"), desk.feed())
    desk.plan(*lines(12))
    desk.emulator.switch_on("closed-after", within=f"POST {WRITE}", times=1)
    assert desk.run("sync", "acme").code == 5
    kinds = [event["type"] for event in desk.run("--json", "verify", "acme", "--repair").events()]

    assert kinds == ["settling", "settled", "verified", "repaired"]


def test_a_backup_is_put_back_and_not_trusted_until_it_is_adopted(delivered: Desk) -> None:
    archive, ledger = str(delivered.folder / "ledger.zip"), delivered.folder / ".bridgehead"
    assert "1 feed" in delivered.run("ledger", "backup", archive).err
    delivered.plan(*lines(12, headcount=6))
    assert delivered.run("sync", "acme").code == 0  # after the backup
    ledger.rename(delivered.folder / "lost")
    restored = delivered.run("ledger", "restore", archive)

    assert (restored.code, "bridgehead adopt" in restored.err) == (0, True)
    for command in (("plan", "acme"), ("sync", "acme"), ("verify", "acme", "--repair")):
        refused = delivered.run(*command)
        assert (refused.code, "was restored from a backup" in refused.err) == (6, True)
    assert delivered.run("adopt", "acme").code == 0
    assert "unchanged 12" in delivered.run("plan", "acme").out  # six heads, which the backup knew nothing of
    modes = {
        path.stat().st_mode & 0o777 for path in [*ledger.rglob("*"), delivered.folder / "ledger.zip"] if path.is_file()
    }
    assert modes == {0o600}


def test_a_run_that_was_open_in_a_backup_is_not_settled_with_yesterdays_values(desk: Desk) -> None:
    desk.configure(desk.environment(extra="attempts = 1"), desk.feed())
    desk.plan(*lines(12))
    desk.emulator.switch_on("closed-after", within=f"POST {WRITE}", times=1)
    assert desk.run("sync", "acme").code == 5
    archive = str(desk.folder / "ledger.zip")
    desk.run("ledger", "backup", archive)
    desk.plan(*lines(12, headcount=6))
    assert desk.run("sync", "acme").code == 0
    shutil.rmtree(desk.folder / ".bridgehead")
    desk.run("ledger", "restore", archive)
    desk.run("adopt", "acme")

    assert "unchanged 12" in desk.run("plan", "acme").out
    assert {record["headcount"] for record in desk.held().values()} == {6}
    assert "lost" in desk.run("history").out


def test_a_plan_that_was_saved_on_what_got_lost_is_stale(delivered: Desk) -> None:
    archive, saved = str(delivered.folder / "ledger.zip"), str(delivered.folder / "plan.parquet")
    delivered.run("ledger", "backup", archive)
    delivered.plan(*lines(12, headcount=6))
    delivered.run("sync", "acme")
    delivered.plan(*lines(12, headcount=7))
    assert delivered.run("plan", "acme", "--out", saved).code == 0
    shutil.rmtree(delivered.folder / ".bridgehead")
    delivered.run("ledger", "restore", archive)
    delivered.run("adopt", "acme")
    outcome = delivered.run("sync", saved)

    assert (outcome.code, "plan-stale" in outcome.err) == (6, True)


def test_a_restore_takes_no_ledgers_place_and_nothing_that_is_no_backup(delivered: Desk) -> None:
    archive = delivered.folder / "ledger.zip"
    delivered.run("ledger", "backup", str(archive))
    taken = delivered.run("ledger", "restore", str(archive))
    shutil.rmtree(delivered.folder / ".bridgehead")
    with zipfile.ZipFile(archive, "w") as evil:
        evil.writestr("ledger.sqlite", b"")
        evil.writestr("../outside.parquet", b"")
    foreign = delivered.run("ledger", "restore", str(archive))
    archive.write_bytes(b"no archive")
    broken = delivered.run("ledger", "restore", str(archive))

    assert (taken.code, "There is a ledger" in taken.err) == (2, True)
    assert (foreign.code, "is no backup of a ledger" in foreign.err) == (2, True)
    assert (broken.code, "cannot be restored" in broken.err) == (2, True)
    assert not (delivered.folder / ".bridgehead").exists()


def test_a_newer_ledger_is_refused_and_not_touched(delivered: Desk) -> None:
    path = delivered.folder / ".bridgehead" / "ledger.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    outcome = delivered.run("sync", "acme")

    assert (outcome.code, "has schema version 99" in outcome.err) == (2, True)


def test_a_file_that_has_moved_on_adopts_each_cell_once(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(12))
    assert desk.run("sync", "acme").code == 0
    archive = desk.folder / "ledger.zip"
    desk.run("ledger", "backup", str(archive))
    shutil.rmtree(desk.folder / ".bridgehead")
    desk.run("ledger", "restore", str(archive))
    desk.plan(*lines(12)[1:])  # February to December
    adopted = desk.run("adopt", "acme")

    assert (adopted.code, "Adopted: 12 projections" in adopted.out) == (0, True)
    assert desk.run("plan", "acme").code == 0
    assert desk.run("verify", "acme").code == 0


def test_a_restore_is_refused_where_a_part_of_another_ledger_lies(delivered: Desk) -> None:
    archive = delivered.folder / "ledger.zip"
    delivered.run("ledger", "backup", str(archive))
    (delivered.folder / ".bridgehead" / "ledger.sqlite").unlink()
    (delivered.folder / ".bridgehead" / "ledger.sqlite-wal").write_bytes(b"of another time")
    outcome = delivered.run("ledger", "restore", str(archive))

    assert (outcome.code, "ledger.sqlite-wal" in outcome.err) == (2, True)
    assert not (delivered.folder / ".bridgehead" / "ledger.sqlite").exists()

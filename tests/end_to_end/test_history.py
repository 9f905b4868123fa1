"""What the ledger tells of past runs, on the screen and to machines."""

from __future__ import annotations

from tests.conftest import WRITE, Desk, lines


def delivered_after_trouble(desk: Desk) -> str:
    """Deliver a batch at the third attempt: a lost answer, then a failing server. Return the run's id."""
    desk.configure()
    desk.plan(*lines(12))
    desk.emulator.switch_on("reset-after", within=f"POST {WRITE}", times=1)
    desk.emulator.switch_on("server-error", within=f"POST {WRITE}", times=2)
    assert desk.run("sync", "acme").code == 0
    return str(desk.run("--json", "history").events()[0]["run"]["run_id"])


def test_before_the_first_run_there_is_nothing_to_tell(desk: Desk) -> None:
    desk.configure()
    outcome = desk.run("history")

    assert (outcome.code, outcome.out) == (0, "No run has sent anything yet.\n")


def test_each_run_is_told_with_who_when_and_how_many_the_newest_first(desk: Desk) -> None:
    delivered_after_trouble(desk)
    desk.plan(*lines(14))
    desk.run("sync", "acme")
    runs = [one["run"] for one in desk.run("--json", "history", "acme").events()]

    assert [(run["state"], run["accepted"], run["rejected"], run["source"]) for run in runs] == [
        ("complete", 2, 0, "plan.csv"),
        ("complete", 12, 0, "plan.csv"),
    ]
    assert all("@" in run["owner"] for run in runs)
    assert [one["run"] for one in desk.run("--json", "history", "--limit", "1").events()] == runs[:1]
    assert runs[0]["run_id"] in desk.run("history").out


def test_each_attempt_of_a_batch_is_told_as_ukgs_own_log_knows_it(desk: Desk) -> None:
    run_id = delivered_after_trouble(desk)
    _, batch = desk.run("--json", "history", run_id).events()
    attempts = batch["batch"]["attempts"]

    assert [one["status"] for one in attempts] == [0, 503, 200]
    assert attempts[0]["problem"] == "Connection reset by peer"
    known = {entry["correlation_id"] for entry in desk.audit() if entry["path"] == WRITE and entry["method"] == "POST"}
    assert {one["correlation_id"] for one in attempts} == known
    shown = desk.run("history", run_id).out
    assert "none: Connection reset by peer" in shown
    assert "503" in shown


def test_a_batch_that_never_got_an_answer_keeps_its_attempts_until_it_is_settled(desk: Desk) -> None:
    desk.configure(desk.environment(extra="attempts = 2"), desk.feed())
    desk.plan(*lines(3))
    desk.emulator.switch_on("closed-after", within=f"POST {WRITE}")
    assert desk.run("sync", "acme").code == 5
    run_id = desk.run("--json", "history").events()[0]["run"]["run_id"]
    run, batch = desk.run("--json", "history", run_id).events()

    assert (run["run"]["state"], batch["batch"]["state"]) == ("open", "intended")
    assert [one["status"] for one in batch["batch"]["attempts"]] == [0, 0]
    assert "To settle it: bridgehead sync acme" in desk.run("history", run_id).out
    desk.emulator.switch_off()
    desk.run("sync", "acme")
    _, batch = desk.run("--json", "history", run_id).events()
    assert [one["status"] for one in batch["batch"]["attempts"]] == [0, 0, 200]


def test_what_was_rejected_stays_on_record_when_a_later_run_brought_it(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(4))
    desk.emulator.switch_on("partial-acceptance", value=2, times=1)
    assert desk.run("sync", "acme").code == 7
    run_id = desk.run("--json", "history").events()[0]["run"]["run_id"]
    desk.run("sync", "acme")
    shown = desk.run("history", run_id).out

    assert "partial" in shown
    assert "not_processed" in shown
    assert "plan.csv:3" in shown


def test_a_word_that_is_neither_a_tenant_nor_a_run_is_a_mistake(desk: Desk) -> None:
    desk.configure()
    outcome = desk.run("history", "acne")

    assert outcome.code == 2
    assert "There is neither a tenant nor a run 'acne'." in outcome.err
    assert "Tenants are acme" in outcome.err

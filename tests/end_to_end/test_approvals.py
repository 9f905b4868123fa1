"""A plan that needs a person's word waits for it, and is sent exactly as it was signed, once."""

from __future__ import annotations

import threading
from collections import deque
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Desk, Outcome, lines

from bridgehead.approval import Proposal
from bridgehead.compare.accepted import prepare
from bridgehead.config import load
from bridgehead.errors import ConfigError, Unavailable
from bridgehead.events import BatchAnswered
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.tables import Session
from bridgehead.tenant import choose, open_ledger, open_sync, utc_now

WHY = ("--reason", "agreed with J. Berg")


@pytest.fixture
def strict(desk: Desk) -> Desk:
    """Acme in production, as it is where nothing is said about approvals."""
    desk.configure(desk.environment(approval=""), desk.feed())
    desk.plan(*lines(12))
    return desk


def waiting(desk: Desk, *options: str) -> list[dict[str, Any]]:
    return desk.run("--json", "waiting", *options).events()


def only_one(desk: Desk) -> str:
    (one,) = waiting(desk)
    return str(one["name"])


def ledger(desk: Desk) -> FeedLedger:
    return open_ledger(choose(load(desk.folder / "bridgehead.toml"), "acme", None, None))


def heads(desk: Desk) -> list[float]:
    return sorted(record["headcount"] for record in desk.held().values())


def approved(desk: Desk) -> Outcome:
    desk.run("sync", "acme")
    return desk.run("approve", only_one(desk), *WHY)


def stopped_after_an_answer(desk: Desk) -> None:
    """Let a sync end after its first answer, before it could write down that it is complete."""
    choice = choose(load(desk.folder / "bridgehead.toml"), "acme", None, None)
    answered = threading.Event()
    with open_sync(choice, halt=lambda: Unavailable("The night is over.") if answered.is_set() else None) as sync:
        events = sync.run(owner="jo")
        next(event for event in events if isinstance(event, BatchAnswered))
        answered.set()
        with pytest.raises(Unavailable, match="The night is over"):
            deque(events, 0)


def test_in_production_nothing_is_sent_before_somebody_approved_it(strict: Desk) -> None:
    outcome = strict.run("sync", "acme")

    assert outcome.code == 6
    assert "approval-needed" in outcome.err
    assert f"Next: bridgehead waiting {only_one(strict)}" in outcome.err
    assert strict.writes() == 0
    assert strict.run("sync", "acme").code == 6
    assert len(waiting(strict, "--decided")) == 1


def test_an_approved_plan_is_sent_and_history_names_who_and_why(strict: Desk) -> None:
    decided = approved(strict)
    sent = strict.run("sync", "acme")

    assert (decided.code, sent.code) == (0, 0), sent
    assert "To send it now: bridgehead sync acme" in decided.out
    assert "agreed with J. Berg" in sent.err
    assert len(strict.held()) == 12
    run = strict.run("--json", "history").events()[0]["run"]
    assert (run["approved_by"], run["reason"]) == ("root", "agreed with J. Berg")
    assert waiting(strict) == []
    assert strict.run("verify", "acme").code == 0
    again = strict.run("sync", "acme")
    assert (again.code, strict.writes()) == (0, 1), again


def test_what_was_approved_is_sent_whatever_the_file_says_by_then(strict: Desk) -> None:
    approved(strict)
    strict.plan(*lines(12, headcount=9))
    assert strict.run("sync", "acme").code == 0

    assert heads(strict) == [5] * 12
    assert strict.run("sync", "acme").code == 6  # the new file waits in its turn


def test_an_approval_is_good_for_one_run(strict: Desk) -> None:
    approved(strict)
    strict.run("sync", "acme")
    name = waiting(strict, "--decided")[0]["name"]
    again = strict.run("approve", name, *WHY)

    assert again.code == 2
    assert "it is sent, approved by root" in again.err


def test_a_rejected_plan_is_not_sent_and_not_proposed_again(strict: Desk) -> None:
    strict.run("sync", "acme")
    assert strict.run("reject", only_one(strict), "--reason", "last month's file").code == 0
    outcome = strict.run("sync", "acme")

    assert outcome.code == 6
    assert "plan-rejected" in outcome.err
    assert "rejected by root" in outcome.err
    assert "last month's file" in outcome.err
    strict.plan(*lines(11))
    assert "approval-needed" in strict.run("sync", "acme").err


def test_an_approval_can_be_taken_back_until_it_is_sent(strict: Desk) -> None:
    approved(strict)
    assert strict.run("reject", only_one(strict), "--reason", "on second thought").code == 0

    assert strict.run("sync", "acme").code == 6
    assert strict.writes() == 0


def test_of_two_plans_only_the_newer_one_can_be_approved(strict: Desk) -> None:
    strict.run("sync", "acme")
    older = only_one(strict)
    strict.plan(*lines(11))
    strict.run("sync", "acme")
    outcome = strict.run("approve", older, *WHY)

    assert outcome.code == 2
    assert "it is superseded" in outcome.err


def test_a_plan_that_a_guardrail_stopped_is_released_with_it(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(12))
    desk.run("sync", "acme")
    desk.plan(*lines(12, headcount=9))
    stopped = desk.run("sync", "acme")
    assert stopped.code == 6
    assert "--allow total" in stopped.err
    desk.run("approve", only_one(desk), *WHY)

    assert desk.run("sync", "acme").code == 0
    assert heads(desk) == [9] * 12


def test_a_second_person_can_be_demanded(strict: Desk) -> None:
    strict.configure(strict.environment(approval="", extra="four_eyes = true"), strict.feed())
    strict.run("sync", "acme")
    outcome = strict.run("approve", only_one(strict), *WHY)

    assert outcome.code == 2
    assert "demands a second person" in outcome.err
    assert strict.run("sync", "acme").code == 6


def test_a_plan_expires_and_can_then_be_proposed_anew(strict: Desk) -> None:
    strict.run("sync", "acme")
    choice = choose(load(strict.folder / "bridgehead.toml"), "acme", None, None)
    later = open_ledger(choice, clock=lambda: utc_now() + timedelta(hours=73))
    (one,) = later.proposals.all()

    assert later.proposals.waiting() is None
    with pytest.raises(ConfigError, match="it is expired"):
        later.proposals.decide(one.number, approve=True, by="jo", reason="late")
    with Session(temp_directory=str(strict.folder)) as session:
        prepare(session)
        later.proposals.stage(session, one)
        again = later.proposals.propose(session, one.plan, message="", allows=(), author="jo", hours=1)
    assert (again.plan.digest, again.number) == (one.plan.digest, one.number + 1)
    later.close()


def test_an_approval_is_void_when_the_mapping_changes(strict: Desk) -> None:
    approved(strict)
    strict.configure(strict.environment(approval=""), strict.feed(extra='ignore = ["Total"]'))
    outcome = strict.run("sync", "acme")

    assert outcome.code == 6
    assert "plan-stale" in outcome.err
    assert "mapping" in outcome.err
    assert strict.writes() == 0
    assert "approval-needed" in strict.run("sync", "acme").err


def test_rows_that_somebody_changed_after_they_were_signed_are_not_sent(strict: Desk) -> None:
    approved(strict)
    (file,) = Path(strict.folder).rglob("proposal-*.parquet")
    strict.plan(*lines(12, headcount=9))
    strict.run("plan", "acme", "--out", str(strict.folder / "other.parquet"))
    file.write_bytes((strict.folder / "other.parquet").read_bytes())
    outcome = strict.run("sync", "acme")

    assert outcome.code == 6
    assert "are not the ones that were signed" in outcome.err
    assert strict.writes() == 0


def test_a_plan_saved_to_a_file_waits_too_and_is_approved_by_its_name(strict: Desk) -> None:
    path = str(strict.folder / "plan.parquet")
    strict.run("plan", "acme", "--out", path)
    unknown = strict.run("approve", path, *WHY)
    assert unknown.code == 2
    assert strict.run("sync", path).code == 6
    assert strict.run("approve", path, *WHY).code == 0

    assert strict.run("sync", path).code == 0
    assert len(strict.held()) == 12


def test_an_approved_plan_that_was_stopped_halfway_is_finished_as_it_was_signed(strict: Desk) -> None:
    slowly = "in_flight = 1\ndialect_overrides = { headcount = { max_records = 100 } }"
    strict.configure(strict.environment(approval="", extra=slowly), strict.feed())
    strict.plan(*lines(1000))
    approved(strict)
    stopped_after_an_answer(strict)
    sent = len(strict.held())
    assert 0 < sent < 1000
    strict.plan(*lines(1000, headcount=9))
    outcome = strict.run("sync", "acme")

    assert outcome.code == 0, outcome
    assert heads(strict) == [5] * 1000
    assert {one["run"]["approved_by"] for one in strict.run("--json", "history").events()} == {"root"}
    assert strict.run("sync", "acme").code == 6  # now it is the new file's turn


def test_of_two_people_who_decide_the_first_one_counts(strict: Desk) -> None:
    strict.run("sync", "acme")
    first, second = ledger(strict), ledger(strict)
    one: Proposal | None = first.proposals.waiting()
    assert one is not None
    first.proposals.decide(one.number, approve=True, by="jo", reason="yes")
    with pytest.raises(ConfigError, match="approved by jo"):
        second.proposals.decide(one.number, approve=True, by="kim", reason="yes")
    first.close()
    second.close()


def test_a_waiting_plan_can_be_looked_at_on_the_screen_and_as_a_page(strict: Desk) -> None:
    strict.run("sync", "acme")
    page = strict.folder / "plan.html"
    outcome = strict.run("waiting", only_one(strict), "--html", str(page))

    assert outcome.code == 0
    assert "+ create 12" in outcome.out
    assert f"bridgehead approve {only_one(strict)}" in outcome.out
    assert "It waits until" in page.read_text()
    assert "No plan waits" not in strict.run("waiting").out


def test_nothing_else_goes_before_a_plan_that_was_approved(strict: Desk) -> None:
    approved(strict)
    outcome = strict.run("sync", "acme", "--only", "period_start=2027-01")

    assert outcome.code == 6
    assert "is approved and not sent yet" in outcome.err
    assert strict.writes() == 0
    assert strict.run("sync", "acme").code == 0
    assert len(strict.held()) == 12


def test_an_approved_plan_that_was_stopped_after_its_last_answer_is_done(strict: Desk) -> None:
    approved(strict)
    stopped_after_an_answer(strict)
    assert len(strict.held()) == 12
    outcome = strict.run("sync", "acme")

    assert outcome.code == 0, outcome
    assert strict.writes() == 1
    assert [one["state"] for one in waiting(strict, "--decided")] == ["done"]

"""A person's no holds at any moment, and an approved plan is held to nothing else than what was signed."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import closing
from datetime import timedelta

import pytest
from tests.conftest import Desk, lines
from tests.end_to_end.test_approvals import WHY, approved, heads, only_one, strict, waiting

from bridgehead.config import load
from bridgehead.errors import PlanRejected, Unavailable
from bridgehead.events import BatchAnswered, Planned
from bridgehead.tenant import Choice, choose, open_ledger, open_sync, utc_now

__all__ = ["strict"]


def choice(desk: Desk) -> Choice:
    return choose(load(desk.folder / "bridgehead.toml"), "acme", None, None)


def half_sent(desk: Desk) -> int:
    slowly = "in_flight = 1\ndialect_overrides = { headcount = { max_records = 100 } }"
    desk.configure(desk.environment(approval="", extra=slowly), desk.feed())
    desk.plan(*lines(1000))
    approved(desk)
    answered = threading.Event()
    with open_sync(choice(desk), halt=lambda: Unavailable("The night is over.") if answered.is_set() else None) as sync:
        events = sync.run(owner="jo")
        next(event for event in events if isinstance(event, BatchAnswered))
        answered.set()
        with pytest.raises(Unavailable, match="The night is over"):
            deque(events, 0)
    return len(desk.held())


def test_what_is_rejected_halfway_is_not_finished(strict: Desk) -> None:
    sent = half_sent(strict)
    assert 0 < sent < 1000
    name = waiting(strict, "--decided")[0]["name"]
    rejected = strict.run("reject", name, "--reason", "on second thought")
    assert rejected.code == 0, rejected
    outcome = strict.run("sync", "acme")

    assert outcome.code == 6, outcome
    assert len(strict.held()) == sent
    assert strict.run("--json", "history").events()[-1]["run"]["reason"] == "agreed with J. Berg"
    decided = {one["state"]: one["proposal"]["reason"] for one in waiting(strict, "--decided")}
    assert decided["rejected"] == "on second thought"
    assert decided["superseded"] == "agreed with J. Berg"


def test_what_is_rejected_between_drawing_and_sending_is_not_sent(strict: Desk) -> None:
    approved(strict)
    with open_sync(choice(strict)) as sync:
        events = sync.run(owner="jo")
        next(event for event in events if isinstance(event, Planned))
        assert strict.run("reject", only_one(strict), "--reason", "stop").code == 0
        with pytest.raises(PlanRejected, match="stop"):
            deque(events, 0)
    assert strict.writes() == 0


def test_a_guardrail_that_the_author_confirmed_is_shown_and_confirmed_by_the_approver(desk: Desk) -> None:
    desk.configure(desk.environment(approval=""), desk.feed())
    desk.plan(*lines(12))
    approved(desk)
    assert desk.run("sync", "acme").code == 0
    desk.plan(*lines(12, headcount=9))
    outcome = desk.run("sync", "acme", "--allow", "total")
    assert outcome.code == 6
    (one,) = waiting(desk)
    assert "would move by" in one["proposal"]["message"]
    assert desk.run("approve", one["name"], *WHY).code == 0
    sent = desk.run("sync", "acme")

    assert sent.code == 0, sent
    assert heads(desk) == [9] * 12


def test_nobody_is_another_author_by_a_variable(strict: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    strict.configure(strict.environment(approval="", extra="four_eyes = true"), strict.feed())
    monkeypatch.setenv("LOGNAME", "kim")
    strict.run("sync", "acme")
    assert strict.run("approve", only_one(strict), *WHY).code == 2


def test_what_was_begun_can_be_rejected_when_it_has_expired_long_ago(strict: Desk) -> None:
    sent = half_sent(strict)
    with closing(open_ledger(choice(strict), clock=lambda: utc_now() + timedelta(hours=100))) as later:
        (one,) = later.proposals.all()
        rejected = later.proposals.decide(one.number, approve=False, by="jo", reason="too late")
        assert rejected.state == "rejected"
    assert strict.run("sync", "acme").code == 6
    assert len(strict.held()) == sent

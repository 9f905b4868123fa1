"""Overload, throttling in disguise, refusals: what a run does when UKG has had enough of it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.conftest import WRITE, Desk, lines
from tests.proxy import Passing, Reply, proxy, standing, untouched

AT = f"POST {WRITE}"
SMALL = "dialect_overrides = { headcount = { max_records = 10 } }"


def statuses(desk: Desk) -> list[int]:
    """Return how UKG answered the writes, oldest first."""
    told = [entry for entry in desk.audit() if entry["path"] == WRITE and entry["method"] == "POST"]
    return [entry["status"] for entry in reversed(told)]


def refusals(desk: Desk) -> int:
    return sum(entry["status"] in (401, 403) for entry in desk.audit())


@pytest.mark.parametrize("slug", ["throttle-as-401", "throttle-as-403"])
def test_throttling_that_is_told_as_a_refusal_slows_the_run_down_and_does_not_end_it(desk: Desk, slug: str) -> None:
    desk.configure(desk.environment(extra=SMALL), desk.feed())
    desk.plan(*lines(80))
    desk.emulator.switch_on(slug, value=6, within=AT)
    outcome = desk.run("sync", "acme")

    assert outcome.code == 0, outcome
    assert len(desk.held()) == 80
    assert "asking once more, alone" in outcome.err
    assert desk.run("sync", "acme").code == 0  # no circuit was opened


def test_a_right_that_is_taken_away_in_mid_run_is_asked_for_alone_and_with_one_new_token(desk: Desk) -> None:
    def withdraw(one: Passing) -> Reply:
        if one.write == 5:
            desk.emulator.switch_on("write-role-missing", within=AT)
        return one.status, {}, one.document

    with standing(desk.emulator.production, untouched, withdraw) as url:
        desk.configure(desk.environment(base_url=url, extra="in_flight = 8\n" + SMALL), desk.feed())
        desk.plan(*lines(400))
        outcome = desk.run("sync", "acme")

    assert (outcome.code, "permission-refused" in outcome.err) == (4, True)
    assert "1. write: BROKEN" in outcome.out
    tokens = [entry for entry in desk.audit() if entry["path"] == "/oauth/token"]
    assert len(tokens) == 2 + 1  # the last is the doctor's
    assert refusals(desk) <= 8 + 2 + 2  # on their way, one alone, one with the new token; and the doctor's, asked twice
    assert 40 <= len(desk.held()) < 400


def test_a_429_without_a_wait_slows_down_and_is_tried_again(desk: Desk) -> None:
    desk.configure(desk.environment(extra=SMALL), desk.feed())
    desk.plan(*lines(100))
    desk.emulator.switch_on("too-many-requests", value=0, times=3, within=AT)

    assert desk.run("sync", "acme").code == 0
    assert statuses(desk).count(429) == 3
    assert len(desk.held()) == 100


def test_a_refused_run_opens_the_circuit_and_the_next_one_asks_nothing(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(3))
    desk.emulator.switch_on("write-role-missing")
    first = desk.run("sync", "acme")
    asked = len(desk.audit())
    second = desk.run("sync", "acme")

    assert (first.code, "permission-refused" in first.err) == (4, True)
    assert (second.code, "circuit-open" in second.err) == (4, True)
    assert "bridgehead doctor acme --environment production" in second.err
    assert len(desk.audit()) == asked


def test_the_doctor_closes_the_circuit_once_all_of_the_chain_holds(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(3))
    desk.emulator.switch_on("write-role-missing")
    desk.run("sync", "acme")
    sick = desk.run("doctor", "acme")
    desk.emulator.switch_off()
    healthy = desk.run("doctor", "acme")

    assert (sick.code, "1. write: BROKEN" in sick.out) == (4, True)
    assert (healthy.code, "The whole chain holds" in healthy.out) == (0, True)
    assert desk.held() == {}  # to ask has no effect
    assert desk.run("sync", "acme").code == 0


def an_hour_later(desk: Desk, hours: int = 1) -> None:
    """Let the circuit have been opened so much earlier."""
    with sqlite3.connect(desk.folder / ".bridgehead" / "ledger.sqlite") as connection:
        moment = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
        connection.execute("UPDATE circuit SET probe_at = ?", (moment,))
    connection.close()


def test_after_a_wait_one_sync_may_try_and_its_refusal_makes_the_wait_longer(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(3))
    desk.emulator.switch_on("role-missing")
    desk.run("sync", "acme")
    an_hour_later(desk)
    asked = refusals(desk)
    again = desk.run("sync", "acme")
    tried = refusals(desk) - asked
    blocked = desk.run("sync", "acme")

    assert (again.code, "permission-refused" in again.err) == (4, True)
    assert tried == 1 + 3  # and the doctor's: twice the metadata, once with a header that names no tenant
    assert "2 times in a row" in blocked.err
    desk.emulator.switch_off()
    an_hour_later(desk)
    assert desk.run("sync", "acme").code == 0
    assert desk.run("sync", "acme").code == 0


def test_a_circuit_is_one_tenants_and_one_environments(desk: Desk) -> None:
    desk.configure(desk.environment(), desk.environment(environment="sandbox"), desk.feed())
    desk.plan(*lines(3))
    desk.emulator.switch_on("role-missing")
    assert desk.run("sync", "acme", "--environment", "production").code == 4

    assert desk.run("sync", "acme", "--environment", "sandbox").code == 0


def test_a_run_that_takes_longer_than_its_deadline_stops_and_the_next_one_goes_on(desk: Desk) -> None:
    slow = "in_flight = 1\ndeadline = 1\ndialect_overrides = { headcount = { max_records = 2 } }"
    desk.configure(desk.environment(extra=slow), desk.feed())
    desk.plan(*lines(60))
    desk.emulator.switch_on("latency", value=150, within=AT)
    outcome = desk.run("sync", "acme")
    stopped_at = len(desk.held())
    desk.emulator.switch_off()
    desk.configure()

    assert (outcome.code, "deadline, 1 s" in outcome.err) == (5, True)
    assert 0 < stopped_at < 60
    assert desk.run("sync", "acme").code == 0
    assert len(desk.held()) == 60


BAD = "budget,v1,2027-01,9999,CC0100,L01,J001,4,4"
LOOSE = 'metadata = { codes = { org_unit = "not.listed" } }'


def test_where_one_bad_record_refuses_all_the_others_arrive_without_it(desk: Desk) -> None:
    desk.configure(desk.environment(extra=f"dialect_overrides = {{ {LOOSE} }}"), desk.feed())
    desk.plan(*lines(30), BAD)
    desk.emulator.switch_on("all-or-nothing")
    outcome = desk.run("sync", "acme")

    assert (outcome.code, "plan.csv:32" in outcome.out) == (7, True)
    assert statuses(desk) == [400, 200]
    assert len(desk.held()) == 30
    again = desk.run("--json", "sync", "acme")
    assert again.code == 7  # it is tried again, and is as bad as before
    assert again.finished()["rejected"] == 1


def test_where_it_names_none_halves_are_sent_until_the_bad_one_stands_alone(desk: Desk) -> None:
    def nameless(_path: str, document: Any) -> Any:
        return {"error": "invalid_records"} if document.get("error") == "invalid_records" else document

    desk.emulator.switch_on("all-or-nothing")
    with proxy(desk.emulator.production, untouched, nameless) as url:
        desk.configure(desk.environment(base_url=url, extra=f"dialect_overrides = {{ {LOOSE} }}"), desk.feed())
        desk.plan(*lines(13), BAD, *lines(16)[13:])
        outcome = desk.run("--json", "sync", "acme")

    assert outcome.code == 7
    assert (outcome.finished()["accepted"], outcome.finished()["rejected"]) == (16, 1)
    assert statuses(desk).count(400) == 5  # 17, 8, 4, 2, and 1
    rejected = next(event for event in outcome.events() if event["type"] == "rejected")["rejected"]
    assert (rejected["origin"], rejected["code"]) == ("plan.csv:15", "invalid_records")


def test_a_run_killed_among_such_refusals_is_settled_in_the_same_bytes(desk: Desk) -> None:
    desk.configure(desk.environment(extra=f"attempts = 1\ndialect_overrides = {{ {LOOSE} }}"), desk.feed())
    desk.plan(*lines(5), BAD, *lines(12)[5:])
    desk.emulator.switch_on("all-or-nothing")
    desk.emulator.switch_on("closed-after", within=AT)
    assert desk.run("sync", "acme").code == 5  # the refusal itself is lost
    desk.emulator.switch_off("closed-after")
    desk.run("sync", "acme")

    assert len(desk.held()) == 12
    assert desk.run("verify", "acme").code == 0


def test_a_rest_that_is_too_long_ends_the_run_at_once_and_says_how_long(desk: Desk) -> None:
    desk.configure(desk.environment(extra=SMALL), desk.feed())
    desk.plan(*lines(100))
    desk.emulator.answer_next(429, {"error": "rate"}, headers={"Retry-After": "3600"}, method="POST", within=WRITE)
    outcome = desk.run("sync", "acme")

    assert (outcome.code, "asks for 3,600 s of rest" in outcome.err) == (5, True)
    assert desk.run("sync", "acme").code == 0
    assert len(desk.held()) == 100

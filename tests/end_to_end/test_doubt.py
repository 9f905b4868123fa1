"""No effect is proven, never inferred: whatever may have been taken stays in doubt until UKG has said so."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.conftest import UNJUDGED, WRITE, Desk, lines
from tests.proxy import Reply, between, proxy, untouched

TAIL = "in_flight = 1\nattempts = 1\ndialect_overrides = { headcount = { max_records = 5 } }"


FOREIGN = {"echo": {"tenant_id": "7d1e4c3a-93b5-4c0f-8a57-5e0d6a9cf202", "environment": "production"}}
DOUBTFUL: dict[str, tuple[int, Callable[[int, Any], Reply | None]]] = {
    "a status that the dialect does not know": (
        4,
        lambda status, body: (status, {}, body | {"results": [{"status": "queued"}] * 5}),
    ),
    "an answer about records that were never sent": (
        4,
        lambda status, body: (
            status,
            {},
            body | {"results": [one | {"client_ref": f"x{n}"} for n, one in enumerate(body["results"])]},
        ),
    ),
    "an answer that names one record five times": (
        4,
        lambda status, body: (status, {}, body | {"results": [body["results"][0]] * 5}),
    ),
    "a redirect": (4, lambda _, body: (302, {"Location": "https://login.ukg.example/sso?token=t0ken"}, body)),
    "an answer nested without end": (4, lambda status, _: (status, {}, json.loads("[" * 900 + "]" * 900))),
    "an answer without results": (4, lambda status, _: (status, {}, {})),
    "an echo of another tenant": (4, lambda status, body: (status, {}, body | FOREIGN)),
    "201": (4, lambda _, body: (201, {}, body)),
    "503": (5, lambda _, body: (503, {}, body)),
    "504 with a long wait": (5, lambda _, body: (504, {"Retry-After": "600"}, body)),
    "524": (5, lambda _, body: (524, {}, body)),
    "401 after all": (4, lambda *_: (401, {}, {"error": "insufficient_permissions"})),
    "no answer": (5, lambda _status, _body: None),
}


@pytest.mark.parametrize(("code", "answer"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_may_have_been_taken_is_asked_for_again_and_never_forgotten(
    desk: Desk, code: int, answer: Callable[[int, Any], Reply | None]
) -> None:
    with between(desk.emulator.production, lambda _, status, body: answer(status, body)) as url:
        desk.configure(desk.environment(base_url=url, extra=TAIL), desk.feed())
        desk.plan(*lines(5))
        assert desk.run("sync", "acme").code == code
    assert len(desk.held()) == 5
    desk.configure(desk.environment(extra=TAIL), desk.feed())
    assert desk.run("doctor", "acme").code == 0  # whoever was refused has to look first
    events = desk.run("--json", "sync", "acme").events()

    assert (events[0]["type"], events[0]["doubtful"]) == ("settling", 1)
    assert next(event for event in events if event["type"] == "up-to-date")["unchanged"] == 5
    assert desk.run("verify", "acme").code == 0


def test_what_is_refused_whatever_it_holds_stops_the_run_and_is_not_in_doubt(desk: Desk) -> None:
    with between(desk.emulator.production, lambda *_: (400, {}, {"error": "invalid_request", "message": "no"})) as url:
        desk.configure(desk.environment(base_url=url, extra=TAIL), desk.feed())
        desk.plan(*lines(30))
        outcome = desk.run("sync", "acme")
    desk.configure(desk.environment(extra=TAIL), desk.feed())
    events = desk.run("--json", "sync", "acme").events()
    finished = next(event for event in events if event["type"] == "run-finished")

    assert (outcome.code, "records-refused" in outcome.err) == (4, True)
    assert (events[0]["type"], events[0]["doubtful"]) == ("settling", 0)
    assert finished["accepted"] + finished["unchanged"] == 30


def an_hour_ago(desk: Desk) -> None:
    """Let all that was sent have been sent an hour ago."""
    moment = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    with sqlite3.connect(desk.folder / ".bridgehead" / "ledger.sqlite") as connection:
        connection.execute("UPDATE batch SET intended_at = ?", (moment,))
    connection.close()


def test_what_can_no_longer_be_settled_counts_as_changed_once_it_cannot_come_in_any_more(desk: Desk) -> None:
    def first_lost(number: int, status: int, body: Any) -> Reply | None:
        return None if number == 1 else (status, {}, body)

    with between(desk.emulator.production, first_lost) as url:
        desk.configure(desk.environment(base_url=url, extra=TAIL), desk.feed())
        desk.plan(*lines(5))
        assert desk.run("sync", "acme").code == 5

    def refuse_first(number: int, status: int, body: Any) -> Reply | None:
        return (404, {}, {"error": "not_found"}) if number == 1 else (status, {}, body)

    with between(desk.emulator.production, refuse_first) as url:
        desk.configure(desk.environment(base_url=url, extra=TAIL), desk.feed())
        too_early = desk.run("sync", "acme")
    an_hour_ago(desk)
    with between(desk.emulator.production, refuse_first) as url:
        desk.configure(desk.environment(base_url=url, extra=TAIL), desk.feed())
        events = desk.run("--json", "sync", "acme").events()

    assert (too_early.code, "may still be on its way" in too_early.err) == (5, True)
    assert [event["type"] for event in events][:2] == ["settling", "settled"]
    assert next(event for event in events if event["type"] == "run-finished")["state"] == "complete"
    desk.configure(desk.environment(extra=TAIL), desk.feed())
    assert "Nothing to send" in desk.run("sync", "acme").out


def test_references_that_come_back_in_capitals_are_still_ours(desk: Desk) -> None:
    def shout(path: str, document: Any) -> Any:
        for result in document.get("results", []) if path == WRITE else []:
            result["client_ref"] = result["client_ref"].upper()
        return document

    with proxy(desk.emulator.production, untouched, shout) as url:
        desk.configure(desk.environment(base_url=url, extra=UNJUDGED), desk.feed())
        desk.plan(*lines(30), "budget,v1,2027-01,9999,CC0100,L01,J001,4,4")
        outcome = desk.run("sync", "acme")

    assert outcome.code == 7
    assert "plan.csv:32" in outcome.out


def test_a_ledger_that_was_lost_does_not_hear_yesterdays_answers(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(12, headcount=5))
    desk.run("sync", "acme")
    desk.plan(*lines(12, headcount=6))
    desk.run("sync", "acme")
    for path in (desk.folder / ".bridgehead").rglob("*"):
        if path.is_file():
            path.unlink()
    desk.plan(*lines(12, headcount=5))
    assert desk.run("sync", "acme").code == 6
    assert desk.run("adopt", "acme").code == 0
    assert desk.run("sync", "acme").code == 0

    assert {record["headcount"] for record in desk.held().values()} == {5}


def test_a_refused_renewal_is_asked_for_once_however_many_requests_wait(desk: Desk) -> None:
    desk.configure(
        desk.environment(extra="in_flight = 16\ndialect_overrides = { headcount = { max_records = 5 } }"), desk.feed()
    )
    desk.plan(*lines(200))
    tokens = [0]

    def refuse_second(path: str, document: Any) -> Any:
        if path == "/oauth/token":
            tokens[0] += 1
            if tokens[0] > 1:
                return {"error": "invalid_client"}
            document["expires_in"] = 1
        return document

    with proxy(desk.emulator.production, untouched, refuse_second) as url:
        extra = "in_flight = 16\ndialect_overrides = { headcount = { max_records = 5 } }"
        desk.configure(desk.environment(base_url=url, extra=extra), desk.feed())
        outcome = desk.run("sync", "acme")

    assert outcome.code in (0, 4)
    assert tokens[0] <= 2 + 2  # the doctor asks as well, in both ways of showing a secret


@pytest.mark.parametrize("measure", ["headcount", "fte"])
def test_zeroing_everything_waits_for_a_person_whichever_measure_is_planned(desk: Desk, measure: str) -> None:
    columns = {"headcount": "{0},", "fte": ",{0}"}[measure]
    desk.configure()
    desk.plan(*[f"budget,v1,2027-{month:02d},0100,CC0100,L01,J001,{columns.format(5)}" for month in range(1, 13)])
    assert desk.run("sync", "acme").code == 0
    desk.plan(*[f"budget,v1,2027-{month:02d},0100,CC0100,L01,J001,{columns.format(0)}" for month in range(1, 13)])
    outcome = desk.run("sync", "acme")

    assert outcome.code == 6
    assert "100.0 %" in outcome.err


def test_an_empty_file_is_not_a_plan_to_do_nothing(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(12))
    desk.run("sync", "acme")
    desk.plan()
    planned, outcome = desk.run("plan", "acme"), desk.run("sync", "acme")

    assert outcome.code == 6
    assert "plan.csv holds no projection, UKG holds 12 from it" in outcome.err
    assert "Nothing to send" not in outcome.out
    assert planned.code == 0
    assert "A sync will stop here: plan.csv holds no projection" in planned.out
    assert "--allow empty" in planned.out


def test_a_settled_run_does_not_switch_the_guardrail_off(desk: Desk) -> None:
    with between(desk.emulator.production, lambda *_: None) as url:
        desk.configure(desk.environment(base_url=url, extra=TAIL), desk.feed())
        desk.plan(*lines(5))
        assert desk.run("sync", "acme").code == 5
    desk.configure(desk.environment(extra=TAIL), desk.feed())
    assert desk.run("sync", "acme").code == 0
    desk.plan(*lines(5, headcount=0))

    assert desk.run("sync", "acme").code == 6

"""A request that UKG never settles holds nothing up for ever; and what is still on its way is never overtaken."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.conftest import WRITE, Desk, lines
from tests.end_to_end.test_doubt import TAIL
from tests.proxy import Lost, between, standing


def age(desk: Desk, minutes: int) -> None:
    """Let what was written down about batches be so many minutes older."""
    then = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat(timespec="milliseconds")
    with sqlite3.connect(desk.folder / ".bridgehead" / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE batch SET intended_at = ?", (then,))
    ledger.close()


def heads(desk: Desk) -> set[int]:
    return {record["headcount"] for record in desk.held().values()}


def test_a_request_that_was_sent_once_more_counts_from_then_on_as_on_its_way(desk: Desk) -> None:
    kept: list[tuple[dict[str, str], bytes]] = []
    does = {"now": "lose"}

    def alter(method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        if method == "POST" and path == WRITE and does["now"] != "pass":
            if does["now"] == "hold":  # a proxy on the way keeps it for a while
                kept.append((headers, body))
            raise Lost
        return headers, body

    with standing(desk.emulator.production, alter, lambda one: (one.status, {}, one.document)) as url:
        desk.configure(desk.environment(base_url=url, extra=TAIL), desk.feed())
        desk.plan(*lines(5))
        assert desk.run("sync", "acme").code == 5
        age(desk, 31)
        does["now"] = "hold"
        assert desk.run("sync", "acme").code == 5
        does["now"] = "pass"
        desk.emulator.answer_next(404, {"error": "not_found"}, method="POST", within=WRITE)
        desk.plan(*lines(5, headcount=6))
        third = desk.run("sync", "acme")
        assert (third.code, desk.held()) == (5, {})
        assert "Run again in 30 minutes" in third.err
        headers = {name: value for name, value in kept[0][0].items() if name.lower() not in ("host", "content-length")}
        assert (
            desk.http.request("POST", desk.emulator.production + WRITE, body=kept[0][1], headers=headers).status == 200
        )
        assert desk.run("sync", "acme").code == 0
    assert heads(desk) == {6}


@pytest.mark.parametrize("status", [500, 409])
def test_a_request_that_ukg_never_settles_is_unknown_once_it_cannot_come_in_any_more(desk: Desk, status: int) -> None:
    poisoned = {"is": True}

    def answer(_: int, really: int, body: Any) -> tuple[int, dict[str, str], Any]:
        return (status, {}, {"error": "internal"}) if poisoned["is"] else (really, {}, body)

    with between(desk.emulator.production, answer) as url:
        desk.configure(desk.environment(base_url=url, extra=TAIL), desk.feed())
        desk.plan(*lines(5))
        assert desk.run("sync", "acme").code in (4, 5)
        desk.plan(*lines(5, headcount=6))
        age(desk, 20)
        waits = desk.run("sync", "acme")
        assert (waits.code, "Run again in 30 minutes" in waits.err) == (5, True)
        with sqlite3.connect(desk.folder / ".bridgehead" / "ledger.sqlite") as ledger:
            left_at = ledger.execute("SELECT intended_at FROM batch").fetchone()[0]
        ledger.close()
        # It was asked for again and answered: a run every quarter of an hour does not begin the wait anew.
        assert datetime.fromisoformat(left_at) < datetime.now(UTC) - timedelta(minutes=19)
        age(desk, 31)
        poisoned["is"] = False
        assert desk.run("sync", "acme").code == 0
    assert heads(desk) == {6}


def test_a_server_that_fails_at_one_old_request_only_lets_the_next_plan_through(desk: Desk) -> None:
    desk.configure(desk.environment(extra=TAIL), desk.feed())
    desk.plan(*lines(5))
    desk.emulator.switch_on("closed-after", within=f"POST {WRITE}", times=1)
    assert desk.run("sync", "acme").code == 5
    age(desk, 31)
    desk.plan(*lines(5, headcount=6))
    desk.emulator.answer_next(500, {"error": "internal"}, method="POST", within=WRITE)

    assert desk.run("sync", "acme").code == 0
    assert heads(desk) == {6}


def test_a_gateways_400_proves_nothing_about_what_was_taken_before(desk: Desk) -> None:
    desk.configure(desk.environment(extra=TAIL), desk.feed())
    desk.plan(*lines(5))
    desk.emulator.switch_on("closed-after", within=f"POST {WRITE}", times=1)
    assert desk.run("sync", "acme").code == 5
    assert len(desk.held()) == 5
    four = lines(5)
    del four[2]
    desk.plan(*four)
    page = {"body": b"<html>Bad Request</html>", "headers": {"Content-Type": "text/html"}}
    desk.emulator.answer_next(400, method="POST", within=WRITE, **page)

    assert desk.run("sync", "acme", "--allow", "retired").code == 5
    assert desk.run("sync", "acme", "--allow", "retired").code == 0
    assert sorted(record["headcount"] for record in desk.held().values()) == [0, 5, 5, 5, 5]


def test_a_client_that_may_write_and_not_read_delivers_and_opens_no_circuit(desk: Desk) -> None:
    desk.configure(desk.environment(extra=TAIL), desk.feed())
    desk.plan(*lines(5))
    for _ in range(8):
        desk.emulator.answer_next(403, {"error": "insufficient_permissions"}, method="GET", within=WRITE)
    first, second = desk.run("sync", "acme"), desk.run("sync", "acme")

    assert (first.code, second.code) == (0, 0)
    assert "this client may not" in first.out + first.err
    assert len(desk.held()) == 5


@pytest.mark.parametrize("status", [200, 302, 404])
def test_a_maintenance_page_at_the_token_endpoint_opens_no_circuit(desk: Desk, status: int) -> None:
    desk.configure()
    desk.plan(*lines(5))
    page = {"body": b"<html>We are back soon</html>", "headers": {"Content-Type": "text/html"}}
    desk.emulator.answer_next(status, method="POST", within="/oauth/token", **page)
    first = desk.run("sync", "acme")

    assert first.code == 4
    assert "no token endpoint" in first.err
    assert desk.run("sync", "acme").code == 0


def test_while_the_circuit_is_open_plan_and_verify_ask_nothing_either(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(5))
    desk.emulator.switch_on("secret-expired")
    desk.run("sync", "acme")
    asked = len(desk.audit())

    for command in ("sync", "plan", "verify"):
        assert desk.run(command, "acme").err.startswith("circuit-open")
    assert len(desk.audit()) == asked

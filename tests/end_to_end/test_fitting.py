"""Requests that UKG finds too large: the run goes on in smaller ones, and nothing is lost or sent twice."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.conftest import WRITE, Desk, lines

from bridgehead.emulator import Emulator

AT = {"method": "POST", "within": WRITE}


def posted(emulator: Emulator) -> list[tuple[int | None, int]]:
    """Return status and number of records of each write."""
    found = emulator.journal.read("POST", WRITE)
    return [(one.status, len(msgspec.json.decode(one.body)["records"])) for one in found]


def test_a_maximum_that_ukg_states_is_kept_to_from_then_on(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(1_000))
    desk.emulator.switch_on("too-large", value=100)

    assert desk.run("sync", "acme").code == 0
    assert len(desk.held()) == 1_000
    sizes = posted(desk.emulator)
    assert sizes[0][0] == 413
    assert [size for status, size in sizes if status == 200] == [100] * 10
    assert desk.run("verify", "acme").code == 0


@pytest.mark.parametrize("body", [{"error": "payload_too_large"}, {"limits": [{"limit": "files", "maximum": 1}]}, []])
def test_where_ukg_states_no_maximum_half_of_it_is_sent(desk: Desk, body: Any) -> None:
    desk.configure()
    desk.plan(*lines(40))
    desk.emulator.answer_next(413, body, times=2, **AT)

    assert desk.run("sync", "acme").code == 0
    assert posted(desk.emulator) == [(413, 40), (413, 20), *[(200, 10)] * 4]
    assert len(desk.held()) == 40


def test_a_maximum_of_bytes_is_kept_to(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(40))
    desk.emulator.answer_next(413, {"limits": [{"limit": "bytes", "actual": 9_000, "maximum": 2_000}]}, **AT)

    assert desk.run("sync", "acme").code == 0
    bodies = [len(one.body) for one in desk.emulator.journal.read("POST", WRITE)]
    assert max(bodies[1:]) <= 2_000 < bodies[0]
    assert len(desk.held()) == 40


def test_a_single_record_that_is_too_large_stops_the_run_in_words_and_the_next_one_goes_on(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(5))
    desk.emulator.answer_next(413, {"error": "payload_too_large"}, times=3, **AT)  # to five, to two, and to one
    stopped = desk.run("sync", "acme")

    assert (stopped.code, "too-large: UKG answered 413 to a delivery of 1 records" in stopped.err) == (4, True)
    assert desk.run("sync", "acme").code == 0
    assert len(desk.held()) == 5


def test_a_request_that_may_have_arrived_is_not_cut_into_smaller_ones(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(5))
    desk.emulator.switch_on("closed-after", within=f"POST {WRITE}", times=1)
    desk.emulator.switch_on("too-large", value=3)
    assert desk.run("sync", "acme").code == 4
    desk.emulator.switch_off()

    assert desk.run("sync", "acme").code == 0
    assert [size for _, size in posted(desk.emulator)] == [5, 5, 5]  # settled with the same bytes under the same key
    assert len(desk.held()) == 5

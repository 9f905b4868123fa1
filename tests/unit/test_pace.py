"""When another try can help, and how long to wait for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgehead.ukg.messages import Response
from bridgehead.ukg.pace import Pace, is_transient, retry_after

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


def answer(status: int, body: bytes = b"", **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, NOW)


@pytest.mark.parametrize("status", [200, 207, 400, 401, 403, 404, 413, 415, 422, 501])
def test_what_only_people_can_mend_is_never_tried_again(status: int) -> None:
    assert Pace().wait(1, answer(status), lambda: 1.0) is None


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 524])
def test_overload_and_outage_are_tried_again(status: int) -> None:
    assert Pace().wait(1, answer(status), lambda: 1.0) == 0.5


def test_a_call_that_is_still_being_processed_is_tried_again_and_a_reused_key_is_not() -> None:
    assert is_transient(answer(409, b'{"error":"in_progress"}'))
    assert not is_transient(answer(409, b'{"error":"key_reused"}'))


def test_a_wait_that_the_server_asks_for_is_obeyed_in_seconds_and_as_a_date() -> None:
    assert Pace().wait(1, answer(429, retry_after="7"), lambda: 0.0) == 7
    assert retry_after(answer(503, retry_after="Mon, 02 Nov 2026 03:00:30 GMT")) == 30
    assert retry_after(answer(503, retry_after="Mon, 02 Nov 2026 02:00:00 GMT")) == 0
    assert retry_after(answer(503, retry_after="soon")) is None


def test_a_wait_beyond_patience_ends_the_tries() -> None:
    assert Pace(patience=60).wait(1, answer(429, retry_after="3600"), lambda: 0.0) is None


@given(st.integers(1, 40), st.floats(0, 1), st.integers(1, 20))
def test_waits_grow_never_pass_the_cap_and_end(attempt: int, chance: float, attempts: int) -> None:
    pace = Pace(attempts=attempts)
    wait = pace.wait(attempt, None, lambda: chance)
    if attempt >= attempts:
        assert wait is None
    else:
        assert wait is not None
        assert 0 <= wait <= min(pace.cap, pace.base * 2 ** (attempt - 1))

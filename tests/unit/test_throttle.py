"""How many requests may be on their way, and when the next one may leave: laws of the gate."""

from __future__ import annotations

import threading
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgehead.ukg.throttle import Halted, Rate, Throttle, Window


class Time:
    """Seconds that go by when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


def throttle(time: Time, most: int = 8, budget: int = 50) -> Throttle:
    return Throttle(most, now=time, sleep=time.sleep, budget=budget)


def test_it_starts_with_one_and_doubles_from_round_to_round() -> None:
    window, sizes = Window(32), []
    for _ in range(6):
        sizes.append(window.size)
        for _ in range(window.size):
            window.good()

    assert sizes == [1, 2, 4, 8, 16, 32]


def test_it_halves_once_for_all_that_had_left_and_then_grows_by_one_a_round() -> None:
    window = Window(32)
    for _ in range(31):
        window.good()
    for _ in range(10):
        window.overloaded(sent_at=1.0, now=2.0)
    halved = window.size
    for _ in range(halved + 1):
        window.good()

    assert (halved, window.size) == (16, 17)
    window.overloaded(sent_at=3.0, now=4.0)
    assert window.size == 8


@given(st.lists(st.sampled_from(["good", "bad"]), max_size=200), st.integers(1, 64))
def test_it_is_never_less_than_one_nor_more_than_allowed(answers: list[str], most: int) -> None:
    window = Window(most)
    for moment, answer in enumerate(answers):
        if answer == "good":
            window.good()
        else:
            window.overloaded(moment, moment)
        assert 1 <= window.size <= most


@settings(max_examples=50, deadline=None)
@given(st.integers(6, 1_200), st.lists(st.floats(0, 20), max_size=40), st.integers(0, 2_000))
def test_no_minute_holds_more_than_ukg_allows_however_the_work_comes(
    per_minute: int, pauses: list[float], expected: int
) -> None:
    time = Time()
    gate = throttle(time)
    gate.at_most(per_minute)
    gate.expect(expected)
    pause, lately = iter(pauses), deque[float]()
    for _ in range(3 * per_minute):
        time.now += next(pause, 0.0)
        with gate.slot() as moment:
            pass
        lately.append(moment)
        while lately[0] <= moment - 60:
            lately.popleft()
        assert len(lately) <= per_minute + 1e-9


def test_a_run_that_fits_into_the_minute_is_not_spread_and_the_next_one_still_is() -> None:
    time = Time()
    gate = throttle(time)
    gate.at_most(600)
    gate.expect(100)
    for _ in range(100):
        with gate.slot():
            pass
    assert time.now == 0
    gate.expect(1_000)
    moments = []
    for _ in range(1_000):
        with gate.slot() as moment:
            moments.append(moment)

    assert all(sum(start <= one < start + 60 for one in [*[0.0] * 100, *moments]) <= 600 for start in moments)


@pytest.mark.parametrize("per_minute", [60, 600, 6_000])
def test_what_ukg_allows_is_used_to_nine_tenths_and_more(per_minute: int) -> None:
    rate, now = Rate(), 0.0
    rate.at_most(0.97 * per_minute / 60, 0.03 * per_minute)
    for _ in range(3 * per_minute):
        now += max(0.0, rate.wait(now))
        rate.left(now)

    assert 0.9 <= 3 * per_minute / (now / 60) / per_minute <= 1.03


def test_a_wait_that_ukg_asks_for_holds_for_all() -> None:
    time = Time()
    gate = throttle(time)
    with gate.slot() as sent_at:
        gate.overloaded(sent_at, 30.0)
    with gate.slot() as moment:
        assert moment >= 30


def test_a_call_that_is_asked_alone_has_silence_before_it_and_nothing_beside_it() -> None:
    time = Time()
    gate = throttle(time)
    for _ in range(8):
        with gate.slot():
            gate.good()
    before, beside = time.now, []

    def another() -> None:
        with gate.slot():
            beside.append(time.now)

    with gate.slot(alone=True) as moment:
        thread = threading.Thread(target=another)
        thread.start()
        thread.join(timeout=0.1)
        assert beside == []
    thread.join()

    assert moment - before >= 1
    assert len(beside) == 1


def test_where_a_refusal_was_one_of_load_it_goes_on_at_half_the_rate() -> None:
    time = Time()
    gate = throttle(time)
    for _ in range(10):
        with gate.slot():
            gate.good()
        time.now += 0.05
    gate.suspect()
    gate.confirm()
    moments = []
    for _ in range(11):
        with gate.slot() as moment:
            moments.append(moment)

    assert (moments[-1] - moments[0]) == pytest.approx(2.0, abs=0.3)  # five a second


def test_tries_are_bounded_by_a_share_of_good_answers() -> None:
    gate = throttle(Time(), budget=3)
    assert [gate.may_try_again() for _ in range(4)] == [True, True, True, False]
    for _ in range(5):
        gate.good()
    assert [gate.may_try_again() for _ in range(2)] == [True, False]


def test_whoever_wants_to_stop_is_heard_while_a_request_waits() -> None:
    time, stopped = Time(), [False]

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        stopped[0] = time.now > 3

    gate = Throttle(1, now=time, sleep=sleep, stopped=lambda: stopped[0])
    with gate.slot() as sent_at:
        gate.overloaded(sent_at, 600.0)
    with pytest.raises(Halted), gate.slot():
        pass
    assert time.now < 4
    with pytest.raises(Halted):
        gate.wait(600)

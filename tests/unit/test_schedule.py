"""Schedules as cron writes them, and windows in which nothing is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgehead.service.schedule import Schedule, ScheduleError, Window, until, zone

BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
TEXTS = st.sampled_from(
    ["* * * * *", "30 2 * * *", "0 18 5 * *", "*/15 6-20 * * mon-fri", "0 3 * * sun", "15 2 * 3,10 *"]
)


@given(TEXTS, MOMENTS)
def test_the_last_moment_is_not_after_now_and_the_next_one_is(text: str, now: datetime) -> None:
    schedule = Schedule(text, BERLIN)
    last, following = schedule.last(now), schedule.next(now)

    assert last is not None
    assert following is not None
    assert last <= now < following
    assert schedule.last(last) == last
    before = schedule.before(last)
    assert before is not None
    assert before < last


@given(TEXTS, MOMENTS)
def test_between_two_moments_of_a_schedule_lies_none(text: str, now: datetime) -> None:
    schedule = Schedule(text, UTC_ZONE)
    last, following = schedule.last(now), schedule.next(now)
    assert last is not None
    assert schedule.next(last) == following


UTC_ZONE = ZoneInfo("UTC")


def test_a_schedule_goes_by_the_clock_on_the_wall_of_its_zone() -> None:
    schedule = Schedule("30 2 * * *", BERLIN)
    summer, winter = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)

    assert schedule.next(summer) == datetime(2026, 7, 1, 0, 30, tzinfo=UTC)
    assert schedule.next(winter) == datetime(2026, 12, 1, 1, 30, tzinfo=UTC)


def test_in_the_night_without_half_past_two_a_run_comes_once() -> None:
    schedule = Schedule("30 2 * * *", BERLIN)
    night = datetime(2027, 3, 27, 12, tzinfo=UTC)
    first = schedule.next(night)
    assert first is not None
    second = schedule.next(first)
    assert second is not None
    assert first.date() == datetime(2027, 3, 28, tzinfo=UTC).date()
    assert timedelta(hours=22) < second - first < timedelta(hours=26)


@pytest.mark.parametrize("text", ["61 * * * *", "* * * *", "every night", "0 25 * * *", "0 2 31 2 x"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError, match="is no schedule"):
        Schedule(text, BERLIN)


def test_a_zone_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ScheduleError, match="no time zone 'Europe/Bonn'"):
        zone("Europe/Bonn")


@pytest.mark.parametrize(
    ("text", "moment", "end"),
    [
        ("sun 02:00 - sun 06:00", "2026-12-06 03:00", "2026-12-06 06:00"),
        ("sun 02:00 - sun 06:00", "2026-12-06 01:59", None),
        ("sun 02:00 - sun 06:00", "2026-12-06 06:00", None),
        ("sat 22:00 - mon 05:00", "2026-12-06 12:00", "2026-12-07 05:00"),
        ("22:00 - 05:00", "2026-12-06 23:00", "2026-12-07 05:00"),
        ("22:00 - 05:00", "2026-12-07 04:59", "2026-12-07 05:00"),
        ("22:00 - 05:00", "2026-12-07 05:00", None),
        ("2026-12-24 18:00 - 2026-12-27 06:00", "2026-12-25 00:00", "2026-12-27 06:00"),
        ("2026-12-24 18:00 - 2026-12-27 06:00", "2026-12-27 06:00", None),
    ],
)
def test_a_window_ends_when_it_says(text: str, moment: str, end: str | None) -> None:
    found = Window(text, BERLIN).until(datetime.fromisoformat(moment).replace(tzinfo=BERLIN))

    assert found == (datetime.fromisoformat(end).replace(tzinfo=BERLIN) if end is not None else None)


NO_WINDOWS = (
    "",
    "sunday",
    "sun 02:00",
    "sun 25:00 - sun 06:00",
    "2026-12-24 - 2026-12-27",
    "2026-12-27 06:00 - 2026-12-24 18:00",
    "sun 02:00 - 06:00",
)


@pytest.mark.parametrize("text", NO_WINDOWS)
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        Window(text, BERLIN)


@given(MOMENTS)
def test_outside_the_end_of_a_window_nothing_is_closed(now: datetime) -> None:
    windows = [Window(text, BERLIN) for text in ("sun 02:00 - sun 06:00", "22:00 - 05:00")]
    end = until(windows, now)
    if end is not None:
        assert end > now
        assert all(one.until(end) is None or one.until(end) != end for one in windows)


@pytest.mark.parametrize("text", ["*/15 * * * *", "0 * * * *", "30 2 * * *", "30 1-3 * * *", "0 2 * * sun"])
@pytest.mark.parametrize("evening", [datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2027, 3, 27, 20, tzinfo=UTC)])
def test_in_a_night_in_which_the_clocks_change_no_moment_is_left_out_and_none_comes_early(
    text: str, evening: datetime
) -> None:
    schedule = Schedule(text, BERLIN)
    moments, moment = [], schedule.next(evening - timedelta(days=8))
    while moment is not None and moment < evening + timedelta(days=1):
        moments.append(moment)
        moment = schedule.next(moment)
    for minutes in range(14 * 60):
        now = evening + timedelta(minutes=minutes, seconds=3)
        assert schedule.last(now) == max(one for one in moments if one <= now), now

"""Parts of the plan: put side by side without an overlap, and cut into months without a gap."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridgehead.plan import Owned, apart
from bridgehead.verify import by_months

DAYS = st.dates(date(2027, 1, 1), date(2027, 12, 31))


@st.composite
def parts(draw: st.DrawFn) -> Owned:
    first, last = sorted((draw(DAYS), draw(DAYS)))
    return Owned(draw(st.sampled_from(["budget", "forecast"])), draw(st.sampled_from(["v1", "v2"])), first, last)


def days(pieces: Iterable[Owned]) -> list[tuple[str, str, date]]:
    return [
        (one.scenario, one.version, one.first_period + timedelta(days=n))
        for one in pieces
        for n in range((one.last_period - one.first_period).days + 1)
    ]


@given(st.lists(parts(), max_size=6))
def test_parts_that_overlap_cover_the_same_days_each_once(given_parts: list[Owned]) -> None:
    covered = days(apart(given_parts))

    assert len(covered) == len(set(covered))
    assert set(covered) == set(days(given_parts))


@given(parts(), st.lists(st.integers(1, 12), unique=True))
def test_a_part_by_months_is_the_whole_part_each_day_once(part: Owned, months: list[int]) -> None:
    wanted = [date(2027, month, 1) for month in sorted(months)]
    pieces = list(by_months(part, wanted))

    assert days(pieces) == days([part])
    assert all(one.first_period.month == one.last_period.month for one in pieces if one.first_period in wanted)


def test_a_part_that_ends_when_time_does_is_cut_as_well() -> None:
    part = Owned("budget", "v1", date(2027, 1, 1), date.max)
    pieces = list(by_months(part, [date(2027, 1, 1), date(9999, 12, 1)]))

    assert [one.last_period for one in pieces] == [date(2027, 1, 31), date(9999, 11, 30), date.max]

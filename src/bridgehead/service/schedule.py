"""When a feed is due: schedules as cron writes them, in a time zone, and windows in which nothing is sent. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_AROUND = timedelta(hours=4)
"""So near to a change of the clocks a moment may be one of an hour that comes twice."""
_WEEK = timedelta(days=7)
_WEEKLY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun) (\d\d):(\d\d)")
_DAILY = re.compile(r"(\d\d):(\d\d)")


class ScheduleError(ValueError):
    """A text is no schedule, no time zone or no window."""


def zone(name: str) -> ZoneInfo:
    """Return a time zone; raise ScheduleError where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ScheduleError(f"there is no time zone {name!r}") from None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule as cron writes it; what a change of the clocks does to it is as Debian's cron has it.

    text: five fields, such as `30 2 * * *`. zone: in which it is written. All moments that come out are in UTC.
    """

    text: str
    zone: ZoneInfo

    def __post_init__(self) -> None:
        """Raise ScheduleError where the text is no schedule."""
        try:
            CronSim(self.text, datetime(2026, 1, 1, tzinfo=self.zone))
        except CronSimError as wrong:
            raise ScheduleError(f"{self.text!r} is no schedule: {wrong}") from None

    def last(self, now: datetime) -> datetime | None:
        """Return the latest moment that is not after now; None where there never was one."""
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        start = minute - _AROUND
        if start.astimezone(self.zone).utcoffset() == (minute + _AROUND).astimezone(self.zone).utcoffset():
            return self._first((minute + timedelta(minutes=1)).astimezone(self.zone), reverse=True)
        # Where an hour comes twice, cronsim takes it for one when it goes back; forward it does not.
        found = self._first(start.astimezone(self.zone), reverse=True)
        for moment in CronSim(self.text, (start - timedelta(minutes=1)).astimezone(self.zone)):
            if moment > now:
                break
            found = moment.astimezone(UTC)
        return found

    def next(self, now: datetime) -> datetime | None:
        """Return the first moment after now; None where there is never one."""
        return self._first(now.astimezone(self.zone), reverse=False)

    def before(self, moment: datetime) -> datetime | None:
        """Return the moment of the schedule before one of its moments."""
        return self.last(moment - timedelta(minutes=1))

    def _first(self, start: datetime, *, reverse: bool) -> datetime | None:
        found = next(CronSim(self.text, start, reverse=reverse), None)
        return found.astimezone(UTC) if found is not None else None


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which nothing is sent: `sun 02:00 - sun 06:00`, `22:00 - 05:00`, `2026-12-24 18:00 - 2026-12-27 06:00`.

    Raises ScheduleError where the text is none of these.
    """

    text: str
    zone: ZoneInfo

    def __post_init__(self) -> None:
        """Raise ScheduleError where the text is no window."""
        self.until(datetime(2026, 1, 1, tzinfo=UTC))

    def until(self, now: datetime) -> datetime | None:
        """Return when the window that now lies in ends; None: now lies in none."""
        first, dash, last = (part.strip().lower() for part in self.text.partition(" - "))
        here = now.astimezone(self.zone)
        for pattern, period in ((_WEEKLY, _WEEK), (_DAILY, timedelta(days=1))):
            begin, end = pattern.fullmatch(first), pattern.fullmatch(last)
            if begin and end:
                return _repeated(_minutes(begin), _minutes(end), here, period)
        try:
            once = [datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=self.zone) for text in (first, last)]
        except ValueError:
            once = []
        if not dash or len(once) != 2 or once[0] >= once[1]:
            raise ScheduleError(f"{self.text!r} is no window")
        return once[1].astimezone(UTC) if once[0] <= here < once[1] else None


def _minutes(found: re.Match[str]) -> int:
    """Return the minute of the week, or of the day, that a text names."""
    *day, hour, minute = found.groups()
    if int(hour) > 23 or int(minute) > 59:
        raise ScheduleError(f"{found[0]!r} is no time of day")
    return (_DAYS.index(day[0]) * 24 + int(hour) if day else int(hour)) * 60 + int(minute)


def _repeated(begin: int, end: int, here: datetime, period: timedelta) -> datetime | None:
    minutes = int(period.total_seconds()) // 60
    day = here.weekday() if period == _WEEK else 0
    now = (day * 24 + here.hour) * 60 + here.minute
    length, passed = (end - begin) % minutes or minutes, (now - begin) % minutes
    if passed >= length:
        return None
    # On the clock of the wall: a window ends at its hour, also in the night in which the clocks change.
    ends = here.replace(second=0, microsecond=0, tzinfo=None) + timedelta(minutes=length - passed)
    return ends.replace(tzinfo=here.tzinfo).astimezone(UTC)


def until(windows: Sequence[Window], now: datetime) -> datetime | None:
    """Return when the last of the windows that now lies in ends; None: now lies in none of them."""
    return max((end for one in windows if (end := one.until(now)) is not None), default=None)

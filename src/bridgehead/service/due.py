"""Which feed is placed next, and why; and where it stands after its run. Pure: it is told the time and the facts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from bridgehead.agenda import Appointment, Standing
from bridgehead.ended import Ended

if TYPE_CHECKING:  # a sync that is typed writes its verdict down, and needs no schedules for it
    from bridgehead.service.schedule import Schedule

Why = Literal["schedule", "retry", "resume", "approved"]

_WAITS = (1, 5, 15, 30, 60, 60, 60, 60)
"""Minutes after each attempt that found UKG away; then the next moment of the schedule is waited for, unless a run
is still open or a plan approved: then it is tried again after as long as the last time."""
_BUSY = timedelta(seconds=30)
"""After so long a feed is tried again whose tenant another run is at work for."""
_NO_VERDICTS = ("paused", "lease-held")
"""Ends that leave the verdict before them standing."""
_SET_BACK = timedelta(hours=1)
"""Served so long from now: the clock was wrong then, and nothing would be due before it is that late."""


def due(schedule: Schedule, standing: Standing, now: datetime) -> Why | None:
    """Return why a feed is to be placed now; None: it is not.

    One that was never served waits for the next moment of its schedule, and what was missed is caught up with once.
    """
    appointment = standing.appointment
    if appointment.served is not None and appointment.served - now > _SET_BACK:
        return "schedule"
    if appointment.retry_at is not None:
        return "retry" if now >= appointment.retry_at else None
    last = schedule.last(now)
    if last is not None and appointment.served is not None and last > appointment.served:
        return "schedule"
    if standing.open_run:
        return "resume"
    return "approved" if standing.approved else None


def begun(schedule: Schedule, appointment: Appointment, now: datetime) -> Appointment:
    """Return where a feed stands that nobody has scheduled before: as if it had been served until now."""
    return msgspec.structs.replace(appointment, served=schedule.last(now) or now)


def looks(appointment: Appointment, days: int, now: datetime) -> bool:
    """Whether a run reads UKG also where it sends nothing: so are numbers seen that others change there.

    days: after so many it does; 0: never.
    """
    looked_at = appointment.looked_at
    return days > 0 and not (looked_at is not None and timedelta(0) <= now - looked_at < timedelta(days=days))


def after(
    schedule: Schedule | None, standing: Standing, ended: Ended, *, placed_at: datetime, now: datetime
) -> Appointment:
    """Return where a feed stands after a run. placed_at: when that was placed; what fell due since is due."""
    appointment = standing.appointment
    new = ended.source and ended.source != appointment.source
    appointment = msgspec.structs.replace(
        appointment,
        served=(schedule.last(placed_at) if schedule is not None else None) or appointment.served,
        source=ended.source or appointment.source,
        source_since=now if new else appointment.source_since,
        looked_at=now if ended.looked else appointment.looked_at,
        verdict=appointment.verdict if ended.state in _NO_VERDICTS else ended,
        verdict_at=appointment.verdict_at if ended.state in _NO_VERDICTS else now,
    )
    attempts, retry_at = _retry(ended, standing, now)
    return msgspec.structs.replace(appointment, attempts=attempts, retry_at=retry_at)


def _retry(ended: Ended, standing: Standing, now: datetime) -> tuple[int, datetime | None]:
    """Return how often it was tried by then, and when it is tried again before its schedule says so.

    Where a run is still open or a plan approved, the feed is due at once: it waits, longer each time, whatever failed.
    """
    attempts, left = standing.appointment.attempts, standing.open_run or standing.approved
    if ended.retry_in is not None:
        return attempts, now + timedelta(seconds=ended.retry_in)
    if ended.state == "lease-held":
        return attempts, now + _BUSY
    if ended.exit_code == 4 and standing.probe_at is not None:  # whoever mends it need not tell the schedule
        return attempts + 1, max(standing.probe_at, now)
    if ended.exit_code == 5 or (ended.exit_code and left):
        wait = _WAITS[min(attempts, len(_WAITS) - 1)] if left or attempts < len(_WAITS) else None
        return attempts + 1, now + timedelta(minutes=wait) if wait is not None else None
    return 0, None


def late(schedule: Schedule, appointment: Appointment, now: datetime) -> datetime | None:
    """Return by when another planning file should have come, and none has; None: it has, or there is time left."""
    by = schedule.last(now)
    before = schedule.before(by) if by is not None else None
    if by is None or before is None or appointment.served is None:
        return None
    since = appointment.source_since
    return None if since is not None and since > before else by

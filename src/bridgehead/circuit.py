"""A tenant's circuit: after UKG refused the authorization nothing is asked of it for a while; then one run may try.

What only people can mend is not asked for again and again: accounts get locked by that, and logs filled.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from bridgehead.errors import CircuitOpen

_FIRST = timedelta(minutes=15)
_LONGEST = timedelta(hours=4)


class Circuit(msgspec.Struct, frozen=True):
    """An open circuit. refusals: in a row. probe_at: from then on one run may try. message: what UKG said."""

    refusals: int
    opened_at: datetime
    probe_at: datetime
    message: str

    def objection(self, now: datetime, *, tenant: str, environment: str) -> CircuitOpen | None:
        """Return the error that keeps a run from asking so soon; None: it may try."""
        if now >= self.probe_at:
            return None
        return CircuitOpen(
            f"UKG was not asked: it refused the authorization of {tenant} ({environment}) {_times(self.refusals)}, "
            f"first on {self.opened_at:%Y-%m-%d at %H:%M} UTC: {self.message}",
            cure="When it is mended, the doctor finds that out and closes the circuit; else one sync may try again "
            f"on {self.probe_at:%Y-%m-%d from %H:%M} UTC.",
            next_command=f"bridgehead doctor {tenant} --environment {environment}",
        )


def opened(before: Circuit | None, now: datetime, message: str) -> Circuit:
    """Return the circuit after a refusal: it waits a quarter of an hour, and twice as long after each further one."""
    refusals = before.refusals + 1 if before is not None else 1
    wait = min(_LONGEST, _FIRST * 2 ** min(refusals - 1, 8))
    return Circuit(refusals, before.opened_at if before is not None else now, now + wait, message)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times in a row"

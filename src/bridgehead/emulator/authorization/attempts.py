"""Failed attempts to prove who one is: what fails often has to wait, longer each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

_FREE = 5
"""Attempts that cost nothing."""

_LONGEST = 60
"""Seconds that one has to wait at most."""

_REMEMBERED = 10_000


class Attempts:
    """Failed attempts by name and address.

    The wait is for whoever fails from there: somebody else's guesses do not lock a client out.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._failed: dict[tuple[str, str], tuple[int, datetime]] = {}

    def wait(self, name: str, address: str) -> int:
        """Return the whole seconds until the next attempt is looked at."""
        count, last = self._failed.get((name, address), (0, None))
        if last is None or count < _FREE:
            return 0
        passed = int((self._clock() - last).total_seconds())
        return max(0, min(_LONGEST, 1 << min(count - _FREE, 10)) - passed)

    def failed(self, name: str, address: str) -> None:
        """Count a failure; those of long ago are forgotten."""
        if not name:  # nobody was named
            return
        now = self._clock()
        count, last = self._failed.pop((name, address), (0, now))
        long_ago = (now - last).total_seconds() > 2 * _LONGEST
        self._failed[name, address] = (1 if long_ago else count + 1, now)
        if len(self._failed) > _REMEMBERED:  # somebody tries names
            self._failed = dict(list(self._failed.items())[_REMEMBERED // 2 :])

    def clear(self) -> None:
        """Forget all failures."""
        self._failed.clear()

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures."""
        self._failed.pop((name, address), None)

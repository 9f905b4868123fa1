"""Failed sign-ins: whoever fails often has to wait, longer each time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Lock

_FREE = 5
"""Failures that cost nothing."""

_LONGEST = 60
"""Seconds that one has to wait at most."""

_REMEMBERED = 10_000


class Attempts:
    """Failed sign-ins by name and address, so that somebody else's guesses lock no one out who comes from elsewhere."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failed: dict[tuple[str, str], tuple[int, datetime]] = {}

    def wait(self, name: str, address: str) -> int:
        """Return the whole seconds until the next attempt is looked at."""
        now = self._clock()
        with self._lock:
            count, last = self._failed.get((name, address), (0, now))
        if count < _FREE:
            return 0
        return max(0, min(_LONGEST, 1 << min(count - _FREE, 10)) - int((now - last).total_seconds()))

    def failed(self, name: str, address: str) -> None:
        """Count a failure; those of long ago are forgotten."""
        now = self._clock()
        with self._lock:
            count, last = self._failed.pop((name, address), (0, now))
            long_ago = (now - last).total_seconds() > 2 * _LONGEST
            self._failed[name, address] = (1 if long_ago else count + 1, now)
            if len(self._failed) > _REMEMBERED:  # somebody tries names
                self._failed = dict(list(self._failed.items())[_REMEMBERED // 2 :])

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures."""
        with self._lock:
            self._failed.pop((name, address), None)

"""How many requests an API client may make in a minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta


class Quota:
    """Requests per minute of each API client, counted over the last sixty seconds."""

    def __init__(self, per_minute: int, clock: Callable[[], datetime]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._calls: dict[str, deque[datetime]] = {}

    def clear(self) -> None:
        """Forget what was counted."""
        self._calls.clear()

    def wait(self, client_id: str) -> int:
        """Count a request; return 0, or the whole seconds to wait when the minute is full."""
        now = self._clock()
        calls = self._calls.setdefault(client_id, deque())
        while calls and now - calls[0] >= timedelta(seconds=60):
            calls.popleft()
        if len(calls) >= self._per_minute:
            return max(1, 60 - int((now - calls[0]).total_seconds()))
        calls.append(now)
        return 0

"""How many requests of one tenant may be on their way at once, and when the next one may leave.

The number starts at one, doubles from round to round of good answers and halves when UKG is overloaded, as TCP does it
(RFC 5681); where UKG says how many a minute it takes, requests are spread evenly below that. A wait that UKG asks for
counts for all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

_SHARE = 0.97
"""Of what UKG takes in a minute, so much is used steadily; the rest may leave at once, at the beginning."""
_FEW = 0.9
"""A run that needs no more than this share of a minute's requests, those of the last minute counted, is not spread."""
_MINUTE = 60.0
_CALM = 1.1
"""Seconds of silence before a call that shows whether a refusal was one of load: limits count by the second."""
_SLICE = 0.2
"""Seconds after which a waiting request looks up, in case somebody wants to stop."""


class Halted(Exception):
    """Somebody wants to stop, or UKG has refused for good; the request has not left."""


class Window:
    """How many requests may be on their way: grows with good answers, halves with bad ones. most: never more.

    Pure: whoever asks says what time it is, in seconds.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 1.0
        self._steep_below = float(most)
        self._halved_at = float("-inf")

    @property
    def size(self) -> int:
        """So many may be on their way."""
        return int(self._size)

    def good(self) -> None:
        """Grow: by one for each answer at first, after a halving by one for each round of answers."""
        step = 1.0 if self._size < self._steep_below else 1.0 / self._size
        self._size = min(float(self._most), self._size + step)

    def overloaded(self, sent_at: float, now: float) -> None:
        """Halve; once for all requests that had left before it was known."""
        if sent_at >= self._halved_at:
            self._size = self._steep_below = max(1.0, self._size / 2)
            self._halved_at = now


class Rate:
    """When the next request may leave: evenly, after a few at once (the generic cell rate algorithm, ITU-T I.371)."""

    def __init__(self) -> None:
        self._interval = 0.0
        self._ahead = 0.0
        self._due = float("-inf")

    def at_most(self, per_second: float, at_once: float) -> None:
        """Slow down to so many a second; never speed up. at_once: so many may leave together."""
        if 1 / per_second > self._interval:
            self._interval, self._ahead = 1 / per_second, max(0.0, at_once - 1) / per_second

    def wait(self, now: float) -> float:
        """Return the seconds until the next one may leave; 0 or less: now."""
        return self._due - self._ahead - now

    def left(self, now: float) -> None:
        """Note that one has left."""
        self._due = max(self._due, now) + self._interval


class Throttle:
    """The gate that all requests of one tenant pass. Thread-safe.

    most: requests at once. now: seconds that never run backwards. sleep: waits. stopped: asked while a request waits
    for its turn. budget: how many more tries there may be than a fifth of the good answers; it bounds what a server
    that fails half the time has to bear.
    """

    def __init__(
        self,
        most: int,
        *,
        now: Callable[[], float],
        sleep: Callable[[float], object],
        stopped: Callable[[], bool] = lambda: False,
        budget: int = 50,
    ) -> None:
        self._now, self._sleep, self._stopped = now, sleep, stopped
        self._window, self._rate = Window(most), Rate()
        self._turn = Condition()
        self._flying = 0
        self._alone = False
        self._quiet_until = float("-inf")
        self._sent = deque[float](maxlen=256)
        self._found = False
        self._allowed = 0
        self._expected = 0
        self._suspected = 0
        self._closed = False
        self._budget = self._full = float(budget)

    def at_most(self, per_minute: int | None) -> None:
        """Spread requests so that there are never more in a minute than UKG says it takes."""
        if per_minute and per_minute != self._allowed:
            with self._turn:
                self._allowed = per_minute
                self._sent = deque(self._sent, maxlen=max(256, per_minute))
                self._rate.at_most(_SHARE * per_minute / _MINUTE, (1 - _SHARE) * per_minute)

    def expect(self, requests: int) -> None:
        """Say how many are about to come. Where all of them fit into the minute, they need not be spread."""
        with self._turn:
            self._expected = requests

    @contextmanager
    def slot(self, *, alone: bool = False) -> Iterator[float]:
        """Wait for one's turn and hold it while the block runs; yields when it began. Raises Halted.

        alone: nothing else is on its way meanwhile, nor has left for a second before.
        """
        if alone:
            self._claim()
        try:
            began = self._enter(alone=alone)
            try:
                yield began
            finally:
                with self._turn:
                    self._flying -= 1
                    self._turn.notify_all()
        finally:
            if alone:
                with self._turn:
                    self._alone = False
                    self._turn.notify_all()

    def _claim(self) -> None:
        with self._turn:
            while self._alone:
                self._check()
                self._turn.wait(_SLICE)
            self._alone = True

    def _enter(self, *, alone: bool) -> float:
        while True:
            with self._turn:
                self._check()
                if self._flying >= (1 if alone else self._window.size) or (self._alone and not alone):
                    self._turn.wait(_SLICE)
                    continue
                now = self._now()
                calm = self._sent[-1] + _CALM - now if alone and self._sent else 0.0
                spread = 0.0 if self._few(now) else self._rate.wait(now)
                wait = max(self._quiet_until - now, spread, calm)
                if wait <= 0:
                    self._flying += 1
                    self._expected = max(0, self._expected - 1)
                    self._rate.left(now)
                    self._sent.append(now)
                    return now
            self._sleep(min(wait, _SLICE))

    def close(self) -> None:
        """Let nothing more leave: UKG's refusal is final."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()

    def _few(self, now: float) -> bool:
        """Whether all that is to come fits into what is left of this minute; not where a limit had to be found out."""
        if self._found or not self._allowed:
            return False
        lately = len(self._sent) - bisect_right(self._sent, now - _MINUTE)
        return lately + max(1, self._expected) <= _FEW * self._allowed

    def _check(self) -> None:
        if self._closed or self._stopped():
            raise Halted

    def wait(self, seconds: float) -> None:
        """Wait outside of any turn, before another try. Raises Halted."""
        while seconds > 0:
            self._check()
            self._sleep(min(seconds, _SLICE))
            seconds -= _SLICE

    def good(self) -> None:
        """Note a good answer."""
        with self._turn:
            self._window.good()
            self._budget = min(self._full, self._budget + 0.2)
            self._turn.notify_all()

    def overloaded(self, sent_at: float, pause: float | None) -> None:
        """Note an answer that says that there are too many requests. pause: seconds that it asks for."""
        with self._turn:
            now = self._now()
            self._window.overloaded(sent_at, now)
            if pause is not None:
                self._quiet_until = max(self._quiet_until, now + pause)

    def suspect(self) -> None:
        """Note a refusal that may be one of load, and at which rate it came."""
        with self._turn:
            now = self._now()
            self._suspected = max(self._suspected, sum(moment >= now - 1 for moment in self._sent))

    def confirm(self) -> None:
        """Note that it was one of load: alone, the same call passed. From now on at half that rate."""
        with self._turn:
            if self._suspected:
                self._found = True
                self._rate.at_most(max(1.0, self._suspected / 2), 1)
            self._suspected = 0

    def may_try_again(self) -> bool:
        """Take one try from the budget; say no when it is spent."""
        with self._turn:
            if self._budget < 1:
                return False
            self._budget -= 1
            return True

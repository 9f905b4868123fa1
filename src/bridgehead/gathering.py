"""Pages from several readings at once, taken in by one: each reading waits for UKG in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from queue import Full, Queue
from threading import Event

_AHEAD = 16
"""Pages that may have come and not been taken in yet."""

Page = bytes | BaseException | None
"""A page; what ended a reading before its time; None: it came to its end."""


def gather(pool: Executor, readings: Sequence[Callable[[], Iterator[bytes]]]) -> Iterator[bytes]:
    """Yield the pages of all readings as they come; raise what one of them raises."""
    if len(readings) == 1:
        yield from readings[0]()
        return
    came, over = Queue[Page](_AHEAD), Event()
    waiting = [pool.submit(_fetch, reading, came, over) for reading in readings]
    left = len(readings)
    try:
        while left:
            page = came.get()
            if isinstance(page, BaseException):
                raise page
            if page is None:
                left -= 1
            else:
                yield page
    finally:
        over.set()
        for future in waiting:
            future.cancel()


def _fetch(reading: Callable[[], Iterator[bytes]], came: Queue[Page], over: Event) -> None:
    try:
        for page in reading():
            if not _hand_over(page, came, over):
                return
    except BaseException as wrong:  # noqa: BLE001 - raised again where it is waited for
        _hand_over(wrong, came, over)
    else:
        _hand_over(None, came, over)


def _hand_over(page: Page, came: Queue[Page], over: Event) -> bool:
    """Put a page where it is taken from, as soon as there is room; say no when nobody waits any more."""
    while not over.is_set():
        try:
            came.put(page, timeout=0.1)
        except Full:
            continue
        return True
    return False

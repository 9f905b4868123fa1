"""A sync that was typed is written down like one that nobody watched: its verdict, and who has to be told of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import msgspec

from bridgehead.cli.notices import page_of
from bridgehead.cli.options import Face
from bridgehead.ended import Ended, Seen
from bridgehead.errors import BridgeheadError
from bridgehead.service.booking import book, tell_all
from bridgehead.tenant import Choice, open_ledger, utc_now


@contextmanager
def booked(face: Face, choice: Choice, seen: Seen) -> Iterator[None]:
    """Write down how the block ended, which takes its events into `seen`; an interruption is no end."""
    begun, where = time.monotonic(), (choice.tenant, choice.environment, choice.feed_name)
    try:
        yield
    except BridgeheadError as wrong:
        _typed(face, choice, seen.failed(where, wrong, time.monotonic() - begun))
        raise
    _typed(face, choice, seen.ended(where, time.monotonic() - begun))


def _typed(face: Face, choice: Choice, ended: Ended) -> None:
    """Write it down; which file it was is left open, since rows of another one may have been named."""
    write_down(face, choice, msgspec.structs.replace(ended, source=""))


def write_down(face: Face, choice: Choice, ended: Ended) -> None:
    """Write a verdict down, and tell who has to be told; where the ledger cannot be used, its own error has said so."""
    try:
        with closing(open_ledger(choice)) as ledger:
            book(ledger, choice, ended, now=utc_now())
            for problem in tell_all(choice.config, ledger, page=lambda notice: page_of(choice.config, notice)):
                face.view.say(f"A notice did not get through by {problem}; the next run tries again.")
    except BridgeheadError:
        return

"""Files that are whole: not read while somebody writes them, and of one digest for as long as they stay as they are."""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from errno import EAGAIN
from pathlib import Path
from threading import Lock

from bridgehead.errors import SourceUnreadable

_CURE = "Wait until whoever writes it has finished, and try again."
HALF = (".part", ".partial", ".tmp", ".filepart", ".crdownload")
"""How files are called while they are copied or downloaded."""


@dataclass(slots=True)
class Content:
    """The bytes of one file, whose digest is made once for as long as the file stays as it is, whoever asks first."""

    path: Path
    _known: tuple[tuple[int, ...], str] = ((), "")
    _asked: Lock = field(default_factory=Lock)

    def digest(self) -> str:
        """Return it; raise OSError when the file cannot be read."""
        with self._asked:
            state = _state(self.path)
            if not state or state != self._known[0]:
                with self.path.open("rb") as file:
                    self._known = (state, hashlib.file_digest(file, "sha256").hexdigest())
            return self._known[1]


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Raise SourceUnreadable for a file that is being written, or that changes while the block reads it."""
    if _is_written(path):
        raise SourceUnreadable(f"{path} is still being written.", cure=_CURE)
    before = _state(path)
    try:
        yield
    finally:
        if _state(path) != before:
            raise SourceUnreadable(f"{path} changed while it was read.", cure=_CURE) from None


def check_left_alone(path: Path, seconds: int, now: datetime) -> None:
    """Raise SourceUnreadable for a file that was changed less than so many seconds ago; 0: whenever it was changed.

    A file server's clock may be ahead of ours.
    """
    if not seconds:
        return
    state = _state(path)
    age = now.timestamp() - state[2] / 1e9 if state else seconds
    if seconds and age < seconds:  # else the clock of a share that is ahead would keep every file from being read
        raise SourceUnreadable(
            f"{path} was changed {max(0, age):.0f} s ago, and may be half written: settled_after is {seconds} s.",
            cure=_CURE,
        )


def _is_written(path: Path) -> bool:
    """Whether another program has the file open for writing, as far as the system tells.

    Linux grants a read lease on a file only while nobody has it open for writing (fcntl(2)); on network shares, and of
    files of other people, it does not say.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:  # which reading it explains
        return False
    try:
        # Whoever opens it while we hold the lease makes a signal, which by default would end this program.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as refused:
        return refused.errno == EAGAIN
    finally:
        os.close(descriptor)
    return False


def _state(path: Path) -> tuple[int, ...]:
    """Return what changes with a file; nothing when it cannot be looked at, which reading it explains."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns

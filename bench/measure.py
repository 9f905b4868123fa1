"""Runs one program to its end and says what it cost: seconds, CPU of all its processes, peak of their memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")
_EVERY = 0.1


class Failed(Exception):
    """A program did not do what was asked of it, so its time means nothing."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was kept of a line that the program wrote: when, and how many CPU seconds it had used by then."""

    at: float
    cpu: float
    line: dict[str, Any]


@dataclass(slots=True)
class Cost:
    """What one run cost. heard: the lines it wrote, when they were asked for."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    heard: list[Heard] = field(default_factory=list)


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    limit: float,
    understood: Callable[[bytes], dict[str, Any] | None] | None = None,
) -> Cost:
    """Run a program in a session of its own; raise Failed when it fails or takes longer than *limit* seconds.

    understood: says what is to be kept of a line of its output, None when nothing is.
    """
    errors = folder / "stderr.txt"
    with errors.open("wb") as stderr:
        before = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - what is measured
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )
        watch = _Watch(process.pid, before + limit)
        ears = _Ears(process, understood)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - before
    process.returncode = os.waitstatus_to_exitcode(status)
    overdue, together = watch.end()
    heard = ears.end()
    if overdue:
        raise Failed(f"stopped after {limit:.0f} s")
    if process.returncode:
        words = errors.read_text(errors="replace").strip().splitlines() or ["no word of why"]
        raise Failed(f"exit code {process.returncode}: {words[-1][:200]}")
    return Cost(seconds, used.ru_utime + used.ru_stime, max(used.ru_maxrss / 1024, together), heard)


def json_line(line: bytes) -> dict[str, Any] | None:
    """Keep a line that is a JSON object."""
    return json.loads(line) if line.startswith(b"{") else None


class _Watch:
    """Adds up the memory of a session's processes ten times a second, and ends them when they take too long."""

    def __init__(self, session: int, deadline: float) -> None:
        self._session, self._deadline = session, deadline
        self._over, self._peak, self._overdue = threading.Event(), 0.0, False
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(_EVERY):
            self._peak = max(self._peak, _resident_mb(self._session))
            if time.perf_counter() > self._deadline:
                self._overdue = True
                _kill(self._session)

    def end(self) -> tuple[bool, float]:
        """Return whether the program had to be ended, and the peak in MB."""
        self._over.set()
        self._thread.join()
        _kill(self._session)  # what the program left behind would weigh on the next one
        return self._overdue, self._peak


class _Ears:
    """Reads what a program writes, so that it never waits for a full pipe."""

    def __init__(
        self, process: subprocess.Popen[bytes], understood: Callable[[bytes], dict[str, Any] | None] | None
    ) -> None:
        self._process, self._understood = process, understood or (lambda _: None)
        self._heard: list[Heard] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            kept = self._understood(line)
            if kept is not None:
                self._heard.append(Heard(time.perf_counter(), cpu_seconds(self._process.pid), kept))

    def end(self) -> list[Heard]:
        """Return what was heard."""
        self._thread.join(timeout=5)
        return self._heard


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of one running process, 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def _resident_mb(session: int) -> float:
    pages = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            pages += int(fields[21]) if int(fields[3]) == session else 0
    return pages * _PAGE / 2**20


def _kill(session: int) -> None:
    try:
        os.killpg(session, signal.SIGKILL)
    except ProcessLookupError:
        return

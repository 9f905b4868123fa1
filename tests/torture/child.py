"""A command of bridgehead as a process of its own, started by the zygote: watched, signalled, and at last reaped."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
_OUT, _ERR = 0, 1


class Zygote:
    """Starts commands. folder: for the pipes to them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.zygote"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for whoever typed it
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def start(self, arguments: list[str], **request: Any) -> Child:
        """Start a command; the request's fields are those that the zygote reads."""
        number = next(self._numbers)
        names = [self._folder / f"{number}.{which}" for which in ("out", "err")]
        for name in names:
            os.mkfifo(name)
        # A pipe and no file: what the process says must not end where its files may not grow.
        pipes = [os.open(name, os.O_RDONLY | os.O_NONBLOCK) for name in names]
        out, err = map(str, names)
        pid = self._ask(ask="start", arguments=arguments, out=out, err=err, **request)
        return Child(self, pid, pipes, names)

    def reap(self, pid: int) -> int:
        """Return the exit code of a process that has ended; a negative one is the signal that ended it."""
        return os.waitstatus_to_exitcode(self._ask(ask="reap", pid=pid))

    def _ask(self, **request: Any) -> Any:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the zygote has no pipes")
        self._process.stdin.write(f"{json.dumps(request)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@dataclass(slots=True)
class Child:
    """A process that is at work, or has ended and not been reaped. code: None until then."""

    zygote: Zygote
    pid: int
    pipes: list[int]
    names: list[Path]
    code: int | None = None
    _said: tuple[bytearray, bytearray] = field(default_factory=lambda: (bytearray(), bytearray()))
    _handle: int = -1

    def __post_init__(self) -> None:
        self._handle = os.pidfd_open(self.pid)

    def ended(self, seconds: float) -> bool:
        """Wait so long at most; return whether it has ended, and reap it then."""
        if self.code is None:
            waiting = select.poll()
            waiting.register(self._handle, select.POLLIN)
            over = bool(waiting.poll(seconds * 1000))
            self._listen()
            if over:
                self.code = self.zygote.reap(self.pid)
                self._close()
        return self.code is not None

    def signal(self, which: signal.Signals) -> bool:
        """Send a signal; return whether the process was there to get it."""
        if self.ended(0):
            return False
        signal.pidfd_send_signal(self._handle, which)
        return True

    @property
    def out(self) -> str:
        """What it has said."""
        return self._said[_OUT].decode(errors="replace")

    @property
    def err(self) -> str:
        """What it has said on stderr."""
        return self._said[_ERR].decode(errors="replace")

    def _listen(self) -> None:
        for pipe, said in zip(self.pipes, self._said, strict=True):
            while piece := _read(pipe):
                said.extend(piece)

    def _close(self) -> None:
        for descriptor in (*self.pipes, self._handle):
            os.close(descriptor)
        for name in self.names:
            name.unlink()


def _read(pipe: int) -> bytes:
    try:
        return os.read(pipe, 65_536)
    except BlockingIOError:
        return b""

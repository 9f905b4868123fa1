"""A process that has imported bridgehead and forks a child for each command: a real process, without Python's start.

Starting Python and importing takes a quarter of a second; a fork takes some milliseconds, and what then runs is the
program's own `main` in a process of its own, with its own signals, limits and files. The zygote has one thread and no
open database, so that a fork copies nothing that is at work. It reads requests from stdin and answers on stdout, a JSON
line each: `start` gives the child's pid, `reap` its wait status. It reaps only when asked: until then the pid is
nobody else's.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, NoReturn

import bridgehead
from bridgehead.cli.main import main

_NOT_NEEDED = ("bridgehead.emulator", "bridgehead.testing", "bridgehead.cli.demo", "bridgehead.cli.emulate")


def serve() -> None:
    """Answer requests until nobody asks any more."""
    for module in pkgutil.walk_packages(bridgehead.__path__, "bridgehead."):
        if not module.name.startswith(_NOT_NEEDED):
            importlib.import_module(module.name)
    for other in ("duckdb", "nanoarrow"):  # which the program imports as late as it can
        importlib.import_module(other)
    gc.collect()
    gc.freeze()  # or each child would copy what it only looks at
    for line in sys.stdin:
        request = json.loads(line)
        answer = _start(request) if request["ask"] == "start" else os.waitpid(request["pid"], 0)[1]
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()
    os._exit(0)  # what was frozen must not be collected: the table engine would complain


def _start(request: dict[str, Any]) -> int:
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        raise RuntimeError(f"the zygote has {threads} threads; what it forks would not be sound")
    pid = os.fork()
    if pid == 0:
        _be(request)
    return pid


def _be(request: dict[str, Any]) -> NoReturn:
    """Be the program."""
    os.setpgid(0, 0)
    for descriptor, name, flags in ((0, os.devnull, os.O_RDONLY), (1, request["out"], os.O_WRONLY)):
        os.dup2(os.open(name, flags), descriptor)
    os.dup2(os.open(request["err"], os.O_WRONLY), 2)
    os.chdir(request["folder"])
    os.environ["TMPDIR"] = tempfile.tempdir = request["scratch"]
    random.seed(request["luck"])
    if request["room"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["room"], request["room"]))
    if request["own_clock"]:
        _set_clock(request["own_clock"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["bridgehead", *request["arguments"]]
    try:
        main()
    except KeyboardInterrupt:  # as Python ends a program that lets it pass
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:  # noqa: BLE001 - the same for all else
        traceback.print_exc()
    os._exit(1)


def _set_clock(jumps: list[tuple[float, float]]) -> None:
    """Let the clock of this process jump: so many seconds from now by so many.

    The system's clock is everybody's. So the one place where the program reads it gets another one to read.
    """
    started = time.monotonic()

    class Jumping(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            """Return a moment like any other: what it is made of can be written down."""
            passed = time.monotonic() - started
            return datetime.now(tz) + timedelta(seconds=sum(by for at, by in jumps if passed >= at))

    importlib.import_module("bridgehead.tenant").datetime = Jumping  # type: ignore[attr-defined]


if __name__ == "__main__":
    serve()

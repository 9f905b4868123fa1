"""Runs bridgehead and says what each of its stages took: every statement it gives to its table engine, by its meaning.

`python -m bench.stages --json sync acme`, in a folder with a configuration, writes one line of JSON a stage after the
events. The names are the sentences with which the `.sql` files begin.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from bridgehead import batches
from bridgehead.cli.main import run
from bridgehead.ledgers.sqlite import SqliteLedger
from bridgehead.tables import Session
from bridgehead.ukg.planning import PlanningApi

_spent: dict[str, float] = defaultdict(float)
_cpu: dict[str, float] = defaultdict(float)
_calls: dict[str, int] = defaultdict(int)


def _meaning(sql: str) -> str:
    """Name a statement: by its first comment, else by how it begins, without the numbers in it."""
    first = sql.lstrip().split("\n", maxsplit=1)[0]
    return re.sub(r"[0-9]+", "n", first.removeprefix("-- ").strip())[:100]


def _note(key: str, before: float, cpu: float) -> None:
    _spent[key] += time.perf_counter() - before
    _cpu[key] += time.process_time() - cpu
    _calls[key] += 1


def _timed(owner: type, method: str, name: Callable[..., str]) -> None:
    original = getattr(owner, method)

    def timed(*arguments: Any, **named: Any) -> Any:
        before, cpu = time.perf_counter(), time.process_time()
        try:
            return original(*arguments, **named)
        finally:
            _note(name(*arguments), before, cpu)

    setattr(owner, method, timed)


def _timed_turns(owner: Any, function: str, key: str) -> None:
    """Count the time in which a generator makes what is taken from it."""
    original = getattr(owner, function)

    def timed(*arguments: Any, **named: Any) -> Any:
        turns = original(*arguments, **named)
        while True:
            before, cpu = time.perf_counter(), time.process_time()
            one = next(turns, None)
            _note(key, before, cpu)
            if one is None:
                return
            yield one

    setattr(owner, function, timed)


def main() -> int:
    """Run bridgehead with a clock at each of its doors."""
    started = time.perf_counter()
    _timed(Session, "ask", lambda _, sql, *__: _meaning(sql))
    _timed_turns(batches, "portions", "waiting for rendered records")
    _timed(SqliteLedger, "journal", lambda *_: "journal: answers, and batches intended")
    _timed(PlanningApi, "deliver", lambda *_: "requests and answers (several at once)")
    code = run(sys.argv[1:])
    _spent["all of it, without the start"] = time.perf_counter() - started
    for stage, seconds in sorted(_spent.items(), key=lambda one: -one[1]):
        line = {
            "stage": stage,
            "seconds": round(seconds, 4),
            "cpu_seconds": round(_cpu[stage], 4),
            "calls": _calls[stage],
        }
        sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())

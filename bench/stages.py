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

from bridgehead.cli.main import run
from bridgehead.ledgers.sqlite import SqliteLedger
from bridgehead.tables import Rows, Session
from bridgehead.ukg.planning import PlanningApi

_spent: dict[str, float] = defaultdict(float)
_cpu: dict[str, float] = defaultdict(float)
_calls: dict[str, int] = defaultdict(int)


def _meaning(sql: str) -> str:
    """Name a statement: by its first comment, else by how it begins, without the numbers in it."""
    first = sql.lstrip().split("\n", maxsplit=1)[0]
    return re.sub(r"[0-9]+", "n", first.removeprefix("-- ").strip())[:100]


def _timed(owner: type, method: str, name: Callable[..., str]) -> None:
    original = getattr(owner, method)

    def timed(*arguments: Any, **named: Any) -> Any:
        before, cpu = time.perf_counter(), time.process_time()
        try:
            return original(*arguments, **named)
        finally:
            key = name(*arguments)
            _spent[key] += time.perf_counter() - before
            _cpu[key] += time.process_time() - cpu
            _calls[key] += 1

    setattr(owner, method, timed)


def main() -> int:
    """Run bridgehead with a clock at each of its doors."""
    started = time.perf_counter()
    _timed(Session, "ask", lambda _, sql, *__: _meaning(sql))
    _timed(Session, "rows", lambda _, sql, *__: f"taking rendered rows: {_meaning(sql)}")
    _timed(Rows, "take", lambda *_: "taking rendered rows")
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

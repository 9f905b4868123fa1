"""The sink as this benchmark holds it: started once for all cases, reset before each, asked what it received after."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HEADCOUNT = "/api/v1/workforce/planning/headcount"
ROWS_PER_ORG_UNIT = 24 * 40  # months and jobs, as bench/rows.py writes them
TENANT = "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"


@dataclass(frozen=True, slots=True)
class Received:
    """What came since the last reset, and what receiving it cost."""

    requests: int
    records: int
    bytes: int
    connections: int
    cpu_seconds: float


class Sink:
    """The sink's process."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
        word = (self._process.stdout.readline() if self._process.stdout else "").split()
        self.port = int(word[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._before = 0.0

    def __enter__(self) -> Self:
        """Hand the sink out."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(timeout=5)

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return answer

    def reset(self, rows: int, latency_ms: int = 0) -> None:
        """Count from 0; know the org units of a plan with so many rows; let every delivery wait for its answer."""
        known = rows // ROWS_PER_ORG_UNIT * 102 // 100 + 2  # the twins have some more
        self._before = self._ask("POST", f"/_reset?latency_ms={latency_ms}&org_units={known}")["cpu_seconds"]

    def received(self) -> Received:
        """Say what came since the reset."""
        answer = self._ask("GET", "/_counters")
        return Received(**{**answer, "cpu_seconds": answer["cpu_seconds"] - self._before})

"""The limit: bodies that were rendered beforehand, posted by bridgehead's own HTTP client, urllib3 in 8 threads.

Nothing is read, built, checked or written down, so no delivery by this client can be faster. Not a tool: a yardstick.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import orjson
import urllib3

from bench.peers.wire import HEADERS, asked

AT_ONCE = 8


def load(file: Path) -> list[bytes]:
    """Read the bodies, one a line."""
    return file.read_bytes().splitlines()


class Bodies:
    """Bodies that several threads take from."""

    def __init__(self, bodies: list[bytes]) -> None:
        self._bodies, self._lock = iter(bodies), Lock()

    def __iter__(self) -> Iterator[bytes]:
        """Take one after the other until none is left."""
        while True:
            with self._lock:
                body = next(self._bodies, None)
            if body is None:
                return
            yield body


def main() -> None:
    """Post the bodies; write what the posting alone took, and its CPU, to stdout."""
    url, file = asked()
    bodies = Bodies(load(file))
    before, cpu = time.perf_counter(), time.process_time()
    pool = urllib3.PoolManager(num_pools=1, maxsize=AT_ONCE, block=True, retries=False)

    def deliver(_: int) -> None:
        for body in bodies:
            answer = pool.request("POST", url, headers=HEADERS, body=body)
            if answer.status != 200:
                raise SystemExit(f"the sink answered {answer.status}")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(deliver, range(AT_ONCE)))
    spent = {"seconds": time.perf_counter() - before, "cpu_seconds": time.process_time() - cpu}
    sys.stdout.write(orjson.dumps(spent).decode() + "\n")


if __name__ == "__main__":
    main()

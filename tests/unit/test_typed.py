"""Types are read for the first time by many threads at once, as when many tenants begin together."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys, threading
sys.setswitchinterval(1e-6)
from bridgehead.ukg.dialect import load_dialect
threads = [threading.Thread(target=load_dialect, args=("thread", {})) for _ in range(35)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_many_threads_that_begin_at_once_neither_hang_nor_crash() -> None:
    for _ in range(3):  # without the lock, more than half of them did
        done = subprocess.run([sys.executable, "-c", SCRIPT], timeout=60, check=False, capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")

"""Runs bridgehead with less memory for its table engine than by default: `python -m bench.limited 512MB sync acme`."""

from __future__ import annotations

import sys

from bridgehead.cli.main import run
from bridgehead.tables import Session

if __name__ == "__main__":
    Session.__init__.__kwdefaults__["memory_limit"] = sys.argv[1]
    sys.exit(run(sys.argv[2:]))

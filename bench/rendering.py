"""Renders a delivered plan once more, without sending it: from a plan's rows to bodies with their digests."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from itertools import count
from pathlib import Path

import msgspec

from bench.peers.wire import BATCH
from bridgehead.batches import batches_of
from bridgehead.compare.accepted import prepare
from bridgehead.compare.rules import Known
from bridgehead.plan import Bound, Counts, Plan, Rendering
from bridgehead.ports import Terms
from bridgehead.tables import Session

_ROOM = 67_108_864


def main() -> None:
    """Take all batches of the run that a ledger's folder holds; say how many records, and how long it took."""
    folder = Path(sys.argv[1])
    ledger = sqlite3.connect(folder / "ledger.sqlite")
    name, written, told, now = ledger.execute("SELECT plan_file, envelope, rendering, started_at FROM run").fetchone()
    rendering, (before, after) = msgspec.json.decode(told, type=Rendering), json.loads(written)
    terms = Terms(rendering.names, rendering.scales, (before, after), BATCH, _ROOM, None, Known({}, {}))
    with Session(temp_directory=str(folder)) as session:
        prepare(session)
        session.view_parquet("plan_rows", str(next(folder.rglob(name))))
        rows = int(session.value("SELECT count(*) FROM plan_rows"))
        bound = Bound("", rendering.tenant_id, "", "", "", 0, "", "")
        plan = Plan(bound, now, Counts(), (), (), (), None, (before, after), rendering)
        clock, cpu = time.perf_counter(), time.process_time()
        taken = sum(batch.size for batch in batches_of(session, "bench", plan, terms, [(1, rows)], count(1)))
        spent = {"seconds": time.perf_counter() - clock, "cpu_seconds": time.process_time() - cpu}
    sys.stdout.write(json.dumps({"records": taken, **spent}) + "\n")


if __name__ == "__main__":
    main()

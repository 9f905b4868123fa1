"""Renders the request bodies of a plan beforehand, as bridgehead would send them: what the limit is measured with."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb
import orjson

from bench.peers.wire import BATCH
from bench.rows import lines

_BODY = """
SELECT encode(concat(
    '{"client_ref":"', CAST(md5(concat_ws('|', period, org_unit, job)) AS UUID),
    '","scenario":"', scenario,
    '","version":"', version,
    '","period_start":"', period,
    '","org_unit":"', org_unit,
    '","cost_center":"', cost_center,
    '","location":"', location,
    '","job":"', job,
    '","position":null,"grade":null,"employment_type":null,"headcount":', headcount,
    ',"fte":', fte,
    ',"hours":null,"cost":', cost,
    ',"currency":"', currency,
    '"}'
)) FROM planned
"""


def main() -> None:
    """Write one body a line; say how long rendering took, and how long taking and joining."""
    rows, path = int(sys.argv[1]), Path(sys.argv[2])
    duckdb.sql(f"CREATE TABLE planned AS {lines(rows, 'base')}")
    before, cpu = time.perf_counter(), time.process_time()
    bodies = []
    rendered = duckdb.execute(_BODY)
    while batch := rendered.fetchmany(BATCH):
        bodies.append(b'{"records":[' + b",".join(record for (record,) in batch) + b"]}")
    spent = {"seconds": time.perf_counter() - before, "cpu_seconds": time.process_time() - cpu}
    path.write_bytes(b"\n".join(bodies) + b"\n")
    sys.stdout.write(orjson.dumps(spent).decode() + "\n")


if __name__ == "__main__":
    main()

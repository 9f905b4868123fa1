"""drt-core, its REST API destination in batch mode, a DuckDB source. Fair: its limit of requests a second is lifted.

drt renders each body with a Jinja template, sends one request at a time, and opens a new connection for every batch.
With a second argument, a batch is cut into 10 requests, which then share a connection: its documented way to tune it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench.peers.wire import BATCH, HEADERS, asked

PROFILE = """
bench:
  type: duckdb
  database: ":memory:"
"""

PROJECT = """
name: bench
profile: bench
"""

SYNC = """
name: headcount
model: |
  SELECT scenario, version, period AS period_start, org_unit, cost_center, location, job,
    CAST(headcount AS INTEGER) AS headcount, CAST(fte AS DOUBLE) AS fte, CAST(cost AS DOUBLE) AS cost, currency
  FROM read_csv('{file}', all_varchar = true)
destination:
  type: rest_api
  url: {url}
  method: POST
  headers: {headers}
  body_mode: batch
  batch_template: '{{"records": {{{{ rows | tojson }}}}}}'
  max_records_per_request: {batch}
sync:
  mode: full
  batch_size: {chunk}
  on_error: fail
  rate_limit:
    requests_per_second: 1000000
"""


def main() -> None:
    """Write a drt project into the current folder, which is also its home, and become `drt run`."""
    url, file = asked()
    here = Path.cwd()
    (here / ".drt").mkdir(exist_ok=True)
    (here / ".drt" / "profiles.yml").write_text(PROFILE, encoding="utf-8")
    (here / "drt_project.yml").write_text(PROJECT, encoding="utf-8")
    (here / "syncs").mkdir(exist_ok=True)
    chunk = 10 * BATCH if len(sys.argv) > 3 else BATCH
    sync = SYNC.format(file=file, url=url, headers=HEADERS, batch=BATCH, chunk=chunk)
    (here / "syncs" / "headcount.yml").write_text(sync, encoding="utf-8")
    drt = str(Path(sys.executable).with_name("drt"))
    os.execv(drt, [drt, "run"])  # noqa: S606 - the program is drt's own


if __name__ == "__main__":
    main()

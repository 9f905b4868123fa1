"""What every peer sends: 1000 records a request, with token and tenant, each record a line of the CSV file.

The records leave out `client_ref`, which only bridgehead makes: the peers have it cheaper by that much.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

BATCH = 1000
PATH = "/api/v1/workforce/planning/headcount"
TENANT = "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"
HEADERS = {"Authorization": "Bearer bench", "X-Tenant-ID": TENANT, "Content-Type": "application/json"}


def asked() -> tuple[str, Path]:
    """Return where to post, and the file: the two arguments of every peer."""
    return sys.argv[1] + PATH, Path(sys.argv[2])


def records(file: Path) -> Iterator[dict[str, Any]]:
    """Read the lines of a planning file as records, in the fastest way that the standard library has."""
    with file.open(encoding="utf-8", newline="") as text:
        rows = csv.reader(text)
        next(rows)
        for scenario, version, period, org_unit, cost_center, location, job, heads, fte, cost, currency in rows:
            yield {
                "scenario": scenario,
                "version": version,
                "period_start": period,
                "org_unit": org_unit,
                "cost_center": cost_center,
                "location": location,
                "job": job,
                "headcount": int(heads),
                "fte": float(fte),
                "cost": float(cost),
                "currency": currency,
            }


def batches(file: Path) -> Iterator[list[dict[str, Any]]]:
    """Cut the records of a file into requests."""
    rows = records(file)
    while batch := list(islice(rows, BATCH)):
        yield batch

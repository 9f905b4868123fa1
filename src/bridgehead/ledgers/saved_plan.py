"""A plan saved to a Parquet file: its rows, and in the file's metadata its header with how they become records."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bridgehead.compare.records import digest_records
from bridgehead.errors import ConfigError, PlanStale
from bridgehead.plan import Plan, digest_of
from bridgehead.private import written_whole
from bridgehead.tables import Session, TableError
from bridgehead.typed import decoded

_KEY = "bridgehead.plan"


def save_plan(session: Session, plan: Plan, path: Path) -> None:
    """Write a plan and the table `plan_rows`; raise ConfigError when the file cannot be written."""
    header = msgspec.json.encode(plan).decode()
    try:
        with written_whole(path) as side:
            session.save_parquet("SELECT * EXCLUDE (row) FROM plan_rows ORDER BY row", str(side), {_KEY: header})
    except (TableError, OSError) as wrong:
        raise ConfigError(f"{path} cannot be written: {wrong}.", cure="Check --out.") from None


def read_header(session: Session, path: Path) -> Plan:
    """Return a saved plan's header; raise ConfigError when the file is none."""
    try:
        text = session.parquet_metadata(str(path), _KEY)
        return decoded(text or "", Plan)
    except (TableError, OSError, msgspec.DecodeError):
        raise ConfigError(
            f"{path} is not a plan that bridgehead saved.", cure="Save one: bridgehead plan TENANT --out plan.parquet."
        ) from None


def load_plan(session: Session, path: Path) -> Plan:
    """Stage a saved plan's rows as `plan_rows` and return its header; raise PlanStale when they are other ones."""
    plan = read_header(session, path)
    session.view_parquet("plan_rows", str(path))
    count = int(session.value("SELECT count(*) FROM plan_rows"))
    rows = digest_records(session, plan.rendering, count) if count else ""
    if digest_of(plan.bound, rows) != plan.digest or count != plan.counts.changes:
        raise PlanStale(
            f"{path} was changed after it was saved: its digest is another one. Nothing was sent.",
            cure="Draw and save the plan anew, and find out who changed it.",
        )
    return plan

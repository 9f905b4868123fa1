"""What a ledger tells of the past: runs, their batches with every attempt to send them, and what UKG rejected."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from bridgehead.plan import Counts
from bridgehead.ports import Attempt, BatchRecord, Rejected, RunRecord


def runs_of(connection: sqlite3.Connection, key: tuple[str, str, str]) -> list[RunRecord]:
    """Return the runs of a feed, newest first. key: tenant, environment and feed."""
    rows = connection.execute(
        "SELECT run_id, owner, state, started_at, ended_at, source, counts,"
        " (SELECT coalesce(sum(accepted + unchanged), 0) FROM batch WHERE batch.run_id = run.run_id),"
        " (SELECT count(*) FROM reject WHERE reject.run_id = run.run_id)"
        " FROM run WHERE tenant = ? AND environment = ? AND feed = ? ORDER BY rowid DESC",
        key,
    )
    return [
        RunRecord(
            run_id,
            owner,
            state,
            datetime.fromisoformat(started),
            datetime.fromisoformat(ended) if ended else None,
            source,
            Counts(**json.loads(counts)),
            accepted,
            rejected,
        )
        for run_id, owner, state, started, ended, source, counts, accepted, rejected in rows
    ]


def batches_of(connection: sqlite3.Connection, run_id: str) -> list[BatchRecord]:
    """Return the batches of a run in their order. What was answered at the first attempt needs no row of its own."""
    attempts: dict[int, list[Attempt]] = {}
    told = connection.execute(
        "SELECT number, at, status, correlation_id, problem FROM attempt WHERE run_id = ? ORDER BY rowid", (run_id,)
    )
    for number, at, *rest in told:
        attempts.setdefault(number, []).append(Attempt(datetime.fromisoformat(at), *rest))
    rows = connection.execute(
        "SELECT number, first, last, idempotency_key, state, coalesce(accepted, 0), coalesce(unchanged, 0),"
        " answered_at, status, correlation_id FROM batch WHERE run_id = ? ORDER BY number",
        (run_id,),
    )
    return [
        BatchRecord(
            number, first, last, key, state, accepted, unchanged, (*attempts.get(number, ()), *_last(at, status, named))
        )
        for number, first, last, key, state, accepted, unchanged, at, status, named in rows
    ]


def attempt_row(run_id: str, number: int, one: Attempt) -> tuple[str, int, str, int, str, str]:
    """Return an attempt to send a batch as the table has it."""
    return run_id, number, one.at.isoformat(timespec="milliseconds"), one.status, one.correlation_id, one.problem


def _last(at: str | None, status: int | None, correlation_id: str | None) -> list[Attempt]:
    """Return the attempt that was answered; a receipt of none, as when a batch was called back, has no status."""
    return [Attempt(datetime.fromisoformat(at), status, correlation_id or "")] if at and status else []


def rejects_of(connection: sqlite3.Connection, run_id: str) -> list[Rejected]:
    """Return what UKG rejected in a run, by row of the plan."""
    rows = connection.execute(
        "SELECT row, client_ref, code, field, message, origin FROM reject WHERE run_id = ? ORDER BY row", (run_id,)
    )
    return [Rejected(*row) for row in rows]

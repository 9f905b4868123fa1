"""What a ledger tells of the past: runs, their batches with every attempt to send them, and what UKG rejected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from bridgehead.compare.lives import stage_answers
from bridgehead.ledgers.database import Database
from bridgehead.ledgers.moments import as_moment, as_text
from bridgehead.ledgers.snapshots import Tables
from bridgehead.plan import Counts
from bridgehead.ports import Attempt, BatchRecord, Doubtful, Rejected, RunRecord
from bridgehead.tables import Session


class FeedPast:
    """The rows of one feed's past runs, as long as they are kept. key: tenant, environment and feed."""

    def __init__(self, database: Database, files: Tables, key: tuple[str, str, str]) -> None:
        self._database = database
        self._files = files
        self._key = key

    def kept(self) -> set[str]:
        """Return the runs whose rows are there."""
        rows = self._database.ask(
            "SELECT run_id, plan_file FROM run WHERE tenant = ? AND environment = ? AND feed = ? AND dropped_at = ''",
            self._key,
        )
        names = self._files.names()
        return {run_id for run_id, name in rows if name in names}

    def stage(self, session: Session, run_id: str) -> None:
        """Stage the rows of a run as `plan_rows`."""
        rows = self._database.ask("SELECT plan_file FROM run WHERE run_id = ?", (run_id,))
        self._files.load(session, "plan_rows", rows[0][0])

    def stage_answers(self, session: Session, run_id: str) -> None:
        """Stage what became of a run's batches, and which of its rows UKG rejected."""
        sent = self._database.ask(
            "SELECT number, first, last, state, coalesce(status, 0), coalesce(correlation_id, (SELECT correlation_id"
            " FROM attempt WHERE attempt.run_id = batch.run_id AND attempt.number = batch.number"
            " ORDER BY position DESC LIMIT 1)), answered_at FROM batch WHERE run_id = ?",
            (run_id,),
        )
        rejected = self._database.ask("SELECT row, code, field, message FROM reject WHERE run_id = ?", (run_id,))
        stage_answers(session, sent, rejected)

    def codes(self) -> dict[str, dict[str, int]]:
        """Return how many records UKG rejected in each run, by its code."""
        rows = self._database.ask(
            "SELECT reject.run_id, code, count(*) FROM reject INNER JOIN run ON run.run_id = reject.run_id"
            " WHERE tenant = ? AND environment = ? AND feed = ? GROUP BY reject.run_id, code ORDER BY count(*) DESC",
            self._key,
        )
        found: dict[str, dict[str, int]] = {}
        for run_id, code, count in rows:
            found.setdefault(run_id, {})[code] = int(count)
        return found


def runs_of(database: Database, key: tuple[str, str, str]) -> list[RunRecord]:
    """Return the runs of a feed, newest first. key: tenant, environment and feed."""
    rows = database.ask(
        "SELECT run_id, owner, run.state, started_at, ended_at, source, counts,"
        " (SELECT coalesce(sum(accepted + unchanged), 0) FROM batch WHERE batch.run_id = run.run_id),"
        " (SELECT count(*) FROM reject WHERE reject.run_id = run.run_id),"
        " source_digest, coalesce(digest, plan_digest), coalesce(decided_by, ''), coalesce(reason, ''), dropped_at,"
        " coalesce(decided_at, '')"
        " FROM run LEFT JOIN proposal ON proposal.number = run.proposal"
        " WHERE run.tenant = ? AND run.environment = ? AND run.feed = ? ORDER BY position DESC",
        key,
    )
    return [
        RunRecord(
            run_id,
            owner,
            state,
            datetime.fromisoformat(started),
            as_moment(ended),
            source,
            Counts(**json.loads(counts)),
            int(accepted),  # a sum is a decimal in PostgreSQL
            rejected,
            *told,
        )
        for run_id, owner, state, started, ended, source, counts, accepted, rejected, *told in rows
    ]


def note_run(database: Database, values: Sequence[object], proposal: int) -> None:
    """Add a run after all others. values: of its columns up to `rendering`. proposal: the one it carries out, or 0."""
    database.change(
        "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " (SELECT coalesce(max(position), 0) + 1 FROM run), ?, '')",
        (*values, proposal),
    )


def batches_of(database: Database, run_id: str) -> list[BatchRecord]:
    """Return the batches of a run in their order. What was answered at the first attempt needs no row of its own."""
    attempts: dict[int, list[Attempt]] = {}
    told = database.ask(
        "SELECT number, at, status, correlation_id, problem FROM attempt WHERE run_id = ? ORDER BY position", (run_id,)
    )
    for number, at, *rest in told:
        attempts.setdefault(number, []).append(Attempt(datetime.fromisoformat(at), *rest))
    rows = database.ask(
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


def note_attempts(database: Database, run_id: str, tried: Sequence[tuple[int, Attempt]]) -> None:
    """Add attempts to send batches, by the batch's number, after those that are known of the run."""
    if not tried:
        return
    before = database.ask("SELECT count(*) FROM attempt WHERE run_id = ?", (run_id,))[0][0]
    database.change_all(
        "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (run_id, number, as_text(one.at), one.status, one.correlation_id, one.problem, at)
            for at, (number, one) in enumerate(tried, before)
        ],
    )


def _last(at: str | None, status: int | None, correlation_id: str | None) -> list[Attempt]:
    """Return the attempt that was answered; a receipt of none, as when a batch was called back, has no status."""
    return [Attempt(datetime.fromisoformat(at), status, correlation_id or "")] if at and status else []


def doubtful_of(database: Database, run_id: str) -> tuple[Doubtful, ...]:
    """Return the batches of a run that may have arrived, and have no receipt."""
    rows = database.ask(
        "SELECT number, first, last, idempotency_key, digest, intended_at FROM batch"
        " WHERE run_id = ? AND state = 'intended' ORDER BY number",
        (run_id,),
    )
    return tuple(
        Doubtful(number, first, last, key, digest, datetime.fromisoformat(at))
        for number, first, last, key, digest, at in rows
    )


def rejects_of(database: Database, run_id: str) -> list[Rejected]:
    """Return what UKG rejected in a run, by row of the plan."""
    rows = database.ask(
        "SELECT row, client_ref, code, field, message, origin FROM reject WHERE run_id = ? ORDER BY row", (run_id,)
    )
    return [Rejected(*row) for row in rows]

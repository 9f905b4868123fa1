"""The ledger in a SQLite file, with plans and snapshots as Parquet beside it. The default; needs no server."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from bridgehead.compare.accepted import fold
from bridgehead.errors import LeaseHeld, LedgerUnusable
from bridgehead.ledgers.database import open_database
from bridgehead.ledgers.files import TableFiles
from bridgehead.ledgers.past import attempt_row, batches_of, rejects_of, runs_of
from bridgehead.ledgers.snapshots import Names, load_snapshot, write_snapshot
from bridgehead.plan import Batch, Owned, Plan, Rendering
from bridgehead.ports import Agreement, Attempt, BatchRecord, Doubtful, OpenRun, Receipt, Rejected, RunRecord
from bridgehead.tables import Session


class SqliteLedger:
    """The ledger of one feed.

    folder: holds `ledger.sqlite`, the lease files, and the folder of plans and snapshots. key: tenant, environment
    and feed. tenant_id: whose acceptances these are; a ledger is never read for another tenant than it was kept for.
    new_run_id: makes the names of runs.
    """

    def __init__(
        self,
        folder: Path,
        key: tuple[str, str, str],
        *,
        tenant_id: str,
        clock: Callable[[], datetime],
        new_run_id: Callable[[], str],
    ) -> None:
        self._folder = folder
        self._key = key
        self._tenant_id = tenant_id
        self._clock = clock
        self._new_run_id = new_run_id
        self._connection = open_database(folder / "ledger.sqlite")
        try:
            self._files = TableFiles(folder.joinpath("tables", *key))
        except OSError as wrong:
            self._connection.close()
            raise LedgerUnusable(
                f"The ledger's folder {folder} cannot be used: {wrong.strerror}.", cure="Check its permissions."
            ) from wrong
        self._epoch = 0
        self._owner = ""

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    @contextmanager
    def lease(self, owner: str) -> Iterator[None]:
        """Keep other runs of this tenant and environment away.

        The operating system's file lock is the lease: it is free the moment its holder dies, so that no crash leaves
        anything to wait for. The epoch fences: whatever an older holder still tries to write is refused.
        """
        tenant, environment, _ = self._key
        path = self._folder / "tables" / tenant / environment / "lease"
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600)) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise LeaseHeld(self._held_by(), cure="Wait until it is done, then run again.") from None
            with self._transaction():
                self._connection.execute(
                    "INSERT INTO lease VALUES (?, ?, 1, ?, ?) ON CONFLICT (tenant, environment)"
                    " DO UPDATE SET epoch = epoch + 1, owner = excluded.owner, since = excluded.since",
                    (tenant, environment, owner, self._now()),
                )
                self._epoch = self._connection.execute(
                    "SELECT epoch FROM lease WHERE tenant = ? AND environment = ?", (tenant, environment)
                ).fetchone()[0]
            self._owner = owner
            yield

    def _held_by(self) -> str:
        row = self._connection.execute(
            "SELECT owner, since FROM lease WHERE tenant = ? AND environment = ?", self._key[:2]
        ).fetchone()
        holder = f"{row[0]} since {row[1]}" if row else "another process"
        return f"Another run of {self._key[0]} ({self._key[1]}) is at work: {holder}."

    @contextmanager
    def _transaction(self, *, fenced: bool = False) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            if fenced:
                self._fence()
            yield
            self._connection.commit()
        except BaseException as wrong:
            self._connection.rollback()
            if isinstance(wrong, sqlite3.Error):
                raise LedgerUnusable(
                    f"The ledger {self._folder / 'ledger.sqlite'} cannot be written: {wrong}.",
                    cure="Look at the disk's space and the folder's permissions. What was answered is remembered.",
                ) from wrong
            raise

    def _fence(self) -> None:
        row = self._connection.execute(
            "SELECT epoch, owner, since FROM lease WHERE tenant = ? AND environment = ?", self._key[:2]
        ).fetchone()
        if row is None or row[0] != self._epoch:
            raise LeaseHeld("This run lost its lease; another run has taken over.", cure="Let the other one finish.")

    def _now(self) -> str:
        return self._clock().isoformat(timespec="milliseconds")

    def snapshot(self, session: Session) -> int:
        """Fill the session's table `accepted`; return the snapshot's number, 0 when nothing was ever accepted.

        When a run did not end, its answers are folded in, and what is in doubt is marked as unknown.
        """
        number, names = self._pointer()
        load_snapshot(session, self._files, names)
        dead = self.unfinished(session)
        if dead is not None:
            self._fold(dead.run_id, session, [(one.first, one.last) for one in dead.doubtful])
        return number

    def _pointer(self) -> tuple[int, Names]:
        """Return number and files of the snapshot; raise LedgerUnusable when it was kept for another tenant."""
        row = self._connection.execute(
            "SELECT tenant_id, snapshot, snapshot_file FROM feed WHERE tenant = ? AND environment = ? AND feed = ?",
            self._key,
        ).fetchone()
        if row is None:
            return 0, ()
        if row[0] != self._tenant_id:
            raise LedgerUnusable(
                f"The ledger of {' / '.join(self._key)} was kept for tenant {row[0]}; the configuration says "
                f"{self._tenant_id}. Nothing was sent.",
                cure="Correct tenant_id. If the other tenant is meant, give it a name of its own in the configuration.",
            )
        return int(row[1]), tuple(str(row[2]).split())

    def begin(self, plan: Plan, session: Session, waivers: Mapping[str, str]) -> str:
        """Keep the plan's rows for good, then open a run that points to them."""
        run_id = self._new_run_id()
        name = f"plan-{run_id}.parquet"
        self._files.save(session, "plan_rows", name)
        with self._transaction(fenced=True):
            self._connection.execute(
                "DELETE FROM agreement WHERE tenant = ? AND environment = ? AND feed = ?", self._key
            )
            self._connection.execute(
                "INSERT INTO feed VALUES (?, ?, ?, ?, 0, '', ?)"
                " ON CONFLICT (tenant, environment, feed) DO UPDATE SET owned = excluded.owned",
                (*self._key, self._tenant_id, msgspec.json.encode(plan.owned).decode()),
            )
            self._connection.execute(
                "INSERT INTO run VALUES (?, ?, ?, ?, 'open', ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run_id,
                    *self._key,
                    self._epoch,
                    self._now(),
                    self._owner,
                    plan.bound.source,
                    plan.bound.source_digest,
                    plan.digest,
                    name,
                    msgspec.json.encode(plan.counts).decode(),
                    json.dumps(
                        [[one.scenario, one.version, str(one.heads_agreed), str(one.fte_agreed)] for one in plan.totals]
                    ),
                    json.dumps(plan.envelope),
                    json.dumps(dict(waivers)),
                    msgspec.json.encode(plan.rendering).decode(),
                ),
            )
        return run_id

    def neighbours(self) -> dict[str, tuple[Owned, ...]]:
        """Return what other feeds of the tenant were complete for when they last sent something."""
        rows = self._connection.execute(
            "SELECT feed, owned FROM feed WHERE tenant = ? AND environment = ? AND feed <> ?", self._key
        )
        return {name: msgspec.json.decode(owned, type=tuple[Owned, ...]) for name, owned in rows}

    def agreement(self) -> Agreement | None:
        """Return what UKG was last found to agree with, None when anything was planned, sent or left open since."""
        number, _ = self._pointer()
        row = self._connection.execute(
            "SELECT fingerprint, projections, source, source_digest, snapshot FROM agreement"
            " WHERE tenant = ? AND environment = ? AND feed = ?",
            self._key,
        ).fetchone()
        return Agreement(*row) if row is not None and row[4] == number else None

    def agree(
        self, *, fingerprint: str, projections: int, source: str, source_digest: str, owned: Sequence[Owned] = ()
    ) -> None:
        """Note that UKG holds what the source says: the run that died has come to its end after all."""
        number, _ = self._pointer()
        with self._transaction(fenced=True):
            if fingerprint:
                self._connection.execute(
                    "INSERT OR REPLACE INTO agreement VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*self._key, fingerprint, projections, source, source_digest, number),
                )
            if owned:
                self._connection.execute(
                    "UPDATE feed SET owned = ? WHERE tenant = ? AND environment = ? AND feed = ?",
                    (msgspec.json.encode(tuple(owned)).decode(), *self._key),
                )
            self._connection.execute(
                "UPDATE run SET state = 'complete' WHERE tenant = ? AND environment = ? AND feed = ?"
                " AND state = 'settled'",
                self._key,
            )

    def agreed(self) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
        """Return heads and FTE that each scenario and version held before a run that died, else nothing."""
        row = self._connection.execute(
            "SELECT state, agreed FROM run WHERE tenant = ? AND environment = ? AND feed = ?"
            " ORDER BY rowid DESC LIMIT 1",
            self._key,
        ).fetchone()
        if row is None or row[0] not in ("open", "settled"):
            return {}
        return {
            (scenario, version): (Decimal(heads), Decimal(fte)) for scenario, version, heads, fte in json.loads(row[1])
        }

    def unfinished(self, session: Session) -> OpenRun | None:
        """Return the run that did not end, with its rows staged as `plan_rows`."""
        row = self._connection.execute(
            "SELECT run_id, source, envelope, rendering, plan_file FROM run"
            " WHERE tenant = ? AND environment = ? AND feed = ? AND state = 'open'",
            self._key,
        ).fetchone()
        if row is None:
            return None
        self._pointer()  # a run of another tenant is not ours to settle
        run_id, source, envelope, rendering, plan_file = row
        self._files.load(session, "plan_rows", plan_file)
        doubtful = self._connection.execute(
            "SELECT number, first, last, idempotency_key, digest FROM batch WHERE run_id = ? AND state = 'intended'"
            " ORDER BY number",
            (run_id,),
        ).fetchall()
        before, after = json.loads(envelope)
        # A run of an older version did not say how it renders; none of its batches has a digest either.
        made = msgspec.json.decode(rendering, type=Rendering) if rendering else Rendering(self._tenant_id, {}, {})
        return OpenRun(run_id, source, (before, after), made, tuple(Doubtful(*one) for one in doubtful))

    def journal(
        self,
        run_id: str,
        *,
        answered: Sequence[Receipt] = (),
        intended: Sequence[Batch] = (),
        tried: Sequence[tuple[int, Attempt]] = (),
    ) -> None:
        """Write down, in one commit, what was answered, rejects included, and which batches are about to be sent."""
        if not answered and not intended and not tried:
            return
        with self._transaction(fenced=True):
            self._connection.executemany(
                "UPDATE batch SET state = ?, status = ?, accepted = ?, unchanged = ?, correlation_id = ?,"
                " answered_at = ? WHERE run_id = ? AND number = ?",
                [
                    (
                        receipt.outcome,
                        receipt.status,
                        receipt.accepted,
                        receipt.unchanged,
                        receipt.correlation_id,
                        receipt.answered_at.isoformat(timespec="milliseconds"),
                        run_id,
                        receipt.number,
                    )
                    for receipt in answered
                ],
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO reject VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (run_id, one.row, one.client_ref, one.code, one.field, one.message, one.origin)
                    for receipt in answered
                    for one in receipt.rejected
                ],
            )
            self._connection.executemany(
                "INSERT INTO batch (run_id, number, first, last, idempotency_key, digest, state)"
                " VALUES (?, ?, ?, ?, ?, ?, 'intended') ON CONFLICT (run_id, number) DO NOTHING",
                [(run_id, one.number, one.first, one.last, one.key, one.digest) for one in intended],
            )
            self._connection.executemany(
                "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?)", [attempt_row(run_id, *one) for one in tried]
            )

    def _fold(self, run_id: str, session: Session, doubtful: Sequence[tuple[int, int]]) -> None:
        settled = self._connection.execute(
            "SELECT first, last FROM batch WHERE run_id = ? AND state = 'answered'", (run_id,)
        ).fetchall()
        unknown = self._connection.execute(
            "SELECT first, last FROM batch WHERE run_id = ? AND state = 'unknown'", (run_id,)
        ).fetchall()
        rejected = self._connection.execute("SELECT row FROM reject WHERE run_id = ?", (run_id,)).fetchall()
        fold(session, settled=settled, doubtful=[*unknown, *doubtful], rejected=[row for (row,) in rejected])

    def finish(self, run_id: str, session: Session, state: str) -> None:
        """Fold the receipts into snapshot N+1, then point to it and close the run, in one fenced commit."""
        number, previous = self._pointer()
        number += 1
        names: Names = (f"plan-{run_id}.parquet",)
        if previous or not self._all_accepted(run_id, session):
            load_snapshot(session, self._files, previous)
            self._fold(run_id, session, [])
            names = write_snapshot(session, self._files, previous, f"snapshot-{number}-{run_id}.parquet")
        with self._transaction(fenced=True):
            self._connection.execute(
                "UPDATE feed SET snapshot = ?, snapshot_file = ? WHERE tenant = ? AND environment = ? AND feed = ?",
                (number, " ".join(names), *self._key),
            )
            self._connection.execute(
                "UPDATE run SET state = ?, ended_at = ? WHERE run_id = ?", (state, self._now(), run_id)
            )
        # The snapshot before is kept: a plan that is being drawn beside this run may be reading it.
        self._files.sweep(keep={*names, *previous, *self._recent_plans()})

    def _all_accepted(self, run_id: str, session: Session) -> bool:
        """Whether UKG accepted each row of a run's plan."""
        answered = self._connection.execute(
            "SELECT coalesce(sum(last - first + 1), 0) FROM batch WHERE run_id = ? AND state = 'answered'"
            " AND NOT EXISTS (SELECT 1 FROM reject WHERE reject.run_id = batch.run_id)",
            (run_id,),
        ).fetchone()[0]
        return bool(answered) and answered == session.value("SELECT count(*) FROM plan_rows")

    def _recent_plans(self) -> set[str]:
        rows = self._connection.execute(
            "SELECT plan_file FROM run WHERE tenant = ? AND environment = ? AND feed = ? ORDER BY rowid DESC LIMIT 20",
            self._key,
        )
        return {row[0] for row in rows}

    def history(self) -> list[RunRecord]:
        """Return the runs, newest first."""
        return runs_of(self._connection, self._key)

    def batches(self, run_id: str) -> list[BatchRecord]:
        """Return the batches of a run, with each attempt to send them."""
        return batches_of(self._connection, run_id)

    def rejects(self, run_id: str) -> list[Rejected]:
        """Return what UKG rejected in a run."""
        return rejects_of(self._connection, run_id)


def run_id_at(moment: datetime) -> str:
    """Name a run by its moment and some chance: `20270103T031500-4f2a`."""
    return f"{moment:%Y%m%dT%H%M%S}-{os.urandom(2).hex()}"

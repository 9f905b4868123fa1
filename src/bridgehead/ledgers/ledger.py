"""The ledger of one feed, over any database that can hold its tables, with plans and snapshots as Parquet beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import msgspec

from bridgehead.circuit import Circuit
from bridgehead.compare.accepted import fold
from bridgehead.errors import LeaseHeld
from bridgehead.ledgers.agenda import FeedAgenda
from bridgehead.ledgers.database import Database
from bridgehead.ledgers.feeds import (
    OF_FEED,
    Key,
    agree,
    agreed_of,
    agreement_of,
    baseline_of,
    circuit_of,
    disagree,
    neighbours_of,
    pointer_of,
    set_circuit,
)
from bridgehead.ledgers.moments import as_text
from bridgehead.ledgers.past import FeedPast, batches_of, doubtful_of, note_attempts, note_run, rejects_of, runs_of
from bridgehead.ledgers.proposals import Proposals
from bridgehead.ledgers.purging import Purging
from bridgehead.ledgers.snapshots import Names, Tables, load_snapshot, write_snapshot
from bridgehead.plan import Batch, Counts, Owned, Plan, Rendering
from bridgehead.ports import (
    Agreement,
    Attempt,
    Baseline,
    BatchRecord,
    OpenRun,
    Receipt,
    Rejected,
    RunRecord,
)
from bridgehead.tables import Session
from bridgehead.typed import decoded


class Files(Tables, Protocol):
    """Where plans and snapshots lie."""

    def sweep(self, keep: set[str]) -> None:
        """Remove all others."""

    def close(self) -> None:
        """Let go of what is held for them."""


class FeedLedger:
    """The ledger of one feed.

    tenant_id: whose acceptances these are; a ledger is never read for another tenant than it was kept for.
    new_run_id: makes the names of runs.
    """

    def __init__(
        self,
        database: Database,
        files: Files,
        key: Key,
        *,
        tenant_id: str,
        clock: Callable[[], datetime],
        new_run_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._files = files
        self._key = key
        self._tenant_id = tenant_id
        self._clock = clock
        self._new_run_id = new_run_id
        self._epoch = 0
        self._owner = ""
        self.proposals = Proposals(database, files, key, clock)
        self.agenda = FeedAgenda(database, key, clock)
        self.past = FeedPast(database, files, key)
        self.purging = Purging(database, files, key, clock, self._fenced, self._pointer, self._kept_plans)

    def close(self) -> None:
        """Close the database."""
        self._database.close()
        self._files.close()

    @contextmanager
    def lease(self, owner: str) -> Iterator[None]:
        """Keep other runs of this tenant and environment away.

        The database's lock is the lease: it is free the moment its holder dies, so that no crash leaves anything to
        wait for. The epoch fences: whatever an older holder still tries to write is refused.
        """
        tenant, environment, _ = self._key
        with self._database.holding(tenant, environment) as free:
            if not free:
                raise LeaseHeld(self._held_by(), cure="Wait until it is done, then run again.")
            with self._database.transaction():
                self._database.change(
                    "INSERT INTO lease VALUES (?, ?, 1, ?, ?) ON CONFLICT (tenant, environment)"
                    " DO UPDATE SET epoch = lease.epoch + 1, owner = excluded.owner, since = excluded.since",
                    (tenant, environment, owner, self._now()),
                )
                self._epoch = self._lease()[0]
            self._owner = owner
            yield

    def _lease(self, holding: str = "") -> tuple[int, str, str]:
        sql = f"SELECT epoch, owner, since FROM lease WHERE tenant = ? AND environment = ?{holding}"  # noqa: S608 - ours
        rows = self._database.ask(sql, self._key[:2])
        return (int(rows[0][0]), str(rows[0][1]), str(rows[0][2])) if rows else (0, "another process", "")

    def _held_by(self) -> str:
        _, owner, since = self._lease()
        return f"Another run of {self._key[0]} ({self._key[1]}) is at work: {owner} since {since}."

    @contextmanager
    def _fenced(self) -> Iterator[None]:
        """All of the block or nothing, and only while no other run has taken the lease."""
        with self._database.transaction():
            if not self._epoch or self._lease(self._database.holding_row)[0] != self._epoch:
                raise LeaseHeld(
                    "This run lost its lease; another run has taken over.", cure="Let the other one finish."
                )
            yield

    def _now(self) -> str:
        return as_text(self._clock())

    def _pointer(self) -> tuple[int, Names]:
        return pointer_of(self._database, self._key, self._tenant_id)

    def baseline(self) -> Baseline:
        """Return how far the ledger knows what UKG holds of the feed."""
        return baseline_of(self._database, self._key)

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

    def begin(self, plan: Plan, session: Session, waivers: Mapping[str, str], proposal: int = 0) -> str:
        """Keep the plan's rows for good, then open a run that points to them; other proposals give way to it."""
        run_id = self._new_run_id()
        name = f"plan-{run_id}.parquet"
        self._files.save(session, "plan_rows", name)
        agreed = [[one.scenario, one.version, str(one.heads_agreed), str(one.fte_agreed)] for one in plan.totals]
        with self._fenced():
            disagree(self._database, self._key)
            self._own(plan.owned)
            if proposal:
                self.proposals.check_approved(proposal)
            self.proposals.supersede(but=proposal)
            self._note_run(
                run_id,
                "open",
                (plan.bound.source, plan.bound.source_digest, plan.digest, name),
                plan.counts,
                json.dumps(agreed),
                json.dumps(plan.envelope),
                json.dumps(dict(waivers)),
                msgspec.json.encode(plan.rendering).decode(),
                proposal=proposal,
            )
        return run_id

    def _own(self, owned: Sequence[Owned]) -> None:
        self._database.change(
            "INSERT INTO feed VALUES (?, ?, ?, ?, 0, '', ?, 0, '')"
            " ON CONFLICT (tenant, environment, feed) DO UPDATE SET owned = excluded.owned",
            (*self._key, self._tenant_id, msgspec.json.encode(tuple(owned)).decode()),
        )

    def _note_run(
        self,
        run_id: str,
        state: str,
        source: tuple[str, str, str, str],
        counts: Counts,
        *details: str,
        proposal: int = 0,
    ) -> None:
        now = self._now()
        begun = (*self._key, state, self._epoch, now, None if state == "open" else now, self._owner)
        counted = msgspec.json.encode(counts).decode()
        note_run(self._database, (run_id, *begun, *source, counted, *details), proposal)

    def adopt(self, session: Session, *, state: str, count: int, owned: Sequence[Owned]) -> str:
        """Make the session's table `adopted` the snapshot: it is what UKG was found to hold, and so is verified."""
        number, previous = self._pointer()
        run_id = self._new_run_id()
        names: Names = (f"snapshot-{number + 1}-{run_id}.parquet",)
        self._files.save(session, "adopted", names[0])
        with self._fenced():
            disagree(self._database, self._key)
            self._own(owned)
            self.proposals.supersede()
            self._point(number + 1, names, verified=number + 1)
            self._note_run(run_id, state, ("UKG", "", "", ""), Counts(unchanged=count), "[]", '["", ""]', "{}", "")
        self._files.sweep(keep={*names, *previous, *self._kept_plans()})
        return run_id

    def _point(self, number: int, names: Names, *, verified: int = 0) -> None:
        self._database.change(
            f"UPDATE feed SET snapshot = ?, snapshot_file = ?, verified = ?, restored_at = '' WHERE {OF_FEED}",  # noqa: S608 - ours
            (number, " ".join(names), verified, *self._key),
        )

    def verified(self, *, holds: bool = True) -> None:
        """Note whether UKG was found to hold what the snapshot says; where it does not it is looked at again."""
        with self._fenced():
            sql = f"UPDATE feed SET verified = {'snapshot' if holds else '0'} WHERE {OF_FEED}"  # noqa: S608 - ours
            self._database.change(sql, self._key)

    def circuit(self) -> Circuit | None:
        """Return the circuit of the tenant's environment when it is open."""
        return circuit_of(self._database, self._key)

    def set_circuit(self, circuit: Circuit | None) -> None:
        """Open the circuit, or close it."""
        if circuit is None and self.circuit() is None:
            return
        with self._database.transaction():
            set_circuit(self._database, self._key, circuit)

    def neighbours(self) -> dict[str, tuple[Owned, ...]]:
        """Return what other feeds of the tenant were complete for when they last sent something."""
        return neighbours_of(self._database, self._key)

    def agreement(self) -> Agreement | None:
        """Return what UKG was last found to agree with, None when anything was planned, sent or left open since."""
        return agreement_of(self._database, self._key, self._pointer()[0])

    def agree(
        self, *, fingerprint: str, projections: int, source: str, source_digest: str, owned: Sequence[Owned] = ()
    ) -> None:
        """Note that UKG holds what the source says: the run that died has come to its end after all."""
        found = Agreement(fingerprint, projections, source, source_digest, self._pointer()[0])
        with self._fenced():
            agree(self._database, self._key, found, owned)

    def agreed(self) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
        """Return heads and FTE of each scenario and version before a run that died, or a first slice; else nothing."""
        return agreed_of(self._database, self._key)

    def unfinished(self, session: Session) -> OpenRun | None:
        """Return the run that did not end, with its rows staged as `plan_rows`."""
        rows = self._database.ask(
            f"SELECT run_id, source, envelope, rendering, plan_file FROM run WHERE {OF_FEED} AND state = 'open'",  # noqa: S608 - ours
            self._key,
        )
        if not rows:
            return None
        self._pointer()  # a run of another tenant is not ours to settle
        run_id, source, envelope, rendering, plan_file = rows[0]
        self._files.load(session, "plan_rows", plan_file)
        before, after = json.loads(envelope)
        # A run of an older version did not say how it renders; none of its batches has a digest either.
        made = decoded(rendering, Rendering) if rendering else Rendering(self._tenant_id, {}, {})
        rejected = self._database.ask("SELECT row FROM reject WHERE run_id = ? ORDER BY row", (run_id,))
        return OpenRun(
            run_id,
            source,
            (before, after),
            made,
            doubtful_of(self._database, run_id),
            tuple(row for (row,) in rejected),
        )

    def journal(
        self,
        run_id: str,
        *,
        answered: Sequence[Receipt] = (),
        intended: Sequence[Batch] = (),
        tried: Sequence[tuple[int, Attempt]] = (),
        at: datetime | None = None,
    ) -> None:
        """Write down, in one commit, what was answered, rejects included, and which batches are about to be sent."""
        if not answered and not intended and not tried:
            return
        now = self._now() if at is None else as_text(at)
        with self._fenced():
            self._database.change_all(
                "UPDATE batch SET state = ?, status = ?, accepted = ?, unchanged = ?, correlation_id = ?,"
                " answered_at = ? WHERE run_id = ? AND number = ?",
                [
                    (
                        receipt.outcome,
                        receipt.status,
                        receipt.accepted,
                        receipt.unchanged,
                        receipt.correlation_id,
                        as_text(receipt.answered_at),
                        run_id,
                        receipt.number,
                    )
                    for receipt in answered
                ],
            )
            rejected = [
                (run_id, one.row, one.client_ref, one.code, one.field, one.message, one.origin)
                for receipt in answered
                for one in receipt.rejected
            ]
            if rejected:
                # A batch that was asked for again is answered as before.
                told = [one[:2] for one in rejected]
                self._database.change_all("DELETE FROM reject WHERE run_id = ? AND row = ?", told)
                self._database.change_all("INSERT INTO reject VALUES (?, ?, ?, ?, ?, ?, ?)", rejected)
            self._database.change_all(
                "INSERT INTO batch (run_id, number, first, last, idempotency_key, digest, intended_at, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 'intended')"
                " ON CONFLICT (run_id, number) DO UPDATE SET intended_at = excluded.intended_at",
                [(run_id, one.number, one.first, one.last, one.key, one.digest, now) for one in intended],
            )
            note_attempts(self._database, run_id, tried)

    def _ranges(self, run_id: str, state: str) -> list[tuple[int, int]]:
        rows = self._database.ask("SELECT first, last FROM batch WHERE run_id = ? AND state = ?", (run_id, state))
        return [(first, last) for first, last in rows]

    def _fold(self, run_id: str, session: Session, doubtful: Sequence[tuple[int, int]]) -> None:
        rejected = self._database.ask("SELECT row FROM reject WHERE run_id = ?", (run_id,))
        fold(
            session,
            settled=self._ranges(run_id, "answered"),
            doubtful=[*self._ranges(run_id, "unknown"), *doubtful],
            rejected=[row for (row,) in rejected],
        )

    def finish(self, run_id: str, session: Session, state: str) -> None:
        """Fold the receipts into snapshot N+1, then point to it and close the run, in one fenced commit."""
        number, previous = self._pointer()
        number += 1
        names: Names = (f"plan-{run_id}.parquet",)
        if previous or not self._all_accepted(run_id, session):
            load_snapshot(session, self._files, previous)
            self._fold(run_id, session, [])
            names = write_snapshot(session, self._files, previous, f"snapshot-{number}-{run_id}.parquet")
        with self._fenced():
            self._point(number, names)
            self.proposals.moved_on(run_id, number, state)
            self._database.change(
                "UPDATE run SET state = ?, ended_at = ? WHERE run_id = ?", (state, self._now(), run_id)
            )
        # The snapshot before is kept: a plan that is being drawn beside this run may be reading it.
        self._files.sweep(keep={*names, *previous, *self._kept_plans()})

    def _all_accepted(self, run_id: str, session: Session) -> bool:
        """Whether UKG accepted each row of a run's plan."""
        answered = self._database.ask(
            "SELECT coalesce(sum(last - first + 1), 0) FROM batch WHERE run_id = ? AND state = 'answered'"
            " AND NOT EXISTS (SELECT 1 FROM reject WHERE reject.run_id = batch.run_id)",
            (run_id,),
        )[0][0]
        return bool(answered) and answered == session.value("SELECT count(*) FROM plan_rows")

    def _kept_plans(self) -> set[str]:
        """Return the files that tell each number's life, until they are purged, and those that wait for a person."""
        rows = self._database.ask(f"SELECT plan_file FROM run WHERE {OF_FEED} AND dropped_at = ''", self._key)  # noqa: S608
        return {row[0] for row in rows} | self.proposals.files()

    def history(self) -> list[RunRecord]:
        """Return the runs, newest first."""
        return runs_of(self._database, self._key)

    def batches(self, run_id: str) -> list[BatchRecord]:
        """Return the batches of a run, with each attempt to send them."""
        return batches_of(self._database, run_id)

    def stage_run(self, run_id: str, session: Session) -> None:
        """Stage the rows of a past run's plan as `past_rows`."""
        self._files.load(session, "past_rows", f"plan-{run_id}.parquet")

    def rejects(self, run_id: str) -> list[Rejected]:
        """Return what UKG rejected in a run."""
        return rejects_of(self._database, run_id)

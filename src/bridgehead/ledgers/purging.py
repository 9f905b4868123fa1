"""Letting go of values that are older than they have to be kept; the proof stays: who, when, how many, digests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import msgspec

from bridgehead.approval import Proposal
from bridgehead.ledgers.database import Database
from bridgehead.ledgers.feeds import OF_FEED, Key
from bridgehead.ledgers.moments import as_text
from bridgehead.ledgers.past import runs_of
from bridgehead.ledgers.proposals import proposals_of
from bridgehead.ledgers.snapshots import Names, Tables, load_snapshot
from bridgehead.ports import RunRecord
from bridgehead.tables import Session

_OVER = ("superseded", "done")


class _Files(Tables, Protocol):
    def sweep(self, keep: set[str]) -> None:
        """Remove all others."""


class Purged(msgspec.Struct, frozen=True):
    """What was let go of, or would be. before: only what ended earlier.

    runs: whose rows go. rejects: how many records of theirs were rejected; the words of UKG go, its codes stay.
    plans: names of proposals whose figures go. rewritten: a run's rows were also what UKG holds now, which is kept in
    a file of its own from then on.
    """

    before: datetime
    runs: tuple[RunRecord, ...] = ()
    rejects: int = 0
    plans: tuple[str, ...] = ()
    rewritten: bool = False


class Purging:
    """What of one feed is due to be let go of, and letting go of it.

    fenced: all of a block or nothing, while the lease is held. pointer: number and files of the snapshot. kept: the
    files of runs and proposals that are still needed.
    """

    def __init__(
        self,
        database: Database,
        files: _Files,
        key: Key,
        clock: Callable[[], datetime],
        fenced: Callable[[], AbstractContextManager[None]],
        pointer: Callable[[], tuple[int, Names]],
        kept: Callable[[], set[str]],
    ) -> None:
        self._database = database
        self._files = files
        self._key = key
        self._clock = clock
        self._fenced = fenced
        self._pointer = pointer
        self._kept = kept

    def due(self, before: datetime) -> Purged:
        """Say what a purge would let go of; changes nothing."""
        _, names = self._pointer()
        due = self._runs_due(before)
        told = tuple(run for run in runs_of(self._database, self._key) if run.run_id in due)
        plans = tuple(one.name for one in self._proposals_due(before))
        rewritten = not set(names).isdisjoint(due.values())
        return Purged(before, told, sum(one.rejected for one in told), plans, rewritten)

    def purge(self, session: Session, before: datetime) -> Purged:
        """Drop the values of all that ended before a moment, under the lease; return what was dropped.

        Left are runs with their batches, correlation ids, counts, digests and codes, and the decisions on plans. What
        UKG holds now stays, and so do a run that did not end and a plan that may still be decided or sent.
        """
        found = self.due(before)
        runs = [run.run_id for run in found.runs]
        number, names = self._pointer()
        if found.rewritten:
            load_snapshot(session, self._files, names)
            names = (f"snapshot-{number}-{self._clock():%Y%m%dT%H%M%S%f}.parquet",)
            self._files.save(session, "accepted", names[0])
        with self._fenced():
            self._forget_runs(runs)
            self._forget_proposals(self._proposals_due(before))
            point = f"UPDATE feed SET snapshot_file = ? WHERE {OF_FEED}"  # noqa: S608 - ours
            self._database.change(point, (" ".join(names), *self._key))
        # What a purge that was killed has left behind goes too.
        self._files.sweep(keep={*names, *self._kept()})
        return found

    def _runs_due(self, before: datetime) -> dict[str, str]:
        """Return the runs whose values are due, each with its file."""
        rows = self._database.ask(
            f"SELECT run_id, plan_file FROM run WHERE {OF_FEED} AND dropped_at = '' AND state <> 'open'"  # noqa: S608
            " AND plan_file <> '' AND coalesce(ended_at, started_at) < ?",
            (*self._key, as_text(before)),
        )
        return {run_id: name for run_id, name in rows}  # noqa: C416 - the rows are of any type

    def _forget_runs(self, runs: Sequence[str]) -> None:
        now = as_text(self._clock())
        self._database.change_all("UPDATE run SET dropped_at = ? WHERE run_id = ?", [(now, run) for run in runs])
        self._database.change_all("UPDATE reject SET message = '' WHERE run_id = ?", [(run,) for run in runs])
        # The guardrail measures from what the last run says, if that one died.
        self._database.change_all(
            "UPDATE run SET agreed = '[]' WHERE run_id = ? AND position < (SELECT max(position) FROM run AS later"
            " WHERE later.tenant = run.tenant AND later.environment = run.environment AND later.feed = run.feed)",
            [(run,) for run in runs],
        )

    def _proposals_due(self, before: datetime) -> list[Proposal]:
        """Return the plans with figures that nobody decides or sends any more, and did not since a moment."""
        now = self._clock()
        return [
            one
            for one in proposals_of(self._database, self._key, "file <> ''")
            if (one.decided_at or one.made_at) < before
            and (one.state in _OVER or one.expired(now) or (one.state == "rejected" and one.expires_at < now))
        ]

    def _forget_proposals(self, due: Sequence[Proposal]) -> None:
        """Leave of plans what they were for, how many changes they had, their digest, and what was decided."""
        self._database.change_all(
            "UPDATE proposal SET file = '', header = ? WHERE number = ?",
            [(msgspec.json.encode(one.plan.without_values()).decode(), one.number) for one in due],
        )

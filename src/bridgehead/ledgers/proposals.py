"""Plans that wait for a person: kept in the ledger as they were drawn, decided once, and carried out as signed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from bridgehead.approval import Proposal, ProposalState
from bridgehead.compare.records import digest_records
from bridgehead.errors import ConfigError, PlanStale
from bridgehead.ledgers.database import Database
from bridgehead.ledgers.feeds import OF_FEED, Key
from bridgehead.ledgers.moments import as_moment, as_text
from bridgehead.ledgers.snapshots import Tables
from bridgehead.plan import Plan, digest_of
from bridgehead.tables import Row, Session
from bridgehead.typed import decoded

_COLUMNS = (
    "number, header, message, allows, author, made_at, expires_at, snapshot, state, decided_by, decided_at, reason"
)


class Proposals:
    """The proposals of one feed."""

    def __init__(self, database: Database, files: Tables, key: Key, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._files = files
        self._key = key
        self._clock = clock

    def propose(
        self, session: Session, plan: Plan, *, message: str, allows: Sequence[str], author: str, hours: int
    ) -> Proposal:
        """Keep a plan, whose rows are `plan_rows`, until a person decides; the same plan is kept once.

        message: why it waits. allows: the guardrails that it stopped at. author: who drew it. hours: how long it waits.
        Other plans of the feed that wait give way to it. One that was rejected is returned as such.
        """
        now = self._clock()
        before = next(iter(self._found("digest = ?", plan.digest)), None)
        if before is not None and before.state in ("waiting", "approved", "rejected") and not before.expired(now):
            return before
        name = f"proposal-{plan.digest[:32]}.parquet"
        self._files.save(session, "plan_rows", name)
        with self._database.transaction():
            self.supersede()
            number = self._next_number()
            expires = now + timedelta(hours=hours)
            made = Proposal(number, plan, message, tuple(allows), author, now, expires, plan.bound.snapshot)
            self._database.change(
                "INSERT INTO proposal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', '', '', '')",
                (
                    number,
                    *self._key,
                    plan.digest,
                    name,
                    msgspec.json.encode(plan).decode(),
                    message,
                    json.dumps(list(allows)),
                    author,
                    as_text(now),
                    as_text(expires),
                    plan.bound.snapshot,
                ),
            )
        return made

    def supersede(self, but: int = 0) -> None:
        """Let what waits or was approved give way, except one; inside a transaction."""
        self._database.change(
            f"UPDATE proposal SET state = 'superseded' WHERE {OF_FEED} AND number <> ?"  # noqa: S608 - ours
            " AND state IN ('waiting', 'approved')",
            (*self._key, but),
        )

    def withdraw(self) -> None:
        """Let what waits or was approved give way: it no longer fits what it was drawn for."""
        with self._database.transaction():
            self.supersede()

    def all(self) -> list[Proposal]:
        """Return the proposals, newest first."""
        return self._found("true")

    def waiting(self) -> Proposal | None:
        """Return the proposal that a person may decide now, if there is one."""
        return next((one for one in self._found("state = 'waiting'") if not one.expired(self._clock())), None)

    def approved(self) -> Proposal | None:
        """Return the proposal that was approved and is not carried out yet, if there is one."""
        return next((one for one in self._found("state = 'approved'") if not one.expired(self._clock())), None)

    def _found(self, condition: str, *values: str) -> list[Proposal]:
        return proposals_of(self._database, self._key, condition, *values)

    def decide(self, number: int, *, approve: bool, by: str, reason: str) -> Proposal:
        """Approve or reject a proposal; raise ConfigError when it waits no longer. Of two, the first counts.

        What was approved can be rejected until it is carried out; of one that was begun, the rest is not sent then.
        """
        state: ProposalState = "approved" if approve else "rejected"
        with self._database.transaction():
            found = self._held(number)
            fits = found.state in ("waiting", *(() if approve else ("approved",)))
            if fits and (not found.expired(self._clock()) or self._open_run(number)):
                return self._decided(found, (state, by, as_text(self._clock()), reason))
        if (found.state, found.decided_by, found.reason) == (state, by, reason):
            return found
        raise ConfigError(
            f"Plan {found.name} waits for nobody: it is {found.told(self._clock())}.",
            cure="What waits is shown by `bridgehead waiting`; a sync proposes what is to be done by now.",
            next_command="bridgehead waiting",
        )

    def _open_run(self, number: int) -> bool:
        """Whether a run of a proposal did not end: the next one settles it, and goes on, however late."""
        return bool(self._database.ask("SELECT 1 FROM run WHERE proposal = ? AND state = 'open'", (number,)))

    def _decided(self, found: Proposal, decision: tuple[ProposalState, str, str, str]) -> Proposal:
        """Write a decision down. Who approved what was sent already stays on record: the rest is rejected beside it."""
        number = found.number
        if self._database.ask("SELECT 1 FROM run WHERE proposal = ?", (number,)):
            number = self._next_number()
            columns = "tenant, environment, feed, digest, file, header, message, allows, author, made_at, expires_at"
            self._database.change(
                f"INSERT INTO proposal SELECT ?, {columns}, snapshot, state, '', '', ''"  # noqa: S608 - ours
                " FROM proposal WHERE number = ?",
                (number, found.number),
            )
            self._database.change("UPDATE proposal SET state = 'superseded' WHERE number = ?", (found.number,))
        sql = "UPDATE proposal SET state = ?, decided_by = ?, decided_at = ?, reason = ? WHERE number = ?"
        self._database.change(sql, (*decision, number))
        return self._numbered(number)

    def check_approved(self, number: int) -> None:
        """Raise where a proposal may not be carried out any more; inside the transaction that begins its run."""
        found = self._held(number)
        if found.state == "rejected":
            raise found.objection()
        if found.standing(self._clock()) != "approved":
            raise PlanStale(
                f"Plan {found.name} is {found.standing(self._clock())} by now. Nothing was sent.",
                cure="A sync proposes what is to be done by now.",
            )

    def _held(self, number: int) -> Proposal:
        """Return a proposal that nobody else decides or begins until the transaction ends."""
        self._database.change("UPDATE proposal SET state = state WHERE number = ?", (number,))
        return self._numbered(number)

    def _numbered(self, number: int) -> Proposal:
        rows = self._database.ask(f"SELECT {_COLUMNS} FROM proposal WHERE number = ?", (number,))  # noqa: S608 - ours
        return _proposal(rows[0])

    def _next_number(self) -> int:
        self._database.take_turns()
        return int(self._database.ask("SELECT coalesce(max(number), 0) + 1 FROM proposal")[0][0])

    def stage(self, session: Session, proposal: Proposal) -> Plan:
        """Stage a proposal's rows as `plan_rows`; raise PlanStale when they are not the ones that were signed."""
        rows = self._database.ask("SELECT file FROM proposal WHERE number = ?", (proposal.number,))
        self._files.load(session, "plan_rows", rows[0][0])
        plan = proposal.plan
        count = int(session.value("SELECT count(*) FROM plan_rows"))
        if digest_of(plan.bound, digest_records(session, plan.rendering, count)) != plan.digest:
            raise PlanStale(
                f"The rows of plan {proposal.name} are not the ones that were signed. Nothing was sent.",
                cure="Find out who changed the ledger's files; a sync draws the plan anew once this one is rejected.",
            )
        return plan

    def moved_on(self, run_id: str, snapshot: int, state: str) -> None:
        """Note that a run of a proposal has ended, and how; inside the transaction that points to the snapshot.

        Where it was rejected meanwhile, or gave way, it stays so.
        """
        becomes = "done" if state in ("complete", "partial") else "approved"
        self._database.change(
            "UPDATE proposal SET snapshot = ?, state = ? WHERE state = 'approved'"
            " AND number = (SELECT proposal FROM run WHERE run_id = ?)",
            (snapshot, becomes, run_id),
        )

    def files(self) -> set[str]:
        """Return the files of what waits or was approved."""
        rows = self._database.ask(
            f"SELECT file FROM proposal WHERE {OF_FEED} AND state IN ('waiting', 'approved')",  # noqa: S608 - ours
            self._key,
        )
        return {file for (file,) in rows}


def proposals_of(database: Database, key: Key, condition: str, *values: str) -> list[Proposal]:
    """Return the proposals of a feed that fulfil a condition, newest first."""
    rows = database.ask(
        f"SELECT {_COLUMNS} FROM proposal WHERE {OF_FEED} AND {condition} ORDER BY number DESC",  # noqa: S608 - ours
        (*key, *values),
    )
    return [_proposal(row) for row in rows]


def approved_anywhere(database: Database, now: datetime) -> set[Key]:
    """Return the feeds whose next run carries an approved plan out."""
    rows = database.ask(f"SELECT tenant, environment, feed, {_COLUMNS} FROM proposal WHERE state = 'approved'")  # noqa: S608 - ours
    return {(row[0], row[1], row[2]) for row in rows if not _proposal(row[3:]).expired(now)}


def _proposal(row: Row) -> Proposal:
    number, header, message, allows, author, made_at, expires_at, snapshot, state, by, decided_at, reason = row
    return Proposal(
        number,
        decoded(header, Plan),
        message,
        tuple(json.loads(allows)),
        author,
        datetime.fromisoformat(made_at),
        datetime.fromisoformat(expires_at),
        snapshot,
        state,
        by,
        as_moment(decided_at),
        reason,
    )

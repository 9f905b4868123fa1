"""The engine: settle what is in doubt, draw the plan, deliver it batch by batch, remember every answer, and look."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridgehead.approval import Proposal
from bridgehead.authorized import authorized, check_circuit
from bridgehead.compare.accepted import next_late, prepare, stage_late
from bridgehead.delivery import UNDER_WAY, Delivery, Locate, still_under_way
from bridgehead.errors import PlanStale
from bridgehead.events import (
    Adopted,
    BatchAnswered,
    Event,
    Planned,
    Released,
    Repaired,
    RunFinished,
    RunStarted,
    Settled,
    Settling,
    UpToDate,
    Verdict,
    Verified,
)
from bridgehead.feed import Feed
from bridgehead.known import check_known, check_restored, held_against
from bridgehead.only import Only
from bridgehead.plan import PLANNER_VERSION, Counts, Plan, Rendering
from bridgehead.ports import Agreement, Ledger, Receipt, Rejected, Source, Staged, Target, Terms
from bridgehead.signing import check_bound, first, objection_to, remaining
from bridgehead.tables import Session

if TYPE_CHECKING:
    from bridgehead.correcting import ToCorrect
    from bridgehead.verify import ReadingBack


@dataclass(slots=True)
class Sync:
    """One feed's way from its planning file to UKG.

    Used from one thread; `target.deliver` and `source.fingerprint` run in the pool, which has in_flight threads, and
    `ledger.journal` in the one of scribe. halt: asked before each request; when it returns an error, those in flight
    are waited for and it is raised.
    partial: the source is a part of the plan, such as corrected rows; nothing that it lacks is retired.
    only: which of the changes go first; the rest stays planned. revert: a run that is taken back, in place of a source.
    verifying: UKG is read after a run that changed anything, or whose change was never looked at; looking: after any.
    desk: held while the source is read and compared, so that only so many tenants at once do what needs processors.
    """

    feed: Feed
    source: Source
    target: Target
    ledger: Ledger
    session: Session
    clock: Callable[[], datetime]
    pool: Executor
    scribe: Executor
    in_flight: int = 8
    halt: Callable[[], BaseException | None] = lambda: None
    partial: bool = False
    only: Only | None = None
    revert: str = ""
    verifying: bool = True
    looking: bool = False
    desk: AbstractContextManager[object] = field(default_factory=nullcontext)
    _fingerprint: str = ""
    _staged: Staged | None = None
    _terms: Terms | None = None
    _refused: list[Rejected] = field(default_factory=list)

    def plan(self, *, whole: bool = False) -> Plan:
        """Say what would change. Reads the source, the ledger and UKG's terms; changes nothing.

        A source that UKG was found to agree with is not compared again. whole: compare it nevertheless.
        """
        self._check_circuit()
        check_restored(self.feed, self.ledger)
        plan = self._draw(whole=whole)
        if self._staged is None and not plan.reverts:  # the same file: no row was looked at
            return plan
        from bridgehead.drawing import told  # noqa: PLC0415 - see _draw

        return told(plan, self.session, self._open())

    def _draw(self, *, whole: bool = False, adopting: bool = False) -> Plan:
        if self.revert:
            from bridgehead.reverting import Reverting  # noqa: PLC0415 - see below

            return Reverting(self.feed, self.target, self._open(), self.ledger, self.session).draw(
                self.revert, self.clock()
            )
        source = self.pool.submit(lambda: "" if self.partial else self.source.fingerprint())  # while UKG is asked
        terms = self._open()
        agreed = None if whole or adopting or self.only else self.ledger.agreement()
        if agreed is not None and agreed.fingerprint == self._digest_of_all(source.result(), terms):
            return self._nothing(agreed, terms)
        from bridgehead.drawing import Drawing  # noqa: PLC0415 - a run that finds nothing to do is over before

        with self.desk:
            staged = self._staged = self.source.stage(self.session)
        drawing = Drawing(
            self.feed, self.source, staged, self.target, terms, self.ledger, self.session, partial=self.partial
        )
        with nullcontext() if self.feed.policy.read_back else self.desk:  # nobody waits for UKG at a desk
            plan = drawing.draw(self.clock())
        if self.only is not None:
            from bridgehead.slicing import sliced  # noqa: PLC0415 - see above

            plan = sliced(plan, self.only, self.session, self.feed, self.ledger.baseline().owned)
        same = source.result() and self.source.fingerprint() == source.result()
        # Else another file has come into its place meanwhile.
        self._fingerprint = self._digest_of_all(source.result(), terms) if same and not plan.only else ""
        if not adopting:
            check_known(plan, self._reading())
        return plan

    def _digest_of_all(self, source: str, terms: Terms) -> str:
        """Return a digest of all that decides what a plan holds; empty when the source cannot say it beforehand."""
        told = (source, str(PLANNER_VERSION), repr(self.feed), repr(terms))
        return hashlib.sha256("\x1f".join(told).encode()).hexdigest() if source else ""

    def _nothing(self, agreed: Agreement, terms: Terms) -> Plan:
        bound = self.feed.bound(agreed.snapshot, agreed.source, agreed.source_digest)
        counts = Counts(unchanged=agreed.projections, held=agreed.projections)
        rendering = Rendering(bound.tenant_id, terms.names, terms.scales)
        return Plan(bound, self.clock(), counts, self.feed.owns, (), (), terms.per_minute, terms.envelope, rendering)

    def _agree(self, plan: Plan) -> None:
        """Remember that UKG holds what the source says; not for good when rows were left out, or cells kept."""
        if plan.options:  # a slice of it, or no source at all
            return
        counts, bound = plan.counts, plan.bound
        self.ledger.agree(
            fingerprint="" if counts.skipped or plan.conflicting else self._fingerprint,
            projections=counts.create + counts.update + counts.unchanged,
            source=bound.source,
            source_digest=bound.source_digest,
            owned=plan.owned,
        )

    def to_correct(self) -> ToCorrect:
        """Return the rows of the source that a person has to correct, as far as this run has found them."""
        from bridgehead.correcting import rows_to_correct  # noqa: PLC0415 - see _draw

        staged = self._staged
        whole = self.feed.policy.duplicates == "sum" or (staged is not None and staged.split)
        return rows_to_correct(self.session, self.source, staged, self._refused, whole=whole)

    def run(self, *, owner: str, allowed: frozenset[str] = frozenset()) -> Iterator[Event]:
        """Bring UKG to the source's state; every step is an event.

        owner: who runs, for the lease. allowed: guardrails that a person confirmed. Raises Guardrail before anything
        is sent. Stopped by an error or Ctrl-C, it first remembers the answers of the requests in flight; the next run
        settles the rest.
        """
        with self.ledger.lease(owner), self._authorized():
            check_restored(self.feed, self.ledger)
            yield from self._settle()
            approved = self.ledger.proposals.approved()
            if approved is not None and (self.partial or self.only or self.revert):
                raise first(approved, self.feed)
            if approved is not None:
                yield from self._release(approved, allowed)
                return
            plan = self._draw()
            yield Planned(plan)
            self._check_agreed(plan, allowed, owner)
            if plan.counts.changes:
                yield from self._carry_out(plan)
            else:
                self._agree(plan)
                yield UpToDate(plan.counts.unchanged, plan.counts.rest)
            yield from self._look(plan)

    def finish(self, load: Callable[[], Plan], *, owner: str, allowed: frozenset[str] = frozenset()) -> Iterator[Event]:
        """Carry a saved plan out as it stands, whatever the source says by now.

        load: stages its rows as `plan_rows` and returns it. Raises PlanStale when it is bound to another tenant, feed
        or dialect, or when UKG has accepted anything since it was drawn.
        """
        with self.ledger.lease(owner), self._authorized():
            check_restored(self.feed, self.ledger)
            self._open()
            prepare(self.session)
            if self.ledger.unfinished(self.session) is not None:
                raise PlanStale(
                    "A run did not end since the plan was saved. Nothing was sent.",
                    cure="A sync settles it; then draw the plan anew.",
                )
            snapshot = self.ledger.snapshot(self.session)
            plan = load()
            check_bound(plan.bound, self.feed, snapshot)
            approved = self.ledger.proposals.approved()
            if approved is not None and approved.plan.digest == plan.digest:
                yield from self._release(approved, allowed)
                return
            plan = held_against(plan, self._reading())
            yield Planned(plan)
            self._check_agreed(plan, allowed, owner)
            if plan.counts.changes:
                yield from self._carry_out(plan, locate=_record_of(plan.bound.source))
            yield from self._look(plan)

    def _release(self, approved: Proposal, allowed: frozenset[str]) -> Iterator[Event]:
        """Carry out what was approved as it was signed, or what is left of it, whatever the source says by now."""
        yield Released(approved.name, approved.decided_by, approved.reason)
        self._open()
        prepare(self.session)
        snapshot = self.ledger.snapshot(self.session)
        plan = self.ledger.proposals.stage(self.session, approved)
        try:
            check_bound(replace(plan.bound, snapshot=approved.snapshot), self.feed, snapshot)
        except PlanStale:
            self.ledger.proposals.withdraw()
            raise
        plan = held_against(plan, self._reading())
        yield Planned(plan)
        stop = self.feed.guardrails.objection(plan, allowed=allowed.union(approved.allows))
        if stop is not None:
            raise stop
        if approved.snapshot != plan.bound.snapshot:  # a run that carried it out did not come to its end
            plan = remaining(self.session, plan)
        yield from self._carry_out(plan, locate=_record_of(plan.bound.source), proposal=approved.number)
        yield from self._look(plan)

    def _check_agreed(self, plan: Plan, allowed: frozenset[str], owner: str) -> None:
        """Let a plan that a person has to decide on wait, and raise why."""
        from bridgehead.drawing import told  # noqa: PLC0415 - see _draw

        objection = objection_to(
            plan,
            self.feed,
            self.ledger,
            self.session,
            allowed=allowed,
            author=owner.rpartition("@")[0] or owner,  # an account of a directory has one in its name
            told=lambda drawn: drawn if drawn.digest else told(drawn, self.session, self._open()),
        )
        if objection is not None:
            raise objection

    def adopt(self, *, owner: str) -> Iterator[Event]:
        """Take what UKG holds of the feed's part as the baseline. Sends nothing but what a dead run left in doubt."""
        with self.ledger.lease(owner), self._authorized():
            yield from self._settle()
            planned = self._draw(adopting=True).owned
            run_id, count = self._reading().adopt(planned)
            yield Adopted(run_id, count)

    def repair(self, *, owner: str) -> Iterator[Event]:
        """Read back, and where UKG is not as the ledger says let the ledger say what UKG holds. Nothing is sent."""
        with self.ledger.lease(owner), self._authorized():
            check_restored(self.feed, self.ledger)
            yield from self._settle()
            reading = self._reading()
            verdict = reading.verify()
            yield Verified(verdict)
            yield Repaired(reading.repair(verdict), sum(one.kind == "extra" for one in verdict.differences))

    def verify(self) -> Verdict:
        """Read back what the feed owns, and compare; changes nothing."""
        self._check_circuit()
        return self._reading().verify()

    def _authorized(self) -> AbstractContextManager[None]:
        return authorized(self.ledger, self.feed, self.clock, self.halt)

    def _check_circuit(self) -> None:
        check_circuit(self.ledger, self.feed, self.clock())

    def _look(self, plan: Plan) -> Iterator[Event]:
        """Read back what was never looked at, and remember that all of it was there.

        Cells that the plan leaves as others changed them are no drift.
        """
        baseline = self.ledger.baseline()
        if not self.verifying or not baseline.known or (baseline.verified and not self.looking):
            return
        verdict = self._reading().look()
        stopped = self.halt()
        if stopped is not None:
            raise stopped
        if plan.conflicting and plan.on_drift == "keep":
            from bridgehead.compare.conflicts import conflicting_cells  # noqa: PLC0415 - see _draw

            kept = conflicting_cells(self.session)
            verdict = replace(verdict, differences=tuple(one for one in verdict.differences if one.cell not in kept))
        if verdict.holds or (verdict.differences and baseline.verified):
            self.ledger.verified(holds=verdict.holds)
        yield Verified(verdict)

    def _reading(self) -> ReadingBack:
        from bridgehead.verify import ReadingBack  # noqa: PLC0415 - see _draw

        return ReadingBack(self.feed, self.target, self.ledger, self.session, self.pool)

    def _carry_out(self, plan: Plan, *, locate: Locate | None = None, proposal: int = 0) -> Iterator[Event]:
        run_id = self.ledger.begin(plan, self.session, self.feed.waivers, proposal)
        yield RunStarted(run_id, plan.counts.changes)
        accepted = unchanged = rejected = 0
        locate = locate or (_record_of(plan.bound.source) if plan.reverts else self.source.locate)
        delivery, refused, self._refused = self._delivery(run_id, locate), list[int](), []
        for receipt in self._in_turn(delivery, run_id, plan, refused):
            accepted += receipt.accepted
            unchanged += receipt.unchanged
            rejected += len(receipt.rejected)
            refused += [one.row for one in receipt.rejected]
            self._refused += receipt.rejected
            yield BatchAnswered(receipt, accepted + unchanged + rejected, plan.counts.changes)
        state = "partial" if rejected else "complete"
        self.ledger.finish(run_id, self.session, state)
        if accepted + unchanged == plan.counts.changes and self._fingerprint:
            self._agree(plan)
        yield RunFinished(run_id, state, plan.counts, accepted, unchanged, rejected)

    def _settle(self) -> Iterator[Event]:
        """Send again, with the same keys and the same bytes, what a dead run left without an answer."""
        dead = self.ledger.unfinished(self.session)
        if dead is None:
            return
        from bridgehead.batches import Fixed, again  # noqa: PLC0415 - see _draw

        prepare(self.session)
        yield Settling(dead.run_id, len(dead.doubtful))
        same = again(self.session, dead)
        # What can no longer be made in the same bytes is not sent again: its cells count as changed.
        lost = {one.number for one in dead.doubtful} - {batch.number for batch in same}
        lately = self.clock() - UNDER_WAY
        left_at = {one.number: one.intended_at for one in dead.doubtful}
        under_way = frozenset(number for number, moment in left_at.items() if moment > lately)
        if lost & under_way:
            raise still_under_way()
        unknown = [Receipt(number, 0, 0, 0, "", self.clock(), outcome="unknown") for number in sorted(lost)]
        self.ledger.journal(dead.run_id, answered=unknown)
        delivery = self._delivery(dead.run_id, _record_of(dead.source), settling=True)
        told = delivery.carry(Fixed(deque(same), left_at, under_way))
        records = sum(one.accepted + one.unchanged + len(one.rejected) for one in told)
        self.ledger.finish(dead.run_id, self.session, "settled")
        yield Settled(dead.run_id, records)

    def _delivery(self, run_id: str, locate: Locate, *, settling: bool = False) -> Delivery:
        self._open()
        return Delivery(
            run_id=run_id,
            target=self.target,
            ledger=self.ledger,
            session=self.session,
            clock=self.clock,
            pool=self.pool,
            scribe=self.scribe,
            in_flight=self.in_flight,
            locate=locate,
            halt=self.halt,
            settling=settling,
        )

    def _open(self) -> Terms:
        if self._terms is None:
            self._terms = self.target.open()
        return self._terms

    def _in_turn(self, delivery: Delivery, run_id: str, plan: Plan, refused: Sequence[int]) -> Iterator[Receipt]:
        """Deliver the plan; the old side of a move only when all else is answered, and unless its new side was refused.

        refused: rows that UKG rejected, as they become known.
        """
        from bridgehead.batches import Batches  # noqa: PLC0415 - see _draw

        work, late = Batches(self.session, run_id, plan, self._open()), stage_late(self.session)
        self.target.expect(-(-plan.counts.changes // work.terms.max_records))
        work.add([(1, late - 1 if late else plan.counts.changes)])
        yield from delivery.carry(work)
        while late and (ranges := next_late(self.session, refused)):
            work.add(ranges)
            yield from delivery.carry(work)


def _record_of(source: str) -> Locate:
    """Locate records of a file that may be another one by now: its lines would mislead."""
    return lambda record, column: f"{source}, record {record}" + (f", {column}" if column else "")

"""The engine: settle what is in doubt, draw the plan, deliver it batch by batch, remember every answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from bridgehead.compare.differences import Wire, draw, prepare, stage_owned, write_owned
from bridgehead.compare.rules import judge, judge_ownership
from bridgehead.errors import Refused, RequestRefused
from bridgehead.events import BatchAnswered, Event, Planned, RunFinished, RunStarted, Settled, Settling
from bridgehead.plan import Batch, Bound, Feed, Plan, batch_key, wrap
from bridgehead.ports import Ledger, OpenRun, Receipt, Rejected, Source, Target, Terms
from bridgehead.tables import Session


@dataclass(slots=True)
class Sync:
    """One feed's way from its planning file to UKG.

    The loop runs in one thread, which alone speaks to ledger and session; only `target.deliver` runs in the pool.
    in_flight: how many requests may be on their way at once.
    """

    feed: Feed
    source: Source
    target: Target
    ledger: Ledger
    session: Session
    clock: Callable[[], datetime]
    pool: Executor
    in_flight: int = 8
    _terms: Terms | None = None

    def plan(self) -> Plan:
        """Say what would change. Reads the source, the ledger and UKG's terms; changes nothing."""
        terms = self._open()
        prepare(self.session)
        staged = self.source.stage(self.session)
        locate = self.source.locate
        judge(self.session, scales=terms.scales, unset=staged.unset, columns=staged.columns, locate=locate)
        if self.feed.owns:
            write_owned(self.session, self.feed.owns)
            judge_ownership(self.session, locate)
        owned = stage_owned(self.session, self.feed.owns, open_from=terms.open_from, open_to=terms.open_to)
        snapshot = self.ledger.snapshot(self.session)
        bound = Bound(
            tenant=self.feed.tenant,
            tenant_id=self.feed.tenant_id,
            environment=self.feed.environment,
            feed=self.feed.name,
            dialect=self.feed.dialect,
            snapshot=snapshot,
            source=staged.name,
            source_digest=staged.digest,
        )
        wire = Wire(terms.names, terms.envelope, terms.max_records, terms.max_bytes, terms.per_minute)
        return draw(self.session, bound, owned, wire, self.ledger.agreed(), self.clock())

    def run(self, *, owner: str, allowed: frozenset[str] = frozenset()) -> Iterator[Event]:
        """Bring UKG to the source's state; every step is an event.

        owner: who runs, for the lease. allowed: guardrails that a person confirmed. Raises Guardrail before anything
        is sent. Stopped by an error or Ctrl-C, it first remembers the answers of the requests in flight; the next run
        settles the rest.
        """
        with self.ledger.lease(owner):
            yield from self._settle()
            plan = self.plan()
            yield Planned(plan)
            self.feed.guardrails.check(plan, allowed=allowed)
            if plan.counts.changes:
                yield from self._carry_out(plan)

    def _carry_out(self, plan: Plan) -> Iterator[Event]:
        run_id = self.ledger.begin(plan, self.session, self.feed.waivers)
        yield RunStarted(run_id, plan.counts.changes, plan.requests)
        accepted = unchanged = rejected = 0
        for receipt in self._deliver(run_id, self._batches(plan), self.source.locate):
            accepted += receipt.accepted
            unchanged += receipt.unchanged
            rejected += len(receipt.rejected)
            yield BatchAnswered(receipt, accepted + unchanged + rejected, plan.counts.changes)
        state = "partial" if rejected else "complete"
        self.ledger.finish(run_id, self.session, state)
        yield RunFinished(run_id, state, plan.counts, accepted, unchanged, rejected)

    def _settle(self) -> Iterator[Event]:
        """Send again, with the same keys and the same bytes, what a dead run left without an answer."""
        prepare(self.session)
        dead = self.ledger.unfinished(self.session)
        if dead is None:
            return
        yield Settling(dead.run_id, len(dead.doubtful))
        records = 0

        def locate(record: int, column: str) -> str:
            # The file may be another one by now: its lines would mislead.
            return f"{dead.source}, record {record}" + (f", {column}" if column else "")

        for receipt in self._deliver(dead.run_id, self._doubtful(dead), locate):
            records += receipt.accepted + receipt.unchanged + len(receipt.rejected)
        self.ledger.finish(dead.run_id, self.session, "settled")
        yield Settled(dead.run_id, records)

    def _open(self) -> Terms:
        if self._terms is None:
            self._terms = self.target.open()
        return self._terms

    def _batches(self, plan: Plan) -> Iterator[Batch]:
        bodies = self.session.rows("SELECT encode(body) FROM plan_rows ORDER BY row")
        for number, first, last in self.session.ask("SELECT number, first, last FROM batches ORDER BY number"):
            rows = bodies.take(last - first + 1)
            body = wrap(plan.envelope, [row[0] for row in rows])
            yield Batch(number, first, last, batch_key(plan.digest, first, last), body)

    def _doubtful(self, dead: OpenRun) -> Iterator[Batch]:
        for number, first, last, key in dead.doubtful:
            rows = self.session.ask(
                "SELECT encode(body) FROM plan_rows WHERE row BETWEEN $first AND $last ORDER BY row",
                {"first": first, "last": last},
            )
            yield Batch(number, first, last, key, wrap(dead.envelope, [row[0] for row in rows]))

    def _deliver(self, run_id: str, batches: Iterator[Batch], locate: Callable[[int, str], str]) -> Iterator[Receipt]:
        """Keep the pool busy; a batch is written down before it leaves, and its answer before the next one does."""
        flying: dict[Future[Receipt], Batch] = {}
        stopped: BaseException | None = None
        self._open()
        while True:
            fresh = [] if stopped else list(islice(batches, self.in_flight - len(flying)))
            if fresh:
                self.ledger.intend(run_id, fresh)
                flying |= {self.pool.submit(self.target.deliver, batch): batch for batch in fresh}
            if not flying:
                break
            try:
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
            except KeyboardInterrupt as interrupt:
                stopped = interrupt
                continue
            receipts = []
            for future in done:
                batch = flying.pop(future)
                error = future.exception()
                stopped = stopped or error
                if error is None:
                    receipts.append(self._resolved(future.result(), batch, locate))
                elif isinstance(error, Refused):
                    receipts.append(
                        Receipt(batch.number, error.status, 0, 0, error.correlation_id, self.clock(), refused=True)
                    )
            self.ledger.answered(run_id, receipts)
            yield from (receipt for receipt in receipts if not receipt.refused)
        if stopped is not None:
            raise stopped

    def _resolved(self, receipt: Receipt, batch: Batch, locate: Callable[[int, str], str]) -> Receipt:
        """Find the rows that UKG rejected, and where they stand in the source."""
        if receipt.accepted + receipt.unchanged + len(receipt.rejected) != batch.size:
            raise RequestRefused(
                f"UKG answered for {receipt.accepted + receipt.unchanged + len(receipt.rejected)} of the "
                f"{batch.size} records of a request.",
                cure="Compare the answer with the dialect: the result's shape may be another one.",
                correlation_id=receipt.correlation_id,
            )
        return replace(receipt, rejected=tuple(self._origin(one, batch, locate) for one in receipt.rejected))

    def _origin(self, one: Rejected, batch: Batch, locate: Callable[[int, str], str]) -> Rejected:
        rows = self.session.ask(
            "SELECT row, record, origin_column FROM plan_rows"
            " WHERE row BETWEEN $first AND $last AND (client_ref = $ref OR ($ref = '' AND row = $row))",
            {"first": batch.first, "last": batch.last, "ref": one.client_ref, "row": one.row},
        )
        if len(rows) != 1:
            raise RequestRefused(
                f"UKG rejects a record that this request did not hold: {one.client_ref or 'without reference'}.",
                cure="Compare the answer with the dialect: the result's shape may be another one.",
            )
        row, record, column = rows[0]
        origin = locate(record, column or "") if record is not None else "no longer in the source"
        return replace(one, row=row, origin=origin)

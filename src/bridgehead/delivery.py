"""Delivering a plan's batches: each written down before it leaves, each answer remembered, whatever happens between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from msgspec.structs import replace

from bridgehead.batches import Batches, Fixed, Range
from bridgehead.errors import BridgeheadError, NotSent, NotTaken, RecordsRefused, RequestRefused, TooLarge, Unavailable
from bridgehead.plan import Batch
from bridgehead.ports import Attempt, Ledger, Receipt, Rejected, Target
from bridgehead.tables import Session

Locate = Callable[[int, str], str]

UNDER_WAY = timedelta(minutes=30)
"""For so long a request may be on its way once it has left; proxies hold some back. No timeout of ours is longer.

It is counted from the last time that its batch was written down, which happens anew while it waits for its turn, or is
tried again.
"""
_STAMPED = timedelta(seconds=60)
"""After so long what is on its way, or still waiting to leave, is written down anew."""
_ALONE = 8
"""So many records in a row, each refused alone before any was accepted, are no matter of records any more."""


@dataclass(slots=True)
class _Flight:
    """Where a delivery stands: what is on its way, and what has to be written down next."""

    work: Batches | Fixed
    flying: dict[Future[Receipt], tuple[Batch, list[Attempt]]] = field(default_factory=dict)
    landed: SimpleQueue[Future[Receipt] | None] = field(default_factory=SimpleQueue)
    ready: list[Batch] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    tried: list[tuple[int, Attempt]] = field(default_factory=list)
    stopped: BaseException | None = None
    answered: bool = False
    accepted: int = 0
    refused_alone: int = 0
    stamped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Carries batches of one run to the target.

    The loop runs in one thread, which alone speaks to the session. `target.deliver` runs in the pool, whose size is
    in_flight: how many requests may be on their way at once; `ledger.journal` runs in the one thread of scribe.
    halt: returns what ends the run, when somebody wants it to end. settling: the batches were sent before, by a run
    that died, so that no refusal proves that they had no effect.
    """

    run_id: str
    target: Target
    ledger: Ledger
    session: Session
    clock: Callable[[], datetime]
    pool: Executor
    scribe: Executor
    in_flight: int
    locate: Locate
    halt: Callable[[], BaseException | None]
    settling: bool = False

    def carry(self, work: Batches | Fixed) -> Iterator[Receipt]:
        """Yield the receipts as they come; raise what stopped the delivery once everything in flight has ended."""
        flight = _Flight(work)
        while True:
            flight.stopped = flight.stopped or self.halt()
            if flight.stopped is not None:
                self._call_back(flight)
            # The first batch travels alone, until one was answered: its echo shows whether deliveries reach the right
            # tenant. Later more is written down than is on its way: a commit is for many, and nobody waits for it.
            ahead = 4 * self.in_flight if flight.answered else 1
            flight.ready = flight.ready or work.take(min(ahead, self.in_flight))
            fresh = flight.ready[: max(0, ahead - len(flight.flying))] if flight.stopped is None else []
            if len(fresh) < len(flight.ready) and flight.flying:
                fresh = []
            if fresh or not flight.flying or len(flight.receipts) >= self.in_flight:
                yield from self._write_down(flight, fresh)
            if not flight.flying and (flight.stopped is not None or not flight.ready):
                break
            if flight.flying:
                self._land(flight, self._next(flight))
        if flight.stopped is not None:
            raise flight.stopped

    def _next(self, flight: _Flight) -> Future[Receipt] | None:
        """Return what landed next, None when nothing did for a while; meanwhile all that may leave is stamped anew."""
        now = self.clock()
        flight.stamped_at = flight.stamped_at or now
        if now - flight.stamped_at >= _STAMPED:
            flight.stamped_at = now
            batches = [batch for batch, _ in flight.flying.values()]
            self.scribe.submit(self.ledger.journal, self.run_id, intended=batches).result()
        try:
            return flight.landed.get(timeout=_STAMPED.total_seconds())
        except Empty:
            return None

    def _write_down(self, flight: _Flight, fresh: list[Batch]) -> Iterator[Receipt]:
        """Journal what is known and what leaves next, let it leave, and yield what was answered."""
        receipts, tried = flight.receipts, flight.tried
        flight.receipts, flight.tried = [], []
        commit = self.scribe.submit(self.ledger.journal, self.run_id, answered=receipts, intended=fresh, tried=tried)
        if fresh:  # the next ones are made while the disk is waited for
            flight.ready = flight.ready[len(fresh) :] or flight.work.take(self.in_flight)
        commit.result()
        for batch in fresh:
            attempts: list[Attempt] = []
            future = self.pool.submit(self.target.deliver, batch, attempts)
            flight.flying[future] = batch, attempts
            future.add_done_callback(flight.landed.put)
        yield from (one for one in receipts if one.outcome == "answered" or one.rejected)

    def _call_back(self, flight: _Flight) -> list[Range]:
        """Take back what has not left yet; it had no effect, unless a run that died had sent it before."""
        rows = []
        for future in [future for future in flight.flying if future.cancel()]:
            batch, _ = flight.flying.pop(future)
            rows.append((batch.first, batch.last))
            if not self.settling:
                flight.receipts.append(Receipt(batch.number, 0, 0, 0, "", self.clock(), outcome="refused"))
        return rows

    def _land(self, flight: _Flight, future: Future[Receipt] | None) -> None:
        """Take in what became of a batch. Without a receipt it stays in doubt: the next run asks with the same key."""
        if future is None or future not in flight.flying:  # nothing landed, or it was called back
            return
        batch, attempts = flight.flying.pop(future)
        receipt, error = None, None
        try:
            receipt = self._resolved(future.result(), batch)
        except NotTaken as refused:
            receipt, error = self._not_taken(flight, batch, attempts, refused)
        except (BridgeheadError, OSError) as wrong:
            receipt, error = self._given_up(flight, batch, attempts, wrong)
        if receipt is not None:
            flight.receipts.append(receipt)
            flight.accepted += receipt.accepted + receipt.unchanged
            flight.answered = flight.answered or receipt.outcome == "answered"
        # The last one is what the receipt tells of.
        told = attempts if receipt is None else attempts[:-1]
        flight.tried += [(batch.number, one) for one in told]
        if flight.stopped is None or isinstance(flight.stopped, NotSent):  # what held it back says more
            flight.stopped = self.halt() or error or flight.stopped

    def _given_up(
        self, flight: _Flight, batch: Batch, attempts: Sequence[Attempt], wrong: BaseException
    ) -> tuple[Receipt | None, BaseException | None]:
        """Return what to note of a batch that UKG does not settle, and what ends the delivery.

        What a dead run sent long ago cannot come in any more. Where UKG answers, and only says nothing of that request
        (a 500 each time, a 409 without words), its keys are unknown from now on: no file waits behind it for ever.
        """
        answered = isinstance(wrong, RequestRefused) or (bool(attempts) and attempts[-1].status >= 500)
        if not isinstance(wrong, BridgeheadError) or not isinstance(flight.work, Fixed) or not answered or self.halt():
            return None, wrong
        if batch.number in flight.work.under_way:
            self._came_back(flight.work, batch, attempts)
            return None, still_under_way(wrong)
        last = attempts[-1] if attempts else Attempt(self.clock(), 0, "")
        return Receipt(batch.number, last.status, 0, 0, last.correlation_id, self.clock(), outcome="unknown"), None

    def _came_back(self, work: Fixed, batch: Batch, attempts: Sequence[Attempt]) -> None:
        """Count a batch as on its way from when it left before, since this time each of its requests was answered.

        Else a run every quarter of an hour would never find that it cannot come in any more.
        """
        if attempts and all(one.status for one in attempts):
            at = work.left_at[batch.number]
            self.scribe.submit(self.ledger.journal, self.run_id, intended=[batch], at=at).result()

    def _not_taken(
        self, flight: _Flight, batch: Batch, attempts: Sequence[Attempt], refused: NotTaken
    ) -> tuple[Receipt | None, BaseException | None]:
        """Return what to note of a batch that had no effect, and what ends the delivery, if it has to end.

        What is too large, or has bad records in it, is cut smaller. What a dead run sent may have been taken before:
        its keys are unknown from now on, and are sent anew; but not while it may still be on its way, since it would
        then come in after what is newer.
        """
        receipt = Receipt(batch.number, refused.status, 0, 0, refused.correlation_id, self.clock(), outcome="refused")
        if isinstance(flight.work, Fixed):
            if isinstance(refused, RecordsRefused) and refused.spoken:
                return receipt, None  # UKG's word on that key: had it been taken, it would say so again
            if batch.number in flight.work.under_way:
                self._came_back(flight.work, batch, attempts)
                return None, still_under_way(refused)
            return replace(receipt, outcome="unknown"), None
        if isinstance(refused, TooLarge) and batch.size > 1:
            waiting = [*self._call_back(flight), *((one.first, one.last) for one in flight.ready)]
            flight.ready = []
            flight.work.narrow(refused)
            flight.work.again(sorted([(batch.first, batch.last), *waiting]), joined=True)
            return receipt, None
        if isinstance(refused, RecordsRefused):
            return self._without_the_bad(flight, flight.work, batch, receipt, refused)
        return receipt, refused

    def _without_the_bad(
        self, flight: _Flight, work: Batches, batch: Batch, receipt: Receipt, refused: RecordsRefused
    ) -> tuple[Receipt, BaseException | None]:
        """Find the bad records of a batch: by their names, else by halves, until one stands alone."""
        sent = batch.rows_by_reference()
        bad = {sent[one.client_ref.lower()]: one for one in refused.named if one.client_ref.lower() in sent}
        if not bad and batch.size > 1:
            middle = (batch.first + batch.last) // 2
            work.again([(batch.first, middle), (middle + 1, batch.last)])
            return receipt, None
        error = None
        if not bad:
            (row,), (reference,) = sent.values(), sent
            bad = {row: Rejected(row, reference, refused.code, "", refused.words)}
            flight.refused_alone += 1
            error = refused if not flight.accepted and flight.refused_alone >= _ALONE else None
        work.bad |= bad.keys()
        work.again([(batch.first, batch.last)])
        places = self._places(list(bad))
        rejected = tuple(replace(one, row=row, origin=places[row]) for row, one in sorted(bad.items()))
        return replace(receipt, rejected=rejected), error

    def _resolved(self, receipt: Receipt, batch: Batch) -> Receipt:
        """Hold the answer against what was sent, and find where the rejected rows stand in the source."""
        told = receipt.accepted + receipt.unchanged + len(receipt.rejected)
        complete = told == batch.size and "".join(receipt.references).encode() == batch.references
        if complete and not receipt.rejected:
            # As nearly all answers: every record by its reference, in the order of the request.
            return replace(receipt, references=())
        sent = batch.rows_by_reference()
        named = [name.lower() for name in receipt.references]
        foreign = set(named) - sent.keys()
        if foreign:
            raise _unlike(receipt, f"a record that this request did not hold: {min(foreign)}")
        if told != batch.size or len(set(named)) != len(named):
            raise _unlike(receipt, f"{told} of the {batch.size} records of a request, or for one of them twice")
        in_order = list(sent.values())
        rows = [sent[one.client_ref.lower()] if one.client_ref else in_order[one.row] for one in receipt.rejected]
        places = self._places(rows)
        return replace(
            receipt,
            references=(),
            rejected=tuple(
                replace(one, row=row, origin=places[row]) for one, row in zip(receipt.rejected, rows, strict=True)
            ),
        )

    def _places(self, rows: Sequence[int]) -> dict[int, str]:
        """Return where rows of the plan stand in the source."""
        found = (
            self.session.ask(
                "SELECT row, record, origin_column FROM plan_rows WHERE row IN (SELECT unnest($rows))",
                {"rows": list(rows)},
            )
            if rows
            else ()
        )
        return {row: self._place(record, column or "") for row, record, column in found}

    def _place(self, record: int | None, column: str) -> str:
        if record is None:
            return "no longer in the source"
        try:
            return self.locate(record, column)
        except (OSError, BridgeheadError):
            return f"record {record} of a file that has changed since"


def still_under_way(unsettled: BridgeheadError | None = None) -> Unavailable:
    """Return the error for what a dead run sent lately, and cannot be settled. unsettled: what UKG said to that."""
    told = f" UKG does not say what became of it: {unsettled.message}" if unsettled is not None else ""
    return Unavailable(
        f"A request of a run that died may still be on its way, so nothing newer is sent yet.{told}",
        cure=f"Run again in {UNDER_WAY.total_seconds() / 60:.0f} minutes: then it cannot come in any more.",
    )


def _unlike(receipt: Receipt, answered_for: str) -> RequestRefused:
    return RequestRefused(
        f"UKG answered for {answered_for}.",
        cure="Compare the answer with the dialect: the result's shape may be another one.",
        correlation_id=receipt.correlation_id,
    )

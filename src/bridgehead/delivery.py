"""Delivering a plan's batches: each written down before it leaves, each answer remembered, whatever happens between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from queue import SimpleQueue

from msgspec.structs import replace

from bridgehead.errors import BridgeheadError, NotTaken, RequestRefused
from bridgehead.plan import Batch
from bridgehead.ports import Attempt, Ledger, Receipt, Target
from bridgehead.tables import Session

Locate = Callable[[int, str], str]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Carries batches of one run to the target.

    The loop runs in one thread, which alone speaks to the session. `target.deliver` runs in the pool, whose size is
    in_flight: how many requests may be on their way at once; `ledger.journal` runs in the one thread of scribe.
    settling: the batches were sent before, by a run that died, so that no refusal proves that they had no effect.
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
    stop: Callable[[], bool]
    settling: bool = False

    def carry(self, batches: Iterator[Batch]) -> Iterator[Receipt]:
        """Yield the receipts as they come; raise what stopped the delivery once everything in flight has ended."""
        flying: dict[Future[Receipt], tuple[Batch, list[Attempt]]] = {}
        landed: SimpleQueue[Future[Receipt]] = SimpleQueue()
        receipts, tried = list[Receipt](), list[tuple[int, Attempt]]()
        stopped: BaseException | None = None
        # The first batch travels alone: its echo shows whether deliveries reach the right tenant.
        ready, ahead = list(islice(batches, 1)), 1
        while True:
            stopped = stopped or (KeyboardInterrupt() if self.stop() else None)
            if stopped is not None:
                receipts += self._called_back(flying)
            # More is written down than is on its way: a commit is for many, and nobody waits for the disk.
            fresh = ready if stopped is None and len(flying) + len(ready) <= ahead else []
            if fresh or not flying or len(receipts) >= self.in_flight:
                commit = self.scribe.submit(
                    self.ledger.journal, self.run_id, answered=receipts, intended=fresh, tried=tried
                )
                if fresh:  # the next ones are made while the disk is waited for
                    ready = list(islice(batches, self.in_flight))
                commit.result()
                for batch in fresh:
                    attempts: list[Attempt] = []
                    future = self.pool.submit(self.target.deliver, batch, attempts)
                    flying[future] = batch, attempts
                    future.add_done_callback(landed.put)
                yield from (receipt for receipt in receipts if receipt.outcome == "answered")
                receipts, tried = [], []
            if not flying:
                break
            future = landed.get()
            if future in flying:  # else it was called back
                batch, attempts = flying.pop(future)
                receipt, error = self._settled(future, batch)
                receipts += [receipt] if receipt is not None else []
                # The last one is what the receipt tells of.
                tried += [(batch.number, one) for one in (attempts[:-1] if receipt is not None else attempts)]
                stopped = stopped or error
            ahead = 4 * self.in_flight
        if stopped is not None:
            raise stopped

    def _called_back(self, flying: dict[Future[Receipt], tuple[Batch, list[Attempt]]]) -> Iterator[Receipt]:
        """Take back what has not left yet; it had no effect, unless a run that died had sent it before."""
        for future in [future for future in flying if future.cancel()]:
            batch, _ = flying.pop(future)
            if not self.settling:
                yield Receipt(batch.number, 0, 0, 0, "", self.clock(), outcome="refused")

    def _settled(self, future: Future[Receipt], batch: Batch) -> tuple[Receipt | None, BaseException | None]:
        """Return what is known of a batch, and the error that ends the delivery.

        Without a receipt the batch stays in doubt, and the next run asks again with the same key.
        """
        try:
            return self._resolved(future.result(), batch), None
        except NotTaken as refused:
            # What a dead run sent may have been taken before: its keys are unknown from now on, and are sent anew.
            status, correlation_id = refused.status, refused.correlation_id
            receipt = Receipt(batch.number, status, 0, 0, correlation_id, self.clock(), outcome="refused")
            receipt = replace(receipt, outcome="unknown") if self.settling else receipt
            return receipt, None if self.settling else refused
        except (BridgeheadError, OSError) as error:
            return None, error

    def _resolved(self, receipt: Receipt, batch: Batch) -> Receipt:
        """Hold the answer against what was sent, and find where the rejected rows stand in the source."""
        told = receipt.accepted + receipt.unchanged + len(receipt.rejected)
        complete = told == batch.size and "".join(receipt.references).encode() == batch.references
        if complete and not receipt.rejected:
            # As nearly all answers: every record by its reference, in the order of the request.
            return replace(receipt, references=())
        sent = {reference: row for row, reference in enumerate(batch.named(), batch.first)}
        named = [name.lower() for name in receipt.references]
        foreign = set(named) - sent.keys()
        if foreign:
            raise _unlike(receipt, f"a record that this request did not hold: {min(foreign)}")
        if told != batch.size or len(set(named)) != len(named):
            raise _unlike(receipt, f"{told} of the {batch.size} records of a request, or for one of them twice")
        rows = [sent[one.client_ref.lower()] if one.client_ref else one.row for one in receipt.rejected]
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


def _unlike(receipt: Receipt, answered_for: str) -> RequestRefused:
    return RequestRefused(
        f"UKG answered for {answered_for}.",
        cure="Compare the answer with the dialect: the result's shape may be another one.",
        correlation_id=receipt.correlation_id,
    )

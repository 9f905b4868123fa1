"""From the rows of a plan to the batches that travel, in turn; and the batches of a dead run, made once more."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence

from bridgehead.compare.records import Portion, portions
from bridgehead.plan import Batch, Plan, batch_key, wrap
from bridgehead.ports import Doubtful, OpenRun, Terms
from bridgehead.tables import Session


def batches_of(
    session: Session,
    run_id: str,
    plan: Plan,
    terms: Terms,
    ranges: Sequence[tuple[int, int]],
    numbers: Iterator[int],
) -> Iterator[Batch]:
    """Yield the batches for ranges of a plan's rows; each is rendered as it is taken. numbers: what they are called."""
    most, budget = terms.max_records, budget_of(plan.envelope, terms)
    for first, last in ranges:
        at = first
        for portion in portions(session, plan.rendering, first, last, most=most, budget=budget):
            key = batch_key(run_id, at, at + portion.size - 1)
            yield _batch(next(numbers), at, key, portion, plan.envelope)
            at += portion.size


def without(ranges: Sequence[tuple[int, int]], taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what is left of ranges of rows, first and last, when others that lie inside them are taken out."""
    left = []
    for first, last in ranges:
        at = first
        for begin, end in sorted(one for one in taken if first <= one[0] <= last):
            left += [(at, begin - 1)] if begin > at else []
            at = end + 1
        left += [(at, last)] if at <= last else []
    return left


def again(session: Session, dead: OpenRun) -> list[Batch]:
    """Make those batches of a dead run that may have arrived once more, as far as they are made of the same bytes.

    A batch of other bytes must not go under the same key.
    """
    made = [(_again(session, dead, one), one.digest) for one in dead.doubtful if one.digest]
    return [batch for batch, digest in made if batch.digest == digest]


def _again(session: Session, dead: OpenRun, one: Doubtful) -> Batch:
    size = one.last - one.first + 1
    made = portions(session, dead.rendering, one.first, one.last, most=size, budget=sys.maxsize)
    return _batch(one.number, one.first, one.key, next(made, Portion()), dead.envelope)


def budget_of(envelope: tuple[str, str], terms: Terms) -> int:
    """Return how many bytes are left for the records of a request."""
    return terms.max_bytes - len("".join(envelope).encode())


def _batch(number: int, first: int, key: str, portion: Portion, envelope: tuple[str, str]) -> Batch:
    last, body = first + portion.size - 1, wrap(envelope, portion.records)
    return Batch(number, first, last, key, body, b"".join(portion.references), hashlib.sha256(body).hexdigest())

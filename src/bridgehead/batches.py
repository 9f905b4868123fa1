"""From the rows of a plan to the batches that travel, in turn; and the batches of a dead run, made once more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from bridgehead.compare.records import cut, records, references
from bridgehead.plan import Batch, Plan, Rendering, batch_key, wrap
from bridgehead.ports import Doubtful, OpenRun, Terms
from bridgehead.tables import Rows, Session


def batches_of(
    session: Session,
    run_id: str,
    plan: Plan,
    terms: Terms,
    ranges: Sequence[tuple[int, int]],
    numbers: Iterator[int],
) -> Iterator[Batch]:
    """Yield the batches for ranges of a plan's rows; each is rendered as it is taken. numbers: what they are called."""
    for first, last in ranges:
        rendered, at = records(session, plan.rendering, first, last), first
        for portion in cut(
            partial(_taken, rendered), len, most=terms.max_records, budget=budget_of(plan.envelope, terms)
        ):
            key = batch_key(run_id, at, at + len(portion) - 1)
            yield _batch(next(numbers), at, key, portion, plan.envelope, plan.rendering)
            at += len(portion)


def again(session: Session, dead: OpenRun) -> list[Batch]:
    """Make those batches of a dead run that may have arrived once more, as far as they are made of the same bytes.

    A batch of other bytes must not go under the same key.
    """
    made = [(_again(session, dead, one), one.digest) for one in dead.doubtful if one.digest]
    return [batch for batch, digest in made if batch.digest == digest]


def _again(session: Session, dead: OpenRun, one: Doubtful) -> Batch:
    rendered = _taken(records(session, dead.rendering, one.first, one.last), one.last - one.first + 1)
    return _batch(one.number, one.first, one.key, rendered, dead.envelope, dead.rendering)


def budget_of(envelope: tuple[str, str], terms: Terms) -> int:
    """Return how many bytes are left for the records of a request."""
    return terms.max_bytes - len("".join(envelope).encode())


def _taken(rendered: Rows, size: int) -> list[bytes]:
    return [record for (record,) in rendered.take(size)]


def _batch(
    number: int, first: int, key: str, rendered: Sequence[bytes], envelope: tuple[str, str], rendering: Rendering
) -> Batch:
    last, body = first + len(rendered) - 1, wrap(envelope, rendered)
    return Batch(number, first, last, key, body, references(rendering, rendered))

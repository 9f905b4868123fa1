"""From the rows of a plan to the batches that travel, in turn; and the batches of a dead run, made once more."""

from __future__ import annotations

import hashlib
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from bridgehead.compare.accepted import join
from bridgehead.compare.records import Portion, portions
from bridgehead.errors import TooLarge
from bridgehead.plan import Batch, Plan, batch_key, wrap
from bridgehead.ports import Doubtful, OpenRun, Terms
from bridgehead.tables import Session

Range = tuple[int, int]
"""Rows of a plan: the first and the last one."""


@dataclass(slots=True)
class Batches:
    """The batches of a plan's rows, each rendered as it is taken. What was refused as a whole is cut and comes first.

    bad: rows that UKG rejected, and that are left out of what is sent from now on.
    """

    session: Session
    run_id: str
    plan: Plan
    terms: Terms
    bad: set[int] = field(default_factory=set)
    _ranges: deque[Range] = field(default_factory=deque)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _begun: Iterator[Batch] | None = None
    _left: Range = (1, 0)

    def add(self, ranges: Iterable[Range]) -> None:
        """Let these rows follow."""
        self._ranges.extend(ranges)

    def take(self, most: int) -> list[Batch]:
        """Return the next batches, none when all were taken."""
        taken: list[Batch] = []
        while len(taken) < most and (batch := self._next()) is not None:
            taken.append(batch)
        return taken

    def again(self, ranges: Sequence[Range], *, joined: bool = False) -> None:
        """Let rows that were taken, and not accepted, come again before all others.

        No batch reaches over two ranges, unless those that follow on one another are joined.
        """
        if self._begun is not None:
            self._begun = None
            ranges = [*ranges, self._left]
        whole = [*(one for one in ranges if one[0] <= one[1]), *self._ranges]
        self._ranges = deque(join(whole) if joined else whole)

    def narrow(self, refused: TooLarge) -> None:
        """Cut by what a refusal says from now on."""
        self.terms = self.terms.narrowed(refused)

    def _next(self) -> Batch | None:
        while True:
            if self._begun is None:
                if not self._ranges:
                    return None
                self._left = self._ranges.popleft()
                self._begun = self._cut(*self._left)
            batch = next(self._begun, None)
            if batch is not None:
                self._left = (batch.last + 1, self._left[1])
                return batch
            self._begun = None

    def _cut(self, first: int, last: int) -> Iterator[Batch]:
        bad = sorted(row for row in self.bad if first <= row <= last) if self.bad else []
        made = portions(
            self.session,
            self.plan.rendering,
            first,
            last,
            most=self.terms.max_records,
            budget=budget_of(self.plan.envelope, self.terms),
            without=bad,
        )
        at = first
        for portion in made:
            begin, end, out = _extent(at, portion.size, bad)
            key = batch_key(self.run_id, begin, end, out)
            yield _batch(next(self._numbers), (begin, end, out), key, portion, self.plan.envelope)
            at = end + 1


def _extent(at: int, size: int, bad: Sequence[int]) -> tuple[int, int, tuple[int, ...]]:
    """Return first and last of so many rows from `at` on, bad ones not counted, and those that lie between."""
    if not bad:
        return at, at + size - 1, ()
    out = set(bad)
    rows = (row for row in count(at) if row not in out)
    kept = [next(rows) for _ in range(size)]
    return kept[0], kept[-1], tuple(row for row in bad if kept[0] < row < kept[-1])


@dataclass(slots=True)
class Fixed:
    """Batches that are there already: those of a dead run, which are never cut.

    left_at: when each left, by its number. under_way: numbers of those that left so lately that they may still be on
    their way to UKG.
    """

    batches: deque[Batch]
    left_at: Mapping[int, datetime]
    under_way: frozenset[int] = frozenset()

    def take(self, most: int) -> list[Batch]:
        """Return the next ones."""
        return [self.batches.popleft() for _ in range(min(most, len(self.batches)))]


def again(session: Session, dead: OpenRun) -> list[Batch]:
    """Make those batches of a dead run that may have arrived once more, as far as they are made of the same bytes.

    A batch of other bytes must not go under the same key.
    """
    made = [(_again(session, dead, one), one.digest) for one in dead.doubtful if one.digest]
    return [batch for batch, digest in made if batch.digest == digest]


def _again(session: Session, dead: OpenRun, one: Doubtful) -> Batch:
    out = tuple(row for row in dead.rejected if one.first <= row <= one.last)
    size = one.last - one.first + 1
    made = portions(session, dead.rendering, one.first, one.last, most=size, budget=sys.maxsize, without=out)
    return _batch(one.number, (one.first, one.last, out), one.key, next(made, Portion()), dead.envelope)


def budget_of(envelope: tuple[str, str], terms: Terms) -> int:
    """Return how many bytes are left for the records of a request."""
    return terms.max_bytes - len("".join(envelope).encode())


def _batch(
    number: int, extent: tuple[int, int, tuple[int, ...]], key: str, portion: Portion, envelope: tuple[str, str]
) -> Batch:
    first, last, out = extent
    body = wrap(envelope, portion.records)
    references, digest = b"".join(portion.references), hashlib.sha256(body).hexdigest()
    return Batch(number, first, last, key, body, references, digest, out)

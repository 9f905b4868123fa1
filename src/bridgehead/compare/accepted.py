"""What UKG last accepted from a feed, cell by cell: a base and what has changed since, read as one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bridgehead.plan import Owned
from bridgehead.projection import DIMENSIONS, MEASURES
from bridgehead.tables import Session, question

_HERE = "bridgehead.compare"

ACCEPTED_COLUMNS = (
    *(f"{name} {'DATE' if name == 'period_start' else 'VARCHAR'}" for name in DIMENSIONS),
    *(f"{name} DECIMAL(18, 4)" for name in MEASURES),
    "currency VARCHAR",
    "retired BOOLEAN",
    "unknown BOOLEAN",
)
"""The table of what UKG accepted, key by key. A snapshot is one or two such tables as Parquet."""


def prepare(session: Session) -> None:
    """Define what the questions rely on."""
    session.ask(question(_HERE, "prepare"))


def begin_accepted(session: Session) -> None:
    """Let UKG have accepted nothing: both layers, `accepted_base` and `accepted_delta`, are empty."""
    for layer in ("accepted_base", "accepted_delta"):
        session.drop(layer)
        session.fill(layer, ACCEPTED_COLUMNS, [])


def stage_accepted(session: Session, *, plan: bool = False) -> None:
    """Read both layers as one, the view `accepted`; a cell of the delta stands before that of the base.

    plan: the base is the rows of a plan, all of which were accepted.
    """
    if plan:
        session.rename("accepted_base", "accepted_plan")
        session.ask(question(_HERE, "accepted_plan"))
    session.ask(question(_HERE, "accepted"))


def fold(
    session: Session,
    *,
    settled: Sequence[tuple[int, int]],
    doubtful: Sequence[tuple[int, int]],
    rejected: Sequence[int],
) -> None:
    """Move the delta forward by the rows of `plan_rows` that were answered and not rejected.

    settled, doubtful: ranges of rows that were answered, or sent and never answered.
    """
    ranges = ("first BIGINT", "last BIGINT")
    session.fill("settled", ranges, list(join(settled)))
    session.fill("doubtful", ranges, list(join(doubtful)))
    session.fill("rejected", ("row BIGINT",), [(row,) for row in rejected])
    session.ask(question(_HERE, "fold"))
    session.rename("newer", "accepted_delta")


def join(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join ranges of rows that follow on one another: a thousand requests in a row are one range."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and joined[-1][1] + 1 == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return iter(joined)


def holds_any(session: Session) -> bool:
    """Whether UKG holds anything from this feed."""
    return bool(session.value("SELECT EXISTS (SELECT 1 FROM accepted_base) OR EXISTS (SELECT 1 FROM accepted_delta)"))


def held_parts(session: Session) -> tuple[Owned, ...]:
    """Return the parts of the plan that UKG holds from this feed."""
    return tuple(Owned(*row) for row in session.ask(question(_HERE, "held")))


def stage_late(session: Session) -> int:
    """Fill `late` with the old sides of moves in `plan_rows`; return the first of these rows, 0 when there is none."""
    session.ask(question(_HERE, "late"))
    return int(session.value("SELECT coalesce(min(row), 0) FROM late"))


def next_late(session: Session, refused: Sequence[int]) -> list[tuple[int, int]]:
    """Take from `late`, as ranges, the rows whose new side was accepted; none when no more may be sent.

    refused: the rows of the plan that UKG rejected. What waits for one of them is withheld for good.
    """
    withheld = [row for (row,) in session.ask(question(_HERE, "withheld"), {"refused": list(refused)})]
    taken = "DELETE FROM late WHERE row IN (SELECT unnest(CAST($rows AS BIGINT[])))"
    session.ask(taken, {"rows": withheld})
    rows = [row for (row,) in session.ask(question(_HERE, "next_late"))]
    session.ask(taken, {"rows": rows})
    return list(join((row, row) for row in rows))

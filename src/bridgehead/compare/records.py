"""From the rows of a plan to requests: each row rendered for the wire, and how many of them travel together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, takewhile
from typing import Any, TypeVar

from bridgehead.plan import REFERENCE_LENGTH, Rendering
from bridgehead.projection import DIMENSIONS, MEASURES, namespace_of
from bridgehead.tables import Rows, Session, question

_HERE = "bridgehead.compare"
_FIELDS = (*DIMENSIONS, *MEASURES, "currency")

_Piece = TypeVar("_Piece")


def _rendered(rendering: Rendering, first: int, last: int) -> tuple[str, dict[str, Any]]:
    """Return the query that renders rows, and its parameters: what stands before each value, and the scales."""
    names, before = rendering.names, {}
    for field, earlier in zip(_FIELDS, ("client_ref", *_FIELDS), strict=False):
        quote = '"' if earlier in ("client_ref", "period_start") else ""
        before[field] = f'{quote},"{names[field]}":' + ('"' if field == "period_start" else "")
    scales = {f"{name}_scale": scale for name, scale in rendering.scales.items()}
    given = {"client_ref": _opening(rendering), "namespace": namespace_of(rendering.tenant_id).hex}
    return question(_HERE, f"rendered_{rendering.version}"), {**before, **scales, **given, "first": first, "last": last}


def _opening(rendering: Rendering) -> str:
    """Return what every record begins with, up to its client reference."""
    return f'{{"{rendering.names["client_ref"]}":"'


def records(session: Session, rendering: Rendering, first: int, last: int) -> Rows:
    """Render rows of `plan_rows` as JSON objects in UTF-8, in order; they are made as they are taken."""
    sql, parameters = _rendered(rendering, first, last)
    return session.rows(sql, parameters)


def references(rendering: Rendering, rendered: Sequence[bytes]) -> bytes:
    """Return the client references of records, one after the other."""
    start = len(_opening(rendering).encode())
    end = start + REFERENCE_LENGTH
    return b"".join([record[start:end] for record in rendered])


def requests_needed(session: Session, rendering: Rendering, count: int, *, most: int, budget: int) -> int:
    """Count the requests that `count` rows of `plan_rows` take. most: records in one; budget: bytes."""
    if not count:
        return 0
    sql, parameters = _rendered(rendering, 1, count)
    longest = session.value(f"SELECT coalesce(max(octet_length(body)), 0) FROM ({sql})", parameters)  # noqa: S608 - ours
    if (longest + 1) * most <= budget:
        return -(-count // most)
    lengths = session.rows(f"SELECT octet_length(body) FROM ({sql})", parameters)  # noqa: S608 - our own text
    return sum(1 for _ in cut(lambda size: [row[0] for row in lengths.take(size)], int, most=most, budget=budget))


def digest_records(session: Session, rendering: Rendering, count: int) -> str:
    """Return the digest of the first `count` rows of `plan_rows`, as they would be sent."""
    sql, parameters = _rendered(rendering, 1, count)
    numbered = f"SELECT md5(body) AS digest, row_number() OVER () AS row FROM ({sql})"  # noqa: S608 - our own text
    select = f"SELECT md5(coalesce(string_agg(digest, '' ORDER BY row), '')) FROM ({numbered})"  # noqa: S608 - as above
    return str(session.value(select, parameters))


def cut(
    take: Callable[[int], list[_Piece]], size: Callable[[_Piece], int], *, most: int, budget: int
) -> Iterator[list[_Piece]]:
    """Yield portions of pieces: as many as fit, never more than `most`, nor bytes (with a comma each) than `budget`.

    take: returns the next pieces, at most so many. A piece that alone is larger travels alone.
    """
    pieces: list[_Piece] = []
    while True:
        pieces += take(most - len(pieces))
        if not pieces:
            return
        end = len(pieces)
        if sum(map(size, pieces)) + end > budget:
            summed = accumulate(size(piece) + 1 for piece in pieces)
            end = max(1, sum(1 for _ in takewhile(lambda total: total <= budget, summed)))
        yield pieces[:end]
        pieces = pieces[end:]

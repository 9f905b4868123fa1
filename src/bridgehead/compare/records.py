"""From the rows of a plan to requests: each row rendered for the wire, and how many of them travel together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from bridgehead.plan import Rendering
from bridgehead.projection import DIMENSIONS, MEASURES, namespace_of
from bridgehead.tables import Session, Strings, question

_HERE = "bridgehead.compare"
_FIELDS = (*DIMENSIONS, *MEASURES, "currency")


class Portion(msgspec.Struct):
    """Records that travel together, and their client references; each a row of pieces, to be joined.

    Behind every record there is a comma.
    """

    size: int = 0
    length: int = 0
    records: list[memoryview] = []
    references: list[memoryview] = []


def _rendered(rendering: Rendering, first: int, last: int) -> tuple[str, dict[str, Any]]:
    """Return the query that renders rows, and its parameters: what stands before each value, and the scales."""
    names, before = rendering.names, {}
    for field, earlier in zip(_FIELDS, ("client_ref", *_FIELDS), strict=False):
        quote = '"' if earlier in ("client_ref", "period_start") else ""
        before[field] = f'{quote},"{names[field]}":' + ('"' if field == "period_start" else "")
    scales = {f"{name}_scale": scale for name, scale in rendering.scales.items()}
    opening = f'{{"{rendering.names["client_ref"]}":"'
    given = {"client_ref": opening, "namespace": namespace_of(rendering.tenant_id).hex, "first": first, "last": last}
    return question(_HERE, f"rendered_{rendering.version}"), {**before, **scales, **given}


def portions(
    session: Session,
    rendering: Rendering,
    first: int,
    last: int,
    *,
    most: int,
    budget: int,
    without: Sequence[int] = (),
) -> Iterator[Portion]:
    """Render rows of `plan_rows` as JSON objects in UTF-8, in order, as they are taken: as many as fit together.

    without: rows that are left out.
    """
    sql, parameters = _rendered(rendering, first, last)
    if without:
        sql += "AND row NOT IN (SELECT unnest(CAST($without AS BIGINT[])))"
        parameters["without"] = list(without)
    return cut(session.stretches(sql, parameters), most=most, budget=budget)


def cut(stretches: Iterable[tuple[Strings, ...]], *, most: int, budget: int) -> Iterator[Portion]:
    """Yield portions: as many records as fit, never more than `most`, nor bytes (with a comma each) than `budget`.

    stretches: references and records. A record that alone is larger travels alone.
    """
    portion = Portion()
    for references, records in stretches:
        at, total = 0, len(records)
        while at < total:
            end = min(total, at + most - portion.size)
            end = records.fitting(at, end, budget - portion.length)
            if end == at and portion.size:
                yield portion
                portion = Portion()
                continue
            end = max(end, at + 1)
            taken = records.between(at, end)
            portion.records.append(taken)
            portion.references.append(references.between(at, end))
            portion.size += end - at
            portion.length += len(taken)
            at = end
    if portion.size:
        yield portion


def requests_needed(session: Session, rendering: Rendering, count: int, *, most: int, budget: int) -> int:
    """Count the requests that `count` rows of `plan_rows` take. most: records in one; budget: bytes."""
    if not count:
        return 0
    sql, parameters = _rendered(rendering, 1, count)
    longest = session.value(f"SELECT coalesce(max(octet_length(body)), 0) FROM ({sql})", parameters)  # noqa: S608 - ours
    if longest * most <= budget:
        return -(-count // most)
    return sum(1 for _ in portions(session, rendering, 1, count, most=most, budget=budget))


def digest_records(session: Session, rendering: Rendering, count: int) -> str:
    """Return the digest of the first `count` rows of `plan_rows`, as they would be sent."""
    sql, parameters = _rendered(rendering, 1, count)
    numbered = f"SELECT md5(body) AS digest, row_number() OVER () AS row FROM ({sql})"  # noqa: S608 - our own text
    select = f"SELECT md5(coalesce(string_agg(digest, '' ORDER BY row), '')) FROM ({numbered})"  # noqa: S608 - as above
    return str(session.value(select, parameters))

"""A bulk request: its records judged, each by itself and then together, and what the answer tells of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from bridgehead.emulator.records import Record, RecordRefused, Rules, dimensions_of, encode, read_record, warnings_of


@dataclass(frozen=True, slots=True)
class Manner:
    """How results are told, where a fault changes it.

    always_200: also when records were rejected. by_position: records are named by their position. all_or_nothing: one
    bad record refuses them all, with 400. reject_every: each so many-th good record is rejected; 0: none.
    conflict_every: each so many-th of those that stand there already was changed by somebody else; 0: none. most: so
    many projections a tenant may hold; None: as many as it likes. in_groups: an org unit's month is taken whole or not
    at all.
    """

    always_200: bool = False
    by_position: bool = False
    all_or_nothing: bool = False
    reject_every: int = 0
    conflict_every: int = 0
    most: int | None = None
    in_groups: bool = False

    @property
    def judges_together(self) -> bool:
        """Whether a record's fate hangs on more than itself."""
        return self.in_groups or self.conflict_every > 0 or self.most is not None


@dataclass(frozen=True, slots=True)
class Bulk:
    """A bulk request: for which tenant and by whom, under which rules, and how its results are told.

    org_units: the only ones that the caller may write; None means all. validate_only: nothing is stored. request:
    idempotency key and body, when the caller sent a key.
    """

    tenant_id: str
    rules: Rules
    echo: dict[str, Any]
    changed_by: str
    now: datetime
    org_units: frozenset[str] | None = None
    validate_only: bool = False
    request: tuple[str, bytes] | None = None
    manner: Manner = Manner()


class Judged(msgspec.Struct, frozen=True):
    """A record and the judgement on it.

    error: why it is rejected; None for a good one, which has key and document. record: None where it cannot be read.
    """

    reference: str
    error: dict[str, str] | None = None
    record: Record | None = None
    key: str = ""
    document: bytes = b""


def judge(records: Sequence[msgspec.Raw], bulk: Bulk) -> list[Judged]:
    """Judge each record by itself."""
    seen = set[str]()
    return [_judge(raw, bulk, seen) for raw in records]


def _judge(raw: msgspec.Raw, bulk: Bulk, seen: set[str]) -> Judged:
    """Judge one record. seen: the keys of the good ones before it."""
    record = None
    try:
        record = read_record(raw)
        key = _key_of_good(record, bulk, seen)
    except RecordRefused as refused:
        return Judged(record.client_ref if record is not None else "", refused.error, record)
    return Judged(record.client_ref, None, record, key, encode(record))


def _key_of_good(record: Record, bulk: Bulk, seen: set[str]) -> str:
    """Return the record's key; raise RecordRefused when something is wrong with it."""
    bulk.rules.check(record)
    if bulk.org_units is not None and record.org_unit not in bulk.org_units:
        message = f'no access to org unit "{record.org_unit}"'
        raise RecordRefused("org_unit_not_permitted", "org_unit", message)
    key = "\x1f".join([value or "" for value in dimensions_of(record)])
    if key in seen:
        raise RecordRefused("duplicate_in_request", "", "another record of this request has the same key")
    seen.add(key)
    every = bulk.manner.reject_every
    if every and len(seen) % every == 0:
        raise RecordRefused("not_processed", "", "the record could not be processed; send it again")
    return key


def judge_together(judged: Sequence[Judged], before: Mapping[str, bytes], held: int, manner: Manner) -> list[Judged]:
    """Judge records by what stands there already, and by one another.

    before: what is stored under their keys. held: how many projections the tenant has.
    """
    found = list(judged)
    if manner.conflict_every:
        standing = [place for place, one in enumerate(found) if one.key in before]
        for place in standing[manner.conflict_every - 1 :: manner.conflict_every]:
            found[place] = _refused(found[place], "version_conflict", "the record was changed by somebody else")
    if manner.most is not None:
        fresh = [place for place, one in enumerate(found) if one.error is None and one.key not in before]
        for place in fresh[max(0, manner.most - held) :]:
            message = f"the tenant may hold {manner.most} projections"
            found[place] = _refused(found[place], "product_limit_exceeded", message)
    return _whole_groups(found) if manner.in_groups else found


def _whole_groups(judged: Sequence[Judged]) -> list[Judged]:
    """Refuse the good records of an org unit's month in which another one is rejected."""
    broken = Counter(_group(one) for one in judged if one.error is not None)
    message = "another record of this org unit and month was rejected"
    return [
        _refused(one, "group_incomplete", message) if one.error is None and broken[_group(one)] else one
        for one in judged
    ]


def _group(judged: Judged) -> tuple[str, str] | None:
    """Return org unit and month, None of a record that could not be read."""
    return None if judged.record is None else (judged.record.org_unit, judged.record.period_start)


def _refused(judged: Judged, code: str, message: str) -> Judged:
    error = RecordRefused(code, "", message).error
    return Judged(judged.reference, error, judged.record)


def status_of(judged: Judged, before: bytes | None) -> str:
    """Return what becomes of a record, where this stands before."""
    if judged.error is not None:
        return "rejected"
    return "created" if before is None else "unchanged" if before == judged.document else "updated"


def result_of(judged: Judged, status: str) -> dict[str, Any]:
    """Tell what became of a record."""
    told: dict[str, Any] = {"client_ref": judged.reference, "status": status}
    if judged.error is not None:
        told["error"] = judged.error
    elif judged.record is not None and (odd := warnings_of(judged.record)):
        told["warnings"] = odd
    return told

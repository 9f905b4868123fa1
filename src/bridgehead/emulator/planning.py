"""The projections a tenant has stored: the bulk upsert with one result per record, and reading them page by page."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from bridgehead.emulator.records import DIMENSIONS, Record, RecordRefused, Rules, encode, read_record, warnings_of
from bridgehead.emulator.store import Store

_ANSWERS_KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer to a bulk request: its status and its body."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Manner:
    """How results are told, where a fault changes it.

    always_200: also when records were rejected. by_position: records are named by their position. all_or_nothing: one
    bad record refuses them all, with 400. reject_every: each so many-th good record is rejected; 0: none.
    """

    always_200: bool = False
    by_position: bool = False
    all_or_nothing: bool = False
    reject_every: int = 0


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


@dataclass(slots=True)
class _Writer:
    """Judges and stores the records of one request. dry: judges only."""

    store: Store
    bulk: Bulk
    dry: bool
    seen: set[str] = field(default_factory=set)

    def upsert(self, raw: msgspec.Raw) -> dict[str, Any]:
        """Return the result of one record."""
        reference = ""
        try:
            record = read_record(raw)
            reference = record.client_ref
            key = self._key_of_good(record)
        except RecordRefused as refused:
            return {"client_ref": reference, "status": "rejected", "error": refused.error}
        document = encode(record)
        place = (self.store.environment, self.bulk.tenant_id, key)
        before = self.store.connection.execute(
            "SELECT document FROM projection WHERE environment = ? AND tenant_id = ? AND key = ?", place
        ).fetchone()
        status = "created" if before is None else "unchanged" if before[0] == document else "updated"
        if status != "unchanged" and not self.dry:
            moment = self.bulk.now.isoformat()
            told = (record.scenario, record.version, record.period_start, document, moment, self.bulk.changed_by)
            self.store.connection.execute(
                "INSERT OR REPLACE INTO projection VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*place, *told)
            )
        odd = warnings_of(record)
        return {"client_ref": reference, "status": status, **({"warnings": odd} if odd else {})}

    def _key_of_good(self, record: Record) -> str:
        """Return the record's key; raise RecordRefused when something is wrong with it."""
        self.bulk.rules.check(record)
        if self.bulk.org_units is not None and record.org_unit not in self.bulk.org_units:
            message = f'no access to org unit "{record.org_unit}"'
            raise RecordRefused("org_unit_not_permitted", "org_unit", message)
        key = "\x1f".join(getattr(record, dimension) or "" for dimension in DIMENSIONS)
        if key in self.seen:
            raise RecordRefused("duplicate_in_request", "", "another record of this request has the same key")
        self.seen.add(key)
        every = self.bulk.manner.reject_every
        if every and len(self.seen) % every == 0:
            raise RecordRefused("not_processed", "", "the record could not be processed; send it again")
        return key


class Planning:
    """The projections of one environment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def remembered(self, tenant_id: str, key: str, body: bytes, now: datetime) -> Posted | None:
        """Return the answer that this idempotency key got before; 409 when the body is another one."""
        row = self._store.connection.execute(
            "SELECT body_digest, status, body FROM answer WHERE environment = ? AND tenant_id = ?"
            " AND idempotency_key = ? AND forget_at > ?",
            (self._store.environment, tenant_id, key, now.timestamp()),
        ).fetchone()
        if row is None:
            return None
        if row[0] != hashlib.sha256(body).hexdigest():
            return Posted(409, b'{"error":"key_reused","message":"the Idempotency-Key was used with another body"}')
        return Posted(row[1], row[2])

    def post(self, records: Sequence[msgspec.Raw], bulk: Bulk) -> Posted:
        """Judge each record, store the good ones, remember the answer with its effect: all in one transaction."""
        with self._store.transaction() as connection:
            posted = self._told(records, bulk)
            if bulk.request is not None and not bulk.validate_only:
                (key, body), now = bulk.request, bulk.now.timestamp()
                connection.execute("DELETE FROM answer WHERE forget_at <= ?", (now,))
                connection.execute(
                    "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        self._store.environment,
                        bulk.tenant_id,
                        key,
                        hashlib.sha256(body).hexdigest(),
                        posted.status,
                        posted.body,
                        now + _ANSWERS_KEPT_SECONDS,
                    ),
                )
        return posted

    def _told(self, records: Sequence[msgspec.Raw], bulk: Bulk) -> Posted:
        """Store the records, and tell of each."""
        if bulk.manner.all_or_nothing:
            dry = _Writer(self._store, bulk, dry=True)
            wrong = [result for raw in records if (result := dry.upsert(raw))["status"] == "rejected"]
            if wrong:
                document = {"error": "invalid_records", "results": wrong, "echo": bulk.echo}
                return Posted(400, encode(document))
        writer = _Writer(self._store, bulk, dry=bulk.validate_only)
        results = [writer.upsert(raw) for raw in records]
        rejected = any(result["status"] == "rejected" for result in results)
        if bulk.manner.by_position:
            for number, result in enumerate(results):
                del result["client_ref"]
                result["index"] = number
        status = 207 if rejected and not bulk.manner.always_200 else 200
        return Posted(status, encode({"results": results, "echo": bulk.echo}))

    @staticmethod
    def read(document: bytes) -> Record:
        """Return a stored projection."""
        return msgspec.json.decode(document, type=Record, strict=False)

    def months(self, tenant_id: str, filters: Mapping[str, str]) -> list[tuple[str, int]]:
        """Return the heads of each month that has any, by the same filters as a page, and by org unit."""
        rows = self._store.connection.execute(
            "SELECT period_start, sum(CAST(document ->> '$.headcount' AS INTEGER)) FROM projection"  # heads are whole
            " WHERE environment = ?1 AND tenant_id = ?2"
            " AND (?3 IS NULL OR scenario = ?3) AND (?4 IS NULL OR version = ?4)"
            " AND (?5 IS NULL OR period_start >= ?5) AND (?6 IS NULL OR period_start <= ?6)"
            " AND (?7 IS NULL OR document ->> '$.org_unit' = ?7)"
            " GROUP BY period_start ORDER BY period_start",
            (
                self._store.environment,
                tenant_id,
                *(filters.get(name) for name in ("scenario", "version", "period_from", "period_to", "org_unit")),
            ),
        )
        return [(month, heads or 0) for month, heads in rows]

    def page(
        self, tenant_id: str, filters: dict[str, str], *, limit: int, org_units: frozenset[str] | None = None
    ) -> tuple[list[bytes], str | None]:
        """Return stored projections in the order of their keys, and the cursor of the next page.

        org_units: the only ones that the caller may see; None means all.
        """
        after = _read_cursor(filters.get("cursor"))
        rows = self._store.connection.execute(
            "SELECT key, document FROM projection WHERE environment = ?1 AND tenant_id = ?2 AND key > ?3"
            " AND (?4 IS NULL OR scenario = ?4) AND (?5 IS NULL OR version = ?5)"
            " AND (?6 IS NULL OR period_start >= ?6) AND (?7 IS NULL OR period_start <= ?7)"
            " AND (?9 IS NULL OR document ->> '$.org_unit' IN (SELECT value FROM json_each(?9)))"
            " ORDER BY key LIMIT ?8",
            (
                self._store.environment,
                tenant_id,
                after,
                filters.get("scenario"),
                filters.get("version"),
                filters.get("period_from"),
                filters.get("period_to"),
                limit + 1,
                None if org_units is None else msgspec.json.encode(sorted(org_units)).decode(),
            ),
        ).fetchall()
        documents = [row[1] for row in rows[:limit]]
        more = len(rows) > limit
        cursor = base64.urlsafe_b64encode(rows[limit - 1][0].encode()).decode() if more else None
        return documents, cursor


def _read_cursor(cursor: str | None) -> str:
    if cursor is None:
        return ""
    try:
        return base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise RecordRefused("invalid_format", "cursor", "cursor is not one that a page gave") from None

"""The projections a tenant has stored: the bulk upsert with one result per record, and reading them page by page."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from bridgehead.emulator.records import DIMENSIONS, Record, RecordRefused, Rules, encode, read_record
from bridgehead.emulator.store import Store

_ANSWERS_KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer to a bulk request: its status and its body."""

    status: int
    body: bytes


@dataclass(slots=True)
class _Writer:
    """Judges and stores the records of one request. dry: judges only. org_units: the only ones that may be written."""

    store: Store
    tenant_id: str
    rules: Rules
    changed_by: str
    changed_at: str
    dry: bool
    org_units: frozenset[str] | None
    seen: set[str] = field(default_factory=set)

    def upsert(self, raw: msgspec.Raw) -> dict[str, Any]:
        """Return the result of one record."""
        reference = ""
        try:
            record = read_record(raw)
            reference = record.client_ref
            self.rules.check(record)
            self._check_reach(record)
            key = self._key(record)
        except RecordRefused as refused:
            return {"client_ref": reference, "status": "rejected", "error": refused.error}
        document = encode(record)
        place = (self.store.environment, self.tenant_id, key)
        before = self.store.connection.execute(
            "SELECT document FROM projection WHERE environment = ? AND tenant_id = ? AND key = ?", place
        ).fetchone()
        status = "created" if before is None else "unchanged" if before[0] == document else "updated"
        if status != "unchanged" and not self.dry:
            told = (record.scenario, record.version, record.period_start, document, self.changed_at, self.changed_by)
            self.store.connection.execute(
                "INSERT OR REPLACE INTO projection VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*place, *told)
            )
        return {"client_ref": reference, "status": status}

    def _check_reach(self, record: Record) -> None:
        if self.org_units is not None and record.org_unit not in self.org_units:
            message = f'no access to org unit "{record.org_unit}"'
            raise RecordRefused("org_unit_not_permitted", "org_unit", message)

    def _key(self, record: Record) -> str:
        key = "\x1f".join(getattr(record, dimension) or "" for dimension in DIMENSIONS)
        if key in self.seen:
            raise RecordRefused("duplicate_in_request", "", "another record of this request has the same key")
        self.seen.add(key)
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

    def post(
        self,
        records: Iterable[msgspec.Raw],
        *,
        tenant_id: str,
        rules: Rules,
        echo: dict[str, Any],
        changed_by: str,
        now: datetime,
        validate_only: bool,
        request: tuple[str, bytes] | None,
        org_units: frozenset[str] | None = None,
    ) -> Posted:
        """Judge each record, store the good ones, remember the answer with its effect: all in one transaction.

        request: idempotency key and body, when the caller sent a key. org_units: the only ones that the caller may
        write; None means all.
        """
        with self._store.transaction() as connection:
            writer = _Writer(self._store, tenant_id, rules, changed_by, now.isoformat(), validate_only, org_units)
            results = [writer.upsert(raw) for raw in records]
            rejected = sum(result["status"] == "rejected" for result in results)
            posted = Posted(207 if rejected else 200, encode({"results": results, "echo": echo}))
            if request is not None and not validate_only:
                key, body = request
                connection.execute("DELETE FROM answer WHERE forget_at <= ?", (now.timestamp(),))
                connection.execute(
                    "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        self._store.environment,
                        tenant_id,
                        key,
                        hashlib.sha256(body).hexdigest(),
                        posted.status,
                        posted.body,
                        now.timestamp() + _ANSWERS_KEPT_SECONDS,
                    ),
                )
        return posted

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

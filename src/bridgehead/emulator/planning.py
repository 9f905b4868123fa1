"""The projections a tenant has stored: the bulk upsert with one result per record, and reading them page by page."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from bridgehead.emulator.bulk import Bulk, Judged, judge, judge_together, result_of, status_of
from bridgehead.emulator.records import Record, RecordRefused, encode
from bridgehead.emulator.store import Store

_ANSWERS_KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer to a bulk request: its status and its body. org_units: of the records that were taken."""

    status: int
    body: bytes
    org_units: frozenset[str] = frozenset()


class Planning:
    """The projections of one environment. answers: how many are kept for those who ask again."""

    def __init__(self, store: Store, answers: int) -> None:
        self._store = store
        self._answers = answers

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
        with self._store.transaction():
            posted = self._told(records, bulk)
            if bulk.request is not None and not bulk.validate_only:
                self._remember(posted, bulk, *bulk.request)
        return posted

    def _remember(self, posted: Posted, bulk: Bulk, key: str, body: bytes) -> None:
        """Keep an answer for whoever asks again under its key, for a day, as long as it is among the newest."""
        digest, until = hashlib.sha256(body).hexdigest(), bulk.now.timestamp() + _ANSWERS_KEPT_SECONDS
        kept = (self._store.environment, bulk.tenant_id, key, digest, posted.status, until, posted.body)
        cursor = self._store.connection.execute(
            "INSERT OR REPLACE INTO answer"
            " (environment, tenant_id, idempotency_key, body_digest, status, forget_at, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            kept,
        )
        self._store.connection.execute("DELETE FROM answer WHERE id <= ?", ((cursor.lastrowid or 0) - self._answers,))

    def _told(self, records: Sequence[msgspec.Raw], bulk: Bulk) -> Posted:
        """Store the good records, and tell of each."""
        judged, manner = judge(records, bulk), bulk.manner
        before = self._documents(bulk.tenant_id, [one.key for one in judged if one.error is None])
        if manner.judges_together:
            held = 0 if manner.most is None else self._held(bulk.tenant_id)
            judged = judge_together(judged, before, held, manner)
        rejected = any(one.error for one in judged)
        if rejected and manner.all_or_nothing:
            wrong = [result_of(one, "rejected") for one in judged if one.error]
            return Posted(400, encode({"error": "invalid_records", "results": wrong, "echo": bulk.echo}))
        results = [result_of(one, status_of(one, before.get(one.key))) for one in judged]
        if not bulk.validate_only:
            self._keep([one for one in judged if one.error is None and before.get(one.key) != one.document], bulk)
        if manner.by_position:
            for number, result in enumerate(results):
                del result["client_ref"]
                result["index"] = number
        status = 207 if rejected and not manner.always_200 else 200
        taken = frozenset(one.record.org_unit for one in judged if one.error is None and one.record is not None)
        return Posted(status, encode({"results": results, "echo": bulk.echo}), taken)

    def _held(self, tenant_id: str) -> int:
        """Return how many projections a tenant has."""
        place = (self._store.environment, tenant_id)
        counted = self._store.connection.execute(
            "SELECT count(*) FROM projection WHERE environment = ? AND tenant_id = ?", place
        )
        return int(counted.fetchone()[0])

    def _documents(self, tenant_id: str, keys: Collection[str]) -> dict[str, bytes]:
        """Return what is stored under these keys."""
        rows = self._store.connection.execute(
            "SELECT key, document FROM projection WHERE environment = ? AND tenant_id = ?"
            " AND key IN (SELECT value FROM json_each(?))",
            (self._store.environment, tenant_id, msgspec.json.encode(keys).decode()),
        )
        return dict(rows.fetchall())

    def _keep(self, changed: Sequence[Judged], bulk: Bulk) -> None:
        """Store records that are new or other than before."""
        environment, tenant_id, by = self._store.environment, bulk.tenant_id, bulk.changed_by
        moment = bulk.now.isoformat()
        self._store.connection.executemany(
            "INSERT OR REPLACE INTO projection VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (environment, tenant_id, one.key, r.scenario, r.version, r.period_start, one.document, moment, by)
                for one in changed
                if (r := one.record) is not None
            ],
        )

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

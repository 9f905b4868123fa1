"""The audit log, *Reports > System Audit > API Access Logs*: one entry for every call, with the check that failed."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridgehead.emulator.gate import Decision
from bridgehead.emulator.store import Store

_KEPT = 100_000


class Entry(msgspec.Struct, frozen=True):
    """One call: who, what, how it ended, and the walk through the gate (check, outcome, detail).

    account: on whose behalf, a service account or the person who signed in.
    """

    at: str
    correlation_id: str
    method: str
    path: str
    status: int
    client_id: str
    tenant_id: str
    outcome: str  # allowed | forgiven | denied
    check: str
    reason: str
    menu: str
    steps: tuple[tuple[str, str, str], ...] = ()
    account: str = ""


def describe(decision: Decision) -> dict[str, object]:
    """Tell how the gate decided, in the fields of an entry."""
    telling = decision.denied or next((s for s in decision.steps if s.outcome == "forgiven"), None)
    return {
        "outcome": telling.outcome if telling else "allowed",
        "check": telling.check if telling else "",
        "reason": telling.detail if telling else "",
        "menu": telling.menu if telling else "",
        "steps": tuple((step.check, step.outcome, step.detail) for step in decision.steps),
    }


class AuditLog:
    """The entries of one environment; the oldest go when there are more than a hundred thousand."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, entry: Entry) -> None:
        """Keep an entry; it is durable before the call is answered."""
        with self._store.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO audit (environment, tenant_id, entry) VALUES (?, ?, ?)",
                (self._store.environment, entry.tenant_id, msgspec.json.encode(entry)),
            )
            newest = cursor.lastrowid or 0
            if newest % 1000 == 0:
                connection.execute("DELETE FROM audit WHERE id <= ?", (newest - _KEPT,))

    def read(
        self,
        *,
        tenant_id: str | None = None,
        nobodys: bool = False,
        client_id: str | None = None,
        correlation_id: str | None = None,
        check: str | None = None,
        outcome: str | None = None,
        since: str | None = None,
        until: str | None = None,
        limit: int = 100,
    ) -> list[Entry]:
        """Return the newest entries first.

        nobodys: besides those of the tenant the ones of callers of whom no tenant is known. since, until: moments as
        the log writes them, or the beginning of one; until is not included.
        """
        whose = "tenant_id IN (?, '')" if nobodys else "tenant_id = ?"
        asked = {
            "entry ->> '$.client_id' = ?": client_id,
            "entry ->> '$.correlation_id' = ?": correlation_id,
            "entry ->> '$.check' = ?": check,
            "entry ->> '$.outcome' = ?": outcome,
            "entry ->> '$.at' >= ?": since,
            "entry ->> '$.at' < ?": until,
            whose: tenant_id,
        }
        given = {test: value for test, value in asked.items() if value is not None}
        tests = " AND ".join(["environment = ?", *given])
        rows = self._store.connection.execute(
            f"SELECT entry FROM audit WHERE {tests} ORDER BY id DESC LIMIT ?",  # noqa: S608 - tests of ours
            (self._store.environment, *given.values(), limit),
        )
        return [msgspec.json.decode(row[0], type=Entry) for row in rows]


def timestamp(moment: datetime) -> str:
    """UTC with milliseconds, as the log shows it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

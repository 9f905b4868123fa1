"""The audit log, *Reports > System Audit > API Access Logs*: one entry for every call, with the check that failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from bridgehead.emulator.gate import Decision
from bridgehead.emulator.store import Store

FILTERS = ("client_id", "check", "outcome", "since", "until", "correlation_id")
"""What the log can be asked for."""


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
    """The entries of one environment; the oldest go when there are more than *kept*, of all environments together."""

    def __init__(self, store: Store, kept: int) -> None:
        self._store = store
        self._kept = kept

    def write(self, entry: Entry) -> None:
        """Keep an entry; it is durable before the call is answered."""
        connection = self._store.database.begin()
        cursor = connection.execute(
            "INSERT INTO audit (environment, tenant_id, entry) VALUES (?, ?, ?)",
            (self._store.environment, entry.tenant_id, msgspec.json.encode(entry)),
        )
        newest = cursor.lastrowid or 0
        if newest % 100 == 0:
            connection.execute("DELETE FROM audit WHERE id <= ?", (newest - self._kept,))

    def read(
        self, asked: Mapping[str, str], *, tenant_id: str | None = None, nobodys: bool = False, limit: int = 100
    ) -> list[Entry]:
        """Return the newest entries first; the arguments are those of `numbered`."""
        return [entry for _, entry in self.numbered(asked, tenant_id=tenant_id, nobodys=nobodys, limit=limit)]

    def numbered(
        self,
        asked: Mapping[str, str],
        *,
        tenant_id: str | None = None,
        nobodys: bool = False,
        number: int | None = None,
        limit: int = 100,
    ) -> list[tuple[int, Entry]]:
        """Return the newest entries first, each with its number. A caller may give several calls one correlation id.

        asked: values by filter. Of `since` and `until` they are moments as the log writes them, or the beginning of
        one; until is not included. nobodys: besides those of the tenant the ones of callers of whom none is known.
        number: of the only entry that is wanted.
        """
        whose = "tenant_id IN (?, '')" if nobodys else "tenant_id = ?"
        named = ("client_id", "correlation_id", "check", "outcome")
        tests = {
            **{f"entry ->> '$.{name}' = ?": asked.get(name) for name in named},
            "entry ->> '$.at' >= ?": asked.get("since"),
            "entry ->> '$.at' < ?": asked.get("until"),
            whose: tenant_id,
            "id = ?": number,
        }
        given = {test: value for test, value in tests.items() if value is not None}
        where = " AND ".join(["environment = ?", *given])
        rows = self._store.connection.execute(
            f"SELECT id, entry FROM audit WHERE {where} ORDER BY id DESC LIMIT ?",  # noqa: S608 - tests of ours
            (self._store.environment, *given.values(), limit),
        )
        return [(row[0], msgspec.json.decode(row[1], type=Entry)) for row in rows]


def timestamp(moment: datetime) -> str:
    """UTC with milliseconds, as the log shows it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

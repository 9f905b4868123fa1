"""One environment's part of the emulator's database: its settings, its directory, and what counts no more."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from typing import TypeVar, cast

import msgspec

from bridgehead.emulator.database import Database
from bridgehead.emulator.directory import ApiClient, Person, ServiceAccount, Tenant
from bridgehead.emulator.records import Catalogue

_REMEMBERED = 10_000
"""Entries of the directory that are kept in memory at most, those that do not exist among them."""

_Entry = TypeVar("_Entry", bound=msgspec.Struct)
_KINDS: dict[type[msgspec.Struct], str] = {
    Tenant: "tenant",
    ApiClient: "client",
    ServiceAccount: "account",
    Person: "person",
    Catalogue: "catalogue",
}


class Store:
    """One environment's part of the database."""

    def __init__(self, database: Database, environment: str) -> None:
        self.database = database
        self.connection = database.connection
        self.environment = environment

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """All of it or nothing."""
        return self.database.transaction()

    def setting(self, name: str) -> str | None:
        """Return a kept setting, such as the signing key."""
        row = self.connection.execute(
            "SELECT value FROM setting WHERE environment = ? AND name = ?", (self.environment, name)
        ).fetchone()
        return None if row is None else str(row[0])

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a setting."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?, ?)", (self.environment, name, value))

    def find(self, kind: type[_Entry], identifier: str) -> _Entry | None:
        """Return one entry of the directory."""
        place = (self.environment, _KINDS[kind], identifier)
        entries = self.database.entries
        if place not in entries:
            row = self.connection.execute(
                "SELECT document FROM directory WHERE environment = ? AND kind = ? AND id = ?", place
            ).fetchone()
            if len(entries) > _REMEMBERED:  # somebody tries names
                entries.clear()
            entries[place] = None if row is None else msgspec.json.decode(row[0], type=kind)
        return cast("_Entry | None", entries[place])

    def every(self, kind: type[_Entry]) -> list[_Entry]:
        """Return all entries of one kind, by id."""
        rows = self.connection.execute(
            "SELECT document FROM directory WHERE environment = ? AND kind = ? ORDER BY id",
            (self.environment, _KINDS[kind]),
        )
        return [msgspec.json.decode(row[0], type=kind) for row in rows]

    def keep(self, identifier: str, entry: msgspec.Struct) -> None:
        """Write an entry of the directory."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO directory VALUES (?, ?, ?, ?)",
                (self.environment, _KINDS[type(entry)], identifier, msgspec.json.encode(entry)),
            )
        self.database.entries.clear()

    def spend(self, identifier: str, *, now: float, forget_at: float) -> bool:
        """Note that something counts no more: a revoked token or session, or an assertion that was used.

        Returns False when it was spent before. forget_at: when it would have ended anyway. Both: seconds since 1970.
        """
        with self.transaction() as connection:
            connection.execute("DELETE FROM spent WHERE environment = ? AND forget_at < ?", (self.environment, now))
            cursor = connection.execute(
                "INSERT OR IGNORE INTO spent VALUES (?, ?, ?)", (self.environment, identifier, forget_at)
            )
        return cursor.rowcount > 0

    def is_spent(self, identifier: str) -> bool:
        """Whether something counts no more."""
        return (
            self.connection.execute(
                "SELECT 1 FROM spent WHERE environment = ? AND id = ?", (self.environment, identifier)
            ).fetchone()
            is not None
        )

"""Where the emulator keeps its state: one SQLite database, in memory or in a file, for all its environments."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from bridgehead.emulator.directory import ApiClient, ServiceAccount, Tenant
from bridgehead.emulator.records import Catalogue

_SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (
    environment TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (environment, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory (
    environment TEXT, kind TEXT, id TEXT, document BLOB NOT NULL, PRIMARY KEY (environment, kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS projection (
    environment TEXT, tenant_id TEXT, key TEXT, scenario TEXT NOT NULL, version TEXT NOT NULL,
    period_start TEXT NOT NULL, document BLOB NOT NULL, changed_at TEXT NOT NULL, changed_by TEXT NOT NULL,
    PRIMARY KEY (environment, tenant_id, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answer (
    environment TEXT, tenant_id TEXT, idempotency_key TEXT, body_digest TEXT NOT NULL, status INTEGER NOT NULL,
    body BLOB NOT NULL, forget_at REAL NOT NULL, PRIMARY KEY (environment, tenant_id, idempotency_key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY, environment TEXT NOT NULL, tenant_id TEXT NOT NULL, entry BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS audit_tenant ON audit (environment, tenant_id, id);
"""

_Entry = TypeVar("_Entry", bound=msgspec.Struct)
_KINDS: dict[type[msgspec.Struct], str] = {
    Tenant: "tenant",
    ApiClient: "client",
    ServiceAccount: "account",
    Catalogue: "catalogue",
}


class Store:
    """One environment's part of the database.

    connection: shared by all environments; used from one thread, the server's event loop.
    """

    def __init__(self, connection: sqlite3.Connection, environment: str) -> None:
        self.connection = connection
        self.environment = environment

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing. A transaction inside another is part of it."""
        if self.connection.in_transaction:
            yield self.connection
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

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
        row = self.connection.execute(
            "SELECT document FROM directory WHERE environment = ? AND kind = ? AND id = ?",
            (self.environment, _KINDS[kind], identifier),
        ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=kind)

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


def open_database(path: str) -> sqlite3.Connection:
    """Open the database; `:memory:` keeps nothing.

    The server's event loop is its only user, but the loop may live in another thread than the one that opened it.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(_SCHEMA)
    return connection

"""Where the emulator keeps its state: one SQLite database, in memory or in a file, for all its environments."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TypeVar, cast

import msgspec

from bridgehead.emulator.directory import ApiClient, Person, ServiceAccount, Tenant
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
CREATE TABLE IF NOT EXISTS ticket (
    environment TEXT, hash TEXT, kind TEXT NOT NULL, session TEXT NOT NULL, document BLOB NOT NULL,
    used INTEGER NOT NULL DEFAULT 0, forget_at REAL NOT NULL, PRIMARY KEY (environment, hash)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ticket_session ON ticket (environment, session);
CREATE TABLE IF NOT EXISTS spent (
    environment TEXT, id TEXT, forget_at REAL NOT NULL, PRIMARY KEY (environment, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY, environment TEXT NOT NULL, tenant_id TEXT NOT NULL, entry BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS audit_tenant ON audit (environment, tenant_id, id);
"""

_VERSION = 3
"""Of the tables and of what stands in them."""

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


class Database:
    """The connection that all environments share, used from one thread: the server's event loop.

    Commits are for groups: the calls that are answered in one turn of the loop become durable together. Each call is
    all or nothing by itself; no answer leaves before its effect and its audit entry lie on the disk. A commit for each
    call gave 1,500 tokens a second to sixteen callers, this one 2,300 (measured).
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.entries: dict[tuple[str, str, str], msgspec.Struct | None] = {}
        """What was read of the directory, by environment, kind and id; empty once any entry was written."""
        self._calling = self._saved = self._begun = False
        self._waiting: list[asyncio.Future[None]] = []

    @contextmanager
    def call(self) -> Iterator[None]:
        """Make what one call writes all of it or nothing. It is durable when `durable` has been waited for."""
        self._calling = True
        try:
            yield
        except BaseException:
            if self._saved:
                self.connection.execute("ROLLBACK TO call")
                self.entries.clear()
            raise
        finally:
            if self._saved:
                self.connection.execute("RELEASE call")
            self._calling = self._saved = False

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing. A transaction inside another, or in a call, is part of it."""
        if self._calling:
            self.begin()
            if not self._saved:
                self.connection.execute("SAVEPOINT call")
                self._saved = True
            yield self.connection
            return
        if self.connection.in_transaction:
            yield self.connection
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.rollback()
            self.entries.clear()
            raise
        self.connection.commit()

    def begin(self) -> sqlite3.Connection:
        """Begin what the calls of this turn share, for a single statement that the next commit takes along."""
        if not self._begun:
            self.connection.execute("BEGIN IMMEDIATE")
            self._begun = True
        return self.connection

    async def durable(self) -> None:
        """Wait until what the calls of this turn wrote is durable."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self.flush)
        mine = loop.create_future()
        self._waiting.append(mine)
        await mine

    def flush(self) -> None:
        """Commit now."""
        waiting, self._waiting = self._waiting, []
        wrong: sqlite3.Error | None = None
        try:
            if self._begun and not self.connection.in_transaction:  # as when a disk is full
                raise sqlite3.OperationalError("the database gave up what the calls of this turn wrote")
            self.connection.commit()
        except sqlite3.Error as failed:
            self.connection.rollback()
            self.entries.clear()
            if not waiting:
                raise
            wrong = failed
        finally:
            self._begun = False
        for one in waiting:
            if one.done():  # its caller has left
                continue
            if wrong is None:
                one.set_result(None)
            else:
                one.set_exception(wrong)

    def copy(self) -> bytes:
        """Return all that the database holds."""
        with closing(sqlite3.connect(":memory:")) as copy:
            self.connection.backup(copy)
            held = bytearray(copy.serialize())
        held[18:20] = b"\x01\x01"  # no write-ahead log: a database in memory cannot have one (SQLite's file format)
        return bytes(held)

    def put_back(self, held: bytes) -> None:
        """Let the database hold what it held then."""
        with closing(sqlite3.connect(":memory:")) as copy:
            copy.deserialize(held)
            copy.backup(self.connection)
        self.entries.clear()


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


class StateUnreadable(Exception):
    """A state file that another version made."""


def open_database(path: str) -> Database:
    """Open the database; `:memory:` keeps nothing.

    The server's event loop is its only user, but the loop may live in another thread than the one that opened it.
    Raises StateUnreadable for a file of another version.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    kept = connection.execute("PRAGMA user_version").fetchone()[0]
    filled = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'directory'").fetchone()
    if filled and kept != _VERSION:
        connection.close()
        raise StateUnreadable(f"{path} was made by another version of the emulator")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(_SCHEMA)
    connection.execute(f"PRAGMA user_version = {_VERSION}")
    return Database(connection)

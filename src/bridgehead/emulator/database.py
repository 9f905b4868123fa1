"""The emulator's one SQLite database, in memory or a file: what each call writes is whole, and on the disk in time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec

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
    id INTEGER PRIMARY KEY, environment TEXT NOT NULL, tenant_id TEXT NOT NULL, idempotency_key TEXT NOT NULL,
    body_digest TEXT NOT NULL, status INTEGER NOT NULL, forget_at REAL NOT NULL, body BLOB NOT NULL,
    UNIQUE (environment, tenant_id, idempotency_key));
CREATE TABLE IF NOT EXISTS ticket (
    environment TEXT, hash TEXT, kind TEXT NOT NULL, session TEXT NOT NULL, document BLOB NOT NULL,
    used INTEGER NOT NULL DEFAULT 0, forget_at REAL NOT NULL, PRIMARY KEY (environment, hash)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ticket_session ON ticket (environment, session);
CREATE TABLE IF NOT EXISTS spent (
    environment TEXT, id TEXT, forget_at REAL NOT NULL, PRIMARY KEY (environment, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS spent_forgotten ON spent (environment, forget_at);
CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY, environment TEXT NOT NULL, tenant_id TEXT NOT NULL, entry BLOB NOT NULL);
"""

_VERSION = 4
"""Of the tables and of what stands in them."""


_PRAGMAS = (
    "locking_mode = EXCLUSIVE",  # one emulator for a file: it keeps in memory what it has read of the directory
    "journal_mode = WAL",
    "synchronous = FULL",
    f"user_version = {_VERSION}",
)

_TOGETHER = 64
"""Calls that are committed together at most."""


class Database:
    """The connection that all environments share, used from one thread: the server's event loop.

    Each call is all or nothing by itself. No answer leaves before its effect and its audit entry lie on the disk; the
    calls that come together are committed together, since a disk takes 0.7 ms for it (measured).
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
        """Wait until what this call wrote is durable."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._flush_when_quiet, 0)
        mine = loop.create_future()
        self._waiting.append(mine)
        await mine

    def _flush_when_quiet(self, before: int) -> None:
        """Commit once a turn of the loop brought no more calls, or enough of them wait."""
        waiting = len(self._waiting)
        if before < waiting < _TOGETHER:
            asyncio.get_running_loop().call_soon(self._flush_when_quiet, waiting)
        elif waiting:
            self.flush()

    def flush(self) -> None:
        """Commit now, and let those know who wait for it."""
        waiting, self._waiting = self._waiting, []
        wrong: sqlite3.Error | None = None
        try:
            if self._begun and not self.connection.in_transaction:  # as when a disk is full
                raise sqlite3.OperationalError("the database gave up what these calls wrote")
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

    def close(self) -> None:
        """Close it."""
        self.connection.close()


class StateUnreadable(Exception):
    """A state file that another version made, or that another emulator is at work with."""


def open_database(path: str) -> Database:
    """Open the database; `:memory:` keeps nothing.

    The server's event loop is its only user, but the loop may live in another thread than the one that opened it.
    Raises StateUnreadable for a file of another version, or one that is in use.
    """
    if path != ":memory:":
        with suppress(OSError):  # which opening it explains
            Path(path).touch(mode=0o600)  # it holds keys that sign tokens
    connection = sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, path)
    except BaseException as wrong:
        connection.close()
        if isinstance(wrong, sqlite3.OperationalError) and wrong.sqlite_errorname == "SQLITE_BUSY":
            raise StateUnreadable(f"another emulator is at work with {path}") from None
        raise
    return Database(connection)


def _prepare(connection: sqlite3.Connection, path: str) -> None:
    kept = connection.execute("PRAGMA user_version").fetchone()[0]
    filled = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'directory'").fetchone()
    if filled and kept != _VERSION:
        raise StateUnreadable(f"{path} was made by another version of the emulator")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(_SCHEMA)

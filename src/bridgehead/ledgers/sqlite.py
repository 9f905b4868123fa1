"""The ledger's SQLite file: opened so that no commit is lost, locked by files that the system frees after a crash."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bridgehead.errors import LedgerUnusable
from bridgehead.ledgers.database import SCHEMA_VERSION, statements
from bridgehead.ledgers.files import unusable
from bridgehead.ledgers.shares import network_share
from bridgehead.private import create, make_folder
from bridgehead.tables import Row

NAME = "ledger.sqlite"
_MOUNTS = Path("/proc/self/mounts")


class SqliteDatabase:
    """`ledger.sqlite` in a folder. Every commit survives a power cut (WAL, synchronous FULL: 0.13 ms, measured).

    patience: how many seconds to wait for another program that is writing.
    """

    holding_row = ""  # writers take turns: nothing can change meanwhile

    def __init__(self, folder: Path, *, patience: float = 30) -> None:
        self._folder = folder
        path = folder / NAME
        self.place = str(path)
        _refuse_share(folder)
        try:
            make_folder(folder)
            create(path)  # what SQLite puts beside it is as private as it
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=patience, check_same_thread=False)
        except (OSError, sqlite3.Error) as wrong:
            raise self._unopened(wrong) from wrong
        try:
            with _one_at_a_time(folder):
                for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
                    self._connection.execute(f"PRAGMA {setting}")
                # 16 MB; more often means more waiting for the disk.
                self._connection.execute("PRAGMA wal_autocheckpoint = 4000")
                self._migrate()
        except sqlite3.Error as wrong:
            self.close()
            raise self._unopened(wrong) from wrong
        except LedgerUnusable:
            self.close()
            raise

    def _unopened(self, wrong: Exception) -> LedgerUnusable:
        return LedgerUnusable(
            f"The ledger {self.place} cannot be opened: {wrong}.",
            cure=_cure(wrong, "Check the path and its permissions."),
        )

    def _migrate(self) -> None:
        if self._connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION:
            return
        with self.transaction():
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]  # by now
            for statement in statements(version, self.place):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Return the rows that a query finds."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as wrong:
            raise LedgerUnusable(
                f"The ledger {self.place} cannot be read: {wrong}.",
                cure=_cure(wrong, "Look at the disk; restore the ledger from a backup if the file is damaged."),
            ) from wrong

    def change(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Carry one statement out."""
        with self._writing():
            self._connection.execute(sql, values)

    def change_all(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Carry one statement out for each of these."""
        with self._writing():
            self._connection.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing."""
        with self._writing():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise

    def take_turns(self) -> None:
        """Do nothing: of all who write to this file, one does at a time."""

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as wrong:
            raise LedgerUnusable(
                f"The ledger {self.place} cannot be written: {wrong}.",
                cure=_cure(wrong, "Look at the disk's space and the folder's permissions.")
                + " What was answered is remembered.",
            ) from wrong

    @contextmanager
    def holding(self, tenant: str, environment: str) -> Iterator[bool]:
        """Hold the operating system's lock of a file, if it is free: so that no crash leaves anything to wait for."""
        folder = self._folder / "tables" / tenant / environment
        try:
            make_folder(folder)
            create(folder / "lease")
            lock = os.open(folder / "lease", os.O_RDWR)
        except OSError as wrong:
            raise unusable(folder, wrong) from wrong
        try:
            yield self._lock(lock, folder)
        finally:
            os.close(lock)

    @staticmethod
    def _lock(lock: int, folder: Path) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as wrong:
            raise LedgerUnusable(
                f"The ledger's folder {folder} lets nothing be locked: {wrong.strerror}.",
                cure="Put the ledger on a disk of this machine.",
            ) from wrong
        return True

    def copy_to(self, target: Path) -> None:
        """Write a copy of the database as it stands now, whoever is writing meanwhile."""
        try:
            create(target)
            with sqlite3.connect(target) as copy:
                self._connection.backup(copy)
            copy.close()
        except (OSError, sqlite3.Error) as wrong:
            raise LedgerUnusable(f"{target} cannot be written: {wrong}.", cure="Look at the disk's space.") from wrong


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let others who open the ledger wait: SQLite itself refuses whoever comes while a new file becomes a WAL."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # where a folder cannot be locked, SQLite's own word has to do
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _cure(wrong: Exception, otherwise: str) -> str:
    kind = getattr(wrong, "sqlite_errorname", "")
    if kind.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "Another program has it open and is writing; close that one, then run again."
    if kind.startswith(("SQLITE_FULL", "SQLITE_IOERR")) or getattr(wrong, "errno", None) == errno.ENOSPC:
        return "Make room on the disk, then run again."
    return otherwise


def _refuse_share(folder: Path) -> None:
    """Refuse a network share: its locks and syncs are promises that nobody keeps (sqlite.org/useovernet)."""
    try:
        share = network_share(folder.resolve(), _MOUNTS.read_text(encoding="utf-8"))
    except OSError:  # no such list on this system
        return
    if share:
        raise LedgerUnusable(
            f"The ledger {folder} lies on a network share ({share}), where a lock is none and a commit can get lost.",
            cure='Put it on a disk of this machine: ledger = "/var/lib/bridgehead"; or, for several machines, into '
            'PostgreSQL: ledger = "env:BRIDGEHEAD_LEDGER".',
        )

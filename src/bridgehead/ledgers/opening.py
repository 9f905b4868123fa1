"""Opening a feed's ledger: in a folder of this machine, or in a PostgreSQL that several machines share."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bridgehead.ledgers.feeds import Key
from bridgehead.ledgers.files import TableFiles, unusable
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.ledgers.postgres import PostgresDatabase
from bridgehead.ledgers.sqlite import SqliteDatabase
from bridgehead.ledgers.stored import StoredTables


def ledger_in_folder(
    folder: Path,
    key: Key,
    *,
    tenant_id: str,
    clock: Callable[[], datetime],
    new_run_id: Callable[[], str] | None = None,
) -> FeedLedger:
    """Open a ledger in SQLite, with the files of plans and snapshots beside it; the default, which needs no server."""
    database = SqliteDatabase(folder)
    try:
        files = TableFiles(folder.joinpath("tables", *key))
    except OSError as wrong:
        database.close()
        raise unusable(folder, wrong) from wrong
    name = new_run_id or (lambda: run_id_at(clock()))
    return FeedLedger(database, files, key, tenant_id=tenant_id, clock=clock, new_run_id=name)


def ledger_in_postgres(
    url: str,
    key: Key,
    *,
    tenant_id: str,
    clock: Callable[[], datetime],
    new_run_id: Callable[[], str] | None = None,
) -> FeedLedger:
    """Open a ledger in PostgreSQL, files and all. url: with the password in it."""
    database = PostgresDatabase(url)
    name = new_run_id or (lambda: run_id_at(clock()))
    return FeedLedger(database, StoredTables(database, key), key, tenant_id=tenant_id, clock=clock, new_run_id=name)


def run_id_at(moment: datetime) -> str:
    """Name a run by its moment and some chance: `20270103T031500-4f2a`."""
    return f"{moment:%Y%m%dT%H%M%S}-{os.urandom(2).hex()}"

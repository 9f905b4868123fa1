"""The ledger that a configuration names, as a whole: into a backup, back again, and then not trusted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from bridgehead.config import Config, secret_reader
from bridgehead.errors import ConfigError
from bridgehead.ledgers.backup import back_up, distrust, restore
from bridgehead.ledgers.database import Database
from bridgehead.ledgers.postgres import PostgresDatabase
from bridgehead.ledgers.sqlite import SqliteDatabase


def back_up_ledger(config: Config, target: Path) -> int:
    """Write a configuration's ledger to an archive; return how many feeds it holds."""
    if not isinstance(config.ledger, Path):
        raise ConfigError(
            "The ledger lies in PostgreSQL, which backs itself up.",
            cure="pg_dump writes it, plans and snapshots included; after pg_restore: bridgehead ledger restored.",
        )
    return back_up(config.ledger, target)


def restore_ledger(config: Config, source: Path, clock: Callable[[], datetime]) -> int:
    """Put an archive back as a configuration's ledger; return how many feeds have to be adopted now."""
    if not isinstance(config.ledger, Path):
        raise ConfigError(
            "The ledger lies in PostgreSQL.",
            cure="Put it back with pg_restore, then: bridgehead ledger restored.",
        )
    return restore(source, config.ledger, clock)


def distrust_ledger(config: Config, clock: Callable[[], datetime]) -> int:
    """Note that a configuration's ledger was put back; return how many feeds have to be adopted now."""
    with closing(open_database(config)) as database:
        return distrust(database, clock())


def open_database(config: Config) -> Database:
    """Open a configuration's ledger as a whole, of all feeds."""
    if isinstance(config.ledger, Path):
        return SqliteDatabase(config.ledger)
    return PostgresDatabase(secret_reader(config.ledger, config.path.parent)())

"""A ledger as one archive: written while runs are at work, put back where there is none, and then not trusted.

Nobody knows what was sent after a backup. So each feed of a restored ledger has to be adopted before it sends anything.
"""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from bridgehead.errors import ConfigError, LedgerUnusable
from bridgehead.ledgers.database import Database
from bridgehead.ledgers.moments import as_text
from bridgehead.ledgers.sqlite import NAME, SqliteDatabase
from bridgehead.private import make_folder, written_whole

_TRIES = 5
_JUMP = 1_000_000
"""Snapshots are numbered on from far above: no plan that was saved on one which got lost may pass for a new one."""


def back_up(folder: Path, target: Path) -> int:
    """Write a folder's ledger to an archive; return how many feeds it holds. Runs may be at work meanwhile."""
    if not (folder / NAME).exists():
        raise ConfigError(f"There is no ledger in {folder}.", cure="Check ledger in the configuration.")
    try:
        with TemporaryDirectory(prefix="bridgehead-") as temporary, closing(SqliteDatabase(folder)) as database:
            copy = Path(temporary) / NAME
            for _ in range(_TRIES):
                database.copy_to(copy)
                with suppress(FileNotFoundError), written_whole(target) as side:
                    return _write(folder, copy, side)
    except OSError as wrong:
        raise ConfigError(f"{target} cannot be written: {wrong.strerror}.", cure="Check path and space.") from None
    raise LedgerUnusable(
        f"The ledger {folder} changes faster than it can be copied, or its files are missing.",
        cure="Try again when fewer runs are at work; `bridgehead status` shows whether it can be read.",
    )


def _write(folder: Path, copy: Path, side: Path) -> int:
    """Write the archive from a copy of the database; FileNotFoundError: what it points to is gone by now."""
    with closing(sqlite3.connect(copy)) as connection:
        feeds = connection.execute("SELECT tenant, environment, feed, snapshot_file FROM feed").fetchall()
        told = "SELECT tenant, environment, feed, plan_file FROM run WHERE dropped_at = '' AND state <> 'open'"
        plans = [Path("tables", *row) for row in connection.execute(told) if row[-1]]
    with zipfile.ZipFile(side, "w", zipfile.ZIP_STORED) as archive:  # Parquet is packed already
        archive.write(copy, NAME)
        held = [Path("tables", *place, name) for *place, names in feeds for name in names.split()]
        # Each number's life goes along, as far as it is kept; a ledger of an older version has not kept all of it.
        for path in dict.fromkeys([*held, *(plan for plan in plans if (folder / plan).exists())]):
            archive.write(folder / path, path.as_posix())
    return len(feeds)


def restore(source: Path, folder: Path, clock: Callable[[], datetime]) -> int:
    """Put an archive back where there is no ledger; return how many feeds have to be adopted now."""
    if (folder / NAME).exists():
        raise ConfigError(
            f"There is a ledger in {folder} already.",
            cure="If the backup is to take its place, move that folder away; what UKG accepted since is only there.",
        )
    left = [name for name in (f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal") if (folder / name).exists()]
    if left:
        raise ConfigError(
            f"In {folder} lies {' and '.join(left)} without its ledger, and would be taken for a part of another.",
            cure="Move that folder away; it may hold the last runs of the ledger that was there.",
        )
    side = folder.with_name(f"{folder.name}.restoring")
    shutil.rmtree(side, ignore_errors=True)
    try:
        make_folder(side)
        _extract(source, side)
        with closing(SqliteDatabase(side)) as database:
            feeds = distrust(database, clock())
        make_folder(folder)
        for entry in sorted(side.iterdir(), key=lambda one: one.name == NAME):  # the database last: then all is there
            entry.rename(folder / entry.name)
    except (OSError, zipfile.BadZipFile) as wrong:
        raise ConfigError(
            f"{source} cannot be restored into {folder}: {getattr(wrong, 'strerror', None) or wrong}.",
            cure="Name an archive that `bridgehead ledger backup` wrote, and a folder that can be written.",
        ) from None
    finally:
        shutil.rmtree(side, ignore_errors=True)
    return feeds


def _extract(source: Path, folder: Path) -> None:
    with zipfile.ZipFile(source) as archive:
        names = archive.namelist()
        if NAME not in names or not all(_is_ours(PurePosixPath(name)) for name in names):
            raise ConfigError(f"{source} is no backup of a ledger.", cure="`bridgehead ledger backup FILE` writes one.")
        for name in names:
            path = folder / name
            make_folder(path.parent)
            with archive.open(name) as packed, written_whole(path) as part, part.open("wb") as file:
                shutil.copyfileobj(packed, file)


def _is_ours(path: PurePosixPath) -> bool:
    """Whether a name in an archive is one that a backup writes, and leads nowhere else."""
    inside = len(path.parts) == 5 and path.parts[0] == "tables" and path.suffix == ".parquet"
    return (inside or path.as_posix() == NAME) and ".." not in path.parts


def distrust(database: Database, now: datetime) -> int:
    """Note that a database was put back from a backup; return how many feeds have to be adopted now."""
    with database.transaction():
        moment = as_text(now)
        database.change("UPDATE feed SET restored_at = ?, verified = 0, snapshot = snapshot + ?", (moment, _JUMP))
        database.change("UPDATE run SET state = 'lost', ended_at = ? WHERE state = 'open'", (moment,))
        database.change("UPDATE lease SET epoch = epoch + 1")
        database.change("DELETE FROM agreement")
        return int(database.ask("SELECT count(*) FROM feed")[0][0])

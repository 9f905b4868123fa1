"""Where a ledger keeps plans and snapshots: Parquet files, written so that a crash leaves all or nothing."""

from __future__ import annotations

import os
from pathlib import Path

from bridgehead.tables import Session


class TableFiles:
    """A folder of Parquet files, readable by its owner only: position-level cost is a salary."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def save(self, session: Session, select: str, name: str) -> None:
        """Write the rows of a query under a name: to a side file, synced, renamed, folder synced."""
        target, side = self._folder / name, self._folder / f"{name}.part"
        session.save_parquet(select, str(side))
        side.chmod(0o600)
        _sync(side)
        side.rename(target)
        _sync(self._folder)

    def load(self, session: Session, table: str, name: str) -> None:
        """Read a file into a table of the session."""
        session.load_parquet(table, str(self._folder / name))

    def sweep(self, keep: set[str]) -> None:
        """Remove what nothing points to any more, and what a crash left half written."""
        for file in self._folder.iterdir():
            if file.name not in keep:
                file.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

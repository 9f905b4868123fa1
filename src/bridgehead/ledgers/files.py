"""Where a ledger keeps plans and snapshots: Parquet files, written so that a crash leaves all or nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

from bridgehead.errors import LedgerUnusable
from bridgehead.private import make_folder, written_whole
from bridgehead.tables import Session, TableError, quoted


def unusable(folder: Path, wrong: OSError) -> LedgerUnusable:
    """Return the error of a ledger's folder that cannot be made or opened."""
    return LedgerUnusable(
        f"The ledger's folder {wrong.filename or folder} cannot be used: {wrong.strerror}.",
        cure="Check its permissions, and that no file stands where a folder belongs.",
    )


class TableFiles:
    """A folder of Parquet files, readable by its owner only: position-level cost is a salary."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_folder(folder)

    def save(self, session: Session, table: str, name: str) -> None:
        """Write the rows of a table or view under a name: to a side file, synced, renamed, folder synced.

        Raises LedgerUnusable, as does `load`.
        """
        target = self._folder / name
        try:
            with written_whole(target) as side:
                file = session.file_of(table)
                if file is not None:  # it is one already
                    shutil.copyfile(file, side)
                else:
                    session.save_parquet(f"SELECT * FROM {quoted(table)}", str(side))  # noqa: S608 - the name is quoted
        except (TableError, OSError) as wrong:
            raise LedgerUnusable(
                f"The ledger cannot write {target}: {wrong}.",
                cure="Look at the disk's space and the folder's permissions. What was answered is remembered.",
            ) from wrong

    def load(self, session: Session, table: str, name: str) -> None:
        """Show a file as a view of the session."""
        try:
            session.view_parquet(table, str(self._folder / name))
        except TableError as wrong:
            raise LedgerUnusable(
                f"The ledger cannot read {self._folder / name}: {wrong}.",
                cure="Run again: a run or a purge may have ended this moment. Else restore the ledger's whole folder "
                "from a backup. Without one, move it away: the next sync sends the whole file once more, and what has "
                "left the file meanwhile is not retired.",
            ) from wrong

    def names(self) -> set[str]:
        """Return the names of the files."""
        return {file.name for file in self._folder.iterdir()}

    def close(self) -> None:
        """Do nothing: the files stay."""

    def sweep(self, keep: set[str]) -> None:
        """Remove what nothing points to any more, and what a crash left half written."""
        for file in self._folder.iterdir():
            if file.name not in keep:
                file.unlink(missing_ok=True)

"""Plans and snapshots in the ledger's own PostgreSQL, for machines that share no disk: the same files, in parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bridgehead.errors import LedgerUnusable
from bridgehead.ledgers.database import Database
from bridgehead.tables import Session, TableError, quoted

_PART = 1 << 20
_OF = "tenant = ? AND environment = ? AND feed = ?"


class StoredTables:
    """The files of one feed. What was fetched lies in a folder that goes with this object.

    key: tenant, environment and feed.
    """

    def __init__(self, database: Database, key: tuple[str, str, str]) -> None:
        self._database = database
        self._key = key
        self._folder = TemporaryDirectory(prefix="bridgehead-")

    def close(self) -> None:
        """Remove what was fetched."""
        self._folder.cleanup()

    def save(self, session: Session, table: str, name: str) -> None:
        """Keep the rows of a table or view under a name, in one commit; raise LedgerUnusable, as does `load`."""
        file = Path(self._folder.name, name)
        try:
            written = session.file_of(table)
            if written is None:
                session.save_parquet(f"SELECT * FROM {quoted(table)}", str(file))  # noqa: S608 - the name is quoted
            with self._database.transaction():
                self._database.change(f"DELETE FROM stored WHERE {_OF} AND name = ?", (*self._key, name))  # noqa: S608
                self._database.change_all(
                    "INSERT INTO stored VALUES (?, ?, ?, ?, ?, ?)",
                    ((*self._key, name, part, content) for part, content in _parts(Path(written or file))),
                )
        except (TableError, OSError) as wrong:
            raise LedgerUnusable(
                f"The ledger cannot write {name}: {wrong}.", cure="Look at the space for temporary files."
            ) from wrong

    def load(self, session: Session, table: str, name: str) -> None:
        """Show a file as a view of the session. Files never change, so what was fetched once is good."""
        file = Path(self._folder.name, name)
        if not file.exists():
            side = file.with_name(f"{name}.part")
            with side.open("wb") as out:
                for part in range(self._count(name)):
                    sql = f"SELECT content FROM stored WHERE {_OF} AND name = ? AND part = ?"  # noqa: S608 - ours
                    out.write(self._database.ask(sql, (*self._key, name, part))[0][0])
            side.rename(file)
        try:
            session.view_parquet(table, str(file))
        except TableError as wrong:
            raise LedgerUnusable(
                f"The ledger cannot read {name} from {self._database.place}: {wrong}.",
                cure="Restore the database from a backup, then run `bridgehead adopt`.",
            ) from wrong

    def _count(self, name: str) -> int:
        sql = f"SELECT count(*) FROM stored WHERE {_OF} AND name = ?"  # noqa: S608 - ours
        count: int = self._database.ask(sql, (*self._key, name))[0][0]
        return count

    def names(self) -> set[str]:
        """Return the names under which something is kept."""
        held = self._database.ask(f"SELECT DISTINCT name FROM stored WHERE {_OF}", self._key)  # noqa: S608 - ours
        return {name for (name,) in held}

    def sweep(self, keep: set[str]) -> None:
        """Remove what nothing points to any more."""
        gone = [(*self._key, name) for name in self.names() - keep]
        if gone:
            self._database.change_all(f"DELETE FROM stored WHERE {_OF} AND name = ?", gone)  # noqa: S608 - ours


def _parts(file: Path) -> Iterator[tuple[int, bytes]]:
    with file.open("rb") as opened:
        number = 0
        while part := opened.read(_PART):
            yield number, part
            number += 1

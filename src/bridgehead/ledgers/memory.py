"""A ledger that forgets: the real one in a temporary folder that goes with it. For tests and for trying things out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bridgehead.ledgers.files import TableFiles
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.ledgers.opening import run_id_at
from bridgehead.ledgers.sqlite import SqliteDatabase


class MemoryLedger(FeedLedger):
    """The same behaviour as the file, since it is the same code; close it, or let it go, to forget everything."""

    def __init__(self, key: tuple[str, str, str], *, tenant_id: str, clock: Callable[[], datetime]) -> None:
        self._temporary = TemporaryDirectory(prefix="bridgehead-")
        folder = Path(self._temporary.name)
        super().__init__(
            SqliteDatabase(folder),
            TableFiles(folder.joinpath("tables", *key)),
            key,
            tenant_id=tenant_id,
            clock=clock,
            new_run_id=lambda: run_id_at(clock()),
        )

    def close(self) -> None:
        """Forget everything."""
        super().close()
        self._temporary.cleanup()

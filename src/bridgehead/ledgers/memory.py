"""A ledger that forgets: the real one in a temporary folder that goes with it. For tests and for trying things out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bridgehead.ledgers.sqlite import SqliteLedger, run_id_at


class MemoryLedger(SqliteLedger):
    """The same behaviour as the file, since it is the same code; close it, or let it go, to forget everything."""

    def __init__(self, key: tuple[str, str, str], *, tenant_id: str, clock: Callable[[], datetime]) -> None:
        self._temporary = TemporaryDirectory(prefix="bridgehead-")
        super().__init__(
            Path(self._temporary.name), key, tenant_id=tenant_id, clock=clock, new_run_id=lambda: run_id_at(clock())
        )

    def close(self) -> None:
        """Forget everything."""
        super().close()
        self._temporary.cleanup()

"""Where a schedule is played: UKG Pro, a folder with configuration and planning files, and whoever starts commands."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.torture.child import Child, Zygote
from tests.torture.disk import Disk
from tests.torture.months import HEADER, Month, lines
from tests.torture.troubles import PATIENCE, TOO_LATE, WRITE, Mishap

from bridgehead.emulator import Emulator, FaultRefused, Limits
from bridgehead.emulator.faults.catalogue import CATALOGUE

TENANT = "acme"
SYNC = ("sync", TENANT, "--allow", "total", "--allow", "retired")
_STRICT = ("sync", TENANT)


class Clock:
    """UKG's clock: the real one, put ahead or back.

    It begins some days ahead: a clock that shows a time before the seed was planted would take its roles away.
    """

    _FIRST = 3 * 24 * 3600.0
    _FARTHEST = 40_000.0  # to both sides: from end to end it is less than UKG's memory of idempotency keys, a day

    def __init__(self) -> None:
        self._ahead = 0.0

    def begin(self) -> None:
        """Show what it shows in the beginning of a schedule."""
        self._ahead = self._FIRST

    def jump(self, seconds: float) -> None:
        """Jump; the other way where that would be too far."""
        far = abs(self._ahead + seconds - self._FIRST) > self._FARTHEST
        self._ahead += -seconds if far else seconds

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead)


class World:
    """A UKG Pro in its first state, an empty folder, and a zygote. Use it as a context manager.

    own_disk: whether to make a disk for it that can be full. The emulator lives in a thread of this process: so its
    store, its journal and its audit log can be looked at as they are. What is under test are other processes.
    """

    def __init__(self, *, own_disk: bool = True) -> None:
        self._own_disk = own_disk
        self._open = ExitStack()
        self.clock = Clock()
        self._seen: list[Path] = []

    def __enter__(self) -> Self:
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # it would tell of every answer that gets lost
        base = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="torture-")))
        (base / "disk").mkdir()
        self.disk = Disk(base / "disk") if self._own_disk else None
        if self.disk is not None:
            self._open.callback(self.disk.close)
        self.scratch = base / "scratch"
        self.scratch.mkdir()
        self.folder = base / "disk" / "desk"
        self.zygote = self._open.enter_context(Zygote(base))
        limits = Limits(requests_per_minute=1_000_000, answers=100_000)
        self.emulator = self._open.enter_context(Emulator(limits=limits, journal=100_000, clock=self.clock))
        self._beginning = self.emulator.snapshot()
        self.client = next(
            one
            for one in self.emulator.demo_clients()
            if (one.tenant, one.environment, one.client_id) == (TENANT, "production", f"{TENANT}-headcount")
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def begin(self) -> None:
        """Put everything back to its first state."""
        self.clock.begin()
        self.emulator.restore(self._beginning)
        for folder in (self.folder, self.scratch):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        (self.folder / "secret").write_text(self.client.secret)

    @property
    def ledger(self) -> Path:
        """The ledger's folder."""
        return self.folder / ".bridgehead"

    def configure(self, *, batch: int = 50, attempts: int = 2, in_flight: int = 4) -> None:
        """Write the configuration."""
        client = self.client
        values = {
            "tenant_id": client.tenant_id,
            "base_url": client.base_url,
            "client_id": client.client_id,
            "client_secret": "file:secret",
            "approval": "guardrails",
        }
        written = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        columns = ", ".join(f'{name} = "{name}"' for name in HEADER.split(","))
        text = f"""[tenants.{TENANT}.environments.production]
{chr(10).join(written)}
attempts = {attempts}
in_flight = {in_flight}
timeout = {PATIENCE}
dialect_overrides = {{ headcount = {{ max_records = {batch} }} }}
[tenants.{TENANT}.feeds.headcount.source]
path = "plan.csv"
columns = {{ {columns} }}
"""
        (self.folder / "bridgehead.toml").write_text(text)

    def plan(self, month: Month) -> None:
        """Put a planning file into its place, whole, as a careful export does."""
        side = self.folder / "plan.csv.part"
        side.write_text("\n".join(lines(month)) + "\n")
        side.rename(self.folder / "plan.csv")

    def start(
        self,
        *arguments: str,
        room: int | None = None,
        own_clock: tuple[tuple[float, float], ...] = (),
        luck: str = "",
    ) -> Child:
        """Start a command."""
        return self.zygote.start(
            ["--config", str(self.folder / "bridgehead.toml"), *arguments],
            folder=str(self.folder),
            scratch=str(self.scratch),
            room=room,
            own_clock=own_clock,
            luck=luck,
        )

    def sync(self, *, allow: bool = True, **more: Any) -> Child:
        """Start a sync. allow: guardrails are confirmed."""
        return self.start(*(SYNC if allow else _STRICT), **more)

    def writes(self) -> int:
        """Count the write calls that UKG has answered, or was about to."""
        return len(self.emulator.journal.read("POST", WRITE))

    def switch_on(self, mishap: Mishap) -> None:
        """Let a fault begin; one that excludes it, from a step before, is over."""
        for other in CATALOGUE[mishap.slug].excludes:
            self.emulator.switch_off(other)
        value = list(mishap.value) if isinstance(mishap.value, tuple) else mishap.value
        try:
            self.emulator.switch_on(mishap.slug, within=mishap.within, times=mishap.times, value=value)
        except FaultRefused as refused:  # the schedule is wrong, not bridgehead
            raise ValueError(f"{mishap}: {refused}") from None

    def left(self) -> dict[str, int]:
        """Return how often each fault will still strike; one after which nobody waits any more is called too-late."""
        left = dict[str, int]()
        for fault in self.emulator.environments["production"].faults.on:
            late = fault.slug == "latency" and fault.value >= TOO_LATE
            name = "too-late" if late else fault.slug
            left[name] = left.get(name, 0) + (fault.times or 0)
        return left

    def throttled(self) -> int:
        """Count the calls that were refused because there were too many in a second."""
        entries = self.emulator.environments["production"].audit.read({"check": "throttle"}, limit=1_000_000)
        return len(entries)

    def files(self) -> list[str]:
        """Return the names in the ledger's folder of plans and snapshots."""
        try:
            return os.listdir(self.ledger / "tables" / TENANT / "production" / "headcount")  # noqa: PTH208 - names only
        except OSError:  # not there yet
            return []

    def lock(self) -> sqlite3.Connection | None:
        """Lock the ledger's database as another program may that looks into it; None where that cannot be done now."""
        path = self.ledger / "ledger.sqlite"
        if not path.exists():
            return None
        connection = sqlite3.connect(path, timeout=0.05, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            connection.close()
            return None
        return connection

    def refused(self) -> bool:
        """Whether the tenant's circuit is open: UKG refused it, and the ledger remembers."""
        path = self.ledger / "ledger.sqlite"
        if not path.exists():
            return False
        connection = sqlite3.connect(f"file:{path}?mode=ro", timeout=5, uri=True)
        try:
            return bool(connection.execute("SELECT count(*) FROM circuit").fetchone()[0])
        except sqlite3.OperationalError:  # killed before the tables were made
            return False
        finally:
            connection.close()

    def held(self) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        """Yield what UKG holds of the tenant in production: key and document, from the emulator's own store."""
        rows = self.emulator.environments["production"].store.connection.execute(
            "SELECT key, document FROM projection WHERE environment = 'production' AND tenant_id = ?",
            (self.client.tenant_id,),
        )
        for key, document in rows.fetchall():
            yield tuple(part for part in key.split("\x1f") if part), json.loads(document)

    def strays(self) -> int:
        """Count what UKG holds of other tenants and environments: nobody sent anything there."""
        found = self.emulator.environments["production"].store.connection.execute(
            "SELECT count(*) FROM projection WHERE NOT (environment = 'production' AND tenant_id = ?)",
            (self.client.tenant_id,),
        )
        return int(found.fetchone()[0])

"""An office of one or two tenants, whose nights pass in no time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.conftest import HEADER, lines
from tests.nights import Nights, nights

from bridgehead.config import load
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.tenant import choose, open_ledger


class Office(Nights):
    """The demo's tenants, a planning file for each."""

    def configure(
        self, *, tenants: tuple[str, ...] = ("acme",), feed: str = "", run: str = "", **settings: str
    ) -> None:
        """Write the configuration. feed, run: lines of those sections. settings: of each environment."""
        sections = [f'[run]\n{run}\n[notify]\nwebhook = "file:hook.url"\n']
        for tenant in tenants:
            client = self.client(tenant)
            (self.folder / f"{tenant}.secret").write_text(client.secret)
            values = {
                "tenant_id": client.tenant_id,
                "base_url": client.base_url,
                "client_id": client.client_id,
                "client_secret": f"file:{tenant}.secret",
                "approval": "guardrails",
            } | settings
            told = "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
            columns = ", ".join(f'{name} = "{name}"' for name in HEADER.split(","))
            sections.append(
                f"[tenants.{tenant}.environments.production]\n{told}\n"
                f'[tenants.{tenant}.feeds.headcount]\nschedule = "30 2 * * *"\n{feed}\n'
                f'[tenants.{tenant}.feeds.headcount.source]\npath = "{tenant}.csv"\ncolumns = {{ {columns} }}\n'
            )
        (self.folder / "bridgehead.toml").write_text("\n".join(sections))

    def client(self, tenant: str = "acme"):  # noqa: ANN201 - the emulator's own type
        """Return a tenant's headcount client in production."""
        found = (tenant, "production", f"{tenant}-headcount")
        return next(
            one for one in self.emulator.demo_clients() if (one.tenant, one.environment, one.client_id) == found
        )

    def plan(self, *rows: str, tenant: str = "acme") -> None:
        """Write a planning file; without rows, twelve."""
        (self.folder / f"{tenant}.csv").write_text("\n".join([HEADER, *(rows or lines(12))]) + "\n")

    def heads(self, tenant: str = "acme") -> list[float]:
        """Return the heads that UKG holds of a tenant."""
        return sorted(one["headcount"] for one in self.held(self.client(tenant).tenant_id).values())

    def states(self) -> list[str]:
        """Return how the runs ended, in order."""
        return [one.state for one in self.heard.ends]

    def topics(self) -> list[str]:
        """Return the states that people were told, in order."""
        return [one["state"].partition(" ")[0] for one in self.told()]

    @contextmanager
    def no_room_for(self, table: str) -> Iterator[None]:
        """Let the ledger's database take no more rows of a table, as where its disk is full."""
        path, full = self.folder / ".bridgehead" / "ledger.sqlite", "database or disk is full"
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, '{full}'); END")
            yield
            database.execute("DROP TRIGGER full")

    def ledger(self, tenant: str = "acme") -> FeedLedger:
        """Open a tenant's ledger."""
        return open_ledger(choose(load(self.folder / "bridgehead.toml"), tenant, None, None), self.clock)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with nights(tmp_path, kind=Office) as made:
        assert isinstance(made, Office)
        made.configure()
        made.plan()
        yield made

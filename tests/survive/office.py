"""The office of the scheduler that is killed: eight tenants that are due each minute."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from bridgehead.config import load
from bridgehead.emulator import Emulator
from bridgehead.tenant import choose, open_ledger
from tests.months.truth import HEADER, Cell

TENANTS = tuple(f"tenant{number:02d}" for number in range(8))


def configure(folder: Path, emulator: Emulator) -> None:
    """Write the configuration; small batches, so that a kill finds a run halfway."""
    columns = ", ".join(f'{name} = "{name}"' for name in HEADER.split(","))
    sections = ["[run]\nquantum = 20\n"]
    for tenant in TENANTS:
        client = next(one for one in emulator.demo_clients() if one.client_id == f"{tenant}-headcount")
        (folder / f"{tenant}.secret").write_text(client.secret)
        sections.append(
            f'[tenants.{tenant}.environments.production]\ntenant_id = "{client.tenant_id}"\n'
            f'base_url = "{client.base_url}"\nclient_id = "{client.client_id}"\n'
            f'client_secret = "file:{tenant}.secret"\napproval = "guardrails"\nin_flight = 2\n'
            "dialect_overrides = { headcount = { max_records = 20 } }\n"
            f'[tenants.{tenant}.feeds.headcount]\nschedule = "* * * * *"\n'
            f'[tenants.{tenant}.feeds.headcount.source]\npath = "{tenant}.csv"\ncolumns = {{ {columns} }}\n'
        )
    (folder / "bridgehead.toml").write_text("\n".join(sections))


def held(emulator: Emulator, tenant: str) -> dict[Cell, int]:
    """Return what UKG holds for a tenant, zeros left out; read from the emulator's own store."""
    client = next(one for one in emulator.demo_clients() if one.client_id == f"{tenant}-headcount")
    rows = emulator.environments["production"].store.connection.execute(
        "SELECT document FROM projection WHERE environment = 'production' AND tenant_id = ?", (client.tenant_id,)
    )
    found = [json.loads(document) for (document,) in rows.fetchall()]
    return {
        (one["scenario"], one["version"], one["period_start"], one["cost_center"]): int(one["headcount"])
        for one in found
        if one["headcount"]
    }


def settled(folder: Path) -> bool:
    """Whether no tenant has a run that did not end."""
    config = load(folder / "bridgehead.toml")
    for tenant in TENANTS:
        with closing(open_ledger(choose(config, tenant, None, None))) as ledger:
            if any(run.state == "open" for run in ledger.history()):
                return False
    return True

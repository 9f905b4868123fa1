"""What many tests share: a desk with a configuration, a planning file, and a UKG Pro that answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from hypothesis import settings

from bridgehead.cli.main import run
from bridgehead.emulator import DemoClient, Emulator, Limits

pytest_plugins = ["tests.postgres"]
settings.register_profile("house", deadline=None)  # tests never depend on speed
settings.load_profile("house")

HEADER = "scenario,version,period_start,org_unit,cost_center,location,job,headcount,fte"
UNJUDGED = 'dialect_overrides = { metadata = { codes = { org_unit = "not.listed" } } }'
"""A setting with which unknown org units travel, so that UKG itself has to reject them."""
WRITE = "/api/v1/workforce/planning/headcount"


@dataclass(slots=True)
class Outcome:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    def events(self) -> list[dict[str, Any]]:
        """Read the lines of --json."""
        return [json.loads(line) for line in self.out.splitlines()]

    def finished(self) -> dict[str, Any]:
        """Return how the run ended, of the lines of --json."""
        return next(event for event in self.events() if event["type"] == "run-finished")


@dataclass(slots=True)
class Desk:
    """An engineer's desk: a folder, an emulator, and the commands."""

    folder: Path
    emulator: Emulator
    http: urllib3.PoolManager
    capture: pytest.CaptureFixture[str]

    def client(self, tenant: str = "acme", environment: str = "production", kind: str = "headcount") -> DemoClient:
        """Return one of the emulator's demo clients."""
        wanted = (tenant, environment, f"{tenant}-{kind}")
        return next(
            one for one in self.emulator.demo_clients() if (one.tenant, one.environment, one.client_id) == wanted
        )

    def environment(self, tenant: str = "acme", environment: str = "production", **other: str) -> str:
        """Return a section of the configuration; *other* replaces single values, `extra` adds lines."""
        client = self.client(tenant, environment)
        (self.folder / f"{tenant}-{environment}.secret").write_text(client.secret)
        values = {
            "tenant_id": client.tenant_id,
            "base_url": client.base_url,
            "client_id": client.client_id,
            "client_secret": f"file:{tenant}-{environment}.secret",
            "approval": "guardrails",
        } | {name: value for name, value in other.items() if name != "extra"}
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        return "\n".join([f"[tenants.{tenant}.environments.{environment}]", *lines, other.get("extra", ""), ""])

    def feed(self, tenant: str = "acme", path: str = "plan.csv", extra: str = "") -> str:
        """Return the section of a long file whose columns are named as ours."""
        columns = ", ".join(f'{name} = "{name}"' for name in HEADER.split(","))
        return f'[tenants.{tenant}.feeds.headcount.source]\npath = "{path}"\ncolumns = {{ {columns} }}\n{extra}\n'

    def configure(self, *sections: str) -> None:
        """Write bridgehead.toml: by default Acme in production with a long file."""
        sections = sections or (self.environment(), self.feed())
        (self.folder / "bridgehead.toml").write_text("\n".join(sections))

    def plan(self, *lines: str, path: str = "plan.csv") -> None:
        """Write a planning file."""
        (self.folder / path).write_text("\n".join([HEADER, *lines]) + "\n")

    def run(self, *arguments: str) -> Outcome:
        """Type a command."""
        self.capture.readouterr()
        code = run(["--config", str(self.folder / "bridgehead.toml"), *arguments])
        said = self.capture.readouterr()
        return Outcome(code, said.out, said.err)

    def audit(self, environment: str = "production", **query: str) -> list[dict[str, Any]]:
        """Read the emulator's audit log, newest first."""
        base = self.emulator.environments[environment].base_url
        fields = {"limit": "10000", **query}
        entries: list[dict[str, Any]] = self.http.request("GET", f"{base}/_emulator/audit", fields=fields).json()[
            "entries"
        ]
        return entries

    def writes(self, environment: str = "production") -> int:
        """Count the write calls that reached UKG."""
        return sum(entry["method"] == "POST" and entry["path"] == WRITE for entry in self.audit(environment))

    def token(self, client: DemoClient, **form: str) -> tuple[int, dict[str, Any]]:
        """Ask for a token as curl would."""
        answer = self.http.request(
            "POST",
            f"{client.base_url}/oauth/token",
            fields={"grant_type": "client_credentials", **form},
            encode_multipart=False,
            headers=urllib3.make_headers(basic_auth=f"{client.client_id}:{client.secret}"),
        )
        return answer.status, answer.json()

    def held(self, tenant: str = "acme", environment: str = "production") -> dict[str, dict[str, Any]]:
        """Return what UKG holds for a tenant, by key; read from the emulator's own store."""
        client = self.client(tenant, environment)
        rows = self.emulator.environments[environment].store.connection.execute(
            "SELECT key, document FROM projection WHERE environment = ? AND tenant_id = ?",
            (environment, client.tenant_id),
        )
        return {key.replace("\x1f", "|").rstrip("|"): json.loads(document) for key, document in rows.fetchall()}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with (
        Emulator(limits=Limits(requests_per_minute=1_000_000), journal=1000) as emulator,
        urllib3.PoolManager(retries=False) as http,
    ):
        yield Desk(tmp_path, emulator, http, capsys)


def lines(count: int, *, headcount: int = 5) -> list[str]:
    """Return so many valid lines of a plan, one cell each."""
    return [
        f"budget,v1,2027-{1 + number % 12:02d},{100 + number // 300 % 60:04d},CC0100,L01,"
        f"J{1 + number // 12 % 25:03d},{headcount},{headcount}.50"
        for number in range(count)
    ]

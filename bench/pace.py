"""`make bench-pace`: how near a delivery keeps to the requests a minute that UKG allows, and how often it is refused.

The emulator allows 600 a minute, counted over the last sixty seconds, and the plan takes three times as many: three
minutes. What is counted is the emulator's own audit log.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import urllib3

from bench.product import ROOT, inherited
from bridgehead.emulator import Emulator, Limits

_ALLOWED = 600
_REQUESTS = 1_800
_RECORDS = 10
_COLUMNS = ("scenario", "version", "period_start", "org_unit", "cost_center", "location", "job", "headcount")


def main() -> int:
    """Deliver, and print what the audit log says; return 1 where a goal was missed."""
    with tempfile.TemporaryDirectory() as name, Emulator(limits=Limits(requests_per_minute=_ALLOWED)) as emulator:
        _deliver(emulator, Path(name))
        url = f"{emulator.production}/_emulator/audit"
        entries = urllib3.request("GET", url, fields={"limit": "100000"}).json()["entries"]
    return _judge(sorted(entries, key=lambda entry: str(entry["at"])))


def _deliver(emulator: Emulator, folder: Path) -> None:
    client = emulator.demo_clients()[0]
    columns = "\n".join(f'{name} = "{name}"' for name in _COLUMNS)
    (folder / "secret").write_text(client.secret)
    (folder / "bridgehead.toml").write_text(
        f'[tenants.acme.environments.{client.environment}]\ntenant_id = "{client.tenant_id}"\n'
        f'base_url = "{client.base_url}"\nclient_id = "{client.client_id}"\nclient_secret = "file:secret"\n'
        f'approval = "guardrails"\n'
        f"dialect_overrides = {{ headcount = {{ max_records = {_RECORDS} }} }}\n"
        f'[tenants.acme.feeds.headcount.source]\npath = "plan.csv"\n'
        f"[tenants.acme.feeds.headcount.source.columns]\n{columns}\n"
    )
    rows = (
        f"budget,v1,2027-{1 + number % 12:02d},{100 + number // 300 % 60:04d},CC0100,L01,J{1 + number // 12 % 25:03d},5"
        for number in range(_REQUESTS * _RECORDS)
    )
    (folder / "plan.csv").write_text("\n".join([",".join(_COLUMNS), *rows]))
    command = [str(ROOT / ".venv" / "bin" / "bridgehead"), "sync", "acme", "--no-verify"]
    subprocess.run(command, cwd=folder, env=inherited(), check=True)  # noqa: S603 - ours


def _judge(entries: list[dict[str, Any]]) -> int:
    moments = [datetime.fromisoformat(entry["at"]) for entry in entries]
    refused = [entry["status"] == 429 for entry in entries]
    calls = Counter(entry["correlation_id"] for entry, no in zip(entries, refused, strict=True) if no)
    first, last = moments[0], moments[-1]
    minute, rates = timedelta(minutes=1), []
    start = first
    while start + minute <= last:
        rates.append(sum(start <= moment < start + minute for moment in moments) / _ALLOWED)
        start += timedelta(seconds=1)
    twice = sum(count > 1 for count in calls.values())
    took = (last - first).total_seconds()
    sys.stdout.write(
        f"{len(entries):,} calls in {took:.0f} s; in every minute of them, begun each second, {min(rates):.1%} to "
        f"{max(rates):.1%} of the {_ALLOWED} allowed; refused {sum(refused)}, twice in a row {twice}\n"
    )
    return 0 if min(rates) >= 0.9 and max(rates) <= 1 and not twice else 1


if __name__ == "__main__":
    sys.exit(main())

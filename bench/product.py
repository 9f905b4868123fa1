"""bridgehead as it is measured: the real command, with a configuration, a ledger and a planning file of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.listener import TENANT
from bench.measure import Cost, json_line, run

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".bench"

_CONFIGURATION = f"""
{{limit}}
[tenants.acme.environments.production]
tenant_id = "{TENANT}"
base_url = "{{url}}"
client_id = "acme-headcount"
client_secret = "file:secret"
approval = "guardrails"
{{in_flight}}
# 1000 records a request, as for every peer; by default 250 kB are the limit, here about 800 records.
dialect_overrides = {{{{ headcount = {{{{ max_bytes = 67108864 }}}} }}}}

# The twins' new rows all go to the last org unit, which would rightly stop the run.
[tenants.acme.feeds.headcount.guardrails]
max_org_unit_change_percent = 10000

[tenants.acme.feeds.headcount.source]
path = "plan.csv"

[tenants.acme.feeds.headcount.source.columns]
scenario = "scenario"
version = "version"
period_start = "period"
org_unit = "org_unit"
cost_center = "cost_center"
location = "location"
job = "job"
headcount = "headcount"
fte = "fte"
cost = "cost"
currency = "currency"
"""

_EVENT = re.compile(rb'\{"type":"(run-started|batch-answered)"')


def inherited() -> dict[str, str]:
    """Return the environment that every measured program starts from, without what makes Python run otherwise."""
    environment = os.environ  # noqa: TID251 - children need what finds their libraries
    return {name: value for name, value in environment.items() if not name.startswith("PYTHON")}


def compile_sources() -> None:
    """Give the sources their bytecode, as an installed package and the peers' libraries have it."""
    python = ROOT / ".venv" / "bin" / "python"
    subprocess.run([python, "-m", "compileall", "-q", "src"], cwd=ROOT, env=inherited(), check=True)  # noqa: S603 - ours


class Product:
    """bridgehead with a ledger for plans of one size.

    limited: how much memory DuckDB may use, such as `512MB`; empty for the product's own default. in_flight: requests
    at once, 0 for that. No peer reads back whether it arrived, so this does not either.
    """

    def __init__(self, name: str, url: str, *, limited: str = "", in_flight: int = 0) -> None:
        self.folder = WORK / "runs" / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        (self.folder / "bridgehead.toml").write_text(
            _CONFIGURATION.format(
                url=url,
                limit=f'memory_limit = "{limited}"' if limited else "",
                in_flight=f"in_flight = {in_flight}" if in_flight else "",
            ),
            encoding="utf-8",
        )
        (self.folder / "secret").write_text("hush", encoding="utf-8")

    def _command(self, *, staged: bool) -> list[str]:
        python = str(ROOT / ".venv" / "bin" / "python")
        if staged:
            return [python, "-m", "bench.stages", "--json", "sync", "acme", "--no-verify"]
        return [str(ROOT / ".venv" / "bin" / "bridgehead"), "--json", "sync", "acme", "--no-verify"]

    def sync(self, file: Path, *, limit: float = 300, staged: bool = False) -> Cost:
        """Run `bridgehead sync` with a planning file. staged: let it say what each of its stages took."""
        plan = self.folder / "plan.csv"
        plan.unlink(missing_ok=True)
        plan.symlink_to(file)
        return run(
            self._command(staged=staged),
            folder=self.folder,
            environment=inherited() | {"PYTHONPATH": str(ROOT)},
            limit=limit,
            understood=_understood,
        )

    def render(self) -> Cost:
        """Render the delivered plan once more, without sending it."""
        python = str(ROOT / ".venv" / "bin" / "python")
        return run(
            [python, "-m", "bench.rendering", ".bridgehead"],
            folder=self.folder,
            environment=inherited() | {"PYTHONPATH": str(ROOT)},
            limit=60,
            understood=json_line,
        )

    def remember(self) -> None:
        """Keep the ledger as it is, to come back to it."""
        shutil.rmtree(self.folder / "remembered", ignore_errors=True)
        shutil.copytree(self.folder / ".bridgehead", self.folder / "remembered")

    def go_back(self) -> None:
        """Put the ledger back as it was remembered."""
        shutil.rmtree(self.folder / ".bridgehead")
        shutil.copytree(self.folder / "remembered", self.folder / ".bridgehead")


def _understood(line: bytes) -> dict[str, Any] | None:
    """Keep an event's type alone, since a batch's event names all its records; a stage is kept whole."""
    event = _EVENT.match(line)
    if event is not None:
        return {"type": event[1].decode()}
    return json_line(line) if line.startswith(b'{"stage"') else None


def delivery(cost: Cost) -> Cost:
    """Cut the delivery out of a run: from the plan being kept to the last answer being written down."""
    started = next(one for one in cost.heard if one.line["type"] == "run-started")
    last = [one for one in cost.heard if one.line["type"] == "batch-answered"][-1]
    return Cost(last.at - started.at, last.cpu - started.cpu, cost.peak_mb)

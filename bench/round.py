"""`make bench-round`: fifty tenants at once, of which five hang, five are refused and five are throttled.

The other thirty-five have to finish as fast as if they were alone, each verdict has to be the right one, and the
process must stay below 500 MB. The emulator runs in a process of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from bridgehead.config import load
from bridgehead.emulator import Emulator, Limits, demo_seed
from bridgehead.emulator.seed import Seed
from bridgehead.ended import Ended
from bridgehead.rounds import sync_round

_TENANTS = 50
_SICK = {"latency": ("unavailable", 20_000), "role-missing": ("permission-refused", None), "too-many-requests": ("", 1)}
"""By fault: how a tenant ends that meets it, five of them each, and its value. Whoever is throttled arrives late."""
_EACH = 5
_ROWS = 600
_RATIO, _MEGABYTES = 1.2, 500
_COLUMNS = ("scenario", "version", "period_start", "org_unit", "cost_center", "location", "job", "headcount")


def main() -> int:
    """Play the round twice, and print how long the healthy took; return 1 where a goal was missed."""
    names = [f"tenant{number:02d}" for number in range(_TENANTS)]
    well = names[len(_SICK) * _EACH :]
    alone, _ = _round(names, well, faults=False)
    together, ended = _round(names, names, faults=True)
    wrong = [one for one in ended if not _is_right(one, names)]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    seconds = [max(took for name, took in times.items() if name in well) for times in (alone, together)]
    ratio = seconds[1] / seconds[0]
    told = Counter(one.state for one in ended)
    sys.stdout.write(
        f"{len(well)} healthy tenants alone {seconds[0]:.1f} s, beside {_TENANTS - len(well)} sick ones "
        f"{seconds[1]:.1f} s: "
        f"ratio {ratio:.2f}; verdicts {dict(sorted(told.items()))}, wrong {len(wrong)}; peak {peak:.0f} MB\n"
    )
    for one in wrong:
        sys.stdout.write(f"  {one.tenant}: {one.state}: {one.message}\n")
    return int(ratio > _RATIO or peak > _MEGABYTES or bool(wrong) or len(ended) != _TENANTS)


def _is_right(one: Ended, names: list[str]) -> bool:
    group = names.index(one.tenant) // _EACH
    wanted = list(_SICK.values())[group][0] if group < len(_SICK) else ""
    return one.state == (wanted or "complete")


def _round(names: list[str], chosen: list[str], *, faults: bool) -> tuple[dict[str, float], list[Ended]]:
    """Sync the chosen tenants in a process of its own; return when each had ended, and how."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, names, faults), daemon=True)
        server.start()
        clients: list[dict[str, Any]] = ours.recv()
        _configure(Path(folder), clients)
        heard, telling = multiprocessing.get_context("spawn").Pipe()
        child = multiprocessing.get_context("spawn").Process(target=_sync, args=(telling, folder, chosen))
        child.start()
        times, ended = heard.recv()
        child.join()
        ours.send("stop")
        server.join()
    return times, ended


def _serve(told: Connection, names: list[str], faults: bool) -> None:  # noqa: FBT001 - of another process
    """Be the UKG of all tenants, until told to stop."""
    with Emulator(seed=_seed(names), limits=Limits(requests_per_minute=1_000_000)) as emulator:
        for group, (slug, (_, value)) in enumerate(_SICK.items()) if faults else ():
            for name in names[group * _EACH : (group + 1) * _EACH]:
                times = 5 if slug == "too-many-requests" else None
                emulator.switch_on(slug, client_id=f"{name}-headcount", value=value, times=times)
        told.send(
            [
                {
                    "tenant": one.tenant,
                    "id": one.tenant_id,
                    "url": one.base_url,
                    "client": one.client_id,
                    "secret": one.secret,
                }
                for one in emulator.demo_clients()
                if one.environment == "production"
            ]
        )
        told.recv()


def _seed(names: list[str]) -> Seed:
    """Return as many tenants as there are names, each as Acme is."""
    (acme, *_) = demo_seed().production
    text = json.dumps(msgspec.to_builtins(acme))
    tenants = []
    for number, name in enumerate(names):
        copied = json.loads(text.replace("acme", name))
        tenants.append(copied | {"tenant_id": f"00000000-0000-4000-8000-{number:012d}"})
    return msgspec.convert({"production": tenants, "sandbox": []}, Seed)


def _configure(folder: Path, clients: list[dict[str, Any]]) -> None:
    columns = ", ".join(f'{name} = "{name}"' for name in _COLUMNS)
    sections = []
    for one in clients:
        if not one["client"].endswith("-headcount"):
            continue
        (folder / one["client"]).write_text(one["secret"])
        sections.append(
            f'[tenants.{one["tenant"]}.environments.production]\ntenant_id = "{one["id"]}"\nbase_url = "{one["url"]}"\n'
            f'client_id = "{one["client"]}"\nclient_secret = "file:{one["client"]}"\ntimeout = 2\n'
            f'approval = "guardrails"\n'
            f'[tenants.{one["tenant"]}.feeds.headcount.source]\npath = "plan.csv"\ncolumns = {{ {columns} }}\n'
        )
    (folder / "bridgehead.toml").write_text("\n".join(sections))
    rows = (
        f"budget,v1,2027-{1 + number % 12:02d},{100 + number // 12 % 50:04d},CC0100,L01,J001,5"
        for number in range(_ROWS)
    )
    (folder / "plan.csv").write_text("\n".join([",".join(_COLUMNS), *rows]))


def _sync(told: Connection, folder: str, chosen: list[str]) -> None:
    """Sync the chosen tenants as one round, and tell when each had ended."""
    config, begun = load(Path(folder) / "bridgehead.toml"), time.monotonic()
    times: dict[str, float] = {}
    ended: list[Ended] = []
    for one in sync_round(config, chosen, owner="bench", desks=2, halt=lambda: None):
        times[one.tenant] = time.monotonic() - begun
        ended.append(one)
    told.send((times, ended))


if __name__ == "__main__":
    sys.exit(main())

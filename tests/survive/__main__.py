"""`make survive`: `bridgehead run` is killed (kill -9) at moments that are drawn, for as long as is asked for.

It is started again each time, and nothing else is done for it. Planning files change meanwhile, and UKG is slow or away
now and then, or loses its answers. At the end UKG has to hold what the files say, for every tenant.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bridgehead.emulator import Emulator, Limits
from tests.months.story import seed
from tests.months.truth import HEADER, Planners
from tests.survive.office import TENANTS, configure, held, settled

_PROGRAM = str(Path(sys.executable).with_name("bridgehead"))
_PATIENCE = 300.0


def main() -> int:
    """Play, and tell how it ended."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--duration", type=float, default=600)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    chance, kills, changes = random.Random(options.seed), 0, 0
    limits = Limits(requests_per_minute=1_000_000)
    with tempfile.TemporaryDirectory() as name, Emulator(seed=seed(), limits=limits, journal=100) as emulator:
        folder = Path(name)
        configure(folder, emulator)
        planners = {tenant: Planners(tenant, chance, folder) for tenant in TENANTS}
        for one in planners.values():
            one.begin()
            _hand_over(one)
        until = time.monotonic() + options.duration
        process = _start(folder)
        while time.monotonic() < until:
            time.sleep(chance.uniform(0.2, 12))
            _trouble(emulator, chance)
            if chance.random() < 0.5:
                one = planners[chance.choice(TENANTS)]
                one.revise()
                _hand_over(one)
                changes += 1
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            process = _start(folder)
        emulator.switch_off()
        wrong = _wrong_when_quiet(folder, emulator, planners)
        time.sleep(5)  # it may just have been started, and does not listen to signals yet
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    sys.stdout.write(
        f"killed {kills} times while {changes} files changed; stopped with {code}; "
        f"tenants {len(TENANTS)}, wrong numbers {wrong}\n"
    )
    return int(bool(wrong or code))


def _hand_over(one: Planners) -> None:
    """Put a file into its place at once, as a transfer that is done well does."""
    side = one.folder / f".{one.tenant}.part"
    side.write_text("\n".join([HEADER, *one.rows()]) + "\n")
    side.rename(one.folder / f"{one.tenant}.csv")


def _start(folder: Path) -> subprocess.Popen[bytes]:
    arguments = ["--json", "--config", str(folder / "bridgehead.toml"), "run", "--listen", "127.0.0.1:0"]
    with (folder / "run.log").open("ab") as log:
        return subprocess.Popen([_PROGRAM, *arguments], stdout=log, stderr=log, env=os.environ)


def _trouble(emulator: Emulator, chance: random.Random) -> None:
    """Let UKG be as it is drawn for a while: well, slow, away, or losing its answers."""
    emulator.switch_off()
    slug, value = chance.choice(
        [("", None), ("", None), ("latency", 150), ("server-error", None), ("reset-after", None)]
    )
    if slug:
        times = None if slug == "latency" else chance.randint(1, 4)
        within = "/api/v1/workforce/planning/headcount" if slug == "reset-after" else ""
        emulator.switch_on(slug, value=value, times=times, within=within)


def _wrong_when_quiet(folder: Path, emulator: Emulator, planners: dict[str, Planners]) -> int:
    """Wait until every tenant is up to date, and count the cells that UKG holds otherwise than it was meant."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        wrong = 0
        for tenant, one in planners.items():
            found, meant = held(emulator, tenant), one.meant()
            wrong += sum(found.get(cell) != meant.get(cell) for cell in found.keys() | meant.keys())
        if not wrong and settled(folder):
            return 0
        time.sleep(2)
    return wrong


if __name__ == "__main__":
    with closing(sys.stdout):
        sys.exit(main())

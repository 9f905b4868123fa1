"""The planning files of the demo: two made-up companies, 24 months, sixty thousand projections."""

from __future__ import annotations

import csv
import random
from pathlib import Path

MONTHS = [f"{year}-{month:02d}" for year in (2027, 2028) for month in range(1, 13)]
_ACME_UNITS, _GLOBEX_UNITS, _JOBS = 60, 40, 25


def _places(units: int) -> list[tuple[str, str, str, str]]:
    """Return department, cost centre, site and job of every line of a plan."""
    return [
        (f"{100 + unit:04d}", f"CC{100 + unit:04d}", f"L{1 + unit % 12:02d}", f"J{job:03d}")
        for unit in range(units)
        for job in range(1, _JOBS + 1)
    ]


def _heads(chance: random.Random) -> list[int]:
    """Return 24 months of heads: mostly steady, now and then one more or less."""
    heads = chance.randint(1, 40)
    months = []
    for _ in MONTHS:
        heads = max(0, heads + chance.choice((0, 0, 0, 0, 0, 0, 1, -1)))
        months.append(heads)
    return months


def write_wide(path: Path) -> int:
    """Write Acme's plan, months as columns and a total that nobody needs; return how many projections it holds."""
    chance = random.Random(2027)  # noqa: S311 - a made-up plan, the same every time
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Scenario", "Version", "Department", "Cost centre", "Site", "Job", *MONTHS, "Total"])
        for place in _places(_ACME_UNITS):
            heads = _heads(chance)
            writer.writerow(["budget", "v1", *place, *heads, sum(heads)])
    return _ACME_UNITS * _JOBS * len(MONTHS)


def write_long(path: Path) -> int:
    """Write Globex's plan, a line for each month, with FTE and cost; return how many projections it holds."""
    chance = random.Random(2028)  # noqa: S311 - see above
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Period", "Org unit", "Cost center", "Location", "Job code", "Heads", "FTE", "Cost"])
        for place in _places(_GLOBEX_UNITS):
            for month, heads in zip(MONTHS, _heads(chance), strict=True):
                quarters = heads * 4 - chance.choice((0, 0, 0, 1, 2))
                fte = max(0, quarters)
                writer.writerow([month, *place, heads, f"{fte // 4}.{fte % 4 * 25:02d}", f"{heads * 4150}.00"])
    return _GLOBEX_UNITS * _JOBS * len(MONTHS)


def edit(path: Path) -> None:
    """Do what a planner does in a month: three numbers change, one line goes."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for number in (10, 200, 1200):
        cells = lines[number].rstrip("\r\n").split(",")
        cells[8] = str(int(cells[8]) + 2)
        lines[number] = ",".join(cells) + "\n"
    del lines[700]
    path.write_text("".join(lines), encoding="utf-8")

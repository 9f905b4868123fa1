"""What a tenant's planners mean: the numbers that UKG has to hold, kept apart from the program that sends them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

HEADER = "scenario,version,period_start,org_unit,cost_center,location,job,headcount"
CENTRES = tuple(f"CC{number:04d}" for number in range(100, 140))
RENAMED = {old: f"CC{int(old[2:]) + 100:04d}" for old in CENTRES}
MONTHS = tuple(f"2027-{month:02d}-01" for month in range(1, 13))
Cell = tuple[str, str, str, str]
"""Scenario, version, month and cost centre."""


@dataclass(slots=True)
class Planners:
    """A tenant's planners. plan: what they mean by now; older: what UKG holds of versions that were left behind."""

    tenant: str
    chance: random.Random
    folder: Path
    plan: dict[Cell, int] = field(default_factory=dict)
    older: dict[Cell, int] = field(default_factory=dict)

    def begin(self) -> None:
        """Make the first plan."""
        self.plan = {
            ("budget", "v1", month, centre): self.chance.randint(3, 40) for centre in CENTRES for month in MONTHS
        }

    def revise(self) -> None:
        """Think again, as each month: a tenth of the numbers moves a little."""
        for cell in self.chance.sample(sorted(self.plan), len(self.plan) // 10):
            self.plan[cell] = max(1, self.plan[cell] + self.chance.choice((-2, -1, 1, 2)))

    def rename(self) -> None:
        """Reorganise: all cost centres have other codes from now on."""
        self.plan = {(*cell[:3], RENAMED[cell[3]]): heads for cell, heads in self.plan.items()}

    def rebase(self) -> None:
        """Begin another version, a tenth higher; the one before stays where it is."""
        self.older = dict(self.plan)
        self.plan = {("budget", "v2", *cell[2:]): heads + heads // 10 for cell, heads in self.plan.items()}

    def rows(self, *, factor: int = 1, centres: dict[str, str] | None = None) -> list[str]:
        """Return the lines of the planning file. centres: how the planning system still calls cost centres."""
        called = centres or {}
        return [
            f"{scenario},{version},{month[:7]},{100 + int(centre[2:]) % 10:04d},{called.get(centre, centre)},L01,J001,"
            f"{heads * factor}"
            for (scenario, version, month, centre), heads in sorted(self.plan.items())
        ]

    def hand_over(self, rows: list[str] | None = None) -> None:
        """Put the planning file where the feed reads it."""
        text = "\n".join([HEADER, *(self.rows() if rows is None else rows)]) + "\n"
        (self.folder / f"{self.tenant}.csv").write_text(text)

    def meant(self) -> dict[Cell, int]:
        """Return what UKG has to hold."""
        return {**self.older, **self.plan}

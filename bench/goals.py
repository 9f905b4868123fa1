"""What bridgehead is meant to reach, as ratios against the peers of the same run, and whether it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.cases import CASES, RECORDS, US
from bench.contenders import PEERS
from bench.runner import Result

Measured = Callable[["Figures"], float | None]


class Figures:
    """The results, by case and name; None for what was not measured."""

    def __init__(self, results: Sequence[Result]) -> None:
        self._by_name = {(one.case, one.who): one for one in results}

    def ratio(self, case: str, who: str) -> float | None:
        """Return somebody's seconds against bridgehead's."""
        found = self._by_name.get((case, who))
        return found.ratio if found else None

    def seconds(self, case: str) -> float | None:
        """Return bridgehead's seconds."""
        found = self._by_name.get((case, US))
        return found.seconds if found else None

    def peak(self, case: str) -> float | None:
        """Return bridgehead's peak in MB."""
        found = self._by_name.get((case, US))
        return found.peak_mb if found else None

    def fastest(self, case: str, *, tuned: bool) -> float | None:
        """Return the ratio of the fastest system, scripts aside."""
        ratios = [
            ratio
            for who, peer in PEERS.items()
            if peer.system and (tuned or not peer.tuned) and (ratio := self.ratio(case, who)) is not None
        ]
        return min(ratios, default=None)

    def above(self, case: str, other: str) -> float | None:
        """Return how many seconds bridgehead takes in one case above another."""
        one, two = self.seconds(case), self.seconds(other)
        return None if one is None or two is None else one - two

    def above_ideal(self, name: str) -> float | None:
        """Return how many times as long a case takes as its requests would by their latency alone."""
        (case,) = (one for one in CASES if one.name == name)
        seconds = self.seconds(name)
        ideal = case.rows / RECORDS * case.latency_ms / 1000 / case.in_flight
        return None if seconds is None else seconds / ideal

    def growth(self, case: str, other: str, factor: int) -> float | None:
        """Return how many times as long a larger case takes, against that many times as many rows: 1 is linear."""
        one, two = self.seconds(case), self.seconds(other)
        return None if one is None or not two else one / two / factor


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal. least: whether the measured value has to be at least or at most what is wanted."""

    about: str
    wanted: float
    unit: str
    measured: Measured
    least: bool = True

    def verdict(self, figures: Figures) -> tuple[float, bool] | None:
        """Return what was measured and whether it is enough, None when it was not measured."""
        value = self.measured(figures)
        return None if value is None else (value, value >= self.wanted if self.least else value <= self.wanted)


def _against(who: str, wanted: float) -> Goal:
    return Goal(f"1M new, against {who}", wanted, "x", lambda figures: figures.ratio("new-1M", who))


def _large(kind: str, about: str) -> tuple[Goal, Goal]:
    large, small = f"{kind}-10M-limited", f"{kind}-100k-limited"
    return (
        Goal(f"10M {about}: peak memory", 768, "MB", lambda figures: figures.peak(large), least=False),
        Goal(f"10M {about}: growth from 100k", 1, "x", lambda figures: figures.growth(large, small, 100), least=False),
    )


GOALS = (
    _against("dlt-arrow", 1.5),
    _against("dlt-dicts", 6),
    _against("drt-core", 6),
    _against("singer-sdk", 15),
    _against("aiohttp-8", 0.8),
    Goal("delivery, against prebuilt bodies", 0.25, "x", lambda figures: figures.ratio("delivery-1M", "prebuilt")),
    Goal("1M at 100 ms, against 32 at once", 1.3, "x", lambda figures: figures.above_ideal("far-1M"), least=False),
    Goal(
        "1M with 1 % changed, above nothing changed",
        0.6,
        "s",
        lambda figures: figures.above("changed-1M", "unchanged-1M"),
        least=False,
    ),
    Goal(
        "1 % changed, 20 ms: fastest system as it comes",
        15,
        "x",
        lambda figures: figures.fastest("changed-1M-20ms", tuned=False),
    ),
    Goal(
        "1 % changed, 20 ms: fastest system, tuned",
        15,
        "x",
        lambda figures: figures.fastest("changed-1M-20ms", tuned=True),
    ),
    Goal("same file, start included", 0.25, "s", lambda figures: figures.seconds("same-file-1M"), least=False),
    *_large("changed", "1 % changed"),
    *_large("all-changed", "all changed"),
)

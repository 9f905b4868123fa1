"""Runs the cases one at a time against one sink, and believes no time until the sink has counted the records."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.cases import LARGE, LIMIT, TWINS, US, Case
from bench.contenders import let_run
from bench.listener import Received, Sink
from bench.material import bodies, planning_file
from bench.measure import Cost, Failed
from bench.product import Product, delivery

_PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Result:
    """One measured run. ratio: its seconds against bridgehead's in the same case. failed: why it does not count."""

    case: str
    who: str
    rows: int
    seconds: float | None = None
    cpu_seconds: float | None = None
    peak_mb: float | None = None
    ratio: float | None = None
    sink_cpu_seconds: float | None = None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class _First:
    """The first delivery of a plan: bridgehead with the ledger that it left, what it cost, what the sink received."""

    product: Product
    cost: Cost
    received: Received


class Runner:
    """wanted: whether a name takes part. tell: told each result. repeats: how often the short cases are run."""

    def __init__(
        self, sink: Sink, *, wanted: Callable[[str], bool], tell: Callable[[Case, Result], None], repeats: int
    ) -> None:
        self._sink, self._wanted, self._tell, self._repeats = sink, wanted, tell, repeats
        self._first: dict[tuple[int, bool], _First] = {}
        self._lost: set[tuple[int, bool]] = set()
        self.results: list[Result] = []

    def run(self, case: Case) -> None:
        """Run a case for all who take part; bridgehead comes first, since the others are compared with it."""
        ours: float | None = None
        for who in filter(self._wanted, case.who):
            result = self._result(case, who)
            ours = result.seconds if who == US else ours
            if ours is not None and result.seconds is not None:
                result = replace(result, ratio=result.seconds / ours)
            self.results.append(result)
            self._tell(case, result)

    def _result(self, case: Case, who: str) -> Result:
        blank = Result(case.name, who, case.rows)
        try:
            cost, received = self._measured(case, who)
        except (Failed, OSError, IndexError, KeyError, StopIteration, subprocess.SubprocessError) as wrong:
            return replace(blank, failed=f"{type(wrong).__name__}: {wrong}")
        expected = case.rows * (TWINS[case.kind][1] if who == US else 100) // 100
        if case.kind != "bodies" and received.records != expected:
            return replace(blank, failed=f"the sink received {received.records:,} records, not {expected:,}")
        return replace(
            blank,
            seconds=round(cost.seconds, 3),
            cpu_seconds=round(cost.cpu_seconds, 2),
            peak_mb=round(cost.peak_mb, 1),
            sink_cpu_seconds=None if case.kind == "bodies" else round(received.cpu_seconds, 2),
        )

    def _measured(self, case: Case, who: str) -> tuple[Cost, Received]:
        """Run what the case asks for; return with it what the sink received meanwhile."""
        if case.kind == "delivery" and who == US:
            first = self._first_run(case)
            return delivery(first.cost), first.received
        if case.kind == "far":
            product = Product(f"{US}-far", self._sink.url, in_flight=case.in_flight)
            self._sink.reset(case.rows, case.latency_ms)
            return delivery(product.sync(planning_file(case.rows, "base"), limit=_PATIENCE)), self._sink.received()
        cost = self._cost(case, who)
        return cost, self._sink.received()

    def _cost(self, case: Case, who: str) -> Cost:
        file = planning_file(case.rows, TWINS[case.kind][0])
        if who == "duckdb":
            return _own_clock(bodies(case.rows, anew=True)[1])
        if who == "prebuilt":
            file = bodies(case.rows)[0]
        if who != US:
            self._sink.reset(case.rows, case.latency_ms)
            cost = let_run(who, self._sink.url, file, limit=_PATIENCE)
            return _own_clock(cost) if who == "prebuilt" else cost
        if case.kind == "bodies":
            return _own_clock(self._first_run(case).product.render())
        return self._first_run(case).cost if case.kind == "new" else self._again(case, file)

    def _first_run(self, case: Case) -> _First:
        """Deliver everything into an empty UKG, once for each size; the other cases begin where this one ends."""
        size = case.rows, case.limited
        if size in self._lost:
            raise Failed("the first delivery, which this begins with, had failed")
        if size not in self._first:
            self._lost.add(size)
            limit = LIMIT if case.limited else ""
            product = Product(f"{US}-{case.rows}-{limit}", self._sink.url, limited=limit)
            file = planning_file(case.rows, "base")
            self._sink.reset(case.rows)
            cost = product.sync(file, limit=_PATIENCE)
            self._first[size] = _First(product, cost, self._sink.received())
            product.remember()
            self._lost.remove(size)
        return self._first[size]

    def _again(self, case: Case, file: Path) -> Cost:
        """Sync once more, each time from where the first delivery ended; return the run in the middle."""
        product, costs = self._first_run(case).product, []
        for _ in range(1 if case.rows >= LARGE else self._repeats):
            product.go_back()
            self._sink.reset(case.rows, case.latency_ms)
            costs.append(product.sync(file, limit=_PATIENCE))
        return sorted(costs, key=lambda cost: cost.seconds)[len(costs) // 2]

    def stages(self, rows: int) -> list[dict[str, Any]]:
        """Let bridgehead say what each stage of a first delivery takes, in a run of its own."""
        self._sink.reset(rows)
        cost = Product(f"{US}-stages", self._sink.url).sync(planning_file(rows, "base"), limit=_PATIENCE, staged=True)
        return [one.line for one in cost.heard if "stage" in one.line]


def _own_clock(cost: Cost | None) -> Cost:
    """Take the time that a program says itself, without its start."""
    if cost is None or not cost.heard:
        raise Failed("it did not say how long it took")
    told = cost.heard[-1].line
    return Cost(told["seconds"], told.get("cpu_seconds", cost.cpu_seconds), cost.peak_mb)

"""`make bench`, or `python -m bench`: runs the cases, prints the table, and writes bench-results.json."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from bench.cases import CASES, MILLION, US, Case, chosen
from bench.contenders import PEERS
from bench.goals import GOALS, Figures
from bench.listener import Sink
from bench.product import ROOT, WORK, compile_sources
from bench.runner import Result, Runner

_HEAD = f"  {'who':<13} {'seconds':>8} {'cpu s':>8} {'peak MB':>8} {'rows/s':>10} {'ratio':>7} {'sink cpu s':>11}"


def _say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class _Table:
    """Writes each result as it comes, under its case."""

    def __init__(self) -> None:
        self._case = ""

    def tell(self, case: Case, result: Result) -> None:
        """Write one line, and before the first one of a case what it is about."""
        if case.name != self._case:
            self._case = case.name
            _say(f"\n{case.name}: {case.about}\n{_HEAD}")
        if result.seconds is None:
            _say(f"  {result.who:<13} FAILED   {result.failed}")
            return
        rate = f"{result.rows / result.seconds:,.0f}" if result.seconds else ""
        ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
        sink = "" if result.sink_cpu_seconds is None else f"{result.sink_cpu_seconds:.2f}"
        _say(
            f"  {result.who:<13} {result.seconds:>8.2f} {result.cpu_seconds:>8.2f} {result.peak_mb:>8.0f} {rate:>10}"
            f" {ratio:>7} {sink:>11}"
        )


def _machine() -> str:
    """Say on what this was measured, and with which versions."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    ask = "import importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in ('bridgehead', 'duckdb', 'urllib3')))"
    ours = subprocess.run(  # noqa: S603 - our own Python
        [ROOT / ".venv" / "bin" / "python", "-c", ask], capture_output=True, text=True, check=True
    ).stdout.split()
    peers = ", ".join(f"{name} {version(name)}" for name in ("requests", "aiohttp", "dlt", "drt-core", "singer-sdk"))
    return (
        f"{len(models)} x {models[0] if models else platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}\n"
        f"{US} {ours[1]} with duckdb {ours[3]}, urllib3 {ours[5]}; peers: {peers}"
    )


def _verdicts(results: list[Result]) -> None:
    figures = Figures(results)
    verdicts = [(goal, verdict) for goal in GOALS if (verdict := goal.verdict(figures)) is not None]
    if verdicts:
        _say(f"\ngoals (x: their seconds against ours)\n  {'':<50} {'wanted':>12} {'measured':>10}")
    for goal, (value, enough) in verdicts:
        wanted = f"{'>=' if goal.least else '<='} {goal.wanted:g} {goal.unit}"
        _say(f"  {goal.about:<50} {wanted:>12} {value:>8.2f} {goal.unit:<2} {'held' if enough else 'MISSED'}")


def _stages(runner: Runner) -> None:
    _say("\nstages of new-1M (in a run of its own, with clocks)")
    for one in runner.stages(MILLION):
        if one["seconds"] >= 0.01:
            _say(f"  {one['seconds']:>8.3f} s {one['calls']:>6} x  {one['stage']}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="cases, and who takes part in them")
    parser.add_argument("--ten-million", action="store_true", help="the cases with 10M rows as well (minutes more)")
    parser.add_argument("--stages", action="store_true", help="what each stage of bridgehead takes")
    parser.add_argument("--repeats", type=int, default=3, help="runs of the short cases; the one in the middle counts")
    parser.add_argument("--sink", type=Path, default=WORK / "sink", help="the compiled sink")
    parser.add_argument("--results", type=Path, default=ROOT / "bench-results.json", help="where the figures go")
    arguments = parser.parse_args()
    known = {case.name for case in CASES} | {US, "duckdb", *PEERS}
    if unknown := set(arguments.only) - known:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}")
    return arguments


def main() -> int:
    """Run what was asked for; return 1 when a run failed, whatever its time."""
    arguments = _arguments()
    only = set(arguments.only)
    names = only - {case.name for case in CASES}
    _say(_machine())
    compile_sources()
    with Sink(arguments.sink) as sink:
        table = _Table()
        runner = Runner(sink, wanted=lambda who: not names or who in names, tell=table.tell, repeats=arguments.repeats)
        for case in chosen(only - names, large=arguments.ten_million):
            runner.run(case)
        if arguments.stages:
            _stages(runner)
    _verdicts(runner.results)
    text = json.dumps([asdict(one) for one in runner.results], indent=1)
    arguments.results.write_text(text + "\n", encoding="utf-8")
    return 1 if any(one.failed for one in runner.results) else 0


if __name__ == "__main__":
    sys.exit(main())

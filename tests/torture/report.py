"""What a schedule came to, and how it is told: the whole story of one that failed, and a table of all refusals."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.judge import Verdict, judge
from tests.torture.play import Run, Story, play
from tests.torture.reasons import explained, first_line, refusal
from tests.torture.schedule import draw
from tests.torture.world import World

_MANY = 10


@dataclass(slots=True)
class Outcome:
    """What one schedule came to. refusals: by how it refused and what explains it; story: empty when all is well."""

    number: int
    runs: int = 0
    faults: int = 0
    met: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    doubled: int = 0
    disagreeing: int = 0
    unexplained: int = 0
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether anything is as it should not be."""
        return bool(self.story)


def carry_out(world: World, seed: int, number: int) -> Outcome:
    """Play a schedule and judge it; where it failed, keep its folder."""
    story = play(world, draw(seed, number))
    verdict = judge(world, story)
    outcome = _outcome(story, verdict)
    if outcome.lost + outcome.doubled + outcome.disagreeing + outcome.unexplained:
        kept = Path(tempfile.mkdtemp(prefix=f"torture-{seed}-{number}-"))
        shutil.copytree(world.folder, kept, dirs_exist_ok=True)
        outcome.story = [*_told(story, verdict), f"  its folder is kept in {kept}"]
    return outcome


def _outcome(story: Story, verdict: Verdict) -> Outcome:
    outcome = Outcome(story.schedule.number, len(story.runs), story.met.total(), story.met)
    for run in story.runs:
        refused = refusal(run)
        if refused is not None:
            why = explained(run)
            outcome.refusals[f"{refused[0]} {refused[1]}".rstrip(), why or "NOTHING"] += 1
            outcome.unexplained += why is None
    outcome.lost, outcome.doubled = len(verdict.lost), len(verdict.doubled)
    outcome.disagreeing = len(verdict.disagreeing)
    outcome.unexplained += len(story.wrong)
    return outcome


def _told(story: Story, verdict: Verdict) -> Iterator[str]:
    """Tell all of a schedule that failed."""
    schedule = story.schedule
    yield from schedule.told()
    for run in story.runs:
        yield from _told_run(run)
    for name in ("lost", "doubled", "disagreeing"):
        found: list[str] = getattr(verdict, name)
        yield from (f"  {name}: {one}" for one in found[:_MANY])
        if len(found) > _MANY:
            yield f"  {name}: and {len(found) - _MANY} more"
    yield from (f"  wrong: {one}" for one in story.wrong)
    yield f"  again: make torture SEED={schedule.seed} ONLY={schedule.number}"


def _told_run(run: Run) -> Iterator[str]:
    where = "at last" if run.step is None else f"step {run.step}"
    met = ", ".join(f"{cause} {times}x" for cause, times in run.met.items() if times)
    why = explained(run)
    said = "" if run.code == 0 else f": {first_line(run)}" if why is not None else ": NOTHING explains it"
    yield f"  {where}, {run.command} ended with {run.code} after {run.seconds:.2f} s, {run.writes} writes [{met}]{said}"
    if why is None:
        yield from (f"    | {line}" for line in (run.out + run.err).splitlines()[-40:])


class Tally:
    """The sum of all outcomes."""

    def __init__(self) -> None:
        self.schedules = 0
        self.whole = Outcome(-1)
        self.failed: list[int] = []

    def add(self, one: Outcome) -> None:
        """Count an outcome."""
        self.schedules += 1
        for name in ("runs", "faults", "lost", "doubled", "disagreeing", "unexplained", "met", "refusals"):
            setattr(self.whole, name, getattr(self.whole, name) + getattr(one, name))
        if one.failed:
            self.failed.append(one.number)

    def lines(self) -> Iterator[str]:
        """Yield the tables, and the line that counts."""
        whole = self.whole
        yield f"{whole.runs} commands were run. What went wrong meanwhile, and how often:"
        yield from _columns([(cause, str(times)) for cause, times in whole.met.most_common() if times])
        yield "How they refused, what explains it, and how often:"
        yield from _columns([(how, why, str(times)) for (how, why), times in sorted(whole.refusals.items())])
        if self.failed:
            failed = ", ".join(map(str, sorted(self.failed)))
            yield f"failed schedules: {failed}; unexplained refusals: {whole.unexplained}"
        counted = f"lost {whole.lost}, doubled {whole.doubled}, disagreeing {whole.disagreeing}"
        yield f"schedules {self.schedules}, faults {whole.faults}, {counted}"


def _columns(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        yield "  " + "  ".join([*cells, row[-1].rjust(widths[-1])])

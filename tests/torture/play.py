"""Playing a schedule: its steps one by one, with what goes wrong in them, then without, until all is delivered."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.torture.child import Child
from tests.torture.months import Month
from tests.torture.schedule import Schedule, Step
from tests.torture.troubles import TOO_LATE, Deed
from tests.torture.world import World

LONGEST = 60.0
"""Seconds that a command may take, a locked ledger included."""
TRIES = 4
"""How often a sync may be needed once nothing goes wrong any more."""
_POLL = 0.002
_SIGNALS = {
    "kill": signal.SIGKILL,
    "interrupt": signal.SIGINT,
    "terminate": signal.SIGTERM,
    "freeze": signal.SIGSTOP,
    "thaw": signal.SIGCONT,
}


@dataclass(frozen=True, slots=True)
class Run:
    """A command that ended. step: None after the last one. met: what went wrong while it ran, and how often."""

    step: int | None
    command: str
    code: int
    seconds: float
    writes: int
    met: Counter[str]
    out: str
    err: str


@dataclass(slots=True)
class Story:
    """All that happened. months: the files in the order in which a sync was started with them. met: what went wrong.

    quiet: the moment from which nothing that was sent is still under way to UKG.
    """

    schedule: Schedule
    months: list[Month] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    quiet: float = 0.0

    def wait(self) -> None:
        """Wait until everything that was sent has come to UKG, also what a process sent that is long dead."""
        time.sleep(max(0.0, self.quiet - time.monotonic()))


def play(world: World, schedule: Schedule) -> Story:
    """Play a schedule, and then let bridgehead come to its end."""
    world.begin()
    story, months = Story(schedule), schedule.months()
    for number, step in enumerate(schedule.steps):
        if not number or step.file != schedule.steps[number - 1].file:
            world.plan(months[step.file])
        story.months.append(months[step.file])
        _Scene(world, story, number, step).play()
    world.emulator.switch_off()
    if world.refused():
        finish(world, story, "doctor", "acme")  # as whoever has mended it would
    for _ in range(TRIES):
        if not story.wrong and finish(world, story):
            break
    else:
        story.wrong.append(f"without faults, {TRIES} syncs did not come to an end")
    return story


def finish(world: World, story: Story, *arguments: str) -> bool:
    """Run a command where nothing goes wrong, by default a sync; return whether all is done."""
    before, started = world.writes(), time.monotonic()
    child = world.start(*arguments) if arguments else world.sync()
    if not child.ended(LONGEST):
        child.signal(signal.SIGKILL)
        child.ended(LONGEST)
        story.wrong.append("a command did not end")
    seconds, name = time.monotonic() - started, arguments[0] if arguments else "sync"
    run = Run(None, name, child.code or 0, seconds, world.writes() - before, Counter(), child.out, child.err)
    story.runs.append(run)
    return child.code == 0


class _Scene:
    """One step being played."""

    def __init__(self, world: World, story: Story, number: int, step: Step) -> None:
        self._world, self._story, self._number, self._step = world, story, number, step
        self._met: Counter[str] = Counter()
        self._lock: sqlite3.Connection | None = None

    def play(self) -> None:
        """Play it."""
        world, step = self._world, self._step
        world.configure(batch=step.batch, attempts=step.attempts, in_flight=step.in_flight)
        for mishap in step.mishaps:
            world.switch_on(mishap)
        if world.refused():
            self._met["refused-before"] = 1
        left, throttled = world.left(), world.throttled()
        before, started = world.writes(), time.monotonic()
        luck = f"{self._story.schedule.seed}/{self._story.schedule.number}/{self._number}"
        child = world.sync(allow=step.allow, room=step.room, own_clock=step.own_clock, luck=luck)
        second = self._watch(child, started, before)
        children = [("sync", child), *([(step.rival[0], second)] if step.rival and second else [])]
        time.sleep(5 * _POLL)  # UKG may be about to read the last words of a process that was killed
        self._count(left, world.throttled() - throttled)
        self._story.met += self._met
        under_way = TOO_LATE / 1000 if self._met["too-late"] else 0.1
        self._story.quiet = max(self._story.quiet, time.monotonic() + under_way)
        if not step.allow:
            self._met["guardrails"] = 1
        seconds, writes = time.monotonic() - started, world.writes() - before
        for name, one in children:
            run = Run(self._number, name, one.code or 0, seconds, writes, self._met, one.out, one.err)
            self._story.runs.append(run)
        if step.ends:
            world.emulator.switch_off()

    def _count(self, before: dict[str, int], throttled: int) -> None:
        """Note how often each fault struck. throttled: calls that were refused as too many."""
        after = self._world.left()
        for slug, times in before.items():
            struck = max(0, times - after.get(slug, 0))
            # A throttle is asked each time, and strikes when there are too many.
            self._met[slug] += min(struck, throttled) if slug.startswith("throttle-") else struck

    def _watch(self, child: Child, started: float, before: int) -> Child | None:
        """Do the step's deeds while the process is at work; return the second one, if there was one."""
        step, second = self._step, None
        waiting = [(deed, _ready(deed, started)) for deed in step.deeds]
        files = set(self._world.files())
        known = len(files)
        try:
            while not child.ended(_POLL) or (second is not None and not second.ended(_POLL)):
                now = time.monotonic()
                if now - started > LONGEST:
                    self._story.wrong.append("a command did not end")
                    self._kill(child, second)
                if step.rival is not None and second is None and now - started >= step.rival[1]:
                    second = self._second(step.rival[0])
                if waiting:
                    files.update(self._world.files())
                    waiting = list(self._due(child, waiting, now, (self._world.writes() - before, len(files) - known)))
        finally:
            self._unlock()
            if self._world.disk is not None:
                self._world.disk.drain()
        if step.room is not None:
            self._met["room"] += 1
        self._met["own-clock"] += sum(time.monotonic() - started >= at for at, _ in step.own_clock)
        return second

    def _second(self, command: str) -> Child:
        self._met[f"second-{command}"] += 1
        return self._world.sync() if command == "sync" else self._world.start(command, "acme")

    def _due(
        self, child: Child, waiting: list[tuple[Deed, float | None]], now: float, seen: tuple[int, int]
    ) -> Iterator[tuple[Deed, float | None]]:
        """Do what is due; yield what is not yet, with its moment, None while it waits for writes or files."""
        for deed, known in waiting:
            reached = seen[0] >= deed.writes and seen[1] >= deed.files
            moment = now + deed.seconds if known is None and reached else known
            if moment is None or now < moment:
                yield deed, moment
                continue
            self._do(child, deed)
            if deed.then is not None:
                yield deed.then, now + deed.then.seconds

    def _do(self, child: Child, deed: Deed) -> None:
        """Do something, and note it where it could be done."""
        world, done = self._world, False
        match deed.do:
            case "lock":
                self._lock = self._lock or world.lock()
                done = self._lock is not None
            case "unlock":
                self._unlock()
            case "fill":
                done = world.disk is not None and world.disk.fill(int(deed.value))
            case "jump":
                world.clock.jump(deed.value)
                done = True
            case _:
                done = child.signal(_SIGNALS[deed.do]) and deed.do != "thaw"
        if done:
            self._met[deed.do] += 1

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @staticmethod
    def _kill(*children: Child | None) -> None:
        for child in children:
            if child is not None:
                child.signal(signal.SIGKILL)


def _ready(deed: Deed, started: float) -> float | None:
    return None if deed.writes or deed.files else started + deed.seconds

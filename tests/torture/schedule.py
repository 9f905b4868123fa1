"""A schedule of crashes and faults, as a value that is drawn from a seed: the same seed and number, the same schedule.

What is drawn are intentions: which file, which faults, and at which moment somebody kills, locks, fills or jumps. Where
the process is at that moment is not in anybody's hand; so a failure is replayed in the same situation, not in the same
nanosecond.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.torture.months import Month, months
from tests.torture.troubles import KIND_OF, Deed, Mishap, Troubles, draw_troubles


@dataclass(frozen=True, slots=True)
class Step:
    """One attempt to deliver a file.

    file: which of the schedule's. batch: records in a request. attempts, in_flight: as in the configuration. mishaps:
    faults at the emulator. deeds: what somebody does meanwhile, in turn. room: so many bytes may a file of the process
    have, None for any. own_clock: the process's clock jumps after so many seconds by so many. rival: a second command
    that is started so many seconds later. allow: whether guardrails are confirmed. ends: whether the mishaps end with
    the step, however many of their times are left.
    """

    file: int
    batch: int
    attempts: int
    in_flight: int
    mishaps: tuple[Mishap, ...]
    deeds: tuple[Deed, ...]
    room: int | None
    own_clock: tuple[tuple[float, float], ...]
    rival: tuple[str, float] | None
    allow: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """All that happens in one world, until the faults end."""

    seed: int
    number: int
    records: int
    files: int
    steps: tuple[Step, ...]

    def months(self) -> list[Month]:
        """Return the planning files."""
        return months(_chance(self.seed, self.number, "months"), self.records, self.files)

    def kinds(self) -> set[str]:
        """Return which kinds of trouble it holds."""
        return {kind for step in self.steps for kind in _kinds(step)}

    def steady(self) -> bool:
        """Whether what is done to the process waits for a write at UKG: so it strikes at the same place each time."""
        deeds = [deed for step in self.steps for deed in step.deeds]
        return all(deed.writes and (deed.then is None or deed.do in ("lock", "freeze")) for deed in deeds)

    def told(self) -> Iterator[str]:
        """Yield its lines for people."""
        yield f"schedule {self.number} of seed {self.seed}: {self.records} records, {self.files} files"
        for number, step in enumerate(self.steps):
            how = f"batches of {step.batch}, {step.attempts} attempts, {step.in_flight} in flight"
            yield f"  step {number}: file {step.file}, {how}{'' if step.allow else ', guardrails not confirmed'}"
            yield from (f"    {one}" for one in (*step.mishaps, *step.deeds))
            if step.room is not None:
                yield f"    no file may have more than {step.room} bytes"
            yield from (f"    after {at:.3f} s the process's clock jumps by {by:+.0f} s" for at, by in step.own_clock)
            if step.rival is not None:
                yield f"    a second {step.rival[0]} is started after {step.rival[1]:.3f} s"


def _kinds(step: Step) -> Iterator[str]:
    slugs = [one.slug for one in step.mishaps] + [one.do for one in step.deeds]
    yield from (KIND_OF.get(slug, "refusal") for slug in slugs)
    local = {"disk full": step.room is not None, "clock jump": step.own_clock, "rival": step.rival is not None}
    yield from (kind for kind, there in local.items() if there)
    if not step.allow:
        yield "guardrails"


def _chance(seed: int, number: int, what: str) -> random.Random:
    return random.Random(f"{seed}/{number}/{what}")  # noqa: S311 - it has to be foreseeable


def draw(seed: int, number: int) -> Schedule:
    """Draw a schedule."""
    chance = _chance(seed, number, "steps")
    records = chance.choice((chance.randint(60, 200), chance.randint(100, 300), chance.randint(200, 900)))
    files = chance.choice((2, 2, 2, 3))
    steps, file = list[Step](), 0
    for at in range(files + chance.choice((0, 0, 0, 0, 1, 2))):
        # On to the next file, or the same one again; now and then yesterday's is delivered once more.
        if at:
            file = min(files - 1, file + chance.choice((0, 1, 1)))
        again = max(0, file - 1) if chance.random() < 0.06 else file
        steps.append(_step(chance, again, draw_troubles(chance)))
    return Schedule(seed, number, records, max(step.file for step in steps) + 1, tuple(steps))


def covering(seed: int, among: int, most: int) -> list[Schedule]:
    """Choose few small and steady schedules that together hold as many kinds of trouble as may be."""
    left = [one for one in (draw(seed, number) for number in range(among)) if one.steady() and one.records < 300]
    chosen, known = list[Schedule](), set[str]()
    while len(chosen) < most and left:
        best = max(left, key=lambda one: (len(one.kinds() - known), -len(one.steps), -one.records))
        left.remove(best)
        chosen.append(best)
        known |= best.kinds()
    return chosen


def _step(chance: random.Random, file: int, troubles: Troubles) -> Step:
    return Step(
        file=file,
        batch=chance.choice((10, 20, 20, 30, 40, 60)),
        attempts=chance.choice((1, 1, 2, 2, 3)),
        in_flight=chance.choice((1, 2, 4, 4, 8)),
        mishaps=troubles.mishaps,
        deeds=troubles.deeds,
        room=troubles.room,
        own_clock=troubles.own_clock,
        rival=troubles.rival,
        allow=chance.random() > 0.08,
        ends=chance.random() < 0.6,
    )

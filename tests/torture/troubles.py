"""What can go wrong in a step of a schedule, and how likely: faults at the emulator, and deeds at the process's side."""

from __future__ import annotations

import random
from dataclasses import dataclass

WRITE = "/api/v1/workforce/planning/headcount"
PLANNING = "/api/v1/workforce/planning/"
TOKEN = "/oauth/"


@dataclass(frozen=True, slots=True)
class Mishap:
    """A fault at the emulator, as its switchboard takes it. Each ends: it has a number of times."""

    slug: str
    times: int
    within: str = ""
    value: int | str | tuple[str, ...] | None = None

    def __str__(self) -> str:
        value = "" if self.value is None else f" = {self.value}"
        return f"{self.slug}{value}, {self.times} times{f' within {self.within}' if self.within else ''}"


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does while the process is at work.

    do: kill, interrupt, terminate, freeze, thaw, lock, unlock, fill or jump. writes, seconds: once UKG has answered so
    many writes of this step, and so long after that; without writes, so long after the start. then: what follows it,
    so long after it.
    """

    do: str
    writes: int = 0
    seconds: float = 0.0
    value: float = 0.0
    then: Deed | None = None

    def __str__(self) -> str:
        when = f"{self.seconds:.3f} s after {f'write {self.writes}' if self.writes else 'the start'}"
        then = f"; {self.then.seconds:.3f} s later {self.then.do}" if self.then is not None else ""
        return f"{self.do}{f' {self.value:+.0f}' if self.value else ''}, {when}{then}"


@dataclass(frozen=True, slots=True)
class Troubles:
    """What was drawn for a step; the fields are those of the step."""

    mishaps: tuple[Mishap, ...]
    deeds: tuple[Deed, ...]
    room: int | None
    own_clock: tuple[tuple[float, float], ...]
    rival: tuple[str, float] | None


_LOST = ("reset-after", "reset-after", "closed-after", "truncated", "garbage", "reset-before")
_AUTHORIZATION = (
    Mishap("role-missing", 1, PLANNING),
    Mishap("write-role-missing", 1, WRITE),
    Mishap("role-pending", 2, PLANNING),
    Mishap("authority-outage", 2, WRITE),
    Mishap("tenant-header-stripped", 2, WRITE),
    Mishap("tenant-header-rewritten", 2, WRITE),
    Mishap("module-off", 2, PLANNING),
    Mishap("service-account-refused", 2, WRITE),
    Mishap("client-unknown", 1),
    Mishap("secret-expired", 1),
    Mishap("account-locked", 1),
    Mishap("scope-dropped", 1),
    Mishap("near-miss-scopes", 1),
    Mishap("tenant-context-ignored", 1),
    Mishap("tenant-context-refused", 1),
    Mishap("wrong-audience", 1),
    Mishap("address-block", 2),
    Mishap("blocked", 1, WRITE),
)


def draw_troubles(chance: random.Random) -> Troubles:
    """Draw what goes wrong in a step."""
    mishaps = list[Mishap]()
    for likely, drawn in ((0.5, _delay), (0.4, _lost), (0.25, _busy), (0.12, _renewal), (0.12, _planning)):
        if chance.random() < likely:
            mishaps.append(drawn(chance))
    if chance.random() < 0.12 and not any(one.slug in _INSTEAD for one in mishaps):
        mishaps.append(chance.choice(_AUTHORIZATION))
    deeds, room, own_clock, rival = list[Deed](), None, list[tuple[float, float]](), None
    match chance.choices(("", "lock", "fill", "room", "jump", "own", "rival", "long"), (60, 9, 6, 6, 8, 6, 6, 0.1))[0]:
        case "lock":
            deeds.append(_lock(chance, chance.uniform(0.05, 0.5)))
        case "long":  # longer than the ledger's patience, which is 30 seconds
            deeds.append(_lock(chance, 31))
        case "fill":
            deeds.append(Deed("fill", *_moment(chance), value=chance.choice((0, 4096, 16_384, 65_536))))
        case "room":
            room = chance.choice((1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072))
        case "jump":
            deeds += [Deed("jump", *_moment(chance), value=_jump(chance)) for _ in range(chance.randint(1, 2))]
        case "own":
            own_clock = [(chance.uniform(0, 0.3), _jump(chance)) for _ in range(chance.randint(1, 2))]
        case "rival":
            rival = (chance.choice(("sync", "sync", "sync", "plan")), chance.uniform(0, 0.2))
    deeds += _stop(chance)
    return Troubles(tuple(mishaps), tuple(deeds), room, tuple(own_clock), rival)


_INSTEAD = ("server-error", "too-many-requests")
"""Faults that exclude an address-block and a blocked client."""


def _delay(chance: random.Random) -> Mishap:
    """Answers are late; now and then so late that the process gives up before UKG has begun (its timeout is 1 s)."""
    if chance.random() < 0.04:
        return Mishap("latency", chance.randint(1, 2), WRITE, 1200)
    if chance.random() < 0.2:
        return Mishap("dribble", chance.randint(1, 20), chance.choice((WRITE, "")), chance.randint(10, 60))
    return Mishap("latency", chance.randint(1, 200), chance.choice((WRITE, WRITE, "")), chance.randint(2, 60))


def _lost(chance: random.Random) -> Mishap:
    if chance.random() < 0.1:
        return Mishap("reset-on-connect", chance.randint(1, 3))
    within = chance.choice((WRITE, WRITE, WRITE, WRITE, "", TOKEN))
    return Mishap(chance.choice(_LOST), chance.randint(1, 6), within)


def _busy(chance: random.Random) -> Mishap:
    within = chance.choice((WRITE, WRITE, "", TOKEN))
    match chance.choice(("storm", "storm", "429", "5xx", "5xx", "401")):
        case "storm":
            return Mishap("too-many-requests", chance.randint(10, 40), within, 0)
        case "429":
            return Mishap("too-many-requests", chance.randint(1, 4), within, 1)
        case "5xx":
            return Mishap("server-error", chance.randint(1, 8), within, chance.choice((500, 502, 503, 504)))
        case _:
            slug = chance.choice(("throttle-as-401", "throttle-as-403"))
            return Mishap(slug, chance.randint(10, 60), within, chance.randint(5, 20))


def _renewal(chance: random.Random) -> Mishap:
    return Mishap("short-lived", chance.randint(1, 4), "", chance.choice((0, 1, 1, 2)))


def _planning(chance: random.Random) -> Mishap:
    every, some = chance.randint(2, 9), chance.randint(1, 10)
    return chance.choice(
        (
            Mishap("too-large", some, WRITE, chance.randint(3, 30)),
            Mishap("partial-acceptance", some, WRITE, every),
            Mishap("version-conflict", some, WRITE, every),
            Mishap("product-limit", some, WRITE, chance.randint(20, 200)),
            Mishap("results-by-position", some, WRITE),
            Mishap("rejects-in-200", some, WRITE),
            Mishap("all-or-nothing", some, WRITE),
            Mishap("org-units-limited", some, WRITE, ("0100",)),
            Mishap("planning-moved", chance.randint(1, 2), WRITE),
        )
    )


def _moment(chance: random.Random) -> tuple[int, float]:
    """Draw a moment: by the writes that UKG has seen, or by time from the start."""
    if chance.random() < 0.6:
        return int(chance.triangular(1, 40, 2)), chance.choice((0.0, chance.uniform(0, 0.02)))
    return 0, chance.uniform(0, 0.4)


def _jump(chance: random.Random) -> float:
    """Draw seconds, up to some hours; half an hour is a token's life. Not as far as UKG's memory of keys, a day."""
    return chance.choice((-1, 1)) * chance.choice((5, 90, 1_700, 1_900, 7_200, 20_000))


def _lock(chance: random.Random, seconds: float) -> Deed:
    return Deed("lock", *_moment(chance), then=Deed("unlock", seconds=seconds))


def _stop(chance: random.Random) -> list[Deed]:
    """Draw how the process is stopped, if it is."""
    moment = _moment(chance)
    match chance.choices(("", "kill", "interrupt", "terminate", "twice", "freeze"), (32, 45, 8, 6, 4, 5))[0]:
        case "kill":
            return [Deed("kill", *moment)]
        case "interrupt":
            return [Deed("interrupt", *moment)]
        case "terminate":
            return [Deed("terminate", *moment)]
        case "twice":
            return [Deed("interrupt", *moment, then=Deed("interrupt", seconds=chance.uniform(0.002, 0.03)))]
        case "freeze":
            return [Deed("freeze", *moment, then=Deed("thaw", seconds=chance.uniform(0.05, 0.3)))]
        case _:
            return []

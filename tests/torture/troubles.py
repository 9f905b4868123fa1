"""What can go wrong in a step of a schedule, and how likely: faults at the emulator, and deeds beside the process."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

WRITE = "/api/v1/workforce/planning/headcount"
PATIENCE = 2
"""Seconds that the process waits for an answer: a busy machine must not exhaust it."""
TOO_LATE = 2300
"""Milliseconds after which nobody waits any more."""
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

    do: kill, interrupt, terminate, freeze, thaw, lock, unlock, fill or jump. writes, files, seconds: once UKG has
    answered so many writes of this step, and so many new files have come into the ledger's folder, and so long after
    that; without either, so long after the start. then: what follows it, so long after it.
    """

    do: str
    writes: int = 0
    files: int = 0
    seconds: float = 0.0
    value: float = 0.0
    then: Deed | None = None

    def __str__(self) -> str:
        after = f"write {self.writes}" if self.writes else f"new file {self.files}" if self.files else "the start"
        when = f"{self.seconds:.3f} s after {after}"
        then = f"; {self.then.seconds:.3f} s later {self.then.do}" if self.then is not None else ""
        return f"{self.do}{f' {self.value:+.0f}' if self.value else ''}, {when}{then}"


@dataclass(frozen=True, slots=True)
class Troubles:
    """What was drawn for a step; the fields are those of the step."""

    mishaps: tuple[Mishap, ...] = ()
    deeds: tuple[Deed, ...] = ()
    room: int | None = None
    own_clock: tuple[tuple[float, float], ...] = ()
    rival: tuple[str, float] | None = None


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


KIND_OF = {
    "kill": "kill -9",
    "interrupt": "Ctrl-C",
    "terminate": "Ctrl-C",
    "freeze": "frozen",
    "latency": "delay",
    "dribble": "delay",
    "reset-before": "cut",
    "reset-on-connect": "cut",
    "closed-after": "cut",
    "reset-after": "reset after commit",
    "truncated": "half answer",
    "garbage": "garbled answer",
    "too-many-requests": "429 storm",
    "server-error": "outage",
    "throttle-as-401": "throttle",
    "throttle-as-403": "throttle",
    "short-lived": "token expiry",
    "fill": "disk full",
    "lock": "ledger locked",
    "jump": "clock jump",
    "too-large": "too large",
    "partial-acceptance": "rejects",
    "version-conflict": "rejects",
    "product-limit": "rejects",
    "org-units-limited": "rejects",
    "results-by-position": "strange answer",
    "rejects-in-200": "strange answer",
    "all-or-nothing": "strange answer",
    "planning-moved": "strange answer",
}
"""Of each trouble by name; what is not listed is a refusal of the authorization."""

KINDS = frozenset({*KIND_OF.values(), "refusal", "rival", "guardrails"})
"""All kinds of trouble that there are."""


def draw_troubles(chance: random.Random) -> Troubles:
    """Draw what goes wrong in a step."""
    mishaps = list[Mishap]()
    for likely, drawn in ((0.5, _delay), (0.4, _lost), (0.25, _busy), (0.12, _renewal), (0.12, _planning)):
        if chance.random() < likely:
            mishaps.append(drawn(chance))
    if chance.random() < 0.12 and not any(one.slug in _INSTEAD for one in mishaps):
        mishaps.append(chance.choice(_AUTHORIZATION))
    beside = _beside(chance)
    return replace(beside, mishaps=tuple(mishaps), deeds=(*beside.deeds, *_stop(chance)))


def _beside(chance: random.Random) -> Troubles:
    """Draw what happens on the process's own machine."""
    match chance.choices(("", "lock", "fill", "room", "jump", "own", "rival", "long"), (60, 9, 6, 6, 8, 6, 6, 0.1))[0]:
        case "lock":
            return Troubles(deeds=(_lock(chance, chance.uniform(0.05, 0.5)),))
        case "long":  # longer than the ledger's patience, which is 30 seconds
            return Troubles(deeds=(_lock(chance, 31),))
        case "fill":
            left = chance.choice((0, 4096, 16_384, 65_536))
            return Troubles(deeds=(Deed("fill", *_moment(chance), value=left),))
        case "room":
            return Troubles(room=chance.choice((4096, 32_768, 65_536, 98_304, 131_072, 196_608, 262_144)))
        case "jump":
            jumps = [Deed("jump", *_moment(chance), value=_jump(chance)) for _ in range(chance.randint(1, 2))]
            return Troubles(deeds=tuple(jumps))
        case "own":
            times = chance.randint(1, 2)
            return Troubles(own_clock=tuple((chance.uniform(0, 0.3), _jump(chance)) for _ in range(times)))
        case "rival":
            return Troubles(rival=(chance.choice(("sync", "sync", "sync", "plan")), chance.uniform(0, 0.2)))
    return Troubles()


_INSTEAD = ("server-error", "too-many-requests")
"""Faults that exclude an address-block and a blocked client."""


def _delay(chance: random.Random) -> Mishap:
    """Answers are late; now and then so late that the process gives up before UKG has begun."""
    if chance.random() < 0.04:
        return Mishap("latency", chance.randint(1, 2), WRITE, TOO_LATE)
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


def _moment(chance: random.Random) -> tuple[int, int, float]:
    """Draw a moment: by the writes that UKG has seen, by files of plans and snapshots, or by time from the start."""
    soon = chance.choice((0.0, chance.uniform(0, 0.02)))
    match chance.choices(("writes", "files", "time"), (50, 15, 35))[0]:
        case "writes":
            return int(chance.triangular(1, 40, 2)), 0, soon
        case "files":
            return 0, chance.randint(1, 4), soon
    return 0, 0, chance.uniform(0, 0.7)


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

"""The doctor's vocabulary: findings with their evidence, suspects with their remedies, and the diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

import msgspec

SCHEMA = 1
"""The version of a finding's and a diagnosis's shape as JSON. Names of checks and causes are promised within it."""


class Verdict(Enum):
    """What a check found. skipped: behind a broken link. unknown: it could not be decided, and what would decide it."""

    HOLDS = "holds"
    BROKEN = "broken"
    WARNING = "warning"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Evidence(msgspec.Struct, frozen=True):
    """Something that a person can check."""

    name: str
    value: str


class Remedy(msgspec.Struct, frozen=True):
    """What mends a cause: who acts, on which screen, what exactly to enter, and how long it takes to spread."""

    who: str
    menu: str
    enter: str
    spreads: str


class Suspect(msgspec.Struct, frozen=True):
    """A cause that fits the evidence. cause: a stable name. number: in the taxonomy of docs/doctor.md, 0 for none."""

    cause: str
    number: int
    what: str
    remedy: Remedy


class Finding(msgspec.Struct, frozen=True):
    """What one check found.

    suspects: of what is broken, the likeliest first; one alone is exact. behind: of what was skipped, the broken checks
    that hide it. would_decide: of what is unknown, what would tell. decides: whether the diagnosis is open without it.
    again: the command that asks this link again.
    """

    check: str
    link: str
    asks: str
    verdict: Verdict
    says: str
    evidence: tuple[Evidence, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    behind: tuple[str, ...] = ()
    would_decide: str = ""
    decides: bool = False
    again: str = ""


class Said(msgspec.Struct, frozen=True):
    """What a check says when it has looked.

    causes: by name, the likeliest first. passable: what lies behind can be looked at all the same.
    """

    verdict: Verdict
    says: str
    evidence: tuple[Evidence, ...] = ()
    causes: tuple[str, ...] = ()
    passable: bool = False
    would_decide: str = ""


def holds(says: str, *evidence: Evidence) -> Said:
    """Say that a link holds."""
    return Said(Verdict.HOLDS, says, evidence)


def broken(says: str, causes: Sequence[str], evidence: Iterable[Evidence] = (), *, passable: bool = False) -> Said:
    """Say that a link is broken."""
    return Said(Verdict.BROKEN, says, tuple(evidence), tuple(causes), passable)


def warning(says: str, causes: Sequence[str], evidence: Iterable[Evidence] = ()) -> Said:
    """Say that a link holds, and not well."""
    return Said(Verdict.WARNING, says, tuple(evidence), tuple(causes), passable=True)


def unknown(says: str, would_decide: str, evidence: Iterable[Evidence] = (), *, passable: bool = True) -> Said:
    """Say that it could not be decided."""
    return Said(Verdict.UNKNOWN, says, tuple(evidence), passable=passable, would_decide=would_decide)


def skipped(why: str, *, passable: bool = True) -> Said:
    """Say that there is nothing to look at; not passable where what lies behind cannot be looked at either."""
    return Said(Verdict.SKIPPED, why, passable=passable)


class Diagnosis(msgspec.Struct, frozen=True):
    """How a tenant fares. refused: how many calls UKG refused meanwhile, of at most so many. exit_code: see docs."""

    schema: int
    healthy: bool
    exit_code: int
    broken: tuple[str, ...]
    warnings: tuple[str, ...]
    unknown: tuple[str, ...]
    causes: tuple[str, ...]
    calls: int
    refused: int
    at_most: int


def diagnosis(findings: Sequence[Finding], *, calls: int, refused: int, at_most: int) -> Diagnosis:
    """Sum findings up. Exit codes: 0 healthy, 2 the configuration alone is broken, 4 broken, 5 it cannot be decided."""
    of = {verdict: tuple(one.check for one in findings if one.verdict is verdict) for verdict in Verdict}
    bad = [one for one in findings if one.verdict is Verdict.BROKEN]
    undecided = any(one.decides and one.verdict in (Verdict.UNKNOWN, Verdict.SKIPPED) for one in findings)
    ours = bool(bad) and all(one.link == "configuration" for one in bad)
    code = 2 if ours else 4 if bad else 5 if undecided else 0
    return Diagnosis(
        schema=SCHEMA,
        healthy=code == 0,
        exit_code=code,
        broken=of[Verdict.BROKEN],
        warnings=of[Verdict.WARNING],
        unknown=of[Verdict.UNKNOWN],
        causes=tuple(dict.fromkeys(suspect.cause for one in bad for suspect in one.suspects)),
        calls=calls,
        refused=refused,
        at_most=at_most,
    )

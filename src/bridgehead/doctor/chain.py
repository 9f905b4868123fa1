"""The chain: all checks in their order, walked once; what lies behind a broken link is skipped, and said to be."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bridgehead.doctor.calls import AT_MOST, Spent
from bridgehead.doctor.case import Case
from bridgehead.doctor.check import Check
from bridgehead.doctor.finding import Finding, Said, Verdict, unknown
from bridgehead.doctor.links import audit, configuration, network, planning, tenant, token
from bridgehead.doctor.remedies import suspect
from bridgehead.errors import BridgeheadError

CHAIN: tuple[Check, ...] = (
    *configuration.CHECKS,
    *network.CHECKS,
    *token.CHECKS,
    *tenant.CHECKS,
    *planning.CHECKS,
    *audit.CHECKS,
)
"""In the order in which they are asked. Each needs only checks before it."""


def needed(only: Collection[str]) -> tuple[Check, ...]:
    """Return the checks of these names with all that they need; all checks where no name is given."""
    wanted = set(only)
    for check in reversed(CHAIN):
        if check.slug in wanted:
            wanted.update(check.needs)
    return tuple(check for check in CHAIN if not only or check.slug in wanted)


def walk(case: Case, *, only: Collection[str] = ()) -> Iterator[Finding]:
    """Ask each check and yield what it finds. only: names of checks, which are asked with all that they need."""
    blocked: dict[str, tuple[str, ...]] = {}
    bad: list[str] = []
    for check in needed(only):
        behind = tuple(dict.fromkeys(slug for need in check.needs for slug in blocked.get(need, ())))
        if behind:
            blocked[check.slug] = behind
            yield _finding(case, check, Said(Verdict.SKIPPED, f"behind {', '.join(behind)}"), behind)
            continue
        said = _looked(case, check)
        if not said.passable and said.verdict in (Verdict.BROKEN, Verdict.UNKNOWN):
            blocked[check.slug] = (check.slug,)
        elif not said.passable and said.verdict is Verdict.SKIPPED:
            behind = blocked[check.slug] = tuple(dict.fromkeys(bad)) or (check.slug,)
        bad += [check.slug] * (said.verdict is Verdict.BROKEN)
        yield _finding(case, check, said, behind)


def _looked(case: Case, check: Check) -> Said:
    try:
        return check.look(case)
    except BridgeheadError as wrong:
        return unknown(wrong.message, wrong.cure or "mending that", passable=False)
    except (
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
    ) as odd:  # an answer that nobody foresaw
        return unknown(
            f"an answer is of a shape that nobody foresaw ({type(odd).__name__})",
            "--bundle, for a report",
            passable=False,
        )
    except Spent:
        return unknown(
            f"not asked: {AT_MOST} calls have been refused in this run, or could have been",
            "mending what is broken, and asking again",
            passable=False,
        )


def _finding(case: Case, check: Check, said: Said, behind: tuple[str, ...]) -> Finding:
    who = case.identity
    return Finding(
        check.slug,
        check.link,
        check.asks,
        said.verdict,
        said.says,
        said.evidence,
        tuple(suspect(case, cause) for cause in said.causes),
        behind,
        said.would_decide,
        check.decides,
        f"bridgehead doctor {who.tenant} --environment {who.environment} --only {check.slug}",
    )

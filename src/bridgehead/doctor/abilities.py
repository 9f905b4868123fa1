"""All that a client may do, as far as an examination has seen it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bridgehead.doctor.case import Case
from bridgehead.doctor.finding import Finding, Verdict
from bridgehead.ukg.dialect import at

_ANSWERED_BY = (
    ("client-tenant", "get a token for the tenant"),
    ("scope", "ask for the scopes of planning"),
    ("token", "read tenant/info"),
    ("role", "read planning: metadata, headcount"),
    ("write", "write headcount"),
    ("read-back", "read headcount back"),
    ("org-units", "write headcount of every org unit"),
    ("load", "make several calls at once"),
)


class Ability(msgspec.Struct, frozen=True):
    """Something that the client may do, or not. may: `yes`, `no` or `unknown`."""

    what: str
    may: str
    why: str


def abilities(case: Case, findings: Sequence[Finding]) -> tuple[Ability, ...]:
    """Return what the client may do."""
    found = {finding.check: finding for finding in findings}
    told = [_ability(what, found[check]) for check, what in _ANSWERED_BY if check in found]
    return (*told, *_granted(case))


def _ability(what: str, finding: Finding) -> Ability:
    may = {Verdict.HOLDS: "yes", Verdict.WARNING: "yes", Verdict.BROKEN: "no"}.get(finding.verdict, "unknown")
    return Ability(what, may, finding.says)


def _granted(case: Case) -> list[Ability]:
    """Return the scopes that were granted, the modules, and the limits, where they were seen."""
    told, facts = [], case.__dict__
    token = facts.get("token")
    if token is not None and token.granted is not None:
        told += [Ability(f"use the scope {scope}", "yes", "granted") for scope in sorted(token.granted)]
    if "info" in facts:
        modules = at(case.info.document, case.dialect.tenant_info.modules)
        told += [
            Ability(f"the module {one}", "yes", "tenant/info") for one in (modules if isinstance(modules, list) else ())
        ]
    if "metadata" in facts:
        known = case.dialect.metadata
        limits = (("records in a request", known.max_records), ("requests a minute", known.per_minute))
        for what, path in limits:
            if case.metadata.says(path):
                told.append(Ability(f"{what}: {case.metadata.says(path)}", "yes", "metadata"))
    return told

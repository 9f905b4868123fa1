"""The first link, the configuration: what can be told before anybody is asked."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bridgehead.doctor.case import Case
from bridgehead.doctor.check import Check
from bridgehead.doctor.finding import Evidence, Said, broken, holds, warning
from bridgehead.errors import SecretMissing

_REHEARSAL = ("sandbox", "test", "staging", "stage", "uat", "dev", "preview", "demo")
"""Words in a host's name that production has not."""


def _secret(case: Case) -> Said:
    login = case.identity.login
    try:
        case.calls.secrets.know(case.identity.secret())
        if case.identity.app_key is not None:
            case.calls.secrets.know(case.identity.app_key())
        if login is not None:
            with login.turn() as turn:
                kept = login.current(turn)
            case.calls.secrets.know(kept.refresh_token)
            return holds(f"{kept.person} is signed in")
    except SecretMissing as missing:
        if login is not None and missing.next_command:
            evidence = [Evidence("what to do", missing.next_command)]
            return broken(missing.message, ["not-signed-in"], evidence)
        return broken(missing.message, ["secret-unreadable"], [Evidence("what to do", missing.cure)])
    return holds("it can be read" if not case.identity.keyed else "the key can be read")


def _tenant_id(case: Case) -> Said:
    identity, pattern = case.identity, case.dialect.tenant_id.pattern
    if case.well_formed:
        return holds(identity.tenant_id)
    told = case.told_tenant
    evidence = [Evidence("tenant_id", identity.tenant_id), Evidence("what one looks like", pattern)]
    if told:
        evidence.append(Evidence("tenant/info says", told))
    return broken(
        f"{identity.tenant_id!r} is no tenant id" + (f"; tenant/info says {told}" if told else ""),
        ["tenant-id-wrong"],
        evidence,
        passable=True,
    )


def _habit(slug: str, right: str) -> Check:
    asks = {
        "scope-names": "Are the scopes asked for by their exact names?",
        "tenant-context": "Does the token request carry the tenant?",
        "header-name": "Do calls carry the tenant's header?",
    }[slug]

    def look(case: Case) -> Said:
        for habit in case.habits:
            if habit.check == slug:
                evidence = [Evidence("override", habit.override), Evidence("right", habit.right)]
                return broken(habit.says, [habit.cause], evidence, passable=True)
        spoken = case.dialect
        return holds(right.format(scopes=" ".join(spoken.scopes), header=spoken.call.tenant_header or "none, waived"))

    return Check(slug, "configuration", asks, look)


def _host(case: Case) -> Said:
    identity = case.identity
    host = urlsplit(identity.base_url).hostname or ""
    twin = shared_host(case)
    if twin:
        return warning(
            f"{twin} has the same base_url; {identity.environment} has another host as a rule",
            ["wrong-host"],
            [Evidence("base_url", identity.base_url)],
        )
    if named_otherwise(host, identity.environment):
        return warning(
            f"the host's name does not sound like {identity.environment}",
            ["wrong-host"],
            [Evidence("host", host)],
        )
    return holds(host)


def shared_host(case: Case) -> str:
    """Return the tenant's other environment in the configuration that has the same base URL, empty when none has."""
    mine = case.identity
    for one in case.patient.neighbours:
        if one.tenant == mine.tenant and one.base_url.rstrip("/") == mine.base_url.rstrip("/"):
            return f"{one.tenant} ({one.environment})"
    return ""


def named_otherwise(host: str, environment: str) -> bool:
    """Whether a host's name sounds like another environment."""
    words = re.split(r"[^a-z]+", host.lower())
    return environment == "production" and any(word in _REHEARSAL for word in words)


CHECKS = (
    Check("secret", "configuration", "Can the client's secret be read?", _secret),
    _habit("scope-names", "{scopes}"),
    _habit("tenant-context", "it does"),
    _habit("header-name", "{header}"),
    Check("tenant-id", "configuration", "Has the tenant id the shape of one?", _tenant_id, needs=("secret",)),
    Check("host", "configuration", "Does the host belong to the environment?", _host),
)

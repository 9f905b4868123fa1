"""The last link, planning: path, header, role, the write itself, org units, and what a crowd of calls meets."""

from __future__ import annotations

from collections.abc import Mapping

from bridgehead.doctor.calls import Heard, Spent
from bridgehead.doctor.case import Case
from bridgehead.doctor.check import Check
from bridgehead.doctor.finding import Evidence, Said, broken, holds, skipped, unknown, warning
from bridgehead.doctor.links.audit import named_by_the_log
from bridgehead.doctor.links.token import silent
from bridgehead.ukg.dialect import at

_NOWHERE = (404, 405, 410, 501)
_RIGHTS = ("role-missing", "role-pending", "service-account-refused")
"""What looks alike on the wire once token, tenant, header, scopes and module are proven."""


def _path(case: Case) -> Said:
    heard, known = case.metadata, case.dialect.metadata.path
    usual = case.patient.standard.metadata.path
    if heard.failed:
        return unknown(f"the metadata fails: {heard.words}", "asking again later", [heard.evidence()], passable=False)
    if heard.status in _NOWHERE or 300 <= heard.status < 400 or heard.is_page:
        return broken(f"there is no planning at {known}: {heard.words}", ["path-unknown"], [heard.evidence()])
    if heard.refused and known != usual:
        there = case.standing_at(usual, "GET")
        if there.status == 200:
            evidence = [heard.evidence(), there.evidence()]
            return broken(f"planning is at {usual}, not at {known}", ["path-unknown"], evidence)
    return holds(known)


def _tenant_header(case: Case) -> Said:
    header, heard = case.dialect.call.tenant_header, case.metadata
    if not header:
        return skipped("none is sent, which is waived")
    if heard.status == 200:
        return _echoed(case, header, heard)
    if not heard.refused:
        return skipped("planning does not answer")
    named = named_by_the_log(case, heard)
    if named is not None:
        if named[0].startswith("tenant-header"):
            return broken(f"{header} does not arrive as it is sent", [named[0]], [heard.evidence(), named[1]])
        return holds("the audit log names something else", named[1])
    if not case.dialect.tenant_info.minds_header:
        return unknown("whether it arrives cannot be seen here", "the audit log", [heard.evidence()])
    odd = case.info_with_nobodys_header
    evidence = [heard.evidence(), odd.evidence("tenant/info, with a header that names no tenant")]
    if odd.status == 200:
        says = f"{header} does not arrive: UKG takes a call whose header names no tenant"
        return broken(says, ["tenant-header-stripped"], evidence)
    return holds("it arrives", *evidence)


def _echoed(case: Case, header: str, heard: Heard) -> Said:
    """Judge what the metadata says that it received."""
    known = case.dialect.metadata
    tenant, environment = (at(heard.document, path) for path in (known.echo_tenant, known.echo_environment))
    evidence = [Evidence("received", f"tenant {tenant}, environment {environment}")]
    echoes = at(heard.document, known.echo_tenant.rpartition(".")[0] or known.echo_tenant)
    if tenant is None and echoes is not None:
        return broken(f"{header} does not arrive", ["tenant-header-stripped"], evidence)
    if tenant is not None and str(tenant) != case.acting.tenant_id:
        return broken(f"{header} arrives as {tenant}", ["tenant-header-rewritten"], evidence)
    if environment is not None and str(environment) != case.identity.environment:
        return broken(f"this UKG is {environment}", ["wrong-host"], evidence)
    if tenant is None and "metadata-tenant" not in case.identity.waivers:
        return silent("metadata-tenant", "planning does not say which tenant it received")
    if environment is None and "metadata-environment" not in case.identity.waivers:
        return silent("metadata-environment", "planning does not say of which environment it is")
    return holds(f"received as {tenant}" if tenant is not None else "waived", *evidence)


def _role(case: Case) -> Said:
    heard = case.metadata
    if heard.status == 200 and isinstance(heard.document, Mapping):
        return holds("planning can be read")
    if not heard.refused:
        says = f"the metadata answers what the dialect does not explain: {heard.words}"
        return unknown(says, "comparing the answer with the dialect: --contract", [heard.evidence()], passable=False)
    minds = case.dialect.tenant_info.minds_header
    causes = _RIGHTS if minds else ("role-missing", "role-pending", "tenant-header-stripped")
    return _lacking(case, heard, "token, tenant, header and scopes are right, and planning is refused", causes)


def _lacking(case: Case, heard: Heard, says: str, causes: tuple[str, ...]) -> Said:
    named = named_by_the_log(case, heard)
    if named is not None:
        return broken(says, [named[0]], [heard.evidence(), named[1]])
    return broken(says, causes, [heard.evidence()])


def _write(case: Case) -> Said:
    heard, known = case.write, case.dialect.headcount
    if heard.status in (200, 207) and isinstance(at(heard.document, known.results), list):
        return holds("a delivery of no records is taken")
    if heard.failed:
        return unknown(f"the write fails: {heard.words}", "asking again later", [heard.evidence()], passable=False)
    if heard.refused:
        says = "planning can be read, and a delivery of no records is refused"
        return _lacking(case, heard, says, ("write-role-missing",))
    if heard.status in _NOWHERE or 300 <= heard.status < 400:
        return broken(f"nothing takes deliveries at {known.path}: {heard.words}", ["path-unknown"], [heard.evidence()])
    says = f"a delivery of no records is answered with {heard.words}: nobody refused it, and nobody took it"
    return unknown(says, "the first sync: this UKG wants records", [heard.evidence()])


def _read_back(case: Case) -> Said:
    known = case.dialect.headcount
    if not known.read_back:
        return skipped("the dialect says that this UKG offers none")
    heard = case.page
    if heard.status == 200 and at(heard.document, known.envelope) is not None:
        return holds("a sync can see that it arrived")
    evidence = [heard.evidence()]
    if heard.failed:
        return unknown(f"reading back fails: {heard.words}", "asking again later", evidence)
    if heard.refused:
        says = "headcount can be written and not read: no sync can see that it arrived"
        return warning(says, ["read-back-refused"], evidence)
    if heard.status in _NOWHERE:
        return warning("this UKG offers no reading back", ["no-read-back"], evidence)
    return unknown(f"reading back is answered with {heard.words}", "--contract, which names the key", evidence)


def _org_units(case: Case) -> Said:
    known = case.dialect.headcount
    if not known.validate_only_proven:
        return unknown(
            "which org units the role counts for shows only when records are sent",
            f"the first sync; or headcount.validate_only_proven = true, once it is known that "
            f"?{known.validate_only}=true stores nothing here",
        )
    heard, references = case.units
    if heard.status not in (200, 207):
        return unknown(f"the check of records is answered with {heard.words}", "the first sync", [heard.evidence()])
    results = at(heard.document, known.results)
    closed = sorted(
        references.get(str(at(one, known.result_reference)), "?")
        for one in (results if isinstance(results, list) else ())
        if str(at(one, known.error_code)) in known.beyond_reach
    )
    if closed:
        shown = ", ".join(closed[:8]) + (f" and {len(closed) - 8} more" if len(closed) > 8 else "")
        says = f"of {len(references)} org units, {len(closed)} are out of the role's reach"
        return broken(says, ["org-units-limited"], [Evidence("out of reach", shown), heard.evidence()])
    return holds(f"all {len(references)} active org units")


def _load(case: Case) -> Said:
    hasty = case.calls.calmed
    try:
        crowd = case.crowd
    except Spent:
        crowd = []
    refused = [one for one in crowd if one.refused or one.status == 429]
    turned_down = [one for one in refused if one.refused]
    evidence = [one.evidence(f"refused, and taken {1.5} s later, alone") for one in hasty[:2]]
    if turned_down:
        evidence.append(turned_down[0].evidence(f"{len(turned_down)} of {len(crowd)} at once"))
        says = f"one call passes, {len(turned_down)} of {len(crowd)} at once are refused as if they were not allowed"
        return broken(says, ["throttled"], evidence)
    if hasty:
        says = f"refused, and taken when asked again: {len(hasty)} of the calls"
        return broken(says, ["authority-outage", "throttled"], evidence)
    if refused or any(one.failed for one in crowd):
        return holds(f"{len(refused)} of {len(crowd)} calls at once are told to wait, which a sync obeys")
    return holds(f"{len(crowd)} at once") if crowd else skipped("too many calls were refused to try")


def calm_rate(case: Case) -> int:
    """Return how many calls at once are surely taken."""
    taken = [one for one in case.__dict__.get("crowd", ()) if one.status == 200]
    return max(1, len(taken) // 2)


_PLANNING = ("scope", "token-tenant", "token", "tenant-match", "module")
CHECKS = (
    Check("path", "planning", "Is planning where the dialect says?", _path, needs=_PLANNING),
    Check("tenant-header", "planning", "Does the tenant's header arrive?", _tenant_header, needs=("path",)),
    Check("role", "planning", "May the service account read planning?", _role, needs=("tenant-header",), decides=True),
    Check("write", "planning", "Would a delivery be taken?", _write, needs=("role",), decides=True),
    Check("read-back", "planning", "Can headcount be read back?", _read_back, needs=("write",)),
    Check("org-units", "planning", "Does the role count for every org unit?", _org_units, needs=("write",)),
    Check("load", "load", "Do calls at once fare as one alone?", _load, needs=("role",)),
)

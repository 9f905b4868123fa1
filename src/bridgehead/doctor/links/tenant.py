"""The fourth link, the tenant: whether the token is taken, and UKG and the configuration mean the same tenant."""

from __future__ import annotations

from collections.abc import Mapping

from bridgehead.doctor.case import Case
from bridgehead.doctor.check import Check
from bridgehead.doctor.finding import Evidence, Said, broken, holds, skipped, unknown
from bridgehead.doctor.links.audit import named_by_the_log
from bridgehead.doctor.links.network import turned_away
from bridgehead.doctor.links.token import another_tenant, silent
from bridgehead.ukg.dialect import at


def _token(case: Case) -> Said:
    heard = case.info
    if heard.status == 200 and isinstance(heard.document, Mapping):
        return holds("tenant/info answers")
    if heard.failed:
        return unknown(f"tenant/info fails: {heard.words}", "asking again later", [heard.evidence()], passable=False)
    away = turned_away(heard) if heard.is_page or heard.status != 403 else None
    if away is not None:
        return away
    if heard.status in (404, 405, 501):
        says = f"there is no tenant/info at {case.dialect.tenant_info.path}: {heard.words}"
        return broken(says, ["path-unknown", "wrong-host"], [heard.evidence()])
    if not heard.refused:
        says = f"tenant/info answers what the dialect does not explain: {heard.words}"
        return unknown(says, "comparing the answer with the dialect", [heard.evidence()], passable=False)
    named = named_by_the_log(case, heard)
    if named is not None:
        return broken("a token was issued, and is not taken", [named[0]], [heard.evidence(), named[1]])
    return _refused(case)


def _refused(case: Case) -> Said:
    """Judge a fresh token that is refused where no scope and no role is asked for, by what is taken instead."""
    evidence = [case.info.evidence()]
    bare = case.info_without_header
    evidence.append(bare.evidence("without the header"))
    if bare.status == 200:
        header = case.dialect.call.tenant_header
        return broken(f"{header} arrives as another one", ["tenant-header-rewritten"], evidence)
    if case.identity.keyed:
        return broken("the token is not taken", ["authority-outage", "wrong-audience", "key-missing"], evidence)
    proof = case.plain_info
    evidence.append(proof.evidence("by client id and secret"))
    if proof.status == 200:
        causes = ["authority-outage"] if case.dialect.token.audience else ["authority-outage", "wrong-audience"]
        return broken("client and secret are taken there, a token that is a second old is not", causes, evidence)
    if case.dialect.call.key_header:
        says = (
            f"neither token nor secret is taken: the header {case.dialect.call.key_header} is missing, or another one"
        )
        return broken(says, ["key-missing"], evidence)
    return broken("neither token nor secret is taken", ["authority-outage", "key-missing", "path-unknown"], evidence)


def _tenant_match(case: Case) -> Said:
    known, heard = case.dialect.tenant_info, case.info
    said, mine = at(heard.document, known.tenant), case.acting.tenant_id
    environment = at(heard.document, known.environment)
    evidence = [Evidence("tenant/info", f"{said} ({heard.says(known.tenant_name)}, {environment})")]
    if said is None and "tenant-info-tenant" not in case.identity.waivers:
        return silent("tenant-info-tenant", "tenant/info does not name the tenant")
    if said is not None and str(said) != mine:
        return another_tenant(case, str(said), evidence)
    if environment is not None and str(environment) != case.identity.environment:
        says = f"this UKG is {environment}, the configuration says {case.identity.environment}"
        return broken(says, ["wrong-host"], evidence)
    if environment is None and "tenant-info-environment" not in case.identity.waivers:
        return silent("tenant-info-environment", "tenant/info does not name the environment")
    return holds(f"{heard.says(known.tenant_name)}, {environment or 'it names no environment'}", *evidence)


def _module(case: Case) -> Said:
    known = case.dialect.tenant_info
    modules = at(case.info.document, known.modules)
    if not isinstance(modules, list) or not all(isinstance(one, str) for one in modules):
        return skipped("tenant/info does not list the modules")
    if known.module not in modules:
        listed = ", ".join(str(one) for one in modules) or "none"
        says = f"{case.info.says(known.tenant_name) or 'the tenant'} has no {known.module}"
        return broken(says, ["module-off"], [Evidence("modules", listed)])
    return holds(known.module)


CHECKS = (
    Check(
        "token",
        "tenant",
        "Is the token taken?",
        _token,
        needs=("client-tenant", "environment", "claims", "lifetime"),
        decides=True,
    ),
    Check("tenant-match", "tenant", "Do UKG and the configuration mean one tenant?", _tenant_match, needs=("token",)),
    Check("module", "tenant", "Has the tenant workforce planning?", _module, needs=("token",)),
)

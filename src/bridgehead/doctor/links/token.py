"""The third link, the token: who we are, and what came back, which counts more than what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from bridgehead.doctor.calls import Heard, Spent
from bridgehead.doctor.case import Asked, Case
from bridgehead.doctor.check import Check
from bridgehead.doctor.finding import Evidence, Said, broken, holds, skipped, unknown, warning
from bridgehead.doctor.links.audit import named_by_the_log
from bridgehead.doctor.links.configuration import named_otherwise, shared_host
from bridgehead.doctor.links.network import server_time, skew_of, turned_away
from bridgehead.ukg.dialect import at
from bridgehead.ukg.habits import looks_like

_SHORT = 120
"""Seconds that a token should live at least: a delivery needs some."""
_NOT_HERE = ("secret-wrong", "client-unknown")
"""What the log may say of a client of another environment, where one of the same name is known or not."""
_ANOTHER_TENANT = ("invalid_target", "access_denied")
"""What says that a client is not assigned to a tenant: RFC 8707, and Auth0."""


def _discovery(case: Case) -> Said:
    said, known = case.server, case.dialect.token
    endpoint = at(said.document, "token_endpoint")
    if not known.discovery or said.status != 200 or not isinstance(endpoint, str):
        return skipped("the server says nothing of itself (RFC 8414)")
    evidence = [Evidence(name, said.says(name)) for name in ("issuer", "token_endpoint")]
    path = endpoint.partition("://")[2].partition("/")[2]
    ours = (urlsplit(case.identity.base_url).path.rstrip("/") + known.path).lstrip("/")
    if path != ours and not case.token.token:
        path = f"/{path}"
        says = f"tokens are given at {path}, and asked for at {known.path}"
        return broken(says, ["path-unknown", "wrong-host"], evidence)
    return holds(f"issuer {said.says('issuer')}", *evidence)


def _client(case: Case) -> Said:
    asked = case.token
    heard = asked.heard
    if asked.token or asked.error in ("invalid_scope", *_ANOTHER_TENANT):
        return holds(f"it knows {case.identity.client_id}")
    if heard.response is None or heard.failed:
        away = turned_away(heard)
        return away or unknown(
            f"the token endpoint fails: {heard.words}", "asking again later", [heard.evidence()], passable=False
        )
    if asked.error == "invalid_client":
        return _not_let_in(case, heard)
    if asked.error == "invalid_grant":
        says = f"what the person granted at the sign-in counts no more: {heard.words}"
        return broken(says, ["not-signed-in"], [heard.evidence()])
    if asked.error in ("unauthorized_client", "unsupported_grant_type"):
        return holds(f"it knows {case.identity.client_id}")
    return turned_away(heard) or _no_token(case, heard)


def _no_token(case: Case, heard: Heard) -> Said:
    """Judge an answer that is none of a token endpoint."""
    says = f"what answers at {case.dialect.token.path} is no token endpoint: {heard.words}"
    if heard.status in (400, 422) and heard.says("error") == "invalid_request":
        says = f"the token endpoint does not understand the request: {heard.words}"
        return unknown(
            says, "comparing token.parameters with what this UKG expects", [heard.evidence()], passable=False
        )
    named = named_by_the_log(case, heard) if heard.refused else None
    if named is not None:
        return broken(says, [named[0]], [heard.evidence(), named[1]])
    if heard.status in (200, 201) and isinstance(heard.document, Mapping):
        says = f"the token is not where the dialect says, under {case.dialect.token.access_token}: {heard.words}"
        return broken(says, ["answer-differs"], [heard.evidence()])
    overridden = case.dialect.token.path != case.patient.standard.token.path
    return broken(
        says, ["path-unknown", "wrong-host"] if overridden else ["wrong-host", "path-unknown"], [heard.evidence()]
    )


def _not_let_in(case: Case, heard: Heard) -> Said:
    """Judge `invalid_client`: by the clock, the log, another way of proof, another host, another environment."""
    evidence, client = [heard.evidence()], case.identity.client_id
    skew = skew_of(case)
    if case.identity.keyed and skew is not None and abs(skew) > 30:
        return broken(f"the assertion of {client} is not in time there", ["clock-skew"], evidence)
    named = named_by_the_log(case, heard)
    host = urlsplit(case.identity.base_url).hostname or ""
    if named is None and (shared_host(case) or named_otherwise(host, case.identity.environment)):
        says = f"{client} is not let in, at a host of another environment"
        if case.patient.auditor is None or case.auditor_is_let_in:
            return broken(says, ["wrong-host", "client-unknown", "secret-wrong"], evidence)
        return broken(f"{says}; nor is the auditor", ["wrong-host"], evidence)
    if named is not None:
        evidence.append(named[1])
        elsewhere = _registered_elsewhere(case, evidence) if named[0] in _NOT_HERE else None
        return elsewhere or broken(f"{client} is not let in", [named[0]], evidence)
    proof = "its key is not registered" if case.identity.keyed else "its secret is not the right one"
    # Asked there first: failed attempts here are what accounts are locked for.
    return (
        _registered_elsewhere(case, evidence)
        or _in_the_other_way(case, evidence)
        or broken(
            f"{client} is not let in: it is unknown here, {proof}, or its account is locked",
            _ranked(case),
            evidence,
        )
    )


def _in_the_other_way(case: Case, evidence: list[Evidence]) -> Said | None:
    """Show the secret in the other way, once; where that passes, go on with it."""
    other = case.other_way
    if other is None or other.error == "invalid_client" or other.heard.failed:
        return None
    way = "post" if case.dialect.token.client_authentication == "basic" else "basic"
    case.go_on_with(other, way)
    says = f"{case.identity.client_id} is let in when it shows its secret by {way}"
    told = [*evidence, other.heard.evidence(f"by {way}")]
    return broken(says, ["client-authentication"], told, passable=True)


def _registered_elsewhere(case: Case, evidence: list[Evidence]) -> Said | None:
    """Ask the tenant's other environment, where it is configured, whether it knows this client with this secret."""
    if case.identity.login is not None:
        return None  # what a person granted here is not shown elsewhere
    for one in case.patient.neighbours:
        if one.tenant == case.identity.tenant and one.environment != case.identity.environment:
            try:
                there = case.asked_at(one)
            except Spent:
                return None
            if there.token:
                told = [*evidence, there.heard.evidence(f"the same at {one.base_url}")]
                says = (
                    f"{case.identity.client_id} is registered in {one.environment}, not in {case.identity.environment}"
                )
                return broken(says, ["client-of-another-environment"], told)
            break
    return None


def _ranked(case: Case) -> list[str]:
    """Return what looks alike on the wire, the likeliest first: what once worked is not unknown."""
    proof = "key-not-registered" if case.identity.keyed else "secret-wrong"
    if case.patient.worked_before:
        return [proof, "account-locked", "client-unknown"]
    return ["client-unknown", proof, "account-locked"]


def _grant(case: Case) -> Said:
    asked = case.token
    if asked.error in ("unauthorized_client", "unsupported_grant_type"):
        alone = "by itself" if case.identity.login is None else "for a person"
        says = f"{case.identity.client_id} may not ask for a token {alone}: {asked.heard.words}"
        return broken(says, ["grant-not-enabled"], [asked.heard.evidence()])
    return holds("client credentials" if case.identity.login is None else "a person's login")


def _scope(case: Case) -> Said:
    asked, wanted = case.token, case.dialect.scopes
    if asked.error in _ANOTHER_TENANT:
        asked = case.unbound
    if not any("{scopes}" in template for template in case.dialect.token.parameters.values()):
        return skipped("this UKG is asked for none")
    if asked.error == "invalid_scope":
        return _refused_scope(case, asked)
    if not asked.token:
        return skipped("no token was issued")
    if asked.granted is None:
        return holds("the answer names none, which is all that were asked for (RFC 6749 section 5.1)")
    missing = [scope for scope in wanted if scope not in asked.granted]
    if not missing:
        return holds(" ".join(wanted))
    evidence = [Evidence("asked for", " ".join(wanted)), Evidence("granted", " ".join(sorted(asked.granted)) or "none")]
    near = [scope for scope in sorted(asked.granted) if looks_like(scope, case.dialect)]
    if near:
        return broken(
            f"granted was {', '.join(near)}, which is not {', '.join(missing)}", ["scope-near-miss"], evidence
        )
    says = f"a token was issued without {', '.join(missing)}, and nobody said so"
    return broken(says, ["scope-dropped"], evidence)


def _refused_scope(case: Case, asked: Asked) -> Said:
    """Judge `invalid_scope` by what the client is given when it asks for no scope: all that it is registered for."""
    registered, evidence = case.unscoped, [asked.heard.evidence()]
    if registered.error == "invalid_scope" or registered.granted is None:
        offered = at(case.server.document, "scopes_supported")
        unheard = [one for one in case.dialect.scopes if isinstance(offered, list) and one not in offered]
        says = f"a scope is unknown here: {asked.heard.words}" + (
            f"; not offered: {', '.join(unheard)}" * bool(unheard)
        )
        return broken(says, ["scope-unknown"], [*evidence, registered.heard.evidence("asked for none")], passable=False)
    evidence.append(Evidence("registered", " ".join(sorted(registered.granted)) or "none"))
    missing = [scope for scope in case.dialect.scopes if scope not in registered.granted]
    near = [scope for scope in sorted(registered.granted) if looks_like(scope, case.dialect)]
    if not missing:
        return broken(f"a scope is unknown here: {asked.heard.words}", ["scope-unknown"], evidence)
    if near:
        says = f"{case.identity.client_id} has {', '.join(near)}, which is not {', '.join(missing)}"
        return broken(says, ["scope-near-miss"], evidence)
    says = f"{case.identity.client_id} is not registered for {', '.join(missing)}"
    return broken(says, ["scope-not-registered"], evidence)


def missing_scopes(case: Case) -> list[str]:
    """Return the scopes that a remedy has to add."""
    told = [case.__dict__[name] for name in ("token", "unbound", "unscoped") if name in case.__dict__]
    granted = next((one.granted for one in told if one.granted is not None), frozenset(case.dialect.scopes))
    return [scope for scope in case.dialect.scopes if scope not in granted]


def _client_tenant(case: Case) -> Said:
    asked = case.bound
    if asked.token:
        return holds(f"it got a token for {case.acting.tenant_id}")
    if asked.error not in _ANOTHER_TENANT:
        return skipped("no token was issued", passable=False)
    if not case.well_formed and not case.told_tenant:
        return skipped("the tenant id is none", passable=False)
    evidence = [asked.heard.evidence()]
    named = named_by_the_log(case, asked.heard)
    told = case.plain_info.says(case.dialect.tenant_info.tenant)
    evidence.append(Evidence("tenant/info says", told or case.plain_info.words))
    if named is not None and named[0] != "client-of-another-tenant":
        return broken("the client's grant is not assigned to this tenant", [named[0]], [*evidence, named[1]])
    if told and told != case.acting.tenant_id:
        return another_tenant(case, told, evidence)
    return broken("a token is given, only not for this tenant", ["tenant-not-assigned"], evidence)


def another_tenant(case: Case, told: str, evidence: list[Evidence]) -> Said:
    """Judge a client that belongs to another tenant than the configuration says: either of them may be wrong."""
    says = f"the configuration says {case.identity.tenant_id}, {case.identity.client_id} belongs to {told}"
    for one in case.patient.neighbours:
        if one.tenant_id == told and one.tenant != case.identity.tenant:
            return broken(f"{says}, which is {one.tenant}'s", ["client-of-another-tenant"], evidence)
        if one.tenant_id == told and one.base_url.rstrip("/") == case.identity.base_url.rstrip("/"):
            return broken(f"{says}, which is the tenant's in {one.environment}, at this host", ["wrong-host"], evidence)
        if one.tenant_id == told:
            says = f"{says}, which is the tenant's in {one.environment}"
            return broken(says, ["tenant-id-wrong", "client-of-another-environment"], evidence)
    auditors = case.auditors_tenant
    if auditors:
        evidence = [*evidence, Evidence("the auditor belongs to", auditors)]
        mine = auditors == case.identity.tenant_id
        return broken(says, ["client-of-another-tenant" if mine else "tenant-id-wrong"], evidence)
    return broken(says, ["tenant-id-wrong", "client-of-another-tenant"], evidence)


def _token_tenant(case: Case) -> Said:
    claim, claims = case.dialect.token.claim_tenant, case.bound.claims
    found = at(claims, claim)
    evidence = [Evidence(f"claim {claim}", "absent" if found is None else str(found))]
    if found is None and "token-tenant" in case.identity.waivers:
        return skipped("the token names none, which is waived")
    if not claims:
        return silent("token-tenant", "the token is opaque: nobody can see for which tenant it is")
    if found is None:
        return broken("the tenant was sent, and the token carries none", ["tenant-context-ignored"], evidence)
    if str(found) != case.acting.tenant_id:
        return another_tenant(case, str(found), evidence)
    return holds(str(found), *evidence)


def _environment(case: Case) -> Said:
    claim, claims = case.dialect.token.claim_environment, case.bound.claims
    found = at(claims, claim)
    if found is None and "token-environment" in case.identity.waivers:
        return skipped("the token names none, which is waived")
    if found is None:
        return silent("token-environment", "the token does not say of which environment it is")
    evidence = Evidence(f"claim {claim}", str(found))
    if str(found) != case.identity.environment:
        says = f"the token is one of {found}, the configuration says {case.identity.environment}"
        return broken(says, ["wrong-host"], [evidence])
    return holds(str(found), evidence)


def _claims(case: Case) -> Said:
    claims, wanted = case.bound.claims, case.dialect.token.audience
    issuer, audience = claims.get("iss"), claims.get("aud")
    if not claims:
        return skipped("the token is opaque")
    said = case.server.says("issuer")
    if issuer is not None and said and str(issuer).rstrip("/") != said.rstrip("/"):
        evidence = [Evidence("claim iss", str(issuer)), Evidence("issuer, by discovery", said)]
        says = f"the token was issued by {issuer}, the server calls itself {said}"
        if case.info.status == 200:
            return warning(f"{says}; UKG takes it all the same", ["wrong-issuer"], evidence)
        return broken(says, ["wrong-issuer"], evidence)
    meant = audience if isinstance(audience, list) else [audience]
    if wanted and audience is not None and wanted not in meant:
        evidence = [Evidence("claim aud", str(audience)), Evidence("wanted", wanted)]
        if case.info.status == 200:
            return warning(
                f"the token is meant for {audience}; UKG takes it all the same", ["wrong-audience"], evidence
            )
        return broken(f"the token is meant for {audience}, not for {wanted}", ["wrong-audience"], evidence)
    return holds(f"meant for {audience}, issued by {issuer}" if audience or issuer else "it names none")


def _lifetime(case: Case) -> Said:
    claims, answer = case.bound.claims, case.bound.heard
    said = at(answer.document, case.dialect.token.expires_in)
    evidence, left = [Evidence("expires_in", str(said))], said
    if _is_whole(claims.get("exp")):
        now = int(server_time(case).timestamp())
        begins = max(claims["iat"], now) if _is_whole(claims.get("iat")) else now
        left = claims["exp"] - begins
        evidence.append(Evidence("claim exp", f"{left:,} s from now, by UKG's clock"))
    if not _is_whole(left):
        return skipped("nobody says how long it counts")
    if left <= 5:
        says = "the token has expired already" if left < 0 else f"the token counts for {left} s"
        return broken(says, ["token-expired"], evidence)
    if left < _SHORT:
        return warning(f"the token counts for {left} s only", ["token-expired"], evidence)
    return holds(f"{left:,} s", *evidence)


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def silent(evidence: str, says: str) -> Said:
    """Say that evidence is not offered which a sync demands: it refuses until a waiver is on record."""
    what = Evidence("a sync refuses, without", f'waivers = {{ {evidence} = "who, why, when" }}')
    return broken(says, ["evidence-missing"], [what], passable=True)


_TOKEN = ("answer", "secret", "tenant-id", "discovery", "client", "grant")
CHECKS = (
    Check(
        "discovery",
        "token",
        "What does the authorization server say of itself?",
        _discovery,
        needs=("answer", "secret"),
    ),
    Check(
        "client",
        "token",
        "Does the token endpoint know the client and its proof?",
        _client,
        needs=_TOKEN[:4],
        decides=True,
    ),
    Check("grant", "token", "May the client ask for a token by itself?", _grant, needs=("client",)),
    Check("scope", "token", "Is every scope granted that is asked for?", _scope, needs=_TOKEN),
    Check("client-tenant", "token", "Is the client assigned to the tenant?", _client_tenant, needs=_TOKEN),
    Check("token-tenant", "token", "Does the token carry the tenant?", _token_tenant, needs=("client-tenant",)),
    Check("environment", "token", "Is it a token of this environment?", _environment, needs=("client-tenant",)),
    Check(
        "claims", "token", "Is it meant for this API, and issued by its authority?", _claims, needs=("client-tenant",)
    ),
    Check("lifetime", "token", "Does it count long enough?", _lifetime, needs=("client-tenant",)),
)

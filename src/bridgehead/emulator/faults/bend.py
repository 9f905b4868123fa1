"""Bending facts: a fault changes what the authorization server or the gate sees, and these judge as they always do.

So a refusal has the same words on the wire and in the audit log as if it were real.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from bridgehead.emulator.authorization.clients import Presented
from bridgehead.emulator.authorization.refusals import OAuthError
from bridgehead.emulator.directory import PLANNING_READ, ApiClient, Assignment, Person, ServiceAccount, Tenant
from bridgehead.emulator.faults.switchboard import Fault
from bridgehead.emulator.gate import Call

Take = Callable[[str], Fault | None]
"""Returns a fault of this name if it is on for the caller, counting that it met them."""

_UNPLANNED = ("core-hr",)
_NEAR = {"workforce.planning.write": "workforce:write", "workforce.planning.read": "planning:manage"}


def refuse_client(take: Take, shown: Presented | None, client: ApiClient | None) -> None:
    """Raise what client authentication would raise, where a fault says so. client: who it really is."""
    if shown is None:
        return
    reasons = {
        "client-unknown": f"API client {shown.client_id!r} is not registered in this environment",
        "secret-expired": "the secret has expired",
        "account-locked": f"the service account of {shown.client_id} is locked",
    }
    methods = {"client_secret_basic": "basic-refused", "client_secret_post": "post-refused"}
    refused = methods.get(shown.method)
    if refused is not None:
        reasons[refused] = f"API client {shown.client_id} is not registered for {shown.method}"
    for slug, reason in reasons.items():
        if take(slug):
            words, known = "client authentication failed", client is not None and slug != "client-unknown"
            raise OAuthError(
                "invalid_client",
                words,
                status=401,
                client_id=shown.client_id,
                tenant_id=client.tenant_id if client is not None and known else "",
                reason=reason,
            )


def bend_request(take: Take, client: ApiClient, form: Mapping[str, str]) -> tuple[ApiClient, dict[str, str]]:
    """Return client and form of a token request as the server sees them."""
    seen = dict(form)
    if take("grant-not-enabled"):
        client = msgspec.structs.replace(client, grants=())
    if "tenant_context" in seen and take("tenant-context-refused"):
        reason = "the client's grant is not assigned to this tenant"
        raise OAuthError("invalid_target", "the client is not registered in this tenant", reason=reason)
    if "tenant_context" in seen and take("tenant-context-ignored"):
        del seen["tenant_context"]
    asked = seen.get("scope", " ".join(client.scopes)).split(" ")
    if any(scope in asked for scope in _NEAR) and take("near-miss-scopes"):
        client = msgspec.structs.replace(client, scopes=(*client.scopes, *_NEAR.values()))
        seen["scope"] = " ".join(_NEAR.get(scope, scope) for scope in asked)
    refused = take("scope-refused")
    if refused is not None and refused.value in asked:
        raise OAuthError("invalid_scope", f"unknown scope {refused.value!r}", client_id=client.client_id)
    dropped = take("scope-dropped")
    if dropped is not None and dropped.value in asked:
        client = msgspec.structs.replace(client, scopes=tuple(scope for scope in asked if scope != dropped.value))
        seen.pop("scope", None)  # all that is left of its scopes
    return client, seen


def bend_claims(take: Take, claims: dict[str, Any]) -> dict[str, Any]:
    """Return the claims that a token is signed with."""
    changed: dict[str, Any] = {}
    if take("wrong-audience"):
        changed["aud"] = "another-api"
    if take("wrong-issuer"):
        changed["iss"] = "https://login.example"
    short = take("short-lived")
    if short is not None:
        changed["exp"] = claims["iat"] + short.value
    return claims | changed


def bend_call(take: Take, call: Call) -> Call:
    """Return a call as the gate sees it."""
    if call.token_problem is None and take("authority-outage"):
        problem = ("token-authority", "the authority that verifies tokens does not answer")
        return msgspec.structs.replace(call, token_problem=problem, claims=None)
    if call.tenant_header is not None and take("tenant-header-stripped"):
        call = msgspec.structs.replace(call, tenant_header=None)
    rewritten = take("tenant-header-rewritten") if call.tenant_header is not None else None
    if rewritten is not None:
        call = msgspec.structs.replace(call, tenant_header=rewritten.value)
    if call.tenant is not None and call.operation.planning:
        call = msgspec.structs.replace(call, tenant=bend_tenant(take, call.tenant))
    return msgspec.structs.replace(call, account=_bent(take, call)) if call.account is not None else call


def bend_tenant(take: Take, tenant: Tenant) -> Tenant:
    """Return a tenant as it is seen."""
    return msgspec.structs.replace(tenant, modules=_UNPLANNED) if take("module-off") else tenant


def _bent(take: Take, call: Call) -> ServiceAccount | Person | None:
    """Return the account with the roles that it seems to have."""
    account = call.account
    if account is None or call.operation.permission is None:
        return account
    roles = account.assignments
    person = isinstance(account, Person)
    if take("role-missing"):
        roles = ()
    elif not person and take("service-account-refused"):
        roles = tuple(msgspec.structs.replace(one, people_only=True) for one in roles)
    elif take("write-role-missing"):
        roles = tuple(
            msgspec.structs.replace(one, role="Workforce Planning Viewer") if one.holds(PLANNING_READ) else one
            for one in roles
        )
    elif take("role-pending"):
        roles = tuple(Assignment(one.role, org_units=one.org_units) for one in roles)
    elif late := take("role-propagating"):
        moment = (late.since + timedelta(seconds=late.value)).isoformat(timespec="milliseconds")
        roles = tuple(msgspec.structs.replace(one, effective_at=moment) for one in roles)
    elif limited := take("org-units-limited"):
        roles = tuple(msgspec.structs.replace(one, org_units=tuple(limited.value)) for one in roles)
    return msgspec.structs.replace(account, assignments=roles)

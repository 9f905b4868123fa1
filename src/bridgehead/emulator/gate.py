"""The permission decision: whether a call may pass, and if not, which check refused it.

A pure function over what is known of the call. It walks the checks in one order, stops at the first that fails, and
keeps the whole walk: the caller learns `insufficient_permissions` and no more, the audit log gets the walk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from bridgehead.emulator.directory import (
    API_CLIENTS,
    API_CONFIGURATION,
    AUDIT_READ,
    EMPLOYEES_READ,
    PLANNING_READ,
    PLANNING_WRITE,
    ROLE_MANAGEMENT,
    ApiClient,
    Assignment,
    Permission,
    Person,
    ServiceAccount,
    Tenant,
    reach,
)
from bridgehead.emulator.network import within

STRICTNESS = ("production", "sandbox", "soft")
"""How much an environment forgives; `judge` says what."""

_TENANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|org_[A-Za-z0-9]{16}")


@dataclass(frozen=True, slots=True)
class Operation:
    """What a route demands of its caller.

    scopes: any one of them must stand in the token. near: names that look right and are not enough (the thread's
    `workforce:write`). registered: scopes that the client's registration must hold besides.
    """

    name: str
    scopes: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    registered: tuple[str, ...] = ()
    permission: Permission | None = None
    planning: bool = False


NEAR_MISSES = ("workforce:write", "planning:manage")
"""Scopes that look right for planning and are not enough (the thread)."""

_COMPLIANCE = ("compliance.data.access", "tenant.context.read")

TENANT_INFO = Operation("tenant/info")
METADATA = Operation(
    "metadata",
    scopes=("workforce.planning.read", "workforce.planning.write"),
    near=NEAR_MISSES,
    registered=_COMPLIANCE,
    permission=PLANNING_READ,
    planning=True,
)
READ_HEADCOUNT = Operation(
    "headcount read", METADATA.scopes, NEAR_MISSES, _COMPLIANCE, permission=PLANNING_READ, planning=True
)
WRITE_HEADCOUNT = Operation(
    "headcount write",
    ("workforce.planning.write",),
    NEAR_MISSES,
    _COMPLIANCE,
    permission=PLANNING_WRITE,
    planning=True,
)
READ_EMPLOYEES = Operation("employees read", scopes=("employees.read",), permission=EMPLOYEES_READ)
READ_AUDIT = Operation("audit log read", scopes=("audit.logs.read",), permission=AUDIT_READ)


class Call(msgspec.Struct, frozen=True):
    """One call as it reached the gate.

    at: the time, as the directory writes it. claims: of a token that was verified. token_problem: why there are none,
    as (check, detail). tenant_header: the header as received, None when it was absent. address: where it came from.
    client, account, tenant: what the directory knows about them; the account is a person's where one has signed in.
    """

    operation: Operation
    environment: str
    at: str
    claims: Mapping[str, Any] | None = None
    token_problem: tuple[str, str] | None = None
    tenant_header: str | None = None
    address: str = ""
    client: ApiClient | None = None
    account: ServiceAccount | Person | None = None
    tenant: Tenant | None = None

    def claim(self, name: str) -> str | None:
        """Return a claim of the verified token."""
        return self.claims.get(name) if self.claims is not None else None

    def reach(self) -> frozenset[str] | None:
        """Return the org units that the caller's roles are limited to, None when they are not."""
        wanted, account = self.operation.permission, self.account
        return None if wanted is None or account is None else reach(account.assignments, wanted, self.at)


class Step(msgspec.Struct, frozen=True):
    """One check of the walk and what it found; *forgiven* when only a lenient environment lets it pass."""

    check: str
    asks: str
    outcome: str  # holds | denied | forgiven
    detail: str
    menu: str


class Decision(msgspec.Struct, frozen=True):
    """The walk through the gate. *denied* is the step that refused, None when the call may pass."""

    steps: tuple[Step, ...] = ()

    @property
    def denied(self) -> Step | None:
        """The step that refused the call."""
        last = self.steps[-1] if self.steps else None
        return last if last is not None and last.outcome == "denied" else None


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the gate. *look* returns what is wrong, or None.

    lenient: a sandbox forgives it, as the thread tells (T12); what contradicts it never forgives. needed: without it
    nobody knows who calls, so that not even `soft` goes on.
    """

    slug: str
    asks: str
    look: Callable[[Call], str | None]
    menu: str = ""
    lenient: bool = False
    needed: bool = False


def _token(call: Call) -> str | None:
    return call.token_problem[1] if call.token_problem else None


def _environment(call: Call) -> str | None:
    claimed = call.claim("environment")
    if claimed == call.environment:
        return None
    return f"the token was issued for {claimed}, this is {call.environment}"


def _client(call: Call) -> str | None:
    if call.client is None:
        return f"API client {call.claim('client_id')} is not registered in this environment"
    return None if call.client.enabled else f"API client {call.client.client_id} is disabled"


def _address(call: Call) -> str | None:
    client = call.client
    if client is None or not client.addresses or within(call.address, client.addresses):
        return None
    return f"API client {client.client_id} may call from {', '.join(client.addresses)}; this came from {call.address}"


def _token_tenant(call: Call) -> str | None:
    if not call.operation.planning or call.claim("tenant_id"):
        return None
    return "the token carries no tenant context: tenant_context was not sent with the token request"


def _tenant_header(call: Call) -> str | None:
    if not call.operation.planning or call.tenant_header is not None:
        return None
    return "the X-Tenant-ID header is missing"


def _tenant_match(call: Call) -> str | None:
    header, bound = call.tenant_header, call.claim("tenant_id")
    if header is None:
        return None
    if not _TENANT_ID.fullmatch(header):
        return f"X-Tenant-ID {header[:64]!r} is no tenant id"
    if bound is None:
        bound = call.client.tenant_id if call.client else None
    return None if header == bound else f"X-Tenant-ID is {header}, the token belongs to {bound}"


def _client_tenant(call: Call) -> str | None:
    bound = call.claim("tenant_id")
    if call.client is None or bound is None or call.client.tenant_id == bound:
        return None
    return f"API client {call.client.client_id} is registered in another tenant than {bound}"


def _module(call: Call) -> str | None:
    if not call.operation.planning or call.tenant is None or "workforce-planning" in call.tenant.modules:
        return None
    return f"{call.tenant.name} has no workforce planning module"


def _scope(call: Call) -> str | None:
    wanted = call.operation.scopes
    granted = (call.claim("scope") or "").split(" ")
    if not wanted or any(scope in granted for scope in wanted):
        return None
    near = [scope for scope in granted if scope in call.operation.near]
    hint = f"; {' and '.join(near)} look like it and are not enough" if near else ""
    return f"the token lacks the scope {wanted[-1]}{hint}"


def _registration(call: Call) -> str | None:
    if call.client is None:
        return None
    missing = [scope for scope in call.operation.registered if scope not in call.client.scopes]
    return f"API client {call.client.client_id} is not registered for {', '.join(missing)}" if missing else None


def _planning_permission(call: Call) -> str | None:
    if not call.operation.planning or call.client is None or call.client.planning_permission:
        return None
    return f"API client {call.client.client_id} lacks the tenant's workforce planning permission"


def _role(call: Call) -> str | None:
    wanted = call.operation.permission
    if wanted is None or call.client is None:
        return None
    account, who = call.account, _called(call)
    if account is None:
        return f"{who} does not exist"
    if account.tenant_id != call.client.tenant_id:
        return f"{who} belongs to another tenant"
    if account.locked:
        return f"{who} is locked"
    if call.reach() != frozenset():
        return None
    waiting = next((one for one in account.assignments if one.holds(wanted)), None)
    if waiting is not None:
        return f"{who} has {_waits(waiting, call.at)}"
    return f"{who} has no role with {wanted.key} / {wanted.action} ({wanted.default.lower()} by default)"


def _called(call: Call) -> str:
    if isinstance(call.account, Person) or call.claim("sid"):
        return f"the person {call.claim('sub')}"
    return f"service account {call.client.service_account if call.client else ''}"


def _waits(assignment: Assignment, now: str) -> str:
    if assignment.state(now) == "delegated":
        return f"the role {assignment.role} for people only: it is delegated, not an application's"
    if assignment.state(now) == "pending":
        return f"the role {assignment.role}, but it is pending: nobody has activated it"
    return f"the role {assignment.role}, but it is still propagating: it takes effect at {assignment.effective_at}"


CHECKS: tuple[Check, ...] = (
    Check("token", "Is the bearer token one of ours, in date and meant for us?", _token, needed=True),
    Check("environment", "Was the token issued for this environment?", _environment),
    Check("client", "Is the API client registered here and enabled?", _client, API_CLIENTS, needed=True),
    Check("address", "May the API client call from there?", _address, API_CLIENTS),
    Check(
        "token-tenant",
        "Does the token carry a tenant context?",
        _token_tenant,
        API_CONFIGURATION,
        lenient=True,
    ),
    Check("tenant-header", "Is X-Tenant-ID present?", _tenant_header, API_CONFIGURATION, lenient=True),
    Check("tenant-match", "Do header and token name the same tenant?", _tenant_match, API_CONFIGURATION),
    Check("client-tenant", "Is the API client registered in that tenant?", _client_tenant, API_CLIENTS),
    Check("module", "Does the tenant have workforce planning?", _module),
    Check("scope", "Does the token hold the exact scope?", _scope, API_CLIENTS, lenient=True),
    Check(
        "registration",
        "Is the client registered for the other scopes?",
        _registration,
        API_CLIENTS,
        lenient=True,
    ),
    Check(
        "planning-permission",
        "Has the client the tenant's planning permission?",
        _planning_permission,
        API_CLIENTS,
        lenient=True,
    ),
    Check("role", "Has the account an active role?", _role, ROLE_MANAGEMENT, lenient=True),
)
"""In production's order. A check relies on those before it."""


def judge(call: Call, *, strictness: str) -> Decision:
    """Walk the checks; stop at the first that refuses.

    strictness: `production` refuses whatever is wrong; `sandbox` forgives what is missing or misspelt, and still
    refuses what contradicts (a foreign token, another tenant's header); `soft` forgives everything that production
    would refuse of a caller it knows. Employee data and the audit log are guarded by their own permission in a sandbox
    too: there only planning is forgiven.
    """
    steps: list[Step] = []
    for check in CHECKS:
        wrong = check.look(call)
        slug = call.token_problem[0] if wrong and check.slug == "token" and call.token_problem else check.slug
        if wrong is None:
            outcome, detail = "holds", ""
        elif _forgives(check, call, strictness):
            outcome, detail = "forgiven", wrong
        else:
            outcome, detail = "denied", wrong
        steps.append(Step(slug, check.asks, outcome, detail, check.menu))
        if outcome == "denied":
            break
    return Decision(tuple(steps))


def _forgives(check: Check, call: Call, strictness: str) -> bool:
    if strictness == "soft":
        return not check.needed
    return strictness == "sandbox" and check.lenient and call.operation.planning

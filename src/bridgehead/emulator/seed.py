"""The state a new emulator starts with: two tenants, Acme and Globex, in two environments, sandbox and production.

Everything here is made up and fixed, so that the examples always work. The secrets are no secrets.
"""

from __future__ import annotations

import msgspec

from bridgehead.emulator.directory import (
    ApiClient,
    Person,
    Secret,
    ServiceAccount,
    Tenant,
    active,
    hash_password,
    hash_secret,
)
from bridgehead.emulator.records import Catalogue
from bridgehead.emulator.store import Store

TENANT_IDS = {
    ("production", "acme"): "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101",
    ("production", "globex"): "7d1e4c3a-93b5-4c0f-8a57-5e0d6a9cf202",
    ("sandbox", "acme"): "a51c2d90-1f5b-4be7-b1d4-90c6de77e303",
    ("sandbox", "globex"): "c8f03b6e-2a49-4d65-8e0a-1b7f52d3a404",
}
_EXACT = ("workforce.planning.write", "compliance.data.access", "tenant.context.read")
_ADMINISTRATOR = "Workforce Planning Administrator"


class SeedClient(msgspec.Struct, frozen=True):
    """A demo API client with its secret in the clear, for the banner and the example configuration."""

    tenant: str
    client_id: str
    secret: str
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    planning_permission: bool
    purpose: str


def clients(environment: str) -> list[SeedClient]:
    """Return the demo clients of an environment.

    *-headcount: registered as the thread's answer asks. *-integration: as in the thread's question, with near-miss
    scopes, no planning permission and no planning role. *-auditor: may read the audit log.
    """
    made = []
    for tenant in ("acme", "globex"):
        prefix = f"{tenant}-{environment}"
        made += [
            SeedClient(
                tenant,
                f"{tenant}-headcount",
                f"{prefix}-headcount-secret",
                _EXACT,
                (_ADMINISTRATOR,),
                planning_permission=True,
                purpose="registered as it should be",
            ),
            SeedClient(
                tenant,
                f"{tenant}-integration",
                f"{prefix}-integration-secret",
                ("workforce:write", "planning:manage", "employees.read"),
                ("Employee Data Reader",),
                planning_permission=False,
                purpose="last month's script: near-miss scopes, no planning role",
            ),
            SeedClient(
                tenant,
                f"{tenant}-auditor",
                f"{prefix}-auditor-secret",
                ("audit.logs.read",),
                ("System Auditor",),
                planning_permission=False,
                purpose="may read the audit log",
            ),
        ]
    return made


class SeedPerson(msgspec.Struct, frozen=True):
    """A demo person with their password in the clear."""

    username: str
    password: str
    name: str
    roles: tuple[str, ...]
    administrator: bool = False


def _desk(tenant: str, tenant_id: str) -> ApiClient:
    """Return the public client with which people sign in from their own machine (RFC 8252)."""
    return ApiClient(
        f"{tenant}-desk",
        tenant_id,
        "",
        _EXACT,
        methods=("none",),
        grants=("authorization_code", "refresh_token"),
        redirect_uris=("http://127.0.0.1/callback", "http://[::1]/callback"),
        planning_permission=True,
    )


def catalogue(tenant: str) -> Catalogue:
    """Return what a demo tenant plans with. Codes have leading zeros on purpose."""
    units, jobs = (60, 25) if tenant == "acme" else (40, 25)
    return Catalogue(
        scenarios=(
            {"code": "budget", "name": "Budget", "versions": ["v1", "v2"], "read_only": False},
            {"code": "forecast", "name": "Rolling forecast", "versions": ["v1"], "read_only": False},
            {"code": "actual", "name": "Actuals", "versions": ["v1"], "read_only": True},
        ),
        open_from="2027-01-01",
        open_to="2029-12-01",
        org_units=_codes("{:04d}", "Department {}", range(100, 100 + units), retired="0099"),
        cost_centers=_codes("CC{:04d}", "Cost centre {}", range(100, 100 + units)),
        locations=_codes("L{:02d}", "Site {}", range(1, 13)),
        jobs=_codes("J{:03d}", "Job {}", range(1, 1 + jobs), retired="J000"),
    )


def _codes(pattern: str, name: str, numbers: range, retired: str | None = None) -> tuple[dict[str, object], ...]:
    codes: list[dict[str, object]] = [
        {"code": pattern.format(number), "name": name.format(number), "active": True} for number in numbers
    ]
    if retired is not None:
        codes.append({"code": retired, "name": "No longer used", "active": False})
    return tuple(codes)


def people(tenant: str) -> list[SeedPerson]:
    """Return the demo people of a tenant: a planner, and the administrator who may use the console."""
    return [
        SeedPerson(f"planner@{tenant}.example", f"{tenant}-planner", "Paula Planner", (_ADMINISTRATOR,)),
        SeedPerson(
            f"admin@{tenant}.example", f"{tenant}-admin", "Ada Administrator", ("System Auditor",), administrator=True
        ),
    ]


def plant(store: Store, hash_key: bytes, now: str) -> None:
    """Write the seed into an environment that is still empty."""
    for tenant in ("acme", "globex"):
        tenant_id = TENANT_IDS[store.environment, tenant]
        store.keep(tenant_id, Tenant(tenant_id, tenant.capitalize()))
        store.keep(tenant_id, catalogue(tenant))
        for one in people(tenant):
            password = hash_password(one.password, bytes(16), cost=2)
            assignments = active(one.roles, now)
            person = Person(one.username, tenant_id, one.name, password, assignments, administrator=one.administrator)
            store.keep(one.username, person)
        store.keep(f"{tenant}-desk", _desk(tenant, tenant_id))
    for client in clients(store.environment):
        tenant_id = TENANT_IDS[store.environment, client.tenant]
        account = f"svc-{client.client_id}"
        store.keep(account, ServiceAccount(account, tenant_id, active(client.roles, now)))
        store.keep(
            client.client_id,
            ApiClient(
                client.client_id,
                tenant_id,
                account,
                client.scopes,
                (Secret(hash_secret(client.secret, hash_key), now),),
                planning_permission=client.planning_permission,
            ),
        )

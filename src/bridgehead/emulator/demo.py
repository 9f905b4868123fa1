"""The seed that is planted when nobody brings one: two tenants, Acme and Globex, in production and in a sandbox.

Everything here is made up and fixed, so that the examples always work. The secrets are no secrets.
"""

from __future__ import annotations

from bridgehead.emulator.seed import (
    ENVIRONMENTS,
    Seed,
    SeedCatalogue,
    SeedClient,
    SeedCode,
    SeedPerson,
    SeedScenario,
    SeedTenant,
)

_TENANT_IDS = {
    ("production", "acme"): "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101",
    ("production", "globex"): "7d1e4c3a-93b5-4c0f-8a57-5e0d6a9cf202",
    ("sandbox", "acme"): "a51c2d90-1f5b-4be7-b1d4-90c6de77e303",
    ("sandbox", "globex"): "c8f03b6e-2a49-4d65-8e0a-1b7f52d3a404",
}
_EXACT = ("workforce.planning.write", "compliance.data.access", "tenant.context.read")
_ADMINISTRATOR = "Workforce Planning Administrator"
_AS_IT_SHOULD_BE = "registered as it should be"


def demo_seed(dialect: str = "thread") -> Seed:
    """Return the seed. dialect: whose tenant ids its tenants have."""
    return Seed(*(tuple(_tenant(one, name, dialect) for name in ("acme", "globex")) for one in ENVIRONMENTS))


def _tenant(environment: str, name: str, dialect: str) -> SeedTenant:
    return SeedTenant(
        name=name,
        tenant_id=_tenant_id(environment, name, dialect),
        title=name.capitalize(),
        catalogue=_catalogue(60 if name == "acme" else 40),
        clients=_clients(name, f"{name}-{environment}"),
        people=(
            SeedPerson(f"planner@{name}.example", f"{name}-planner", "Paula Planner", (_ADMINISTRATOR,)),
            SeedPerson(
                f"admin@{name}.example", f"{name}-admin", "Ada Administrator", ("System Auditor",), administrator=True
            ),
        ),
    )


def _tenant_id(environment: str, name: str, dialect: str) -> str:
    """Return an id as the dialect has it: a UUID, or `org_` with sixteen letters and digits."""
    known = _TENANT_IDS[environment, name]
    return known if dialect == "thread" else f"org_{known.replace('-', '')[:16]}"


def _clients(tenant: str, prefix: str) -> tuple[SeedClient, ...]:
    """Return the demo clients of a tenant.

    *-headcount: registered as the thread's answer asks. *-integration: as in the thread's question, with near-miss
    scopes, no planning permission and no planning role. *-auditor: may read the audit log. *-desk: the public client
    with which people sign in from their own machine (RFC 8252).
    """
    return (
        SeedClient(
            f"{tenant}-headcount",
            f"{prefix}-headcount-secret",
            _EXACT,
            (_ADMINISTRATOR,),
            planning_permission=True,
            purpose=_AS_IT_SHOULD_BE,
        ),
        SeedClient(
            f"{tenant}-integration",
            f"{prefix}-integration-secret",
            ("workforce:write", "planning:manage", "employees.read"),
            ("Employee Data Reader",),
            purpose="last month's script: near-miss scopes, no planning role",
        ),
        SeedClient(
            f"{tenant}-auditor",
            f"{prefix}-auditor-secret",
            ("audit.logs.read",),
            ("System Auditor",),
            purpose="may read the audit log",
        ),
        SeedClient(
            f"{tenant}-desk",
            "",
            _EXACT,
            planning_permission=True,
            purpose="people sign in with it from their own machine",
            methods=("none",),
            grants=("authorization_code", "refresh_token"),
            redirect_uris=("http://127.0.0.1/callback", "http://[::1]/callback"),
        ),
    )


def _catalogue(units: int) -> SeedCatalogue:
    """Return what a demo tenant plans with. Codes have leading zeros on purpose."""
    return SeedCatalogue(
        open_from="2027-01-01",
        open_to="2029-12-01",
        scenarios=(
            SeedScenario("budget", "Budget", ("v1", "v2")),
            SeedScenario("forecast", "Rolling forecast"),
            SeedScenario("actual", "Actuals", read_only=True),
        ),
        org_units=_codes("{:04d}", "Department {}", range(100, 100 + units), retired="0099"),
        cost_centers=_codes("CC{:04d}", "Cost centre {}", range(100, 100 + units)),
        locations=_codes("L{:02d}", "Site {}", range(1, 13)),
        jobs=_codes("J{:03d}", "Job {}", range(1, 26), retired="J000"),
    )


def _codes(pattern: str, name: str, numbers: range, retired: str = "") -> tuple[SeedCode, ...]:
    codes = [SeedCode(pattern.format(number), name.format(number)) for number in numbers]
    return (*codes, SeedCode(retired, "No longer used", active=False)) if retired else tuple(codes)

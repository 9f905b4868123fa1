"""Who exists in an environment: tenants, API clients, service accounts and what each role allows.

The words are those of UKG Pro's screens: an API client is registered in *Integration Hub > API Clients*, a service
account gets its roles in *Role Management*, a tenant's identifier stands in *System Configuration > Organization
Settings > API Configuration*.
"""

from __future__ import annotations

import hashlib
import hmac

import msgspec

API_CLIENTS = "Integration Hub > API Clients"
ROLE_MANAGEMENT = "Role Management"
API_CONFIGURATION = "System Configuration > Organization Settings > API Configuration"


class Permission(msgspec.Struct, frozen=True):
    """One thing a service account may be allowed to do, as UKG documents it."""

    key: str
    action: str
    default: str
    menu: str


PLANNING_READ = Permission("workforce-planning", "View", "Disallowed", ROLE_MANAGEMENT)
PLANNING_WRITE = Permission("workforce-planning", "Edit", "Disallowed", ROLE_MANAGEMENT)
EMPLOYEES_READ = Permission("employee-data", "View", "Disallowed", ROLE_MANAGEMENT)
AUDIT_READ = Permission("api-access-logs", "View", "Disallowed", ROLE_MANAGEMENT)

ROLES: dict[str, tuple[Permission, ...]] = {
    "Workforce Planning Administrator": (PLANNING_READ, PLANNING_WRITE),
    "Workforce Planning Viewer": (PLANNING_READ,),
    "Employee Data Reader": (EMPLOYEES_READ,),
    "System Auditor": (AUDIT_READ,),
}

SCOPES: frozenset[str] = frozenset(
    {
        "workforce.planning.write",
        "workforce.planning.read",
        "compliance.data.access",
        "tenant.context.read",
        "workforce:write",
        "planning:manage",
        "employees.read",
        "audit.logs.read",
    }
)


class Tenant(msgspec.Struct, frozen=True):
    """One organization that lives in the environment."""

    tenant_id: str
    name: str
    modules: tuple[str, ...] = ("core-hr", "workforce-planning")
    release: str = "2022.2"


class ApiClient(msgspec.Struct, frozen=True):
    """A program's registration: its secret (kept hashed), its scopes, and the one tenant it belongs to."""

    client_id: str
    secret_hash: str
    tenant_id: str
    service_account: str
    scopes: tuple[str, ...]
    planning_permission: bool = False
    enabled: bool = True


class ServiceAccount(msgspec.Struct, frozen=True):
    """The account on whose behalf an API client acts."""

    account_id: str
    tenant_id: str
    roles: tuple[str, ...] = ()

    def may(self, permission: Permission) -> bool:
        """Whether one of the account's roles holds this permission."""
        return any(permission in ROLES.get(role, ()) for role in self.roles)


def hash_secret(secret: str, key: bytes) -> str:
    """Keyed hash of a client secret.

    A client secret is made of chance, not chosen by a person, so a slow password hash would only slow the token
    endpoint down (measured: argon2 at its defaults gives 6 tokens a second).
    The seed's are fixed words, for demonstration.
    """
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()


def secret_matches(client: ApiClient, secret: str, key: bytes) -> bool:
    """Compare a presented secret in constant time."""
    return hmac.compare_digest(client.secret_hash, hash_secret(secret, key))

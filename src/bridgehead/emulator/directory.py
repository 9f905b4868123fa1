"""Who exists in an environment: tenants, API clients, service accounts and what each role allows.

The words are those of UKG Pro's screens: an API client is registered in *Integration Hub > API Clients*, a service
account gets its roles in *Role Management*, a tenant's identifier stands in *System Configuration > Organization
Settings > API Configuration*.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from functools import lru_cache

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


class Secret(msgspec.Struct, frozen=True):
    """A client secret as it is kept. It is shown once, when it is made; afterwards only its keyed hash is known."""

    hash: str
    made_at: str


class ApiClient(msgspec.Struct, frozen=True):
    """A program's registration: how it proves who it is, which grants and scopes it has, and its one tenant.

    secrets: the newest last; two are valid while they are rotated. keys: public keys (JWK) for `private_key_jwt`.
    service_account: on whose behalf it acts where no person has signed in. addresses: networks (CIDR) from which it may
    call; none means any.
    """

    client_id: str
    tenant_id: str
    service_account: str
    scopes: tuple[str, ...]
    secrets: tuple[Secret, ...] = ()
    keys: tuple[dict[str, str], ...] = ()
    methods: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
    grants: tuple[str, ...] = ("client_credentials",)
    redirect_uris: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    planning_permission: bool = False
    enabled: bool = True


class Assignment(msgspec.Struct, frozen=True):
    """A role that somebody was given.

    activated_at: when an administrator activated it; until then it is pending. effective_at: when it takes effect;
    until then it is propagating. Both are moments in UTC, ISO 8601. org_units: the only ones it counts for; none means
    all. people_only: it counts where a person acts, not for a service account by itself.
    """

    role: str
    activated_at: str | None = None
    effective_at: str | None = None
    org_units: tuple[str, ...] = ()
    people_only: bool = False

    def state(self, now: str) -> str:
        """Tell whether it is `delegated` (to people only), `pending`, `propagating` or `active`."""
        if self.people_only:
            return "delegated"
        if self.activated_at is None:
            return "pending"
        return "active" if (self.effective_at or self.activated_at) <= now else "propagating"

    def holds(self, permission: Permission) -> bool:
        """Whether its role holds a permission."""
        return permission in ROLES.get(self.role, ())


class ServiceAccount(msgspec.Struct, frozen=True):
    """The account on whose behalf an API client acts."""

    account_id: str
    tenant_id: str
    assignments: tuple[Assignment, ...] = ()
    locked: bool = False


class Person(msgspec.Struct, frozen=True):
    """Somebody who signs in: for the user-delegated flow, and to the admin console.

    password: as `hash_password` keeps it. administrator: may use the console.
    """

    username: str
    tenant_id: str
    name: str
    password: str
    assignments: tuple[Assignment, ...] = ()
    administrator: bool = False
    locked: bool = False


def active(roles: Sequence[str], now: str, *, org_units: tuple[str, ...] = ()) -> tuple[Assignment, ...]:
    """Return assignments of roles that take effect at once."""
    return tuple(Assignment(role, now, now, org_units) for role in roles)


def reach(assignments: Sequence[Assignment], permission: Permission, now: str) -> frozenset[str] | None:
    """Return the org units for which a permission is held by now: none of them when empty, all of them when None."""
    effective = [one for one in assignments if one.holds(permission) and one.state(now) == "active"]
    if any(not one.org_units for one in effective):
        return None
    return frozenset(unit for one in effective for unit in one.org_units)


def hash_secret(secret: str, key: bytes) -> str:
    """Keyed hash of a client secret, or of a token that is kept.

    A client secret is made of chance, not chosen by a person, so a slow password hash would only slow the token
    endpoint down (measured: argon2 at its defaults gives 6 tokens a second).
    The seed's are fixed words, for demonstration.
    """
    hashed = _keyed(key).copy()
    hashed.update(secret.encode())
    return hashed.hexdigest()


@lru_cache(maxsize=8)
def _keyed(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod=hashlib.sha256)


def new_secret() -> str:
    """Return a fresh secret of 256 bits, in letters that no form and no Basic header changes."""
    return secrets.token_hex(32)


def secret_matches(client: ApiClient, secret: str, key: bytes) -> bool:
    """Compare a presented secret with those that are valid, in constant time."""
    presented = hash_secret(secret, key)
    return any([hmac.compare_digest(one.hash, presented) for one in client.secrets])  # noqa: C419 - all are compared


def hash_password(password: str, salt: bytes, *, cost: int = 2**14) -> str:
    """Return a password as it is kept: scrypt (RFC 7914), since people choose what can be guessed.

    cost: 60 ms by default; the seed's passwords are known to all, and cost nothing.
    """
    digest = hashlib.scrypt(password.encode(), salt=salt, n=cost, r=8, p=1)
    return f"{cost}${salt.hex()}${digest.hex()}"


def password_matches(person: Person | None, password: str) -> bool:
    """Compare a password with the kept one; nobody's takes as long as somebody's."""
    kept = person.password if person is not None else _NOBODYS
    cost, salt, _ = kept.split("$")
    presented = hash_password(password, bytes.fromhex(salt), cost=int(cost))
    return hmac.compare_digest(presented, kept) and person is not None


_NOBODYS = f"{2**14}${bytes(16).hex()}$"

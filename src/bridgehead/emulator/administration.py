"""What an administrator does on UKG's screens: register clients, rotate secrets, assign roles, set how strict it is.

The same for the console's forms and for the switches under `/_emulator`. What does not fit is refused in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from bridgehead.emulator.authorization.clients import METHODS
from bridgehead.emulator.authorization.grants import GRANTS
from bridgehead.emulator.authorization.keys import ALGORITHMS, SigningKey
from bridgehead.emulator.directory import (
    ROLES,
    SCOPES,
    ApiClient,
    Assignment,
    Person,
    Secret,
    ServiceAccount,
    Tenant,
    active,
    hash_secret,
    new_secret,
)
from bridgehead.emulator.environment import Environment
from bridgehead.emulator.gate import STRICTNESS
from bridgehead.emulator.network import is_network

_CLIENT_ID = re.compile(r"(?!\.+$)[ -.0-~]+")
"""RFC 6749 appendix A.1; besides, it stands in addresses as one part of their path."""

MODULES = ("core-hr", "workforce-planning")
"""What a tenant can license."""


class Unfit(Exception):
    """A change that cannot be made; status: what HTTP calls it."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class ClientChange(msgspec.Struct, forbid_unknown_fields=True):
    """What may be changed on *Integration Hub > API Clients*; what is None stays."""

    scopes: tuple[str, ...] | None = None
    planning_permission: bool | None = None
    enabled: bool | None = None
    grants: tuple[str, ...] | None = None
    methods: tuple[str, ...] | None = None
    redirect_uris: tuple[str, ...] | None = None
    addresses: tuple[str, ...] | None = None
    keys: tuple[dict[str, str], ...] | None = None


class Registration(ClientChange, kw_only=True):
    """A new API client, in one tenant, with a service account of its own. roles: of that account, active at once."""

    client_id: str
    tenant_id: str
    roles: tuple[str, ...] = ()


class AccountChange(msgspec.Struct, forbid_unknown_fields=True):
    """What may be changed in *Role Management*. roles: as assignments that take effect at once."""

    roles: tuple[str, ...] | None = None
    assignments: tuple[Assignment, ...] | None = None
    locked: bool | None = None


def _check_known(what: str, named: Iterable[str] | None, known: Iterable[str]) -> None:
    unknown = sorted(set(named or ()) - set(known))
    if unknown:
        raise Unfit(f"unknown {what} {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def _check(change: ClientChange) -> None:
    _check_known("scope", change.scopes, SCOPES)
    _check_known("grant", change.grants, GRANTS)
    _check_known("method", change.methods, METHODS)
    for network in change.addresses or ():
        if not is_network(network):
            raise Unfit(f"{network} is no address and no network, such as 10.0.0.0/8")


def _client(environment: Environment, client_id: str) -> ApiClient:
    client = environment.client(client_id)
    if client is None:
        raise Unfit(f"no API client {client_id}", 404)
    return client


def _changed(client: ApiClient, change: ClientChange) -> ApiClient:
    names = ClientChange.__struct_fields__
    asked = {name: value for name in names if (value := getattr(change, name)) is not None}
    return msgspec.structs.replace(client, **asked)


def register_client(environment: Environment, asked: Registration) -> tuple[ApiClient, str]:
    """Register a client; return it with its secret, which nobody learns again (empty for a public client)."""
    _check(asked)
    _check_known("role", asked.roles, ROLES)
    if not asked.client_id or asked.client_id != asked.client_id.strip():
        raise Unfit("a client needs a name, without blanks around it")
    if not _CLIENT_ID.fullmatch(asked.client_id):
        raise Unfit("a client's name is of printable ASCII characters, without / and not of dots alone")
    if environment.client(asked.client_id) is not None:
        raise Unfit(f"there is an API client {asked.client_id} already", 409)
    if environment.store.find(Tenant, asked.tenant_id) is None:
        raise Unfit(f"there is no tenant {asked.tenant_id}")
    account = ServiceAccount(f"svc-{asked.client_id}", asked.tenant_id, active(asked.roles, environment.now()))
    client = _changed(ApiClient(asked.client_id, asked.tenant_id, account.account_id, ()), asked)
    environment.store.keep(account.account_id, account)
    environment.store.keep(client.client_id, client)
    return (client, "") if client.methods == ("none",) else add_secret(environment, client.client_id)


def change_client(environment: Environment, client_id: str, change: ClientChange) -> ApiClient:
    """Change a client's scopes, permission, grants, methods, addresses or keys, or disable it."""
    client = _client(environment, client_id)
    _check(change)
    changed = _changed(client, change)
    environment.store.keep(client_id, changed)
    return changed


def add_secret(environment: Environment, client_id: str) -> tuple[ApiClient, str]:
    """Make another secret; return the client with it. The one before stays valid until it is withdrawn."""
    client = _client(environment, client_id)
    if len(client.secrets) > 1:
        raise Unfit("two secrets are valid already; withdraw the older one first", 409)
    secret = new_secret()
    made = Secret(hash_secret(secret, environment.hash_key), environment.now())
    changed = msgspec.structs.replace(client, secrets=(*client.secrets, made))
    environment.store.keep(client_id, changed)
    return changed, secret


def withdraw_secret(environment: Environment, client_id: str, number: int) -> ApiClient:
    """Let a secret count no more. number: 1 is the older one."""
    client = _client(environment, client_id)
    if not 1 <= number <= len(client.secrets):
        raise Unfit(f"API client {client_id} has no secret {number}", 404)
    kept = tuple(one for place, one in enumerate(client.secrets, 1) if place != number)
    changed = msgspec.structs.replace(client, secrets=kept)
    environment.store.keep(client_id, changed)
    return changed


def change_account(environment: Environment, account_id: str, change: AccountChange) -> ServiceAccount:
    """Change a service account's roles, or lock it."""
    account = environment.store.find(ServiceAccount, account_id)
    if account is None:
        raise Unfit(f"no service account {account_id}", 404)
    assignments, locked = _assigned(environment, account, change)
    changed = msgspec.structs.replace(account, assignments=assignments, locked=locked)
    environment.store.keep(account_id, changed)
    return changed


def change_person(environment: Environment, username: str, change: AccountChange) -> Person:
    """Change a person's roles, or lock them."""
    person = environment.store.find(Person, username)
    if person is None:
        raise Unfit(f"no person {username}", 404)
    assignments, locked = _assigned(environment, person, change)
    changed = msgspec.structs.replace(person, assignments=assignments, locked=locked)
    environment.store.keep(username, changed)
    return changed


def _assigned(
    environment: Environment, found: ServiceAccount | Person, change: AccountChange
) -> tuple[tuple[Assignment, ...], bool]:
    _check_known("role", change.roles, ROLES)
    _check_known("role", [one.role for one in change.assignments or ()], ROLES)
    units = {unit["code"] for unit in environment.catalogue(found.tenant_id).org_units}
    _check_known("org unit", [unit for one in change.assignments or () for unit in one.org_units], units)
    assignments = found.assignments if change.assignments is None else change.assignments
    if change.roles is not None:
        assignments = active(change.roles, environment.now())
    return assignments, found.locked if change.locked is None else change.locked


def change_tenant(environment: Environment, tenant: Tenant) -> None:
    """Change what a tenant has."""
    environment.store.keep(tenant.tenant_id, tenant)


def set_strictness(environment: Environment, strictness: str) -> None:
    """Set how much the environment forgives, from now on."""
    _check_known("strictness", [strictness], STRICTNESS)
    environment.strictness = strictness


def rotate_key(environment: Environment, algorithm: str) -> SigningKey:
    """Sign with a new key from now on. algorithm: as before when empty."""
    _check_known("algorithm", [algorithm] if algorithm else [], ALGORITHMS)
    return environment.keys.rotate(algorithm)


def withdraw_key(environment: Environment, kid: str) -> None:
    """Let what a key signed count no more."""
    if not environment.keys.withdraw(kid):
        raise Unfit(f"{kid} is no key here, or the one that signs", 404)

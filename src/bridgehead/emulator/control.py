"""The emulator's own switches under `/_emulator`, which no UKG Pro has: read the log, change clients, assign roles.

They do what an administrator does on UKG's screens, for tests and for curl. Unknown fields are refused.
"""

from __future__ import annotations

from functools import wraps
from typing import Any, TypeVar

import msgspec

from bridgehead.emulator.authorization.clients import METHODS
from bridgehead.emulator.authorization.grants import GRANTS
from bridgehead.emulator.authorization.keys import ALGORITHMS
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
from bridgehead.emulator.exchange import Answer, Handler, Inbound, json_answer, page_size
from bridgehead.emulator.gate import STRICTNESS
from bridgehead.emulator.network import is_network
from bridgehead.emulator.pages import style


class ClientChange(msgspec.Struct, forbid_unknown_fields=True):
    """What may be changed on *Integration Hub > API Clients*."""

    scopes: tuple[str, ...] | None = None
    planning_permission: bool | None = None
    enabled: bool | None = None
    grants: tuple[str, ...] | None = None
    methods: tuple[str, ...] | None = None
    redirect_uris: tuple[str, ...] | None = None
    addresses: tuple[str, ...] | None = None
    keys: tuple[dict[str, str], ...] | None = None


class Registration(ClientChange, kw_only=True):
    """A new API client, in one tenant, with a service account of its own."""

    client_id: str
    tenant_id: str
    roles: tuple[str, ...] = ()


class AccountChange(msgspec.Struct, forbid_unknown_fields=True):
    """What may be changed in *Role Management*. roles: as assignments that take effect at once."""

    roles: tuple[str, ...] | None = None
    assignments: tuple[Assignment, ...] | None = None
    locked: bool | None = None


class EnvironmentChange(msgspec.Struct, forbid_unknown_fields=True):
    """How strict the environment is."""

    strictness: str


class KeyRotation(msgspec.Struct, forbid_unknown_fields=True):
    """What the next key signs with; by default as the one before."""

    algorithm: str = ""


_Change = TypeVar("_Change", bound=msgspec.Struct)


class _Unfit(Exception):
    """A change that cannot be made."""


def _wrong(message: str, status: int = 400) -> Answer:
    return json_answer(status, {"error": "invalid_request", "message": message})


def _asked(inbound: Inbound, kind: type[_Change]) -> _Change:
    """Return the change that the body asks for; raise _Unfit when it is none."""
    try:
        return msgspec.json.decode(inbound.body or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise _Unfit(f"the body is not a change that can be made here: {wrong}") from None


def _if_it_fits(handle: Handler) -> Handler:
    """Let a switch raise _Unfit, and answer what does not fit."""

    @wraps(handle)
    def answered(environment: Environment, inbound: Inbound) -> Answer:
        try:
            return handle(environment, inbound)
        except _Unfit as unfit:
            return _wrong(str(unfit))

    return answered


def _known(what: str, named: Any, known: Any) -> None:
    unknown = sorted(set(named or ()) - set(known))
    if unknown:
        raise _Unfit(f"unknown {what} {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def _shown(client: ApiClient) -> dict[str, Any]:
    """Return a client without its secrets' hashes."""
    document: dict[str, Any] = msgspec.to_builtins(client)
    document["secrets"] = [{"made_at": one.made_at} for one in client.secrets]
    return document


def _person(person: Person) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(person)
    del document["password"]
    return document


def state(environment: Environment, _: Inbound) -> Answer:
    """`GET /_emulator/state`: who exists here and how strict it is."""
    return json_answer(
        200,
        {
            "environment": environment.name,
            "strictness": environment.strictness,
            "tenants": environment.store.every(Tenant),
            "clients": [_shown(client) for client in environment.store.every(ApiClient)],
            "service_accounts": environment.store.every(ServiceAccount),
            "people": [_person(person) for person in environment.store.every(Person)],
            "keys": [{"kid": key.kid, "algorithm": key.algorithm} for key in environment.keys.all],
            "roles": sorted(ROLES),
            "scopes": sorted(SCOPES),
        },
    )


def style_sheet(_: Environment, __: Inbound) -> Answer:
    """`GET /_emulator/ukg.css`: how the pages look."""
    headers = {"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Answer(200, style(), headers, media_type="text/css; charset=utf-8")


def audit(environment: Environment, inbound: Inbound) -> Answer:
    """`GET /_emulator/audit`: the audit log of all tenants, newest first."""
    size = page_size(inbound, default=20, most=100_000)
    if size is None:
        return _wrong("limit must be 1 to 100000")
    entries = environment.audit.read(
        client_id=inbound.query.get("client_id"),
        correlation_id=inbound.query.get("correlation_id"),
        limit=size,
    )
    return json_answer(200, {"entries": entries})


@_if_it_fits
def change_environment(environment: Environment, inbound: Inbound) -> Answer:
    """`PATCH /_emulator/environment`: how strict it is."""
    change = _asked(inbound, EnvironmentChange)
    _known("strictness", [change.strictness], STRICTNESS)
    environment.strictness = change.strictness
    return json_answer(200, {"environment": environment.name, "strictness": environment.strictness})


@_if_it_fits
def rotate_key(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /_emulator/keys`: sign with a new key from now on; the ones before still verify."""
    change = _asked(inbound, KeyRotation)
    _known("algorithm", [change.algorithm] if change.algorithm else [], ALGORITHMS)
    made = environment.keys.rotate(change.algorithm)
    return json_answer(201, {"kid": made.kid, "algorithm": made.algorithm})


def withdraw_key(environment: Environment, inbound: Inbound) -> Answer:
    """`DELETE /_emulator/keys/{id}`: what it signed is no longer accepted."""
    kid = inbound.parameters["id"]
    if not environment.keys.withdraw(kid):
        return _wrong(f"{kid} is no key here, or the one that signs", 404)
    return json_answer(200, {"withdrawn": kid})


@_if_it_fits
def register_client(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /_emulator/clients`: register a client; its secret is shown this once."""
    asked = _asked(inbound, Registration)
    _check(asked)
    _known("role", asked.roles, ROLES)
    if environment.client(asked.client_id) is not None:
        return _wrong(f"there is an API client {asked.client_id} already", 409)
    if environment.store.find(Tenant, asked.tenant_id) is None:
        return _wrong(f"there is no tenant {asked.tenant_id}")
    account = ServiceAccount(f"svc-{asked.client_id}", asked.tenant_id, active(asked.roles, environment.now()))
    client = _changed(ApiClient(asked.client_id, asked.tenant_id, account.account_id, ()), asked)
    secret = "" if client.methods == ("none",) else new_secret()
    kept = (Secret(hash_secret(secret, environment.hash_key), environment.now()),) if secret else ()
    client = msgspec.structs.replace(client, secrets=kept)
    environment.store.keep(account.account_id, account)
    environment.store.keep(client.client_id, client)
    return json_answer(201, {**_shown(client), **({"client_secret": secret} if secret else {})})


def _check(change: ClientChange) -> None:
    _known("scope", change.scopes, SCOPES)
    _known("grant", change.grants, GRANTS)
    _known("method", change.methods, METHODS)
    for network in change.addresses or ():
        if not is_network(network):
            raise _Unfit(f"{network} is no address and no network, such as 10.0.0.0/8")


def _changed(client: ApiClient, change: ClientChange) -> ApiClient:
    names = ClientChange.__struct_fields__
    asked = {name: value for name in names if (value := getattr(change, name)) is not None}
    return msgspec.structs.replace(client, **asked)


@_if_it_fits
def change_client(environment: Environment, inbound: Inbound) -> Answer:
    """`PATCH /_emulator/clients/{id}`: scopes, planning permission, grants, methods, addresses, keys, enabled."""
    client = environment.client(inbound.parameters["id"])
    if client is None:
        return _wrong(f"no API client {inbound.parameters['id']}", 404)
    change = _asked(inbound, ClientChange)
    _check(change)
    changed = _changed(client, change)
    environment.store.keep(client.client_id, changed)
    return json_answer(200, _shown(changed))


def add_secret(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /_emulator/clients/{id}/secrets`: a second secret, shown this once; the one before stays valid."""
    client = environment.client(inbound.parameters["id"])
    if client is None:
        return _wrong(f"no API client {inbound.parameters['id']}", 404)
    if len(client.secrets) > 1:
        return _wrong("two secrets are valid already; withdraw the older one first", 409)
    secret = new_secret()
    made = Secret(hash_secret(secret, environment.hash_key), environment.now())
    changed = msgspec.structs.replace(client, secrets=(*client.secrets, made))
    environment.store.keep(client.client_id, changed)
    return json_answer(201, {**_shown(changed), "client_secret": secret})


def withdraw_secret(environment: Environment, inbound: Inbound) -> Answer:
    """`DELETE /_emulator/clients/{id}/secrets/{number}`: the first or the second secret is no longer valid."""
    client, number = environment.client(inbound.parameters["id"]), inbound.parameters["number"]
    if client is None or number not in ("1", "2")[: len(client.secrets)]:
        return _wrong(f"API client {inbound.parameters['id']} has no secret {number}", 404)
    kept = tuple(one for place, one in enumerate(client.secrets, 1) if place != int(number))
    changed = msgspec.structs.replace(client, secrets=kept)
    environment.store.keep(client.client_id, changed)
    return json_answer(200, _shown(changed))


@_if_it_fits
def change_account(environment: Environment, inbound: Inbound) -> Answer:
    """`PATCH /_emulator/service-accounts/{id}`: the account's roles, and whether it is locked."""
    return _change_account(environment, inbound, ServiceAccount, "service account")


@_if_it_fits
def change_person(environment: Environment, inbound: Inbound) -> Answer:
    """`PATCH /_emulator/people/{id}`: the person's roles, and whether they are locked."""
    return _change_account(environment, inbound, Person, "person")


def _change_account(
    environment: Environment, inbound: Inbound, kind: type[ServiceAccount | Person], word: str
) -> Answer:
    found = environment.store.find(kind, inbound.parameters["id"])
    if found is None:
        return _wrong(f"no {word} {inbound.parameters['id']}", 404)
    change = _asked(inbound, AccountChange)
    _known("role", change.roles, ROLES)
    _known("role", [one.role for one in change.assignments or ()], ROLES)
    assignments = found.assignments if change.assignments is None else change.assignments
    if change.roles is not None:
        assignments = active(change.roles, environment.now())
    locked = found.locked if change.locked is None else change.locked
    changed = msgspec.structs.replace(found, assignments=assignments, locked=locked)
    environment.store.keep(inbound.parameters["id"], changed)
    return json_answer(200, _person(changed) if isinstance(changed, Person) else changed)

"""The emulator's own switches under `/_emulator`, which no UKG Pro has: read the log, change clients, assign roles.

They do what an administrator does on UKG's screens, for tests and for curl. Unknown fields are refused.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from bridgehead.emulator.directory import ROLES, SCOPES, ApiClient, ServiceAccount, Tenant
from bridgehead.emulator.environment import Environment
from bridgehead.emulator.exchange import Answer, Inbound, json_answer, page_size


class ClientChange(msgspec.Struct, forbid_unknown_fields=True):
    """What may be changed on *Integration Hub > API Clients*."""

    scopes: tuple[str, ...] | None = None
    planning_permission: bool | None = None
    enabled: bool | None = None


class AccountChange(msgspec.Struct, forbid_unknown_fields=True):
    """What may be changed in *Role Management*."""

    roles: tuple[str, ...]


_Change = TypeVar("_Change", ClientChange, AccountChange)


def _wrong(message: str, status: int = 400) -> Answer:
    return json_answer(status, {"error": "invalid_request", "message": message})


def _asked(inbound: Inbound, kind: type[_Change]) -> _Change | Answer:
    """Return the change that the body asks for, or the answer that says why it is none."""
    try:
        return msgspec.json.decode(inbound.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        return _wrong(f"the body is not a change that can be made here: {wrong}")


def _shown(client: ApiClient) -> dict[str, Any]:
    """Return a client without its secret's hash."""
    document: dict[str, Any] = msgspec.to_builtins(client)
    del document["secret_hash"]
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
            "roles": sorted(ROLES),
            "scopes": sorted(SCOPES),
        },
    )


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


def change_client(environment: Environment, inbound: Inbound) -> Answer:
    """`PATCH /_emulator/clients/{id}`: scopes, planning permission, enabled."""
    client = environment.client(inbound.parameters["id"])
    if client is None:
        return _wrong(f"no API client {inbound.parameters['id']}", 404)
    change = _asked(inbound, ClientChange)
    if isinstance(change, Answer):
        return change
    unknown = sorted(set(change.scopes or ()) - SCOPES)
    if unknown:
        return _wrong(f"unknown scope {', '.join(unknown)}; known are {', '.join(sorted(SCOPES))}")
    asked = {name: value for name in change.__struct_fields__ if (value := getattr(change, name)) is not None}
    changed = msgspec.structs.replace(client, **asked)
    environment.store.keep(client.client_id, changed)
    return json_answer(200, _shown(changed))


def change_account(environment: Environment, inbound: Inbound) -> Answer:
    """`PATCH /_emulator/service-accounts/{id}`: the account's roles."""
    account = environment.store.find(ServiceAccount, inbound.parameters["id"])
    if account is None:
        return _wrong(f"no service account {inbound.parameters['id']}", 404)
    change = _asked(inbound, AccountChange)
    if isinstance(change, Answer):
        return change
    unknown = sorted(set(change.roles) - ROLES.keys())
    if unknown:
        return _wrong(f"unknown role {', '.join(unknown)}; known are {', '.join(sorted(ROLES))}")
    changed = msgspec.structs.replace(account, roles=change.roles)
    environment.store.keep(account.account_id, changed)
    return json_answer(200, changed)

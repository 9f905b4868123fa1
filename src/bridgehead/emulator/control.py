"""The emulator's own switches under `/_emulator`, which no UKG Pro has: read the log, change clients, assign roles.

They do what an administrator does on UKG's screens, for tests and for curl. Unknown fields are refused.
"""

from __future__ import annotations

from functools import wraps
from typing import Any, TypeVar

import msgspec

from bridgehead.emulator import administration
from bridgehead.emulator.administration import AccountChange, ClientChange, Registration, Unfit
from bridgehead.emulator.audit import FILTERS
from bridgehead.emulator.directory import ROLES, SCOPES, ApiClient, Person, ServiceAccount, Tenant
from bridgehead.emulator.environment import Environment
from bridgehead.emulator.exchange import Answer, Handler, Inbound, json_answer, page_size
from bridgehead.emulator.faults.catalogue import CATALOGUE
from bridgehead.emulator.faults.switchboard import FaultRefused
from bridgehead.emulator.pages import style


class EnvironmentChange(msgspec.Struct, forbid_unknown_fields=True):
    """How strict the environment is."""

    strictness: str


class FaultSwitch(msgspec.Struct, forbid_unknown_fields=True):
    """Whom a fault meets, how often, and with which value; by default everybody, always, with the one that it has."""

    client_id: str = ""
    tenant_id: str = ""
    within: str = ""
    times: int | None = None
    value: Any = None


class KeyRotation(msgspec.Struct, forbid_unknown_fields=True):
    """What the next key signs with; by default as the one before."""

    algorithm: str = ""


_Change = TypeVar("_Change", bound=msgspec.Struct)


def _asked(inbound: Inbound, kind: type[_Change]) -> _Change:
    """Return the change that the body asks for; raise Unfit when it is none."""
    try:
        return msgspec.json.decode(inbound.body or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Unfit(f"the body is not a change that can be made here: {wrong}") from None


def _if_it_fits(handle: Handler) -> Handler:
    """Let a switch raise Unfit, and answer what does not fit."""

    @wraps(handle)
    def answered(environment: Environment, inbound: Inbound) -> Answer:
        try:
            return handle(environment, inbound)
        except Unfit as unfit:
            return json_answer(unfit.status, {"error": "invalid_request", "message": str(unfit)})

    return answered


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


@_if_it_fits
def audit(environment: Environment, inbound: Inbound) -> Answer:
    """`GET /_emulator/audit`: the audit log of all tenants, newest first."""
    size = page_size(inbound, default=20, most=100_000)
    if size is None:
        raise Unfit("limit must be 1 to 100000")
    asked = {name: inbound.query[name] for name in FILTERS if name in inbound.query}
    entries = environment.audit.read(asked, limit=size)
    return json_answer(200, {"entries": entries})


@_if_it_fits
def change_environment(environment: Environment, inbound: Inbound) -> Answer:
    """`PATCH /_emulator/environment`: how strict it is."""
    administration.set_strictness(environment, _asked(inbound, EnvironmentChange).strictness)
    return json_answer(200, {"environment": environment.name, "strictness": environment.strictness})


def list_faults(environment: Environment, _: Inbound) -> Answer:
    """`GET /_emulator/faults`: which faults there are, and which are on."""
    kinds = [kind for kind in CATALOGUE.values() if kind.exists_in(environment.spelling.name)]
    return json_answer(200, {"faults": kinds, "on": environment.faults.on})


@_if_it_fits
def switch_on(environment: Environment, inbound: Inbound) -> Answer:
    """`PUT /_emulator/faults/{slug}`: switch a fault on, for a client, a tenant or everybody."""
    asked = _asked(inbound, FaultSwitch)
    try:
        made = environment.faults.switch_on(inbound.parameters["slug"], **msgspec.structs.asdict(asked))
    except FaultRefused as refused:
        raise Unfit(str(refused)) from None
    return json_answer(200, made)


def switch_off(environment: Environment, inbound: Inbound) -> Answer:
    """`DELETE /_emulator/faults/{slug}`: switch a fault off, or without a name all of them."""
    return json_answer(200, {"switched_off": environment.faults.switch_off(inbound.parameters.get("slug", ""))})


@_if_it_fits
def rotate_key(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /_emulator/keys`: sign with a new key from now on; the ones before still verify."""
    made = administration.rotate_key(environment, _asked(inbound, KeyRotation).algorithm)
    return json_answer(201, {"kid": made.kid, "algorithm": made.algorithm})


@_if_it_fits
def withdraw_key(environment: Environment, inbound: Inbound) -> Answer:
    """`DELETE /_emulator/keys/{id}`: what it signed is no longer accepted."""
    administration.withdraw_key(environment, inbound.parameters["id"])
    return json_answer(200, {"withdrawn": inbound.parameters["id"]})


@_if_it_fits
def register_client(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /_emulator/clients`: register a client; its secret is shown this once."""
    client, secret = administration.register_client(environment, _asked(inbound, Registration))
    return json_answer(201, {**_shown(client), **({"client_secret": secret} if secret else {})})


@_if_it_fits
def change_client(environment: Environment, inbound: Inbound) -> Answer:
    """`PATCH /_emulator/clients/{id}`: scopes, planning permission, grants, methods, addresses, keys, enabled."""
    change = _asked(inbound, ClientChange)
    return json_answer(200, _shown(administration.change_client(environment, inbound.parameters["id"], change)))


@_if_it_fits
def add_secret(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /_emulator/clients/{id}/secrets`: a second secret, shown this once; the one before stays valid."""
    client, secret = administration.add_secret(environment, inbound.parameters["id"])
    return json_answer(201, {**_shown(client), "client_secret": secret})


@_if_it_fits
def withdraw_secret(environment: Environment, inbound: Inbound) -> Answer:
    """`DELETE /_emulator/clients/{id}/secrets/{number}`: the first or the second secret is no longer valid."""
    number = inbound.parameters["number"]
    which = int(number) if number in ("1", "2") else 0
    return json_answer(200, _shown(administration.withdraw_secret(environment, inbound.parameters["id"], which)))


@_if_it_fits
def change_account(environment: Environment, inbound: Inbound) -> Answer:
    """`PATCH /_emulator/service-accounts/{id}`: the account's roles, and whether it is locked."""
    change = _asked(inbound, AccountChange)
    return json_answer(200, administration.change_account(environment, inbound.parameters["id"], change))


@_if_it_fits
def change_person(environment: Environment, inbound: Inbound) -> Answer:
    """`PATCH /_emulator/people/{id}`: the person's roles, and whether they are locked."""
    change = _asked(inbound, AccountChange)
    return json_answer(200, _person(administration.change_person(environment, inbound.parameters["id"], change)))

"""*Integration Hub > API Clients*: who may ask for tokens, how it proves itself, and what it may be granted."""

from __future__ import annotations

from typing import Any

from bridgehead.emulator import administration
from bridgehead.emulator.administration import ClientChange, Registration, Unfit
from bridgehead.emulator.authorization.clients import METHODS
from bridgehead.emulator.authorization.grants import GRANTS
from bridgehead.emulator.console.visits import NotThere, Visit, address, signed_in
from bridgehead.emulator.directory import ROLES, SCOPES, ApiClient
from bridgehead.emulator.exchange import Answer
from bridgehead.emulator.gate import NEAR_MISSES

_PATH = "/console/api-clients"


def _its(visit: Visit) -> ApiClient:
    """Return the client that is meant; another tenant's is not there."""
    client = visit.environment.client(visit.inbound.parameters["id"])
    if client is None or client.tenant_id != visit.tenant.tenant_id:
        raise NotThere
    return client


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


@signed_in
def show_all(visit: Visit) -> Answer:
    """`GET /console/api-clients`."""
    return _list(visit)


def _list(visit: Visit, *, wrong: str = "", status: int = 200) -> Answer:
    shown: dict[str, Any] = {"clients": visit.clients(), "roles": sorted(ROLES), "wrong": wrong, "form": visit.form}
    return visit.page("api_clients", title="API Clients", status=status, **shown)


@signed_in
def register(visit: Visit) -> Answer:
    """`POST /console/api-clients`: register a client, which may do nothing yet; its secret is shown this once."""
    roles = tuple(role for role in visit.lists.get("roles", []) if role)
    asked = Registration(client_id=visit.form.get("client_id", ""), tenant_id=visit.tenant.tenant_id, roles=roles)
    try:
        client, secret = administration.register_client(visit.environment, asked)
    except Unfit as unfit:
        return _list(visit, wrong=str(unfit), status=unfit.status)
    return _one(visit, client, secret=secret)


@signed_in
def show(visit: Visit) -> Answer:
    """`GET /console/api-clients/{id}`."""
    return _one(visit, _its(visit))


def _one(visit: Visit, client: ApiClient, *, secret: str = "", wrong: str = "") -> Answer:
    return visit.page(
        "api_client",
        title=client.client_id,
        status=400 if wrong else 200,
        client=client,
        secret=secret,
        wrong=wrong,
        scopes=sorted(SCOPES, key=lambda scope: (scope in NEAR_MISSES, scope)),
        near=NEAR_MISSES,
        grants=GRANTS,
        methods=METHODS,
    )


@signed_in
def change(visit: Visit) -> Answer:
    """`POST /console/api-clients/{id}`: scopes, planning permission, grants, methods, addresses."""
    client = _its(visit)
    asked = ClientChange(
        scopes=tuple(visit.lists.get("scopes", [])),
        planning_permission="planning_permission" in visit.form,
        enabled="enabled" in visit.form,
        grants=tuple(visit.lists.get("grants", [])),
        methods=tuple(visit.lists.get("methods", [])),
        redirect_uris=_words(visit.form.get("redirect_uris", "")),
        addresses=_words(visit.form.get("addresses", "")),
    )
    try:
        administration.change_client(visit.environment, client.client_id, asked)
    except Unfit as unfit:
        return _one(visit, client, wrong=str(unfit))
    return visit.back(address(_PATH, client.client_id), f"{client.client_id} was changed.")


@signed_in
def add_secret(visit: Visit) -> Answer:
    """`POST /console/api-clients/{id}/secrets`: another secret, shown this once."""
    client = _its(visit)
    try:
        changed, secret = administration.add_secret(visit.environment, client.client_id)
    except Unfit as unfit:
        return _one(visit, client, wrong=str(unfit))
    return _one(visit, changed, secret=secret)


@signed_in
def withdraw_secret(visit: Visit) -> Answer:
    """`POST /console/api-clients/{id}/secrets/{number}`: a secret counts no more."""
    client, number = _its(visit), visit.inbound.parameters["number"]
    try:
        administration.withdraw_secret(visit.environment, client.client_id, int(number) if number in ("1", "2") else 0)
    except Unfit:
        raise NotThere from None
    return visit.back(address(_PATH, client.client_id), "The secret was withdrawn.")

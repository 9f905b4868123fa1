"""*Role Management*: which roles service accounts and people have, since when, and for which org units."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from bridgehead.emulator import administration
from bridgehead.emulator.administration import AccountChange, Unfit
from bridgehead.emulator.console.visits import NotThere, Visit, address, signed_in
from bridgehead.emulator.directory import ROLES, Assignment, Person, ServiceAccount
from bridgehead.emulator.exchange import Answer

_PATH = "/console/roles"


def _its(visit: Visit) -> ServiceAccount | Person:
    """Return the account or the person that is meant; another tenant's is not there."""
    name = visit.inbound.parameters["id"]
    found = visit.environment.store.find(ServiceAccount, name) or visit.environment.store.find(Person, name)
    if found is None or found.tenant_id != visit.tenant.tenant_id:
        raise NotThere
    return found


def _name(one: ServiceAccount | Person) -> str:
    return one.account_id if isinstance(one, ServiceAccount) else one.username


@signed_in
def show_all(visit: Visit) -> Answer:
    """`GET /console/roles`."""
    store, mine = visit.environment.store, visit.tenant.tenant_id
    accounts = [one for one in store.every(ServiceAccount) if one.tenant_id == mine]
    people = [one for one in store.every(Person) if one.tenant_id == mine]
    now = visit.environment.now()
    return visit.page("roles", title="Role Management", accounts=accounts, people=people, roles=ROLES, now=now)


@signed_in
def show(visit: Visit) -> Answer:
    """`GET /console/roles/{id}`."""
    return _one(visit)


def _one(visit: Visit, wrong: str = "") -> Answer:
    one = _its(visit)
    units = [unit["code"] for unit in visit.environment.catalogue(visit.tenant.tenant_id).org_units]
    return visit.page(
        "account",
        title=_name(one),
        status=400 if wrong else 200,
        account=one,
        name=_name(one),
        roles=ROLES,
        now=visit.environment.now(),
        units=units,
        wrong=wrong,
    )


def _change(visit: Visit, one: ServiceAccount | Person, change: AccountChange, said: str) -> Answer:
    try:
        if isinstance(one, ServiceAccount):
            administration.change_account(visit.environment, one.account_id, change)
        else:
            administration.change_person(visit.environment, one.username, change)
    except Unfit as unfit:
        return _one(visit, str(unfit))
    return visit.back(address(_PATH, _name(one)), said)


@signed_in
def assign(visit: Visit) -> Answer:
    """`POST /console/roles/{id}`: give a role, at once, later, or to be activated."""
    one, role, when = _its(visit), visit.form.get("role", ""), visit.form.get("when", "now")
    units = tuple(visit.form.get("org_units", "").replace(",", " ").split())
    minutes = visit.form.get("minutes", "")
    if when == "later" and not (minutes.isascii() and minutes.isdigit() and len(minutes) < 6):
        return _one(visit, "after how many minutes does the role take effect? Write a number")
    now = visit.environment.now()
    made = Assignment(role, now, now, units)
    if when == "pending":
        made = Assignment(role, org_units=units)
    elif when == "later":
        moment = visit.environment.clock() + timedelta(minutes=int(minutes))
        made = Assignment(role, now, moment.isoformat(timespec="milliseconds"), units)
    kept = tuple(kept for kept in one.assignments if kept.role != role)
    return _change(visit, one, AccountChange(assignments=(*kept, made)), f"{role} was assigned to {_name(one)}.")


@signed_in
def activate(visit: Visit) -> Answer:
    """`POST /console/roles/{id}/activate`: activate a role that is pending, or that propagates, at once."""
    one, now, role = _its(visit), visit.environment.now(), visit.form.get("role", "")
    made = tuple(
        kept
        if kept.role != role or kept.state(now) == "active"
        else msgspec.structs.replace(kept, activated_at=now, effective_at=now)
        for kept in one.assignments
    )
    return _change(visit, one, AccountChange(assignments=made), f"{role} is active.")


@signed_in
def remove(visit: Visit) -> Answer:
    """`POST /console/roles/{id}/remove`: take a role away."""
    one, role = _its(visit), visit.form.get("role", "")
    kept = tuple(kept for kept in one.assignments if kept.role != role)
    return _change(visit, one, AccountChange(assignments=kept), f"{role} was taken from {_name(one)}.")


@signed_in
def lock(visit: Visit) -> Answer:
    """`POST /console/roles/{id}/lock`: lock an account, or unlock it."""
    one = _its(visit)
    said = f"{_name(one)} is {'unlocked' if one.locked else 'locked'}."
    return _change(visit, one, AccountChange(locked=not one.locked), said)

"""What no UKG Pro has: how strict this environment is, what it signs with, and what goes wrong in it on purpose."""

from __future__ import annotations

from collections.abc import Callable

from bridgehead.emulator import administration
from bridgehead.emulator.administration import Unfit
from bridgehead.emulator.authorization.keys import ALGORITHMS
from bridgehead.emulator.console.visits import NotThere, Visit, signed_in
from bridgehead.emulator.exchange import Answer
from bridgehead.emulator.faults.catalogue import CATALOGUE
from bridgehead.emulator.faults.switchboard import Fault, FaultRefused
from bridgehead.emulator.gate import STRICTNESS

_PATH = "/console/emulator"


def _meets(visit: Visit) -> Callable[[Fault], bool]:
    """Tell of a fault whether it meets the tenant: those of another tenant, or of its clients, are not there."""
    tenants, clients = ("", visit.tenant.tenant_id), ("", *(one.client_id for one in visit.clients()))
    return lambda fault: fault.tenant_id in tenants and fault.client_id in clients


@signed_in
def show(visit: Visit) -> Answer:
    """`GET /console/emulator`."""
    return _page(visit)


def _page(visit: Visit, wrong: str = "") -> Answer:
    return visit.page(
        "emulator",
        title="Emulator",
        status=400 if wrong else 200,
        modes=STRICTNESS,
        keys=visit.environment.keys.all,
        algorithms=ALGORITHMS,
        catalogue=[kind for kind in CATALOGUE.values() if kind.exists_in(visit.environment.spelling.name)],
        on=list(filter(_meets(visit), visit.environment.faults.on)),
        clients=[one.client_id for one in visit.clients()],
        wrong=wrong,
    )


@signed_in
def set_strictness(visit: Visit) -> Answer:
    """`POST /console/emulator/strictness`."""
    try:
        administration.set_strictness(visit.environment, visit.form.get("strictness", ""))
    except Unfit as unfit:
        return _page(visit, str(unfit))
    return visit.back(_PATH, f"This environment is {visit.environment.strictness} now.")


@signed_in
def rotate_key(visit: Visit) -> Answer:
    """`POST /console/emulator/keys`: sign with a new key."""
    try:
        made = administration.rotate_key(visit.environment, visit.form.get("algorithm", ""))
    except Unfit as unfit:
        return _page(visit, str(unfit))
    return visit.back(_PATH, f"Tokens are signed with {made.kid} ({made.algorithm}) now.")


@signed_in
def withdraw_key(visit: Visit) -> Answer:
    """`POST /console/emulator/keys/{id}`: what a key signed counts no more."""
    try:
        administration.withdraw_key(visit.environment, visit.inbound.parameters["id"])
    except Unfit as unfit:
        return _page(visit, str(unfit))
    return visit.back(_PATH, "The key was withdrawn.")


@signed_in
def switch_on(visit: Visit) -> Answer:
    """`POST /console/emulator/faults`: a fault for this tenant, or one client of it."""
    slug, value = visit.form.get("slug", ""), visit.form.get("value", "").strip()
    kind, client_id = CATALOGUE.get(slug), visit.form.get("client_id", "")
    given = kind.read(value) if kind is not None and value else None
    if client_id and client_id not in [one.client_id for one in visit.clients()]:
        raise NotThere
    try:
        mine = visit.tenant.tenant_id
        visit.environment.faults.switch_on(slug, value=given, client_id=client_id, tenant_id=mine)
    except FaultRefused as refused:
        return _page(visit, str(refused))
    return visit.back(_PATH, f"{slug} is on for {client_id or visit.tenant.name}.")


@signed_in
def switch_off(visit: Visit) -> Answer:
    """`POST /console/emulator/faults/{slug}`: it is over."""
    slug = visit.inbound.parameters["slug"]
    if not visit.environment.faults.switch_off(slug, which=_meets(visit)):
        raise NotThere
    return visit.back(_PATH, f"{slug} is off.")

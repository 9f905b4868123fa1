"""The permission decision: exactly one way in, and every wrong turn has its name."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bridgehead.emulator import gate
from bridgehead.emulator.directory import ApiClient, Assignment, Person, ServiceAccount, Tenant, active

TENANT = "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"
OTHER = "7d1e4c3a-93b5-4c0f-8a57-5e0d6a9cf202"
EXACT = ("workforce.planning.write", "compliance.data.access", "tenant.context.read")
CLAIMS = {"client_id": "c", "scope": "workforce.planning.write", "tenant_id": TENANT, "environment": "production"}
NOW, LATER = "2027-01-03T03:15:00.000+00:00", "2027-01-03T03:25:00.000+00:00"
CLIENT = ApiClient("c", TENANT, "svc", EXACT, planning_permission=True)
ADMINISTRATOR = "Workforce Planning Administrator"
GOOD = gate.Call(
    gate.WRITE_HEADCOUNT,
    "production",
    NOW,
    claims=CLAIMS,
    address="10.0.0.7",
    tenant_header=TENANT,
    client=CLIENT,
    account=ServiceAccount("svc", TENANT, active([ADMINISTRATOR], NOW)),
    tenant=Tenant(TENANT, "Acme"),
)
WRONG = {
    "token-expired": replace(GOOD, token_problem=("token-expired", "expired"), claims=None),
    "environment": replace(GOOD, claims=CLAIMS | {"environment": "sandbox"}),
    "client": replace(GOOD, client=msgspec.structs.replace(CLIENT, enabled=False)),
    "address": replace(GOOD, client=msgspec.structs.replace(CLIENT, addresses=("192.0.2.0/24",))),
    "token-tenant": replace(GOOD, claims={name: value for name, value in CLAIMS.items() if name != "tenant_id"}),
    "tenant-header": replace(GOOD, tenant_header=None),
    "tenant-match": replace(GOOD, tenant_header=OTHER),
    "client-tenant": replace(GOOD, client=msgspec.structs.replace(CLIENT, tenant_id=OTHER)),
    "module": replace(GOOD, tenant=Tenant(TENANT, "Acme", modules=("core-hr",))),
    "scope": replace(GOOD, claims=CLAIMS | {"scope": "workforce:write planning:manage"}),
    "registration": replace(GOOD, client=msgspec.structs.replace(CLIENT, scopes=EXACT[:2])),
    "planning-permission": replace(GOOD, client=msgspec.structs.replace(CLIENT, planning_permission=False)),
    "role": replace(GOOD, account=ServiceAccount("svc", TENANT, active(["Employee Data Reader"], NOW))),
}
FORGIVEN = {"token-tenant", "tenant-header", "scope", "registration", "planning-permission", "role"}


def test_a_call_with_everything_right_passes_and_every_check_was_asked() -> None:
    decision = gate.judge(GOOD, strictness="production")

    assert decision.denied is None
    assert [step.check for step in decision.steps] == [check.slug for check in gate.CHECKS]
    assert {step.outcome for step in decision.steps} == {"holds"}


@pytest.mark.parametrize("slug", WRONG)
def test_production_refuses_each_wrong_turn_by_its_name(slug: str) -> None:
    denied = gate.judge(WRONG[slug], strictness="production").denied

    assert denied is not None
    assert denied.check == slug
    assert denied.detail


@pytest.mark.parametrize("slug", WRONG)
def test_the_sandbox_forgives_what_is_missing_and_never_what_contradicts(slug: str) -> None:
    denied = gate.judge(WRONG[slug], strictness="sandbox").denied

    assert (denied is None) == (slug in FORGIVEN)


def test_every_check_has_a_wrong_turn_here() -> None:
    assert {slug.replace("token-expired", "token") for slug in WRONG} == {check.slug for check in gate.CHECKS}


LINKS = {
    "scope": st.lists(st.sampled_from(["workforce:write", "planning:manage", "employees.read"])).map(" ".join),
    "registered": st.sets(st.sampled_from(EXACT[:2])).map(tuple),
    "header": st.sampled_from([None, OTHER, "acme", TENANT.upper()]),
    "bound": st.sampled_from(["", OTHER]),
    "home": st.just(OTHER),
    "permission": st.sampled_from([False]),
    "roles": st.sets(st.sampled_from(["Workforce Planning Viewer", "System Auditor"])).map(sorted),
    "state": st.sampled_from([Assignment(ADMINISTRATOR), Assignment(ADMINISTRATOR, NOW, LATER)]),
    "locked": st.sampled_from([True]),
    "addresses": st.just(("192.0.2.0/24", "2001:db8::/32")),
}
"""The links of the chain, each with the ways in which it can be broken."""


@given(broken=st.sets(st.sampled_from(sorted(LINKS)), max_size=3), data=st.data())
def test_production_lets_a_write_pass_only_with_every_link_in_place(broken: set[str], data: st.DataObject) -> None:
    wrong = {name: data.draw(LINKS[name]) for name in sorted(broken)}
    claims = CLAIMS | {"scope": wrong.get("scope", CLAIMS["scope"]), "tenant_id": wrong.get("bound", TENANT)}
    home = wrong.get("home", TENANT)
    client = ApiClient(
        "c",
        home,
        "svc",
        wrong.get("registered", EXACT),
        planning_permission=wrong.get("permission", True),
        addresses=wrong.get("addresses", ("10.0.0.0/24",)),
    )
    assignments = active(wrong["roles"], NOW) if "roles" in wrong else active([ADMINISTRATOR], NOW)
    assignments = (wrong["state"],) if "state" in wrong else assignments
    account = ServiceAccount("svc", home, assignments, locked=wrong.get("locked", False))
    header = wrong.get("header", TENANT)
    call = replace(GOOD, claims=claims, tenant_header=header, client=client, account=account)

    # A foreign home with everything of that home is another tenant's complete chain.
    complete = not broken or (broken == {"home", "header", "bound"} and header == claims["tenant_id"] == home)
    assert (gate.judge(call, strictness="production").denied is None) == complete


@pytest.mark.parametrize(
    ("assignment", "at", "says"),
    [
        (Assignment(ADMINISTRATOR), NOW, "pending"),
        (Assignment(ADMINISTRATOR, NOW, LATER), NOW, f"takes effect at {LATER}"),
        (Assignment(ADMINISTRATOR, NOW, LATER), LATER, ""),
        (Assignment(ADMINISTRATOR, NOW), NOW, ""),
    ],
)
def test_a_role_counts_from_the_moment_it_takes_effect(assignment: Assignment, at: str, says: str) -> None:
    denied = gate.judge(
        replace(GOOD, at=at, account=ServiceAccount("svc", TENANT, (assignment,))), strictness="production"
    ).denied

    assert (denied is None) == (not says)
    assert denied is None or (denied.check == "role" and says in denied.detail)


def test_a_role_for_some_org_units_limits_the_caller_to_them_unless_another_one_does_not() -> None:
    some, others = Assignment(ADMINISTRATOR, NOW, NOW, ("0100",)), Assignment(ADMINISTRATOR, NOW, NOW, ("0200",))
    viewer = Assignment("Workforce Planning Viewer", NOW, NOW)

    def limited_to(*assignments: Assignment) -> frozenset[str] | None:
        return replace(GOOD, account=ServiceAccount("svc", TENANT, assignments)).reach()

    assert limited_to(some, others) == {"0100", "0200"}
    assert limited_to(some, viewer) == {"0100"}
    assert limited_to(some, *active([ADMINISTRATOR], NOW)) is None


def test_a_person_who_signed_in_acts_with_their_own_roles_and_is_named() -> None:
    claims = CLAIMS | {"sid": "s", "sub": "ann"}
    person = Person("ann", TENANT, "Ann", "", active([ADMINISTRATOR], NOW))
    call = replace(GOOD, claims=claims, account=person)

    assert gate.judge(call, strictness="production").denied is None
    for wrong, says in (
        (replace(call, account=None), "the person ann does not exist"),
        (replace(call, account=msgspec.structs.replace(person, assignments=())), "the person ann has no role"),
        (replace(call, account=msgspec.structs.replace(person, tenant_id=OTHER)), "belongs to another tenant"),
        (replace(call, account=msgspec.structs.replace(person, locked=True)), "the person ann is locked"),
    ):
        denied = gate.judge(wrong, strictness="production").denied
        assert denied is not None
        assert says in denied.detail


@pytest.mark.parametrize("slug", WRONG)
def test_soft_lets_pass_what_production_would_refuse_of_a_caller_it_knows_and_says_so(slug: str) -> None:
    decision = gate.judge(WRONG[slug], strictness="soft")
    told = [step.check for step in decision.steps if step.outcome != "holds"]

    assert slug in told
    assert (decision.denied is None) == (slug not in ("token-expired", "client"))


@pytest.mark.parametrize("operation", [gate.READ_EMPLOYEES, gate.READ_AUDIT])
def test_other_modules_need_their_own_scope_and_role_even_in_the_sandbox(operation: gate.Operation) -> None:
    call = replace(GOOD, operation=operation)
    scoped = replace(call, claims=CLAIMS | {"scope": " ".join(operation.scopes)})

    for strictness in ("production", "sandbox"):
        for wrong, slug in ((call, "scope"), (scoped, "role")):
            denied = gate.judge(wrong, strictness=strictness).denied
            assert denied is not None
            assert denied.check == slug

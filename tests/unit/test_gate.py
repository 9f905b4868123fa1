"""The permission decision: exactly one way in, and every wrong turn has its name."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridgehead.emulator import gate
from bridgehead.emulator.directory import ApiClient, ServiceAccount, Tenant

TENANT = "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"
OTHER = "7d1e4c3a-93b5-4c0f-8a57-5e0d6a9cf202"
EXACT = ("workforce.planning.write", "compliance.data.access", "tenant.context.read")
CLAIMS = {"client_id": "c", "scope": "workforce.planning.write", "tenant_id": TENANT, "environment": "production"}
CLIENT = ApiClient("c", "hash", TENANT, "svc", EXACT, planning_permission=True)
GOOD = gate.Call(
    gate.WRITE_HEADCOUNT,
    "production",
    claims=CLAIMS,
    tenant_header=TENANT,
    client=CLIENT,
    account=ServiceAccount("svc", TENANT, ("Workforce Planning Administrator",)),
    tenant=Tenant(TENANT, "Acme"),
)
WRONG = {
    "token-expired": replace(GOOD, token_problem=("token-expired", "expired"), claims=None),
    "environment": replace(GOOD, claims=CLAIMS | {"environment": "sandbox"}),
    "client": replace(GOOD, client=msgspec.structs.replace(CLIENT, enabled=False)),
    "token-tenant": replace(GOOD, claims={name: value for name, value in CLAIMS.items() if name != "tenant_id"}),
    "tenant-header": replace(GOOD, tenant_header=None),
    "tenant-match": replace(GOOD, tenant_header=OTHER),
    "client-tenant": replace(GOOD, client=msgspec.structs.replace(CLIENT, tenant_id=OTHER)),
    "module": replace(GOOD, tenant=Tenant(TENANT, "Acme", modules=("core-hr",))),
    "scope": replace(GOOD, claims=CLAIMS | {"scope": "workforce:write planning:manage"}),
    "registration": replace(GOOD, client=msgspec.structs.replace(CLIENT, scopes=EXACT[:2])),
    "planning-permission": replace(GOOD, client=msgspec.structs.replace(CLIENT, planning_permission=False)),
    "role": replace(GOOD, account=ServiceAccount("svc", TENANT, ("Employee Data Reader",))),
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


@given(
    scope=st.lists(
        st.sampled_from(["workforce.planning.write", "workforce:write", "planning:manage", "employees.read"])
    ),
    registered=st.sets(st.sampled_from(EXACT)),
    header=st.sampled_from([None, TENANT, OTHER, "acme", TENANT.upper()]),
    bound=st.sampled_from([None, TENANT, OTHER]),
    home=st.sampled_from([TENANT, OTHER]),
    permission=st.booleans(),
    roles=st.sets(st.sampled_from(["Workforce Planning Administrator", "Workforce Planning Viewer", "System Auditor"])),
)
def test_production_lets_a_write_pass_only_with_every_link_in_place(
    scope: list[str], registered: set[str], header: str | None, bound: str | None, home: str, permission: bool,  # noqa: FBT001
    roles: set[str],
) -> None:  # fmt: skip
    claims = CLAIMS | {"scope": " ".join(scope)} | ({"tenant_id": bound} if bound else {})
    if not bound:
        del claims["tenant_id"]
    client = ApiClient("c", "h", home, "svc", tuple(registered), planning_permission=permission)
    call = replace(
        GOOD, claims=claims, tenant_header=header, client=client, account=ServiceAccount("svc", home, tuple(roles))
    )
    complete = (
        "workforce.planning.write" in scope
        and {"compliance.data.access", "tenant.context.read"} <= registered
        and header == bound == home
        and permission
        and "Workforce Planning Administrator" in roles
    )

    assert (gate.judge(call, strictness="production").denied is None) == complete


@pytest.mark.parametrize("operation", [gate.READ_EMPLOYEES, gate.READ_AUDIT])
def test_other_modules_need_their_own_scope_and_role_even_in_the_sandbox(operation: gate.Operation) -> None:
    call = replace(GOOD, operation=operation)
    scoped = replace(call, claims=CLAIMS | {"scope": " ".join(operation.scopes)})

    for strictness in ("production", "sandbox"):
        for wrong, slug in ((call, "scope"), (scoped, "role")):
            denied = gate.judge(wrong, strictness=strictness).denied
            assert denied is not None
            assert denied.check == slug

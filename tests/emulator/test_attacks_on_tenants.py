"""Every way from one tenant into another, and from one environment into the other: by header, token, page and log.

Both tenants have a projection; after each attack both still have theirs, and nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import urllib3
from tests.curl import HEADCOUNT, METADATA, Caller, records
from tests.forging import GLOBEX, SANDBOX, assert_refused, assert_writes_nothing, kept

EMPLOYEES, AUDIT, INFO = "/api/v1/employees", "/api/v1/system/audit/api-access-logs", "/api/v1/tenant/info"
CORRELATED = "0f8fad5b-d9cb-469f-a165-70867728950e"

ROUTES = {
    # By route: the kind of client that may use it.
    f"GET {METADATA}": "headcount",
    f"GET {HEADCOUNT}": "headcount",
    f"POST {HEADCOUNT}": "headcount",
    f"GET {EMPLOYEES}": "integration",
    f"GET {AUDIT}": "auditor",
    f"GET {INFO}": "headcount",
}


def token(caller: Caller, kind: str = "headcount", **form: str) -> str:
    """Return a token of one of a tenant's clients, with all the scopes that it has."""
    client = caller.client(kind)
    asked = {"grant_type": "client_credentials", "tenant_context": client.tenant_id} | form
    answer = caller.post("/oauth/token", basic=(client.client_id, client.secret), **asked)
    return str(answer.json()["access_token"])


def call(caller: Caller, route: str, headers: Any) -> Any:
    method, _, path = route.partition(" ")
    body = {"json": records("0102")} if method == "POST" else {}
    return caller.http.request(method, caller.base + path, headers=headers, **body)


@pytest.mark.parametrize("route", ROUTES)
def test_each_route_is_open_to_a_tenant_for_itself(caller: Caller, globex: Caller, route: str) -> None:
    for one in (caller, globex):
        assert call(one, route, one.headers(token(one, ROUTES[route]))).status == 200


@pytest.mark.parametrize("strictness", ["production", "sandbox"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_token_of_one_tenant_with_the_header_of_the_other_is_refused_on_every_route(
    caller: Caller, globex: Caller, route: str, strictness: str
) -> None:
    caller.switch("PATCH", "environment", strictness=strictness)
    before = kept(caller)

    for one, other in ((caller, globex), (globex, caller)):
        headers = {"Authorization": f"Bearer {token(one, ROUTES[route])}", "X-Tenant-ID": other.tenant}
        answer = call(one, route, headers)
        assert_refused(one, answer, "tenant-match", f"X-Tenant-ID is {other.tenant}, the token belongs to {one.tenant}")
        assert one.why()["tenant_id"] == one.tenant  # and so in the log of who tried, not of whom it was tried on
    assert kept(caller) == before


@pytest.mark.parametrize("strictness", ["production", "sandbox"])
@pytest.mark.parametrize("route", ROUTES)
def test_without_a_tenant_context_a_token_still_reaches_its_own_tenant_alone(
    caller: Caller, globex: Caller, route: str, strictness: str
) -> None:
    caller.switch("PATCH", "environment", strictness=strictness)
    headers = {"Authorization": f"Bearer {token(caller, ROUTES[route], tenant_context='')}"}
    planning = strictness == "production" and "/planning/" in route
    before = kept(caller)

    answer = call(caller, route, headers | {"X-Tenant-ID": globex.tenant})
    assert_refused(caller, answer, "token-tenant" if planning else "tenant-match")
    assert kept(caller) == before


@pytest.mark.parametrize("header", [GLOBEX, SANDBOX, "", "*"])
def test_tenant_info_by_secret_tells_of_the_clients_own_tenant_alone(caller: Caller, header: str) -> None:
    client = caller.client()
    basic = urllib3.make_headers(basic_auth=f"{client.client_id}:{client.secret}")

    answer = call(caller, f"GET {INFO}", basic | {"X-Tenant-ID": header})
    assert_refused(caller, answer, "tenant-match", f"X-Tenant-ID is {header!r}")


NIL = "00000000-0000-0000-0000-000000000000"

HEADERS: dict[str, list[str]] = {
    # By name: the header as it is sent; {} stands for the caller's own tenant, <> for the neighbour's.
    "another tenant": ["<>"],
    "the same tenant in the sandbox": [SANDBOX],
    "no tenant at all": [NIL],
    "upper case": ["{:upper}"],
    "braces": ["{{}}"],
    "quotes": ['"{}"'],
    "a URN": ["urn:uuid:{}"],
    "no hyphens": ["{:bare}"],
    "a blank within": ["{:blank}"],
    "a letter less": ["{:short}"],
    "a letter more": ["{}0"],
    "a zero byte's escape": ["{}%00"],
    "a no-break space": ["{}\xa0"],
    "digits of another script": ["{:wide}"],
    "twice": ["{}", "{}"],
    "its own, then another": ["{}", "<>"],
    "another, then its own": ["<>", "{}"],
    "with a comma": ["{},<>"],
    "with a semicolon": ["{};<>"],
    "a comma alone": [","],
    "empty": [""],
    "empty, then its own": ["", "{}"],
    "a wildcard": ["*"],
    "the tenant's name": ["Acme"],
    "null": ["null"],
    "SQL": ["{}' OR '1'='1"],
    "a path": ["../{}"],
}


def written(template: str, own: str, other: str) -> str:
    forms = {
        "{:upper}": own.upper(),
        "{:bare}": own.replace("-", ""),
        "{:blank}": own.replace("-", " -", 1),
        "{:short}": own[:-1],
        "{:wide}": own.replace("0", "\xb2"),
    }
    return forms.get(template, template.replace("{}", own).replace("<>", other))


@pytest.mark.parametrize("strictness", ["production", "sandbox"])
@pytest.mark.parametrize("form", HEADERS)
def test_a_header_that_does_not_name_the_tokens_tenant_to_the_letter_is_refused(
    caller: Caller, globex: Caller, form: str, strictness: str
) -> None:
    caller.switch("PATCH", "environment", strictness=strictness)
    headers = urllib3.HTTPHeaderDict({"Authorization": f"Bearer {token(caller)}"})
    for template in HEADERS[form]:
        headers.add("X-Tenant-ID", written(template, caller.tenant, globex.tenant))

    assert_writes_nothing(caller, headers, "tenant-match", "X-Tenant-ID")


def test_a_missing_header_is_refused_in_production_and_reaches_the_own_tenant_alone_where_it_is_forgiven(
    caller: Caller, globex: Caller
) -> None:
    headers = {"Authorization": f"Bearer {token(caller)}"}

    assert_writes_nothing(caller, headers, "tenant-header", "missing")
    others = kept_of(globex)
    for strictness in ("sandbox", "soft"):
        caller.switch("PATCH", "environment", strictness=strictness)
        assert call(caller, f"POST {HEADCOUNT}", headers).status == 200
        assert kept_of(globex) == others


def test_soft_forgives_another_tenants_header_and_still_writes_into_the_tokens_tenant(
    caller: Caller, globex: Caller
) -> None:
    caller.switch("PATCH", "environment", strictness="soft")
    headers = {"Authorization": f"Bearer {token(caller)}", "X-Tenant-ID": globex.tenant}
    others = kept_of(globex)

    assert call(caller, f"POST {HEADCOUNT}", headers).status == 200
    assert (caller.why()["outcome"], caller.why()["check"]) == ("forgiven", "tenant-match")
    assert kept_of(globex) == others
    document = call(caller, f"GET {INFO}", headers).json()
    assert (document["tenant_id"], document["name"]) == (caller.tenant, "Acme")


def kept_of(one: Caller) -> list[Any]:
    """Return what is stored for one tenant."""
    connection = one.emulator.environments[one.where].store.connection
    place = (one.where, one.tenant)
    return [
        connection.execute(f"{question} WHERE environment = ? AND tenant_id = ?", place).fetchall()
        for question in ("SELECT * FROM projection", "SELECT * FROM answer")
    ]


@pytest.mark.parametrize(("here", "there"), [("production", "sandbox"), ("sandbox", "production")])
def test_a_token_of_one_environment_is_a_strangers_in_the_other(
    caller: Caller, globex: Caller, here: str, there: str
) -> None:
    at_home, abroad = replace(caller, where=here), replace(caller, where=there)
    good = token(at_home)

    for tenant in (at_home.tenant, abroad.tenant, globex.tenant):
        headers = {"Authorization": f"Bearer {good}", "X-Tenant-ID": tenant}
        assert_writes_nothing(abroad, headers, "token-signature", f"'ukg-pro-{here}-1', this is {there}")
    assert call(at_home, f"GET {METADATA}", at_home.headers(good)).status == 200


def test_a_cursor_of_another_tenants_page_shows_nothing_of_it(caller: Caller, globex: Caller) -> None:
    for one in (caller, globex):
        call(one, f"POST {HEADCOUNT}", one.headers(token(one)))  # a second one, so that there is a next page
    page = call(globex, f"GET {HEADCOUNT}?limit=1", globex.headers(token(globex))).json()
    own = call(caller, f"GET {HEADCOUNT}", caller.headers(token(caller))).json()["records"]

    route = f"GET {HEADCOUNT}?cursor={page['next_cursor']}"
    shown = call(caller, route, caller.headers(token(caller))).json()["records"]
    assert [record["org_unit"] for record in page["records"]] == ["0101"]
    assert [record["org_unit"] for record in own] == ["0100", "0102"]
    assert shown == own[1:]  # the cursor is a place in the order of keys, and everybody has their own rows


@pytest.mark.parametrize("cursor", ["%00", "!", "JyBPUiAxPTEgLS0", "4pyT"])
def test_a_cursor_that_no_page_gave_shows_nothing_of_another_tenant(
    caller: Caller, globex: Caller, cursor: str
) -> None:
    answer = call(caller, f"GET {HEADCOUNT}?cursor={cursor}&tenant_id={globex.tenant}", caller.headers(token(caller)))

    assert answer.status in (200, 400)
    assert b"0101" not in answer.data


def test_an_idempotency_key_of_another_tenant_neither_answers_nor_blocks(caller: Caller, globex: Caller) -> None:
    key = {"Idempotency-Key": "nightly"}
    first = call(globex, f"POST {HEADCOUNT}", globex.headers(token(globex)) | key)
    others = kept_of(globex)

    url, headers = caller.base + HEADCOUNT, caller.headers(token(caller)) | key
    answer = caller.http.request("POST", url, json=records("0103"), headers=headers)
    again = caller.http.request("POST", url, json=records("0103"), headers=headers)
    assert (first.status, answer.status, again.status) == (200, 200, 200)
    assert "Idempotent-Replayed" not in answer.headers
    assert answer.json()["echo"]["tenant_id"] == caller.tenant
    assert again.headers["Idempotent-Replayed"] == "true"
    assert kept_of(globex) == others


def entries(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    """Return what a tenant's auditor is shown."""
    answer = call(caller, f"GET {AUDIT}?{query}", caller.headers(token(caller, "auditor")))
    assert answer.status == 200
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


QUERIES = [
    "tenant_id={}",
    "tenant_id={}&client_id=globex-headcount",
    "client_id=globex-headcount",
    "client_id=*",
    "client_id=",
    "client_id=%25",
    "client_id=acme-headcount'%20OR%20'1'='1",
    f"correlation_id={CORRELATED}",
    "tenant_id={}&tenant_id={}",
]


@pytest.mark.parametrize("query", QUERIES)
def test_the_audit_log_shows_nobody_another_tenants_entries_whatever_is_asked(
    caller: Caller, globex: Caller, query: str
) -> None:
    call(globex, f"GET {METADATA}", globex.headers(token(globex)) | {"X-Correlation-ID": CORRELATED})

    for entry in [*entries(caller, query.replace("{}", globex.tenant)), *entries(caller, "limit=1000")]:
        assert entry["tenant_id"] == caller.tenant
        assert "globex" not in str(entry)


def test_a_correlation_id_of_another_tenant_puts_nothing_into_its_log(caller: Caller, globex: Caller) -> None:
    borrowed = {"X-Correlation-ID": CORRELATED}
    call(globex, f"GET {METADATA}", globex.headers(token(globex)) | borrowed)
    attempts = [
        caller.headers(token(caller)) | borrowed,
        {"Authorization": f"Bearer {token(caller)}", "X-Tenant-ID": globex.tenant} | borrowed,
        {"Authorization": "Bearer x.y.z", "X-Tenant-ID": globex.tenant} | borrowed,
    ]
    assert [call(caller, f"GET {METADATA}", headers).status for headers in attempts] == [200, 401, 401]

    found = entries(globex, f"correlation_id={CORRELATED}")
    assert [(entry["client_id"], entry["status"]) for entry in found] == [("globex-headcount", 200)]
    found = entries(caller, f"correlation_id={CORRELATED}")
    assert [(entry["client_id"], entry["check"]) for entry in found] == [
        ("acme-headcount", "tenant-match"),
        ("acme-headcount", ""),
    ]


@pytest.mark.parametrize("forged", ["a b", "x" * 129, "\xe9", "'", "a,b", ""])
def test_a_correlation_id_that_is_none_is_replaced(caller: Caller, globex: Caller, forged: str) -> None:
    answer = call(globex, f"GET {METADATA}", globex.headers(token(globex)) | {"X-Correlation-ID": forged})

    assert len(answer.headers["X-Correlation-ID"]) == 32
    assert caller.why()["correlation_id"] == answer.headers["X-Correlation-ID"]

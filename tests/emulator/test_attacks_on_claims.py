"""Claims that say something else under the emulator's own key, tokens that outlived their right, and odd transports.

Each attack is refused by the check that is named; nothing is stored, and the audit log says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from tests.curl import HEADCOUNT, METADATA, Caller, records
from tests.forging import GLOBEX, GONE, Forge, assert_refused, assert_writes_nothing, kept

NOW = 1_793_588_400
"""When the tests' clock starts."""

SCOPE = "workforce.planning.write"

CLAIMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    # By name: the check that refuses it, what the audit log says, and the claims that are bent.
    "no issuer": ("token-issuer", "None", {"iss": GONE}),
    "another issuer": ("token-issuer", "evil", {"iss": "https://evil.example"}),
    "a list of issuers": ("token-issuer", "evil", {"iss": ["https://evil.example"]}),
    "no audience": ("token-audience", "None", {"aud": GONE}),
    "another audience": ("token-audience", "'another-api'", {"aud": "another-api"}),
    "a list with our audience": ("token-audience", "['ukg-pro-api']", {"aud": ["ukg-pro-api"]}),
    "two audiences": ("token-audience", "another", {"aud": ["ukg-pro-api", "another"]}),
    "the audience in upper case": ("token-audience", "UKG", {"aud": "UKG-PRO-API"}),
    "the audience and a blank": ("token-audience", "'ukg-pro-api '", {"aud": "ukg-pro-api "}),
    "no end": ("token-lifetime", "no lifetime", {"exp": GONE}),
    "null as the end": ("token-lifetime", "no lifetime", {"exp": None}),
    "a text as the end": ("token-lifetime", "no lifetime", {"exp": str(NOW + 60)}),
    "a fraction as the end": ("token-lifetime", "no lifetime", {"exp": NOW + 60.5}),
    "true as the end": ("token-lifetime", "no lifetime", {"exp": True}),
    "no number as the end": ("token-lifetime", "no lifetime", {"exp": float("nan")}),
    "infinity as the end": ("token-lifetime", "no lifetime", {"exp": float("inf")}),
    "a list as the end": ("token-lifetime", "no lifetime", {"exp": [NOW + 60]}),
    "an end before all time": ("token-expired", "expired", {"exp": -NOW}),
    "an end that is now": ("token-expired", "expired 0 s ago", {"exp": NOW}),
    "an end in a year": ("token-lifetime", "longer", {"exp": NOW + 365 * 86_400}),
    "an end a second too late": ("token-lifetime", "longer", {"exp": NOW + 1801}),
    "an end of four hundred digits": ("token-lifetime", "longer", {"exp": 10**400}),
    "no beginning": ("token-lifetime", "no lifetime", {"nbf": GONE}),
    "a text as the beginning": ("token-lifetime", "no lifetime", {"nbf": "0"}),
    "false as the beginning": ("token-lifetime", "no lifetime", {"nbf": False}),
    "a beginning that lies ahead": ("token-not-yet-valid", "in 1 s", {"nbf": NOW + 1}),
    "a beginning long ago, to live longer": ("token-lifetime", "longer", {"nbf": 0}),
    "no subject": ("token-claims", "sub", {"sub": GONE}),
    "a number as the subject": ("token-claims", "sub", {"sub": 1}),
    "no client": ("token-claims", "client_id", {"client_id": GONE}),
    "null as the client": ("token-claims", "client_id", {"client_id": None}),
    "a list of clients": ("token-claims", "client_id", {"client_id": ["acme-headcount"]}),
    "an unknown client": ("client", "nobody is not registered", {"client_id": "nobody"}),
    "an empty client": ("client", "not registered", {"client_id": ""}),
    "the client and a blank": ("client", "not registered", {"client_id": "acme-headcount "}),
    "the client in upper case": ("client", "not registered", {"client_id": "ACME-HEADCOUNT"}),
    "a client with a wildcard": ("client", "not registered", {"client_id": "acme-%"}),
    "another client of the tenant": ("registration", "acme-integration", {"client_id": "acme-integration"}),
    "a client for people": ("role", "service account", {"client_id": "acme-desk"}),
    "a client of another tenant": ("client-tenant", "another tenant", {"client_id": "globex-headcount"}),
    "no scope": ("token-claims", "scope", {"scope": GONE}),
    "null as the scope": ("token-claims", "scope", {"scope": None}),
    "a list of scopes": ("token-claims", "scope", {"scope": [SCOPE]}),
    "an empty scope": ("scope", f"lacks the scope {SCOPE}", {"scope": ""}),
    "two blanks between scopes": ("token-claims", "another form", {"scope": f"employees.read  {SCOPE}"}),
    "a blank before the scope": ("token-claims", "another form", {"scope": f" {SCOPE}"}),
    "a blank after the scope": ("token-claims", "another form", {"scope": f"{SCOPE} "}),
    "a tab between scopes": ("token-claims", "another form", {"scope": f"employees.read\t{SCOPE}"}),
    "a line break between scopes": ("token-claims", "another form", {"scope": f"employees.read\n{SCOPE}"}),
    "a no-break space between scopes": ("token-claims", "another form", {"scope": f"employees.read\xa0{SCOPE}"}),
    "a line break after the scope": ("token-claims", "another form", {"scope": f"{SCOPE}\n"}),
    "quotes around the scope": ("token-claims", "another form", {"scope": f'"{SCOPE}"'}),
    "a letter that looks the same": ("token-claims", "another form", {"scope": SCOPE.replace("o", "\u043e")}),
    "a comma between scopes": ("scope", "lacks", {"scope": f"employees.read,{SCOPE}"}),
    "a semicolon between scopes": ("scope", "lacks", {"scope": f"{SCOPE};employees.read"}),
    "the scope in upper case": ("scope", "lacks", {"scope": SCOPE.upper()}),
    "the scope with a capital": ("scope", "lacks", {"scope": "Workforce.planning.write"}),
    "a scope that begins so": ("scope", "lacks", {"scope": f"{SCOPE}r"}),
    "a scope that ends so": ("scope", "lacks", {"scope": f"x.{SCOPE}"}),
    "half of the scope": ("scope", "lacks", {"scope": "workforce.planning"}),
    "a scope with a wildcard": ("scope", "lacks", {"scope": "workforce.planning.*"}),
    "every scope": ("scope", "lacks", {"scope": "*"}),
    "the scope for reading": ("scope", "lacks", {"scope": "workforce.planning.read"}),
    "a near miss": ("scope", "workforce:write look like it", {"scope": "workforce:write"}),
    "another near miss": ("scope", "planning:manage look like it", {"scope": "planning:manage"}),
    "both near misses": ("scope", "are not enough", {"scope": "workforce:write planning:manage"}),
    "colons for dots": ("scope", "lacks", {"scope": "workforce:planning:write"}),
    "no environment": ("token-claims", "environment", {"environment": GONE}),
    "a list of environments": ("token-claims", "environment", {"environment": ["production"]}),
    "another environment": ("environment", "issued for sandbox", {"environment": "sandbox"}),
    "the environment in upper case": ("environment", "PRODUCTION", {"environment": "PRODUCTION"}),
    "no tenant": ("token-tenant", "no tenant context", {"tenant_id": GONE}),
    "an empty tenant": ("token-tenant", "no tenant context", {"tenant_id": ""}),
    "null as the tenant": ("token-claims", "tenant_id", {"tenant_id": None}),
    "a number as the tenant": ("token-claims", "tenant_id", {"tenant_id": 0}),
    "a list of tenants": ("token-claims", "tenant_id", {"tenant_id": [GLOBEX]}),
    "an object as the tenant": ("token-claims", "tenant_id", {"tenant_id": {"$ne": ""}}),
    "another tenant": ("tenant-match", f"belongs to {GLOBEX}", {"tenant_id": GLOBEX}),
    "a wildcard as the tenant": ("tenant-match", "belongs to *", {"tenant_id": "*"}),
    "a sign-in of nobody": ("role", "the person x does not exist", {"sid": "s", "sub": "x"}),
    "a sign-in of the service account": ("role", "does not exist", {"sid": "s"}),
    "a sign-in of another tenant's person": ("role", "another tenant", {"sid": "s", "sub": "planner@globex.example"}),
    "a sign-in of somebody without the role": ("role", "no role", {"sid": "s", "sub": "admin@acme.example"}),
    "a number as the sign-in": ("token-claims", "sid", {"sid": 1}),
    "null as the sign-in": ("token-claims", "sid", {"sid": None}),
    "no name of its own": ("token-claims", "jti", {"jti": GONE}),
    "a list as its name": ("token-claims", "jti", {"jti": ["x"]}),
}


@pytest.mark.parametrize("attack", CLAIMS)
def test_a_claim_that_says_something_else_is_refused_by_the_check_that_is_named(forge: Forge, attack: str) -> None:
    check, says, claims = CLAIMS[attack]

    assert_writes_nothing(forge.caller, forge.caller.headers(forge.own(**claims)), check, says)


def issuers(caller: Caller) -> dict[str, str]:
    """Return issuers that are nearly ours."""
    port = caller.base.rpartition(":")[2]
    return {
        "the sandbox": caller.emulator.sandbox,
        "a slash after it": caller.base + "/",
        "upper case": caller.base.upper(),
        "a name of the same host": f"http://localhost:{port}",
        "another scheme": caller.base.replace("http:", "https:"),
        "a path": f"{caller.base}/oauth/token",
    }


@pytest.mark.parametrize(
    "near", ["the sandbox", "a slash after it", "upper case", "a name of the same host", "another scheme", "a path"]
)
def test_an_issuer_that_is_nearly_ours_is_not_ours(forge: Forge, near: str) -> None:
    issuer = issuers(forge.caller)[near]

    assert_writes_nothing(forge.caller, forge.caller.headers(forge.own(iss=issuer)), "token-issuer", issuer)


def test_a_token_for_another_tenant_and_its_header_prove_nothing_while_the_client_is_of_this_one(forge: Forge) -> None:
    token = forge.own(tenant_id=GLOBEX)
    headers = {"Authorization": f"Bearer {token}", "X-Tenant-ID": GLOBEX}

    assert_writes_nothing(forge.caller, headers, "client-tenant", GLOBEX)
    for path in (METADATA, HEADCOUNT, "/api/v1/tenant/info", "/api/v1/employees"):
        answer = forge.caller.http.request("GET", forge.caller.base + path, headers=headers)
        assert_refused(forge.caller, answer, "client-tenant", GLOBEX)


INFO_ATTACKS: dict[str, tuple[str, dict[str, Any]]] = {
    "of another tenant": ("client-tenant", {"tenant_id": GLOBEX}),
    "of another environment": ("environment", {"environment": "sandbox"}),
    "of an unknown client": ("client", {"client_id": "nobody"}),
    "of an empty tenant": ("client-tenant", {"tenant_id": ""}),
}


@pytest.mark.parametrize("attack", INFO_ATTACKS)
def test_tenant_info_asks_for_no_scope_and_yet_tells_nobody_of_another_tenant(forge: Forge, attack: str) -> None:
    check, claims = INFO_ATTACKS[attack]
    headers = {"Authorization": f"Bearer {forge.own(**claims)}"}

    answer = forge.caller.http.request("GET", f"{forge.caller.base}/api/v1/tenant/info", headers=headers)
    assert_refused(forge.caller, answer, check)


Change = Callable[[Caller, str], Any]
CLIENT, ACCOUNT = "clients/acme-headcount", "service-accounts/svc-acme-headcount"


def revoke(caller: Caller, token: str) -> None:
    client = caller.client()
    assert caller.post("/oauth/revoke", basic=(client.client_id, client.secret), token=token).status == 200


OUTLIVED: dict[str, tuple[str, str, Change]] = {
    # By what happened after the token was issued: the check that refuses it, and what the audit log says.
    "the token expired": ("token-expired", "0 s ago", lambda c, _: c.clock.advance(1800)),
    "the token was revoked": ("token-revoked", "revoked", revoke),
    "the client was disabled": ("client", "disabled", lambda c, _: c.switch("PATCH", CLIENT, enabled=False)),
    "the client was limited to addresses": (
        "address",
        "came from 127.0.0.1",
        lambda c, _: c.switch("PATCH", CLIENT, addresses=["192.0.2.0/24"]),
    ),
    "the client lost a scope": (
        "registration",
        "compliance",
        lambda c, _: c.switch("PATCH", CLIENT, scopes=[SCOPE, "tenant.context.read"]),
    ),
    "the client lost its permission": (
        "planning-permission",
        "lacks",
        lambda c, _: c.switch("PATCH", CLIENT, planning_permission=False),
    ),
    "the account lost its role": ("role", "no role", lambda c, _: c.switch("PATCH", ACCOUNT, roles=[])),
    "the account may only read": (
        "role",
        "Edit",
        lambda c, _: c.switch("PATCH", ACCOUNT, roles=["Workforce Planning Viewer"]),
    ),
    "the account was locked": ("role", "locked", lambda c, _: c.switch("PATCH", ACCOUNT, locked=True)),
    "the role is pending": (
        "role",
        "pending",
        lambda c, _: c.switch("PATCH", ACCOUNT, assignments=[{"role": "Workforce Planning Administrator"}]),
    ),
}


@pytest.mark.parametrize("after", OUTLIVED)
def test_a_token_ends_with_what_it_stood_for(forge: Forge, after: str) -> None:
    check, says, change = OUTLIVED[after]
    assert forge.caller.get(METADATA, forge.good).status == 200
    change(forge.caller, forge.good)

    assert_writes_nothing(forge.caller, forge.caller.headers(forge.good), check, says)


@pytest.mark.parametrize(
    "after",
    ["the token expired", "the token was revoked", "the client was disabled", "the client was limited to addresses"],
)
def test_tenant_info_ends_with_the_token_and_its_client_too(forge: Forge, after: str) -> None:
    check, says, change = OUTLIVED[after]
    change(forge.caller, forge.good)

    assert_refused(forge.caller, forge.caller.get("/api/v1/tenant/info", forge.good), check, says)


BASIC = urllib3.make_headers(basic_auth="acme-headcount:acme-production-headcount-secret")["authorization"]

TRANSPORTS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    # By name: the check that refuses it, and the headers that carry a good token; {} stands for it.
    "no header at all": ("token-missing", []),
    "an empty header": ("token-missing", [("Authorization", "")]),
    "the scheme alone": ("token-missing", [("Authorization", "Bearer")]),
    "the scheme and blanks": ("token-missing", [("Authorization", "Bearer   ")]),
    "the token alone": ("token-missing", [("Authorization", "{}")]),
    "Basic with the client's secret": ("token-missing", [("Authorization", BASIC)]),
    "Basic with the token": ("token-missing", [("Authorization", "Basic {}")]),
    "the scheme DPoP": ("token-missing", [("Authorization", "DPoP {}")]),
    "the scheme Token": ("token-missing", [("Authorization", "Token {}")]),
    "the scheme with a colon": ("token-missing", [("Authorization", "Bearer: {}")]),
    "a tab after the scheme": ("token-missing", [("Authorization", "Bearer\t{}")]),
    "the scheme twice": ("token-signature", [("Authorization", "Bearer Bearer {}")]),
    "quotes": ("token-signature", [("Authorization", 'Bearer "{}"')]),
    "a parameter": ("token-signature", [("Authorization", "Bearer token={}")]),
    "a comma after the token": ("token-signature", [("Authorization", "Bearer {},")]),
    "two tokens with a comma": ("token-signature", [("Authorization", "Bearer {}, {}")]),
    "two headers with one token": ("token-signature", [("Authorization", "Bearer {}"), ("Authorization", "Bearer {}")]),
    "a second header that is empty": ("token-signature", [("Authorization", "Bearer {}"), ("Authorization", "")]),
    "Basic before": ("token-missing", [("Authorization", BASIC), ("Authorization", "Bearer {}")]),
    "Basic after": ("token-signature", [("Authorization", "Bearer {}"), ("Authorization", BASIC)]),
    "a cookie": ("token-missing", [("Cookie", "access_token={}; token={}")]),
    "a header of another name": ("token-missing", [("X-Authorization", "Bearer {}"), ("Access-Token", "{}")]),
    "a header for proxies": ("token-missing", [("Proxy-Authorization", "Bearer {}")]),
}


@pytest.mark.parametrize("attack", TRANSPORTS)
def test_a_good_token_that_is_not_sent_as_the_rfc_says_counts_for_nothing(forge: Forge, attack: str) -> None:
    check, sent = TRANSPORTS[attack]
    headers = urllib3.HTTPHeaderDict({"X-Tenant-ID": forge.caller.tenant})
    for name, value in sent:
        headers.add(name, value.replace("{}", forge.good))

    assert_writes_nothing(forge.caller, headers, check)


def test_a_token_in_the_query_or_in_the_body_counts_for_nothing(forge: Forge) -> None:
    caller, before = forge.caller, kept(forge.caller)
    tenant = {"X-Tenant-ID": caller.tenant}
    url = caller.base + HEADCOUNT

    for query in (f"access_token={forge.good}", f"token={forge.good}", f"Authorization=Bearer%20{forge.good}"):
        assert_refused(
            caller, caller.http.request("POST", f"{url}?{query}", json=records("0102"), headers=tenant), "token-missing"
        )
        assert_refused(caller, caller.http.request("GET", f"{url}?{query}", headers=tenant), "token-missing")
    form = {"Content-Type": "application/x-www-form-urlencoded"} | tenant
    answer = caller.http.request("POST", url, body=f"access_token={forge.good}", headers=form)
    assert_refused(caller, answer, "token-missing")
    within = json.dumps(records("0102") | {"access_token": forge.good})
    answer = caller.http.request("POST", url, body=within, headers={"Content-Type": "application/json"} | tenant)
    assert_refused(caller, answer, "token-missing")
    assert kept(caller) == before


FORWARDED = {
    "X-Forwarded-For": "192.0.2.9",
    "X-Real-IP": "192.0.2.9",
    "Forwarded": "for=192.0.2.9",
    "X-Client-IP": "192.0.2.9",
    "True-Client-IP": "192.0.2.9",
}


@pytest.mark.parametrize("header", FORWARDED)
def test_a_caller_cannot_say_where_it_calls_from(forge: Forge, header: str) -> None:
    forge.caller.switch("PATCH", CLIENT, addresses=["192.0.2.0/24"])
    headers = forge.caller.headers(forge.good) | {header: FORWARDED[header]}

    assert_writes_nothing(forge.caller, headers, "address", "this came from 127.0.0.1")


def test_the_scheme_is_read_without_regard_to_case_as_the_rfc_says(forge: Forge) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        headers = forge.caller.headers(forge.good) | {"Authorization": f"{scheme} {forge.good}"}
        assert forge.caller.http.request("GET", forge.caller.base + METADATA, headers=headers).status == 200

"""Attacks on the token endpoint: another's tenant, scope, secret or assertion. Nothing is issued for them.

The client hears what the RFC says, in words that are the same for all of a kind; the audit log names what was wrong.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from tests.curl import METADATA, SCOPES, Caller
from tests.forging import GLOBEX, GONE, SANDBOX, assert_nothing_issued, assert_told, encoded, key

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def asked(caller: Caller, *pairs: tuple[str, str]) -> Any:
    """Ask for a token as a client that proves who it is; a name may stand twice."""
    client = caller.client()
    secret = [("client_id", client.client_id), ("client_secret", client.secret)]
    body = urlencode([("grant_type", "client_credentials"), *secret, *pairs])
    return caller.http.request("POST", f"{caller.base}/oauth/token", body=body, headers=FORM)


CONTEXTS: dict[str, tuple[str, list[str]]] = {
    # By name: the check that refuses it, and tenant_context as it is sent; {} stands for the client's own tenant.
    "another tenant": ("oauth-invalid-target", [GLOBEX]),
    "the same tenant in the sandbox": ("oauth-invalid-target", [SANDBOX]),
    "upper case": ("oauth-invalid-target", ["{:upper}"]),
    "a blank after it": ("oauth-invalid-target", ["{} "]),
    "a line break after it": ("oauth-invalid-target", ["{}\n"]),
    "a list with commas": ("oauth-invalid-target", [f"{{}},{GLOBEX}"]),
    "a list with blanks": ("oauth-invalid-target", [f"{{}} {GLOBEX}"]),
    "a list of JSON": ("oauth-invalid-target", ['["{}"]']),
    "a wildcard": ("oauth-invalid-target", ["*"]),
    "a blank alone": ("oauth-invalid-target", [" "]),
    "the tenant's name": ("oauth-invalid-target", ["Acme"]),
    "null": ("oauth-invalid-target", ["null"]),
    "a zero byte": ("oauth-invalid-target", ["{}\0"]),
    "twice": ("oauth-invalid-request", ["{}", "{}"]),
    "its own, then another": ("oauth-invalid-request", ["{}", GLOBEX]),
    "another, then its own": ("oauth-invalid-request", [GLOBEX, "{}"]),
    "empty, then another": ("oauth-invalid-request", ["", GLOBEX]),
}


@pytest.mark.parametrize("attack", CONTEXTS)
def test_a_client_gets_a_token_for_its_own_tenant_alone(caller: Caller, attack: str) -> None:
    check, sent = CONTEXTS[attack]
    forms = [one.replace("{}", caller.tenant).replace("{:upper}", caller.tenant.upper()) for one in sent]

    assert_nothing_issued(caller, asked(caller, *(("tenant_context", one) for one in forms)), check)


def test_an_empty_tenant_context_is_none_and_the_token_opens_no_planning(caller: Caller) -> None:
    token = asked(caller, ("tenant_context", "")).json()["access_token"]

    assert caller.get(METADATA, token).status == 401
    assert_told(caller, "token-tenant")


WRITE = "workforce.planning.write"

SHAPES = {
    "two blanks": f"{WRITE}  compliance.data.access",
    "a blank before": f" {WRITE}",
    "a blank after": f"{WRITE} ",
    "a blank alone": " ",
    "a tab": f"{WRITE}\tcompliance.data.access",
    "a line break": f"{WRITE}\n",
    "a comma": f"{WRITE},compliance.data.access",
    "upper case": WRITE.upper(),
    "a prefix": f"x.{WRITE}",
    "a suffix": f"{WRITE}r",
    "a wildcard": "workforce.planning.*",
    "everything": "*",
    "a list of JSON": f'["{WRITE}"]',
    "a near miss": "workforce:write",
    "another near miss": "planning:manage",
    "the scope of another module": "employees.read",
    "one that is registered and one that is not": f"{WRITE} audit.logs.read",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_scope_that_is_not_registered_to_the_letter_is_refused_and_not_dropped(caller: Caller, shape: str) -> None:
    assert_nothing_issued(caller, asked(caller, ("scope", SHAPES[shape])), "oauth-invalid-scope")


def secret_of(caller: Caller, whose: str = "acme", where: str = "production") -> str:
    return replace(caller, whose=whose, where=where).client().secret


How = Callable[[Caller], dict[str, Any]]

PROOFS: dict[str, tuple[str, str, How]] = {
    # By name: the check that refuses it, what the audit log says, and what is sent: Basic, or the form.
    "the sandbox's secret": (
        "oauth-invalid-client",
        "secret is wrong",
        lambda c: {"basic": ("acme-headcount", secret_of(c, where="sandbox"))},
    ),
    "another tenant's secret": (
        "oauth-invalid-client",
        "secret is wrong",
        lambda c: {"basic": ("acme-headcount", secret_of(c, "globex"))},
    ),
    "another client's secret": (
        "oauth-invalid-client",
        "secret is wrong",
        lambda c: {"basic": ("acme-headcount", c.client("auditor").secret)},
    ),
    "an empty secret": ("oauth-invalid-client", "secret is wrong", lambda _: {"basic": ("acme-headcount", "")}),
    "the secret in upper case": (
        "oauth-invalid-client",
        "secret is wrong",
        lambda c: {"basic": ("acme-headcount", secret_of(c).upper())},
    ),
    "the secret and a blank": (
        "oauth-invalid-client",
        "secret is wrong",
        lambda c: {"basic": ("acme-headcount", secret_of(c) + "%20")},
    ),
    "the client's name alone": ("oauth-invalid-client", "not none", lambda _: {"client_id": "acme-headcount"}),
    "nothing": ("oauth-invalid-client", "no client authentication", lambda _: {}),
    "an unknown client": ("oauth-invalid-client", "not registered", lambda c: {"basic": ("nobody", secret_of(c))}),
    "the client in upper case": (
        "oauth-invalid-client",
        "not registered",
        lambda c: {"basic": ("ACME-HEADCOUNT", secret_of(c))},
    ),
    "SQL as the client": (
        "oauth-invalid-client",
        "not registered",
        lambda c: {"basic": ("x'+OR+'1'='1", secret_of(c))},
    ),
    "two ways at once": (
        "oauth-invalid-request",
        "two ways",
        lambda c: {"basic": ("acme-headcount", secret_of(c)), "client_secret": secret_of(c)},
    ),
    "another client in the form": (
        "oauth-invalid-request",
        "differs",
        lambda c: {"basic": ("acme-headcount", secret_of(c)), "client_id": "globex-headcount"},
    ),
    "a public client by itself": (
        "oauth-unauthorized-client",
        "the grant client_credentials",
        lambda _: {"client_id": "acme-desk"},
    ),
    "a grant that it has not": (
        "oauth-unauthorized-client",
        "refresh_token",
        lambda c: {"basic": ("acme-headcount", secret_of(c)), "grant_type": "refresh_token", "refresh_token": "x"},
    ),
    "a grant by password": (
        "oauth-unsupported-grant-type",
        "only",
        lambda c: {
            "basic": ("acme-headcount", secret_of(c)),
            "grant_type": "password",
            "username": "planner@acme.example",
            "password": "acme-planner",
        },
    ),
}


@pytest.mark.parametrize("attack", PROOFS)
def test_a_client_that_does_not_prove_who_it_is_gets_nothing(caller: Caller, attack: str) -> None:
    check, says, how = PROOFS[attack]
    sent = {"grant_type": "client_credentials", "scope": SCOPES} | how(caller)

    assert_nothing_issued(caller, caller.post("/oauth/token", **sent), check, says)


def test_a_client_of_one_environment_is_unknown_in_the_other_or_has_another_secret(caller: Caller) -> None:
    made = caller.switch("POST", "clients", client_id="acme-only-here", tenant_id=caller.tenant, scopes=[WRITE])
    sandbox = replace(caller, where="sandbox")

    for whose, secret, says in (
        ("acme-only-here", made["client_secret"], "not registered in this environment"),
        ("acme-headcount", secret_of(caller), "the secret is wrong"),
    ):
        answer = sandbox.post("/oauth/token", basic=(whose, secret), grant_type="client_credentials")
        assert_nothing_issued(sandbox, answer, "oauth-invalid-client", says)


def test_a_disabled_client_gets_nothing_on_any_route_of_the_server(caller: Caller) -> None:
    client, token = caller.client(), caller.token().json()["access_token"]
    caller.switch("PATCH", "clients/acme-headcount", enabled=False)

    for path in ("token", "introspect", "revoke"):
        form = {"grant_type": "client_credentials", "token": token}
        answer = caller.post(f"/oauth/{path}", basic=(client.client_id, client.secret), **form)
        assert_nothing_issued(caller, answer, "oauth-invalid-client", "is disabled")


def test_a_secret_in_the_query_counts_for_nothing(caller: Caller) -> None:
    secret = urlencode({"client_id": "acme-headcount", "client_secret": secret_of(caller)})
    answer = caller.post(f"/oauth/token?{secret}", grant_type="client_credentials")

    assert_nothing_issued(caller, answer, "oauth-invalid-client", "no client authentication")


MINE = ECKey.import_key(dict(key("P-256").as_dict(private=True), kid="mine"))
KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def assertion(caller: Caller, header: dict[str, Any], signer: Any = MINE, **other: Any) -> str:
    """Return an assertion of acme-headcount's, signed with its registered key, with what is bent."""
    now = int(caller.clock().timestamp())
    whole = {"alg": "ES256", "kid": "mine"} | header
    claims = {
        "iss": "acme-headcount",
        "sub": "acme-headcount",
        "aud": caller.base,
        "exp": now + 60,
        "jti": "once",
    } | other
    told = f"{encoded(whole)}.{encoded(claims)}"
    if whole["alg"] == "none":
        return f"{told}."
    if whole["alg"] == "HS256":
        return f"{told}.{encoded(hmac.digest(signer, told.encode(), 'sha256'))}"
    return f"{told}.{encoded(JWSRegistry.algorithms[whole['alg']].sign(told.encode(), signer))}"


def by_assertion(caller: Caller, signed: str, **other: str) -> Any:
    form = {"grant_type": "client_credentials", "client_assertion_type": KIND, "client_assertion": signed} | other
    return caller.post("/oauth/token", **form)


Sign = Callable[[Caller], str]

ASSERTIONS: dict[str, tuple[str, Sign]] = {
    # By name: what the audit log says, and the assertion.
    "no algorithm": ("not signed", lambda c: assertion(c, {"alg": "none"})),
    "the public key as a shared secret": (
        "not signed",
        lambda c: assertion(c, {"alg": "HS256"}, MINE.as_pem(private=False)),
    ),
    "the client's secret as a shared secret": (
        "not signed",
        lambda c: assertion(c, {"alg": "HS256"}, secret_of(c).encode()),
    ),
    "another key": ("not signed", lambda c: assertion(c, {}, ECKey.generate_key("P-256", auto_kid=False))),
    "another key that came along": (
        "not signed",
        lambda c: assertion(c, {"jwk": key("secp256k1").as_dict(private=False), "alg": "ES256K"}, key("secp256k1")),
    ),
    "a key's name that is not registered": ("not signed", lambda c: assertion(c, {"kid": "../mine"})),
    "a key's name that is a list": ("not signed", lambda c: assertion(c, {"kid": ["mine"]})),
    "something critical": ("not signed", lambda c: assertion(c, {"crit": ["x"], "x": 1})),
    "another client of the tenant": (
        "acme-auditor is registered for",
        lambda c: assertion(c, {}, iss="acme-auditor", sub="acme-auditor"),
    ),
    "a client of another tenant": (
        "not signed",
        lambda c: assertion(c, {}, iss="globex-headcount", sub="globex-headcount"),
    ),
    "another issuer": ("iss and sub", lambda c: assertion(c, {}, iss="globex-headcount")),
    "no issuer": ("iss and sub", lambda c: assertion(c, {}, iss=GONE)),
    "the sandbox as the audience": ("audience", lambda c: assertion(c, {}, aud=c.emulator.sandbox)),
    "two audiences": ("audience", lambda c: assertion(c, {}, aud=[c.base, "https://evil.example"])),
    "an end in a day": ("exp", lambda c: assertion(c, {}, exp=int(c.clock().timestamp()) + 86_400)),
    "an end that is no number": ("exp", lambda c: assertion(c, {}, exp=float("nan"))),
    "no name of its own": ("jti", lambda c: assertion(c, {}, jti=GONE)),
    "half a character as its name": ("not registered", lambda c: assertion(c, {}, jti="\ud800")),
    "half a character as the client": ("not registered", lambda c: assertion(c, {}, sub="\ud800", iss="\ud800")),
}


@pytest.mark.parametrize("attack", ASSERTIONS)
def test_an_assertion_that_is_forged_or_meant_otherwise_proves_nothing(caller: Caller, attack: str) -> None:
    says, sign = ASSERTIONS[attack]
    other = dict(ECKey.generate_key("P-256", auto_kid=False).as_dict(private=False), kid="mine")
    for client_id, public in (("acme-headcount", dict(MINE.as_dict(private=False))), ("globex-headcount", other)):
        caller.switch("PATCH", f"clients/{client_id}", keys=[public], methods=["private_key_jwt"])
    assert by_assertion(caller, assertion(caller, {}, jti="before")).status == 200

    assert_nothing_issued(caller, by_assertion(caller, sign(caller)), "oauth-invalid-client", says)


def test_an_assertion_counts_once_for_its_own_client_and_tenant(caller: Caller) -> None:
    public = dict(MINE.as_dict(private=False))
    for client_id in ("acme-headcount", "globex-headcount"):  # both with one key, as two tenants of one integrator
        caller.switch("PATCH", f"clients/{client_id}", keys=[public], methods=["private_key_jwt"])
    signed = assertion(caller, {})

    answer = by_assertion(caller, signed, client_id="globex-headcount")
    assert_nothing_issued(caller, answer, "oauth-invalid-request", "differs")
    assert_nothing_issued(caller, by_assertion(caller, signed, tenant_context=GLOBEX), "oauth-invalid-target")
    answer = by_assertion(caller, signed)
    assert_nothing_issued(caller, answer, "oauth-invalid-client", "used before")
    answer = by_assertion(caller, signed.replace(".", "..", 1))
    assert_nothing_issued(caller, answer, "oauth-invalid-client")

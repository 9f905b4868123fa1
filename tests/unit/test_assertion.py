"""The assertion that a client signs instead of showing a secret: what it says, how it is signed, and what is no key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from tests.keys import private, public, public_pem, secrets_in

from bridgehead.emulator.authorization.keys import Algorithms
from bridgehead.errors import ConfigError
from bridgehead.testing import Clock
from bridgehead.ukg.asking import Identity, token_request
from bridgehead.ukg.assertion import signed_assertion
from bridgehead.ukg.dialect import load_dialect

TENANT = "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"
ALGORITHMS = ["ES256", "RS256", "EdDSA"]


def sign(key: str, key_id: str = "") -> str:
    return signed_assertion(
        key,
        client_id="acme-headcount",
        audience="https://acme.example/oauth/token",
        key_id=key_id,
        now=Clock()(),
        assertion_id="the-only-one",
    )


def read(signed: str, pem: str, algorithm: str = "ES256") -> Any:
    return jwt.decode(signed, public(pem, algorithm), registry=Algorithms(algorithms=[algorithm]))


def form_of(key: str, clock: Clock, *, plain: bool = False, **overrides: Any) -> dict[str, str]:
    dialect = load_dialect("thread", {"token": overrides})
    who = Identity(
        "acme", TENANT, "production", "acme-headcount", lambda: key, keyed=True, base_url="https://acme.example/"
    )
    request = token_request(dialect, who, clock, iter(map(str, range(100))).__next__, plain=plain)
    assert "Authorization" not in request.headers
    return {name: value for name, (value,) in parse_qs(request.body.decode()).items()}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_says_who_for_whom_and_until_when_and_is_signed_as_the_key_can(algorithm: str) -> None:
    key, now = private(algorithm), int(Clock()().timestamp())
    token = read(sign(key, "2026-11"), key, algorithm)

    assert token.header == {"alg": algorithm, "typ": "JWT", "kid": "2026-11"}
    assert token.claims == {
        "iss": "acme-headcount",
        "sub": "acme-headcount",
        "aud": "https://acme.example/oauth/token",
        "jti": "the-only-one",
        "iat": now,
        "exp": now + 120,
    }


def test_a_key_without_a_name_is_not_named() -> None:
    key = private()

    assert "kid" not in read(sign(key), key).header


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("hunter2", "no private key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----", "no private key in PEM"),
        (private()[:80], "no private key in PEM"),
        (public_pem(), "what is public"),
        (private(password="locked"), "locked with a password"),
        (private("P-384"), "curve secp384r1"),
        (private("short"), "RSA key of 1024 bits"),
        (private("X25519"), "of a kind that no assertion"),
    ],
    ids=["no PEM", "nonsense", "cut", "public", "password", "P-384", "short RSA", "X25519"],
)
def test_what_cannot_sign_is_refused_without_a_word_of_it(key: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refused:
        sign(key)

    told = refused.value.message + refused.value.cure
    assert refused.value.setting == "client_key"
    assert "openssl genpkey" in refused.value.cure
    assert not any(line in told for line in key.splitlines() if len(line) > 20 and "-----" not in line)
    assert refused.value.__cause__ is None


def test_a_token_is_asked_for_with_an_assertion_and_no_secret() -> None:
    key, clock = private(), Clock()
    form = form_of(key, clock)

    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert form["tenant_context"] == TENANT
    assert "client_secret" not in form
    assert read(form["client_assertion"], key).claims["aud"] == "https://acme.example/oauth/token"
    assert not any(secret in str(form) for secret in secrets_in(key))


@pytest.mark.parametrize(
    ("template", "audience"),
    [("{base_url}", "https://acme.example"), ("https://login.example/issuer", "https://login.example/issuer")],
)
def test_the_dialect_says_whom_the_assertion_is_meant_for(template: str, audience: str) -> None:
    key = private()
    form = form_of(key, Clock(), assertion_audience=template)

    assert read(form["client_assertion"], key).claims["aud"] == audience


def test_an_audience_that_cannot_be_filled_is_an_error_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"token\.assertion_audience") as refused:
        form_of(private(), Clock(), assertion_audience="{issuer}")

    assert "{token_endpoint}" in refused.value.cure


def test_an_error_about_a_key_carries_nothing_in_which_the_key_is_at_hand() -> None:
    with pytest.raises(ConfigError) as refused:
        form_of(private("P-384"), Clock())

    inside = [frame.name for frame in refused.traceback if "bridgehead" in str(frame.path)]
    assert inside[-2:] == ["client_request", "_assertion"]


def test_a_plain_token_is_asked_for_without_tenant_and_scopes() -> None:
    assert form_of(private(), Clock(), plain=True).keys() == {
        "grant_type",
        "client_assertion",
        "client_assertion_type",
    }


def test_another_try_has_another_assertion_of_its_own_moment() -> None:
    key, clock = private(), Clock()
    who = Identity(
        "acme", TENANT, "production", "acme-headcount", lambda: key, keyed=True, base_url="https://a.example"
    )
    first = token_request(load_dialect("thread", {}), who, clock, iter(map(str, range(100))).__next__)
    clock.advance(300)
    assert first.anew is not None
    second = first.anew()
    claims = [read(parse_qs(one.body.decode())["client_assertion"][0], key).claims for one in (first, second)]

    assert claims[0]["jti"] != claims[1]["jti"]
    assert timedelta(seconds=claims[1]["iat"] - claims[0]["iat"]) == timedelta(minutes=5)

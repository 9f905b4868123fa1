"""Forged tokens: algorithms, keys, headers and encodings. Each one is refused, nothing is stored, the log says why.

Most of them are signed with the emulator's own key, so that the check that is named holds by itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.curl import METADATA, Caller
from tests.forging import GLOBEX, GONE, Forge, assert_refused, assert_writes_nothing, decoded, encoded, key

from bridgehead.emulator.authorization.keys import ALGORITHMS

How = Callable[[Forge], str]
Attacks = dict[str, tuple[str, str, How]]
"""By name: the check that refuses it, what the audit log says, and how the token is made."""

SIGNATURE, HEADER, TYPE, CLAIMS = "token-signature", "token-header", "token-type", "token-claims"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256."""


def pem(forge: Forge, number: int = -1) -> bytes:
    """Return the public key as PEM, which a careless verifier would take for a shared secret."""
    kid = forge.public(number)["kid"]
    found = forge.caller.emulator.environments["production"].keys.verifier(kid)
    assert found is not None
    return bytes(found[1].as_pem(private=False))


def named_otherwise(forge: Forge, algorithm: str, kid: str, alg: str) -> str:
    """Return a token that a new key signed, and that names another key or algorithm."""
    after = forge.rotated(algorithm)
    header = after.header(kid=kid or after.header()["kid"], alg=alg)
    return after.sign(header, after.claims(), algorithm=algorithm)


ALGORITHM_ATTACKS: Attacks = {
    **{
        f"no algorithm, spelt {alg!r}": (SIGNATURE, "", lambda f, alg=alg: f.unsigned(alg=alg))
        for alg in ("none", "None", "NONE", "nOnE", "none ", "")
    },
    "no algorithm, and somebody's signature": (SIGNATURE, "", lambda f: f.unsigned(f.parts[2], alg="none")),
    "no algorithm, under our key": (SIGNATURE, "", lambda f: f.headed(alg="none")),
    "the public key's PEM as a shared secret": (SIGNATURE, "HS256", lambda f: f.hashed(pem(f))),
    "the same without its last line break": (SIGNATURE, "HS256", lambda f: f.hashed(pem(f).strip())),
    "the same with HS512": (SIGNATURE, "HS512", lambda f: f.hashed(pem(f), "sha512")),
    "the public JWK as a shared secret": (SIGNATURE, "HS256", lambda f: f.hashed(json.dumps(f.public()).encode())),
    "the public key's x as a shared secret": (SIGNATURE, "HS256", lambda f: f.hashed(decoded(f.public()["x"]))),
    "x as it stands in the key set": (SIGNATURE, "HS256", lambda f: f.hashed(f.public()["x"].encode())),
    "an empty shared secret": (SIGNATURE, "HS256", lambda f: f.hashed(b"")),
    "the key's name as a shared secret": (SIGNATURE, "HS256", lambda f: f.hashed(f.header()["kid"].encode())),
    "a PEM of RSA as a shared secret": (SIGNATURE, "HS256", lambda f: f.rotated("RS256").hashed(pem(f))),
    "RS256": (SIGNATURE, "RS256", lambda f: f.foreign("RSA", "RS256")),
    "RS512": (SIGNATURE, "RS512", lambda f: f.foreign("RSA", "RS512")),
    "PS256": (SIGNATURE, "PS256", lambda f: f.foreign("RSA", "PS256")),
    "ES384": (SIGNATURE, "ES384", lambda f: f.foreign("P-384", "ES384")),
    "ES512": (SIGNATURE, "ES512", lambda f: f.foreign("P-521", "ES512")),
    "ES256K": (SIGNATURE, "ES256K", lambda f: f.foreign("secp256k1", "ES256K")),
    "EdDSA": (SIGNATURE, "EdDSA", lambda f: f.foreign("Ed25519", "EdDSA")),
    "our signature, said to be ES384": (SIGNATURE, "ES384", lambda f: f.headed(alg="ES384")),
    "our signature, said to be RS256": (SIGNATURE, "RS256", lambda f: f.headed(alg="RS256")),
    "our signature, said to be es256": (SIGNATURE, "es256", lambda f: f.headed(alg="es256")),
    "RS256 under a key for ES256": (
        SIGNATURE,
        "RS256",
        lambda f: named_otherwise(f, "RS256", "ukg-pro-production-1", "RS256"),
    ),
    "EdDSA under a key for ES256": (
        SIGNATURE,
        "EdDSA",
        lambda f: named_otherwise(f, "EdDSA", "ukg-pro-production-1", "EdDSA"),
    ),
    "ES256 under a key for EdDSA": (SIGNATURE, "ES256", lambda f: named_otherwise(f, "EdDSA", "", "ES256")),
    "PS256 under a key for RS256": (SIGNATURE, "PS256", lambda f: named_otherwise(f, "RS256", "", "PS256")),
    "RS512 under a key for RS256": (SIGNATURE, "RS512", lambda f: named_otherwise(f, "RS256", "", "RS512")),
    "the algorithm is missing": (SIGNATURE, "alg", lambda f: f.headed(alg=GONE)),
    "the algorithm is null": (SIGNATURE, "alg", lambda f: f.headed(alg=None)),
    "the algorithm is a list": (SIGNATURE, "alg", lambda f: f.headed(alg=["ES256"])),
    "the algorithm is an object": (SIGNATURE, "alg", lambda f: f.headed(alg={"ES256": True})),
    "the algorithm is a number": (SIGNATURE, "alg", lambda f: f.headed(alg=256)),
}


def of_the_sandbox(forge: Forge) -> str:
    """Return a token that the sandbox issued to the client of the same name."""
    sandbox = Caller(forge.caller.emulator, forge.caller.http, forge.caller.clock, where="sandbox")
    return str(sandbox.token().json()["access_token"])


def under_the_sandboxs_key(forge: Forge) -> str:
    return forge.sign(forge.header(), forge.claims(), forge.caller.emulator.environments["sandbox"].keys.signer()[2])


def under_a_withdrawn_key(forge: Forge) -> str:
    forge.rotated("ES256")
    forge.caller.switch("DELETE", f"keys/{forge.header()['kid']}")
    return forge.good


UNION = "x' UNION SELECT 'a-secret' --"

KEY_ATTACKS: Attacks = {
    "a key of the attacker's under our key's name": (SIGNATURE, "bad_signature", lambda f: f.foreign("P-256", "ES256")),
    "a token of the sandbox": (SIGNATURE, "'ukg-pro-sandbox-1', this is production", of_the_sandbox),
    "the sandbox's key under our key's name": (SIGNATURE, "bad_signature", under_the_sandboxs_key),
    "the sandbox's key named, ours used": (SIGNATURE, "sandbox-1", lambda f: f.headed(kid="ukg-pro-sandbox-1")),
    "a key that was withdrawn": (SIGNATURE, "'ukg-pro-production-1', this is", under_a_withdrawn_key),
    "a path as the key's name": (SIGNATURE, "/dev/null", lambda f: f.hashed(b"", kid="../../../../dev/null")),
    "SQL as the key's name": (SIGNATURE, "UNION", lambda f: f.hashed(b"a-secret", kid=UNION)),
    "a command as the key's name": (SIGNATURE, "|id", lambda f: f.headed(kid="ukg-pro-production-1|id")),
    "an address as the key's name": (SIGNATURE, "https:", lambda f: f.headed(kid="https://evil.example/key")),
    "a key's name with a zero byte": (SIGNATURE, "\\x00", lambda f: f.headed(kid="ukg-pro-production-1\0")),
    "a key's name with a blank": (SIGNATURE, "production-1 '", lambda f: f.headed(kid="ukg-pro-production-1 ")),
    "a key's name in upper case": (SIGNATURE, "UKG", lambda f: f.headed(kid="UKG-PRO-PRODUCTION-1")),
    "a key's name that is very long": (SIGNATURE, "'" + "a" * 64 + "'", lambda f: f.headed(kid="a" * 40_000)),
    "half a character as the key's name": (SIGNATURE, "no key", lambda f: f.headed(kid="\ud800")),
    "null as the key's name": (SIGNATURE, "no key", lambda f: f.headed(kid=None)),
    "a number as the key's name": (SIGNATURE, "no key", lambda f: f.headed(kid=1)),
    "true as the key's name": (SIGNATURE, "no key", lambda f: f.headed(kid=True)),
    "a list as the key's name": (SIGNATURE, "no key", lambda f: f.headed(kid=["ukg-pro-production-1"])),
    "lists in lists as the key's name": (
        SIGNATURE,
        "no key",
        lambda f: f.sign(f'{{"alg":"ES256","typ":"at+jwt","kid":{"[" * 3000}{"]" * 3000}}}', f.claims()),
    ),
    "an empty key's name": (SIGNATURE, "no key", lambda f: f.headed(kid="")),
    "no key's name": (SIGNATURE, "no key", lambda f: f.headed(kid=GONE)),
}


def public(kind: str) -> dict[str, Any]:
    return dict(key(kind).as_dict(private=False))


def doubled(part: dict[str, Any], **first: Any) -> str:
    """Return a JSON object in which a name stands twice; most readers take the last."""
    return json.dumps(first)[:-1] + "," + json.dumps(part)[1:]


HEADER_ATTACKS: Attacks = {
    "a key set's address (jku)": (
        HEADER,
        "jku",
        lambda f: f.foreign("P-256", "ES256", kid="evil", jku="https://evil.example/jwks"),
    ),
    "a key set's address under our key": (HEADER, "jku", lambda f: f.headed(jku="http://127.0.0.1:9/jwks")),
    "a key that came along (jwk)": (HEADER, "jwk", lambda f: f.foreign("P-256", "ES256", jwk=public("P-256"))),
    "our public key that came along": (HEADER, "jwk", lambda f: f.headed(jwk=f.public())),
    "a certificate's address (x5u)": (HEADER, "x5u", lambda f: f.headed(x5u="https://evil.example/cert.pem")),
    "a certificate that came along (x5c)": (HEADER, "x5c", lambda f: f.headed(x5c=["MIIB"])),
    "a certificate's digest (x5t)": (HEADER, "x5t", lambda f: f.headed(x5t="AAAA")),
    "something critical that nobody knows": (HEADER, "crit", lambda f: f.headed(crit=["admin"], admin=True)),
    "something critical that is missing": (HEADER, "crit", lambda f: f.headed(crit=["exp"])),
    "nothing that is critical": (HEADER, "crit", lambda f: f.headed(crit=[])),
    "a payload that is not encoded": (HEADER, "b64, crit", lambda f: f.headed(b64=False, crit=["b64"])),
    "a payload that is not encoded, not said to be critical": (HEADER, "b64", lambda f: f.headed(b64=False)),
    "a payload that is compressed": (HEADER, "zip", lambda f: f.headed(zip="DEF")),
    "a token in a token": (HEADER, "cty", lambda f: f.sign(f.header(cty="JWT"), f.good)),
    "an encrypted token's header": (HEADER, "enc", lambda f: f.headed(enc="A256GCM")),
    "claims in the header": (HEADER, "iss, sub", lambda f: f.headed(iss="x", sub="x")),
    "a header that is very long": (HEADER, "aaa", lambda f: f.headed(**{"a" * 40_000: 1})),
    "an address that is none (jku)": (HEADER, "jku", lambda f: f.headed(jku=5)),
    "the algorithm twice, first none": (
        SIGNATURE,
        "no key",
        lambda f: f.sign(doubled(f.header(), alg="none"), f.claims()),
    ),
    "the key's name twice": (SIGNATURE, "no key", lambda f: f.sign(doubled(f.header(), kid="evil"), f.claims())),
    "no type": (TYPE, "at+jwt", lambda f: f.headed(typ=GONE)),
    "the type JWT": (TYPE, "at+jwt", lambda f: f.headed(typ="JWT")),
    "the type of an ID token": (TYPE, "at+jwt", lambda f: f.headed(typ="id_token")),
    "the type of a logout token": (TYPE, "at+jwt", lambda f: f.headed(typ="logout+jwt")),
    "the type with its prefix": (TYPE, "at+jwt", lambda f: f.headed(typ="application/at+jwt")),
    "the type in upper case": (TYPE, "at+jwt", lambda f: f.headed(typ="AT+JWT")),
    "the type as a list": (SIGNATURE, "typ", lambda f: f.headed(typ=["at+jwt"])),
    "a header that is a list": (SIGNATURE, "no key", lambda f: f.sign("[]", f.claims())),
    "a header that is no JSON": (SIGNATURE, "no key", lambda f: f.sign("alg=ES256", f.claims())),
}


def of_the_other_alphabet(forge: Forge) -> str:
    """Return a token whose signature is written with + and / instead of - and _."""
    while not set("-_") & set(forge.parts[2]):
        forge.good = forge.own()
    return ".".join([*forge.parts[:2], forge.parts[2].translate(str.maketrans("-_", "+/"))])


def with_other_spare_bits(forge: Forge) -> str:
    """Return a token whose last letter says the same four bits, and others in those that do not count."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return forge.good[:-1] + letters[letters.index(forge.good[-1]) + 1]


def halves(forge: Forge) -> tuple[bytes, bytes]:
    signature = decoded(forge.parts[2])
    return signature[:32], signature[32:]


def turned_over(forge: Forge) -> str:
    """Return the token with the other signature that fits: (r, n - s) is as good as (r, s) (ECDSA)."""
    r, s = halves(forge)
    return forge.with_signature(r + (ORDER - int.from_bytes(s, "big")).to_bytes(32, "big"))


def turned_over_after_it_was_revoked(forge: Forge) -> str:
    client = forge.caller.client()
    forge.caller.post("/oauth/revoke", basic=(client.client_id, client.secret), token=forge.good)
    return turned_over(forge)


def as_json(forge: Forge, *, general: bool = False) -> str:
    header, payload, signature = forge.parts
    signed = {"protected": header, "signature": signature}
    return json.dumps({"payload": payload, **({"signatures": [signed]} if general else signed)})


def in_between(forge: Forge, letter: str) -> str:
    return forge.good[:-9] + letter + forge.good[-9:]


def encrypted(forge: Forge) -> str:
    header = encoded({"alg": "dir", "enc": "A256GCM", "kid": forge.header()["kid"]})
    return f"{header}..{encoded(bytes(12))}.{forge.parts[1]}.{encoded(bytes(16))}"


ENCODING_ATTACKS: Attacks = {
    "padding": (SIGNATURE, "bad_signature", lambda f: f.good + "=="),
    "padding of the header": (SIGNATURE, "", lambda f: "==.".join(f.good.split(".", 1))),
    "the other alphabet": (SIGNATURE, "bad_signature", of_the_other_alphabet),
    "bits that do not count": (SIGNATURE, "bad_signature", with_other_spare_bits),
    "a blank within": (SIGNATURE, "", lambda f: in_between(f, " ")),
    "a tab within": (SIGNATURE, "", lambda f: in_between(f, "\t")),
    "a comma within": (SIGNATURE, "", lambda f: in_between(f, ",")),
    "a letter beyond ASCII within": (SIGNATURE, "", lambda f: in_between(f, "\xe9")),
    "a no-break space before": (SIGNATURE, "no key", lambda f: "\xa0" + f.good),
    "a signature that is cut": (SIGNATURE, "bad_signature", lambda f: f.good[:-2]),
    "a signature that is longer": (SIGNATURE, "", lambda f: f.with_signature(b"".join(halves(f)) + b"\0")),
    "an empty signature": (SIGNATURE, "", lambda f: f.with_signature(b"")),
    "no signature": (SIGNATURE, "", lambda f: ".".join(f.parts[:2])),
    "nothing but dots": (SIGNATURE, "no key", lambda _: ".."),
    "a signature of zeros": (SIGNATURE, "bad_signature", lambda f: f.with_signature(bytes(64))),
    "a signature of the order": (SIGNATURE, "", lambda f: f.with_signature(ORDER.to_bytes(32, "big") * 2)),
    "r and s exchanged": (SIGNATURE, "bad_signature", lambda f: f.with_signature(b"".join(reversed(halves(f))))),
    "a revoked token with its signature turned over": ("token-revoked", "", turned_over_after_it_was_revoked),
    "another token's signature": (
        SIGNATURE,
        "bad_signature",
        lambda f: ".".join([*f.own(jti="x").split(".")[:2], f.parts[2]]),
    ),
    "another scope under the old signature": (
        SIGNATURE,
        "bad_signature",
        lambda f: ".".join([f.parts[0], encoded(f.claims(scope="employees.read")), f.parts[2]]),
    ),
    "another tenant under the old signature": (
        SIGNATURE,
        "bad_signature",
        lambda f: ".".join([f.parts[0], encoded(f.claims(tenant_id=GLOBEX)), f.parts[2]]),
    ),
    "a signature as JSON": (SIGNATURE, "no key", as_json),
    "signatures as JSON": (SIGNATURE, "no key", lambda f: as_json(f, general=True)),
    "an encrypted token": (HEADER, "enc", encrypted),
    "five parts": (SIGNATURE, "", lambda f: f"{f.good}.{f.parts[1]}.{f.parts[2]}"),
    "a dot more at the end": (SIGNATURE, "", lambda f: f.good + "."),
    "a dot more at the beginning": (SIGNATURE, "no key", lambda f: "." + f.good),
    "two dots between": (SIGNATURE, "", lambda f: f.good.replace(".", "..", 1)),
    "a signature of fifty thousand letters": (SIGNATURE, "exceeded_size", lambda f: f.good + "A" * 50_000),
    "claims of forty thousand letters": ("client", "nobody", lambda f: f.own(client_id="nobody", x="a" * 40_000)),
    "claims that are no JSON": (CLAIMS, "cannot be read", lambda f: f.sign(f.header(), "sub=svc")),
    "claims that are a list": (CLAIMS, "no JSON object", lambda f: f.sign(f.header(), "[]")),
    "claims that are null": (CLAIMS, "no JSON object", lambda f: f.sign(f.header(), "null")),
    "no claims": (CLAIMS, "cannot be read", lambda f: f.sign(f.header(), "")),
    "lists in lists": (CLAIMS, "too deep", lambda f: f.sign(f.header(), f'{{"a":{"[" * 5000}{"]" * 5000}}}')),
    "a claim twice": (CLAIMS, "twice", lambda f: f.sign(f.header(), doubled(f.claims(), tenant_id="x"))),
    "a member of a claim twice": (
        CLAIMS,
        "twice",
        lambda f: f.sign(f.header(), json.dumps(f.claims())[:-1] + ',"x":{"y":1,"y":2}}'),
    ),
    "half a character": (CLAIMS, "no text", lambda f: f.own(client_id="\ud800")),
    "claims in UTF-16": (CLAIMS, "", lambda f: f.sign(f.header(), json.dumps(f.claims()).encode("utf-16"))),
    "a byte order mark": (CLAIMS, "", lambda f: f.sign(f.header(), b"\xef\xbb\xbf" + json.dumps(f.claims()).encode())),
    "a token that is encoded once more": (SIGNATURE, "no key", lambda f: base64.b64encode(f.good.encode()).decode()),
}

EVERY_ATTACK = ALGORITHM_ATTACKS | KEY_ATTACKS | HEADER_ATTACKS | ENCODING_ATTACKS


@pytest.mark.parametrize("attack", EVERY_ATTACK)
def test_a_forged_token_is_refused_by_the_check_that_is_named_and_nothing_is_stored(forge: Forge, attack: str) -> None:
    check, says, how = EVERY_ATTACK[attack]
    headers = forge.caller.headers(how(forge))

    assert_writes_nothing(forge.caller, headers, check, says)


@pytest.mark.parametrize("attack", ["no algorithm, under our key", "a key set's address (jku)", "a claim twice"])
@pytest.mark.parametrize("strictness", ["sandbox", "soft"])
def test_no_environment_is_so_lenient_as_to_take_a_forged_token(forge: Forge, attack: str, strictness: str) -> None:
    forge.caller.switch("PATCH", "environment", strictness=strictness)
    check, says, how = EVERY_ATTACK[attack]

    assert_writes_nothing(forge.caller, forge.caller.headers(how(forge)), check, says)


def test_what_is_not_bent_is_taken_so_that_each_attack_fails_by_what_it_bends(forge: Forge) -> None:
    for token in (forge.good, forge.own(), forge.headed(), turned_over(forge)):
        assert forge.caller.get(METADATA, token).status == 200
    for algorithm in ALGORITHMS:
        after = forge.rotated(algorithm)
        token = after.sign(after.header(), after.claims(), algorithm=algorithm)
        assert forge.caller.get(METADATA, token).status == 200


def test_a_forged_token_opens_no_other_route_either(forge: Forge) -> None:
    for path in ("tenant/info", "workforce/planning/headcount", "employees", "system/audit/api-access-logs"):
        assert_refused(forge.caller, forge.caller.get(f"/api/v1/{path}", forge.unsigned(alg="none")), SIGNATURE)

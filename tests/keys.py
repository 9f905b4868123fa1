"""Private keys in PEM, as people make them with openssl, and their public halves as UKG registers them."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.conftest import Desk

MAKERS = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "short": lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505 - too short on purpose
    "X25519": x25519.X25519PrivateKey.generate,
}
KINDS: dict[str, Any] = {"ES256": ECKey, "RS256": RSAKey, "EdDSA": OKPKey}


def private(kind: str = "ES256", *, password: str = "") -> str:
    """Return a fresh private key."""
    locked = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    key: Any = MAKERS[kind]()
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
    return pem.decode()


def public_pem(kind: str = "ES256") -> str:
    """Return a public key, in PEM too."""
    key: Any = MAKERS[kind]()
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def public(pem: str, kind: str = "ES256") -> Any:
    """Return the key that checks what a private one signed."""
    return KINDS[kind].import_key(KINDS[kind].import_key(pem).as_dict(private=False))


def secrets_in(pem: str, kind: str = "ES256") -> list[str]:
    """Return what of a private key must appear nowhere: the lines of its text, and its secret number."""
    lines = [line for line in pem.splitlines() if "-----" not in line]
    return [*lines, str(KINDS[kind].import_key(pem).as_dict(private=True)["d"])]


def register(desk: Desk, pem: str, kind: str = "ES256", kid: str = "mine", **other: Any) -> None:
    """Let an administrator register the public key of Acme's client, which proves itself by it alone."""
    key = dict(public(pem, kind).as_dict(private=False), kid=kid)
    change = {"keys": [key], "methods": ["private_key_jwt"], **other}
    url = f"{desk.emulator.production}/_emulator/clients/acme-headcount"
    assert desk.http.request("PATCH", url, json=change).status == 200


def keyed(desk: Desk, extra: str = "", **other: str) -> str:
    """Return the section of an environment whose client signs."""
    section = desk.environment(client_secret="", extra=extra, **other)
    return section.replace('client_secret = ""', 'client_key = "file:acme.pem"')

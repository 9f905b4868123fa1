"""A signed assertion: a client's proof by its private key, which never leaves this machine (RFC 7523 section 2.2)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bridgehead.errors import ConfigError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFETIME = 120
"""So many seconds an assertion counts: clocks differ, and it travels once."""

_SHORTEST_RSA = 2048
_CURE = (
    "It holds a private key in PEM without a password: EC P-256, RSA of 2048 bits or more, or Ed25519. For instance: "
    "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out client.pem"
)


def signed_assertion(key: str, *, client_id: str, audience: str, key_id: str, now: datetime, assertion_id: str) -> str:
    """Return an assertion that counts once and soon ends; raise ConfigError when the key cannot sign it.

    key: private, in PEM. audience: whom it is meant for. key_id: what UKG calls the key, empty when it has one only.
    """
    algorithm, signer = _signer(key)
    issued = int(now.timestamp())
    header = {"alg": algorithm, "typ": "JWT", **({"kid": key_id} if key_id else {})}
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": assertion_id,
        "iat": issued,
        "exp": issued + _LIFETIME,
    }
    message = f"{_part(header)}.{_part(claims)}"
    return f"{message}.{_encoded(signer(message.encode()))}"


def _signer(text: str) -> tuple[str, Any]:
    """Return the algorithm that fits a key, and what signs with it."""
    try:
        from joserfc.jwk import ECKey, OKPKey, RSAKey  # noqa: PLC0415 - an extra
        from joserfc.jws import JWSRegistry  # noqa: PLC0415 - as above
    except ImportError:
        raise ConfigError(
            "Signing with client_key needs the extra [jwt].", cure='pip install "bridgehead[jwt]"', setting="client_key"
        ) from None
    name = _algorithm_of(_loaded(text))
    kinds: dict[str, type[ECKey | RSAKey | OKPKey]] = {"ES256": ECKey, "RS256": RSAKey, "EdDSA": OKPKey}
    key, algorithm = kinds[name].import_key(text), JWSRegistry.algorithms[name]
    return name, lambda message: algorithm.sign(message, key)


def _loaded(text: str) -> Any:
    """Return the key of a PEM text. What is wrong with it is said without a word of it."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - comes with the extra
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above

    if "-----BEGIN " in text and "PRIVATE KEY-----" not in text:
        raise _wrong("holds no private key, but what is public of one")
    try:
        return load_pem_private_key(text.encode(), password=None)
    except TypeError:
        raise _wrong("is locked with a password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _wrong("is no private key in PEM") from None


def _algorithm_of(key: Any) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415 - comes with the extra

    match key:
        case ec.EllipticCurvePrivateKey():
            if key.curve.name != "secp256r1":
                raise _wrong(f"is a key on the curve {key.curve.name}, which ES256 does not sign with")
            return "ES256"
        case rsa.RSAPrivateKey():
            if key.key_size < _SHORTEST_RSA:
                raise _wrong(f"is an RSA key of {key.key_size} bits, which can be broken")
            return "RS256"
        case ed25519.Ed25519PrivateKey():
            return "EdDSA"
    raise _wrong("is a key of a kind that no assertion is signed with")


def _wrong(problem: str) -> ConfigError:
    return ConfigError(f"client_key {problem}.", cure=_CURE, setting="client_key")


def _part(values: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(values, separators=(",", ":")).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")

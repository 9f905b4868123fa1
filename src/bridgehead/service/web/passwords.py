"""Passwords: kept as scrypt hashes, which say how they were made; nobody's takes as long to check as somebody's."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import unicodedata

SHORTEST, LONGEST = 12, 200
"""Signs of a password, at least and at most."""

_HASH = re.compile(r"scrypt\$(1[0-9])\$([1-9]|1[0-6])\$([1-9]|1[0-6])\$([0-9a-f]{32})\$([0-9a-f]{64})")
_COST = (15, 8, 3)
"""Memory, block size, parallelism: 32 MB and a third of a second, as OWASP recommends for scrypt."""

_NOBODYS = "scrypt$15$8$3$" + "0" * 32 + "$" + "0" * 64


def hash_password(password: str, *, cost: tuple[int, int, int] = _COST, salt: bytes | None = None) -> str:
    """Return the hash of a password, with all that is needed to check it. cost: memory as a power of 2, r and p."""
    salt = os.urandom(16) if salt is None else salt
    power, block, parallel = cost
    made = hashlib.scrypt(
        unicodedata.normalize("NFC", password).encode(errors="replace"),
        salt=salt,
        n=1 << power,
        r=block,
        p=parallel,
        maxmem=(1 << power) * block * 128 + (1 << 20) * parallel,
        dklen=32,
    )
    return f"scrypt${power}${block}${parallel}${salt.hex()}${made.hex()}"


def is_hash(text: str) -> bool:
    """Whether a text is a hash that `bridgehead person` printed."""
    return _HASH.fullmatch(text) is not None


def password_matches(kept: str | None, password: str) -> bool:
    """Compare a password with a kept hash; None, of somebody whom nobody knows, takes as long and never matches."""
    found = _HASH.fullmatch(kept or _NOBODYS)
    if found is None:
        return False
    power, block, parallel, salt, _ = found.groups()
    presented = hash_password(password, cost=(int(power), int(block), int(parallel)), salt=bytes.fromhex(salt))
    return hmac.compare_digest(presented, found[0]) and kept is not None

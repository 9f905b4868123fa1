"""What a look at the network found, as a value."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Reach(msgspec.Struct, frozen=True):
    """How far the network leads towards a host. stage: where it ends, `dns`, `tcp`, `proxy` or `tls`; empty: nowhere.

    proxy: host and port of the one in between. issuer, expires_at: of the certificate; empty where there is none.
    """

    host: str
    port: int
    stage: str = ""
    problem: str = ""
    proxy: str = ""
    addresses: tuple[str, ...] = ()
    issuer: str = ""
    expires_at: datetime | None = None
    encrypted: bool = False

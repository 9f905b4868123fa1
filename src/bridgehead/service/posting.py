"""A POST to an address that is a secret: checked against the machine's authorities, through the proxy, sent once."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import truststore
import urllib3

from bridgehead.config import proxy_for

PATIENCE = 10.0
"""After so many seconds whoever is told something counts as away."""


def post(url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> str:
    """Post once, following nothing; return what was answered where that is no success, else nothing.

    Raises what urllib3 raises: its words may hold the address, so only its kind may be told.
    """
    proxy = proxy_for(url)
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    options: dict[str, Any] = {"timeout": PATIENCE, "retries": False, "ssl_context": context}
    with urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options) as http:
        answer = http.request("POST", url, body=body or None, headers=headers, redirect=False)
    return "" if 200 <= answer.status < 300 else f"it answered {answer.status}"

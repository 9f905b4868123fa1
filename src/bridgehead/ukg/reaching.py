"""How far the network leads towards a host: its name, a connection, the proxy in between, and the certificate."""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import truststore

from bridgehead.ukg.reach import Reach

_LONGEST = 8_192


def look(base_url: str, proxy: str | None, seconds: float) -> Reach:
    """Look how far the network leads to a base URL. seconds: that each step may take."""
    target, through = urlsplit(base_url), urlsplit(proxy or "")
    encrypted = target.scheme == "https"
    host, port = target.hostname or "", target.port or (443 if encrypted else 80)
    between = f"{through.hostname}:{through.port or 80}" if proxy else ""
    seen: dict[str, Any] = {"host": host, "port": port, "proxy": between, "encrypted": encrypted}
    nearest = (through.hostname or "", through.port or 80) if proxy else (host, port)
    try:
        addresses = tuple(
            dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(*nearest, type=socket.SOCK_STREAM))
        )
    except OSError as wrong:
        return Reach(**seen, stage="proxy" if proxy else "dns", problem=f"the name is not known ({_words(wrong)})")
    seen["addresses"] = () if proxy else addresses
    try:
        line = socket.create_connection(nearest, timeout=seconds)
    except OSError as wrong:
        return Reach(**seen, stage="proxy" if proxy else "tcp", problem=_words(wrong))
    with line:
        line.settimeout(seconds)
        if proxy and encrypted:
            refused = _tunnel(line, host, port, through.username, through.password)
            if refused:
                return Reach(**seen, stage="proxy", problem=refused)
        return _certified(line, host, seen) if encrypted else Reach(**seen)


def _tunnel(line: socket.socket, host: str, port: int, user: str | None, password: str | None) -> str:
    """Ask a proxy for a tunnel (RFC 9110 section 9.3.6); return its words where it gives none."""
    asked = f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"
    if user:
        pair = f"{unquote(user)}:{unquote(password or '')}"
        asked += f"Proxy-Authorization: Basic {b64encode(pair.encode()).decode()}\r\n"
    answer = b""
    try:
        line.sendall(f"{asked}\r\n".encode())
        while b"\r\n\r\n" not in answer and len(answer) < _LONGEST:
            part = line.recv(1024)
            if not part:
                break
            answer += part
    except OSError as wrong:
        return _words(wrong)
    status = answer.partition(b"\r\n")[0].decode("latin-1")
    code = status.split(" ")[1:2]
    return "" if code and code[0].startswith("2") else status.partition(" ")[2] or "the proxy hangs up"


def _certified(line: socket.socket, host: str, seen: Mapping[str, Any]) -> Reach:
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        with context.wrap_socket(line, server_hostname=host) as secured:
            certificate: Any = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as wrong:
        return Reach(**seen, stage="tls", problem=wrong.verify_message or _words(wrong))
    except (OSError, ValueError) as wrong:
        return Reach(**seen, stage="tls", problem=_words(wrong))
    named = {name: value for part in certificate.get("issuer", ()) for name, value in part}
    issuer = named.get("organizationName") or named.get("commonName") or ""
    ends = certificate.get("notAfter")
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if ends else None
    return Reach(**seen, issuer=str(issuer), expires_at=until)


def _words(wrong: Exception) -> str:
    """Return what the system says, without numbers."""
    if isinstance(wrong, TimeoutError):
        return "it takes too long"
    told = getattr(wrong, "reason", None) or getattr(wrong, "strerror", None) or str(wrong)
    return str(told or type(wrong).__name__)

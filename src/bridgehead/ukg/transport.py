"""Sending, and nothing else: one pool of kept-alive HTTP/1.1 connections to one UKG Pro.

urllib3 (MIT, no dependencies, the most used HTTP library of the field) in threads: the fastest of the synchronous
clients that neither follow a redirect nor send a POST again by themselves, once told so; at real latencies it equals
the asynchronous ones. truststore (MIT, as in pip) verifies TLS against the system's trust store.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import truststore
import urllib3

from bridgehead.errors import Unavailable
from bridgehead.ukg.messages import Request, Response


class Transport:
    """Sends requests to one base URL. Thread-safe.

    connections: how many are kept. connect, read: seconds. proxy: URL of an HTTP proxy. Redirects are never followed
    (a 302 would turn a POST into a GET that succeeds), and nothing is ever sent twice.
    """

    def __init__(
        self,
        base_url: str,
        *,
        clock: Callable[[], datetime],
        connections: int = 8,
        connect: float = 10.0,
        read: float = 60.0,
        proxy: str | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        timeout = urllib3.Timeout(connect=connect, read=read)
        self._pool: urllib3.HTTPConnectionPool | urllib3.ProxyManager
        if proxy is None:
            # The pool of this one host: to ask a manager of pools for it took 70 us of each request (measured).
            parts = urlsplit(self._base_url)
            secure = {"ssl_context": context} if parts.scheme == "https" else {}
            self._before = parts.path
            self._pool = urllib3.connection_from_url(
                self._base_url, maxsize=connections, block=True, timeout=timeout, retries=False, **secure
            )
        else:
            self._before = self._base_url
            self._pool = urllib3.ProxyManager(
                proxy, num_pools=2, maxsize=connections, block=True, timeout=timeout, retries=False, ssl_context=context
            )

    def send(self, request: Request) -> Response:
        """Send one request; raise Unavailable when no complete answer came."""
        try:
            answer = self._pool.urlopen(
                request.method,
                self._before + request.path,
                headers={**request.headers, "User-Agent": "bridgehead"},
                body=request.body or None,
                redirect=False,
                retries=False,
            )
        except ValueError:
            # Without its words: they may hold a header, and so a token.
            raise Unavailable(
                f"{request.method} {request.path} cannot be sent: a header or the path holds what HTTP does not allow.",
                cure="Check the dialect's headers and paths.",
            ) from None
        except urllib3.exceptions.HTTPError as wrong:
            raise Unavailable(
                f"{self._base_url} gives no answer to {request.method} {request.path}: {_reason(wrong)}.",
                cure="Check base_url, network and proxy; then try again.",
                reason=_reason(wrong),
                timed_out=isinstance(wrong, urllib3.exceptions.ReadTimeoutError),
            ) from None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, headers, answer.data, self._clock())

    def close(self) -> None:
        """Close the connections."""
        if isinstance(self._pool, urllib3.ProxyManager):
            self._pool.clear()
        else:
            self._pool.close()


def _reason(wrong: BaseException) -> str:
    """Say what went wrong in the words of the lowest layer that knows."""
    refused = isinstance(wrong, urllib3.exceptions.NewConnectionError)  # a kind of timeout in urllib3's tree
    if isinstance(wrong, urllib3.exceptions.ConnectTimeoutError) and not refused:
        return "connecting took too long"
    if isinstance(wrong, urllib3.exceptions.ReadTimeoutError):
        return "the answer took too long"
    inner: BaseException | None = wrong
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            return inner.strerror
        reason = getattr(inner, "reason", None)
        inner = reason if isinstance(reason, BaseException) else inner.__cause__ or inner.__context__
    return str(wrong).partition(": ")[2] or type(wrong).__name__

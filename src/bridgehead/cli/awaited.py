"""Waiting for a browser to come back to this machine: a page on 127.0.0.1, on a port of the moment (RFC 8252)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

_PAGE = """<!doctype html><meta charset="utf-8"><title>bridgehead</title>
<p style="font: 1.1rem sans-serif; margin: 4rem">{words}</p>"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


class Awaited:
    """What a browser brings back. state: what the answer carries, under which name; another one's is not ours."""

    def __init__(self, callback: str) -> None:
        self._callback = callback
        self.answer: dict[str, str] | None = None
        self.server = HTTPServer(("127.0.0.1", 0), self._handler())
        self.server.timeout = 0.2

    @property
    def port(self) -> int:
        """The port on which it is awaited."""
        return self.server.server_port

    def wait(self, seconds: float) -> dict[str, str] | None:
        """Return what came back, None where nothing did in time."""
        ends = time.monotonic() + seconds
        while self.answer is None and time.monotonic() < ends:
            self.server.handle_request()
        return self.answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        awaited = self

        class Handler(BaseHTTPRequestHandler):
            """Take the one answer; whatever else is asked for is not here."""

            timeout = 5
            server_version, sys_version = "bridgehead", ""

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if url.path != awaited._callback or not url.query:
                    self._say(HTTPStatus.NOT_FOUND, "There is nothing here.")
                    return
                awaited.answer = dict(parse_qsl(url.query, max_num_fields=20))
                self._say(HTTPStatus.OK, "You can close this page. What became of it, the terminal says.")

            def _say(self, status: HTTPStatus, words: str) -> None:
                body = _PAGE.format(words=words).encode()
                self.send_response(status)
                for name, value in {**_HEADERS, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
                """Write nothing: the address holds the code."""

        return Handler


@contextmanager
def awaiting(callback: str) -> Iterator[Awaited]:
    """Listen until the block ends. callback: the path to which the browser comes back."""
    awaited = Awaited(callback)
    try:
        yield awaited
    finally:
        awaited.server.server_close()

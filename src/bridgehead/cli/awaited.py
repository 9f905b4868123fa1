"""Waiting for a browser to come back to this machine: a page on 127.0.0.1, on a port of the moment (RFC 8252)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
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
        self._came = Event()
        # A browser opens connections before it needs them: each has a thread, so that none keeps the answer waiting.
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads, self.server.block_on_close = True, False

    @property
    def port(self) -> int:
        """The port on which it is awaited."""
        return self.server.server_port

    def wait(self, seconds: float) -> dict[str, str] | None:
        """Return what came back, None where nothing did in time."""
        self._came.wait(seconds)
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
                awaited.answer = awaited.answer or dict(parse_qsl(url.query, max_num_fields=20))
                self._say(HTTPStatus.OK, "You can close this page. What became of it, the terminal says.")
                awaited._came.set()

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
    thread = Thread(target=awaited.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield awaited
    finally:
        awaited.server.shutdown()
        awaited.server.server_close()
        thread.join()

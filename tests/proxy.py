"""A proxy of the tests' own, between client and UKG: it alters, delays, and loses what passes."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Alter = Callable[[str, str, dict[str, str], bytes], tuple[dict[str, str], bytes]]


class Lost(Exception):
    """Raised while an answer passes: the connection is cut instead, after UKG has done its work."""


def untouched(_method: str, _path: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    return headers, body


@contextmanager
def proxy(
    upstream: str, alter: Alter, answer: Callable[[str, Any], Any] = lambda _path, document: document
) -> Iterator[str]:
    """Stand between client and UKG; alter what passes."""
    host = urlsplit(upstream).netloc

    class Between(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers, body = alter(self.command, self.path, dict(self.headers), body)
            headers = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length")}
            connection = http.client.HTTPConnection(host)
            connection.request(self.command, self.path, body, headers)
            upstream_answer = connection.getresponse()
            try:
                document = json.dumps(answer(self.path, json.loads(upstream_answer.read()))).encode()
            except Lost:
                self.close_connection = True
                return
            finally:
                connection.close()
            self.send_response(upstream_answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(document)))
            self.end_headers()
            self.wfile.write(document)

        do_GET = do_POST = pass_on  # noqa: N815 - the names that http.server asks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

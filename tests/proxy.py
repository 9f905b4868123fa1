"""A proxy of the tests' own, between client and UKG: it alters, delays, and loses what passes."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import WRITE

Alter = Callable[[str, str, dict[str, str], bytes], tuple[dict[str, str], bytes]]
Reply = tuple[int, dict[str, str], Any]


class Lost(Exception):
    """Raised while an answer passes: the connection is cut instead, after UKG has done its work."""


@dataclass(frozen=True)
class Passing:
    """An answer on its way back: to which call, the how manieth write it is (0: no write), and what it says."""

    method: str
    path: str
    write: int
    status: int
    document: Any


def untouched(_method: str, _path: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    return headers, body


@contextmanager
def proxy(
    upstream: str, alter: Alter, answer: Callable[[str, Any], Any] = lambda _path, document: document
) -> Iterator[str]:
    """Stand between client and UKG; alter what passes, by path and document."""
    with standing(upstream, alter, lambda one: (one.status, {}, answer(one.path, one.document))) as url:
        yield url


@contextmanager
def between(upstream: str, reply: Callable[[int, int, Any], Reply | None]) -> Iterator[str]:
    """Let every call through; answer a write as *reply* says, given its number, status and body. None: cut it off."""

    def pass_back(one: Passing) -> Reply:
        said = reply(one.write, one.status, one.document) if one.write else (one.status, {}, one.document)
        if said is None:
            raise Lost
        return said

    with standing(upstream, untouched, pass_back) as url:
        yield url


@contextmanager
def standing(upstream: str, alter: Alter, pass_back: Callable[[Passing], Reply]) -> Iterator[str]:
    """Stand between client and UKG; alter calls, and answer as *pass_back* says. Lost: the answer is cut off."""
    host, lock, writes = urlsplit(upstream).netloc, threading.Lock(), [0]

    class Between(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers, body = alter(self.command, self.path, dict(self.headers), body)
            headers = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length")}
            connection = http.client.HTTPConnection(host)
            connection.request(self.command, self.path, body, headers)
            upstream_answer = connection.getresponse()
            document = json.loads(upstream_answer.read())
            connection.close()
            number = 0
            if self.command == "POST" and self.path == WRITE:
                with lock:
                    writes[0] += 1
                    number = writes[0]
            try:
                passing = Passing(self.command, self.path, number, upstream_answer.status, document)
                status, added, document = pass_back(passing)
            except Lost:
                self.close_connection = True
                return
            told = json.dumps(document).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(told)), **added}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told)

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

"""Who is told: a web server that keeps what is posted to it, and a mail server that keeps what arrives."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller


class Posts:
    """What was posted. answer: what the next calls get, after so many seconds of `hold`; url: where to post."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.answer, self.hold = 200, 0.0
        self.url = ""

    def documents(self) -> list[dict[str, Any]]:
        """Return the JSON bodies, in order."""
        return [json.loads(body) for _, _, body in self.calls]


@contextmanager
def posts() -> Iterator[Posts]:
    """Listen while the block runs."""
    kept = Posts()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kept.calls.append((self.path, dict(self.headers), body))
            time.sleep(kept.hold)
            self.send_response(kept.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept.url = f"http://127.0.0.1:{server.server_port}/hook"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()


class _Keeping:
    def __init__(self, mails: list[EmailMessage]) -> None:
        self._mails = mails

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        """Keep a mail."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self._mails.append(message)
        return "250 kept"


@contextmanager
def mails() -> Iterator[tuple[int, list[EmailMessage]]]:
    """Run a mail server while the block runs; hand out its port and what arrives."""
    kept: list[EmailMessage] = []
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(_Keeping(kept), hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield port, kept
    finally:
        server.stop()


def by_mail(port: int) -> str:
    """Return the configuration's line by which notices come to that mail server."""
    return (
        f'email = {{ server = "127.0.0.1", port = {port}, security = "none", sender = "feed@acme.example", '
        'to = ["fpa@acme.example"] }'
    )

"""An HTTP server in a thread of its own, beside the scheduler; it stops when the scheduler does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from bridgehead.errors import ConfigError

_PATIENCE = 5.0


def listen(address: str) -> socket.socket:
    """Open a socket at `host:port`; raise ConfigError where that is no address, or is taken."""
    host, _, port = address.rpartition(":")
    try:
        infos = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, where = infos[0]
        return socket.create_server(where[:2], family=family)
    except (OSError, ValueError, IndexError) as wrong:
        told = wrong.strerror if isinstance(wrong, OSError) else "it is no address"
        raise ConfigError(
            f"Nothing can be served at {address}: {told}.",
            cure="Say another one, such as 127.0.0.1:8790: listen under [run], or --listen.",
        ) from None


@contextmanager
def serving(app: ASGIApp, door: socket.socket) -> Iterator[str]:
    """Serve an application while the block runs; hand out its address."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=int(_PATIENCE),
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([door],), name="http", daemon=True)
    thread.start()
    host, port = door.getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(_PATIENCE + 1)
        door.close()

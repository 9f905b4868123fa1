"""Showing that the scheduler lives: to systemd, which restarts a hung one, and to a monitor that would miss it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from urllib3.exceptions import HTTPError

from bridgehead.config import Config, notify_socket, secret_reader
from bridgehead.errors import BridgeheadError
from bridgehead.service.posting import PATIENCE, post


def tell_systemd(state: str) -> None:
    """Tell systemd how it stands, where it started this process (sd_notify(3)): READY=1, WATCHDOG=1, STOPPING=1.

    Where nobody takes it, the nights go on: a hung process is missed by its watchdog, a live one is no worse for it.
    """
    path = notify_socket()
    if not path:
        return
    address = f"\\0{path[1:]}" if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door, suppress(OSError):
        door.sendto(state.encode(), address.replace("\\0", "\0"))


def beat(config: Config) -> str:
    """Call the monitor's address, which is a secret; return why that failed, empty when it did not."""
    try:
        return post(secret_reader(config.run.heartbeat, config.path.parent)())
    except BridgeheadError as wrong:
        return wrong.message
    except (OSError, HTTPError, ValueError) as wrong:
        return type(wrong).__name__  # its words may hold the address


class Heartbeat:
    """Calls the monitor again and again, in a thread of its own, while the scheduler is alive.

    alive: whether it is; a scheduler that hangs is not. said: told when a call failed.
    """

    def __init__(self, config: Callable[[], Config], alive: Callable[[], bool], said: Callable[[str], object]) -> None:
        self._config, self._alive, self._said = config, alive, said
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the call that is under way."""
        self._over.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        while True:
            config = self._config()
            if config.run.heartbeat and self._alive():
                problem = beat(config)
                if problem:
                    self._said(f"The heartbeat did not get through: {problem}.")
            if self._over.wait(config.run.heartbeat_every):
                return

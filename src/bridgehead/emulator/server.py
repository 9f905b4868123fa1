"""Running the emulator: one process, one port for each environment, in the foreground or in a thread."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from bridgehead.emulator import seed
from bridgehead.emulator.app import make_app
from bridgehead.emulator.environment import Environment, open_environment
from bridgehead.emulator.faults.switchboard import NOBODY, Fault
from bridgehead.emulator.faults.wire import Wires
from bridgehead.emulator.records import Limits
from bridgehead.emulator.store import open_database

ENVIRONMENTS = ("production", "sandbox")


def _utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the default clock of whoever does not bring one


def _random_id() -> str:
    return str(uuid.uuid4())


def _listen(host: str, port: int) -> socket.socket:
    """Open a listening socket.

    The protocol is named on purpose: asyncio sets TCP_NODELAY only then, and without it an answer takes 44 ms
    (measured on loopback).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    return listener


@dataclass(frozen=True, slots=True)
class DemoClient:
    """An API client of the seed, with all that one needs to use it."""

    tenant: str
    environment: str
    tenant_id: str
    base_url: str
    client_id: str
    secret: str
    purpose: str


class Emulator:
    """A UKG Pro with two tenants in two environments. Use it as a context manager, or call `serve`.

    ports: of production and sandbox, 0 for any free one. state: a SQLite file, or `:memory:`. strictness: by
    environment, `production`, `sandbox` or `soft`; by default that of its name. algorithm: what tokens are signed with,
    ES256 by default. clock: shared by issuing, checking and logging. Raises OSError when a port is taken, and
    StateUnreadable when another version made the file.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        ports: Mapping[str, int] | None = None,
        state: str = ":memory:",
        limits: Limits | None = None,
        strictness: Mapping[str, str] | None = None,
        algorithm: str = "",
        clock: Callable[[], datetime] = _utc_now,
        new_id: Callable[[], str] = _random_id,
    ) -> None:
        self._sockets = {name: _listen(host, (ports or {}).get(name, 0)) for name in ENVIRONMENTS}
        try:
            self._connection = open_database(state)
        except BaseException:
            self._close_sockets()
            raise
        shown = f"[{host}]" if ":" in host else host
        self.environments: dict[str, Environment] = {
            name: open_environment(
                self._connection,
                name,
                base_url=f"http://{shown}:{listener.getsockname()[1]}",
                limits=limits or Limits(),
                clock=clock,
                new_id=new_id,
                strictness=(strictness or {}).get(name, ""),
                algorithm=algorithm,
            )
            for name, listener in self._sockets.items()
        }
        self._wires = Wires()
        config = uvicorn.Config(
            self._app(),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            http=self._wires.protocol(self._refuses),
            date_header=False,  # the answers' own clock writes it
        )
        self._server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    @property
    def production(self) -> str:
        """The base URL of production."""
        return self.environments["production"].base_url

    @property
    def sandbox(self) -> str:
        """The base URL of the sandbox."""
        return self.environments["sandbox"].base_url

    def demo_clients(self) -> list[DemoClient]:
        """Return the seed's API clients with their secrets, for a banner or a test. They are no secrets."""
        return [
            DemoClient(
                client.tenant,
                name,
                seed.TENANT_IDS[name, client.tenant],
                environment.base_url,
                client.client_id,
                client.secret,
                client.purpose,
            )
            for name, environment in self.environments.items()
            for client in seed.clients(name)
        ]

    def switch_on(
        self,
        slug: str,
        *,
        environment: str = "production",
        client_id: str = "",
        tenant_id: str = "",
        within: str = "",
        times: int | None = None,
        value: Any = None,
    ) -> Fault:
        """Let something go wrong from now on; docs/faults.md lists what.

        client_id, tenant_id: whom it meets, everybody by default. within: only calls whose path begins so. times: how
        often, always by default. Raises FaultRefused for what there is not, or does not go with another fault.
        """
        faults = self.environments[environment].faults
        return faults.switch_on(slug, client_id=client_id, tenant_id=tenant_id, within=within, times=times, value=value)

    def switch_off(self, slug: str = "") -> None:
        """Let a fault be over, or all of them."""
        for environment in self.environments.values():
            environment.faults.switch_off(slug)

    def _app(self) -> ASGIApp:
        """Lead each port to its environment."""
        apps = {
            listener.getsockname()[1]: make_app(self.environments[name], self._wires)
            for name, listener in self._sockets.items()
        }

        async def by_port(scope: Scope, receive: Receive, send: Send) -> None:
            await apps[scope["server"][1]](scope, receive, send)

        return by_port

    def _refuses(self, address: tuple[str, int]) -> bool:
        """Whether a connection to this address is reset when it is made."""
        name = next((one for one, bound in self._sockets.items() if bound.getsockname()[1] == address[1]), "")
        return name in self.environments and bool(self.environments[name].faults.take("reset-on-connect", NOBODY))

    def _close_sockets(self) -> None:
        for listener in self._sockets.values():
            listener.close()

    def close(self) -> None:
        """Give everything back without having served."""
        self._close_sockets()
        self._connection.close()

    def serve(self) -> None:
        """Serve until interrupted."""
        try:
            self._server.run(sockets=list(self._sockets.values()))
        finally:
            self._connection.close()

    def __enter__(self) -> Self:
        """Serve in a thread; the sockets already listen, so a client may call at once."""
        self._thread = threading.Thread(target=self.serve, name="emulator", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop and wait for the last answer."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()

"""Running the emulator: one process, one port for each environment, in the foreground or in a thread."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from bridgehead.emulator.app import make_app
from bridgehead.emulator.database import open_database
from bridgehead.emulator.demo import demo_seed
from bridgehead.emulator.environment import Environment, open_environment
from bridgehead.emulator.faults.catalogue import CATALOGUE
from bridgehead.emulator.faults.switchboard import NOBODY, Fault, Scripted
from bridgehead.emulator.faults.wire import Wires
from bridgehead.emulator.journal import Journal
from bridgehead.emulator.records import Limits
from bridgehead.emulator.seed import ENVIRONMENTS, Seed
from bridgehead.emulator.spelling import DIALECTS

_Done = TypeVar("_Done")


def _utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the default clock of whoever does not bring one


def _random_id() -> str:
    return os.urandom(16).hex()


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
class Snapshot:
    """All that an emulator held at a moment: its database, and by environment how strict it was and what went wrong."""

    held: bytes
    modes: Mapping[str, tuple[str, tuple[Fault, ...]]]


class _Server(uvicorn.Server):
    """The server, which says when it serves and in which loop, and stops at once when nobody waits for an answer.

    uvicorn looks up ten times a second, and gives connections a tenth of a second to end: for a test that is long.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.serving = threading.Event()
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Stop soon; callable from any thread."""
        self.should_exit = True
        self.serving.wait(10)  # or it never came up
        if self.loop is not None:
            with suppress(RuntimeError):  # it has seen it already, and is gone
                self.loop.call_soon_threadsafe(self._leaving.set)

    async def main_loop(self) -> None:
        """Look up as often as uvicorn does, and when it is time to leave."""
        counter = 0
        while not await self.on_tick(counter):
            counter = (counter + 1) % 864_000
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the doors; where an answer is still on its way, as uvicorn does it."""
        if self.server_state.tasks:
            await super().shutdown(sockets)
            return
        for door in [*self.servers, *(sockets or ())]:
            door.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Note the loop."""
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.serving.set()


@dataclass(frozen=True, slots=True)
class DemoClient:
    """An API client of the seed, with all that one needs to use it. plans: whether it is registered for planning."""

    tenant: str
    environment: str
    tenant_id: str
    base_url: str
    client_id: str
    secret: str
    purpose: str
    plans: bool


class Emulator:
    """A UKG Pro with two tenants in two environments. Use it as a context manager, or call `serve`.

    ports: of production and sandbox, 0 for any free one. state: a SQLite file, or `:memory:`. seed: what an empty state
    starts with; by default two tenants, Acme and Globex. strictness: by environment, `production`, `sandbox` or `soft`;
    by default that of its name. algorithm: what tokens are signed with, ES256 by default. dialect: how the tenant is
    spelled, `thread` or `platform`. journal: how many requests are kept for a test to look at. clock: shared by
    issuing, checking and logging. Raises OSError when a port is taken, and StateUnreadable when the file was made by
    another version, begun with another seed or dialect, or is in use.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        ports: Mapping[str, int] | None = None,
        state: str = ":memory:",
        seed: Seed | None = None,
        limits: Limits | None = None,
        strictness: Mapping[str, str] | None = None,
        algorithm: str = "",
        dialect: str = "thread",
        journal: int = 0,
        clock: Callable[[], datetime] = _utc_now,
        new_id: Callable[[], str] = _random_id,
    ) -> None:
        self._sockets = {name: _listen(host, (ports or {}).get(name, 0)) for name in ENVIRONMENTS}
        self._seed, shown = seed or demo_seed(dialect), f"[{host}]" if ":" in host else host
        with ExitStack() as undo:
            undo.callback(self._close_sockets)
            self._database = open_database(state)
            undo.callback(self._database.close)
            self.environments: dict[str, Environment] = {
                name: open_environment(
                    self._database,
                    name,
                    base_url=f"http://{shown}:{listener.getsockname()[1]}",
                    limits=limits or Limits(),
                    clock=clock,
                    new_id=new_id,
                    sown=self._seed,
                    spelling=DIALECTS[dialect],
                    strictness=(strictness or {}).get(name, ""),
                    algorithm=algorithm,
                )
                for name, listener in self._sockets.items()
            }
            undo.pop_all()
        self._wires = Wires()
        self.journal = Journal(journal)
        self._server = _Server(self._configured())
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
                tenant.name,
                name,
                tenant.tenant_id,
                environment.base_url,
                one.client_id,
                one.secret,
                one.purpose,
                one.planning_permission,
            )
            for name, environment in self.environments.items()
            for tenant in self._seed.tenants(name)
            for one in tenant.clients
            if one.secret
        ]

    def demo_administrators(self) -> list[tuple[str, str]]:
        """Return user name and password of the seed's people who may use production's console."""
        people = [person for tenant in self._seed.tenants("production") for person in tenant.people]
        return [(person.username, person.password) for person in people if person.administrator]

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

    def switch_on_as_written(self, text: str, environment: str = "production") -> Fault:
        """Switch a fault on that is written as NAME, NAME=VALUE, NAME@CLIENT or NAME=VALUE@CLIENT."""
        named, _, client_id = text.partition("@")
        slug, equals, value = named.partition("=")
        kind = CATALOGUE.get(slug)
        given = kind.read(value) if kind is not None and equals else None
        return self.switch_on(slug, environment=environment, client_id=client_id, value=given)

    def answer_next(
        self,
        status: int,
        document: Any = None,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        method: str = "",
        within: str = "/",
        times: int = 1,
        environment: str = "production",
    ) -> None:
        """Give the next call this answer in the place of UKG Pro's; nothing is done for it.

        document: is sent as JSON; body: as it is. method, within: which calls are meant, by default any. times: how
        many of them. What is written first is given first.
        """
        sent = body if document is None else msgspec.json.encode(document)
        answer = Scripted(
            status=status, body=sent, headers=dict(headers or {}), method=method, within=within, times=times
        )
        self.environments[environment].faults.script(answer)

    def switch_off(self, slug: str = "") -> None:
        """Let a fault be over, or all of them."""
        for environment in self.environments.values():
            environment.faults.switch_off(slug)

    def _configured(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._app(),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            http=self._wires.protocol(self._refuses),
            date_header=False,  # the answers' own clock writes it
            proxy_headers=False,  # else X-Forwarded-For could say any address that a client is limited to
        )

    def _app(self) -> ASGIApp:
        """Lead each port to its environment."""
        apps = {
            listener.getsockname()[1]: make_app(self.environments[name], self._wires, self.journal, self._database)
            for name, listener in self._sockets.items()
        }

        async def by_port(scope: Scope, receive: Receive, send: Send) -> None:
            await apps[scope["server"][1]](scope, receive, send)

        return by_port

    def _refuses(self, address: tuple[str, int]) -> bool:
        """Whether a connection to this address is reset when it is made."""
        name = next((one for one, bound in self._sockets.items() if bound.getsockname()[1] == address[1]), "")
        return name in self.environments and bool(self.environments[name].faults.take("reset-on-connect", NOBODY))

    def snapshot(self) -> Snapshot:
        """Return all that the emulator holds, to put it back later."""
        return self._in_turn(self._copied)

    def restore(self, snapshot: Snapshot) -> None:
        """Let the emulator hold what it held then; the journal is empty, and no quota is used."""
        self._in_turn(lambda: self._put_back(snapshot))

    def _copied(self) -> Snapshot:
        modes = {name: (one.strictness, one.faults.on) for name, one in self.environments.items()}
        return Snapshot(self._database.copy(), modes)

    def _put_back(self, snapshot: Snapshot) -> None:
        self._database.put_back(snapshot.held)
        for name, mode in snapshot.modes.items():
            self.environments[name].put_back(*mode)
        self.journal.clear()

    def _in_turn(self, do: Callable[[], _Done]) -> _Done:
        """Do something between two calls: the server's loop alone uses the database."""

        async def in_the_loop() -> _Done:
            self._database.flush()
            return do()

        if self._thread is None:
            return do()
        self._server.serving.wait()
        loop = self._server.loop
        return do() if loop is None else asyncio.run_coroutine_threadsafe(in_the_loop(), loop).result()

    def _close_sockets(self) -> None:
        for listener in self._sockets.values():
            listener.close()

    def close(self) -> None:
        """Give everything back without having served."""
        self._close_sockets()
        self._database.close()

    def serve(self) -> None:
        """Serve until interrupted."""
        try:
            self._server.run(sockets=list(self._sockets.values()))
        finally:
            self._database.close()

    def __enter__(self) -> Self:
        """Serve in a thread; the sockets already listen, so a client may call at once."""
        self._thread = threading.Thread(target=self.serve, name="emulator", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop and wait for the last answer."""
        if self._thread is not None:
            self._server.leave()
            self._thread.join()

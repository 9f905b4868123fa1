"""Faults on the wire: connections that are reset, closed or garbled, by the server itself and not by a proxy before it.

So a reset is a real one (RST), and what was done before stays done. An ASGI application cannot do this: it never sees
the connection; the protocol below it does.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

Address = tuple[str, int]

_RESET_AT_ONCE = struct.pack("ii", 1, 0)
"""Linger for no time (SO_LINGER): closing sends a reset."""


class Wires:
    """The open connections of a server, by the addresses of both ends."""

    def __init__(self) -> None:
        self._open: dict[tuple[Address, Address], asyncio.Transport] = {}

    def protocol(self, refused: Callable[[Address], bool]) -> type[asyncio.Protocol]:
        """Return the server's protocol, which notes its connections. refused: whether one to this address is reset."""
        wires = self

        class Noted(AutoHTTPProtocol):  # type: ignore[valid-type, misc] # chosen at run time by uvicorn
            """The HTTP protocol that uvicorn chose."""

            def connection_made(self, transport: asyncio.Transport) -> None:
                """Note the connection, or reset it."""
                super().connection_made(_Joined(transport))
                self._ends = (_end(transport, "peername"), _end(transport, "sockname"))
                wires._open[self._ends] = self.transport
                if refused(self._ends[1]):
                    _reset(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                """Forget it."""
                wires._open.pop(self._ends, None)
                super().connection_lost(exc)

        return Noted

    def reset(self, scope: Any) -> None:
        """Reset the connection of a request."""
        transport = self._of(scope)
        if transport is not None:
            _reset(transport)

    def close(self, scope: Any, *, after: bytes = b"") -> None:
        """Close the connection of a request. after: what is sent before, whatever it is."""
        transport = self._of(scope)
        if transport is not None:
            transport.write(after)
            transport.close()

    def _of(self, scope: Any) -> asyncio.Transport | None:
        return self._open.get((tuple(scope["client"]), tuple(scope["server"])))


class _Joined:
    """A transport that sends at once what is written in one turn of the loop, such as head and body of an answer.

    uvicorn writes them one after the other. Sent apart, they are two system calls here and two packets to wake up for
    there: a tenth of what a token takes (measured).
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send this soon."""
        if not self._held:
            asyncio.get_running_loop().call_soon(self._send)
        self._held.append(data)

    def close(self) -> None:
        """Close the connection after what was written."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        held, self._held = self._held, []
        if held and not self._transport.is_closing():
            self._transport.write(b"".join(held))


def _end(transport: asyncio.Transport, which: str) -> Address:
    found = transport.get_extra_info(which)
    return str(found[0]), int(found[1])


def _reset(transport: asyncio.Transport) -> None:
    bound = transport.get_extra_info("socket")
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
    transport.abort()

"""The line between client and server: what a fault does to a call on its way in, and to its answer on the way back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from starlette.types import Scope, Send

from bridgehead.emulator.faults.switchboard import Fault
from bridgehead.emulator.faults.wire import Wires

_GARBAGE = b"\x16\x03\x01\x02\x00 this is no HTTP \x00\xff\r\n\r\n"
_PIECES = 10

Take = Callable[[str], Fault | None]


class Reply(msgspec.Struct, frozen=True):
    """An answer as it goes over the wire. headers: names in lower case."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    async def travel(self, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


@dataclass(frozen=True, slots=True)
class Line:
    """The line of one call. take: tells whether a fault is on for its caller."""

    take: Take
    wires: Wires
    scope: Scope

    async def arrives(self) -> bool:
        """Let the call travel; return False when it never arrives."""
        late = self.take("latency")
        if late is not None:
            await asyncio.sleep(late.value / 1000)
        if self.take("reset-before"):
            self.wires.reset(self.scope)
            return False
        return True

    async def carry(self, reply: Reply, send: Send) -> None:
        """Let the answer travel, or get lost."""
        if self.take("reset-after"):
            self.wires.reset(self.scope)
        elif self.take("closed-after"):
            self.wires.close(self.scope)
        elif self.take("garbage"):
            self.wires.close(self.scope, after=_GARBAGE)
        elif self.take("truncated"):
            self.wires.close(self.scope, after=_half(reply))
        elif slow := self.take("dribble"):
            await _dribble(reply, slow.value / 1000, send)
        else:
            await reply.travel(send)


def _half(reply: Reply) -> bytes:
    """Return the answer as it goes over the wire (RFC 9112), cut in the middle of its body."""
    lines = [b"HTTP/1.1 %d " % reply.status, *(b"%b: %b" % header for header in reply.headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + reply.body[: len(reply.body) // 2]


async def _dribble(reply: Reply, seconds: float, send: Send) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    size = max(1, -(-len(reply.body) // _PIECES))
    for at in range(0, len(reply.body), size):
        await asyncio.sleep(seconds / _PIECES)
        await send({"type": "http.response.body", "body": reply.body[at : at + size], "more_body": True})
    await send({"type": "http.response.body", "body": b""})

"""The line between client and server: what a fault does to a call on its way in, and to its answer on the way back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bridgehead.emulator.faults.switchboard import Fault
from bridgehead.emulator.faults.wire import Wires

_GARBAGE = b"\x16\x03\x01\x02\x00 this is no HTTP \x00\xff\r\n\r\n"
_PIECES = 10

Take = Callable[[str], Fault | None]


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

    async def carry(self, response: Response, receive: Receive, send: Send) -> None:
        """Let the answer travel, or get lost."""
        if self.take("reset-after"):
            self.wires.reset(self.scope)
        elif self.take("closed-after"):
            self.wires.close(self.scope)
        elif self.take("garbage"):
            self.wires.close(self.scope, after=_GARBAGE)
        elif self.take("truncated"):
            self.wires.close(self.scope, after=_half(response))
        elif slow := self.take("dribble"):
            await _dribble(response, slow.value / 1000, send)
        else:
            await response(self.scope, receive, send)


def _half(response: Response) -> bytes:
    """Return the answer as it goes over the wire (RFC 9112), cut in the middle of its body."""
    lines = [b"HTTP/1.1 %d " % response.status_code, *(b"%b: %b" % header for header in response.raw_headers)]
    body = bytes(response.body)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body[: len(body) // 2]


async def _dribble(response: Response, seconds: float, send: Send) -> None:
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    body = bytes(response.body)
    size = max(1, -(-len(body) // _PIECES))
    for at in range(0, len(body), size):
        await asyncio.sleep(seconds / _PIECES)
        await send({"type": "http.response.body", "body": body[at : at + size], "more_body": True})
    await send({"type": "http.response.body", "body": b""})

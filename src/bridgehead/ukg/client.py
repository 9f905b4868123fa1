"""Carrying a conversation out: send what the authorization decides, wait and try again where that can help."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from bridgehead.errors import Unavailable
from bridgehead.ukg.auth import TenantAuth
from bridgehead.ukg.messages import Request, Response
from bridgehead.ukg.pace import Pace

_Outcome = TypeVar("_Outcome")


class Door(Protocol):
    """What sends one request and returns its response, or raises Unavailable."""

    def send(self, request: Request) -> Response:
        """Send it."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client of one tenant. Thread-safe. sleep and chance are arguments, so that tests need no patience.

    on_wait: told why a call has to wait, and how many seconds.
    """

    auth: TenantAuth
    door: Door
    sleep: Callable[[float], object]
    chance: Callable[[], float]
    on_wait: Callable[[str, float], object]
    pace: Pace = field(default_factory=Pace)

    def call(self, request: Request) -> Response:
        """Make a call as the tenant. Raises Unavailable when UKG stays away, and what the authorization raises."""
        return self._carry(self.auth.flow(request))

    def connect(self) -> Any:
        """Get a token, prove it, and return the planning metadata."""
        return self._carry(self.auth.connect())

    def _carry(self, conversation: Generator[Request, Response, _Outcome]) -> _Outcome:
        try:
            request = next(conversation)
            while True:
                request = conversation.send(self._send(request))
        except StopIteration as done:
            outcome: _Outcome = done.value
            return outcome
        finally:
            conversation.close()

    def _send(self, request: Request) -> Response:
        """Send with patience. Every try is the same bytes with the same idempotency key."""
        attempt = 0
        while True:
            attempt += 1
            response, failed = None, None
            try:
                response = self.door.send(request)
            except Unavailable as wrong:
                failed = wrong
            seconds = self.pace.wait(attempt, response, self.chance)
            if seconds is not None:
                told = failed.message if failed else f"UKG answered {response.status if response else 0}"
                self.on_wait(told, seconds)
                self.sleep(seconds)
            elif failed is not None:
                raise failed
            elif response is not None and self.pace.wait(1, response, self.chance) is not None:
                raise Unavailable(
                    f"UKG answered {response.status} to {request.method} {request.path}, {attempt} times: "
                    f"{response.words()}.",
                    cure="Try again later; what was answered is remembered, the rest goes with the next run.",
                )
            elif response is not None:
                return response

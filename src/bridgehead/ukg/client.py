"""Carrying a conversation out: send what the authorization decides, wait and try again where that can help."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from bridgehead.errors import Unavailable
from bridgehead.ports import Attempt
from bridgehead.ukg.auth import TenantAuth
from bridgehead.ukg.messages import Request, Response
from bridgehead.ukg.pace import Pace, is_transient

_Outcome = TypeVar("_Outcome")


class Door(Protocol):
    """What sends one request and returns its response, or raises Unavailable."""

    def send(self, request: Request) -> Response:
        """Send it."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client of one tenant. Thread-safe. sleep and chance are arguments, so that tests need no patience.

    clock: for calls that get no answer. on_wait: told why a call has to wait, and how many seconds.
    """

    auth: TenantAuth
    door: Door
    clock: Callable[[], datetime]
    sleep: Callable[[float], object]
    chance: Callable[[], float]
    on_wait: Callable[[str, float], object]
    pace: Pace = field(default_factory=Pace)

    def call(self, request: Request, attempts: list[Attempt] | None = None) -> Response:
        """Make a call as the tenant. Raises Unavailable when UKG stays away, and what the authorization raises.

        attempts: each time that it is sent is added to them.
        """
        return self._carry(self.auth.flow(request), request.path, attempts)

    def connect(self) -> Any:
        """Get a token, prove it, and return the planning metadata."""
        return self._carry(self.auth.connect())

    def _carry(
        self,
        conversation: Generator[Request, Response, _Outcome],
        path: str = "",
        attempts: list[Attempt] | None = None,
    ) -> _Outcome:
        retried = False
        try:
            request = next(conversation)
            while True:
                noted = attempts if request.path == path else None  # not the calls for a token in between
                response = self._send(request, noted, retried=retried)
                retried = response.retried
                request = conversation.send(response)
        except StopIteration as done:
            outcome: _Outcome = done.value
            return outcome
        finally:
            conversation.close()

    def _send(self, request: Request, attempts: list[Attempt] | None, *, retried: bool) -> Response:
        """Send with patience. Every try is the same bytes with the same idempotency key, unless they count once."""
        attempt = 0
        while True:
            attempt += 1
            response = None
            try:
                response = replace(self.door.send(request), retried=retried)
                if attempts is not None:
                    attempts.append(Attempt(response.at, response.status, request.correlation_id))
                if not is_transient(response):
                    return response
                why = Unavailable(
                    f"UKG answered {response.status} to {request.method} {request.path}: {response.words()}.",
                    cure="Try again later; what was answered is remembered, the rest goes with the next run.",
                )
            except Unavailable as failed:
                why = failed
                if attempts is not None:
                    attempts.append(Attempt(self.clock(), 0, request.correlation_id, failed.reason))
            retried = True
            seconds = self.pace.wait(attempt, response, self.chance)
            if seconds is None:
                raise why
            self.on_wait(why.message, seconds)
            self.sleep(seconds)
            request = request.anew() if request.anew is not None else request

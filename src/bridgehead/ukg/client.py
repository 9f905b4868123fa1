"""Carrying a conversation out: send what the authorization decides, wait and try again where that can help."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, Protocol, TypeVar

from bridgehead.errors import NotSent, Unavailable
from bridgehead.ports import Attempt
from bridgehead.ukg.auth import TenantAuth
from bridgehead.ukg.messages import Request, Response
from bridgehead.ukg.pace import Pace, is_overload, is_transient, retry_after
from bridgehead.ukg.throttle import Halted, Throttle

_Outcome = TypeVar("_Outcome")


class Door(Protocol):
    """What sends one request and returns its response, or raises Unavailable."""

    def send(self, request: Request) -> Response:
        """Send it."""


@dataclass(slots=True)
class _Try:
    """One call and its tries so far. number: of tries. problem: why the last one gave no usable answer."""

    request: Request
    attempts: list[Attempt] | None
    retried: bool
    number: int = 0
    problem: Unavailable | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A client of one tenant. Thread-safe. chance is an argument, so that tests need no patience.

    clock: for calls that get no answer. on_wait: told why a call has to wait, and how many seconds.
    """

    auth: TenantAuth
    door: Door
    clock: Callable[[], datetime]
    throttle: Throttle
    chance: Callable[[], float]
    on_wait: Callable[[str, float], object]
    pace: Pace = field(default_factory=Pace)
    _worked: set[tuple[str, str]] = field(default_factory=set)
    _calming: Lock = field(default_factory=Lock)

    def call(self, request: Request, attempts: list[Attempt] | None = None) -> Response:
        """Make a call as the tenant. Raises Unavailable when UKG stays away, and what the authorization raises.

        attempts: each time that it is sent is added to them.
        """
        response = self._carry(self.auth.flow(request), request.path, attempts)
        if response.status in (401, 403) and attempts is not None:
            self.throttle.close()  # what waits for its turn would be refused as well
        return response

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
                response = self._calmly(_Try(request, noted, retried))
                retried = response.retried
                request = conversation.send(response)
        except StopIteration as done:
            outcome: _Outcome = done.value
            return outcome
        finally:
            conversation.close()

    def _calmly(self, one: _Try) -> Response:
        """Send; a refusal of what was granted before may be one of load, and is asked for once more, alone.

        Some servers refuse with 401 or 403 whoever comes too often (cause 23 of the taxonomy): then it passes.
        """
        call = one.request.method, one.request.path.partition("?")[0]
        response = self._patiently(one)
        if response.status in (200, 207):
            self._worked.add(call)
        if response.status not in (401, 403) or response.says_token_is_spent:
            return response
        with self._calming:
            return self._alone(one, call, response) if call in self._worked else response

    def _alone(self, one: _Try, call: tuple[str, str], refused: Response) -> Response:
        """Ask once more for what was refused, while nothing else is on its way."""
        self.throttle.suspect()
        self.on_wait("UKG refuses what it granted before; asking once more, alone, in case it was too much", 1.0)
        again = replace(one.request.anew() if one.request.anew is not None else one.request, alone=True)
        calm = self._patiently(replace(one, request=again, number=0, retried=refused.retried))
        if calm.status in (401, 403):
            self._worked.discard(call)  # the others need not ask again
        else:
            self.throttle.confirm()
        return calm

    def _patiently(self, one: _Try) -> Response:
        """Send, and again where that can help: the same bytes with the same idempotency key, unless they count once."""
        while True:
            one.number += 1
            response = self._once(one)
            if response is not None and not is_transient(response):
                return response
            # Whoever is told to slow down was not served.
            one.retried = one.retried or response is None or response.status not in (425, 429)
            seconds = self.pace.wait(one.number, response, self.chance)
            wished = retry_after(response) if response is not None else None
            asked = wished is not None
            assert one.problem is not None  # noqa: S101 - set by _once
            if wished is not None and wished > self.pace.patience:
                one.problem.cure = f"UKG asks for {wished:,.0f} s of rest; the next sync after that goes on from here."
            if seconds is None or not (asked or self.throttle.may_try_again()):
                raise one.problem
            self.on_wait(one.problem.message, seconds)
            try:
                self.throttle.wait(seconds)
            except Halted:
                raise one.problem from None
            if one.request.anew is not None:
                one.request = one.request.anew()

    def _once(self, one: _Try) -> Response | None:
        """Send once; None when no answer came. What it says of UKG's load counts for all requests."""
        request = one.request
        try:
            with self.throttle.slot(alone=request.alone) as sent_at:
                response = replace(self.door.send(request), retried=one.retried)
        except Halted:
            kind = Unavailable if one.attempts is None else NotSent
            raise one.problem or kind("Stopped before a request left.", cure="The next sync goes on.") from None
        except Unavailable as failed:
            one.problem = failed
            self._note(one, Attempt(self.clock(), 0, request.correlation_id, failed.reason))
            if failed.timed_out:
                self.throttle.overloaded(sent_at, None)
            return None
        self._note(one, Attempt(response.at, response.status, request.correlation_id))
        if is_overload(response):
            pause = retry_after(response)
            # Nobody waits longer than the pace allows: this call gives up, and with it the run.
            self.throttle.overloaded(sent_at, pause if pause is None or pause <= self.pace.patience else None)
        elif not is_transient(response):
            self.throttle.good()
        one.problem = Unavailable(
            f"UKG answered {response.status} to {request.method} {request.path}: {response.words()}.",
            cure="Try again later; what was answered is remembered, the rest goes with the next run.",
        )
        return response

    def _note(self, one: _Try, attempt: Attempt) -> None:
        if one.attempts is not None:
            one.attempts.append(attempt)

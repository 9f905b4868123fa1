"""The calls of an examination: few are refused, none is repeated in a loop, and each is kept as evidence."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from bridgehead.doctor.finding import Evidence
from bridgehead.doctor.redacted import Exchange, Secrets, exchange, of_no_answer
from bridgehead.errors import Unavailable
from bridgehead.ukg.client import Door
from bridgehead.ukg.dialect import at
from bridgehead.ukg.messages import Request, Response

AT_MOST = 8
"""So many calls of one examination may be refused. Servers lock accounts, and block addresses, after more."""
_CALM = 1.5
"""Seconds after which a call that was refused is asked once more, alone: a limit by the second has passed then."""


class Spent(Exception):
    """Raised in the place of a call that could be one refusal too many."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a call heard. response: None when no answer came; problem: why. hide: takes secrets out of words."""

    request: Request
    response: Response | None
    problem: str = ""
    hide: Callable[[str], str] = str

    @property
    def status(self) -> int:
        """The answer's status, 0 when none came."""
        return self.response.status if self.response is not None else 0

    @property
    def refused(self) -> bool:
        """Whether somebody there turned it down."""
        return self.status in (401, 403)

    @property
    def failed(self) -> bool:
        """Whether the server could not serve it: that says nothing of the chain."""
        return self.status in (0, 429) or (self.status >= 500 and self.status != 501)

    @property
    def document(self) -> Any:
        """The answer as JSON, None when it is none."""
        return self.response.document() if self.response is not None else None

    @property
    def is_page(self) -> bool:
        """Whether a page of HTML came, which UKG's API never sends."""
        return self.response is not None and self.response.body.lstrip()[:1] == b"<"

    def says(self, path: str) -> str:
        """Return what stands at a path of the answer, as text; empty when nothing does."""
        found = at(self.document, path)
        return "" if found is None else self.hide(str(found))

    @property
    def words(self) -> str:
        """The answer in short."""
        if self.response is None:
            return self.problem
        # Before it is cut short: half of a token is one as well.
        told = replace(self.response, body=self.hide(self.response.body.decode("utf-8", "replace")).encode())
        return f"{self.status} {told.words()}".strip()

    def evidence(self, what: str = "") -> Evidence:
        """Return the answer as evidence, with the id under which UKG's log knows the call."""
        known = f" (correlation id {self.request.correlation_id})" if self.request.correlation_id else ""
        path = self.request.path.partition("?")[0]
        return Evidence(what or f"{self.request.method} {path}", f"{self.words}{known}")


@dataclass
class Calls:
    """Makes calls through a door. pool: for those side by side. pause: waits so many seconds.

    calmed: refusals that passed when they were asked once more, alone. refused: how many calls were.
    """

    door: Door
    clock: Callable[[], datetime]
    pause: Callable[[float], object]
    pool: Executor
    exchanges: list[Exchange] = field(default_factory=list)
    calmed: list[Heard] = field(default_factory=list)
    refused: int = 0
    secrets: Secrets = field(default_factory=Secrets)

    def ask(self, purpose: str, request: Request, *, door: Door | None = None, token: bool = False) -> Heard:
        """Make a call; once more where the server failed at it. token: it is one for a token, which any 4xx refuses."""
        heard = self._once(purpose, request, door, token=token)
        if heard.status >= 500 and heard.status != 501:
            self.settle()
            heard = self._once(purpose, request.anew() if request.anew else request, door, token=token)
        return heard

    def withheld(self, purpose: str, request: Request) -> Heard:
        """Make a call whose answer holds planning figures: they are looked at, and not kept as evidence."""
        heard = self.calmly(purpose, request)
        if heard.status == 200:
            self.exchanges[-1] = msgspec.structs.replace(self.exchanges[-1], body="(planning figures, not kept)")
        return heard

    def calmly(self, purpose: str, request: Request) -> Heard:
        """Make a call; where it is refused, once more after a pause: what passes then was refused for its haste."""
        heard = self.ask(purpose, request)
        return heard if not heard.refused or heard.is_page else self.calmer(purpose, heard)

    def calmer(self, purpose: str, refused: Heard, *, token: bool = False) -> Heard:
        """Make a call that was refused once more, after a pause."""
        self.settle()
        request = refused.request.anew() if refused.request.anew is not None else refused.request
        again = self.ask(f"{purpose}, once more, alone", request, token=token)
        if again.status in (200, 207):
            self.calmed.append(refused)
        return again

    def settle(self) -> None:
        """Wait until a limit by the second has passed."""
        self.pause(_CALM)

    @property
    def left(self) -> int:
        """How many more calls may be refused."""
        return AT_MOST - self.refused

    def together(self, purpose: str, request: Callable[[], Request], count: int) -> list[Heard]:
        """Make the same call so many times at once."""
        self._afford(count)
        waiting = [self.pool.submit(self._send, request(), self.door) for _ in range(count)]
        heard = [one.result() for one in waiting]
        for number, one in enumerate(heard, 1):
            self._keep(f"{purpose} ({number} of {count} at once)", one, token=False)
        return heard

    def _once(self, purpose: str, request: Request, door: Door | None, *, token: bool) -> Heard:
        self._afford(1)
        heard = self._send(request, door or self.door)
        self._keep(purpose, heard, token=token)
        return heard

    def _afford(self, count: int) -> None:
        if self.refused + count > AT_MOST:
            raise Spent

    def _send(self, request: Request, door: Door) -> Heard:
        self.secrets.sent(request)
        try:
            response = door.send(request)
        except Unavailable as silent:
            return Heard(request, None, silent.reason, self.secrets.hidden)
        self.secrets.received(response)
        return Heard(request, response, hide=self.secrets.hidden)

    def _keep(self, purpose: str, heard: Heard, *, token: bool) -> None:
        number = len(self.exchanges) + 1
        if heard.response is None:
            self.exchanges.append(of_no_answer(number, purpose, heard.request, heard.problem, self.clock()))
            return
        self.exchanges.append(exchange(number, purpose, heard.request, heard.response, self.secrets.hidden))
        if heard.status in (401, 403, 429) or (token and 400 <= heard.status < 500):
            self.refused += 1

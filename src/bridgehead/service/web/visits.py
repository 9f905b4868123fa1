"""A visit: who has signed in, what they may see, and that a form was sent by a page of this visit."""

from __future__ import annotations

import hmac
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from bridgehead.config import Config
from bridgehead.errors import BridgeheadError
from bridgehead.service.web.attempts import Attempts
from bridgehead.service.web.examined import Examinations
from bridgehead.service.web.guard import is_secure, sent_by_us
from bridgehead.service.web.people import may_decide, may_see
from bridgehead.service.web.rendering import rendered
from bridgehead.service.web.seen import FeedSeen, choices, look
from bridgehead.service.web.sessions import Session, Sessions
from bridgehead.tenant import Choice

_MOST = 65_536
"""Bytes of a form."""


class NotThere(Exception):
    """Something that does not exist, or is a tenant's that this person does not see: which is the same to them."""


@dataclass(slots=True)
class House:
    """What all visits share. next_run: when a feed's schedule says so, None where it has none."""

    config: Callable[[], Config]
    clock: Callable[[], datetime]
    next_run: Callable[[Choice], datetime | None]
    sessions: Sessions = field(init=False)
    attempts: Attempts = field(init=False)
    examinations: Examinations = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nobody signed in."""
        self.sessions, self.attempts = Sessions(self.clock), Attempts(self.clock)
        self.examinations = Examinations(self.clock)


@dataclass(frozen=True, slots=True)
class Call:
    """One call, of anybody. form: what was sent with it."""

    house: House
    request: Request
    config: Config
    form: Mapping[str, str]

    @property
    def cookie(self) -> str:
        """The name of a visit's cookie. Browsers send a cookie to every port, so that each has its own."""
        host = self.request.headers.get("host", "")
        if is_secure(host, self.config.notify.link):
            return "__Host-bridgehead"
        return f"bridgehead_{host.rpartition(':')[2]}" if ":" in host else "bridgehead"

    @property
    def token(self) -> str:
        """What tells the visit."""
        return self.request.cookies.get(self.cookie, "")

    @property
    def address(self) -> str:
        """Where it comes from."""
        return self.request.client.host if self.request.client is not None else ""

    def bare(self, template: str, status: int, **values: Any) -> Response:
        """Answer with a page that shows nothing of any tenant."""
        return HTMLResponse(rendered(template, timezone=self.config.run.timezone, **values), status)


@dataclass(frozen=True, slots=True)
class Visit:
    """A call of somebody who has signed in."""

    call: Call
    session: Session

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.call.config

    @property
    def person(self) -> str:
        """Who it is."""
        return self.session.person

    def sees(self, tenant: str) -> bool:
        """Whether this person sees a tenant."""
        return may_see(self.config, self.person, tenant)

    def decides(self, tenant: str) -> bool:
        """Whether this person decides on a tenant's plans."""
        return may_decide(self.config, self.person, tenant)

    def now(self) -> datetime:
        """Return the time."""
        return self.call.house.clock()

    def feed(self) -> Choice:
        """Return the feed that the address names; raise NotThere for one that this person does not see."""
        named = self.call.request.path_params
        for choice in choices(self.config, self.sees):
            if (choice.tenant, choice.environment, choice.feed_name) == (
                named["tenant"],
                named["environment"],
                named["feed"],
            ):
                return choice
        raise NotThere

    def look(self, choice: Choice, *, notices: int = 0) -> FeedSeen:
        """Return how a feed stands."""
        house = self.call.house
        return look(choice, house.clock, house.next_run(choice), notices=notices)

    def page(self, template: str, /, *, title: str, status: int = 200, **values: Any) -> Response:
        """Show a page. What a change has said before is shown once."""
        said, self.session.said = self.session.said, ""
        text = rendered(
            template,
            timezone=self.config.run.timezone,
            title=title,
            person=self.person,
            csrf=self.session.csrf,
            said=said,
            here=self.call.request.url.path,
            now=self.now(),
            **values,
        )
        return HTMLResponse(text, status)

    def back(self, path: str, said: str = "") -> Response:
        """Lead the browser to a page, which says what was done."""
        self.session.said = said
        return RedirectResponse(path, 303)


Screen = Callable[[Visit], Response]
Door = Callable[[Call], Response]


@dataclass(frozen=True, slots=True)
class Page:
    """One address: shown, and where it takes a form, what takes it. An ASGI application."""

    house: House
    shown: Door
    taken: Door | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call. What reads the ledger does so in a thread of the pool."""
        request = Request(scope, receive)
        answer: Response
        if request.method not in ("GET", "HEAD", "POST") or (request.method == "POST" and self.taken is None):
            allowed = "GET, HEAD" if self.taken is None else "GET, HEAD, POST"
            answer = Response("This is not how this page is used.", 405, {"Allow": allowed}, "text/plain")
        else:
            try:
                body = await _body(request) if request.method == "POST" else b""
            except ClientDisconnect:
                return
            if body is None:
                answer = Response("This form is too large.", 413, media_type="text/plain")
            else:
                answer = await run_in_threadpool(self._answer, request, body)
        await answer(scope, receive, send)

    def _answer(self, request: Request, body: bytes) -> Response:
        try:
            return self._answered(request, body)
        except Exception:  # noqa: BLE001 - what nobody foresaw is a page too, and stands in the log
            traceback.print_exc()
            return HTMLResponse(rendered("failed", timezone="UTC", title="Something unforeseen happened"), 500)

    def _answered(self, request: Request, body: bytes) -> Response:
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        call = Call(self.house, request, self.house.config(), form)
        if request.method != "POST" or self.taken is None:
            return self.shown(call)
        if not sent_by_us(request.headers):
            return call.bare("forbidden", 403, title="This form cannot be taken")
        return self.taken(call)


async def _body(request: Request) -> bytes | None:
    """Return the body of a form, None of one that is too large."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST:
            return None
    return bytes(body)


def signed_in(screen: Screen) -> Door:
    """Put a screen behind the sign-in; a form must carry the token of this visit."""

    def visited(call: Call) -> Response:
        session = call.house.sessions.find(call.token, call.config.people)
        if session is None:
            return RedirectResponse("/sign-in?" + urlencode({"to": _afterwards(call.request)}), 303)
        if call.request.method == "POST" and not hmac.compare_digest(
            call.form.get("csrf", "").encode(), session.csrf.encode()
        ):
            return call.bare("forbidden", 403, title="This form cannot be taken")
        visit = Visit(call, session)
        try:
            return screen(visit)
        except NotThere:
            return visit.page("missing", title="There is nothing here", status=404)
        except BridgeheadError as wrong:
            status = 409 if call.request.method == "POST" else 503
            return visit.page("trouble", title="This cannot be shown", status=status, wrong=wrong)

    return visited


def _afterwards(request: Request) -> str:
    """Return where to go after signing in: where somebody wanted to go, or the page that a form stood on."""
    query = f"?{request.url.query}" if request.url.query and request.method != "POST" else ""
    return quote(request.url.path) + query


def own_path(path: str) -> str:
    """Return a path of ours: nobody is led elsewhere after signing in."""
    ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return quote(path, safe="/?&=%+:@-_.~") if ours and path.isprintable() else "/"

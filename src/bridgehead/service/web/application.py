"""The web application: the page's addresses, for `bridgehead serve` and for the process that keeps schedules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, Router

from bridgehead.config import Config
from bridgehead.service.web import door, number, plans, screens
from bridgehead.service.web.guard import Guard
from bridgehead.service.web.rendering import asset
from bridgehead.service.web.visits import Door, House, Page
from bridgehead.tenant import Choice, utc_now

_FEED = "/feeds/{tenant}/{environment}/{feed}"

_PAGES: tuple[tuple[str, Door, Door | None], ...] = (
    ("/", screens.overview, None),
    ("/sign-in", door.show_sign_in, door.sign_in),
    ("/sign-out", door.home, door.sign_out),
    ("/words", screens.terms, None),
    ("/doctor/{tenant}/{environment}", screens.doctor, screens.examine),
    (_FEED, screens.feed, None),
    (_FEED + "/plans/{number}", plans.show, plans.take),
    (_FEED + "/runs/{run}", screens.run, None),
    (_FEED + "/number", number.show, None),
)


def application(
    config: Callable[[], Config],
    *,
    clock: Callable[[], datetime] = utc_now,
    next_run: Callable[[Choice], datetime | None] = lambda _: None,
    routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """Return the page as an ASGI application.

    config: returns the configuration as it holds now. next_run: when a feed's schedule says so. routes: of others, such
    as health and metrics, which come first, and are asked without signing in.
    """
    house = House(config, clock, next_run)
    own: list[BaseRoute] = [
        Route("/static/page.css", _asset("page.css", "text/css; charset=utf-8")),
        Route("/static/icon.svg", _asset("icon.svg", "image/svg+xml")),
        *(Route(path, Page(house, shown, taken)) for path, shown, taken in _PAGES),
        Route("/{rest:path}", Page(house, screens.missing)),
    ]
    pages = Guard(Router(own, redirect_slashes=False), lambda: config().notify.link)
    return Starlette(routes=[*routes, Mount("/", app=pages)])


def _asset(name: str, media_type: str) -> Callable[[Request], Response]:
    def served(_: Request) -> Response:
        return Response(asset(name), headers={"Cache-Control": "max-age=600"}, media_type=media_type)

    return served

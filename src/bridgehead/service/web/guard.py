"""What holds for every page: the headers that keep others' code out, and that a form was sent by a page of ours."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with none at all a browser would not say which page sent a form
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Lets calls through that were sent to this page by its own name, and gives every answer the headers.

    link: where people open the page, as the configuration says; empty where it does not.
    """

    def __init__(self, app: ASGIApp, link: Callable[[], str]) -> None:
        self._app, self._link = app, link

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        if scope["type"] != "http":
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        host = Headers(scope=scope).get("host", "")
        local = (scope.get("server") or ("", 0))[0]
        app = self._app if is_ours(host, local, self._link()) else _STRANGE
        await app(scope, receive, guarded)


_STRANGE = PlainTextResponse(
    "This page is not served under that name. Where people open it is said by link under [notify].", 421
)


def is_ours(host: str, local: str, link: str) -> bool:
    """Whether a call names this page by a name of its own. host: as it was sent; local: the address it came in at.

    At loopback nobody but this machine is spoken to, or a proxy on it: another name is that of a web site that has its
    visitors' browsers talk to their own machine (DNS rebinding). Elsewhere any name will do: a visit's cookie belongs
    to the name under which it was begun, so that such a site would find nobody signed in.
    """
    if not _is_loopback(local):
        return bool(host)
    return _is_loopback(_name(host)) or (bool(link) and host.lower() == urlsplit(link).netloc.lower())


def sent_by_us(headers: Headers) -> bool:
    """Whether a form was sent by a page of this origin: every browser says so with a form."""
    try:
        origin = urlsplit(headers.get("origin", "")).netloc
    except ValueError:
        return False
    return bool(origin) and origin == headers.get("host", "")


def is_secure(host: str, link: str) -> bool:
    """Whether people reach the page by https, so that the cookie never travels without."""
    there = urlsplit(link)
    return there.scheme == "https" and there.netloc.lower() == host.lower()


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False

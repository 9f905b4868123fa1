"""Calls as evidence that may be shown to anybody: no secret, no token; claims of a token stay readable, unsigned."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import msgspec

from bridgehead.ukg.auth import claims_of
from bridgehead.ukg.messages import Request, Response

_LONGEST = 4_000
_SAID = ("content-type", "date", "retry-after", "server", "via", "www-authenticate", "location", "allow")
_SENT = ("content-type", "accept")
_HIDDEN = re.compile(r"secret|assertion$|token|bearer|password|key|code", re.IGNORECASE)
_PUBLIC = ("client_assertion_type", "token_type", "errorCode", "code")
_MASK = "***"
_SHORTEST = 6
"""Shorter values are words that stand everywhere."""
_DEEP = 5
_TOKEN = re.compile(r"[\w-]{8,}\.[\w-]{16,}\.[\w-]+")
"""What a JSON web token looks like."""


class Named(msgspec.Struct, frozen=True):
    """A header, a parameter or a claim."""

    name: str
    value: str


class Exchange(msgspec.Struct, frozen=True):
    """One call and its answer, without anything secret. status: 0 when no answer came; problem: why.

    sent, answered: headers. asked: the parameters of a token request. body: of the answer, cut after 4,000 characters.
    claims: of a token that was issued, without its signature.
    """

    number: int
    purpose: str
    method: str
    path: str
    at: datetime
    status: int
    correlation_id: str
    sent: tuple[Named, ...] = ()
    asked: tuple[Named, ...] = ()
    answered: tuple[Named, ...] = ()
    body: str = ""
    claims: tuple[Named, ...] = ()
    problem: str = ""


class Secrets:
    """All that was sent or received and is nobody else's: hidden wherever a server's words repeat it."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def sent(self, request: Request) -> None:
        """Take in what a request holds."""
        for name, value in request.headers.items():
            if name.lower() == "authorization":
                scheme, _, proof = value.partition(" ")
                self.know(proof)
                if scheme == "Basic":
                    self.know(_password(proof))
            elif not _is_harmless(name):
                self.know(value)
        for name, value in _pairs(request):
            if _is_hidden(name):
                self.know(value)

    def received(self, response: Response) -> None:
        """Take in the long values of an answer that may be tokens."""
        document = response.document()
        if isinstance(document, Mapping) and response.status < 300:
            for name, value in _leaves(document):
                if _is_hidden(name) and isinstance(value, str):
                    self.know(value)

    def know(self, value: str) -> None:
        """Take a value in, unless it is so short that it stands everywhere."""
        if len(value) >= _SHORTEST:
            self._known |= {value, value.rpartition(".")[2]} if value.count(".") == 2 else {value}

    def hidden(self, text: str) -> str:
        """Return a text without them."""
        for value in sorted(self._known, key=len, reverse=True):
            if len(value) >= _SHORTEST:
                text = text.replace(value, _MASK)
        return _TOKEN.sub(_MASK, text)


def _password(proof: str) -> str:
    try:
        return unquote_plus(base64.b64decode(proof).decode().partition(":")[2])
    except ValueError:
        return ""


def _leaves(document: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield the named values of an answer, a few tables deep."""
    if isinstance(document, Mapping) and depth < _DEEP:
        for name, value in document.items():
            yield str(name), value
            yield from _leaves(value, depth + 1)


def exchange(
    number: int, purpose: str, request: Request, response: Response, hide: Callable[[str], str] = str
) -> Exchange:
    """Return a call with its answer. hide: takes secrets out of a text."""
    document = response.document()
    claims = claims_of(str(document.get("access_token", ""))) if isinstance(document, Mapping) else {}
    try:
        shown = msgspec.json.encode(_masked(document)).decode() if document is not None else response.words()
    except RecursionError:
        shown = "an answer that is nested without end"
    return Exchange(
        number,
        purpose,
        request.method,
        request.path,
        response.at,
        response.status,
        request.correlation_id,
        _sent(request),
        _asked(request),
        tuple(
            Named(name, hide(response.headers[name].partition("?")[0]))
            for name in sorted(response.headers)
            if name in _SAID
        ),
        hide(shown)[:_LONGEST],
        tuple(Named(name, hide(str(value))) for name, value in claims.items()),
    )


def of_no_answer(number: int, purpose: str, request: Request, problem: str, now: datetime) -> Exchange:
    """Return a call that nobody answered."""
    return Exchange(
        number,
        purpose,
        request.method,
        request.path,
        now,
        0,
        request.correlation_id,
        _sent(request),
        _asked(request),
        problem=problem,
    )


def _sent(request: Request) -> tuple[Named, ...]:
    """Return the headers; of those that are not known to be harmless the name alone."""
    named = []
    for name, value in request.headers.items():
        if name.lower() == "authorization":
            named.append(Named(name, f"{value.partition(' ')[0]} {_MASK}"))
        else:
            named.append(Named(name, value if _is_harmless(name) else _MASK))
    return tuple(named)


def _asked(request: Request) -> tuple[Named, ...]:
    """Return the parameters of a token request."""
    return tuple(Named(name, _MASK if _is_hidden(name) else value) for name, value in _pairs(request))


def _pairs(request: Request) -> list[tuple[str, str]]:
    if "urlencoded" in request.headers.get("Content-Type", ""):
        return parse_qsl(request.body.decode(), keep_blank_values=True)
    if b"grant_type" in request.body:
        return [(str(name), str(value)) for name, value in msgspec.json.decode(request.body).items()]
    return []


def _is_harmless(name: str) -> bool:
    """Whether a header may be shown: ids of tenants and calls are UUIDs or names, and keys are not called so."""
    return name.lower() in _SENT or re.search(r"(tenant-id|correlation(-id)?)$", name, re.IGNORECASE) is not None


def _is_hidden(name: str) -> bool:
    return name not in _PUBLIC and _HIDDEN.search(name) is not None


def _masked(document: Any) -> Any:
    """Return an answer with the values of telling names hidden, and of values that look like tokens."""
    if isinstance(document, Mapping):
        return {
            str(name): _MASK if isinstance(value, str) and _is_hidden(str(name)) else _masked(value)
            for name, value in document.items()
        }
    if isinstance(document, list):
        return [_masked(one) for one in document]
    return document

"""Calls as evidence that may be shown to anybody: no secret, no token; claims of a token stay readable, unsigned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from bridgehead.ukg.auth import claims_of
from bridgehead.ukg.messages import Request, Response

_LONGEST = 4_000
_SAID = ("content-type", "date", "retry-after", "server", "via", "www-authenticate", "location", "allow")
_SENT = ("content-type", "accept")
_HIDDEN = re.compile(r"secret|assertion$|token|password|key|code", re.IGNORECASE)
_PUBLIC = ("client_assertion_type", "token_type", "errorCode", "code")
_MASK = "***"


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


def exchange(number: int, purpose: str, request: Request, response: Response) -> Exchange:
    """Return a call with its answer."""
    document = response.document()
    claims = claims_of(str(document.get("access_token", ""))) if isinstance(document, Mapping) else {}
    shown = msgspec.json.encode(_masked(document)).decode() if document is not None else response.words()
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
        tuple(Named(name, response.headers[name]) for name in sorted(response.headers) if name in _SAID),
        shown[:_LONGEST],
        tuple(Named(name, str(value)) for name, value in claims.items()),
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
            plain = name.lower() in _SENT or re.search(r"tenant|correlation", name, re.IGNORECASE)
            named.append(Named(name, value if plain else _MASK))
    return tuple(named)


def _asked(request: Request) -> tuple[Named, ...]:
    """Return the parameters of a token request."""
    if "urlencoded" in request.headers.get("Content-Type", ""):
        pairs: Any = parse_qsl(request.body.decode(), keep_blank_values=True)
    elif b"grant_type" in request.body:
        pairs = msgspec.json.decode(request.body).items()
    else:
        return ()
    return tuple(Named(name, _MASK if _is_hidden(name) else str(value)) for name, value in pairs)


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
    if isinstance(document, str) and re.fullmatch(r"[\w-]{16,}\.[\w-]{16,}\.[\w-]*", document):
        return _MASK
    return document

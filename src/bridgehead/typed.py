"""Reading JSON and plain values into types, also from several threads at once.

msgspec builds what it knows of a type when the type is first used; two threads that do so at the same moment hang, or
bring the process down (msgspec 0.22, measured). So the first use is one thread's.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, TypeVar

import msgspec

_Kind = TypeVar("_Kind")
_FIRST = Lock()
_known: set[Any] = set()


def decoded(text: bytes | str, kind: type[_Kind]) -> _Kind:
    """Return JSON as a type; raise msgspec.DecodeError where it is none of it."""
    _know(kind)
    return msgspec.json.decode(text, type=kind)


def converted(value: Any, kind: type[_Kind]) -> _Kind:
    """Return plain values as a type; raise msgspec.ValidationError where they do not fit."""
    _know(kind)
    return msgspec.convert(value, kind)


def _know(kind: Any) -> None:
    if kind not in _known:
        with _FIRST:
            msgspec.json.Decoder(kind)
            _known.add(kind)

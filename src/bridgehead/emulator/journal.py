"""The request journal: what was asked lately and what was answered, for tests to assert on; it has bounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec

_MOST_BYTES = 16 * 1_048_576


class Exchanged(msgspec.Struct, frozen=True):
    """One request and its answer. Header names are in lower case; answer is None when it got lost on the way."""

    environment: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    status: int | None
    answer: bytes

    def json(self) -> Any:
        """Return the request's body, read as JSON."""
        return msgspec.json.decode(self.body)


class Journal:
    """The newest requests. most: how many; 0 keeps none. Their bodies have 16 MB at most, the oldest go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: deque[Exchanged] = deque()
        self._bytes = 0

    @property
    def keeps(self) -> bool:
        """Whether it keeps anything."""
        return self._most > 0

    def note(self, one: Exchanged) -> None:
        """Keep a request."""
        self._kept.append(one)
        self._bytes += len(one.body) + len(one.answer)
        while len(self._kept) > self._most or (self._bytes > _MOST_BYTES and len(self._kept) > 1):
            gone = self._kept.popleft()
            self._bytes -= len(gone.body) + len(gone.answer)

    def read(self, method: str = "", path: str = "") -> list[Exchanged]:
        """Return what is kept, oldest first. path: what it begins with."""
        return [one for one in tuple(self._kept) if method in ("", one.method) and one.path.startswith(path)]

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        self._bytes = 0

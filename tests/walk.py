"""A client's walk through the emulator: a token, the metadata, and a write of three good records and a bad one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.curl import HEADCOUNT, METADATA, Caller, records


@dataclass(slots=True)
class Walk:
    """What a client sees."""

    token: Any = None
    metadata: Any = None
    write: Any = None

    @property
    def statuses(self) -> tuple[int | None, ...]:
        return tuple(None if answer is None else answer.status for answer in (self.token, self.metadata, self.write))


BODY = records("0100", "0101", "9999", "0102")


def walk(caller: Caller, query: str = "") -> Walk:
    seen = Walk(caller.token())
    if seen.token.status == 200:
        headers = caller.headers(seen.token.json()["access_token"])
        seen.metadata = caller.http.request("GET", caller.base + METADATA, headers=headers)
        seen.write = caller.http.request("POST", caller.base + HEADCOUNT + query, headers=headers, json=BODY)
    return seen


def stored(caller: Caller) -> list[str]:
    """Return the org units whose projections are stored."""
    rows = caller.emulator.environments["production"].store.connection.execute("SELECT document FROM projection")
    return sorted(json.loads(document)["org_unit"] for (document,) in rows.fetchall())


GOOD = ["0100", "0101", "0102"]

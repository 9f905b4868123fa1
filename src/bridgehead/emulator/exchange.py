"""One call and its answer as values, so that every route is a plain function and the web framework only a skin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from bridgehead.emulator.environment import Environment
from bridgehead.emulator.faults.switchboard import NOBODY, Claimant, Fault


class Inbound(msgspec.Struct, frozen=True):
    """A call as it arrived.

    headers: names in lower case. query: the last value of each parameter; query_text: as it stood. address: where the
    call came from; claimant: whom it says it comes from, for the faults.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    parameters: Mapping[str, str]
    body: bytes
    correlation_id: str
    address: str = ""
    query_text: str = ""
    claimant: Claimant = NOBODY

    def cookie(self, name: str) -> str:
        """Return a cookie (RFC 6265), empty when there is none."""
        for part in self.headers.get("cookie", "").split(";"):
            found, _, value = part.strip().partition("=")
            if found == name:
                return value
        return ""


class Answer(msgspec.Struct, frozen=True):
    """What goes back over the wire, and what only the audit log learns."""

    status: int
    body: bytes
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    client_id: str = ""
    tenant_id: str = ""
    told: Mapping[str, Any] = msgspec.field(default_factory=dict)
    media_type: str = "application/json"


def taking(environment: Environment, inbound: Inbound) -> Callable[[str], Fault | None]:
    """Return what tells whether a fault is on for a call, counting that it met it."""
    faults, claimant = environment.faults, inbound.claimant
    return (lambda slug: faults.take(slug, claimant)) if faults.any else _never


def _never(_: str) -> None:
    """Tell that no fault is on, as nearly always."""


def page_size(inbound: Inbound, *, default: int, most: int) -> int | None:
    """Return how many entries a page is to hold, None when `limit` is no number from 1 to *most*."""
    text = inbound.query.get("limit", str(default))
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    return size if 1 <= size <= most else None


Handler = Callable[[Environment, Inbound], Answer]


def json_answer(
    status: int,
    document: Any,
    *,
    headers: Mapping[str, str] | None = None,
    client_id: str = "",
    tenant_id: str = "",
    told: Mapping[str, Any] | None = None,
) -> Answer:
    """Answer with a JSON document."""
    return Answer(status, msgspec.json.encode(document), headers or {}, client_id, tenant_id, told or {})


def denied(check: str, reason: str, menu: str = "") -> dict[str, str]:
    """Say to the audit log why a call was refused before it came to the gate."""
    return {"outcome": "denied", "check": check, "reason": reason, "menu": menu}

"""A target that keeps every record as the bytes that it was sent, and gives them back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Lock
from typing import Any

import msgspec

from bridgehead.compare.rules import Known
from bridgehead.plan import Batch, Owned
from bridgehead.ports import Attempt, Receipt, Terms
from bridgehead.projection import DIMENSIONS, MEASURES

NAMES = {name: f"the {name}" for name in ("client_ref", *DIMENSIONS, *MEASURES, "currency")}
OURS = {theirs: ours for ours, theirs in NAMES.items()}
NOW = datetime(2027, 1, 2, tzinfo=UTC)


def decoded(record: bytes) -> dict[str, Any]:
    """Return a record under our names; numbers keep every digit."""
    fields = msgspec.json.decode(record, type=dict[str, msgspec.Raw])
    numbers = set(MEASURES)
    return {
        OURS[name]: msgspec.json.decode(value, type=Decimal | None if OURS[name] in numbers else str | None)
        for name, value in fields.items()
    }


@dataclass
class Shelf:
    """What UKG would be if it judged nothing. scales: decimals on the wire. records: by key, as they were sent."""

    scales: Mapping[str, int]
    open_from: date | None = None
    open_to: date | None = None
    records: dict[tuple[Any, ...], bytes] = field(default_factory=dict)
    sent: int = 0
    _lock: Lock = field(default_factory=Lock)

    def open(self) -> Terms:
        """Say what is accepted: few records a request, so that a plan needs several."""
        known = Known({}, {}, self.open_from, self.open_to)
        return Terms(NAMES, self.scales, ('{"all":[', "]}"), 3, 1_000_000, None, known)

    def expect(self, requests: int) -> None:
        """Take them as they come."""

    def deliver(self, batch: Batch, attempts: list[Attempt]) -> Receipt:
        """Take a batch."""
        attempts.append(Attempt(NOW, 200, ""))
        (records,) = msgspec.json.decode(batch.body, type=dict[str, list[msgspec.Raw]]).values()
        with self._lock:
            references = []
            for raw in map(bytes, records):
                told = decoded(raw)
                self.records[tuple(told[name] for name in DIMENSIONS)] = raw
                self.sent += 1
                references.append(told["client_ref"])
        return Receipt(batch.number, 200, len(records), 0, "", NOW, references=tuple(references))

    def read(self, owned: Sequence[Owned]) -> Iterator[bytes]:
        """Read back, two records a page."""
        for part in owned:
            first, last = part.first_period.isoformat(), part.last_period.isoformat()
            found = [
                raw
                for key, raw in self.records.items()
                if key[:2] == (part.scenario, part.version) and first <= key[2] <= last
            ]
            yield from (b"[" + b",".join(found[at : at + 2]) + b"]" for at in range(0, len(found), 2))

    def held(self) -> dict[tuple[Any, ...], dict[str, Any]]:
        """Return what it holds, decoded."""
        return {key: decoded(raw) for key, raw in self.records.items()}

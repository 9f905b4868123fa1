"""The planning API as a target: what it accepts, the bulk write with a receipt per record, and the read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import msgspec

from bridgehead.errors import NotTaken, RequestRefused
from bridgehead.plan import Batch, Owned
from bridgehead.ports import Receipt, Rejected, Terms
from bridgehead.ukg.client import Client
from bridgehead.ukg.dialect import Dialect, at
from bridgehead.ukg.interlock import Evidence, spoken
from bridgehead.ukg.messages import Request, Response

_NO_EFFECT = frozenset({400, 404, 405, 413, 415, 422})
"""Refused as a whole, unless an earlier try of the same call may have been taken."""


@dataclass(frozen=True, slots=True)
class PlanningApi:
    """One tenant's planning API, spoken as its dialect says."""

    dialect: Dialect
    client: Client

    def open(self) -> Terms:
        """Prove tenant and environment, and return what UKG accepts today."""
        metadata = self.client.connect()
        known, ours = self.dialect.metadata, self.dialect.headcount
        envelope = msgspec.json.encode(ours.envelope).decode()
        return Terms(
            names=ours.names,
            scales=ours.scales,
            envelope=(f"{{{envelope}:[", "]}"),
            max_records=min(ours.max_records, _count(at(metadata, known.max_records)) or ours.max_records),
            max_bytes=min(ours.max_bytes, _count(at(metadata, known.max_bytes)) or ours.max_bytes),
            per_minute=_count(at(metadata, known.per_minute)),
            open_from=_day(at(metadata, known.open_from)),
            open_to=_day(at(metadata, known.open_to)),
        )

    def deliver(self, batch: Batch) -> Receipt:
        """Send a batch under its idempotency key."""
        headers = {self.dialect.call.idempotency_header: batch.key}
        response = self.client.call(Request("POST", self.dialect.headcount.path, headers, batch.body))
        if response.status in (200, 207):
            return self._receipt(batch, response)
        if response.status in (401, 403):
            raise self.client.auth.refusal(response, "the headcount write")
        kind = NotTaken if response.status in _NO_EFFECT and not response.retried else RequestRefused
        raise kind(
            f"UKG answered {response.status} to a delivery of {batch.size} records: {response.words()}.",
            cure="Compare the request with the dialect; each key can be overridden for this tenant.",
            status=response.status,
            correlation_id=self._correlation(response),
        )

    def _receipt(self, batch: Batch, response: Response) -> Receipt:
        known, document = self.dialect.headcount, response.document()
        self._check_echo(document)
        results = at(document, known.results)
        if not isinstance(results, list):
            raise RequestRefused(
                f"UKG answered {response.status} without results under {known.results!r}.",
                cure="Override headcount.results in the dialect with the key that your UKG uses.",
                status=response.status,
                correlation_id=self._correlation(response),
            )
        accepted, unchanged, rejected = 0, 0, []
        for position, result in enumerate(results):
            status = at(result, known.result_status)
            if status in known.created:
                accepted += 1
            elif status in known.unchanged:
                unchanged += 1
            elif status in known.rejected:
                rejected.append(self._rejected(batch.first + position, result))
            else:
                raise RequestRefused(
                    f"UKG answered with a record status that the dialect does not know: {status!r}.",
                    cure="Override headcount.created, unchanged or rejected in the dialect.",
                    status=response.status,
                    correlation_id=self._correlation(response),
                )
        return Receipt(
            batch.number,
            response.status,
            accepted,
            unchanged,
            self._correlation(response),
            response.at,
            tuple(rejected),
        )

    def _check_echo(self, document: Any) -> None:
        """Stop at the first answer that shows another tenant: a proxy may alter only POSTs."""
        known = self.dialect.headcount
        echo = [
            Evidence("receipt-tenant", spoken(at(document, known.echo_tenant))),
            Evidence("receipt-environment", spoken(at(document, known.echo_environment))),
        ]
        self.client.auth.agree([one for one in echo if one.value is not None])

    def _rejected(self, row: int, result: Any) -> Rejected:
        known = self.dialect.headcount
        reference, code, field, message = (
            str(at(result, path) or "")
            for path in (known.result_reference, known.error_code, known.error_field, known.error_message)
        )
        return Rejected(row, reference, code, field, message)

    def _correlation(self, response: Response) -> str:
        return response.header(self.dialect.call.correlation_header)

    def read(self, owned: Sequence[Owned]) -> Iterator[bytes]:
        """Read back, page by page; each page is a JSON array of records."""
        known = self.dialect.headcount
        for part in owned:
            query = {
                known.query["scenario"]: part.scenario,
                known.query["version"]: part.version,
                known.query["first_period"]: part.first_period.isoformat(),
                known.query["last_period"]: part.last_period.isoformat(),
            }
            cursor: str | None = ""
            while cursor is not None:
                asked = query | ({known.query["cursor"]: cursor} if cursor else {})
                document = self._page(f"{known.path}?{urlencode(asked)}")
                yield bytes(document[known.envelope])
                following = msgspec.json.decode(document.get(known.next_cursor, b"null"))
                if following is not None and following == cursor:
                    raise RequestRefused(
                        "UKG gave the same cursor twice; reading back would never end.",
                        cure="Compare headcount.next_cursor and headcount.query in the dialect.",
                    )
                cursor = following or None

    def _page(self, path: str) -> dict[str, msgspec.Raw]:
        response = self.client.call(Request("GET", path))
        if response.status in (401, 403):
            raise self.client.auth.refusal(response, "reading headcount back")
        try:
            document = msgspec.json.decode(response.body, type=dict[str, msgspec.Raw])
            if response.status == 200 and self.dialect.headcount.envelope in document:
                self._check_echo(response.document())
                return document
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        raise RequestRefused(
            f"UKG answered {response.status} to reading headcount back: {response.words()}.",
            cure="Compare path and answer with the dialect; each key can be overridden for this tenant.",
            status=response.status,
        )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None

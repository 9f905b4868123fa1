"""The planning API as a target: what it accepts, the bulk write with a receipt per record, and the read back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import msgspec

from bridgehead.compare.rules import Known
from bridgehead.errors import NoReadBack, NotTaken, RecordsRefused, RequestRefused, TooLarge
from bridgehead.plan import Batch, Owned
from bridgehead.ports import Attempt, Receipt, Rejected, Terms
from bridgehead.projection import DIMENSIONS, MEASURES, REQUIRED, SEPARATOR
from bridgehead.ukg.answers import AnswerReader
from bridgehead.ukg.client import Client
from bridgehead.ukg.dialect import Dialect, at
from bridgehead.ukg.interlock import Evidence, spoken
from bridgehead.ukg.messages import Request, Response, printable

_NO_EFFECT = frozenset({400, 404, 405, 413, 415, 422})
"""Refused as a whole, unless an earlier try of the same call may have been taken."""


_NOT_OFFERED = frozenset({404, 405, 501})
_NO_READ_BACK = (
    "The receipts in the ledger are the proof: bridgehead history. If it is offered under another path, override "
    "headcount.path in the dialect."
)

_MAY_NOT_READ = (
    "Have the right to view planning added to the service account's role ({roles}); or say headcount.read_back = false "
    "in the dialect, and the receipts in the ledger are the proof."
)


@dataclass(slots=True)
class PlanningApi:
    """One tenant's planning API, spoken as its dialect says. share: so many percent of its quota are ours."""

    dialect: Dialect
    client: Client
    share: int = 100
    _answers: AnswerReader = field(init=False)

    def __post_init__(self) -> None:
        """Prepare for the dialect's answers."""
        self._answers = AnswerReader(self.dialect.headcount)

    def open(self) -> Terms:
        """Prove tenant and environment, and return what UKG accepts today."""
        metadata = self.client.connect()
        known, ours = self.dialect.metadata, self.dialect.headcount
        stated = _count(at(metadata, known.per_minute))
        per_minute = max(1, stated * self.share // 100) if stated else stated
        self.client.throttle.at_most(per_minute)
        return Terms(
            names=ours.names,
            scales=ours.scales,
            envelope=self._envelope(),
            max_records=min(ours.max_records, _count(at(metadata, known.max_records)) or ours.max_records),
            max_bytes=min(ours.max_bytes, _count(at(metadata, known.max_bytes)) or ours.max_bytes),
            per_minute=per_minute,
            known=Known(
                codes=self._codes(metadata),
                lengths=ours.lengths,
                open_from=_day(at(metadata, known.open_from)),
                open_to=_day(at(metadata, known.open_to)),
            ),
        )

    def _codes(self, metadata: Any) -> dict[str, dict[str, bool]]:
        """Read which codes exist and which are active; what the metadata does not list is not judged."""
        known, codes = self.dialect.metadata, {}
        for name, path in known.codes.items():
            listed = at(metadata, path)
            if isinstance(listed, list):
                codes[name] = {str(at(one, known.code)): at(one, known.active) is not False for one in listed}
        scenarios = at(metadata, known.scenarios)
        if isinstance(scenarios, list):
            codes["version"] = {
                f"{at(one, known.code)}{SEPARATOR}{version}": at(one, known.read_only) is not True
                for one in scenarios
                for version in at(one, known.versions) or ()
            }
        return codes

    def expect(self, requests: int) -> None:
        """Let the gate know how many requests are about to come."""
        self.client.throttle.expect(requests)

    def deliver(self, batch: Batch, attempts: list[Attempt]) -> Receipt:
        """Send a batch under its idempotency key."""
        headers = {self.dialect.call.idempotency_header: batch.key}
        response = self.client.call(Request("POST", self.dialect.headcount.path, headers, batch.body), attempts)
        if response.status in (200, 207):
            return self._receipt(batch, response)
        if response.status in (401, 403):
            raise self.client.auth.refusal(response, "the headcount write")
        if response.status == 413 and not response.retried:
            raise self._too_large(batch, response)
        if response.status in self.dialect.headcount.refused_for_records:
            refused = self._records_refused(batch, response)
            # After a try whose answer was lost, planning's own word counts: had that one been taken, its answer would
            # have come again. A gateway's does not.
            if refused.spoken or not response.retried:
                raise refused
        kind = NotTaken if response.status in _NO_EFFECT and not response.retried else RequestRefused
        raise kind(
            f"UKG answered {response.status} to a delivery of {batch.size} records: {response.words()}.",
            cure="Compare the request with the dialect; each key can be overridden for this tenant.",
            status=response.status,
            correlation_id=self._correlation(response),
        )

    def _envelope(self) -> tuple[str, str]:
        """Return what stands before and after the records of a request."""
        return f"{{{msgspec.json.encode(self.dialect.headcount.envelope).decode()}:[", "]}"

    def _records_refused(self, batch: Batch, response: Response) -> RecordsRefused:
        """Read a refusal of all for the sake of some. Only records that it names as rejected are taken for bad."""
        found, document = self._answers.read(response), response.document()
        self._check_echo(document)
        named = (
            [
                self._rejected(0, result)
                for result, status in zip(found.details, found.statuses, strict=True)
                if status in self.dialect.headcount.rejected
            ]
            if found
            else []
        )
        return RecordsRefused(
            f"UKG answered {response.status} to a delivery of {batch.size} records: {response.words()}.",
            cure="Compare the request with the dialect; each key can be overridden for this tenant.",
            named=[one for one in named if one.client_ref],
            code=printable(str(at(document, "error") or response.status)),
            words=response.words(),
            spoken=found is not None or at(document, self.dialect.headcount.echo_tenant) is not None,
            status=response.status,
            correlation_id=self._correlation(response),
        )

    def _too_large(self, batch: Batch, response: Response) -> TooLarge:
        known, stated = self.dialect.headcount, dict[str, int | None]()
        listed = at(response.document(), known.limits)
        for one in listed if isinstance(listed, list) else ():
            stated[str(at(one, known.limit_name))] = _count(at(one, known.limit_maximum))
        return TooLarge(
            f"UKG answered 413 to a delivery of {batch.size} records, {len(batch.body):,} bytes: {response.words()}.",
            cure="Set headcount.max_records or headcount.max_bytes in the dialect to what your UKG takes.",
            size=batch.size,
            records=stated.get(known.limit_records),
            bytes_=stated.get(known.limit_bytes),
            correlation_id=self._correlation(response),
        )

    def _receipt(self, batch: Batch, response: Response) -> Receipt:
        known, found = self.dialect.headcount, self._answers.read(response)
        self._check_echo(found.document if found else response.document())
        if found is None:
            raise RequestRefused(
                f"UKG answered {response.status} without results under {known.results!r}.",
                cure="Override headcount.results in the dialect with the key that your UKG uses.",
                status=response.status,
                correlation_id=self._correlation(response),
            )
        told = {status: found.statuses.count(status) for status in set(found.statuses)}
        strange = told.keys() - {*known.created, *known.unchanged, *known.rejected}
        if strange:
            raise RequestRefused(
                f"UKG answered with a record status that the dialect does not know: {min(strange)!r}.",
                cure="Override headcount.created, unchanged or rejected in the dialect.",
                status=response.status,
                correlation_id=self._correlation(response),
            )
        rejected = (
            self._rejected(position, result)
            for position, result in enumerate(found.details)
            if found.statuses[position] in known.rejected
        )
        return Receipt(
            batch.number,
            response.status,
            sum(told.get(status, 0) for status in known.created),
            sum(told.get(status, 0) for status in known.unchanged),
            self._correlation(response),
            response.at,
            tuple(rejected),
            references=tuple(found.references),
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
            printable(str(at(result, path) or ""))
            for path in (known.result_reference, known.error_code, known.error_field, known.error_message)
        )
        return Rejected(row, reference, code, field, message)

    def _correlation(self, response: Response) -> str:
        return response.header(self.dialect.call.correlation_header)

    def read(self, owned: Sequence[Owned]) -> Iterator[bytes]:
        """Read back, page by page; each page is a JSON array of records that are shaped as the dialect says.

        Raises NoReadBack where this UKG does not offer it.
        """
        known, shape = self.dialect.headcount, list[_record(self.dialect.headcount.names)]  # type: ignore[misc]
        if not known.read_back:
            raise NoReadBack("The dialect says that this UKG offers no reading back.", cure=_NO_READ_BACK)
        for part in owned:
            query = {
                known.query["scenario"]: part.scenario,
                known.query["version"]: part.version,
                known.query["first_period"]: part.first_period.isoformat(),
                known.query["last_period"]: part.last_period.isoformat(),
            }
            cursor, cursors = "", {""}
            while True:
                asked = query | ({known.query["cursor"]: cursor} if cursor else {})
                records, cursor = self._page(f"{known.path}?{urlencode(asked)}", shape)
                yield records
                if not cursor:
                    break
                if cursor in cursors or records == b"[]":
                    raise RequestRefused(
                        "UKG gives a cursor that leads nowhere; reading back would never end.",
                        cure="Compare headcount.next_cursor and headcount.query in the dialect.",
                    )
                cursors.add(cursor)

    def _page(self, path: str, shape: Any) -> tuple[bytes, str]:
        """Return the records of a page, and the cursor of the next one, empty when there is none."""
        known = self.dialect.headcount
        response = self.client.call(Request("GET", path))
        if response.status in (401, 403, *_NOT_OFFERED):
            # Whoever may write and not read has a right that is missing; the write itself proves the rest of the chain.
            allowed = response.status not in (401, 403)
            raise NoReadBack(
                f"UKG answered {response.status} to reading headcount back: "
                + ("it does not offer that." if allowed else f"this client may not: {response.words()}."),
                cure=_NO_READ_BACK if allowed else _MAY_NOT_READ.format(roles=self.dialect.menus.roles),
                status=response.status,
                correlation_id=self._correlation(response),
            )
        try:
            document = msgspec.json.decode(response.body, type=dict[str, msgspec.Raw])
            if response.status == 200 and known.envelope in document:
                records = bytes(document.pop(known.envelope)).strip()
                msgspec.json.decode(records, type=shape)
                rest = {key: msgspec.json.decode(value) for key, value in document.items()}
                self._check_echo(rest)
                return records, str(rest.get(known.next_cursor) or "")
            problem = response.words()
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            problem = f"it is not what the dialect says: {wrong}"
        raise RequestRefused(
            f"UKG answered {response.status} to reading headcount back: {problem}.",
            cure="Compare path and answer with the dialect; each key can be overridden for this tenant.",
            status=response.status,
        )


def _record(names: Mapping[str, str]) -> type[msgspec.Struct]:
    """Return the shape of a record that is read back: a field under another name must not pass for an empty one."""
    fields = [(name, date if name == "period_start" else str) for name in REQUIRED]
    optional = [(name, str | None, None) for name in (*DIMENSIONS, "currency") if name not in REQUIRED]
    measures = [(name, Decimal | None, None) for name in MEASURES]
    return msgspec.defstruct("Record", [*fields, *optional, *measures], rename=dict(names))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None

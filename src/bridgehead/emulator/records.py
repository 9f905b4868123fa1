"""A headcount projection as the planning API takes it: its fields, and the rules that a tenant's catalogue sets."""

from __future__ import annotations

import re
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

_MONTH_START = re.compile(r"\d{4}-(0[1-9]|1[0-2])-01")
_REFERENCE = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LENGTHS = {
    "scenario": 40,
    "version": 40,
    "org_unit": 6,
    "cost_center": 10,
    "location": 6,
    "job": 8,
    "position": 15,
    "grade": 8,
    "employment_type": 5,
}
_texts_of = attrgetter(*_LENGTHS, "currency")
_REMEMBERED = 20_000
_REQUIRED = ("scenario", "version", "org_unit")
_CODES = {"org_unit": "org_units", "cost_center": "cost_centers", "location": "locations", "job": "jobs"}


class Limits(msgspec.Struct, frozen=True):
    """What one request, one minute, and the emulator's memory may hold.

    answers: to bulk requests with an idempotency key, of all environments together; one to 1,000 records has 75 kB.
    """

    records: int = 1000
    bytes: int = 1_048_576
    requests_per_minute: int = 600
    page: int = 1000
    audit_entries: int = 100_000
    answers: int = 2_000


class Catalogue(msgspec.Struct, frozen=True):
    """What a tenant plans with: scenarios, periods and reference data. The metadata call answers with it.

    locked: periods between the open ones that are closed, such as a quarter that was reported.
    """

    scenarios: tuple[dict[str, Any], ...]
    open_from: str
    open_to: str
    org_units: tuple[dict[str, Any], ...]
    cost_centers: tuple[dict[str, Any], ...]
    locations: tuple[dict[str, Any], ...]
    jobs: tuple[dict[str, Any], ...]
    locked: tuple[str, ...] = ()


class Record(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One projection as it stands in a request and in an answer to GET. Numbers keep every digit."""

    client_ref: str
    scenario: str
    version: str
    period_start: str
    org_unit: str
    cost_center: str | None = None
    location: str | None = None
    job: str | None = None
    position: str | None = None
    grade: str | None = None
    employment_type: str | None = None
    headcount: Any = None
    fte: Any = None
    hours: Any = None
    cost: Any = None
    currency: str | None = None


DIMENSIONS = tuple(Record.__struct_fields__[1:11])
dimensions_of = attrgetter(*DIMENSIONS)
"""Returns the values of a record's dimensions, which are its key."""

_MEASURES = ("headcount", "fte", "hours", "cost")


def _exact(literal: str) -> Decimal:
    """Keep every digit of a number; one that no decimal can hold is refused like any other wrong value."""
    try:
        return Decimal(literal)
    except ArithmeticError:
        raise ValueError("the number is out of range") from None


_decode = msgspec.json.Decoder(Record, float_hook=_exact).decode
encode = msgspec.json.Encoder(decimal_format="number").encode


class RecordRefused(Exception):
    """A record that is not accepted: code, field and message as the answer gives them."""

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(message)
        self.error = {"code": code, "field": field, "message": message}


class Rules:
    """A catalogue prepared for judging many records."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._sound = set[tuple[str | None, ...]]()
        """Texts and codes that were found right together: a plan names the same ones for each of its months."""
        self._open, self._locked = (catalogue.open_from, catalogue.open_to), frozenset(catalogue.locked)
        self._versions = {
            (entry["code"], version): bool(entry["read_only"])
            for entry in catalogue.scenarios
            for version in entry["versions"]
        }
        self._codes = {
            field: {entry["code"]: bool(entry["active"]) for entry in getattr(catalogue, name)}
            for field, name in _CODES.items()
        }

    def check(self, record: Record) -> None:
        """Raise RecordRefused for the first rule that the record breaks."""
        if not _REFERENCE.fullmatch(record.client_ref):
            raise RecordRefused("invalid_format", "client_ref", "client_ref must be a UUID")
        texts = _texts_of(record)
        if texts in self._sound:
            self._check_period(record.period_start)
        else:
            _check_texts(record)
            self._check_period(record.period_start)
            self._check_codes(record)
            if len(self._sound) >= _REMEMBERED:
                self._sound.clear()
            self._sound.add(texts)
        for measure in _MEASURES:
            value = getattr(record, measure)
            if value is not None:
                setattr(record, measure, _number(measure, value))
        if record.headcount is None and record.fte is None:
            raise RecordRefused("missing_required", "headcount", "headcount or fte is required")
        if record.headcount is not None and record.headcount != int(record.headcount):
            raise RecordRefused("not_whole", "headcount", "headcount must be a whole number")
        if record.cost is not None and not record.currency:
            raise RecordRefused("missing_required", "currency", "currency is required with cost")

    def _check_period(self, period: str) -> None:
        if not _MONTH_START.fullmatch(period):
            raise RecordRefused(
                "invalid_format", "period_start", "period_start must be the first day of a month, YYYY-MM-01"
            )
        if not self._open[0] <= period <= self._open[1]:
            raise RecordRefused(
                "period_closed",
                "period_start",
                f"{period} is outside the open periods {' to '.join(self._open)}",
            )
        if period in self._locked:
            raise RecordRefused("period_locked", "period_start", f"{period} is locked")

    def _check_codes(self, record: Record) -> None:
        read_only = self._versions.get((record.scenario, record.version))
        if read_only is None:
            raise RecordRefused(
                "unknown_code", "scenario", f"no scenario {record.scenario!r} with version {record.version!r}"
            )
        if read_only:
            raise RecordRefused("scenario_read_only", "scenario", f"scenario {record.scenario!r} is read-only")
        for field, codes in self._codes.items():
            value = getattr(record, field)
            if value is None:
                continue
            active = codes.get(value)
            if active is None:
                message = f'ObjectRef with qualifier: "{value}" could not be found.'
                raise RecordRefused("unknown_code", field, message)
            if not active:
                raise RecordRefused("inactive_code", field, f'{field} "{value}" is inactive')


def _check_texts(record: Record) -> None:
    for field in _REQUIRED:
        if not getattr(record, field):
            raise RecordRefused("missing_required", field, f"{field} is required")
    for field, length in _LENGTHS.items():
        value = getattr(record, field)
        if value is None:
            continue
        if value == "":
            raise RecordRefused("invalid_format", field, f"{field} is empty; send null for an unset dimension")
        if len(value) > length:
            raise RecordRefused("too_long", field, f"{field} has {len(value)} characters, at most {length}")
        if any(ord(character) < 32 for character in value):
            raise RecordRefused("invalid_format", field, f"{field} holds a control character")
    if record.currency is not None and not re.fullmatch(r"[A-Z]{3}", record.currency):
        raise RecordRefused("invalid_format", "currency", "currency must be three capital letters (ISO 4217)")


def warnings_of(record: Record) -> list[dict[str, str]]:
    """Return what is odd about a record that obeys the rules."""
    if record.headcount is None or record.fte is None or record.fte <= record.headcount:
        return []
    message = f"{record.fte} FTE are more than {record.headcount} heads"
    return [{"code": "fte_over_headcount", "field": "fte", "message": message}]


def _number(field: str, value: Any) -> Decimal:
    """Return a number that fits, whole ones without decimals and others with two."""
    if type(value) is int:
        if 0 <= value < _BOUND:
            return Decimal(value)
    elif type(value) is not Decimal:
        raise RecordRefused("invalid_format", field, f"{field} must be a number")
    if not 0 <= value < _BOUND:
        raise RecordRefused("out_of_range", field, f"{field} must be at least 0 and below 10^12")
    rounded = value.quantize(_CENT)
    if rounded != value:
        raise RecordRefused("too_many_decimals", field, f"{field} has more than 2 decimals")
    whole = int(rounded)
    return rounded if rounded != whole else Decimal(whole)


_BOUND = 10**12
_CENT = Decimal("0.01")


def read_record(raw: msgspec.Raw) -> Record:
    """Read one record of a request; raise RecordRefused when its shape is wrong."""
    try:
        return _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        field = str(wrong).partition("`$.")[2].rstrip("`")
        raise RecordRefused("invalid_format", field, str(wrong)) from None

"""A plan: what a sync would change in UKG, as a value that can be saved, shown and carried out exactly."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

import msgspec

from bridgehead.errors import BadRow
from bridgehead.projection import MEASURES, Cell, Projection

CONTROLLED = ("projections", *MEASURES)
"""What a control total can be of."""

PLANNER_VERSION = 2
"""Part of every plan's digest: a plan drawn by other rules is another plan."""

REFERENCE_LENGTH = 36
"""Of a client reference, a UUID as text."""


class Action(Enum):
    """What happens to one projection."""

    CREATE = "create"
    UPDATE = "update"
    RETIRE = "retire"
    MOVE = "move"

    @property
    def sign(self) -> str:
        """The sign that stands before a change on the screen."""
        return {"create": "+", "update": "~", "retire": "-", "move": "\u2192"}[self.value]


class Change(msgspec.Struct, frozen=True):
    """One projection that would change. before is None for a create; a retire sends every measure as 0.

    So does a move, after its new side was accepted. moved_to: where it lives on.
    """

    action: Action
    before: Projection | None
    after: Projection
    moved_to: Cell | None = None


class Owned(msgspec.Struct, frozen=True):
    """A part of the plan that the feed is complete for: only keys inside may be retired."""

    scenario: str
    version: str
    first_period: date
    last_period: date


def apart(parts: Iterable[Owned]) -> tuple[Owned, ...]:
    """Return the same parts of the plan without an overlap: what touches or overlaps is one part."""
    found: list[Owned] = []
    for part in sorted(parts, key=lambda one: (one.scenario, one.version, one.first_period)):
        last = found[-1] if found else None
        joined = last is not None and (last.scenario, last.version) == (part.scenario, part.version)
        if last is not None and joined and part.first_period <= last.last_period:
            found[-1] = msgspec.structs.replace(last, last_period=max(last.last_period, part.last_period))
        else:
            found.append(part)
    return tuple(found)


class Bound(msgspec.Struct, frozen=True):
    """What a plan is for, and on what it was drawn. A plan is never carried out elsewhere or on anything newer.

    snapshot: the number of the ledger's snapshot that it was compared with. mapping: of how its source is
    read, a digest.
    """

    tenant: str
    tenant_id: str
    environment: str
    feed: str
    dialect: str
    snapshot: int
    source: str
    source_digest: str
    mapping: str = ""


class Totals(msgspec.Struct, frozen=True):
    """Head-months and FTE-months of one scenario and version, before and after.

    heads_agreed, fte_agreed: what the guardrail measures from. It is what stands before, but after a run that died it
    is what stood before that run, and between slices what stood before the first of them, so that half a delivery does
    not make the other half look like a leap.
    """

    scenario: str
    version: str
    heads_before: Decimal
    heads_after: Decimal
    fte_before: Decimal
    fte_after: Decimal
    heads_agreed: Decimal
    fte_agreed: Decimal


class Month(msgspec.Struct, frozen=True):
    """Heads and FTE of one scenario and version in one month, before and after."""

    scenario: str
    version: str
    period_start: date
    heads_before: Decimal
    heads_after: Decimal
    fte_before: Decimal
    fte_after: Decimal


class Slice(msgspec.Struct, frozen=True):
    """What a plan does to one scenario, org unit or month. held: projections that UKG has there and that are not 0.

    gone: those of them that would be retired or become 0. Heads are summed over the months.
    """

    kind: str
    name: str
    held: int
    gone: int
    heads_before: Decimal
    heads_after: Decimal


class CostTotal(msgspec.Struct, frozen=True):
    """What one scenario and version costs in one currency, before and after."""

    scenario: str
    version: str
    currency: str
    before: Decimal
    after: Decimal


class Movement(msgspec.Struct, frozen=True):
    """How much one org unit moves, over all periods, in head-months."""

    org_unit: str
    heads_before: Decimal
    heads_after: Decimal


class Counts(msgspec.Struct, frozen=True):
    """How many projections a plan touches, and how many it leaves alone.

    absent: cells of the source without a value. held: what UKG holds from this feed before the plan. skipped: cells of
    the plan that are left out for a row that breaks a rule, where the feed's rules say so.
    move: cells whose code became another one, as a dated crosswalk says: their old side is zeroed, and is not retired.
    rest: changes that stay planned, where only a slice of a plan is sent.
    """

    create: int = 0
    update: int = 0
    retire: int = 0
    unchanged: int = 0
    rounded: int = 0
    absent: int = 0
    held: int = 0
    skipped: int = 0
    move: int = 0
    rest: int = 0

    @property
    def changes(self) -> int:
        """How many records would be sent."""
        return self.create + self.update + self.retire + self.move


class Share(msgspec.Struct, frozen=True):
    """What a source that several tenants share plans for one of them, as read. tenant: empty for rows of nobody."""

    tenant: str
    projections: int
    headcount: Decimal
    fte: Decimal
    hours: Decimal
    cost: Decimal


class Conflict(msgspec.Struct, frozen=True):
    """A cell that somebody else changed in UKG. sent: what was last sent; now: what is there; None where nothing is."""

    cell: Cell
    sent: Projection | None
    now: Projection | None
    planned: Projection


class Rendering(msgspec.Struct, frozen=True):
    """How rows become records of the wire: kept with a plan, so that they are the same bytes whenever they are made.

    tenant_id: of which the client references are made. names: our field to the wire's. scales: decimals of each
    measure. version: which way of rendering; the ways before it stay.
    """

    tenant_id: str
    names: Mapping[str, str]
    scales: Mapping[str, int]
    version: int = 1


class Stop(msgspec.Struct, frozen=True):
    """A limit that a plan passes. name: as --allow takes it. first: what to do before it is confirmed."""

    name: str
    message: str
    first: str


class Plan(msgspec.Struct, frozen=True):
    """The header of a plan; its rows are a table of the session.

    per_minute: how many requests the tenant may make, None when unknown. envelope: what stands around the records of a
    request. findings: warnings, and rows that were skipped; by_rule: how many mistakes there are of each. control: what
    the source adds up to, as read; empty when nothing was asked. shares: how a source is shared out among tenants.
    conflicts: the first cells that are not as they were last sent, where UKG was read back; conflicting: how many there
    are; on_drift: what becomes of them, empty when nothing was read back. requests, digest (of the records and of what
    the plan is bound to): told when a plan is drawn to be looked at; a run that carries it out at once needs neither.
    only: the options that asked for a slice, empty where the plan is whole; stops: the limits that the whole passes, of
    which this is a slice. reverts: the run of which it takes back what arrived.
    """

    bound: Bound
    made_at: datetime
    counts: Counts
    owned: tuple[Owned, ...]
    totals: tuple[Totals, ...]
    movements: tuple[Movement, ...]
    per_minute: int | None
    envelope: tuple[str, str]
    rendering: Rendering
    examples: tuple[Change, ...] = ()
    months: tuple[Month, ...] = ()
    costs: tuple[CostTotal, ...] = ()
    slices: tuple[Slice, ...] = ()
    control: Mapping[str, Decimal] = {}
    findings: tuple[BadRow, ...] = ()
    by_rule: Mapping[str, int] = {}
    shares: tuple[Share, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    conflicting: int = 0
    on_drift: str = ""
    requests: int = 0
    digest: str = ""
    only: str = ""
    stops: tuple[Stop, ...] = ()
    reverts: str = ""

    @property
    def options(self) -> str:
        """What a command needs besides the feed to mean the same plan; empty for that of the whole source."""
        return f" --revert {self.reverts}" if self.reverts else f" {self.only}" if self.only else ""

    def without_values(self) -> Plan:
        """Return what proves the plan without what it said: for what, from which file, how many changes, the digest."""
        return msgspec.structs.replace(
            self,
            totals=(),
            movements=(),
            examples=(),
            months=(),
            costs=(),
            slices=(),
            control={},
            findings=(),
            shares=(),
            conflicts=(),
        )

    def seconds_at_limit(self) -> int:
        """How long the delivery takes at least, at the tenant's own limit of requests."""
        return 0 if not self.per_minute else -(-max(0, self.requests - self.per_minute) * 60 // self.per_minute)


class Batch(msgspec.Struct, frozen=True):
    """A run of consecutive rows of a plan that travel in one request.

    first, last: row numbers, both included. key: the idempotency key, which derives from run and range, so that a batch
    is sent again with the same key, however often. body: the bytes of the request. references: the client references of
    its records, one after the other. digest: of the body; tells whether it is made of the same bytes when it is made
    again. without: rows between that are left out, since UKG rejected them.
    """

    number: int
    first: int
    last: int
    key: str
    body: bytes
    references: bytes
    digest: str
    without: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many records it holds."""
        return self.last - self.first + 1 - len(self.without)

    def rows_by_reference(self) -> dict[str, int]:
        """Return the client references of its records, in order, each with its row."""
        told, out = self.references.decode(), set(self.without)
        rows = (row for row in range(self.first, self.last + 1) if row not in out)
        starts = range(0, len(told), REFERENCE_LENGTH)
        return {told[start : start + REFERENCE_LENGTH]: row for start, row in zip(starts, rows, strict=True)}


def batch_key(run_id: str, first: int, last: int, without: Sequence[int] = ()) -> str:
    """Return the idempotency key of a run's row range. without: rows of it that are left out.

    Of the run, not of the plan: the same plan carried out in two runs (a ledger was lost between) has to take effect
    twice, and the journal keeps each key for as long as it is needed.
    """
    out = "".join(f"~{row}" for row in without)
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"bridgehead:{run_id}:{first}-{last}{out}"))


def wrap(envelope: tuple[str, str], records: Sequence[memoryview]) -> bytes:
    """Put rendered records, each with a comma behind it, into the envelope of a request."""
    *most, last = records or (memoryview(b","),)
    return b"".join((envelope[0].encode(), *most, last[:-1], envelope[1].encode()))


def digest_of(bound: Bound, rows_digest: str) -> str:
    """Return the digest of a plan: what it is bound to, and its rows."""
    told = [str(PLANNER_VERSION), rows_digest, *(str(getattr(bound, name)) for name in bound.__struct_fields__)]
    if not bound.mapping:  # of a plan that an older version saved
        told.pop()
    return hashlib.sha256("\x1f".join(told).encode()).hexdigest()

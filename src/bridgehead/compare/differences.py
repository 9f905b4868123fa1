"""What would change: the difference between a valid source and what UKG last accepted, drawn up as a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bridgehead.compare.telling import Report
from bridgehead.errors import BridgeheadError
from bridgehead.plan import (
    CONTROLLED,
    Action,
    Bound,
    Change,
    CostTotal,
    Counts,
    Month,
    Movement,
    Owned,
    Plan,
    Slice,
    Totals,
    digest_of,
)
from bridgehead.projection import DIMENSIONS, MEASURES, Cell, Projection, namespace_of
from bridgehead.tables import Row, Session, question

_HERE = "bridgehead.compare"
_WIRE_FIELDS = ("client_ref", *DIMENSIONS, *MEASURES, "currency")
_EXAMPLES, _MOVEMENTS, _SLICES = 5, 5, 1000

ACCEPTED_COLUMNS = (
    *(f"{name} {'DATE' if name == 'period_start' else 'VARCHAR'}" for name in DIMENSIONS),
    *(f"{name} DECIMAL(18, 4)" for name in MEASURES),
    "currency VARCHAR",
    "retired BOOLEAN",
    "unknown BOOLEAN",
)
"""The table of what UKG accepted, key by key. A snapshot is this table as Parquet."""


@dataclass(frozen=True, slots=True)
class Wire:
    """How records are written and how many fit a request.

    names: our field to the wire's. envelope: what stands before and after the records.
    """

    names: Mapping[str, str]
    envelope: tuple[str, str]
    max_records: int
    max_bytes: int
    per_minute: int | None


def prepare(session: Session) -> None:
    """Define what the questions rely on."""
    session.ask(question(_HERE, "prepare"))


def stage_owned(
    session: Session, declared: Sequence[Owned], *, open_from: date | None, open_to: date | None
) -> tuple[Owned, ...]:
    """Fill the table `owned` with the part of the plan that the feed is complete for, open periods only.

    Without a declaration: the scenario and version pairs of the source, over their span of periods.
    """
    parts = declared or tuple(Owned(*row) for row in session.ask(question(_HERE, "owned")))
    first, last = open_from or date.min, open_to or date.max
    owned = tuple(
        Owned(part.scenario, part.version, max(part.first_period, first), min(part.last_period, last)) for part in parts
    )
    write_owned(session, owned)
    return owned


def held_parts(session: Session) -> tuple[Owned, ...]:
    """Return the parts of the plan that UKG holds from this feed."""
    return tuple(Owned(*row) for row in session.ask(question(_HERE, "held")))


def write_owned(session: Session, owned: Sequence[Owned]) -> None:
    """Fill the table `owned`."""
    session.fill(
        "owned",
        ("scenario VARCHAR", "version VARCHAR", "first_period DATE", "last_period DATE"),
        [(part.scenario, part.version, part.first_period, part.last_period) for part in owned],
    )


def compare(session: Session, *, hold: bool = False) -> None:
    """Compare `typed` with `accepted`: what differs is the table `difference`; hold: retire nothing."""
    session.ask(question(_HERE, "difference"), {"hold": hold})


def draw(
    session: Session,
    bound: Bound,
    owned: tuple[Owned, ...],
    wire: Wire,
    agreed: Mapping[tuple[str, str], tuple[Decimal, Decimal]],
    now: datetime,
    found: Report = Report(),  # noqa: B008 - a value
    *,
    controlled: bool = False,
) -> Plan:
    """Render what differs (the table `difference`), and return the plan's header.

    agreed: head-months and FTE-months that the guardrail measures from, where they are not what `accepted` holds.
    found: what judging found. controlled: add the source up, for its control totals.
    """
    unchanged = int(session.value(question(_HERE, "unchanged")))
    names = {field: wire.names[field] for field in _WIRE_FIELDS}
    session.ask(question(_HERE, "plan_rows"), {"namespace": namespace_of(bound.tenant_id).hex, **names})
    pack(session, wire)
    counts = _counts(session, unchanged, found.skipped)
    rows_digest = digest_rows(session)
    return Plan(
        bound=bound,
        made_at=now,
        counts=counts,
        owned=owned,
        totals=_totals(session, agreed),
        movements=tuple(Movement(*row) for row in session.ask(question(_HERE, "movements"), {"most": _MOVEMENTS})),
        requests=int(session.value("SELECT count(*) FROM batches")),
        per_minute=wire.per_minute,
        envelope=wire.envelope,
        digest=digest_of(bound, rows_digest),
        examples=tuple(_change(row) for row in session.ask(question(_HERE, "examples"), {"most": _EXAMPLES})),
        months=tuple(Month(*row) for row in session.ask(question(_HERE, "months"))),
        control=dict(zip(CONTROLLED, map(Decimal, session.ask(question(_HERE, "control"))[0]), strict=True))
        if controlled
        else {},
        slices=tuple(Slice(*row) for row in session.ask(question(_HERE, "slices"), {"most": _SLICES})),
        costs=tuple(CostTotal(*row) for row in session.ask(question(_HERE, "costs"))),
        findings=(*found.rows, *found.warnings),
        by_rule=found.by_rule or {},
    )


def pack(session: Session, wire: Wire) -> None:
    """Say which rows of `plan_rows` travel together: the table `batches`."""
    budget = wire.max_bytes - len("".join(wire.envelope).encode())
    session.ask(question(_HERE, "batches"), {"budget": budget, "records": wire.max_records})


def digest_rows(session: Session) -> str:
    """Return the digest of the records in `plan_rows`."""
    return str(session.value("SELECT md5(coalesce(string_agg(md5(body), '' ORDER BY row), '')) FROM plan_rows"))


def _totals(session: Session, agreed: Mapping[tuple[str, str], tuple[Decimal, Decimal]]) -> tuple[Totals, ...]:
    return tuple(
        Totals(scenario, version, heads, heads_after, fte, fte_after, *agreed.get((scenario, version), (heads, fte)))
        for scenario, version, heads, heads_after, fte, fte_after in session.ask(question(_HERE, "totals"))
    )


def _counts(session: Session, unchanged: int, skipped: int) -> Counts:
    """Count the plan, and stop when a row was lost on the way: |planned| = created + updated + unchanged + refused."""
    by_action: dict[str, int] = dict(session.ask("SELECT action, count(*) FROM difference GROUP BY action"))
    planned, rounded = session.ask("SELECT count(*), count(*) FILTER (rounded) FROM typed")[0]
    absent = session.value(question(_HERE, "absent"))
    create, update = by_action.get("create", 0), by_action.get("update", 0)
    refused = session.value(question(_HERE, "refused"))
    if planned != create + update + unchanged + refused:
        raise BridgeheadError(
            f"The comparison lost rows: {planned} planned, {create} new, {update} changed, {unchanged} unchanged, "
            f"{refused} refused. "
            "Nothing was sent.",
            cure="This is a fault of bridgehead or of its table engine. Please report it with the versions of both.",
        )
    held = session.value("SELECT count(*) FROM accepted WHERE NOT retired")
    return Counts(create, update, by_action.get("retire", 0), unchanged, rounded, absent, held, skipped)


def _change(row: Row) -> Change:
    cell = Cell(*row[1:11])
    action = Action(row[0])
    before = None if action is Action.CREATE else Projection(cell, *row[11:16])
    return Change(action, before, Projection(cell, *row[16:21]))


def fold(
    session: Session,
    *,
    settled: Sequence[tuple[int, int]],
    doubtful: Sequence[tuple[int, int]],
    rejected: Sequence[int],
) -> None:
    """Move `accepted` forward by the rows of `plan_rows` that were answered and not rejected."""
    ranges = ("first BIGINT", "last BIGINT")
    session.fill("settled", ranges, settled)
    session.fill("doubtful", ranges, doubtful)
    session.fill("rejected", ("row BIGINT",), [(row,) for row in rejected])
    session.ask(question(_HERE, "fold"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell where UKG is not as the ledger says. kind: missing, extra or different."""

    kind: str
    cell: Cell
    expected: Projection | None
    found: Projection | None


def stage_remote(session: Session) -> None:
    """Make the empty table of what UKG holds."""
    columns = [column for column in ACCEPTED_COLUMNS if not column.endswith("BOOLEAN")]
    session.fill("remote", columns, [])


def add_remote(session: Session, page: bytes, names: Mapping[str, str]) -> None:
    """Add a page of records, as they came over the wire, to `remote`."""
    fields = [(names[column.split()[0]], column.split(maxsplit=1)[1]) for column in ACCEPTED_COLUMNS[:-2]]
    inner = ", ".join(f'"{name}": "{kind}"' for name, kind in fields)
    session.ask(question(_HERE, "remote"), {"page": page.decode(), "shape": f"[{{{inner}}}]"})


def drift(session: Session) -> list[Difference]:
    """Compare `remote` with `accepted`, inside `owned`."""
    found = []
    for kind, *rest in session.ask(question(_HERE, "drift")):
        row = tuple(rest)
        cell = Cell(*row[:10])
        expected = None if kind == "extra" else Projection(cell, *row[10:15])
        found.append(Difference(kind, cell, expected, None if kind == "missing" else Projection(cell, *row[15:20])))
    return found

"""Whatever a planning file looks like, UKG holds what was planned: no digit, code or nothing is another one there."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.formats import FILES, Document, documents
from tests.plans import (
    CODES,
    Held,
    Kind,
    Moves,
    Plan,
    Scales,
    State,
    Told,
    after,
    codes,
    plans,
    record,
    rounded,
    spans,
    wire_of,
)
from tests.unit.shelf import NAMES, NOW, Shelf, decoded
from tests.unit.worlds import BOUND, rows_as_sent

from bridgehead.compare.accepted import begin_accepted, stage_accepted
from bridgehead.compare.differences import Wire, compare, draw, said_by_all
from bridgehead.compare.rules import add_up, judge
from bridgehead.compare.telling import refuse, report
from bridgehead.events import Planned
from bridgehead.feed import Feed, Policy
from bridgehead.ledgers.memory import MemoryLedger
from bridgehead.plan import Plan as Drawn
from bridgehead.projection import DIMENSIONS, MEASURES, Cell
from bridgehead.sources.mapping import ColumnMapping
from bridgehead.sources.mapping.crosswalks import Crosswalk
from bridgehead.sources.mapping.fitting import fit
from bridgehead.sources.mapping.staging import Table, stage
from bridgehead.sync import Sync
from bridgehead.tables import Session

TIMES = int(os.environ.get("EXACTNESS_TIMES", "1"))
"""To look for more: EXACTNESS_TIMES=100 tries a hundred times as many plans."""
LAW = settings(
    max_examples=3 * TIMES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
TENANT = "5f0c6a4e-8d0b-4b57-9f0e-0c6f5f2b7a11"
EVERYTHING = frozenset({"control", "empty", "retired", "total"})


@st.composite
def kinds(draw: st.DrawFn) -> Kind:
    """Draw how many decimals the wire has."""
    scales = {name: draw(st.integers(0, 4)) for name in MEASURES}
    return Kind(
        draw(st.sampled_from([{"headcount": 0, "fte": 2, "hours": 2, "cost": 2}, scales])), dict.fromkeys(CODES, 12)
    )


@dataclass
class Town:
    """Where plans are carried out: the session and threads that many tenants share, and folders for their files."""

    session: Session
    pool: Executor
    folder: Path
    files: int = 0

    @contextmanager
    def opened(self, scales: Scales, **terms: Any) -> Iterator[tuple[Shelf, Callable[[Document], Drawn]]]:
        """Open a tenant that UKG holds nothing of. Yield what UKG will hold, and what carries a planning file out."""
        shelf = Shelf(scales, **terms)
        with closing(MemoryLedger(("acme", "production", "headcount"), tenant_id=TENANT, clock=lambda: NOW)) as ledger:
            yield shelf, lambda document, **more: self._deliver(shelf, ledger, document, **more)

    def _deliver(self, shelf: Shelf, ledger: MemoryLedger, document: Document, **feed: Any) -> Drawn:
        """Carry a planning file out; afterwards nothing is left to do, and nothing drifts."""
        self.files += 1
        folder = self.folder / str(self.files)
        asked = Feed("acme", TENANT, "production", "headcount", "thread", **feed)
        sync = Sync(
            asked,
            document.source(folder, folder),
            shelf,
            ledger,
            self.session,
            lambda: NOW,
            self.pool,
            self.pool,
            in_flight=2,
            verifying=False,  # it is looked at below
        )
        (first,) = [event for event in sync.run(owner="test", allowed=EVERYTHING) if isinstance(event, Planned)]
        sent = shelf.sent
        again = sync.plan(whole=True)
        assert (again.counts.changes, again.requests) == (0, 0)
        assert sync.verify().differences == ()
        assert shelf.sent == sent
        return first.plan


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as opened:
        yield opened


@pytest.fixture
def town(session: Session, pool: Executor, tmp_path: Path) -> Town:
    return Town(session, pool, tmp_path)


def keyed(state: State) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return what UKG has to hold, as it holds it."""
    held = [record(cell, one.told, TENANT) for cell, one in state.items()]
    return {tuple(one[name] for name in DIMENSIONS): one for one in held}


def moves(plan: Drawn) -> Moves:
    """Return what a plan counts."""
    return Moves(plan.counts.create, plan.counts.update, plan.counts.retire, plan.counts.unchanged)


def totals(sent: Plan) -> dict[tuple[Any, ...], Decimal]:
    """Add up what is sent: heads and FTE of each month, costs in each currency."""
    found: defaultdict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for cell, one in sent.items():
        named = (cell.scenario, cell.version)
        for name in ("headcount", "fte"):
            for key in ((name, *named), (name, *named, cell.period_start)):
                found[key] += one.numbers[name] or 0
        if one.cost:
            found["cost", *named, one.currency] += one.cost
    return dict(found)


def told_totals(drawn: Drawn) -> dict[tuple[Any, ...], Decimal]:
    """Return what the header of a plan says that it adds up to."""
    found: dict[tuple[Any, ...], Decimal] = {}
    for all_months in drawn.totals:
        found["headcount", all_months.scenario, all_months.version] = all_months.heads_after
        found["fte", all_months.scenario, all_months.version] = all_months.fte_after
    for month in drawn.months:
        found["headcount", month.scenario, month.version, month.period_start] = month.heads_after
        found["fte", month.scenario, month.version, month.period_start] = month.fte_after
    return found | {("cost", one.scenario, one.version, one.currency): one.after for one in drawn.costs}


@dataclass(frozen=True)
class Read:
    """What a planning file says. records: as they would be sent, by key. sums: of each measure before any rounding."""

    plan: Plan
    records: dict[tuple[Any, ...], bytes]
    rounded: int
    sums: dict[str, Decimal]


def read(session: Session, document: Document, folder: Path, scales: Scales) -> Read:
    """Read a planning file, and draw its plan against nothing."""
    source = document.source(folder, folder)
    staged = source.stage(session)
    begin_accepted(session)
    stage_accepted(session)
    control = add_up(session)
    judge(session, scales=scales, unset=staged.unset)
    refuse(report(session, words=staged.words, locate=source.locate))
    compared, wire = compare(session, said_by_all(session)), Wire(NAMES, scales, ("[", "]"), None)
    drawn = draw(session, replace(BOUND, tenant_id=TENANT), (), wire, {}, NOW, compared=compared, control=control)
    rows = session.ask(f"SELECT {', '.join((*DIMENSIONS, *MEASURES, 'currency'))} FROM plan_rows ORDER BY row")  # noqa: S608
    sent = rows_as_sent(session, drawn.rendering)
    keys = [tuple(str(part) if isinstance(part, date) else part for part in row[:10]) for row in rows]
    assert len(set(keys)) == len(rows)
    return Read(
        plan={Cell(*row[:10]): Told(*row[10:15]) for row in rows},
        records=dict(zip(keys, sent, strict=True)),
        rounded=drawn.counts.rounded,
        sums={name: drawn.control[name] for name in MEASURES},
    )


@pytest.mark.parametrize("file", FILES)
@LAW
@given(data=st.data(), kind=kinds())
def test_a_plan_is_what_was_written_and_in_every_format_the_same_bytes(
    session: Session, tmp_path: Path, data: st.DataObject, kind: Kind, file: str
) -> None:
    plan = data.draw(plans(kind))
    sent = wire_of(plan, kind.scales)
    one, other = (
        read(session, data.draw(documents(plan, kinds=files)), Path(mkdtemp(dir=tmp_path)), kind.scales)
        for files in ((file,), FILES)
    )
    assert one == other
    assert one.plan == sent
    assert {key: decoded(raw) for key, raw in one.records.items()} == keyed(
        {cell: Held(it) for cell, it in sent.items()}
    )
    assert one.rounded == rounded(plan, kind.scales)
    assert one.sums == {name: sum((it.numbers[name] or Decimal(0)) for it in plan.values()) for name in MEASURES}


@LAW
@given(st.data(), kinds())
def test_ukg_holds_what_was_planned_whatever_the_file_looks_like(town: Town, data: st.DataObject, kind: Kind) -> None:
    plan = data.draw(plans(kind))
    with town.opened(kind.scales) as (shelf, deliver):
        drawn = deliver(data.draw(documents(plan)))
        sent = wire_of(plan, kind.scales)
        assert shelf.held() == keyed({cell: Held(one) for cell, one in sent.items()})
        assert moves(drawn) == Moves(len(sent), 0, 0, 0)
        assert drawn.counts.rounded == rounded(plan, kind.scales)
        assert told_totals(drawn) == totals(sent)
        assert b':""' not in b"".join(shelf.records.values())


@LAW
@given(st.data(), kinds())
def test_a_plan_that_became_another_one_leads_exactly_there(town: Town, data: st.DataObject, kind: Kind) -> None:
    plan, state = data.draw(plans(kind)), State()
    with town.opened(kind.scales) as (shelf, deliver):
        for _ in range(3):
            drawn = deliver(data.draw(documents(plan)))
            sent = wire_of(plan, kind.scales)
            state, expected = after(state, sent, spans(sent))
            assert moves(drawn) == expected
            assert shelf.held() == keyed(state)
            plan = data.draw(plans(kind, plan))


@LAW
@given(st.data(), kinds())
def test_what_is_closed_or_set_aside_stays_as_it_is(town: Town, data: st.DataObject, kind: Kind) -> None:
    plan = data.draw(plans(kind))
    # Past before any other month: of two such cells one is planned on, and one is gone.
    past = replace(next(iter(plan)), period_start=date(2024, 12, 1))
    kept = {replace(past, position="kept"): Told(fte=Decimal(1))}
    plan |= kept | {replace(past, position="gone"): Told(fte=Decimal(2))}
    skip = Policy(on_invalid="skip")
    with town.opened(kind.scales) as (shelf, deliver):
        deliver(data.draw(documents(plan)))
        state = {cell: Held(one) for cell, one in wire_of(plan, kind.scales).items()}
        plan = {cell: one for cell, one in data.draw(plans(kind, plan)).items() if cell.position != "gone"} | kept
        months = sorted({cell.period_start for cell in (*plan, *state)})
        # Now the first months are closed, and now and then the last ones.
        shelf.open_from = data.draw(st.sampled_from(months[len(months) // 2 :]))
        shelf.open_to = data.draw(st.sampled_from([months[-1], shelf.open_from]))
        plan |= {
            cell: one._replace(fte=Decimal(-1))
            for cell, one in plan.items()
            if cell not in kept and data.draw(st.integers(0, 3)) == 0
        }
        drawn = deliver(data.draw(documents(plan)), policy=skip)

        broken = [cell for cell, one in plan.items() if one.fte == -1]
        sent = wire_of({cell: one for cell, one in plan.items() if cell not in broken}, kind.scales)
        owned = [
            span._replace(first=max(span.first, shelf.open_from), last=min(span.last, shelf.open_to))
            for span in spans(sent)
        ]
        closed = [
            cell
            for cell, one in sent.items()
            if not shelf.open_from <= cell.period_start <= shelf.open_to
            and (cell not in state or state[cell].told != one)
        ]
        sent = {cell: one for cell, one in sent.items() if cell not in closed}
        state, expected = after(state, sent, owned, keep=[*broken, *closed])
        assert moves(drawn) == expected
        assert drawn.counts.skipped == len(broken) + len(closed)
        assert shelf.held() == keyed(state)


NAMED = (*CODES, "currency")
TEXTS = st.sampled_from(["0100", "007", "A", "a", "NULL", "-", "1E5", "TRUE", "x  y", 'say "x"']) | codes(6)


@settings(LAW, max_examples=9 * TIMES)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(NAMED, TEXTS)), min_size=1, max_size=4), st.data())
def test_a_mapping_changes_the_values_that_it_names_and_no_others(
    session: Session, rows: list[dict[str, str]], data: st.DataObject
) -> None:
    constants = data.draw(st.dictionaries(st.sampled_from(NAMED), TEXTS, max_size=3))
    missing = data.draw(st.lists(TEXTS, max_size=3))
    moved = data.draw(st.dictionaries(st.sampled_from(NAMED), st.dictionaries(TEXTS, TEXTS, max_size=3), max_size=3))
    columns = {name: name for name in (*NAMED, "period_start", "headcount") if name not in constants}
    mapping = ColumnMapping(columns=columns, constants=constants, missing=tuple(missing))
    table = [[{**row, "period_start": "2026-05", "headcount": "12"}[name] for name in columns] for row in rows]
    session.fill("raw", [f"c{index} VARCHAR" for index in range(len(columns))], table)
    crosswalks = [
        Crosswalk(name, tuple((old, date.min, date.max, new) for old, new in pairs.items()), dated=False, refuses=False)
        for name, pairs in moved.items()
    ]
    stage(session, [Table(fit(mapping, list(columns), "plan.csv"), "raw")], crosswalks)
    for name in NAMED:
        read = [constants.get(name, row[name]) for row in rows]
        there = [None if name not in constants and text in missing else text for text in read]
        expected = [text if text is None else moved.get(name, {}).get(text, text) for text in there]
        found = session.ask(f"SELECT {name} FROM text_rows ORDER BY record")  # noqa: S608 - our own names
        assert [text for (text,) in found] == expected

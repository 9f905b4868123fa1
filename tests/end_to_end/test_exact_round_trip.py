"""From a planning file of any format to UKG and back: what is read back is what was planned, to the last digit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.conftest import Desk
from tests.formats import Document, documents
from tests.plans import THREAD, Kind, Moves, Plan, State, after, plans, record, rounded, spans, wire_of

from bridgehead.emulator.records import Catalogue
from bridgehead.projection import DIMENSIONS

LAW = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
KIND = Kind(
    scales=THREAD,
    lengths={
        **dict.fromkeys(("scenario", "version"), 40),
        "org_unit": 6,
        "cost_center": 10,
        "location": 6,
        "job": 8,
        "position": 15,
        "grade": 8,
        "employment_type": 5,
    },
    digits=11,
)
"""What UKG's planning API takes; a number of twelve digits that is rounded up would be too large for it."""
ALL = [word for name in ("control", "empty", "retired", "total") for word in ("--allow", name)]


def prepare(desk: Desk, told: Sequence[Plan]) -> None:
    """Let UKG know the codes of these plans, and hold nothing."""
    store, tenant = desk.emulator.environments["production"].store, desk.client().tenant_id
    cells = [cell for plan in told for cell in plan]

    def known(name: str) -> tuple[dict[str, Any], ...]:
        codes = {getattr(cell, name) for cell in cells} - {None}
        return tuple({"code": code, "name": "", "active": True} for code in sorted(codes))

    versions = {
        cell.scenario: sorted({one.version for one in cells if one.scenario == cell.scenario}) for cell in cells
    }
    scenarios = tuple(
        {"code": code, "name": "", "versions": named, "read_only": False} for code, named in versions.items()
    )
    catalogue = Catalogue(
        scenarios, "2020-01-01", "2040-12-01", known("org_unit"), known("cost_center"), known("location"), known("job")
    )
    store.keep(tenant, catalogue)
    with store.transaction() as connection:
        connection.execute("DELETE FROM projection")


def held(desk: Desk) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return what UKG holds, every digit of it."""
    rows = desk.emulator.environments["production"].store.connection.execute("SELECT document FROM projection")
    found = [json.loads(row[0], parse_float=Decimal, parse_int=Decimal) for row in rows.fetchall()]
    return {tuple(one[name] for name in DIMENSIONS): one for one in found}


def lay(desk: Desk, document: Document, ledger: Path) -> None:
    """Put a planning file on the desk, with the configuration that reads it."""
    document.write(desk.folder)
    section = document.section("tenants.acme.feeds.headcount.source")
    desk.configure(f"ledger = {json.dumps(str(ledger))}", desk.environment(), section)


def counted(desk: Desk, *arguments: str) -> dict[str, Any]:
    """Draw the plan, and return its counts."""
    outcome = desk.run("--json", "plan", "acme", *arguments)
    assert outcome.code == 0, outcome.out
    # One line, however many of them a code would make: U+2028 is no line end in JSON.
    counts: dict[str, Any] = json.loads(outcome.out)["plan"]["counts"]
    return counts


@LAW
@given(st.data())
def test_what_is_sent_and_read_back_is_what_was_planned_whatever_the_file_looks_like(
    desk: Desk, tmp_path: Path, data: st.DataObject
) -> None:
    first = data.draw(plans(KIND))
    second = data.draw(plans(KIND, first))
    prepare(desk, [first, second])
    ledger, state = Path(mkdtemp(dir=tmp_path)), State()
    for plan in (first, second):
        desk.folder = Path(mkdtemp(dir=tmp_path))
        lay(desk, data.draw(documents(plan)), ledger)
        saved = str(desk.folder / "saved.parquet")
        sent = wire_of(plan, KIND.scales)
        state, expected = after(state, sent, spans(sent))

        counts = counted(desk, "--out", saved)
        assert Moves(*(counts[name] for name in Moves._fields)) == expected
        assert counts["rounded"] == rounded(plan, KIND.scales)
        outcome = desk.run("sync", data.draw(st.sampled_from(["acme", saved])), *ALL)
        assert outcome.code == 0, outcome.err

        records = [record(cell, one.told, desk.client().tenant_id) for cell, one in state.items()]
        assert held(desk) == {tuple(one[name] for name in DIMENSIONS): one for one in records}
        again = counted(desk, "--out", saved)
        assert (again["create"], again["update"], again["retire"]) == (0, 0, 0)
        assert desk.run("verify", "acme").code == 0

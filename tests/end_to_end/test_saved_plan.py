"""A plan that was saved is carried out as it was signed, or not at all; and it can be looked at as a page."""

from __future__ import annotations

import pytest
from tests.conftest import Desk, lines


@pytest.fixture
def saved(desk: Desk) -> str:
    """Acme holds twelve projections; a plan that changes one is saved, and then the file changes again."""
    desk.configure()
    desk.plan(*lines(12))
    desk.run("sync", "acme")
    desk.plan(*lines(11), lines(12)[11].replace(",5,", ",6,"))
    path = str(desk.folder / "plan.parquet")
    outcome = desk.run("plan", "acme", "--out", path)
    assert outcome.code == 0
    assert f"bridgehead sync {path}" in outcome.err
    desk.plan(*lines(12, headcount=7))
    return path


def test_a_saved_plan_is_carried_out_whatever_the_file_says_by_now(desk: Desk, saved: str) -> None:
    outcome = desk.run("sync", saved)

    assert outcome.code == 0, outcome
    assert sorted(record["headcount"] for record in desk.held().values()) == [5] * 11 + [6]
    assert desk.run("verify", "acme").code == 0


def test_a_saved_plan_is_refused_when_ukg_has_accepted_something_since(desk: Desk, saved: str) -> None:
    desk.run("sync", "acme", "--allow", "total")
    before = desk.writes()
    outcome = desk.run("sync", saved)

    assert outcome.code == 6
    assert "plan-stale" in outcome.err
    assert "accepted other changes" in outcome.err
    assert desk.writes() == before


def test_a_saved_plan_cannot_be_carried_out_twice(desk: Desk, saved: str) -> None:
    desk.run("sync", saved)
    assert desk.run("sync", saved).code == 6


def test_a_saved_plan_is_refused_for_another_tenant(desk: Desk, saved: str) -> None:
    desk.configure(desk.environment(tenant_id=desk.client("globex").tenant_id), desk.feed())
    outcome = desk.run("sync", saved)

    assert outcome.code in (2, 4)
    assert desk.writes() == 1


def test_a_file_that_is_no_plan_is_refused(desk: Desk) -> None:
    desk.configure()
    (desk.folder / "other.parquet").write_bytes(b"PAR1")
    outcome = desk.run("sync", str(desk.folder / "other.parquet"))

    assert outcome.code == 2
    assert "is not a plan that bridgehead saved" in outcome.err


def test_a_plan_is_a_page_that_loads_nothing_and_names_what_stops_it(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(12))
    desk.run("sync", "acme")
    desk.plan(*lines(12, headcount=9), "budget,v1,2027-01,<b>,CC0100,L01,J001,5,5")
    path = desk.folder / "plan.html"
    desk.run("plan", "acme", "--html", str(path))
    assert not path.exists()
    desk.plan(*lines(12, headcount=9))
    outcome = desk.run("plan", "acme", "--html", str(path))
    page = path.read_text()

    assert outcome.code == 0
    assert "A sync will stop here" in page
    assert "Heads by month, budget v1" in page
    assert page.count("<rect") == 3 * 12  # before, after, and the change, of each month
    assert "://" not in page
    assert "5 → 9" in page


def test_a_plan_is_saved_under_a_name_that_sync_takes_for_a_plan(desk: Desk) -> None:
    desk.configure(desk.environment(), desk.feed())
    desk.plan(*lines(1))
    outcome = desk.run("plan", "acme", "--out", str(desk.folder / "next.plan"))

    assert outcome.code == 2
    assert ".parquet" in outcome.err

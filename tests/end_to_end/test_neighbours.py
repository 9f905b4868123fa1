"""Two feeds of a tenant plan different parts: where they meet, nothing is sent, and the part is named."""

from __future__ import annotations

import pytest
from tests.conftest import HEADER, Desk

COLUMNS = ", ".join(f'{name} = "{name}"' for name in HEADER.split(","))


def feed(name: str, owns: str = "") -> str:
    declared = f"[[tenants.acme.feeds.{name}.owns]]\n{owns}\n" if owns else ""
    return f'[tenants.acme.feeds.{name}.source]\npath = "{name}.csv"\ncolumns = {{ {COLUMNS} }}\n{declared}'


def owns(first: str, last: str) -> str:
    return f'scenario = "budget"\nversion = "v1"\nfirst_period = {first}-01\nlast_period = {last}-01'


def write(desk: Desk, name: str, *months: str, version: str = "v1", org: str = "0100") -> None:
    rows = [f"budget,{version},{month},{org},CC0100,L01,J001,5,5.50" for month in months]
    desk.plan(*rows, path=f"{name}.csv")


def test_feeds_of_different_months_or_versions_live_side_by_side(desk: Desk) -> None:
    desk.configure(desk.environment(), feed("near"), feed("far"))
    write(desk, "near", "2027-01", "2027-02")
    write(desk, "far", "2027-03", "2027-04", org="0101")

    for name in ("near", "far"):
        assert desk.run("sync", "acme", "--feed", name).code == 0
    for name in ("near", "far"):
        assert desk.run("verify", "acme", "--feed", name).code == 0
        assert desk.run("plan", "acme", "--feed", name, "--exit-code").code == 0


def test_a_feed_that_reaches_into_what_another_one_sent_is_refused(desk: Desk) -> None:
    desk.configure(desk.environment(), feed("near"), feed("far"))
    write(desk, "near", "2027-01", "2027-03")
    write(desk, "far", "2027-03", "2027-04", org="0101")
    assert desk.run("sync", "acme", "--feed", "near").code == 0
    outcome = desk.run("sync", "acme", "--feed", "far")

    assert outcome.code == 2
    assert "The feeds far and near of acme both own budget v1 from 2027-03 to 2027-03" in outcome.err
    assert "owns" in outcome.err
    assert len(desk.held()) == 2


@pytest.mark.parametrize(("end", "code"), [("2027-06", 0), ("2027-07", 2)])
def test_what_feeds_declare_to_own_must_not_meet_either(desk: Desk, end: str, code: int) -> None:
    desk.configure(desk.environment(), feed("near", owns("2027-01", end)), feed("far", owns("2027-07", "2027-12")))
    write(desk, "near", "2027-01")
    write(desk, "far", "2027-07")

    assert desk.run("plan", "acme", "--feed", "near").code == code


def test_a_feed_that_is_no_longer_configured_is_in_nobodys_way(desk: Desk) -> None:
    desk.configure(desk.environment(), feed("near"))
    write(desk, "near", "2027-01")
    assert desk.run("sync", "acme").code == 0
    desk.configure(desk.environment(), feed("far"))
    write(desk, "far", "2027-01")

    assert desk.run("adopt", "acme").code == 0  # its cells are in UKG already, and this feed has sent none of them
    assert desk.run("plan", "acme").code == 0


def test_a_saved_plan_that_reaches_into_what_another_feed_has_sent_by_now_is_refused(desk: Desk) -> None:
    desk.configure(desk.environment(), feed("near"), feed("far"))
    write(desk, "near", "2027-01")
    write(desk, "far", "2027-01", org="0101")
    saved = str(desk.folder / "far.parquet")
    assert desk.run("plan", "acme", "--feed", "far", "--out", saved).code == 0
    assert desk.run("sync", "acme", "--feed", "near").code == 0

    outcome = desk.run("sync", saved)
    assert outcome.code == 2
    assert "near" in outcome.err
    assert len(desk.held()) == 1


def test_a_feed_is_not_called_as_the_file_that_the_ledger_keeps_for_all(desk: Desk) -> None:
    desk.configure(desk.environment(), feed("lease"))
    outcome = desk.run("plan", "acme")

    assert outcome.code == 2
    assert "'lease' is taken" in outcome.err


def test_cells_that_a_neighbour_has_taken_over_are_no_drift_of_the_one_who_had_them(desk: Desk) -> None:
    desk.configure(desk.environment(), feed("near"), feed("far"))
    write(desk, "near", "2027-01", "2027-02", "2027-03")
    assert desk.run("sync", "acme", "--feed", "near").code == 0
    write(desk, "near", "2027-01", "2027-02")  # March is the other feed's from now on
    assert desk.run("sync", "acme", "--feed", "near").code == 0
    desk.plan("budget,v1,2027-03,0100,CC0100,L01,J001,6,6.00", path="far.csv")
    assert desk.run("adopt", "acme", "--feed", "far").code == 0
    assert desk.run("sync", "acme", "--feed", "far").code == 0

    for name in ("near", "far"):
        assert desk.run("verify", "acme", "--feed", name).code == 0

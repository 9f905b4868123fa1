"""Every tenant at once: each with its own verdict, none in another's way."""

from __future__ import annotations

import pytest
from tests.conftest import Desk, Outcome, lines


def verdicts(outcome: Outcome) -> dict[str, str]:
    """Return how each tenant ended, in the order in which they did."""
    return {one["ended"]["tenant"]: one["ended"]["state"] for one in outcome.events() if one["type"] == "ended"}


@pytest.fixture
def two(desk: Desk) -> Desk:
    globex = desk.feed("globex", path="globex.csv")
    desk.configure(desk.environment(extra="timeout = 1\nattempts = 2"), desk.environment("globex"), desk.feed(), globex)
    desk.plan(*lines(24))
    desk.plan(*lines(12), path="globex.csv")
    return desk


def test_all_tenants_are_synced_and_shown_as_a_table(two: Desk) -> None:
    outcome = two.run("sync", "--all")

    assert outcome.code == 0
    for tenant, sent in (("acme", "24"), ("globex", "12")):
        row = next(line for line in outcome.out.splitlines() if line.startswith(f" {tenant}")).split()
        assert row[:7] == [tenant, "\u00b7", "production", "\u00b7", "headcount", "complete", sent]
        assert len(two.held(tenant)) == int(sent)
    again = two.run("--json", "sync", "--all")
    assert verdicts(again) == {"acme": "up to date", "globex": "up to date"}


def test_a_refused_tenant_is_examined_and_the_other_delivers(two: Desk) -> None:
    two.emulator.switch_on("module-off", client_id="acme-headcount")
    outcome = two.run("sync", "--all")

    assert outcome.code == 4
    assert (
        "acme \u00b7 production \u00b7 headcount: permission-refused: module: Acme has no workforce-planning"
        in outcome.err
    )
    assert "bridgehead doctor acme" in outcome.out
    assert len(two.held("globex")) == 12


def test_a_tenant_whose_ukg_hangs_keeps_nobody_waiting(two: Desk) -> None:
    two.emulator.switch_on("latency", value=1500, client_id="acme-headcount")
    outcome = two.run("--json", "sync", "--all")

    assert list(verdicts(outcome).items()) == [("globex", "complete"), ("acme", "unavailable")]
    assert outcome.code == 5
    assert len(two.held("globex")) == 12


def test_a_broken_file_of_one_tenant_stops_that_tenant_alone_and_the_worst_is_the_exit_code(two: Desk) -> None:
    two.plan("budget,v1,2027-01,NOWHERE,CC0100,L01,J001,5,5.00")
    outcome = two.run("--json", "sync", "--all")

    assert verdicts(outcome) == {"acme": "rows-invalid", "globex": "complete"}
    assert outcome.code == 3


def test_the_feeds_of_one_tenant_go_one_after_the_other(desk: Desk) -> None:
    second = desk.feed(path="more.csv").replace("feeds.headcount", "feeds.more")
    desk.configure(desk.environment(), desk.feed(), second)
    desk.plan(*lines(5))
    desk.plan("forecast,v1,2027-01,0100,CC0100,L01,J001,5,5.00", path="more.csv")
    outcome = desk.run("--json", "sync", "--all")

    ended = [(one["ended"]["feed"], one["ended"]["state"]) for one in outcome.events() if one["type"] == "ended"]
    assert ended == [("headcount", "complete"), ("more", "complete")]


@pytest.mark.parametrize(
    "option", [["acme"], ["--allow", "retired"], ["--from", "rows.csv"], ["--environment", "sandbox"]]
)
def test_what_is_decided_for_one_tenant_is_not_said_to_all(two: Desk, option: list[str]) -> None:
    outcome = two.run("sync", "--all", *option)

    assert (outcome.code, "--all takes no tenant" in outcome.err) == (2, True)
    assert two.audit() == []


def test_a_sync_of_nobody_is_told_what_is_missing(two: Desk) -> None:
    outcome = two.run("sync")

    assert (outcome.code, "bridgehead sync --all" in outcome.err) == (2, True)

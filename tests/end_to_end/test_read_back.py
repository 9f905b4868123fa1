"""Reading back before sending: what others changed in UKG is shown, and stops the run, is overwritten, or kept."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from tests.conftest import WRITE, Desk, lines
from tests.proxy import proxy, untouched

RULES = "[tenants.acme.feeds.headcount.rules]\nread_back = true\n"


@pytest.fixture
def delivered(desk: Desk) -> Desk:
    """Four cells of five heads have been delivered."""
    desk.configure(desk.environment(), desk.feed(), RULES)
    desk.plan(*lines(4))
    assert desk.run("sync", "acme").code == 0
    return desk


def somebody_else_writes(desk: Desk, month: str, headcount: int, **other: str) -> None:
    """Another program with the right to plan sets the heads of one cell. other: what makes it another one."""
    client = desk.client()
    scopes = "workforce.planning.write compliance.data.access tenant.context.read"
    _, answer = desk.token(client, scope=scopes, tenant_context=client.tenant_id)
    record = next(one for one in desk.held().values() if one["period_start"].startswith(month))
    changed = {**record, "client_ref": "5f0c6a4e-8d0b-4b57-9f0e-0c6f5f2b7a11", "headcount": headcount, **other}
    response = desk.http.request(
        "POST",
        f"{client.base_url}{WRITE}",
        headers={
            "Authorization": f"Bearer {answer['access_token']}",
            "X-Tenant-ID": client.tenant_id,
            "Content-Type": "application/json",
            "Idempotency-Key": f"other-{month}-{headcount}-{other}",
        },
        body=json.dumps({"records": [changed]}).encode(),
    )
    assert response.status == 200, response.data


def heads(desk: Desk) -> dict[str, Decimal]:
    return {one["period_start"][:7]: Decimal(str(one["headcount"])) for one in desk.held().values()}


def drawn(desk: Desk, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.run("--json", "plan", "acme", *options).events()[0]["plan"]
    return found


def next_month(desk: Desk) -> None:
    """Two of the four cells get six heads; January was changed in UKG to seven."""
    somebody_else_writes(desk, "2027-01", 7)
    desk.plan(*lines(2, headcount=6), *lines(4)[2:])


def test_what_others_changed_is_shown_with_what_was_sent_is_there_and_is_planned(delivered: Desk) -> None:
    next_month(delivered)
    outcome = delivered.run("plan", "acme")

    assert "changed in UKG since: 1" in outcome.out
    shown = next(line for line in outcome.out.splitlines() if line.strip().startswith("budget v1 2027-01"))
    assert [part.strip() for part in shown.split("  ") if part.strip()][1:] == [
        "headcount 5, fte 5.5",
        "headcount 7, fte 5.5",
        "headcount 6, fte 6.5",
    ]
    assert "A sync will stop here: UKG no longer holds what was last sent of 1 of the cells" in outcome.out


def test_in_production_the_run_stops_until_somebody_allows_it(delivered: Desk) -> None:
    next_month(delivered)
    stopped = delivered.run("sync", "acme")
    assert (stopped.code, "--allow drift" in stopped.err) == (6, True)
    assert heads(delivered)["2027-01"] == 7

    assert delivered.run("sync", "acme", "--allow", "drift").code == 0
    assert heads(delivered)["2027-01"] == 6


def test_elsewhere_it_is_overwritten_by_default(desk: Desk) -> None:
    desk.configure(desk.environment(environment="sandbox"), desk.feed(), RULES)
    desk.plan(*lines(4))
    assert drawn(desk)["on_drift"] == "overwrite"


def test_kept_cells_stay_as_others_left_them_and_are_shown_again(delivered: Desk) -> None:
    delivered.configure(delivered.environment(), delivered.feed(), f'{RULES}on_drift = "keep"\n')
    next_month(delivered)
    outcome = delivered.run("sync", "acme")

    assert outcome.code == 0
    assert "changed in UKG since: 1, they stay as they are" in outcome.out
    assert (heads(delivered)["2027-01"], heads(delivered)["2027-02"]) == (7, 6)
    again = drawn(delivered)
    assert (again["conflicting"], again["counts"]["update"]) == (1, 0)


def test_what_is_already_as_planned_is_no_conflict(delivered: Desk) -> None:
    somebody_else_writes(delivered, "2027-01", 6)
    delivered.plan(lines(1)[0].replace(",5,5.50", ",6,5.50"), *lines(4)[1:])
    assert drawn(delivered)["conflicting"] == 0


def test_only_cells_that_the_plan_changes_are_looked_at(delivered: Desk) -> None:
    somebody_else_writes(delivered, "2027-04", 7)
    delivered.plan(*lines(2, headcount=6), *lines(4)[2:])
    assert drawn(delivered)["conflicting"] == 0


def test_a_cell_that_would_be_created_and_is_there_is_a_conflict(delivered: Desk) -> None:
    somebody_else_writes(delivered, "2027-03", 5, period_start="2027-05-01")
    delivered.plan(*lines(5))
    assert drawn(delivered)["conflicting"] == 0  # it is just as planned

    somebody_else_writes(delivered, "2027-03", 9, period_start="2027-05-01")
    found = drawn(delivered)
    assert (found["conflicting"], found["conflicts"][0]["sent"]) == (1, None)
    assert found["conflicts"][0]["now"]["headcount"] == 9


def test_a_cell_that_would_be_retired_and_was_changed_is_a_conflict(delivered: Desk) -> None:
    somebody_else_writes(delivered, "2027-02", 9)
    delivered.plan(lines(4)[0], *lines(4)[2:])
    found = drawn(delivered)

    assert (found["conflicting"], found["counts"]["retire"]) == (1, 1)
    assert found["conflicts"][0]["planned"]["headcount"] == 0


def test_reading_back_is_an_option_of_one_run_as_well(delivered: Desk) -> None:
    delivered.configure()
    next_month(delivered)
    assert (drawn(delivered)["on_drift"], drawn(delivered, "--read-back")["conflicting"]) == ("", 1)
    assert delivered.run("sync", "acme", "--read-back").code == 6


def test_a_saved_plan_is_held_against_ukg_when_it_is_carried_out(delivered: Desk) -> None:
    delivered.plan(*lines(4, headcount=6))
    saved = str(delivered.folder / "next.parquet")
    assert delivered.run("plan", "acme", "--out", saved).code == 0
    somebody_else_writes(delivered, "2027-01", 7)
    outcome = delivered.run("sync", saved, "--allow", "total")

    assert outcome.code == 6
    assert set(heads(delivered).values()) == {5, 7}
    assert delivered.run("sync", saved, "--allow", "total", "--allow", "drift").code == 0
    assert set(heads(delivered).values()) == {6}


def test_a_figure_that_no_plan_has_is_named_and_never_read_as_none(delivered: Desk) -> None:
    def altered(_: str, document: Any) -> Any:
        for record in document.get("records", ()):
            record["headcount"] = 10**16
        return document

    with proxy(delivered.emulator.production, untouched, altered) as url:
        delivered.configure(delivered.environment(base_url=url), delivered.feed(), RULES)
        outcome = delivered.run("verify", "acme")

    assert (outcome.code, "10000000000000000" in outcome.err) == (4, True)

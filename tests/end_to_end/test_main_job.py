"""The main job: a plan arrives, only what differs is sent, and that it arrived can be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.conftest import UNJUDGED, WRITE, Desk, lines
from tests.proxy import proxy, untouched


def counts(desk: Desk) -> dict[str, int]:
    plan = desk.run("--json", "plan", "acme").events()[0]["plan"]["counts"]
    return {name: plan[name] for name in ("create", "update", "retire", "unchanged")}


def test_a_plan_names_what_would_change_and_sends_nothing(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(30))
    outcome = desk.run("plan", "acme")

    assert outcome.code == 0
    assert "+ create 30" in outcome.out
    assert "Nothing was sent" in outcome.out
    assert desk.writes() == 0


def test_a_sync_delivers_what_the_plan_named_and_a_second_one_makes_no_write_call(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(30))
    first = desk.run("sync", "acme")
    writes = desk.writes()
    second = desk.run("sync", "acme")

    assert (first.code, second.code) == (0, 0)
    assert "30 accepted" in first.out
    assert len(desk.held()) == 30
    assert "Nothing to send" in second.out
    assert desk.writes() == writes == 1


def test_three_edited_lines_send_exactly_three_records(desk: Desk) -> None:
    desk.configure()
    plan = lines(30)
    desk.plan(*plan)
    desk.run("sync", "acme")
    for number in (3, 11, 29):
        plan[number] = plan[number].replace(",5,5.50", ",6,6.25")
    desk.plan(*plan)

    assert counts(desk) == {"create": 0, "update": 3, "retire": 0, "unchanged": 27}
    finished = desk.run("--json", "sync", "acme").finished()
    assert (finished["accepted"], finished["unchanged"], finished["rejected"]) == (3, 0, 0)
    assert sum(record["headcount"] == 6 for record in desk.held().values()) == 3


def test_a_deleted_line_retires_one_projection_by_sending_zeros(desk: Desk) -> None:
    desk.configure()
    plan = lines(30)
    desk.plan(*plan)
    desk.run("sync", "acme")
    desk.plan(*plan[:7], *plan[8:])

    assert counts(desk) == {"create": 0, "update": 0, "retire": 1, "unchanged": 29}
    assert desk.run("sync", "acme").code == 0
    zeros = [record for record in desk.held().values() if record["headcount"] == 0]
    assert [(record["headcount"], record["fte"]) for record in zeros] == [(0, 0)]
    assert counts(desk) == {"create": 0, "update": 0, "retire": 0, "unchanged": 29}
    assert desk.run("verify", "acme").code == 0


def test_nothing_outside_what_the_feed_owns_is_retired(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(12), "forecast,v1,2027-01,0100,CC0100,L01,J001,4,4")
    desk.run("sync", "acme")
    desk.plan(*lines(12))

    assert counts(desk) == {"create": 0, "update": 0, "retire": 0, "unchanged": 12}


def test_what_the_feed_says_it_owns_is_retired_when_it_leaves_the_plan(desk: Desk) -> None:
    owns = "".join(
        f'[[tenants.acme.feeds.headcount.owns]]\nscenario = "{scenario}"\nversion = "v1"\n'
        "first_period = 2027-01-01\nlast_period = 2027-12-01\n"
        for scenario in ("budget", "forecast")
    )
    desk.configure(desk.environment(), desk.feed(), owns)
    desk.plan(*lines(12), "forecast,v1,2027-01,0100,CC0100,L01,J001,4,4")
    desk.run("sync", "acme")
    desk.plan(*lines(12))

    assert counts(desk) == {"create": 0, "update": 0, "retire": 1, "unchanged": 12}


def test_a_row_outside_what_the_feed_says_it_owns_is_refused(desk: Desk) -> None:
    owns = '[[tenants.acme.feeds.headcount.owns]]\nscenario = "budget"\nversion = "v1"\n'
    owns += "first_period = 2027-01-01\nlast_period = 2027-06-01\n"
    desk.configure(desk.environment(), desk.feed(), owns)
    desk.plan(*lines(12))
    outcome = desk.run("sync", "acme")

    assert outcome.code == 3
    assert "plan.csv:8" in outcome.err
    assert "outside the plan that this feed owns" in outcome.err
    assert desk.writes() == 0


def test_verify_reports_exactly_the_value_that_was_changed_behind_its_back(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(30))
    desk.run("sync", "acme")
    assert "No drift" in desk.run("verify", "acme").out

    client = desk.client()
    _, token = desk.token(client, tenant_context=client.tenant_id)
    record = next(record for key, record in desk.held().items() if "2027-03-01" in key)
    desk.http.request(
        "POST",
        f"{client.base_url}/api/v1/workforce/planning/headcount",
        json={"records": [record | {"headcount": 99}]},
        headers={"Authorization": f"Bearer {token['access_token']}", "X-Tenant-ID": client.tenant_id},
    )
    outcome = desk.run("--json", "verify", "acme")
    differences = outcome.events()[0]["verdict"]["differences"]

    assert outcome.code == 8
    assert [(one["kind"], one["cell"]["period_start"], one["found"]["headcount"]) for one in differences] == [
        ("different", "2027-03-01", 99)
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda document: document | {"records": [{"cell": one} for one in document["records"]]}, "missing required"),
        (lambda document: document | {"records": [1, 2]}, "Expected `object`"),
        (lambda document: document | {"records": {}}, "Expected `array`"),
        (lambda document: document | {"records": [], "next_cursor": "more"}, "a cursor that leads nowhere"),
        (lambda document: {"items": document["records"]}, "answered 200"),
    ],
)
def test_an_answer_that_is_not_what_the_dialect_says_is_no_drift(
    desk: Desk, change: Callable[[Any], Any], words: str
) -> None:
    def read(path: str, document: Any) -> Any:
        return change(document) if path.startswith(f"{WRITE}?") else document

    desk.configure()
    desk.plan(*lines(3))
    desk.run("sync", "acme")
    with proxy(desk.emulator.production, untouched, read) as url:
        desk.configure(desk.environment(base_url=url), desk.feed())
        outcome = desk.run("verify", "acme")

    assert outcome.code == 4, outcome
    assert words in outcome.err


def test_words_of_a_server_steer_no_terminal(desk: Desk) -> None:
    def colour(path: str, document: Any) -> Any:
        for result in document.get("results", []) if path == WRITE else []:
            result.get("error", {})["message"] = "\x1b[2Jgone\x07"
        return document

    with proxy(desk.emulator.production, untouched, colour) as url:
        desk.configure(desk.environment(base_url=url, extra=UNJUDGED), desk.feed())
        desk.plan("budget,v1,2027-01,9999,CC0100,L01,J001,4,4")
        outcome = desk.run("sync", "acme")

    assert outcome.code == 7
    assert "gone" in outcome.out
    assert "\x1b" not in outcome.out


def test_a_number_with_a_decimal_comma_is_named_as_the_file_has_it(desk: Desk) -> None:
    desk.configure(desk.environment(), desk.feed(extra='decimal = "comma"'))
    desk.plan('budget,v1,2027-01,0100,CC0100,L01,J001,4,"4,50"', "budget,v1,2027-02,0100,CC0100,L01,J001,4,4.50")
    outcome = desk.run("plan", "acme")

    assert outcome.code == 3
    assert "plan.csv:3  fte: '4.50' is not a number. It could be 4.50: write 4,50" in outcome.err


def test_months_as_columns_arrive_as_one_projection_each(desk: Desk) -> None:
    source = """
[tenants.acme.feeds.headcount.source]
path = "wide.csv"
headers = { pattern = '(?P<month>[A-Z][a-z]{2})-(?P<yy>\\d{2})', measure = "headcount" }
columns = { org_unit = "Dept", cost_center = "CC", location = "Site", job = "Job" }
constants = { scenario = "budget", version = "v1" }
ignore = ["Total"]
"""
    desk.configure(desk.environment(), source)
    (desk.folder / "wide.csv").write_text(
        "Dept;CC;Site;Job;Jan-27;Feb-27;Mar-27;Total\n0100;CC0100;L01;J001;5;6;#Missing;11\n0101;CC0101;L02;J002;0;1;2;3\n"
    )

    assert desk.run("sync", "acme").code == 0
    assert {key: record["headcount"] for key, record in desk.held().items()} == {
        "budget|v1|2027-01-01|0100|CC0100|L01|J001": 5,
        "budget|v1|2027-02-01|0100|CC0100|L01|J001": 6,
        "budget|v1|2027-01-01|0101|CC0101|L02|J002": 0,
        "budget|v1|2027-02-01|0101|CC0101|L02|J002": 1,
        "budget|v1|2027-03-01|0101|CC0101|L02|J002": 2,
    }
    assert desk.run("verify", "acme").code == 0


def test_what_ukg_rejects_is_named_with_its_line_and_tried_again_by_the_next_run(desk: Desk) -> None:
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed())
    wrong = [f"budget,v1,2027-01,{unit},CC0100,L01,J001,4,4" for unit in ("0099", "9999")]
    desk.plan(*lines(30), *wrong)
    first = desk.run("sync", "acme")
    again = desk.run("--json", "sync", "acme")

    assert first.code == 7
    assert "plan.csv:32" in first.out
    assert "inactive" in first.out
    assert 'ObjectRef with qualifier: "9999" could not be found.' in first.out
    assert again.code == 7
    assert [event["rejected"]["origin"] for event in again.events() if event["type"] == "rejected"] == [
        "plan.csv:32",
        "plan.csv:33",
    ]
    assert len(desk.held()) == 30


def test_a_plan_that_retires_too_much_waits_for_a_person(desk: Desk) -> None:
    desk.configure()
    plan = lines(30)
    desk.plan(*plan)
    desk.run("sync", "acme")
    # The first and the last month stay, so that the span of what the feed owns stays too.
    desk.plan(*plan[:12])
    stopped = desk.run("sync", "acme")
    writes = desk.writes()
    allowed = desk.run("sync", "acme", "--allow", "retired", "--allow", "total")

    assert stopped.code == 6
    assert "18 of 30 projections (60.0 %) would be retired" in stopped.err
    assert "--allow retired" in stopped.err
    assert (allowed.code, desk.writes()) == (0, writes + 1)


def test_numbers_keep_every_digit_and_are_rounded_half_to_even(desk: Desk) -> None:
    desk.configure()
    desk.plan(
        "budget,v1,2027-01,0100,CC0100,L01,J001,5,4.505",
        "budget,v1,2027-02,0100,CC0100,L01,J001,5,4.515",
        "budget,v1,2027-03,0100,CC0100,L01,J001,5,999999999.99",
    )
    plan = desk.run("--json", "plan", "acme").events()[0]["plan"]
    desk.run("sync", "acme")

    assert plan["counts"]["rounded"] == 2
    assert [record["fte"] for _, record in sorted(desk.held().items())] == [4.5, 4.52, 999999999.99]
    assert desk.run("verify", "acme").code == 0


def test_two_tenants_and_two_environments_are_kept_apart(desk: Desk) -> None:
    desk.configure(
        desk.environment("acme", "production"),
        desk.environment("acme", "sandbox"),
        desk.environment("globex", "production"),
        desk.feed("acme"),
        desk.feed("globex", "globex.csv"),
    )
    desk.plan(*lines(5))
    desk.plan(*lines(4), path="globex.csv")
    for arguments in (("acme",), ("acme", "--environment", "sandbox"), ("globex",)):
        assert desk.run("sync", *arguments).code == 0

    assert len(desk.held("acme")) == 5
    assert len(desk.held("globex")) == 4
    assert len(desk.held("acme", "sandbox")) == 5
    assert len(desk.held("globex", "sandbox")) == 0


@pytest.mark.parametrize("arguments", [("plan", "acme"), ("sync", "acme"), ("verify", "acme"), ("status",)])
def test_every_command_speaks_json(desk: Desk, arguments: tuple[str, ...]) -> None:
    desk.configure()
    desk.plan(*lines(5))
    outcome = desk.run("--json", *arguments)

    assert outcome.code == 0
    assert all(event["type"] for event in outcome.events())


def test_status_tells_from_the_ledger_alone_what_was_sent_and_when(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(5))
    before = desk.run("status")
    desk.run("sync", "acme")
    calls = len(desk.audit())
    after = desk.run("status")

    assert "never" in before.out
    assert "plan.csv" in after.out
    assert "complete" in after.out
    assert len(desk.audit()) == calls


def test_the_tenant_id_is_found_with_client_id_and_secret_alone(desk: Desk) -> None:
    desk.configure(desk.environment(tenant_id="00000000-0000-0000-0000-000000000000"), desk.feed())
    outcome = desk.run("tenant-id", "acme")

    assert outcome.code == 0
    assert outcome.out.strip() == desk.client().tenant_id
    assert f'tenant_id = "{desk.client().tenant_id}"' in outcome.err


def test_plan_can_tell_changes_by_its_exit_code(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(5))
    assert desk.run("plan", "acme", "--exit-code").code == 10
    desk.run("sync", "acme")
    assert desk.run("plan", "acme", "--exit-code").code == 0

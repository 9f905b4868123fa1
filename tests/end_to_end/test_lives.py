"""One number's whole life: every run that touched it, from which record, what UKG said, who ran it and who approved."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.conftest import UNJUDGED, WRITE, Desk, lines

KEY = "org_unit=0100,cost_center=CC0100,location=L01,job=J001,period_start=2027-01"
CROSSWALK = 'crosswalks = { cost_center = { path = "centres.csv", effective = "since" } }'


def cell(*, heads: int, centre: str = "CC0100", month: str = "2027-01") -> str:
    return f"budget,v1,{month},0100,{centre},L01,J001,{heads},{heads}.50"


def life(desk: Desk, key: str = KEY, *options: str) -> list[dict[str, Any]]:
    outcome = desk.run("--json", "history", "acme", "--key", key, *options)
    assert outcome.code == 0, outcome
    return [event["chapter"] for event in outcome.events() if event["type"] == "chapter"]


def told(chapters: list[dict[str, Any]]) -> list[tuple[str, str | None, float | None, float, str]]:
    return [
        (
            one["action"],
            one["cell"]["cost_center"],
            one["before"] and one["before"]["headcount"],
            one["after"]["headcount"],
            one["outcome"],
        )
        for one in chapters
    ]


@pytest.fixture
def changed(desk: Desk) -> Desk:
    """A number that was created, raised and taken out of the plan, beside others."""
    desk.configure()
    allow = [f"--allow={name}" for name in ("retired", "total")]
    for its_lines in ([cell(heads=5)], [cell(heads=7)], []):
        desk.plan(*lines(24)[12:], *its_lines)
        assert desk.run("sync", "acme", *allow).code == 0
    return desk


def test_a_number_is_told_from_its_first_run_to_now_with_the_record_that_each_value_came_from(changed: Desk) -> None:
    outcome = changed.run("--json", "history", "acme", "--key", KEY)
    chapters = life(changed)
    last = outcome.events()[-1]

    assert told(chapters) == [
        ("create", "CC0100", None, 5, "accepted"),
        ("update", "CC0100", 5, 7, "accepted"),
        ("retire", "CC0100", 7, 0, "accepted"),
    ]
    assert (last["type"], last["chapters"], last["now"]["retired"]) == ("life", 3, True)
    digests = {one["run"]["source_digest"] for one in chapters}
    assert len(digests) == 3
    assert all("@" in one["run"]["owner"] for one in chapters)
    known = {entry["correlation_id"] for entry in changed.audit() if entry["path"] == WRITE}
    assert {one["correlation_id"] for one in chapters} <= known

    shown = changed.run("history", "acme", "--key", KEY).out

    assert re.search(r"\+ 5 heads, 5\.5 fte   accepted\n +plan\.csv, record 13 \(sha256 [0-9a-f]{12}…\), run ", shown)
    assert "~ 5 → 7 heads, 5.5 → 7.5 fte   accepted" in shown
    assert "- 7 → 0 heads, 7.5 → 0 fte   accepted\n      no longer in plan.csv" in shown
    assert "in UKG now, as the ledger knows it: retired" in shown


def test_a_wide_files_month_is_named_too(desk: Desk) -> None:
    source = """[tenants.acme.feeds.headcount.source]
path = "wide.csv"
columns = { org_unit = "Unit", cost_center = "Centre", location = "Site", job = "Job" }
constants = { scenario = "budget", version = "v1" }
headers = { pattern = '(?P<year>\\d{4})-(?P<month>\\d{2})', measure = "headcount" }
"""
    desk.configure(desk.environment(), source)
    (desk.folder / "wide.csv").write_text("Unit,Centre,Site,Job,2027-01,2027-02\n0100,CC0100,L01,J001,5,6\n")
    assert desk.run("sync", "acme").code == 0

    assert "wide.csv, record 1 [2027-02]" in desk.run("history", "acme", "--key", "period_start=2027-02").out


def test_several_cells_are_told_one_after_the_other_and_too_many_are_not(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(60))
    desk.run("sync", "acme")
    several = desk.run("--json", "history", "acme", "--key", "job=J002").events()
    many = desk.run("history", "acme", "--key", "org_unit=0100")

    assert [event["of"]["period_start"] for event in several if event["type"] == "life"] == [
        f"2027-{month:02d}-01" for month in range(1, 13)
    ]
    assert many.code == 2
    assert "60 cells fit; at most 50 are told one by one." in many.err
    assert "Say more of: period_start (12), job (5). Or let all of them be written: --csv FILE." in many.err


def test_what_ukg_rejected_is_told_with_code_and_words_and_changed_nothing(desk: Desk) -> None:
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed())
    desk.plan("budget,v1,2027-01,9999,CC0100,L01,J001,5,5.50", cell(heads=5))
    assert desk.run("sync", "acme").code == 7
    (one,) = life(desk, "org_unit=9999")
    shown = desk.run("history", "acme", "--key", "org_unit=9999").out

    assert (one["outcome"], one["code"], one["field"]) == ("rejected", "unknown_code", "org_unit")
    assert "rejected: unknown_code org_unit: " in shown
    assert "in UKG now, as the ledger knows it: nothing from this feed" in shown


def test_a_request_without_an_answer_leaves_the_number_in_doubt_until_it_is_settled(desk: Desk) -> None:
    desk.configure(desk.environment(extra="attempts = 2"), desk.feed())
    desk.plan(cell(heads=5))
    desk.emulator.switch_on("closed-after", within=f"POST {WRITE}")
    assert desk.run("sync", "acme").code == 5
    (doubtful,) = life(desk)
    shown = desk.run("history", "acme", "--key", KEY).out
    desk.emulator.switch_off()
    desk.run("sync", "acme")
    (settled,) = life(desk)

    assert (doubtful["outcome"], bool(doubtful["correlation_id"])) == ("unknown", True)
    assert "UKG did not say what became of it" in shown
    assert "(a request for it was never answered)" in shown
    assert settled["outcome"] == "accepted"


def test_a_number_that_went_to_another_code_keeps_its_life(desk: Desk) -> None:
    (desk.folder / "centres.csv").write_text("from,to,since\n")
    desk.configure(desk.environment(), desk.feed(extra=CROSSWALK))
    for heads in (5, 6):
        desk.plan(cell(heads=heads))
        assert desk.run("sync", "acme", "--allow", "total").code == 0
    (desk.folder / "centres.csv").write_text("from,to,since\nCC0100,CC0101,2027-01\n")
    assert desk.run("sync", "acme").code == 0
    desk.plan(cell(heads=7))
    assert desk.run("sync", "acme", "--allow", "total").code == 0
    whole = [
        ("create", "CC0100", None, 5, "accepted"),
        ("update", "CC0100", 5, 6, "accepted"),
        ("create", "CC0101", None, 6, "accepted"),
        ("move", "CC0100", 6, 0, "accepted"),
        ("update", "CC0101", 6, 7, "accepted"),
    ]

    assert told(life(desk, KEY.replace("CC0100", "CC0101"))) == whole
    assert told(life(desk)) == whole
    shown = desk.run("history", "acme", "--key", KEY.replace("CC0100", "CC0101")).out
    assert "→ budget v1 2027-01 0100 / CC0100 / L01 / J001 → budget v1 2027-01 0100 / CC0101 / L01 / J001" in shown


def test_codes_that_change_places_do_not_mix_their_lives(desk: Desk) -> None:
    (desk.folder / "centres.csv").write_text("from,to,since\n")
    desk.configure(desk.environment(), desk.feed(extra=CROSSWALK))
    desk.plan(cell(heads=5), cell(heads=8, centre="CC0101"), cell(heads=3, centre="CC0102"))
    assert desk.run("sync", "acme").code == 0
    (desk.folder / "centres.csv").write_text("from,to,since\nCC0100,CC0101,2027-01\nCC0101,CC0100,2027-01\n")
    assert desk.run("sync", "acme").code == 0
    touched = {one["cell"]["cost_center"] for one in life(desk)}

    assert touched == {"CC0100", "CC0101"}
    assert told(life(desk, KEY.replace("CC0100", "CC0102"))) == [("create", "CC0102", None, 3, "accepted")]


def test_who_approved_a_number_stands_in_its_life(desk: Desk) -> None:
    desk.configure(desk.environment(approval=""), desk.feed())
    desk.plan(cell(heads=5))
    desk.run("sync", "acme")
    name = desk.run("--json", "waiting").events()[0]["name"]
    desk.run("approve", name, "--reason", "agreed with J. Berg")
    assert desk.run("sync", "acme").code == 0
    (one,) = life(desk)

    assert (one["run"]["approved_by"], one["run"]["reason"]) == ("root", "agreed with J. Berg")
    shown = desk.run("history", "acme", "--key", KEY).out
    assert re.search(r"approved by root on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: agreed with J\. Berg", shown)


def test_what_was_adopted_from_ukg_is_told_as_such(desk: Desk) -> None:
    desk.configure()
    desk.plan(cell(heads=5))
    desk.run("sync", "acme")
    (desk.folder / ".bridgehead").rename(desk.folder / "lost")
    assert desk.run("adopt", "acme").code == 0
    desk.plan(cell(heads=6))
    assert desk.run("sync", "acme", "--allow", "total").code == 0

    assert [one["action"] for one in life(desk)] == ["adopted", "update"]
    assert "adopted from UKG: what it held then became the baseline" in desk.run("history", "acme", "--key", KEY).out


def test_an_unset_dimension_is_asked_for_by_saying_nothing(desk: Desk) -> None:
    columns = desk.feed(extra='unset = ["location"]').replace('location = "location", ', "")
    desk.configure(desk.environment(), columns)
    (desk.folder / "plan.csv").write_text(
        "scenario,version,period_start,org_unit,cost_center,job,headcount,fte\nbudget,v1,2027-01,0100,CC0100,J001,5,5\n"
    )
    assert desk.run("sync", "acme").code == 0

    assert len(life(desk, "org_unit=0100,location=")) == 1
    assert life(desk, "org_unit=0100,location=L01") == []


UNCLEAR = [
    (["acme", "--key", "cost_centre=1"], "'cost_centre' is no dimension", "Did you mean 'cost_center'?"),
    (["acme", "--key", "0100"], "'0100' says no value", "for instance: --key org_unit=0100"),
    (["acme", "--key", "period_start=Jan"], "'Jan' is no month", "Write it as 2027-01"),
    (["acme", "--key", "scenario="], "scenario is never unset", "leave scenario out"),
    (["--key", "org_unit=0100"], "It is not said whose history", "Name the tenant behind `history`: acme."),
    (["acne", "--key", "org_unit=0100"], "There is no tenant 'acne'", "acme"),
    (["acme", "-f", "heads", "--key", "org_unit=0100"], "no feed 'heads'", "headcount"),
    (["acme", "-e", "prod", "--key", "org_unit=0100"], "no environment 'prod'", "production"),
]


def test_a_question_that_is_unclear_is_refused_with_what_to_say(desk: Desk) -> None:
    desk.configure()
    for arguments, message, cure in UNCLEAR:
        outcome = desk.run("history", *arguments)

        assert outcome.code == 2
        assert message in outcome.err
        assert cure in outcome.err


def test_a_run_that_took_another_one_back_is_named_as_where_the_value_came_from(desk: Desk) -> None:
    desk.configure()
    for heads in (5, 6):
        desk.plan(cell(heads=heads))
        assert desk.run("sync", "acme", "--allow", "total").code == 0
    run_id = desk.run("--json", "history").events()[0]["run"]["run_id"]
    assert desk.run("sync", "acme", "--revert", run_id, "--allow", "total").code == 0
    *_, last, _ = desk.run("--json", "history", "acme", "--key", KEY).events()

    assert (last["origin"], last["chapter"]["after"]["headcount"]) == (f"revert of {run_id}", 5)


def test_a_life_survives_the_ledgers_backup(desk: Desk) -> None:
    desk.configure()
    desk.plan(cell(heads=5))
    desk.run("sync", "acme")
    before = life(desk)
    archive = str(desk.folder / "ledger.zip")
    assert desk.run("ledger", "backup", archive).code == 0
    (desk.folder / ".bridgehead").rename(desk.folder / "lost")
    assert desk.run("ledger", "restore", archive).code == 0

    assert life(desk) == before
    assert "The ledger was put back on" in desk.run("history", "acme", "--key", KEY).out


def test_a_number_is_found_in_whichever_feed_of_the_tenant_it_is(desk: Desk) -> None:
    other = desk.feed(path="other.csv").replace("feeds.headcount", "feeds.other")
    desk.configure(desk.environment(), desk.feed(), other)
    desk.plan(cell(heads=5))
    desk.plan(cell(heads=8).replace("budget", "forecast"), path="other.csv")
    for feed in ("headcount", "other"):
        assert desk.run("sync", "acme", "--feed", feed).code == 0
    events = desk.run("--json", "history", "acme", "--key", "org_unit=0100").events()

    assert [
        (one["place"]["feed"], one["now"]["projection"]["headcount"]) for one in events if one["type"] == "life"
    ] == [
        ("headcount", 5),
        ("other", 8),
    ]
    assert len(life(desk, "org_unit=0100", "--feed", "other")) == 1


def test_days_narrow_a_life_and_the_list_of_runs_and_an_unknown_cell_has_none(desk: Desk) -> None:
    desk.configure()
    desk.plan(cell(heads=5))
    desk.run("sync", "acme")
    today = desk.run("--json", "history").events()[0]["run"]["started_at"][:10]

    assert len(life(desk, KEY, "--since", today, "--until", today)) == 1
    assert life(desk, KEY, "--until", "2020-01-01") == []
    assert desk.run("history", "acme", "--until", "2020-01-01").out == "No run has sent anything yet.\n"
    assert len(desk.run("--json", "history", "acme", "-e", "production", "--since", today).events()) == 1
    unknown = desk.run("history", "acme", "--key", "org_unit=4711")
    assert unknown.out.startswith("No run has touched such a cell, and UKG holds none from here")

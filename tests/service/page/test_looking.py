"""What the page shows is what the ledger says, in words, to whom it may be shown; and none of it runs."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from tests.analyst import Analyst, some_lines
from tests.conftest import UNJUDGED, Desk
from tests.service.page.conftest import configure

from bridgehead import errors
from bridgehead.ports import Rejected
from bridgehead.service.web.refusals import by_row, placed, rows_of
from bridgehead.service.web.words import RUNS, TERMS, VERDICTS

ROOT = Path(__file__).parents[3]
FEED = "/feeds/acme/production/headcount"
LOOK = (ROOT / "src/bridgehead/service/web/pages/page.css", ROOT / "src/bridgehead/emulator/pages/ukg.css")
SCRIPT = "<script>alert(1)</script>"
BAD = [
    "budget,v1,2027-01,NOSUCH,CC0100,L01,J001,5,5",
    "budget,v1,2027-01,NEVER1,CC0100,L01,J001,5,5",
    "budget,v1,2027-02,NEVER1,CC0100,L01,J001,5,5",
]
SKIP = '[tenants.acme.feeds.headcount.rules]\non_invalid = "skip"'


def test_a_person_sees_their_own_tenants_and_of_others_not_even_that_they_are_there(
    office: Desk, ann: Analyst, gil: Analyst
) -> None:
    office.run("sync", "acme")
    office.run("sync", "globex")
    assert "globex" not in ann.open("/")
    assert "acme" not in gil.open("/")
    gil.open("/feeds/globex/production/headcount")
    (theirs,) = gil.links("/runs/")
    run = theirs.rpartition("/")[2]
    hidden = [
        "/feeds/globex/production/headcount",
        theirs,
        f"{FEED}/runs/{run}",
        "/doctor/globex/production",
        "/feeds/globex/sandbox/headcount",
    ]
    nothing = ann.call("GET", "/feeds/nobody/production/headcount")
    unknown = ann.page
    for path in hidden:
        assert ann.call("GET", path).status == nothing.status == 404, path
        assert ann.page == unknown
    ann.open("/")
    assert ann.send("/doctor/globex/production").status == 404


def test_an_analyst_finds_out_why_three_rows_were_refused_by_ukg(office: Desk, ann: Analyst) -> None:
    configure(office, approval="guardrails", extra=UNJUDGED)
    office.plan(*some_lines(), *BAD)
    assert office.run("sync", "acme").code == 7
    assert "Sent, some rows refused" in ann.open("/")
    shown = ann.open(FEED)
    assert "See which 3 projections were refused, and why" in shown
    (run,) = ann.links("/runs/")
    shown = ann.open(run)

    assert "Why 3 rows were refused" in shown
    for line in (14, 15, 16):
        assert f"plan.csv:{line} org unit" in shown
    assert '"NOSUCH" could not be found' in shown
    assert "2 rows , for the org unit" in shown
    assert "unknown_code" in shown


def test_an_analyst_finds_out_which_rows_a_plan_leaves_out_and_why(office: Desk, ann: Analyst) -> None:
    configure(office, SKIP)
    office.plan(
        *some_lines(), "budget,v1,2027-01,0100,CC0100,L01,J001,-3,5", "budget,v1,2027-13,0100,CC0100,L01,J9,3,5"
    )
    office.run("sync", "acme")
    shown = ann.open(f"{FEED}/plans/1")

    assert "plan.csv:14 headcount '-3' is below zero" in shown
    assert "plan.csv:15 period_start" in shown
    assert re.search(r"\d left out their rows break a rule", shown)


def test_rows_that_stop_a_plan_are_named_with_their_lines(office: Desk, ann: Analyst) -> None:
    office.plan(*some_lines(), "budget,v1,2027-01,0100,CC0100,L01,J001,-3,5")
    assert office.run("sync", "acme").code == 3
    shown = ann.open(FEED)

    assert "Rows to correct" in shown
    assert "plan.csv:14" in shown
    assert "'-3' is below zero" in shown
    assert "Who has to act: whoever makes the planning file" in shown
    assert "1 feed needs a look" in ann.open("/")


def test_a_plan_shows_before_and_after_by_month_and_what_moves_most(office: Desk, ann: Analyst) -> None:
    configure(office, approval="guardrails")
    office.run("sync", "acme")
    configure(office)
    more = some_lines(12, headcount=6)
    del more[5]
    office.plan(*more)
    office.run("sync", "acme")
    shown = ann.open(f"{FEED}/plans/1")

    for told in (
        "0 new",
        "11 changed get another number",
        "1 ended left the file, become 0",
        "60 66 +6",
        "heads 5 \u2192 6",
    ):
        assert told in shown, told
    assert "Heads by month, budget v1" in shown
    assert "2027-06 5 0 \u22125" in shown
    assert "<title>2027-06: 5 before, 0 after, -5</title>" in ann.page
    assert ann.page.count('class="fewer"') == 2  # its bar, and the key
    assert "1 plan waits for your decision" in ann.open("/")


def test_somebody_elses_change_in_ukg_is_shown_as_drift(office: Desk, ann: Analyst) -> None:
    configure(office, approval="guardrails")
    office.emulator.environments["production"].store.connection.execute(
        "CREATE TRIGGER somebody AFTER INSERT ON projection BEGIN UPDATE projection"
        " SET document = CAST(json_set(document ->> '$', '$.headcount', 99) AS BLOB) WHERE key = new.key; END"
    )
    code = office.run("sync", "acme").code
    shown = ann.open(FEED)

    assert code == 8
    assert "UKG holds other numbers" in shown
    assert "12 cells are in UKG not as they were sent" in shown


def test_a_tenant_that_ukg_refused_is_shown_with_what_ukg_said(office: Desk, ann: Analyst) -> None:
    office.emulator.switch_on("role-missing", client_id="acme-headcount")
    assert office.run("sync", "acme").code == 4
    shown = ann.open(FEED)

    assert "UKG lets us in, and refuses planning" in shown
    assert "UKG refused to let us in, and is left alone until" in shown
    assert "UKG is left alone until" in ann.open("/")


def test_the_doctor_names_the_broken_link_and_its_cure_and_is_not_asked_again_at_once(
    office: Desk, ann: Analyst, vic: Analyst
) -> None:
    office.emulator.switch_on("role-missing", client_id="acme-headcount")
    path = "/doctor/acme/production"
    assert "Nobody has examined it" in ann.open(path)
    assert ann.send(path).status == 303
    shown = ann.shown()
    assert "Examined. Nothing was changed in UKG." in shown
    assert "1 link is broken" in shown
    assert "Who acts the UKG administrator Where Role Management" in shown
    calls = len(office.audit())
    vic.open(path)
    assert "1 link is broken" in vic.shown()
    assert vic.send(path).status == 303
    assert "It was examined a moment ago" in vic.shown()

    assert len(office.audit()) == calls
    assert office.writes() == 0 or not office.held()


def test_once_all_holds_the_next_run_may_ask_ukg_at_once(office: Desk, ann: Analyst) -> None:
    configure(office, approval="guardrails")
    office.emulator.switch_on("role-missing", client_id="acme-headcount")
    office.run("sync", "acme")
    office.emulator.switch_off()
    assert "UKG is left alone until" in ann.open("/")
    ann.send("/doctor/acme/production")
    assert "All of it holds" in ann.shown()
    assert "UKG is left alone until" not in ann.open("/")
    assert office.run("sync", "acme").code == 0


def test_a_numbers_history_names_run_row_person_and_what_ukg_said(office: Desk, ann: Analyst, gil: Analyst) -> None:
    office.run("sync", "acme")
    ann.open(f"{FEED}/plans/1")
    (link, *_) = ann.links("/number?")
    ann.send(f"{FEED}/plans/1", decision="approve", reason="first budget")
    office.run("sync", "acme")
    configure(office, approval="guardrails")
    office.plan(*some_lines(12, headcount=6))
    office.run("sync", "acme")
    shown = ann.open(unescape(link))

    assert "In UKG now, as the ledger knows it: heads 6, FTE 6.5" in shown
    assert "New heads 5, FTE 5.5 Accepted plan.csv, record 1" in shown
    assert "approved by ann: first budget" in shown
    assert "Changed heads 5 \u2192 6, FTE 5.5 \u2192 6.5 Accepted plan.csv, record 1" in shown
    assert "No run has touched such a number" in ann.open(f"{FEED}/number?job=NEVER")
    assert ann.shown().count("Show") == 1
    assert ann.call("GET", f"{FEED}/number?period_start=January").status == 400
    assert "'January' is no month. Write it as 2027-01" in ann.shown()
    assert "What you leave empty may be anything" in ann.open(f"{FEED}/number?job=+")
    assert gil.call("GET", unescape(link)).status == 404


def test_codes_names_and_reasons_that_are_html_are_shown_and_never_run(office: Desk, ann: Analyst) -> None:
    anything = (
        'dialect_overrides.metadata.codes = { org_unit = "no", cost_center = "no", job = "no" }\n'
        'dialect_overrides.metadata.scenarios = "no"\n'
        "dialect_overrides.headcount.lengths ="
        " { scenario = 90, version = 90, org_unit = 90, cost_center = 90, job = 90 }"
    )
    configure(office, SKIP, extra=anything)
    office.plan(
        f'{SCRIPT},v1,2027-01,{SCRIPT},"""><img src=x onerror=alert(1)>",L01,{SCRIPT},5,5',
        f"{SCRIPT},v1,2027-02,{SCRIPT},CC,L01,J,{SCRIPT},5",
    )
    office.run("sync", "acme")
    ann.open(f"{FEED}/plans/1")
    pages = [ann.page]
    ann.send(f"{FEED}/plans/1", decision="approve", reason=SCRIPT)
    pages.append(ann.page)
    office.run("sync", "acme")
    ann.open(FEED)
    pages.append(ann.page)
    for link in (*ann.links("/runs/"), f"{FEED}/number?scenario=%3Cscript%3Ealert(1)%3C/script%3E"):
        ann.open(link)
        pages.append(ann.page)

    assert len(pages) == 5
    for page in pages:
        assert "<script" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page


def test_one_feed_whose_ledger_cannot_be_read_hides_no_other(office: Desk, ann: Analyst) -> None:
    ann.open("/")
    folder = office.folder / ".bridgehead"
    for file in folder.glob("ledger.sqlite*"):
        file.unlink()
    (folder / "ledger.sqlite").write_text("this is no database, and long enough to be looked at as if it were one" * 9)

    assert "The ledger cannot be read" in ann.open("/")
    assert "The ledger cannot be read" in ann.open(FEED)
    assert ann.call("GET", f"{FEED}/runs/x").status in (404, 503)


def test_moments_are_told_in_the_time_zone_of_the_schedule(office: Desk, ann: Analyst) -> None:
    configure(office, '[run]\ntimezone = "Asia/Tokyo"', approval="guardrails")
    office.run("sync", "acme")

    assert " JST" in ann.open("/")
    assert " UTC" not in ann.shown()


def test_every_verdict_and_every_state_of_a_run_has_words() -> None:
    found, todo = set(), [errors.BridgeheadError]
    while todo:
        kind = todo.pop()
        found.add(kind.slug)
        todo += kind.__subclasses__()

    assert found | {"complete", "up to date", "partial", "drift", "unverified"} == VERDICTS.keys()
    assert RUNS.keys() == {"open", "complete", "partial", "settled", "adopted", "repaired", "lost"}
    assert {words.tone for words in (*VERDICTS.values(), *RUNS.values())} == {"good", "warn", "bad", "quiet"}


def test_the_page_for_analysts_explains_every_term_as_the_page_itself_does() -> None:
    told = (ROOT / "docs" / "the-page.md").read_text()

    for term, meaning in TERMS:
        assert f"| {term} | {meaning} |" in told


def test_the_page_and_the_emulators_console_have_the_same_colours() -> None:
    ours, theirs = (re.search(r":root \{.*?\}", path.read_text(), re.DOTALL) for path in LOOK)

    assert ours
    assert theirs
    assert ours[0] == theirs[0]


@pytest.mark.parametrize(
    ("origin", "row", "column"),
    [
        ("plan.csv:17", "plan.csv:17", ""),
        ("plan.csv:17 [2027-01]", "plan.csv:17", "2027-01"),
        ("plan.csv, record 18, 2027-01", "plan.csv, record 18", "2027-01"),
        ("plan.csv, record 18", "plan.csv, record 18", ""),
        ("Plan!A17", "Plan!A17", ""),
        ("somewhere", "somewhere", ""),
        ("", "", ""),
    ],
)
def test_the_months_of_a_wide_row_are_one_row(origin: str, row: str, column: str) -> None:
    assert placed(origin) == (row, column)


def test_refused_records_are_counted_by_their_rows() -> None:
    rejects = [Rejected(n, "", "code", "job", "no", f"p.csv, record {n % 3}, 2027-0{n}") for n in range(1, 7)]
    rejects += [Rejected(7, "", "code", "job", "no", ""), Rejected(8, "", "code", "job", "no", "")]
    refusals = by_row(rejects)

    assert [one.count for one in refusals] == [2, 2, 2, 2]
    assert refusals[0].span == "2 columns, 2027-01 to 2027-04"
    assert rows_of(refusals) == 5

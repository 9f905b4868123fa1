"""A person's word on a plan, given on the page: who may, once, with a reason, and about exactly what was shown."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
from tests.analyst import PEOPLE, Analyst, page_of, person, some_lines
from tests.conftest import Desk
from tests.service.page.conftest import configure

from bridgehead.testing import Clock

FEED = "/feeds/acme/production/headcount"
PLAN = f"{FEED}/plans/1"


@pytest.fixture
def office(office: Desk) -> Desk:
    """A plan for Acme waits."""
    assert office.run("sync", "acme").code == 6
    return office


def approve(analyst: Analyst, path: str = PLAN, reason: str = "Budget of 11/2026") -> int:
    analyst.open(path)
    return int(analyst.send(path, decision="approve", reason=reason).status)


def test_what_is_approved_on_the_page_is_sent_by_the_next_sync_and_both_name_who_and_why(
    office: Desk, ann: Analyst
) -> None:
    assert "1 plan waits for your decision" in ann.open("/")
    (path,) = ann.links("/plans/")
    assert approve(ann, path) == 303
    assert "Approved. The next run sends it." in ann.shown()
    assert "ann approved it on" in ann.shown()
    assert office.writes() == 0
    sent = office.run("sync", "acme")

    assert sent.code == 0, sent
    assert "approved by ann (Budget of 11/2026)" in sent.err
    assert len(office.held()) == 12
    assert "Sent, all accepted" in ann.open(FEED)
    (run,) = ann.links("/runs/")
    assert "Approved by ann : Budget of 11/2026" in ann.open(run)
    assert "Sent as approved" in ann.open(path)
    assert "No plan waits for a decision" in ann.open("/")


def test_whoever_only_looks_at_a_tenant_decides_nothing(vic: Analyst, ann: Analyst) -> None:
    shown = vic.open(PLAN)
    assert "You may look at this plan; others decide on it." in shown
    assert "Approve this plan" not in shown
    answer = vic.send(PLAN, decision="approve", reason="it looks fine")

    assert answer.status == 403
    assert "not decide on it" in vic.shown()
    assert "Waits for a decision" in ann.open(PLAN)


def test_a_decision_needs_a_reason_and_one_of_the_two_words(ann: Analyst) -> None:
    ann.open(PLAN)
    for form in (
        {"decision": "approve"},
        {"decision": "approve", "reason": " \n"},
        {"decision": "maybe", "reason": "x"},
    ):
        assert ann.send(PLAN, **form).status == 400
    assert ann.send(PLAN, decision="approve", reason="x" * 1001).status == 400
    assert "Waits for a decision" in ann.open(PLAN)


def test_of_two_decisions_the_first_counts_and_the_second_is_told(office: Desk, ann: Analyst) -> None:
    ann.open(PLAN)
    page = ann.page
    assert approve(ann) == 303
    ann.page = page
    answer = ann.send(PLAN, decision="approve", reason="once more")

    assert answer.status == 409
    assert "it is approved by ann" in ann.shown()
    assert "once more" not in office.run("--json", "waiting").out


def test_of_two_decisions_at_the_same_moment_one_counts(office: Desk, ann: Analyst, where: str) -> None:
    configure(office, people=PEOPLE + person("eva", approves="acme"))
    eva = Analyst(office.http, where)
    assert eva.sign_in("eva").status == 303
    both, start, codes = [ann, eva], Barrier(2), []

    def decide(who: Analyst) -> None:
        who.open(PLAN)
        start.wait()
        codes.append(who.send(PLAN, decision="approve", reason=f"by {id(who)}").status)

    threads = [Thread(target=decide, args=(who,)) for who in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [303, 409]


def test_a_rejected_plan_is_not_sent(office: Desk, ann: Analyst) -> None:
    ann.open(PLAN)
    assert ann.send(PLAN, decision="reject", reason="last month's file").status == 303
    assert "Rejected. It is not sent." in ann.shown()
    outcome = office.run("sync", "acme")

    assert outcome.code == 6
    assert "rejected by ann" in outcome.err
    assert office.writes() == 0
    assert "Rejected" in ann.open("/")


def test_an_approval_is_taken_back_until_it_is_sent(office: Desk, ann: Analyst) -> None:
    assert approve(ann) == 303
    assert "Take the approval back" in ann.shown()
    assert "Approve this plan" not in ann.shown()
    assert ann.send(PLAN, decision="reject", reason="on second thought").status == 303
    assert office.run("sync", "acme").code == 6
    assert office.writes() == 0


def test_a_plan_that_gave_way_to_another_one_is_not_approved(office: Desk, ann: Analyst) -> None:
    ann.open(PLAN)
    page = ann.page
    office.plan(*some_lines(13))
    office.run("sync", "acme")
    ann.page = page

    assert ann.send(PLAN, decision="approve", reason="Budget").status == 409
    assert "Another plan took its place" in ann.shown()
    assert "1 plan waits" in ann.open("/")
    assert ann.links("/plans/") == [f"{FEED}/plans/2"]


def test_whoever_drew_a_plan_needs_a_second_person_where_four_eyes_are_demanded(office: Desk, where: str) -> None:
    configure(office, people=person("root", approves="acme"), extra="four_eyes = true")
    root = Analyst(office.http, where)
    root.sign_in("root")
    shown = root.open(PLAN)

    assert "demands a second person" in shown
    assert "Approve this plan" not in shown
    assert root.send(PLAN, decision="approve", reason="mine").status == 409
    assert "Waits for a decision" in root.open(PLAN)


def test_a_plan_is_only_found_under_its_own_feed(office: Desk, ann: Analyst, gil: Analyst) -> None:
    assert gil.call("GET", PLAN).status == 404
    for path in (
        "/feeds/globex/production/headcount/plans/1",
        f"{FEED}/plans/2",
        f"{FEED}/plans/-1",
        f"{FEED}/plans/x",
    ):
        assert ann.call("GET", path).status == 404
        assert gil.call("GET", path).status == 404
    gil.open("/")
    assert gil.send(PLAN, decision="approve", reason="not mine").status == 404
    assert office.run("--json", "waiting").events()[0]["state"] == "waiting"


@pytest.fixture
def late(office: Desk, clock: Clock) -> Iterator[Analyst]:
    """Return Ann, a year later."""
    clock.advance(400 * 86_400)
    with page_of(office, clock) as address:
        made = Analyst(office.http, address)
        made.sign_in()
        yield made


def test_a_plan_that_waited_too_long_cannot_be_decided(late: Analyst) -> None:
    assert "Nobody decided in time" in late.open(PLAN)
    assert late.send(PLAN, decision="approve", reason="at last").status == 409
    assert "Nobody decided in time" in late.open("/")

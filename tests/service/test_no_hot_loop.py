"""What cannot go on by itself is tried again later and later, and keeps nobody else from a place."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.conftest import lines
from tests.service.conftest import Office

from bridgehead.cli.run import _once
from bridgehead.events import Event, Planned, RunFinished
from bridgehead.service.metrics import Metrics
from bridgehead.tenant import Choice


def approve(office: Office) -> None:
    """Let jo approve what waits."""
    with closing(office.ledger()) as ledger:
        one = ledger.proposals.waiting()
        assert one is not None
        ledger.proposals.decide(one.number, approve=True, by="jo", reason="agreed")


def spoil(office: Office) -> None:
    """Let the rows of an approved plan be others than those that were signed."""
    (file,) = Path(office.folder).rglob("proposal-*.parquet")
    office.plan(*lines(12, headcount=9))
    file.write_bytes(file.read_bytes()[:-100])


def placed_in(office: Office, seconds: int) -> int:
    """Let seconds pass with a look in each; return how many runs ended."""
    before = len(office.heard.ends)
    assert office.scheduler is not None
    for _ in range(seconds):
        office.clock.advance(1)
        office.scheduler.tick()
        office.scheduler.settle()
    return len(office.heard.ends) - before


def test_an_approved_plan_that_cannot_be_sent_is_tried_again_later_and_later(office: Office) -> None:
    office.configure(approval="required")
    office.start()
    office.night()
    approve(office)
    spoil(office)

    assert placed_in(office, 50) == 1
    assert placed_in(office, 250) == 1
    assert len(office.told()) == 2


def test_once_ends_although_an_approved_plan_cannot_be_sent(office: Office) -> None:
    office.configure(approval="required")
    office.start()
    office.night()
    approve(office)
    spoil(office)
    assert office.scheduler is not None

    assert _once(office.scheduler, Metrics()) == 0
    assert office.heard.why[-1] == ("acme", "approved")


def test_a_run_that_ukg_does_not_let_settle_for_hours_is_tried_each_hour(office: Office) -> None:
    office.configure(attempts=1, timeout=1)  # type: ignore[arg-type]
    office.start()
    office.night()
    office.plan(*lines(12, headcount=6))
    office.emulator.switch_on("reset-after", client_id="acme-headcount", within="/api/v1/workforce/planning/headcount")
    office.night()
    office.clock.advance(3600)
    office.look()
    with closing(office.ledger()) as ledger:
        assert ledger.agenda.left_open()

    assert placed_in(office, 60) == 0
    office.emulator.switch_off()
    office.clock.advance(3600)
    office.look()
    assert office.heads() == [6] * 12


def test_an_approval_that_expired_after_a_run_in_vain_is_nothing_to_be_sent(office: Office) -> None:
    office.configure(approval="required", attempts=1, timeout=1)  # type: ignore[arg-type]
    office.start()
    office.night()
    approve(office)
    office.emulator.switch_on("reset-before", client_id="acme-headcount", within="/api/v1/workforce/planning/headcount")
    office.look()
    office.clock.advance(80 * 3600)
    office.emulator.switch_off()
    office.plan("budget,v1,2027-01,NOWHERE,CC0100,L01,J001,5,5")
    office.look()

    assert placed_in(office, 60) == 0


def test_a_place_whose_end_cannot_be_written_down_is_not_taken_again_at_once(office: Office) -> None:
    office.start()
    office.clock.advance(12 * 3600)
    with office.no_room_for("appointment"):
        placed_in(office, 30)
        assert len(office.heard.why) == 1
        assert any("database or disk is full" in words for words in office.heard.words)
    placed_in(office, 61)

    assert office.states() == ["up to date"]


def test_a_file_that_is_late_while_the_ledger_takes_nothing_is_told_of_later_and_once(office: Office) -> None:
    office.configure(feed='expect_new_by = "0 18 5 * *"')
    office.start()
    office.night()
    office.clock.advance(66 * 86_400)
    with office.no_room_for("notice"):
        office.look()
        placed_in(office, 50)
        assert office.topics() == []
    placed_in(office, 130)

    assert office.topics() == ["late"]


def test_a_run_that_gives_its_place_back_gives_it_to_others(office: Office) -> None:
    office.configure(tenants=("acme", "globex"), run="slots = 1\nquantum = 10", dialect_overrides="")
    path = office.folder / "bridgehead.toml"
    small = "dialect_overrides = { headcount = { max_records = 20 } }\nin_flight = 1"
    path.write_text(path.read_text().replace('dialect_overrides = ""', small))
    office.plan(*lines(200))
    office.plan(tenant="globex")

    def happened(_choice: Choice, event: Event) -> None:
        office.heard.events.append(event)
        office.clock.advance(4)

    office.heard.happened = happened  # type: ignore[assignment, method-assign]
    office.start()
    office.night()
    order = [tenant for tenant, _ in office.heard.why]

    assert order.index("globex") == 1
    assert office.heads() == [5] * 200


def test_a_run_whose_reading_takes_longer_than_its_time_comes_to_its_end(office: Office) -> None:
    office.configure(run="quantum = 10")

    def happened(_choice: Choice, event: Event) -> None:
        office.clock.advance(60 if isinstance(event, Planned | RunFinished) else 0)

    office.heard.happened = happened  # type: ignore[assignment, method-assign]
    office.start()
    office.clock.advance(12 * 3600)
    assert office.scheduler is not None
    for _ in range(3):
        office.scheduler.tick()
        office.scheduler.settle()

    assert office.states() == ["complete"]


def test_a_feed_whose_ledger_cannot_be_used_keeps_no_other_from_its_place(office: Office) -> None:
    office.configure(tenants=("acme", "globex"))
    office.plan(tenant="globex")
    in_the_way = office.folder / ".bridgehead" / "tables" / "acme"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where a folder belongs")
    office.start()
    office.night()

    assert [one.tenant for one in office.heard.ends] == ["globex"]
    assert any(
        words.startswith("error: acme") and f"{in_the_way} cannot be used" in words for words in office.heard.words
    )

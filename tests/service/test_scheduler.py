"""Nights without anybody watching: what is due is synced, what went wrong is told once, and nothing is forgotten."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest
from tests.conftest import lines
from tests.service.conftest import Office
from tests.told import by_mail, mails

from bridgehead.cli.main import run
from bridgehead.errors import ConfigError
from bridgehead.events import Planned
from bridgehead.service.scheduler import Scheduler
from bridgehead.service.watched import Watched


def test_a_feed_is_synced_at_its_hour_and_a_night_with_the_same_file_sends_nothing(office: Office) -> None:
    office.start()
    office.until(office.clock().replace(hour=23))
    assert office.states() == []
    office.night()
    office.night()

    assert office.states() == ["complete", "up to date"]
    assert office.heads() == [5] * 12
    assert office.told() == []


def test_nights_that_were_missed_are_caught_up_with_once(office: Office) -> None:
    office.start()
    office.night()
    office.clock.advance(5 * 86_400)
    office.plan(*lines(12, headcount=6))
    office.start()
    office.look()

    assert office.states() == ["complete", "complete"]
    assert office.heads() == [6] * 12


def test_a_wrong_file_is_told_once_and_that_it_was_put_right(office: Office) -> None:
    office.start()
    office.night()
    office.plan("budget,v1,2027-01,NOWHERE,CC0100,L01,J001,5,5")
    office.night()
    office.night()
    office.plan(*lines(12, headcount=6))
    office.night()

    assert office.states() == ["complete", "rows-invalid", "rows-invalid", "complete"]
    assert office.topics() == ["rows-invalid", "healthy"]
    told = office.told()[0]
    assert told["title"] == "acme \u00b7 production \u00b7 headcount: rows invalid"
    assert "NOWHERE" in told["message"] or "unknown" in told["message"]
    assert told["next_command"]


def test_a_plan_that_waits_is_told_once_and_sent_right_after_its_approval(office: Office) -> None:
    office.configure(approval="required")
    office.start()
    office.night()
    office.night()
    assert office.topics() == ["approval-needed"]
    plan = office.told()[0]["plan"]
    with closing(office.ledger()) as ledger:
        (one,) = ledger.proposals.all()
        assert one.name == plan
        ledger.proposals.decide(one.number, approve=True, by="jo", reason="agreed")
    office.look()

    assert office.heads() == [5] * 12
    assert office.heard.why[-1] == ("acme", "approved")
    assert [one["title"].rpartition(": ")[2] for one in office.told()] == ["approval needed", "sent as approved"]


def test_a_notice_that_does_not_get_through_is_sent_later_and_once(office: Office) -> None:
    office.configure(approval="required")
    office.hook.answer = 503
    office.start()
    office.night()
    tries = len(office.hook.calls)
    assert tries > 1
    assert len({call[1]["Idempotency-Key"] for call in office.hook.calls}) == 1
    office.hook.answer = 200
    office.night()
    office.night()

    assert len(office.hook.calls) == tries + 1


def test_ukg_that_is_away_is_tried_again_the_same_night_and_nobody_is_woken(office: Office) -> None:
    office.configure(attempts=1, timeout=1)  # type: ignore[arg-type]
    office.start()
    office.emulator.answer_next(503, times=2)
    office.night()

    assert office.states()[-1] == "complete"
    assert office.states()[0] == "unavailable"
    assert office.told() == []


def test_a_long_wait_gives_the_place_back_until_it_is_over(office: Office) -> None:
    office.start()
    office.emulator.switch_on("too-many-requests", value=120, times=1)
    office.night()

    assert office.states() == ["paused", "complete"]
    assert office.heard.why == [("acme", "schedule"), ("acme", "retry")]
    assert office.told() == []


def test_a_refused_tenant_heals_by_itself_once_the_role_is_there(office: Office) -> None:
    office.start()
    office.emulator.switch_on("role-missing", client_id="acme-headcount")
    office.until(office.clock().replace(hour=23))
    office.until(office.clock() + timedelta(hours=5))
    assert office.states()[0] == "permission-refused"
    office.emulator.switch_off()
    office.night()

    assert office.states()[-1] == "complete"
    assert office.topics() == ["permission-refused", "healthy"]


def test_a_file_that_did_not_come_by_its_day_is_told_once_and_that_it_came(office: Office) -> None:
    office.configure(feed='expect_new_by = "0 18 5 * *"')
    office.start()
    while office.clock().month < 12 or office.clock().day < 7:
        office.night()
    assert office.topics() == []  # the first file came in November
    while office.clock().month == 12 or office.clock().day < 7:
        office.night()
    assert office.topics() == ["late"]
    office.plan(*lines(12, headcount=6))
    office.night()
    office.night()

    assert office.topics() == ["late", "came"]
    assert "expected by 2027-01-05 18:00 UTC" in office.told()[0]["message"]


def test_a_file_that_came_that_very_day_is_not_late(office: Office) -> None:
    office.configure(feed='expect_new_by = "0 18 5 * *"')
    office.start()
    while (office.clock().month, office.clock().day) != (1, 5):
        office.night()
    office.plan(*lines(12, headcount=6))
    office.night()

    assert office.topics() == []


def test_in_a_blackout_nothing_is_sent_and_afterwards_it_is(office: Office) -> None:
    office.configure(run='blackout = ["02:00 - 04:00"]')
    office.start()
    office.until(office.clock().replace(hour=23))
    office.until(office.clock() + timedelta(hours=4, minutes=50))
    assert office.states() == []
    office.until(office.clock() + timedelta(minutes=40))

    assert office.states() == ["complete"]


def test_a_changed_configuration_holds_from_the_next_look_and_a_wrong_one_never(office: Office) -> None:
    office.start()
    office.configure(tenants=("acme", "globex"))
    office.plan(tenant="globex")
    office.look()
    path = office.folder / "bridgehead.toml"
    good = path.read_text()
    path.write_text(good + "\n[nonsense]\n")
    office.night()

    assert sorted(one.tenant for one in office.heard.ends) == ["acme", "globex"]
    assert any("cannot be used; the one before holds" in words for words in office.heard.words)
    path.write_text(good.replace("30 2 * * *", "every night"))
    with pytest.raises(ConfigError, match="is no schedule"):
        Watched(path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"30 2 * * *"', '"61 2 * * *"', "is no schedule: Bad minute"),
        ("[run]", '[run]\ntimezone = "Europe/Bonn"', "no time zone 'Europe/Bonn'"),
        ("[run]", '[run]\nblackout = ["on sundays"]', "'on sundays' is no window"),
    ],
)
def test_a_wrong_setting_of_the_schedule_is_named_with_its_line(office: Office, old: str, new: str, words: str) -> None:
    path = office.folder / "bridgehead.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ConfigError, match=words) as wrong:
        Watched(path)
    assert "bridgehead.toml:" in wrong.value.message


def test_two_schedulers_on_one_ledger_do_everything_once(office: Office) -> None:
    first = office.start()
    second = Scheduler(Watched(office.folder / "bridgehead.toml"), office.clock, "other@office (2)", (office.heard,))
    office.clock.advance(12 * 3600)
    for _ in range(3):
        first.tick()
        second.tick()
        first.settle()
        second.settle()
        office.clock.advance(60)
    second.stop()

    assert office.heads() == [5] * 12
    with closing(office.ledger()) as ledger:
        assert [run.state for run in ledger.history()] == ["complete"]


def test_a_notice_comes_by_mail_with_the_plan_as_a_page(office: Office) -> None:
    with mails() as (port, arrived):
        office.configure(approval="required")
        path = office.folder / "bridgehead.toml"
        path.write_text(path.read_text().replace('webhook = "file:hook.url"', by_mail(port)))
        office.start()
        office.night()

    (mail_,) = arrived
    assert mail_["Subject"] == "acme \u00b7 production \u00b7 headcount: approval needed"
    body = mail_.get_body()
    assert body is not None
    assert "bridgehead waiting" in body.get_content()
    (page,) = mail_.iter_attachments()
    assert "Headcount plan for acme" in page.get_content()


def test_a_typed_sync_is_written_down_as_well(office: Office) -> None:
    """The command goes by the real clock, UKG by the office's: its token would be of another time."""
    office.plan("budget,v1,2027-01")
    code = run(["--config", str(office.folder / "bridgehead.toml"), "sync", "acme"])

    assert code == 3
    assert office.topics() == ["source-unreadable"]
    with closing(office.ledger()) as ledger:
        verdict = ledger.agenda.appointment().verdict
        assert verdict is not None
        assert verdict.exit_code == 3


def test_a_share_of_the_tenants_quota_is_left_to_others(office: Office) -> None:
    office.configure(quota_share=25)  # type: ignore[arg-type]
    office.start()
    office.night()
    planned = next(event for event in office.heard.events if isinstance(event, Planned))

    assert planned.plan.per_minute == 250_000


def test_values_that_are_old_enough_are_let_go_of_and_the_runs_stay(office: Office) -> None:
    office.configure(run="keep_values_for = 30")
    office.start()
    office.night()
    for heads in (6, 7):
        office.plan(*lines(12, headcount=heads))
        office.clock.advance(20 * 86_400)
        office.night()

    with closing(office.ledger()) as ledger:
        assert [bool(run.dropped_at) for run in ledger.history()] == [False, False, True]
    assert any("the values of 1 runs" in words for words in office.heard.words)
    office.plan(*lines(12, headcount=8))
    office.night()
    assert office.heads() == [8] * 12


@pytest.mark.parametrize("way", ["webhook", "mail"])
def test_a_plan_never_travels_in_the_clear(office: Office, way: str) -> None:
    path = office.folder / "bridgehead.toml"
    mail = (
        'email = { server = "mail.acme.example", security = "none", sender = "a@acme.example", to = ["b@x.example"] }'
    )
    office.configure(approval="required")
    if way == "mail":
        path.write_text(path.read_text().replace('webhook = "file:hook.url"', mail))
        with pytest.raises(ConfigError, match="without encryption"):
            office.start()
        return
    (office.folder / "hook.url").write_text("http://hooks.acme.example/1")
    office.start()
    office.night()
    assert any("not encrypted" in words for words in office.heard.words)


def changed_by_others(office: Office) -> None:
    """Let somebody change in UKG what was sent."""
    store = office.emulator.environments["production"].store.connection
    changed = "replace(CAST(document AS TEXT), '\"headcount\":5', '\"headcount\":6')"
    store.execute(f"UPDATE projection SET document = CAST({changed} AS BLOB)")  # noqa: S608 - ours


def test_numbers_that_somebody_changes_in_ukg_are_seen_within_a_week_also_when_nothing_is_sent(office: Office) -> None:
    office.start()
    office.night()
    changed_by_others(office)
    for _ in range(9):
        office.night()

    assert office.topics() == ["drift"]
    assert "12 cells are in UKG not as they were sent" in office.told()[0]["message"]
    assert office.states()[-1] == "drift"  # until somebody has looked


def test_they_are_seen_also_where_the_scheduler_starts_anew_each_night(office: Office) -> None:
    office.start()
    office.night()
    changed_by_others(office)
    nights = 0
    while not office.topics():
        office.start()
        office.night()
        nights += 1

    assert (office.topics(), nights) == (["drift"], 7)

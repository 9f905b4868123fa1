"""When a feed is placed, and where it stands after its run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from bridgehead.agenda import Appointment, Standing
from bridgehead.ended import Ended
from bridgehead.service.due import after, begun, due, late, looks
from bridgehead.service.notices import is_new, notices, run_document, state_of
from bridgehead.service.schedule import Schedule

NIGHTLY = Schedule("30 2 * * *", ZoneInfo("UTC"))
NIGHT = datetime(2026, 12, 2, 2, 30, tzinfo=UTC)
SERVED = Appointment(served=NIGHT - timedelta(days=1))
MINUTE = timedelta(minutes=1)


def ended(state: str = "complete", code: int = 0, **more: object) -> Ended:
    return replace(Ended("acme", "production", "headcount", state, code, 1.0), **more)


def test_a_feed_is_due_at_each_moment_of_its_schedule_and_what_was_missed_once() -> None:
    assert due(NIGHTLY, Standing(SERVED), NIGHT - MINUTE) is None
    assert due(NIGHTLY, Standing(SERVED), NIGHT) == "schedule"
    assert due(NIGHTLY, Standing(SERVED), NIGHT + timedelta(days=3)) == "schedule"
    served = after(
        NIGHTLY, Standing(SERVED), ended(), placed_at=NIGHT + timedelta(days=3), now=NIGHT + timedelta(days=3)
    )
    assert due(NIGHTLY, Standing(served), NIGHT + timedelta(days=3, minutes=1)) is None


def test_a_new_feed_waits_for_its_next_moment() -> None:
    fresh = begun(NIGHTLY, Appointment(), NIGHT + MINUTE)

    assert due(NIGHTLY, Standing(fresh), NIGHT + MINUTE) is None
    assert due(NIGHTLY, Standing(fresh), NIGHT + timedelta(days=1)) == "schedule"


def test_a_run_that_did_not_end_is_resumed_and_an_approved_plan_is_sent_at_once() -> None:
    served = Appointment(served=NIGHT)

    assert due(NIGHTLY, Standing(served, open_run=True), NIGHT + MINUTE) == "resume"
    assert due(NIGHTLY, Standing(served, approved=True), NIGHT + MINUTE) == "approved"


def test_what_fell_due_while_a_run_was_under_way_is_due_after_it() -> None:
    end = NIGHT + timedelta(days=1, minutes=5)
    served = after(NIGHTLY, Standing(SERVED), ended(), placed_at=NIGHT, now=end)

    assert due(NIGHTLY, Standing(served), end) == "schedule"


def test_where_ukg_is_away_it_is_tried_again_later_and_later_then_the_next_night() -> None:
    now, standing, waits = NIGHT, Standing(SERVED), []
    while True:
        kept = after(NIGHTLY, standing, ended("unavailable", 5), placed_at=now, now=now)
        if kept.retry_at is None:
            break
        waits.append(int((kept.retry_at - now).total_seconds() // 60))
        assert due(NIGHTLY, Standing(kept), kept.retry_at - MINUTE / 2) is None
        assert due(NIGHTLY, Standing(kept), kept.retry_at) == "retry"
        now, standing = kept.retry_at, Standing(kept)

    assert waits == [1, 5, 15, 30, 60, 60, 60, 60]
    assert due(NIGHTLY, Standing(kept), now + MINUTE) is None
    well = after(NIGHTLY, standing, ended(), placed_at=now, now=now)
    assert (well.attempts, well.retry_at) == (0, None)


def test_a_run_that_paused_goes_on_when_it_said_and_keeps_the_verdict_before() -> None:
    before = replace(SERVED, verdict=ended("partial", 7), verdict_at=NIGHT - MINUTE)
    kept = after(NIGHTLY, Standing(before), ended("paused", 5, retry_in=90.0), placed_at=NIGHT, now=NIGHT)

    assert kept.retry_at == NIGHT + timedelta(seconds=90)
    assert kept.attempts == 0
    assert kept.verdict is not None
    assert kept.verdict.state == "partial"


def test_a_refused_tenant_is_tried_again_when_its_circuit_lets_it_be() -> None:
    standing = Standing(SERVED, probe_at=NIGHT + timedelta(minutes=15))
    kept = after(NIGHTLY, standing, ended("permission-refused", 4), placed_at=NIGHT, now=NIGHT)

    assert kept.retry_at == NIGHT + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("state", "code"), [("rows-invalid", 3), ("guardrail", 6), ("config-invalid", 2), ("partial", 7)]
)
def test_what_another_try_cannot_mend_waits_for_the_next_night(state: str, code: int) -> None:
    kept = after(NIGHTLY, Standing(SERVED), ended(state, code), placed_at=NIGHT, now=NIGHT)

    assert kept.retry_at is None
    assert due(NIGHTLY, Standing(kept), NIGHT + MINUTE) is None


def test_a_file_is_late_when_it_is_still_the_one_of_the_period_before() -> None:
    monthly = Schedule("0 18 5 * *", ZoneInfo("UTC"))
    here = Appointment(served=NIGHT, source="a", source_since=datetime(2026, 11, 10, tzinfo=UTC))
    by = datetime(2026, 12, 5, 18, tzinfo=UTC)

    assert late(monthly, here, by - MINUTE) is None
    assert late(monthly, replace(here, source_since=datetime(2026, 11, 1, tzinfo=UTC)), by) == by
    assert late(monthly, here, by) is None
    assert late(monthly, replace(here, source_since=by - MINUTE), by) is None


def test_another_file_is_noticed_and_since_when() -> None:
    kept = after(NIGHTLY, Standing(SERVED), ended(source="a"), placed_at=NIGHT, now=NIGHT)
    same = after(NIGHTLY, Standing(kept), ended(source="a"), placed_at=NIGHT, now=NIGHT + MINUTE)
    other = after(NIGHTLY, Standing(same), ended(source="b"), placed_at=NIGHT, now=NIGHT + 2 * MINUTE)

    assert (kept.source_since, same.source_since, other.source_since) == (NIGHT, NIGHT, NIGHT + 2 * MINUTE)


def told(*ends: tuple[str, int, int]) -> list[str]:
    """Return the states that people hear of, of a series of runs. Each: state, exit code, attempts in a row."""
    heard: list[str] = []
    for state, code, attempts in ends:
        new = state_of(ended(state, code, plan="3fa9" if code == 6 else ""), attempts=attempts)
        if is_new(new, heard[-1] if heard else ""):
            heard.append(new)
    return heard


def test_people_hear_of_a_state_once_and_that_all_is_well_only_after_trouble() -> None:
    well, away, refused = ("complete", 0, 0), ("unavailable", 5, 1), ("token-refused", 4, 1)

    assert told(well, well) == []
    assert told(refused, ("circuit-open", 4, 2), refused, well, well) == ["token-refused", "healthy"]
    assert told(away, well) == []
    assert told(away, ("unavailable", 5, 2), ("unavailable", 5, 3), ("unavailable", 5, 4), well) == [
        "unavailable",
        "healthy",
    ]
    assert told(("guardrail", 6, 0), ("guardrail", 6, 0), well) == ["guardrail 3fa9", "healthy"]
    assert told(("paused", 5, 5), ("lease-held", 9, 0)) == []


def test_a_notice_says_what_is_done_what_is_left_and_what_to_type() -> None:
    partial = ended("partial", 7, accepted=12, rejected=3, message="plan.csv:17: no such job.")
    document = run_document(partial, "partial", "", link="https://plans.example/")
    place = ("acme", "production", "headcount")
    made = list(notices(place, "run", "partial", document, channels=("webhook", "email"), now=NIGHT, new_id="n1"))

    assert document["done"] == "12 records accepted, 3 rejected."
    assert "each later run tries them again" in document["left"]
    assert document["next_command"] == "bridgehead history acme"
    assert document["link"] == "https://plans.example/feeds/acme/production/headcount"
    assert [one.id for one in made] == ["n1/webhook", "n1/email"]
    assert all(one.told_at is None for one in made)
    (kept,) = notices(place, "run", "partial", document, channels=(), now=NIGHT, new_id="n2")
    assert kept.told_at == NIGHT


def test_ukg_is_read_where_nothing_is_sent_once_in_so_many_days() -> None:
    read = after(NIGHTLY, Standing(SERVED), ended(looked=True), placed_at=NIGHT, now=NIGHT)
    kept = after(NIGHTLY, Standing(read), ended("up to date"), placed_at=NIGHT, now=NIGHT + timedelta(days=1))

    assert looks(SERVED, 7, NIGHT)
    assert not looks(kept, 7, NIGHT + timedelta(days=7) - MINUTE)
    assert looks(kept, 7, NIGHT + timedelta(days=7))
    assert looks(kept, 7, NIGHT - timedelta(days=400))  # the clock was years ahead
    assert not looks(SERVED, 0, NIGHT)

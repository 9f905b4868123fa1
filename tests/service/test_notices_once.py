"""A notice is kept once and not lost, whoever writes at the same time and wherever a process dies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.conftest import lines
from tests.postgres import Postgres
from tests.service.conftest import Office
from tests.told import by_mail, mails

from bridgehead.agenda import Notice
from bridgehead.config import load
from bridgehead.ledgers.agenda import FeedAgenda
from bridgehead.ledgers.database import Database
from bridgehead.ledgers.postgres import PostgresDatabase
from bridgehead.ledgers.sqlite import SqliteDatabase
from bridgehead.service import booking
from bridgehead.service.metrics import Metrics

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Database]:
    if request.param == "sqlite":
        return lambda: SqliteDatabase(tmp_path)
    server: Postgres = request.getfixturevalue("postgres")
    url = server.empty_schema()
    return lambda: PostgresDatabase(url)


def notice(tenant: str, name: str, state: str) -> Notice:
    return Notice(name, tenant, "production", "headcount", "run", state, NOW, '{"title": "acme", "text": "It waits."}')


def test_tenants_that_tell_something_at_once_lose_nothing(database: Callable[[], Database]) -> None:
    def tell(tenant: str) -> None:
        with closing(database()) as mine:
            agenda = FeedAgenda(mine, (tenant, "production", "headcount"), lambda: NOW)
            for number in range(20):
                told = str(number - 1) if number else ""
                both = [notice(tenant, f"{number}/{channel}", str(number)) for channel in ("webhook", "email")]
                agenda.note(both, after=told)

    tenants = [f"tenant-{number}" for number in range(5)]
    threads = [threading.Thread(target=tell, args=(tenant,)) for tenant in tenants]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    with closing(database()) as mine:
        for tenant in tenants:
            assert len(FeedAgenda(mine, (tenant, "production", "headcount"), lambda: NOW).untold()) == 40


def test_of_two_that_tell_the_same_state_one_counts(database: Callable[[], Database]) -> None:
    with closing(database()) as first, closing(database()) as second:
        for name, mine in (("a", first), ("b", second)):
            agenda = FeedAgenda(mine, ("acme", "production", "headcount"), lambda: NOW)
            agenda.note([notice("acme", name, "late")], after="")

        assert [one.id for one in agenda.untold()] == ["a"]


@pytest.mark.parametrize("table", ["notice", "appointment"])
def test_who_ends_while_a_verdict_is_written_down_tells_it_later(office: Office, table: str) -> None:
    """The run's end is booked again by whoever comes next, since the moment of the schedule was not served yet."""
    office.configure(approval="required")
    office.start()
    with office.no_room_for(table):
        office.clock.advance(12 * 3600)
        assert office.scheduler is not None
        office.scheduler.tick()
        office.scheduler.settle()
    office.start()
    office.look()
    office.look()

    assert office.topics() == ["approval-needed"]


def test_a_channel_that_hangs_holds_up_neither_the_end_nor_the_other_channels(office: Office) -> None:
    office.hook.answer, office.hook.hold = 503, booking.SLOW + 0.1
    path = office.folder / "bridgehead.toml"
    with mails() as (port, arrived), closing(office.ledger()) as ledger:
        path.write_text(path.read_text().replace("[notify]\n", f"[notify]\n{by_mail(port)}\n"))
        config = load(path)
        for number in range(3):
            both = [notice("acme", f"{number}/{channel}", str(number)) for channel in ("webhook", "email")]
            ledger.agenda.note(both, after=str(number - 1) if number else "")
        assert booking.tell_all(config, ledger, over=lambda: True) == []
        assert (office.hook.calls, arrived) == ([], [])
        assert booking.tell_all(config, ledger) == ["webhook: it answered 503"]

    assert len(office.hook.calls) == 1
    assert [one["Message-ID"] for one in arrived] == [f"<{number}.email@acme.example>" for number in range(3)]


def test_what_was_not_approved_is_not_told_as_sent(office: Office) -> None:
    office.start()
    office.night()
    office.plan(*lines(12, headcount=50))
    office.night()
    office.plan(*lines(12))
    office.night()

    assert [one["title"].rpartition(": ")[2] for one in office.told()] == ["guardrail", "nothing waits any more"]


def test_a_rejected_plan_waits_for_nobody_in_the_figures(office: Office) -> None:
    metrics = Metrics()
    office.configure(approval="required")
    office.start().listeners = (office.heard, metrics)
    office.night()
    figure = 'bridgehead_plan_waiting{environment="production",feed="headcount",tenant="acme"}'
    assert f"{figure} 1.0" in metrics.text().decode()
    with closing(office.ledger()) as ledger:
        (one,) = ledger.proposals.all()
        ledger.proposals.decide(one.number, approve=False, by="jo", reason="no")
    office.night()

    assert f"{figure} 0.0" in metrics.text().decode()


def test_a_clock_that_was_years_ahead_for_a_while_costs_no_night(office: Office) -> None:
    years = 5 * 365 * 86_400
    office.start()
    office.night()
    office.clock.advance(years)
    office.look()
    office.clock.advance(-years)
    office.plan(*lines(12, headcount=6))
    office.look()
    office.night()

    assert office.heads() == [6] * 12
    assert office.states() == ["complete", "up to date", "complete", "up to date"]

"""A notice is kept once and not lost, whoever writes at the same time and wherever a process dies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.postgres import Postgres
from tests.service.conftest import Office

from bridgehead.agenda import Notice
from bridgehead.ledgers.agenda import FeedAgenda
from bridgehead.ledgers.database import Database
from bridgehead.ledgers.postgres import PostgresDatabase
from bridgehead.ledgers.sqlite import SqliteDatabase

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Database]:
    if request.param == "sqlite":
        return lambda: SqliteDatabase(tmp_path)
    server: Postgres = request.getfixturevalue("postgres")
    url = server.empty_schema()
    return lambda: PostgresDatabase(url)


def notice(tenant: str, name: str, state: str) -> Notice:
    return Notice(name, tenant, "production", "headcount", "run", state, NOW, "{}")


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


@pytest.mark.parametrize("write", ["note", "keep"])
def test_who_dies_while_a_verdict_is_written_down_tells_it_later(
    office: Office, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    """The run's end is booked again by whoever comes next, since the moment of the schedule was not served yet."""

    class KilledError(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise KilledError

    office.configure(approval="required")
    office.start()
    monkeypatch.setattr(FeedAgenda, write, killed)
    office.clock.advance(12 * 3600)
    assert office.scheduler is not None
    office.scheduler.tick()
    office.scheduler.settle()
    monkeypatch.undo()
    office.start()
    office.look()
    office.look()

    assert office.topics() == ["approval-needed"]

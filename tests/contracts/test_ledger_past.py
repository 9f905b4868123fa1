"""Every ledger keeps the rows of its runs until they are purged, and what proves the runs for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contracts.test_ledger import KEY, accepted, batch, deliver, plan, receipt
from tests.postgres import Postgres

from bridgehead.compare.accepted import prepare
from bridgehead.compare.lives import begin_lives, chapters, follow, look_through, pick
from bridgehead.errors import LeaseHeld
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.ledgers.memory import MemoryLedger
from bridgehead.ledgers.opening import ledger_in_folder, ledger_in_postgres
from bridgehead.ports import Rejected
from bridgehead.tables import Session
from bridgehead.testing import Clock

YEAR = 365 * 86_400


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[FeedLedger]:
    def postgres() -> FeedLedger:
        server: Postgres = request.getfixturevalue("postgres")
        return ledger_in_postgres(server.empty_schema(), KEY, tenant_id="t", clock=clock)

    kinds: dict[str, Callable[[], FeedLedger]] = {
        "memory": lambda: MemoryLedger(KEY, tenant_id="t", clock=clock),
        "sqlite": lambda: ledger_in_folder(tmp_path, KEY, tenant_id="t", clock=clock),
        "postgres": postgres,
    }
    made = kinds[request.param]()
    yield made
    made.close()


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(temp_directory=str(tmp_path)) as session:
        prepare(session)
        yield session


def test_what_became_of_each_row_is_told_from_batches_and_rejects(ledger: FeedLedger, session: Session) -> None:
    with ledger.lease("test"):
        run_id = ledger.begin(plan(session, "J1", "J2", "J3", "J4", "J5", "J6"), session, {})
        ledger.journal(run_id, intended=[batch(1, 1, 4), batch(2, 1, 2), batch(3, 3, 4), batch(4, 5, 5)])
        cut = receipt(1, 0)
        ledger.journal(run_id, answered=[type(cut)(1, 413, 0, 0, "too-large", cut.answered_at, outcome="refused")])
        ledger.journal(run_id, answered=[receipt(2, 1, Rejected(2, "ref", "unknown_code", "job", "no such job"))])
        ledger.journal(run_id, answered=[receipt(3, 2)])
    begin_lives(session, {"org_unit": "0100"})
    ledger.past.stage(session, run_id)
    look_through(session, 1)
    follow(session)
    pick(session, 1)
    ledger.past.stage_answers(session, run_id)
    told = {row[1].split("\x1f")[6]: (row[16], row[17], row[20]) for row in chapters(session, 1)}

    assert told == {
        "J1": ("accepted", "", "correlation-2"),
        "J2": ("rejected", "unknown_code", "correlation-2"),
        "J3": ("accepted", "", "correlation-3"),
        "J4": ("accepted", "", "correlation-3"),
        "J5": ("unknown", "", ""),
        "J6": ("not sent", "", ""),
    }
    assert ledger.past.codes() == {run_id: {"unknown_code": 1}}


def test_what_is_old_is_purged_and_the_rest_kept(ledger: FeedLedger, session: Session, clock: Clock) -> None:
    with ledger.lease("test"):
        old = deliver(ledger, session, plan(session, "J1", "J2"), 2)
        clock.advance(YEAR)
        new = deliver(ledger, session, plan(session, "J2", action="update", heads=9), 1)
        before = clock() - timedelta(days=1)
        due = ledger.purging.due(before)
        kept = ledger.past.kept()
        purged = ledger.purging.purge(session, before)
    number = ledger.snapshot(session)

    assert [run.run_id for run in due.runs] == [old]
    assert due == purged
    assert (kept, ledger.past.kept()) == ({old, new}, {new})
    assert (number, accepted(session)) == (2, {"J1": (5, False, False), "J2": (9, False, False)})
    assert [bool(run.dropped_at) for run in ledger.history()] == [False, True]
    assert len(ledger.batches(old)) == 1
    assert ledger.purging.due(before).runs == ()


def test_a_purge_needs_the_lease(ledger: FeedLedger, session: Session, clock: Clock) -> None:
    with ledger.lease("test"):
        deliver(ledger, session, plan(session, "J1"), 1)
    ledger._epoch = 0  # noqa: SLF001 - a process that never had it
    with pytest.raises(LeaseHeld):
        ledger.purging.purge(session, clock() + timedelta(days=1))

    assert len(ledger.past.kept()) == 1


def test_a_plan_that_may_still_be_sent_is_not_purged(ledger: FeedLedger, session: Session, clock: Clock) -> None:
    header = plan(session, "J1")
    with ledger.lease("test"):
        ledger.proposals.propose(session, header, message="", allows=(), author="jo", hours=48)
        clock.advance(86_400)
        waiting = ledger.purging.purge(session, clock())
        clock.advance(2 * 86_400)
        expired = ledger.purging.purge(session, clock())

    assert (waiting.plans, expired.plans) == ((), (header.digest[:12],))
    assert ledger.purging.due(clock()).plans == ()


def test_what_was_seen_to_be_otherwise_in_ukg_is_looked_at_again(ledger: FeedLedger, session: Session) -> None:
    with ledger.lease("test"):
        deliver(ledger, session, plan(session, "J1"), 1)
        ledger.verified()
        assert ledger.baseline().verified
        ledger.verified(holds=False)
        assert not ledger.baseline().verified

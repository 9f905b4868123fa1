"""One suite for every ledger: what it promises, whoever keeps it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.postgres import Postgres

from bridgehead.compare.accepted import prepare
from bridgehead.errors import LeaseHeld, LedgerUnusable
from bridgehead.ledgers.memory import MemoryLedger
from bridgehead.ledgers.opening import ledger_in_folder, ledger_in_postgres
from bridgehead.plan import Batch, Bound, Counts, Owned, Plan, Rendering, Totals
from bridgehead.ports import Attempt, Circuit, Doubtful, Ledger, Receipt, Rejected
from bridgehead.tables import Session
from bridgehead.testing import Clock

KEY = ("acme", "production", "headcount")
Make = Callable[[], Ledger]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    clock, made = Clock(), []

    def sqlite() -> Ledger:
        made.append(ledger_in_folder(tmp_path, KEY, tenant_id="t", clock=clock))
        return made[-1]

    def memory() -> Ledger:
        if not made:
            made.append(MemoryLedger(KEY, tenant_id="t", clock=clock))
        return made[0]

    def postgres() -> Ledger:
        made.append(ledger_in_postgres(url, KEY, tenant_id="t", clock=clock))
        return made[-1]

    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.empty_schema()
    yield {"memory": memory, "sqlite": sqlite, "postgres": postgres}[request.param]
    for ledger in made:
        ledger.close()


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(temp_directory=str(tmp_path)) as session:
        prepare(session)
        yield session


def plan(session: Session, *jobs: str, action: str = "create", heads: int = 5) -> Plan:
    """Stage `plan_rows` with one row for each job, and return the header."""
    columns = (
        "row BIGINT", "record BIGINT", "origin_column VARCHAR", "action VARCHAR", "scenario VARCHAR", "version VARCHAR",
        "period_start DATE", "org_unit VARCHAR", "cost_center VARCHAR", "location VARCHAR", "job VARCHAR",
        "position VARCHAR", "grade VARCHAR",
        "employment_type VARCHAR", "headcount DECIMAL(18, 4)", "fte DECIMAL(18, 4)",
        "hours DECIMAL(18, 4)", "cost DECIMAL(18, 4)", "currency VARCHAR",
    )  # fmt: skip
    rows = [
        (number, number, None, action, "budget", "v1", date(2027, 1, 1), "0100", None, None, job, None, None, None,
         heads if action != "retire" else 0, None, None, None, None)
        for number, job in enumerate(jobs, 1)
    ]  # fmt: skip
    session.fill("plan_rows", columns, rows)
    bound = Bound("acme", "tenant-id", "production", "headcount", "thread", 0, "plan.csv", "digest")
    owned = (Owned("budget", "v1", date(2027, 1, 1), date(2027, 12, 1)),)
    now = datetime(2026, 11, 2, tzinfo=UTC)
    rendering = Rendering("tenant-id", {"job": "job"}, {"headcount": 0})
    return Plan(bound, now, Counts(create=len(jobs)), owned, (), (), None, ("[", "]"), rendering)


def batch(number: int, first: int, last: int) -> Batch:
    return Batch(number, first, last, f"key-{number}", b"{}", b"", f"digest-{number}")


def receipt(number: int, accepted: int, *rejected: Rejected) -> Receipt:
    return Receipt(number, 200, accepted, 0, f"correlation-{number}", datetime(2026, 11, 2, tzinfo=UTC), rejected)


def accepted(session: Session) -> dict[str, tuple[int, bool, bool]]:
    rows = session.ask("SELECT job, headcount, retired, unknown FROM accepted ORDER BY job")
    return {job: (int(heads), retired, unknown) for job, heads, retired, unknown in rows}


def deliver(ledger: Ledger, session: Session, header: Plan, count: int) -> str:
    run_id = ledger.begin(header, session, {})
    ledger.journal(run_id, intended=[batch(1, 1, count)])
    ledger.journal(run_id, answered=[receipt(1, count)])
    ledger.finish(run_id, session, "complete")
    return run_id


def test_a_new_ledger_knows_of_nothing(make: Make, session: Session) -> None:
    ledger = make()

    assert ledger.snapshot(session) == 0
    assert accepted(session) == {}
    assert ledger.unfinished(session) is None
    assert list(ledger.history()) == []


def test_what_was_accepted_is_the_next_snapshot(make: Make, session: Session) -> None:
    ledger = make()
    with ledger.lease("test"):
        deliver(ledger, session, plan(session, "J1", "J2"), 2)
    ledger = make()

    assert ledger.snapshot(session) == 1
    assert accepted(session) == {"J1": (5, False, False), "J2": (5, False, False)}


def test_an_update_replaces_and_a_retire_stays_marked(make: Make, session: Session) -> None:
    ledger = make()
    with ledger.lease("test"):
        deliver(ledger, session, plan(session, "J1", "J2", "J3"), 3)
        deliver(ledger, session, plan(session, "J2", action="update", heads=9), 1)
        deliver(ledger, session, plan(session, "J3", action="retire"), 1)

    assert ledger.snapshot(session) == 3
    assert accepted(session) == {"J1": (5, False, False), "J2": (9, False, False), "J3": (0, True, False)}


def test_a_rejected_record_changes_nothing_in_the_snapshot(make: Make, session: Session) -> None:
    ledger = make()
    rejected = Rejected(2, "ref-J2", "unknown_code", "job", "no such job", "plan.csv:3")
    with ledger.lease("test"):
        run_id = ledger.begin(plan(session, "J1", "J2"), session, {})
        ledger.journal(run_id, intended=[batch(1, 1, 2)])
        ledger.journal(run_id, answered=[receipt(1, 1, rejected)])
        ledger.finish(run_id, session, "partial")
    ledger.snapshot(session)

    assert accepted(session) == {"J1": (5, False, False)}
    assert list(ledger.rejects(run_id)) == [rejected]
    run = ledger.history()[0]
    assert (run.state, run.accepted, run.rejected) == ("partial", 1, 1)


def test_a_run_that_died_is_found_with_its_rows_and_what_is_in_doubt(make: Make, session: Session) -> None:
    ledger = make()
    with ledger.lease("test"):
        run_id = ledger.begin(plan(session, "J1", "J2", "J3"), session, {})
        ledger.journal(run_id, intended=[batch(1, 1, 1), batch(2, 2, 2), batch(3, 3, 3)])
        ledger.journal(run_id, answered=[receipt(1, 1)])
    header = plan(session)
    session.drop("plan_rows")
    ledger = make()
    dead = ledger.unfinished(session)

    assert dead is not None
    assert (dead.run_id, dead.envelope, dead.rendering) == (run_id, header.envelope, header.rendering)
    now = Clock()()
    assert dead.doubtful == (Doubtful(2, 2, 2, "key-2", "digest-2", now), Doubtful(3, 3, 3, "key-3", "digest-3", now))
    assert session.value("SELECT count(*) FROM plan_rows") == 3


def test_what_is_in_doubt_is_unknown_until_it_is_settled(make: Make, session: Session) -> None:
    ledger = make()
    with ledger.lease("test"):
        run_id = ledger.begin(plan(session, "J1", "J2"), session, {})
        ledger.journal(run_id, intended=[batch(1, 1, 1), batch(2, 2, 2)])
        ledger.journal(run_id, answered=[receipt(1, 1)])
        ledger.snapshot(session)
        before = accepted(session)
        ledger.journal(run_id, answered=[receipt(2, 1)])
        ledger.finish(run_id, session, "settled")
    ledger.snapshot(session)

    assert before == {"J1": (5, False, False), "J2": (5, False, True)}
    assert accepted(session) == {"J1": (5, False, False), "J2": (5, False, False)}
    assert ledger.unfinished(session) is None


def test_a_refused_request_is_not_in_doubt_and_had_no_effect(make: Make, session: Session) -> None:
    ledger = make()
    with ledger.lease("test"):
        run_id = ledger.begin(plan(session, "J1"), session, {})
        ledger.journal(run_id, intended=[batch(1, 1, 1)])
        ledger.journal(run_id, answered=[replace(receipt(1, 0), status=400, outcome="refused")])
        dead = ledger.unfinished(session)
        ledger.snapshot(session)

    assert dead is not None
    assert dead.doubtful == ()
    assert accepted(session) == {}


def test_intending_a_batch_again_is_no_second_batch(make: Make, session: Session) -> None:
    ledger = make()
    with ledger.lease("test"):
        run_id = ledger.begin(plan(session, "J1"), session, {})
        ledger.journal(run_id, intended=[batch(1, 1, 1)])
        ledger.journal(run_id, intended=[batch(1, 1, 1)])
        dead = ledger.unfinished(session)

    assert dead is not None
    assert len(dead.doubtful) == 1


def test_a_second_run_of_the_tenant_is_kept_away_and_told_who_is_at_work(make: Make) -> None:
    ledger = make()
    with ledger.lease("jo@planner (1)"), pytest.raises(LeaseHeld, match=r"jo@planner \(1\) since 2026-11-02"):
        _enter(make())


def _enter(ledger: Ledger) -> None:
    with ledger.lease("second"):
        pass


def test_a_lease_is_free_again_when_its_holder_is_done(make: Make) -> None:
    ledger = make()
    for _ in range(3):
        with ledger.lease("again and again"):
            pass


def test_whoever_lost_the_lease_can_write_no_more(make: Make, session: Session) -> None:
    ledger, other = make(), make()
    with ledger.lease("first"):
        run_id = ledger.begin(plan(session, "J1"), session, {})
        fenced = ledger._epoch  # type: ignore[attr-defined] # noqa: SLF001 - a process that was frozen here
    with other.lease("second"):
        ledger._epoch = fenced  # type: ignore[attr-defined] # noqa: SLF001 - and wakes up
        with pytest.raises(LeaseHeld, match="lost its lease"):
            ledger.journal(run_id, intended=[batch(1, 1, 1)])


def test_what_was_adopted_is_the_baseline_and_forgets_what_was_agreed(make: Make, session: Session) -> None:
    ledger = make()
    before = ledger.baseline()
    with ledger.lease("test"):
        deliver(ledger, session, plan(session, "J1", "J2"), 2)
        ledger.agree(fingerprint="f", projections=2, source="plan.csv", source_digest="d")
        ledger.verified()
        known, agreement = ledger.baseline(), ledger.agreement()
        ledger.snapshot(session)
        session.ask(
            "CREATE OR REPLACE TABLE adopted AS SELECT * REPLACE (7 AS headcount) FROM accepted WHERE job = 'J2'"
        )
        run_id = ledger.adopt(session, state="adopted", count=1, owned=())
    ledger = make()

    assert (before.known, known.known, known.verified) == (False, True, True)
    assert agreement is not None
    assert ledger.agreement() is None
    assert ledger.snapshot(session) == 2
    assert accepted(session) == {"J2": (7, False, False)}
    run = ledger.history()[0]
    assert (run.run_id, run.state, run.counts.unchanged, run.ended_at is not None) == (run_id, "adopted", 1, True)


def test_a_delivery_has_to_be_verified_anew(make: Make, session: Session) -> None:
    ledger = make()
    with ledger.lease("test"):
        deliver(ledger, session, plan(session, "J1"), 1)
        ledger.verified()
        deliver(ledger, session, plan(session, "J2"), 1)

    assert not ledger.baseline().verified


def test_a_circuit_is_remembered_for_all_feeds_of_a_tenant_until_it_is_closed(make: Make) -> None:
    opened = Circuit(3, datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC), "401 insufficient")
    ledger = make()
    ledger.set_circuit(opened)
    remembered = make().circuit()
    ledger.set_circuit(None)

    assert remembered == opened
    assert make().circuit() is None


def test_attempts_are_told_in_their_order(make: Make, session: Session) -> None:
    ledger, at = make(), datetime(2026, 11, 2, tzinfo=UTC)
    lost, late = Attempt(at, 0, "c1", "cut off"), Attempt(at, 503, "c2")
    with ledger.lease("test"):
        run_id = ledger.begin(plan(session, "J1", "J2"), session, {})
        ledger.journal(run_id, intended=[batch(1, 1, 1), batch(2, 2, 2)])
        ledger.journal(run_id, tried=[(1, lost), (2, late)])
        ledger.journal(run_id, tried=[(1, late)], answered=[receipt(1, 1)])
    first, second = ledger.batches(run_id)

    assert first.attempts == (lost, late, Attempt(at, 200, "correlation-1"))
    assert (second.state, second.attempts) == ("intended", (late,))


def test_a_ledger_is_never_read_for_another_tenant_than_it_was_kept_for(session: Session, tmp_path: Path) -> None:
    ledger, other = (
        ledger_in_folder(tmp_path, KEY, tenant_id=tenant_id, clock=Clock(), new_run_id=lambda: "run")
        for tenant_id in ("one", "other")
    )
    with ledger.lease("first"):
        ledger.begin(plan(session, "J1"), session, {})
    for read in (other.snapshot, other.unfinished):
        with pytest.raises(LedgerUnusable, match="kept for tenant one; the configuration says other"):
            read(session)
    ledger.close()
    other.close()


def test_history_is_newest_first(make: Make, session: Session) -> None:
    ledger = make()
    with ledger.lease("test"):
        runs = [deliver(ledger, session, plan(session, f"J{number}"), 1) for number in range(3)]

    assert [run.run_id for run in ledger.history()] == runs[::-1]


def test_old_snapshots_are_swept_and_plans_stay_to_answer_for_each_number(tmp_path: Path, session: Session) -> None:
    clock = Clock()
    ledger = ledger_in_folder(tmp_path, KEY, tenant_id="t", clock=clock)
    with ledger.lease("test"):
        for number in range(30):
            clock.advance(60)
            deliver(ledger, session, plan(session, f"J{number}"), 1)
    files = [path.name for path in tmp_path.rglob("*.parquet")]
    ledger.close()

    assert sum(name.startswith("snapshot") for name in files) == 2
    assert sum(name.startswith("plan") for name in files) == 30


def test_what_the_ledger_keeps_is_for_its_owner_only(tmp_path: Path, session: Session) -> None:
    ledger = ledger_in_folder(tmp_path / "ledger", KEY, tenant_id="t", clock=Clock(), new_run_id=lambda: "run")
    with ledger.lease("test"):
        deliver(ledger, session, plan(session, "J1"), 1)
    ledger.close()
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "ledger").rglob("*") if path.is_file()}

    assert modes == {0o600}


def test_no_key_is_lost_when_runs_follow_one_another_from_threads(tmp_path: Path) -> None:
    counted = []

    def run(number: int) -> None:
        with Session(temp_directory=str(tmp_path)) as session:
            prepare(session)
            ledger = ledger_in_folder(tmp_path, KEY, tenant_id="t", clock=Clock(), new_run_id=lambda: f"run-{number}")
            while True:
                try:
                    with ledger.lease(f"thread {number}"):
                        deliver(ledger, session, plan(session, f"J{number}"), 1)
                        break
                except LeaseHeld:
                    continue
            counted.append(number)
            ledger.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(temp_directory=str(tmp_path)) as session:
        prepare(session)
        ledger = ledger_in_folder(tmp_path, KEY, tenant_id="t", clock=Clock(), new_run_id=lambda: "last")
        ledger.snapshot(session)
        ledger.close()

        assert sorted(accepted(session)) == [f"J{number}" for number in range(6)]
    assert len(counted) == 6


def test_the_rows_of_a_past_run_can_be_seen_again_while_they_are_kept(make: Make, session: Session) -> None:
    ledger = make()
    with ledger.lease("test"):
        older = deliver(ledger, session, plan(session, "J1", "J2"), 2)
        deliver(ledger, session, plan(session, "J2", action="update", heads=9), 1)
    make().stage_run(older, session)

    assert session.ask("SELECT row, job, headcount FROM past_rows ORDER BY row") == [(1, "J1", 5), (2, "J2", 5)]
    with pytest.raises(LedgerUnusable):
        make().stage_run("another", session)


def test_between_slices_what_stood_before_the_first_of_them_is_remembered(make: Make, session: Session) -> None:
    ledger, before = make(), (Decimal(7), Decimal(6))
    totals = Totals("budget", "v1", Decimal(7), Decimal(8), Decimal(6), Decimal(8), *before)
    with ledger.lease("test"):
        header = replace(plan(session, "J1"), totals=(totals,), counts=Counts(create=1, rest=3))
        deliver(ledger, session, header, 1)
        assert ledger.agreed() == {("budget", "v1"): before}
        ledger.agree(fingerprint="", projections=1, source="plan.csv", source_digest="")
        assert ledger.agreed() == {}
        deliver(ledger, session, replace(header, counts=Counts(create=1)), 1)
        assert ledger.agreed() == {}

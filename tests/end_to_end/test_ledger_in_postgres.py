"""The ledger in PostgreSQL, for several machines: the same commands, and nothing beside the database."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from tests.conftest import Desk, lines
from tests.end_to_end.test_survival import SMALL, slow, start, wait_for_writes
from tests.postgres import Postgres
from tests.proxy import proxy


@pytest.fixture
def shared(desk: Desk, postgres: Postgres) -> Desk:
    """A desk whose ledger lies in a database; its URL stands in a file."""
    (desk.folder / "ledger.url").write_text(postgres.empty_schema())
    desk.configure('ledger = "file:ledger.url"', desk.environment(), desk.feed())
    desk.plan(*lines(24))
    return desk


def test_everything_works_as_with_a_file_and_leaves_none(shared: Desk) -> None:
    assert "create 24" in shared.run("plan", "acme").out
    assert shared.run("sync", "acme").code == 0
    assert "Nothing to send" in shared.run("sync", "acme").out
    shared.plan(*lines(24, headcount=6))
    assert shared.run("sync", "acme").code == 0
    assert shared.run("verify", "acme").code == 0
    assert "24" in shared.run("status").out
    runs = shared.run("--json", "history").events()

    assert [event["run"]["state"] for event in runs] == ["complete", "complete"]
    assert not (shared.folder / ".bridgehead").exists()
    assert {record["headcount"] for record in shared.held().values()} == {6}


def test_another_machine_goes_on_where_the_first_one_ended(shared: Desk) -> None:
    assert shared.run("sync", "acme").code == 0
    other = shared.folder / "other"
    other.mkdir()
    for name in ("bridgehead.toml", "ledger.url", "acme-production.secret", "plan.csv"):
        shutil.copy(shared.folder / name, other / name)
    shared.folder = other
    shared.plan(*lines(24)[:23], lines(24)[23].replace(",5,5.50", ",7,5.50"))
    plan = json.loads(shared.run("--json", "plan", "acme").out)["plan"]

    assert (plan["counts"]["create"], plan["counts"]["update"]) == (0, 1)
    assert shared.run("sync", "acme").code == 0


def test_a_killed_run_is_settled_by_the_next_from_another_connection(shared: Desk) -> None:
    with proxy(shared.emulator.production, slow) as url:
        ledger = 'ledger = "file:ledger.url"'
        shared.configure(ledger, shared.environment(base_url=url, extra=SMALL), shared.feed())
        shared.plan(*lines(1_200))
        process = start(shared)
        wait_for_writes(shared, 7)
        second = shared.run("sync", "acme")
        process.kill()
        process.communicate()
        outcome = shared.run("--json", "sync", "acme")

    assert (second.code, f"({process.pid}) since" in second.err) == (9, True)
    assert outcome.code == 0, outcome
    assert outcome.events()[0]["type"] == "settling"
    assert len(shared.held()) == 1_200


def test_a_database_that_is_away_is_named_without_its_password(shared: Desk, postgres: Postgres) -> None:
    url = (shared.folder / "ledger.url").read_text()
    (shared.folder / "ledger.url").write_text(url.replace(f":{postgres.port}/", ":1/"))
    away = shared.run("sync", "acme")
    (shared.folder / "ledger.url").write_text(url.replace("pass%25word", "wrong-word"))
    refused = shared.run("sync", "acme")
    (shared.folder / "ledger.url").write_text("no url at all ://")
    nonsense = shared.run("sync", "acme")

    assert (away.code, "postgresql://127.0.0.1:1/postgres cannot be reached" in away.err) == (5, True)
    assert (refused.code, "password authentication failed" in refused.err) == (5, True)
    assert (nonsense.code, "does not lead to a database URL" in nonsense.err) == (2, True)
    for outcome in (away, refused, nonsense):
        assert "word@" not in outcome.err
        assert "wrong-word" not in outcome.err
        assert "no url" not in outcome.err


def test_a_url_in_the_configuration_itself_is_refused(shared: Desk) -> None:
    shared.configure('ledger = "postgresql://jo:hush@host/ledger"', shared.environment(), shared.feed())
    outcome = shared.run("plan", "acme")

    assert (outcome.code, "env:BRIDGEHEAD_LEDGER" in outcome.err) == (2, True)
    assert "hush" not in outcome.err


def test_a_database_that_was_put_back_is_not_trusted_once_that_is_said(shared: Desk, postgres: Postgres) -> None:
    shared.run("sync", "acme")
    backup = shared.run("ledger", "backup", str(shared.folder / "ledger.zip"))
    said = shared.run("ledger", "restored")

    assert (backup.code, "pg_dump" in backup.err) == (2, True)
    assert (said.code, "1 feed" in said.err) == (0, True)
    assert shared.run("sync", "acme").code == 6
    assert shared.run("adopt", "acme").code == 0
    assert shared.run("sync", "acme").code == 0
    assert postgres.port


def test_sessions_that_the_server_ends_in_mid_run_end_the_run_and_the_next_one_goes_on(
    shared: Desk, postgres: Postgres
) -> None:
    with proxy(shared.emulator.production, slow) as url:
        ledger = 'ledger = "file:ledger.url"'
        shared.configure(ledger, shared.environment(base_url=url, extra=SMALL), shared.feed())
        shared.plan(*lines(1_200))
        process = start(shared)
        wait_for_writes(shared, 5)
        with postgres.connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bridgehead'"
            )
        _, said = process.communicate(timeout=60)
        again = shared.run("sync", "acme")

    assert (process.returncode, "does not answer" in said) == (5, True), said
    assert isinstance(process, subprocess.Popen)
    assert again.code == 0, again
    assert len(shared.held()) == 1_200


@pytest.mark.parametrize("password", ["zqse/zqcret", "zqpa@zqss-tail", "zqco:lon/zqtail"])
def test_a_password_whose_signs_are_not_quoted_is_not_shown_in_part_either(shared: Desk, password: str) -> None:
    (shared.folder / "ledger.url").write_text(f"postgresql://jo:{password}@127.0.0.1:1/ledger")
    outcome = shared.run("sync", "acme")

    assert outcome.code == 2
    assert "%2F" in outcome.err
    for part in re.split(r"[/@#?:]", password):
        assert part not in outcome.err

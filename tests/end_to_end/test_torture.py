"""A few of the schedules of `make torture`, always the same ones; and that its judge is not blind."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import urllib3
from tests.torture.judge import Verdict, judge
from tests.torture.months import Month, cell, months
from tests.torture.play import Story, finish
from tests.torture.schedule import Schedule, covering, draw
from tests.torture.troubles import KINDS, WRITE
from tests.torture.world import World

ROOT = Path(__file__).parents[2]
SEED = 2
FIXED = covering(SEED, among=1500, most=5)


def test_the_fixed_schedules_hold_every_kind_of_trouble() -> None:
    assert set[str]().union(*(one.kinds() for one in FIXED)) == KINDS


def test_the_fixed_schedules_end_with_nothing_lost_nothing_doubled_and_a_ledger_that_agrees() -> None:
    command = [sys.executable, "-m", "tests.torture", "--workers", "2", "--seed", str(SEED), "--only"]
    numbers = [str(one.number) for one in FIXED]
    ended = subprocess.run([*command, *numbers], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)

    last = ended.stdout.splitlines()[-1]
    assert re.fullmatch(rf"schedules {len(FIXED)}, faults \d{{2,}}, lost 0, doubled 0, disagreeing 0", last), ended
    assert ended.returncode == 0, ended.stdout


def test_the_same_seed_and_number_are_the_same_schedule_and_the_same_files() -> None:
    assert draw(5, 17) == draw(5, 17)
    assert draw(5, 17).months() == draw(5, 17).months()
    assert draw(5, 17) != draw(6, 17)


@pytest.fixture(scope="module")
def world_of_all() -> Iterator[World]:
    with World(own_disk=False) as world:
        yield world


FILES = months(random.Random("months"), records=60, files=2)  # noqa: S311 - always the same ones


@pytest.fixture
def world(world_of_all: World) -> World:
    world_of_all.begin()
    world_of_all.configure(batch=20)
    return world_of_all


def deliver(world: World, files: Sequence[Month]) -> Story:
    """Deliver files one after the other, where nothing goes wrong."""
    story = Story(Schedule(0, 0, 60, len(files), ()), list(files))
    for month in files:
        world.plan(month)
        assert finish(world, story)
    return story


def send(world: World, number: int, month: Month, key: str) -> None:
    """Send a record to UKG as nobody should: from beside bridgehead, with a key of its own."""
    client, http = world.client, urllib3.PoolManager(retries=False)
    form = {"grant_type": "client_credentials", "tenant_context": client.tenant_id}
    basic = urllib3.make_headers(basic_auth=f"{client.client_id}:{client.secret}")
    token = http.request(
        "POST", f"{client.base_url}/oauth/token", fields=form, encode_multipart=False, headers=basic
    ).json()["access_token"]
    names = ("scenario", "version", "period_start", "org_unit", "cost_center", "location", "job")
    record = dict(zip(names, cell(number), strict=True))
    heads, fte = month[number]
    record |= {"client_ref": "671fbdb0-0bd4-52fe-b9d4-0c9b5f783514", "period_start": f"{record['period_start']}-01"}
    body = json.dumps({"records": [record | {"headcount": int(heads), "fte": float(fte)}]})
    headers = {
        "Authorization": f"Bearer {token}",
        "X-Tenant-ID": client.tenant_id,
        "X-Correlation-ID": key,
        "Idempotency-Key": key,
        "Content-Type": "application/json",
    }
    assert http.request("POST", f"{client.base_url}{WRITE}", body=body, headers=headers).status == 200
    http.clear()


def counted(verdict: Verdict) -> tuple[int, int, bool]:
    return len(verdict.lost), len(verdict.doubled), bool(verdict.disagreeing)


def test_the_judge_finds_nothing_where_nothing_is_wrong(world: World) -> None:
    assert counted(judge(world, deliver(world, FILES))) == (0, 0, False)


def test_the_judge_sees_a_record_that_was_lost(world: World) -> None:
    story = deliver(world, FILES)
    connection = world.emulator.environments["production"].store.connection
    connection.execute("DELETE FROM projection WHERE key IN (SELECT key FROM projection LIMIT 1)")

    assert counted(judge(world, story)) == (1, 0, True)


def test_the_judge_sees_an_effect_that_came_twice(world: World) -> None:
    story = deliver(world, FILES[:1])
    send(world, 0, FILES[0], "another-key")

    assert counted(judge(world, story)) == (0, 1, False)


def test_the_judge_sees_the_value_of_yesterday_that_came_after_todays(world: World) -> None:
    story = deliver(world, FILES)
    changed = next(number for number in FILES[0] if number in FILES[1] and FILES[0][number] != FILES[1][number])
    send(world, changed, FILES[0], "yesterday")

    assert counted(judge(world, story)) == (2, 1, True)  # lost in the journal and in the store


def test_the_judge_sees_a_ledger_that_knows_another_state(world: World, tmp_path: Path) -> None:
    first = deliver(world, FILES[:1])
    shutil.copytree(world.ledger, tmp_path / "copy")
    story = deliver(world, FILES[1:])
    story.months[:0] = first.months
    shutil.rmtree(world.ledger)
    shutil.copytree(tmp_path / "copy", world.ledger)

    assert counted(judge(world, story)) == (0, 0, True)

"""What is counted when a schedule is over: at UKG's own journal and store, and in the ledger, not by what was said.

lost: a record's last accepted value, at the journal or in the store, is not that of the last file. doubled: an effect
came twice - one idempotency key was carried out twice, a record was set to what it held already, or to the value of
a file after that of a later one. disagreeing: ledger and UKG differ, or another sync sends
something.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from tests.torture.months import GONE, Month, Value, course, key
from tests.torture.play import Story, finish
from tests.torture.troubles import WRITE
from tests.torture.world import TENANT, World

from bridgehead.emulator.audit import Entry
from bridgehead.emulator.journal import Exchanged
from bridgehead.ledgers.opening import ledger_in_folder
from bridgehead.tables import Session

Key = tuple[str, ...]
_DIMENSIONS = ("scenario", "version", "period_start", "org_unit", "cost_center", "location", "job")
_WHOLLY_REFUSED = frozenset({400, 404, 405, 413, 415, 422})
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(slots=True)
class Verdict:
    """What was found, a sentence each."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disagreeing: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of one record of a request that was carried out. key: of the request."""

    request: str
    cell: Key
    value: Value
    status: str


@dataclass(slots=True)
class Account:
    """What UKG's journal tells. effects: in the order in which they came. twice: keys that were carried out again.

    unsettled: keys to which the last answer was a refusal as a whole, although an earlier one, which got lost, had
    carried the request out. Their records may be sent anew: nobody can know.
    """

    effects: list[Effect] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    unsettled: set[str] = field(default_factory=set)


def judge(world: World, story: Story) -> Verdict:
    """Count what was lost, doubled, and where the ledger disagrees."""
    story.wait()
    account, verdict = read_journal(world), Verdict()
    final = {key(number): value for number, value in story.months[-1].items()}
    verdict.doubled += doubled(account, story.months, story.schedule.records)
    verdict.lost += lost(account, {cell: _value(document) for cell, document in world.held()}, final)
    verdict.disagreeing += disagreeing(world)
    if world.strays():
        verdict.disagreeing.append("something was sent to another tenant or environment")
    before = world.writes()
    if not finish(world, story):
        verdict.disagreeing.append(f"sync ended with {story.runs[-1].code}")
    if world.writes() != before:
        verdict.disagreeing.append("a sync after all was done sent something")
    return verdict


def read_journal(world: World) -> Account:
    """Read what UKG carried out."""
    production = world.emulator.environments["production"]
    entries = [one for one in production.audit.read({}, limit=1_000_000) if (one.method, one.path) == ("POST", WRITE)]
    told = defaultdict[str, deque[Entry]](deque)  # tries of one request share an id, and follow on one another
    for entry in reversed(entries):
        if entry.check != "disconnected":
            told[entry.correlation_id].append(entry)
    exchanges = [one for one in world.emulator.journal.read("POST", WRITE) if one.status is not None]
    if len(exchanges) != sum(map(len, told.values())):
        raise RuntimeError("the journal is not whole; it cannot be judged")
    account, done, last = Account(), set[str](), dict[str, int | None]()
    for one in exchanges:
        if "idempotency-key" not in one.headers:  # the doctor's, which holds no record
            continue
        request, entry = one.headers["idempotency-key"], told[one.headers["x-correlation-id"]].popleft()
        last[request] = one.status
        if one.status in (200, 207) and entry.reason != "answered before":
            account.twice += [request] if request in done else []
            done.add(request)
            account.effects += _effects(request, one)
    account.unsettled = {request for request in done if last[request] in _WHOLLY_REFUSED}
    return account


def _effects(request: str, one: Exchanged) -> Iterator[Effect]:
    records, results = _decode(one.body)["records"], _decode(one.answer)["results"]
    for record, result in zip(records, results, strict=True):  # results come in the order of the request
        yield Effect(request, tuple(record[name] for name in _DIMENSIONS), _value(record), result["status"])


def _value(record: Mapping[str, Any]) -> Value:
    return Decimal(str(record["headcount"])), Decimal(str(record["fte"]))


def lost(account: Account, held: Mapping[Key, Value], final: Mapping[Key, Value]) -> list[str]:
    """Return where the last accepted value is not the last file's, in the journal or in the store."""
    accepted = {one.cell: one.value for one in account.effects if one.status != "rejected"}
    found = []
    for cell in sorted(final.keys() | held.keys() | accepted.keys()):
        wanted = final.get(cell, GONE)
        for where, values in (("was last accepted as", accepted), ("is held as", held)):
            # What no file plans any more is zero, or was never there.
            if values.get(cell, GONE) != wanted:
                found.append(f"{' '.join(cell)} {where} {_told(values.get(cell))}, planned is {_told(wanted)}")
    return found


def doubled(account: Account, months: list[Month], records: int) -> list[str]:
    """Return which effects came twice, or after a later one."""
    found = [f"the request {request} was carried out twice" for request in account.twice]
    excused = {(one.cell, one.value) for one in account.effects if one.request in account.unsettled}
    courses = {key(number): course(months, number) for number in range(records)}
    at = dict[Key, int]()
    for one in account.effects:
        if one.status == "rejected":
            continue
        told = f"{' '.join(one.cell)} = {_told(one.value)} by {one.request}"
        if one.status == "unchanged":
            if (one.cell, one.value) not in excused:
                found.append(f"{told}: it was held already")
            continue
        values = courses.get(one.cell, [])
        later = [place for place in range(at.get(one.cell, 0) + 1, len(values)) if values[place] == one.value]
        if not later:
            found.append(f"{told}: a later value had been accepted, or no file planned it")
            continue
        at[one.cell] = later[0]
    return found


def disagreeing(world: World) -> list[str]:
    """Return where the ledger says another thing than UKG holds."""
    held = {cell: _value(document) for cell, document in world.held()}
    ledger = ledger_in_folder(
        world.ledger, (TENANT, "production", "headcount"), tenant_id=world.client.tenant_id, clock=world.clock
    )
    try:
        with Session(temp_directory=str(world.scratch)) as session:
            ledger.snapshot(session)
            open_run = ledger.unfinished(session) is not None
            columns = ", ".join(f"CAST({name} AS VARCHAR)" for name in _DIMENSIONS)
            rows = session.ask(f"SELECT headcount, fte, retired, unknown, {columns} FROM accepted")  # noqa: S608
    finally:
        ledger.close()
    found = ["the ledger has a run that did not end"] if open_run else []
    known = {tuple(cell): (heads, fte) for heads, fte, _, _, *cell in rows}
    found += [f"{' '.join(cell)} is unknown" for *_, unknown, cell in ((*row[:4], row[4:]) for row in rows) if unknown]
    found += [f"{' '.join(row[4:])} is retired with {row[0]}" for row in rows if row[2] and row[0]]
    if len(rows) != len(known):
        found.append("the ledger has a cell twice")
    for cell in sorted(known.keys() | held.keys()):
        if known.get(cell) != held.get(cell):
            found.append(f"{' '.join(cell)}: ledger {_told(known.get(cell))}, UKG {_told(held.get(cell))}")
    return found


def _told(value: Value | None) -> str:
    return "nothing" if value is None else f"{value[0].normalize():f}/{value[1].normalize():f}"

"""One number's whole life, from the ledger alone: every run that touched it, in whichever cell it lived then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

import msgspec

from bridgehead.compare.accepted import prepare
from bridgehead.compare.lives import (
    Wanted,
    begin_lives,
    cells_found,
    chapters,
    differing,
    follow,
    held_now,
    look_at_held,
    look_through,
    pick,
)
from bridgehead.config.sections import did_you_mean
from bridgehead.errors import ConfigError
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.ports import RunRecord
from bridgehead.projection import DIMENSIONS, REQUIRED, Cell, Projection
from bridgehead.tables import Row, Session

MOST = 50
"""So many cells are told one by one; of more a person has to say which, or to take a file."""

_REVERT = "revert of "
"""How the source of a run is called that took another one back: it is no file."""

READ = ("adopted", "repaired")
"""States of runs that read UKG and sent nothing."""


class Period(msgspec.Struct, frozen=True):
    """Which runs are meant, by the day (UTC) on which they began; both days are part of it."""

    since: date = date.min
    until: date = date.max

    def __contains__(self, run: RunRecord) -> bool:
        """Whether a run is meant."""
        return self.since <= run.started_at.date() <= self.until


class Chapter(msgspec.Struct, frozen=True):
    """What one run did to a number. action: of the plan; or adopted, repaired: then UKG was read, and nothing sent.

    cell: where the number lived then. record, column: where the value stands in the run's source. outcome: accepted,
    rejected (with UKG's code, field and message), refused (the whole request, without effect), unknown (UKG never
    answered), not sent.
    """

    run: RunRecord
    action: str
    cell: Cell | None = None
    before: Projection | None = None
    after: Projection | None = None
    moved_to: Cell | None = None
    record: int | None = None
    column: str = ""
    outcome: str = ""
    code: str = ""
    field: str = ""
    message: str = ""
    correlation_id: str = ""
    answered_at: datetime | None = None

    @property
    def origin(self) -> str:
        """Where the value comes from, as people find it: `plan.csv, record 17 [2027-01]`."""
        if self.action in READ or self.run.source.startswith(_REVERT):
            return self.run.source
        if self.record is None:
            return f"no longer in {self.run.source}"
        return f"{self.run.source}, record {self.record}" + (f" [{self.column}]" if self.column else "")


class Held(msgspec.Struct, frozen=True):
    """What UKG holds in a cell, as far as the ledger knows. unknown: a request for it was never answered."""

    projection: Projection
    retired: bool
    unknown: bool


class Life(msgspec.Struct, frozen=True):
    """What became of the numbers of one cell, oldest first. now: None where UKG holds nothing of the feed there."""

    cell: Cell
    chapters: tuple[Chapter, ...]
    now: Held | None = None


class Lives(msgspec.Struct, frozen=True):
    """The lives of the cells that fit what was asked.

    silent: runs that may have touched them and of which no value is kept: purged, or not in the backup that the
    ledger was put back from. restored_at: when that was, if the feed was not adopted since.
    """

    lives: tuple[Life, ...]
    silent: tuple[RunRecord, ...] = ()
    restored_at: str = ""


def wanted_of(texts: Sequence[str]) -> Wanted:
    """Return what `--key` asks for, such as `org_unit=0100,period_start=2027-01`; raise ConfigError when it is unclear.

    A dimension without a value is one that is unset.
    """
    found: dict[str, str | date | None] = {}
    for part in (part for text in texts for part in re.split(r",(?=\s*\w+\s*=)", text)):
        name, said, value = part.partition("=")
        name, value = name.strip(), value.strip()
        if name not in DIMENSIONS or not said:
            problem = f"{name!r} is no dimension of the plan" if said else f"{part!r} says no value"
            raise ConfigError(
                f"--key: {problem}.",
                cure=f"{did_you_mean(name, dict.fromkeys(DIMENSIONS))}There are {', '.join(DIMENSIONS)}; for instance: "
                "--key org_unit=0100,period_start=2027-01.",
            )
        if not value and name in REQUIRED:
            raise ConfigError(f"--key: {name} is never unset.", cure=f"Give it a value, or leave {name} out.")
        found[name] = _month(value) if name == "period_start" else value or None
    return found


def _month(text: str) -> date:
    try:
        return date.fromisoformat(text if text.count("-") > 1 else f"{text}-01")
    except ValueError:
        raise ConfigError(
            f"--key: {text!r} is no month.", cure="Write it as 2027-01, or as its first day: 2027-01-01."
        ) from None


def lives_of(ledger: FeedLedger, session: Session, wanted: Wanted, period: Period = Period()) -> Lives:  # noqa: B008 - a value
    """Return the lives of the cells of a feed that fit; raise ConfigError when they are too many to be told."""
    runs, kept = look_for(ledger, session, wanted)
    count = cells_found(session)
    if count > MOST:
        names = [f"{name} ({codes:,})" for name, codes in differing(session) if name not in wanted]
        raise ConfigError(
            f"{count:,} cells fit; at most {MOST} are told one by one.",
            cure=f"Say more of: {', '.join(names)}. Or let all of them be written: --csv FILE.",
        )
    told: dict[str, list[Chapter]] = {key: [] for (key,) in session.ask("SELECT DISTINCT key FROM asked_cells")}
    for turn, run in enumerate(runs, 1):
        if run not in period:
            continue
        if run.state in READ:
            for life in told.values():
                life.append(Chapter(run, run.state))
        elif run.run_id in kept:
            for asked, chapter in _chapters(ledger, session, run, turn):
                told[asked].append(chapter)
    held = {row[0]: _held(row) for row in held_now(session)}
    return Lives(
        tuple(Life(Cell.of_key(key), tuple(life), held.get(key)) for key, life in sorted(told.items())),
        tuple(run for run in runs if run in period and run.run_id not in kept and run.state not in READ),
        ledger.baseline().restored_at,
    )


def look_for(ledger: FeedLedger, session: Session, wanted: Wanted) -> tuple[list[RunRecord], set[str]]:
    """Find the cells that fit, and where their numbers have lived (`kin`).

    Returns the runs, oldest first, and those whose rows are kept. Afterwards `accepted` is what UKG holds.
    """
    prepare(session)
    begin_lives(session, wanted)
    runs, kept = list(reversed(ledger.history())), ledger.past.kept()
    for turn, run in enumerate(runs, 1):
        if run.run_id in kept:
            ledger.past.stage(session, run.run_id)
            look_through(session, turn)
    ledger.snapshot(session)
    look_at_held(session)
    follow(session)
    return runs, kept


def _chapters(ledger: FeedLedger, session: Session, run: RunRecord, turn: int) -> Iterator[tuple[str, Chapter]]:
    ledger.past.stage(session, run.run_id)
    pick(session, turn)
    if not session.value("SELECT count(*) FROM picked"):
        return
    ledger.past.stage_answers(session, run.run_id)
    for asked, key, action, record, column, *figures in chapters(session, turn):
        cell, told = Cell.of_key(key), figures[10:]
        moved_to, outcome, code, field, message, correlation_id, answered_at = told
        yield (
            asked,
            Chapter(
                run,
                action,
                cell,
                None if action == "create" else Projection(cell, *figures[:5]),
                Projection(cell, *figures[5:10]),
                Cell.of_key(moved_to) if moved_to else None,
                record,
                column or "",
                outcome,
                code,
                field,
                message,
                correlation_id,
                datetime.fromisoformat(answered_at) if answered_at else None,
            ),
        )


def _held(row: Row) -> Held:
    key, *figures, retired, unknown = row
    return Held(Projection(Cell.of_key(key), *figures), retired, unknown)

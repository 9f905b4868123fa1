"""A run's end is written down, and who has to be told is told: once for each new state of a feed."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from bridgehead.agenda import Notice, Standing
from bridgehead.config import Config
from bridgehead.ended import Ended
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.service.due import after, late
from bridgehead.service.notices import file_document, is_new, notices, run_document, state_of
from bridgehead.service.telling import Page, channels, tell
from bridgehead.tenant import Choice, open_ledger, source_fingerprint

if TYPE_CHECKING:  # see due.py
    from bridgehead.service.schedule import Schedule


SLOW = 3.0
"""A channel that took so many seconds to fail hangs."""


def book(
    ledger: FeedLedger,
    choice: Choice,
    ended: Ended,
    *,
    now: datetime,
    schedule: Schedule | None = None,
    placed_at: datetime | None = None,
) -> None:
    """Write a run's end into the feed's agenda, with the notices of a new state. schedule: where it has one."""
    circuit = ledger.circuit()
    standing = Standing(
        ledger.agenda.appointment(),
        open_run=ledger.agenda.left_open(),
        approved=ledger.proposals.approved() is not None,
        probe_at=circuit.probe_at if circuit is not None else None,
    )
    appointment = after(schedule, standing, ended, placed_at=placed_at or now, now=now)
    state, told = state_of(ended, attempts=appointment.attempts), ledger.agenda.state_told("run")
    if is_new(state, told):
        document = run_document(ended, state, told, link=choice.config.notify.link)
        _note(ledger, choice, "run", (told, state), document, now)
    ledger.agenda.keep(appointment)  # at last: a process that dies before does all of it again


def check_file(choice: Choice, schedule: Schedule, *, clock: Callable[[], datetime]) -> None:
    """See whether another planning file has come by when it should, and tell if it has not. schedule: by when."""
    with closing(open_ledger(choice, clock)) as ledger:
        now, appointment = clock(), ledger.agenda.appointment()
        told = ledger.agenda.state_told("file")
        by = late(schedule, appointment, now)
        if by is not None and f"late {by:%Y-%m-%d %H:%M}" != told:
            found = source_fingerprint(choice, clock)
            if found and found != appointment.source:  # it has come since the last run
                by = None
        state = f"late {by:%Y-%m-%d %H:%M}" if by is not None else "came"
        if state == told or (by is None and not told.startswith("late")):
            return
        place = (choice.tenant, choice.environment, choice.feed_name)
        _note(ledger, choice, "file", (told, state), file_document(place, by, link=choice.config.notify.link), now)


def _note(
    ledger: FeedLedger, choice: Choice, topic: str, states: tuple[str, str], document: dict[str, object], now: datetime
) -> None:
    """Keep what is to be told. states: the one that was told before, and the new one."""
    place, new_id = (choice.tenant, choice.environment, choice.feed_name), str(uuid.uuid4())
    made = notices(place, topic, states[1], document, channels=channels(choice.config), now=now, new_id=new_id)
    ledger.agenda.note(list(made), after=states[0])


def tell_all(
    config: Config, ledger: FeedLedger, *, page: Page = lambda _: "", over: Callable[[], bool] = lambda: False
) -> list[str]:
    """Let the notices of a feed leave that have not got through yet; return why some did not.

    over: whether somebody wants it to end. A channel that hangs is tried with one of them, until the next time.
    """
    wrong, hanging = [], set[str]()
    for one in ledger.agenda.untold():
        channel = _channel(one)
        if over() or channel in hanging:
            continue
        begun = time.monotonic()
        problem = tell(config, one, page=page)
        if problem:
            wrong.append(f"{channel}: {problem}")
            if time.monotonic() - begun > SLOW:
                hanging.add(channel)
        else:
            ledger.agenda.told(one.id)
    return wrong


def _channel(notice: Notice) -> str:
    return notice.id.rpartition("/")[2]

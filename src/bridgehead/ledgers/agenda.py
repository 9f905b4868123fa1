"""What the ledger remembers for a schedule: when a feed was served, how that ended, and what people were told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from bridgehead.agenda import Appointment, Notice
from bridgehead.ended import Ended
from bridgehead.ledgers.database import Database
from bridgehead.ledgers.feeds import OF_FEED, Key
from bridgehead.ledgers.moments import as_moment, as_text
from bridgehead.tables import Row
from bridgehead.typed import decoded

STANDS = "served, retry_at, attempts, source, source_since, looked_at"
"""The columns of where a feed stands."""
_NOTICE = "id, tenant, environment, feed, topic, state, made_at, document, told_at"


class FeedAgenda:
    """The appointment and the notices of one feed."""

    def __init__(self, database: Database, key: Key, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._key = key
        self._clock = clock

    def appointment(self) -> Appointment:
        """Return where the feed stands; of one that was never served, an empty one."""
        sql = f"SELECT {STANDS}, verdict, verdict_at FROM appointment WHERE {OF_FEED}"  # noqa: S608 - ours
        rows = self._database.ask(sql, self._key)
        if not rows:
            return Appointment()
        *stands, verdict, verdict_at = rows[0]
        ended = decoded(verdict, Ended) if verdict else None
        return msgspec.structs.replace(appointment_of(stands), verdict=ended, verdict_at=as_moment(verdict_at))

    def keep(self, one: Appointment) -> None:
        """Remember where the feed stands."""
        verdict = msgspec.json.encode(one.verdict).decode() if one.verdict is not None else ""
        told = (one.source, as_text(one.source_since), as_text(one.looked_at), verdict, as_text(one.verdict_at))
        with self._database.transaction():
            self._database.change(f"DELETE FROM appointment WHERE {OF_FEED}", self._key)  # noqa: S608 - ours
            self._database.change(
                "INSERT INTO appointment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*self._key, as_text(one.served), as_text(one.retry_at), one.attempts, *told),
            )

    def left_open(self) -> bool:
        """Whether a run of the feed did not end."""
        sql = f"SELECT 1 FROM run WHERE {OF_FEED} AND state = 'open'"  # noqa: S608 - ours
        return bool(self._database.ask(sql, self._key))

    def state_told(self, topic: str) -> str:
        """Return the state that people were told last of a topic; empty when they were told nothing yet."""
        rows = self._database.ask(
            f"SELECT state FROM notice WHERE {OF_FEED} AND topic = ? ORDER BY number DESC LIMIT 1",  # noqa: S608 - ours
            (*self._key, topic),
        )
        return str(rows[0][0]) if rows else ""

    def note(self, notices: Sequence[Notice], *, after: str) -> None:
        """Keep the notices of a new state, one for each channel, until they were told; all of them or none.

        after: the state that was told before; where another process has told one meanwhile, nothing is kept.
        """
        with self._database.transaction():
            self._database.take_turns()
            if not notices or self.state_told(notices[0].topic) != after:
                return
            (number,) = self._database.ask("SELECT coalesce(max(number), 0) FROM notice")[0]
            rows = [
                (number + place, one.id, *self._key, one.topic, one.state, as_text(one.made_at), one.document,
                 as_text(one.told_at))
                for place, one in enumerate(notices, 1)
            ]  # fmt: skip
            self._database.change_all("INSERT INTO notice VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def told(self, notice_id: str) -> None:
        """Note that a notice has reached people."""
        with self._database.transaction():
            self._database.change("UPDATE notice SET told_at = ? WHERE id = ?", (as_text(self._clock()), notice_id))

    def untold(self) -> list[Notice]:
        """Return the notices that have not reached people yet, oldest first."""
        return self._notices("told_at = '' ORDER BY number")

    def notices(self, most: int = 100) -> list[Notice]:
        """Return the notices, newest first."""
        return self._notices(f"true ORDER BY number DESC LIMIT {int(most)}")

    def _notices(self, condition: str) -> list[Notice]:
        rows = self._database.ask(f"SELECT {_NOTICE} FROM notice WHERE {OF_FEED} AND {condition}", self._key)  # noqa: S608
        return [_notice(row) for row in rows]


def appointment_of(columns: Sequence[Any]) -> Appointment:
    """Return where a feed stands, but for its last verdict. columns: what STANDS names."""
    served, retry_at, attempts, source, since, looked_at = columns
    return Appointment(as_moment(served), as_moment(retry_at), attempts, source, as_moment(since), as_moment(looked_at))


def _notice(row: Row) -> Notice:
    name, tenant, environment, feed, topic, state, made_at, document, told_at = row
    made = datetime.fromisoformat(made_at)
    return Notice(name, tenant, environment, feed, topic, state, made, document, as_moment(told_at))

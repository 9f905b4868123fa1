"""When a feed is due, how it ended last, and what was told of it: what a schedule has to remember, as values."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridgehead.ended import Ended


class Appointment(msgspec.Struct, frozen=True):
    """Where a feed stands with its schedule.

    served: the moment of its schedule that was served last. retry_at: when it is tried again before the next one.
    attempts: how often it was tried since `served` moved on. source: a digest of what was last found as its planning
    file, and since when it is that. looked_at: when a run last read what UKG holds. verdict: how its last run ended,
    and when.
    """

    served: datetime | None = None
    retry_at: datetime | None = None
    attempts: int = 0
    source: str = ""
    source_since: datetime | None = None
    looked_at: datetime | None = None
    verdict: Ended | None = None
    verdict_at: datetime | None = None


class Standing(msgspec.Struct, frozen=True):
    """What the ledger knows of a feed, as far as it decides when it is due.

    open_run: a run did not end. approved: a plan was approved and is not sent yet. probe_at: from when on one run may
    try a tenant whose authorization was refused. untold: a notice has not got through yet.
    """

    appointment: Appointment = Appointment()
    open_run: bool = False
    approved: bool = False
    probe_at: datetime | None = None
    untold: bool = False


class Notice(msgspec.Struct, frozen=True):
    """What people were told, or have to be told, of a feed. id: by which a receiver tells a repetition.

    topic: `run` or `file`; a notice tells of a new state of its topic. state: which one, such as `healthy`,
    `guardrail 3fa9c1d27e55`. document: what is told, as JSON. told_at: when it was, None while it has to be.
    """

    id: str
    tenant: str
    environment: str
    feed: str
    topic: str
    state: str
    made_at: datetime
    document: str
    told_at: datetime | None = None

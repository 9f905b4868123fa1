"""How long values are kept: what is older is let go of, feed by feed, under its lease; the proof stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from tempfile import TemporaryDirectory

from bridgehead.compare.accepted import prepare
from bridgehead.config import Config
from bridgehead.errors import ConfigError
from bridgehead.ledgers.purging import Purged
from bridgehead.tables import Session
from bridgehead.tenant import Choice, open_ledger, utc_now


def days_kept(config: Config, older_than: int | None) -> int:
    """Return for how many days values are kept; raise ConfigError when nobody says so."""
    days = config.run.keep_values_for if older_than is None else older_than
    if not days:
        raise ConfigError(
            f"{config.path.name} does not say for how long values are kept, so they are kept for ever.",
            cure="Say it for this once with --older-than DAYS, or for good with keep_values_for = 800 under [run].",
        )
    return days


def purge(
    choice: Choice, days: int, *, owner: str, dry_run: bool = False, clock: Callable[[], datetime] = utc_now
) -> Purged:
    """Let go of the values of a feed's runs and plans that ended so many days ago; say which.

    owner: who does it, for the lease; raise LeaseHeld when a run is at work. dry_run: only say it.
    """
    before = clock() - timedelta(days=days)
    with closing(open_ledger(choice, clock)) as ledger:
        if dry_run:
            return ledger.purging.due(before)
        with (
            ledger.lease(owner),
            TemporaryDirectory(prefix="bridgehead-") as spill,
            Session(temp_directory=spill, memory_limit=choice.config.memory_limit) as session,
        ):
            prepare(session)
            return ledger.purging.purge(session, before)

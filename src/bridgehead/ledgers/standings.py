"""Where every feed of a ledger stands, by a handful of questions: a schedule asks each second, of thousands."""

from __future__ import annotations

from datetime import datetime

from bridgehead.agenda import Standing
from bridgehead.ledgers.agenda import STANDS, appointment_of
from bridgehead.ledgers.database import Database
from bridgehead.ledgers.feeds import Key
from bridgehead.ledgers.proposals import approved_anywhere


def standings(database: Database, now: datetime) -> dict[Key, Standing]:
    """Return where the feeds stand that the ledger knows; their last verdicts are left out."""
    found: dict[Key, Standing] = {}
    sql = f"SELECT tenant, environment, feed, {STANDS} FROM appointment"  # noqa: S608 - ours
    for tenant, environment, feed, *told in database.ask(sql):
        found[tenant, environment, feed] = Standing(appointment_of(told))
    refused = {
        (tenant, environment): datetime.fromisoformat(probe_at)
        for tenant, environment, probe_at in database.ask("SELECT tenant, environment, probe_at FROM circuit")
    }
    unended = {(*key,) for key in database.ask("SELECT tenant, environment, feed FROM run WHERE state = 'open'")}
    approved = approved_anywhere(database, now)
    untold = {
        (*key,) for key in database.ask("SELECT DISTINCT tenant, environment, feed FROM notice WHERE told_at = ''")
    }
    for key in found.keys() | unended | approved | untold:
        appointment = found.get(key, Standing()).appointment
        found[key] = Standing(appointment, key in unended, key in approved, refused.get(key[:2]), key in untold)
    return found

"""`bridgehead history`: the runs that were, one number's whole life, files for an auditor; from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import click

from bridgehead.answering.lives import Period
from bridgehead.cli.answer import Asked, answer
from bridgehead.cli.options import Face, choosing_options, place_of
from bridgehead.cli.view import Past, Place
from bridgehead.config import Config, load
from bridgehead.errors import ConfigError
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.tenant import choose, open_ledger

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command("history")
@click.argument("what", required=False, metavar="[TENANT|RUN]")
@choosing_options
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many runs, newest first.")
@click.option("--key", multiple=True, help="One number's whole life: DIMENSION=CODE,... of its cell; any of them.")
@click.option("--since", type=_DAY, metavar="DAY", help="Only runs that began on this day (UTC) or later.")
@click.option("--until", type=_DAY, metavar="DAY", help="Only runs that began on this day (UTC) or before.")
@click.option("--csv", type=click.Path(path_type=Path), help="Write a line for each change, for an auditor.")
@click.option("--html", type=click.Path(path_type=Path), help="Write runs and decisions as a page to be signed off.")
@click.pass_obj
def command(
    face: Face,
    what: str | None,
    environment: str | None,
    feed: str | None,
    limit: int,
    key: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    csv: Path | None,
    html: Path | None,
) -> int:
    """Show the runs that were: who, when, from which file, how many, how long. Asks no one but the ledger.

    With the id of a RUN: its batches, when each was sent and what UKG answered, with correlation ids for UKG's own
    log, and which records were rejected.

    With --key: every run that ever touched a number, from which record of which file, what UKG said, who ran it and
    who approved it; also where it stood under another code. `location=` is a location that is unset.

    \b
    Example:  bridgehead history
              bridgehead history acme
              bridgehead history 20270103T031500-4f2a
              bridgehead history acme --key org_unit=0100,cost_center=CC0100,job=J001,period_start=2027-01
              bridgehead history acme --since 2026-01-01 --until 2026-12-31 --csv changes.csv --html changes.html
    """
    config = load(face.config)
    period = Period(since.date() if since else date.min, until.date() if until else date.max)
    if key or csv or html:
        answer(face, config, Asked(what, environment, feed, key, period, csv, html))
        return 0
    if what is None or what in config.tenants:
        runs = [run for place, ledger in _ledgers(config, what, environment, feed) for run in _runs(place, ledger)]
        runs = sorted((one for one in runs if one.run in period), key=lambda past: past.run.started_at, reverse=True)
        face.view.history(runs[:limit])
        return 0
    for place, ledger in _ledgers(config, None, environment, feed):
        run = next((one for one in ledger.history() if one.run_id == what), None)
        if run is not None:
            face.view.run(Past(place, run, ledger.batches(what), ledger.rejects(what)))
            return 0
    raise ConfigError(
        f"There is neither a tenant nor a run {what!r}.",
        cure=f"Tenants are {', '.join(config.tenants)}; all runs:",
        next_command="bridgehead history",
    )


def _runs(place: Place, ledger: FeedLedger) -> list[Past]:
    return [Past(place, run) for run in ledger.history()]


def _ledgers(
    config: Config, tenant: str | None, environment: str | None, feed: str | None
) -> Iterator[tuple[Place, FeedLedger]]:
    """Open the ledger of each feed that is meant, in turn."""
    for name in [tenant] if tenant is not None else config.tenants:
        known = config.tenants[name]
        for one in [known.environment(environment)[0]] if tenant and environment else known.environments:
            for its_feed in known.feeds:
                if (environment or one) != one or (feed or its_feed) != its_feed:
                    continue
                choice = choose(config, name, one, its_feed)
                ledger = open_ledger(choice)
                try:
                    yield place_of(config, choice), ledger
                finally:
                    ledger.close()

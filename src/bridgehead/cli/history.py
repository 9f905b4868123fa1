"""`bridgehead history`: the runs that were, and of one of them every batch and attempt; from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bridgehead.cli.options import Face, place_of
from bridgehead.cli.view import Past, Place
from bridgehead.config import Config, load
from bridgehead.errors import ConfigError
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.tenant import choose, open_ledger


@click.command("history")
@click.argument("what", required=False, metavar="[TENANT|RUN]")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many runs, newest first.")
@click.pass_obj
def command(face: Face, what: str | None, limit: int) -> int:
    """Show the runs that were: who, when, from which file, how many, how long. Asks no one but the ledger.

    With the id of a RUN: its batches, when each was sent and what UKG answered, with correlation ids for UKG's own
    log, and which records were rejected.

    \b
    Example:  bridgehead history
              bridgehead history acme
              bridgehead history 20270103T031500-4f2a
    """
    config = load(face.config)
    if what is None or what in config.tenants:
        runs = [run for place, ledger in _ledgers(config, what) for run in _runs(place, ledger, limit)]
        runs.sort(key=lambda past: past.run.started_at, reverse=True)
        face.view.history(runs[:limit])
        return 0
    for place, ledger in _ledgers(config, None):
        run = next((one for one in ledger.history() if one.run_id == what), None)
        if run is not None:
            face.view.run(Past(place, run, ledger.batches(what), ledger.rejects(what)))
            return 0
    raise ConfigError(
        f"There is neither a tenant nor a run {what!r}.",
        cure=f"Tenants are {', '.join(config.tenants)}; all runs:",
        next_command="bridgehead history",
    )


def _runs(place: Place, ledger: FeedLedger, limit: int) -> list[Past]:
    return [Past(place, run) for run in ledger.history()[:limit]]


def _ledgers(config: Config, tenant: str | None) -> Iterator[tuple[Place, FeedLedger]]:
    """Open the ledger of each feed in turn."""
    for name in [tenant] if tenant is not None else config.tenants:
        for environment in config.tenants[name].environments:
            for feed in config.tenants[name].feeds:
                choice = choose(config, name, environment, feed)
                ledger = open_ledger(choice)
                try:
                    yield place_of(config, choice), ledger
                finally:
                    ledger.close()

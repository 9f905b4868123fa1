"""`bridgehead status`: how the feeds stand, from the ledger alone."""

from __future__ import annotations

import tempfile

import click

from bridgehead.cli.options import Face, place_of
from bridgehead.cli.view import Place, Standing
from bridgehead.compare.accepted import prepare
from bridgehead.config import Config, load
from bridgehead.errors import LedgerUnusable
from bridgehead.tables import Session
from bridgehead.tenant import Choice, choose, open_ledger


@click.command("status")
@click.argument("tenant", required=False)
@click.pass_obj
def command(face: Face, tenant: str | None) -> int:
    """Show, for each feed, what UKG holds and how its last run ended. Asks no one but the ledger.

    \b
    Example:  bridgehead status
    """
    config = load(face.config)
    names = [config.tenant(tenant).name] if tenant else list(config.tenants)
    standings = [
        _standing(config, choose(config, name, environment, feed))
        for name in names
        for environment in config.tenants[name].environments
        for feed in config.tenants[name].feeds
    ]
    face.view.status(standings)
    return LedgerUnusable.exit_code if any(one.problem for one in standings) else 0


def _standing(config: Config, choice: Choice) -> Standing:
    place = place_of(config, choice)
    try:
        return _told(place, choice)
    except LedgerUnusable as unusable:  # one feed's trouble hides no other's
        return Standing(place, 0, 0, None, open_run=False, problem=f"{unusable.message} {unusable.cure}")


def _told(place: Place, choice: Choice) -> Standing:
    ledger = open_ledger(choice)
    try:
        with tempfile.TemporaryDirectory(prefix="bridgehead-") as spill, Session(temp_directory=spill) as session:
            prepare(session)
            ledger.snapshot(session)
            held, retired = session.ask(
                "SELECT count(*) FILTER (NOT retired), count(*) FILTER (retired) FROM accepted"
            )[0]
        runs = ledger.history()
        last = runs[0] if runs else None
        rejects = ledger.rejects(last.run_id) if last else []
        is_open, waiting = any(run.state == "open" for run in runs), ledger.proposals.waiting()
        booked = ledger.agenda.appointment()
        told = (waiting, booked.verdict, booked.verdict_at)
        return Standing(place, held, retired, last, is_open, rejects, "", *told)
    finally:
        ledger.close()

"""`bridgehead purge`: values that are older than they have to be kept are dropped; what proves the runs stays."""

from __future__ import annotations

import click

from bridgehead.answering.retention import days_kept, purge
from bridgehead.cli.options import Face, owner, place_of
from bridgehead.config import load
from bridgehead.errors import ConfigError, LeaseHeld
from bridgehead.tenant import choose


@click.command("purge")
@click.argument("tenant", required=False)
@click.option(
    "--older-than",
    type=click.IntRange(min=1),
    metavar="DAYS",
    help="Of runs that ended longer ago; else what keep_values_for under [run] says.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be dropped, and drop nothing.")
@click.pass_obj
def command(face: Face, tenant: str | None, older_than: int | None, *, dry_run: bool) -> int:
    """Drop the values of old runs and plans, of all tenants or of one; keep who, when, how many, digests, decisions.

    What UKG holds now stays, and so does a run that did not end, or a plan that may still be sent.

    \b
    Example:  bridgehead purge --dry-run
              bridgehead purge acme --older-than 800
    """
    config, code = load(face.config), 0
    if tenant is not None and tenant not in config.tenants:
        raise ConfigError(f"There is no tenant {tenant!r}.", cure=f"Known are: {', '.join(config.tenants)}.")
    days = days_kept(config, older_than)
    for name in [tenant] if tenant is not None else config.tenants:
        for environment in config.tenants[name].environments:
            for feed in config.tenants[name].feeds:
                choice = choose(config, name, environment, feed)
                try:
                    purged = purge(choice, days, owner=owner(), dry_run=dry_run)
                except LeaseHeld as held:
                    face.view.error(held)
                    code = held.exit_code
                    continue
                face.view.purged(place_of(config, choice), purged, dry_run=dry_run)
    return code

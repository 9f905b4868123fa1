"""`bridgehead tenant-id`: ask UKG which tenant the API client belongs to."""

from __future__ import annotations

import click

from bridgehead.cli.options import Face
from bridgehead.cli.view import Asked
from bridgehead.config import load
from bridgehead.connecting import ask_tenant_id
from bridgehead.tenant import utc_now


@click.command("tenant-id")
@click.argument("tenant")
@click.option("--environment", "-e", help="Which environment; else the tenant's default.")
@click.pass_obj
def command(face: Face, tenant: str, environment: str | None) -> None:
    """Print the tenant id, which stands in no e-mail: UKG is asked with client id and secret (or key) alone.

    \b
    Example:  bridgehead tenant-id acme --environment production
    """
    info, settings = ask_tenant_id(load(face.config), tenant, environment, clock=utc_now)
    face.view.tenant_id(Asked(tenant, info.tenant_id, info.name, info.environment, settings.tenant_id, utc_now()))

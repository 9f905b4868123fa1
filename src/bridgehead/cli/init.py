"""`bridgehead init`: look at a planning file and write the configuration that reads it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bridgehead.cli.options import Face
from bridgehead.errors import ConfigError
from bridgehead.sources.guess import Guess, guess


@click.command("init")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--tenant", default="acme", show_default=True, help="The tenant's name in the configuration.")
@click.option("--feed", default="headcount", show_default=True, help="The feed's name.")
@click.pass_obj
def command(face: Face, file: Path, tenant: str, feed: str) -> None:
    """Look at a planning file, print what it seems to hold, and write a configuration for a person to correct.

    An existing configuration is never changed: the section is printed instead.

    \b
    Example:  bridgehead init plan.csv --tenant acme
    """
    seen = guess(file)
    for line in seen.told():
        face.view.say(line)
    folder = face.config.parent.resolve()
    path = file.resolve()
    shown = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
    section = _section(tenant, feed, shown, seen)
    if face.config.exists():
        click.echo(section)
        face.view.say(f"{face.config} exists and was not changed. Add the section above to it.")
        return
    try:
        face.config.write_text(_TENANT.format(tenant=tenant, variable=tenant.upper()) + section, encoding="utf-8")
    except OSError as wrong:
        raise ConfigError(f"{face.config} cannot be written: {wrong.strerror}.") from None
    click.echo(f"Wrote {face.config}.")
    face.view.say(f"Fill in the tenant's section, correct the rest, then: bridgehead plan {tenant}")


_TENANT = """\
# Who we are in UKG Pro. An API client is registered in one tenant of one environment.
[tenants.{tenant}.environments.production]
tenant_id = "00000000-0000-0000-0000-000000000000"  # bridgehead tenant-id {tenant} asks UKG for it
base_url = "https://your-ukg-pro.example"
client_id = "your-api-client"                       # Integration Hub > API Clients
client_secret = "env:{variable}_CLIENT_SECRET"      # env:NAME, file:PATH or command:PROGRAM; never the secret itself

"""


def _section(tenant: str, feed: str, path: str, seen: Guess) -> str:
    lines = [
        "# The planning file, as far as it could be guessed on its header and first rows.",
        f"[tenants.{tenant}.feeds.{feed}.source]",
        f"path = {json.dumps(path, ensure_ascii=False)}",
        *seen.settings(),
    ]
    return "\n".join(lines) + "\n"

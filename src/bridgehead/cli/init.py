"""`bridgehead init`: look at a planning file and write the configuration that reads it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bridgehead.cli.options import Face
from bridgehead.cli.view import Written
from bridgehead.config import load, secret_reader
from bridgehead.config.secrets import is_reference
from bridgehead.errors import ConfigError
from bridgehead.private import written_whole
from bridgehead.sources.guess import Looked, Where, guess
from bridgehead.sources.sql import SqlReader
from bridgehead.tables import Session
from bridgehead.ukg.dialect import load_dialect


@click.command("init")
@click.argument("file", required=False)
@click.option("--tenant", default="acme", show_default=True, help="The tenant's name in the configuration.")
@click.option("--feed", default="headcount", show_default=True, help="The feed's name.")
@click.option("--encoding", default="", help="How a text file is written, where it cannot be told.")
@click.option("--delimiter", default="", help="What separates its fields, where it cannot be told.")
@click.option("--sheet", default="", help="The sheet of a workbook, where several look like a plan.")
@click.option("--connection", default="", help="Instead of a file, where a database's URL is: env:NAME.")
@click.option("--query", default="", help="What to read from the database.")
@click.pass_obj
def command(
    face: Face,
    file: str | None,
    tenant: str,
    feed: str,
    encoding: str,
    delimiter: str,
    sheet: str,
    connection: str,
    query: str,
) -> None:
    """Look at a planning file, say what it seems to hold, and write a configuration for a person to correct.

    FILE is a CSV file, a workbook, a Parquet or ZIP file, or several: "plans/*.csv". An existing configuration is never
    changed: the section is printed instead.

    \b
    Example:  bridgehead init plan.csv --tenant acme
    """
    _check(file, tenant, feed, connection, query)
    folder = face.config.parent.resolve()
    path = _path(file, folder) if file else ""
    name = f"tenants.{tenant}.feeds.{feed}"
    where = Where(folder, path, encoding, delimiter, sheet, connection, query)
    looked = _look(where, name, path, folder)
    head = _TENANT.format(tenant=tenant, variable=re.sub(r"\W", "_", tenant).upper())
    _check_that_it_loads(head + looked.section)
    existing = face.config.exists()
    if not existing:
        try:
            with written_whole(face.config) as side:
                side.write_text(head + looked.section, encoding="utf-8")
        except OSError as wrong:
            raise ConfigError(f"{face.config} cannot be written: {wrong.strerror}.") from None
    face.view.looked(looked, Written(str(face.config), written=not existing, next_command=f"bridgehead plan {tenant}"))


def _check(file: str | None, tenant: str, feed: str, connection: str, query: str) -> None:
    if bool(file) == bool(connection or query) or bool(connection) != bool(query):
        raise click.UsageError("Name a FILE, or --connection and --query.")
    for option, name in (("--tenant", tenant), ("--feed", feed)):
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,40}", name):
            raise ConfigError(
                f"{option} {name!r} is no name.", cure="Names are lower-case letters, digits, - and _, such as acme."
            )
    if connection and not is_reference(connection) and not connection.startswith("sqlite:"):
        raise ConfigError(
            "--connection is no reference, and it would stand in the configuration.",
            cure="Say where the URL is: env:PLANNING_DATABASE; only a sqlite URL may be said itself.",
        )


def _path(file: str, folder: Path) -> str:
    """Return a path as it is to stand in the configuration: from its folder, where the file lies below it."""
    if file == "-":
        return file
    whole = Path(file).resolve()
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else whole.as_posix()


def _look(where: Where, name: str, path: str, folder: Path) -> Looked:
    reader = None
    if where.query:
        url = where.connection
        read = (lambda: url) if url.startswith("sqlite:") else secret_reader(url, folder)
        reader = SqlReader(read, where.query)
    scales = load_dialect("thread", {}).headcount.scales
    with _tables() as (session, scratch):
        return guess(where, name=name, path=path, scales=scales, session=session, scratch=scratch, reader=reader)


@contextmanager
def _tables() -> Iterator[tuple[Session, Path]]:
    with (
        tempfile.TemporaryDirectory(prefix="bridgehead-") as spill,
        tempfile.TemporaryDirectory(prefix="bridgehead-") as scratch,
        Session(temp_directory=spill) as session,
    ):
        yield session, Path(scratch)


def _check_that_it_loads(text: str) -> None:
    """Read what will be written, as every later command will."""
    with tempfile.TemporaryDirectory(prefix="bridgehead-") as folder:
        trial = Path(folder) / "bridgehead.toml"
        trial.write_text(text, encoding="utf-8")
        load(trial)


_TENANT = """\
# Who we are in UKG Pro. An API client is registered in one tenant of one environment.
[tenants.{tenant}.environments.production]
tenant_id = "00000000-0000-0000-0000-000000000000"  # bridgehead tenant-id {tenant} asks UKG for it
base_url = "https://your-ukg-pro.example"
client_id = "your-api-client"                       # Integration Hub > API Clients
client_secret = "env:{variable}_CLIENT_SECRET"      # or file:, keyring:, command:; never the secret itself

# The planning file, as far as it could be told. Lines behind # are other readings; docs/reference.md explains them all.
"""

"""`bridgehead person`: a section for somebody who may sign in to the page, with the hash of their password."""

from __future__ import annotations

import json
import re
import sys

import click

from bridgehead.errors import ConfigError
from bridgehead.service.web.passwords import LONGEST, SHORTEST, hash_password

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@click.command("person")
@click.argument("name")
@click.option("--sees", multiple=True, help="A tenant that this person sees; again for another one. Else all.")
@click.option("--approves", multiple=True, help="A tenant on whose plans this person decides; again for another one.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of stdin.")
def command(name: str, sees: tuple[str, ...], approves: tuple[str, ...], *, password_stdin: bool) -> int:
    """Ask for a password, and print the section [people.NAME] for the configuration. The password itself is not kept.

    \b
    Example:  bridgehead person jo --sees acme --approves acme >> bridgehead.toml
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name.", cure="Letters, digits and . _ @ - make one, such as jo or jo@acme.")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked()
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigError(
            f"The password has {len(password)} signs; it needs {SHORTEST} to {LONGEST}.",
            cure="Some words in a row make a good one.",
        )
    section = name if _BARE.fullmatch(name) else json.dumps(name)
    lines = [f"[people.{section}]", f'password = "{hash_password(password)}"']
    lines += [f"{key} = {json.dumps(list(told))}" for key, told in (("sees", sees), ("approves", approves)) if told]
    click.echo("\n".join(lines))
    return 0


def _asked() -> str:
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked

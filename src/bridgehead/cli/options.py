"""Options that several commands share."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from bridgehead.cli.view import Place, View
from bridgehead.config import Config, load
from bridgehead.tenant import Choice, choose

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Face(Protocol):
    """What the group hands to its commands."""

    config: Path
    as_json: bool
    view: View


def feed_options(command: _Command) -> _Command:
    """Add the tenant's name, --environment and --feed."""
    return click.argument("tenant")(choosing_options(command))


def choosing_options(command: _Command) -> _Command:
    """Add --environment and --feed."""
    command = click.option("--feed", "-f", help="Which feed, when the tenant has several.")(command)
    return click.option("--environment", "-e", help="Which environment; else the tenant's default.")(command)


def rows_options(command: _Command) -> _Command:
    """Add --from, --rejects and --read-back."""
    command = click.option(
        "--read-back", is_flag=True, help="Read UKG first, and show what others changed there since it was last sent."
    )(command)
    command = click.option(
        "--rejects",
        type=click.Path(path_type=Path),
        help="Write rows that break a rule, or that UKG rejected, to this CSV file, to be corrected and fed back.",
    )(command)
    return click.option(
        "--from",
        "rows_from",
        type=click.Path(path_type=Path),
        help="Read these rows instead of the feed's file, such as corrected rejects; nothing is retired.",
    )(command)


def find(face: Face, tenant: str, environment: str | None, feed: str | None) -> tuple[Choice, Place]:
    """Read the configuration and find what is meant."""
    config = load(face.config)
    choice = choose(config, tenant, environment, feed)
    return choice, place_of(config, choice)


def place_of(config: Config, choice: Choice) -> Place:
    """Name a feed, and the options without which a command would mean another one."""
    known, options = config.tenants[choice.tenant], ""
    if choice.environment != known.default_environment:
        options += f" --environment {choice.environment}"
    if len(known.feeds) > 1:
        options += f" --feed {choice.feed_name}"
    return Place(choice.tenant, choice.environment, choice.feed_name, options)


def owner() -> str:
    """Who runs, for the lease: `jo@planner-1 (4711)`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()} ({os.getpid()})"

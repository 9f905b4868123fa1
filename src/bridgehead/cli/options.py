"""Options that several commands share."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click
import msgspec

from bridgehead.cli.view import Place, View
from bridgehead.config import Config, load
from bridgehead.errors import ConfigError
from bridgehead.only import Only, only_of
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


class Step(msgspec.Struct, frozen=True):
    """What a command is about besides the whole file: some of the changes first, or a run that is taken back."""

    only: Only | None = None
    revert: str = ""


def step_options(command: _Command) -> _Command:
    """Add --only, --max and --revert."""
    command = click.option("--revert", metavar="RUN", help="Take back what arrived of this run.")(command)
    command = click.option(
        "--max", "most", type=click.IntRange(min=1), help="At most so many changes, the first ones; the rest waits."
    )(command)
    return click.option(
        "--only",
        multiple=True,
        metavar="DIMENSION=CODE",
        help="Only changes of this code, such as org_unit=0100; again for more codes. The rest waits.",
    )(command)


def step_of(only: Sequence[str], most: int | None, revert: str | None, *others: object) -> Step:
    """Read what --only, --max and --revert say. others: options that a run that is taken back has no use for."""
    step = Step(only_of(only, most), revert or "")
    if step.revert and (step.only is not None or any(others)):
        raise ConfigError(
            "--revert takes a run back as a whole, and reads no file: --only, --max, --from and --rejects do not fit.",
            cure="Leave them out. A part of a run is taken back in the planning file.",
        )
    return step


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


def person() -> str:
    """Return the account that this program runs under, by the system's own word: no variable can say otherwise."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def owner() -> str:
    """Who runs, for the lease, and as the author of what waits: `jo@planner-1 (4711)`."""
    return f"{person()}@{socket.gethostname()} ({os.getpid()})"

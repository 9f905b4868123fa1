"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from bridgehead.cli.view import Place, View
from bridgehead.config import load
from bridgehead.tenant import Choice, choose

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Face(Protocol):
    """What the group hands to its commands."""

    config: Path
    view: View


def feed_options(command: _Command) -> _Command:
    """Add the tenant's name, --environment and --feed."""
    command = click.option("--feed", "-f", help="Which feed, when the tenant has several.")(command)
    command = click.option("--environment", "-e", help="Which environment; else the tenant's default.")(command)
    return click.argument("tenant")(command)


def find(face: Face, tenant: str, environment: str | None, feed: str | None) -> tuple[Choice, Place]:
    """Read the configuration and find what is meant."""
    choice = choose(load(face.config), tenant, environment, feed)
    return choice, Place(choice.tenant, choice.environment, choice.feed_name)

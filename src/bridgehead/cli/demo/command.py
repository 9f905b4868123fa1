"""The command itself: a folder, an emulator, and the story."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click
import urllib3
from rich.console import Console

from bridgehead.cli.demo.story import Story
from bridgehead.cli.emulate import start
from bridgehead.errors import ConfigError
from bridgehead.private import create, make_folder

_MARK = ".made-by-bridgehead-demo"


@click.command("demo")
@click.option(
    "--folder", type=click.Path(path_type=Path), default="bridgehead-demo", show_default=True, help="Where to play."
)
@click.pass_context
def command(context: click.Context, folder: Path) -> None:
    """Play a real support thread: the 401 that nobody could explain, its cure, and a plan that arrives.

    \b
    Example:  bridgehead demo
    """
    _fresh(folder)
    try:
        emulator = start(host="127.0.0.1", ports=_PORTS, state=str(folder / "ukg.sqlite"), requests_per_minute=600)
    except OSError:
        emulator = start(host="127.0.0.1", ports={}, state=str(folder / "ukg.sqlite"), requests_per_minute=600)
    home = Path.cwd()
    program = "bridgehead" if shutil.which("bridgehead") else str(Path(sys.argv[0]).absolute())
    with emulator, urllib3.PoolManager(retries=False) as http:
        folder = folder.resolve()
        console = Console(highlight=False)
        console.soft_wrap = not console.is_terminal
        story = Story(emulator, folder, context.obj.rerun, console, http, program)
        os.chdir(folder)
        try:
            story.tell()
        finally:
            os.chdir(home)


_PORTS = {"production": 8701, "sandbox": 8702}


def _fresh(folder: Path) -> None:
    """Make the folder, and clear away what an earlier demo left; never anything else."""
    if folder.exists():
        if any(folder.iterdir()) and not (folder / _MARK).exists():
            raise ConfigError(
                f"{folder} is not empty and was not made by the demo.", cure="Name another one: --folder PATH."
            )
        shutil.rmtree(folder)
    make_folder(folder)
    create(folder / _MARK)

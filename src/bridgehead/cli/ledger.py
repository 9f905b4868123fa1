"""`bridgehead ledger`: the ledger as a whole, into a backup and back."""

from __future__ import annotations

from pathlib import Path

import click

from bridgehead.cli.options import Face
from bridgehead.config import load
from bridgehead.keeping import back_up_ledger, distrust_ledger, restore_ledger
from bridgehead.tenant import utc_now


@click.group("ledger")
def command() -> None:
    """Back the ledger up, and put it back.

    \b
    Example:  bridgehead ledger backup ledger.zip
    """


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def backup(face: Face, file: Path) -> int:
    """Write the ledger of all feeds to one archive; runs may be at work meanwhile.

    \b
    Example:  bridgehead ledger backup ledger.zip
    """
    feeds = back_up_ledger(load(face.config), file)
    face.view.say(f"{file}: the ledger of {_feeds(feeds)}.")
    return 0


@command.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def restore(face: Face, file: Path) -> int:
    """Put an archive back where there is no ledger. Each feed has to be adopted before it sends anything.

    \b
    Example:  bridgehead ledger restore ledger.zip
    """
    _distrusted(face, restore_ledger(load(face.config), file, utc_now))
    return 0


@command.command("restored")
@click.pass_obj
def restored(face: Face) -> int:
    """Say that the ledger was put back by other means, such as pg_restore. Each feed then has to be adopted.

    \b
    Example:  bridgehead ledger restored
    """
    _distrusted(face, distrust_ledger(load(face.config), utc_now))
    return 0


def _distrusted(face: Face, feeds: int) -> None:
    face.view.say(
        f"Restored: the ledger of {_feeds(feeds)}. What UKG accepted since the backup is not in it, so each has to be "
        "adopted before it sends anything: bridgehead adopt TENANT"
    )


def _feeds(count: int) -> str:
    return f"{count} feed" if count == 1 else f"{count} feeds"

"""`bridgehead`: the menu of commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from pathlib import Path

import click

from bridgehead.cli.view import View
from bridgehead.config import DEFAULT_PATH
from bridgehead.errors import INTERRUPTED, BridgeheadError
from bridgehead.private import by_default
from bridgehead.tables import TableError


class _Menu(click.Group):
    """The commands, each imported when it is asked for: a run that has nothing to do should be over at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names, in the order in which people need them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return a command by its name."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), name or "command")
        return found


_COMMANDS = {
    "init": "bridgehead.cli.init",
    "plan": "bridgehead.cli.plan",
    "sync": "bridgehead.cli.sync",
    "waiting": "bridgehead.cli.waiting",
    "approve": "bridgehead.cli.decide:approve",
    "reject": "bridgehead.cli.decide:reject",
    "run": "bridgehead.cli.run",
    "verify": "bridgehead.cli.verify",
    "adopt": "bridgehead.cli.adopt",
    "doctor": "bridgehead.cli.doctor.command",
    "status": "bridgehead.cli.status",
    "history": "bridgehead.cli.history",
    "purge": "bridgehead.cli.purge",
    "ledger": "bridgehead.cli.ledger",
    "login": "bridgehead.cli.login:login",
    "logout": "bridgehead.cli.login:logout",
    "tenant-id": "bridgehead.cli.tenant_id",
    "serve": "bridgehead.cli.serve",
    "person": "bridgehead.cli.person",
    "emulate": "bridgehead.cli.emulate",
    "demo": "bridgehead.cli.demo.command",
}


@click.group(cls=_Menu, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bridgehead")
@click.option(
    "--config",
    "-c",
    type=click.Path(path_type=Path),
    default=DEFAULT_PATH,
    show_default=True,
    help="The configuration.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for machines.")
@click.pass_context
def bridgehead(context: click.Context, config: Path, *, as_json: bool) -> None:
    """Deliver headcount projections into UKG Pro, and know that they arrived.

    \b
    Try it without a UKG:    bridgehead demo
    Start with your file:    bridgehead init plan.csv
    See what would change:   bridgehead plan acme
    Send it:                 bridgehead sync acme
    """
    context.obj.configure(config, as_json=as_json)


class Face:
    """What the commands share: the path of the configuration, and how to speak."""

    def __init__(self) -> None:
        self.config = Path(DEFAULT_PATH)
        self.as_json = False

    def configure(self, config: Path, *, as_json: bool) -> None:
        """Take over the options that stand before the command."""
        self.config, self.as_json = config, as_json

    @cached_property
    def view(self) -> View:
        """How the commands speak; only the view that is asked for is loaded."""
        if self.as_json:
            from bridgehead.cli.machine import MachineView  # noqa: PLC0415 - see above

            return MachineView()
        from bridgehead.cli.human import HumanView  # noqa: PLC0415 - see above

        return HumanView()

    @staticmethod
    def rerun(arguments: list[str]) -> int:
        """Run another command as if it had been typed; the demo tells its story with it."""
        return run(arguments)


@by_default()
def run(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    face = Face()
    try:
        code = bridgehead.main(arguments, prog_name="bridgehead", standalone_mode=False, obj=face)
    except BridgeheadError as error:
        face.view.error(error)
        return error.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except (KeyboardInterrupt, click.Abort):
        face.view.close()
        face.view.say("Interrupted. What was answered is remembered; the next sync goes on from there.")
        return INTERRUPTED
    except TableError as wrong:
        face.view.error(BridgeheadError(f"The table engine stopped: {wrong}", cure="Check disk space and memory."))
        return 1
    except Exception as unforeseen:  # noqa: BLE001 - the last place where anything can still be said
        traceback.print_exc()
        face.view.error(
            BridgeheadError(
                f"{type(unforeseen).__name__}: {unforeseen}", cure="Please report this with the lines above."
            )
        )
        return 1
    return code if isinstance(code, int) else 0


def main() -> None:
    """Enter from the command line."""
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while the last words were being said
        code = INTERRUPTED
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError):  # nobody listens any more, or never did
            stream.flush()
    # All that was opened is closed. The interpreter would look through everything once more: 50 ms, measured.
    os._exit(code)

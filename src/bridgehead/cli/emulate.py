"""`bridgehead emulate`: a UKG Pro on this machine, to develop and test against."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import click

from bridgehead.cli.options import Face
from bridgehead.errors import ConfigError

if TYPE_CHECKING:
    from bridgehead.emulator import Emulator


@click.command("emulate")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--production-port",
    type=click.IntRange(0, 65535),
    default=8701,
    show_default=True,
    help="Port of production; 0 for any free one.",
)
@click.option(
    "--sandbox-port",
    type=click.IntRange(0, 65535),
    default=8702,
    show_default=True,
    help="Port of the sandbox; 0 for any free one.",
)
@click.option("--state", default=":memory:", show_default=True, help="A SQLite file that keeps everything.")
@click.option(
    "--requests-per-minute", type=click.IntRange(min=1), default=600, show_default=True, help="Each API client's quota."
)
@click.option(
    "--strictness",
    type=click.Choice(["production", "sandbox", "soft"]),
    default="production",
    show_default=True,
    help="What production does: refuses, forgives like a sandbox, or lets pass and writes down what it would refuse.",
)
@click.option(
    "--signing-algorithm",
    type=click.Choice(["ES256", "RS256", "EdDSA"]),
    help="What tokens are signed with from now on; ES256, or as before.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[=VALUE][@CLIENT]",
    help="Let something go wrong in production: role-missing@acme-headcount, latency=300. docs/faults.md has the list.",
)
@click.pass_obj
def command(
    face: Face,
    host: str,
    production_port: int,
    sandbox_port: int,
    state: str,
    requests_per_minute: int,
    strictness: str,
    signing_algorithm: str | None,
    faults: tuple[str, ...],
) -> None:
    """Run a multi-tenant UKG Pro: production as strict as the real one, and a sandbox that forgives.

    Two tenants, Acme and Globex. Stop it with Ctrl-C.

    \b
    Example:  bridgehead emulate --state ukg.sqlite
    """
    ports = {"production": production_port, "sandbox": sandbox_port}
    try:
        emulator = start(
            host=host,
            ports=ports,
            state=state,
            requests_per_minute=requests_per_minute,
            strictness=strictness,
            algorithm=signing_algorithm or "",
        )
    except OSError as wrong:
        raise ConfigError(
            f"The emulator cannot start: {wrong.strerror}.",
            cure="Another one may be running. Use other ports: --production-port 0 --sandbox-port 0.",
        ) from None
    except sqlite3.Error as wrong:
        raise ConfigError(
            f"The emulator cannot keep its state in {state}: {wrong}.", cure="Name a file that can be written: --state."
        ) from None
    for one in faults:
        switch_on(emulator, one)
    click.echo(configuration(emulator))
    face.view.say(
        f"UKG Pro emulator: production ({_MODES[strictness]}) at {emulator.production}, "
        f"sandbox (forgiving) at {emulator.sandbox}. "
        f"State: {state}.\nThe above is a configuration for it. The audit log: {emulator.production}/_emulator/audit. "
        "Stop with Ctrl-C."
    )
    if faults:
        face.view.say(f"Faults in production: {', '.join(faults)}.")
    emulator.serve()


def switch_on(emulator: Emulator, asked: str) -> None:
    """Switch a fault on as it is written on the command line; raise ConfigError for one that there is not."""
    from bridgehead.emulator import FaultRefused  # noqa: PLC0415 - see start

    named, _, client_id = asked.partition("@")
    slug, equals, value = named.partition("=")
    given: str | int | list[str] | None = None
    if equals:
        given = int(value) if value.isdigit() and len(value) < 9 else value.split("+") if "+" in value else value
    try:
        emulator.switch_on(slug, client_id=client_id, value=given)
    except FaultRefused as refused:
        emulator.close()
        raise ConfigError(f"--fault {asked}: {refused}.", cure="docs/faults.md lists them.") from None


_MODES = {
    "production": "strict",
    "sandbox": "forgiving",
    "soft": "soft: it lets pass what production would refuse, and writes it down",
}


def start(
    *,
    host: str,
    ports: dict[str, int],
    state: str,
    requests_per_minute: int,
    strictness: str = "production",
    algorithm: str = "",
) -> Emulator:
    """Make an emulator that listens.

    Raises ConfigError when the extra is not installed, and when the state is that of another version.
    """
    try:
        from bridgehead.emulator import Emulator, Limits, StateUnreadable  # noqa: PLC0415 - an extra that may be missing
    except ModuleNotFoundError as missing:
        raise ConfigError(
            f"The emulator is not installed: {missing.name} is missing.",
            cure="Install it with its extra: pip install 'bridgehead[emulator]', or '.[emulator]' from a checkout.",
        ) from None
    try:
        return Emulator(
            host=host,
            ports=ports,
            state=state,
            limits=Limits(requests_per_minute=requests_per_minute),
            strictness={"production": strictness},
            algorithm=algorithm,
        )
    except StateUnreadable as other:
        raise ConfigError(f"The emulator cannot use its state: {other}.", cure="Name another file: --state.") from None


def configuration(emulator: Emulator) -> str:
    """Return a `bridgehead.toml` for the emulator's tenants, with the secrets to export."""
    lines = ["# bridgehead.toml for this emulator. The secrets are for demonstration only:"]
    sections = []
    for client in emulator.demo_clients():
        if client.purpose != "registered as it should be":
            continue
        variable = f"{client.tenant}_{client.environment}_secret".upper()
        lines.append(f"#   export {variable}={client.secret}")
        sections.append(
            f"\n[tenants.{client.tenant}.environments.{client.environment}]\n"
            f'tenant_id = "{client.tenant_id}"\nbase_url = "{client.base_url}"\n'
            f'client_id = "{client.client_id}"\nclient_secret = "env:{variable}"'
        )
    lines.append("# Then let `bridgehead init PLAN.csv` write the section of your planning file.")
    return "\n".join([*lines, *sections])

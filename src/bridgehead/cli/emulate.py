"""`bridgehead emulate`: a UKG Pro on this machine, to develop and test against."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    "--seed",
    type=click.Path(exists=True, dir_okay=False),
    help="A YAML file with the tenants, clients and people to start with.",
)
@click.option("--show-seed", is_flag=True, help="Print the seed that is used by default, as YAML, and end.")
@click.option(
    "--requests-per-minute", type=click.IntRange(min=1), default=600, show_default=True, help="Each API client's quota."
)
@click.option(
    "--audit-entries",
    type=click.IntRange(min=100),
    default=100_000,
    show_default=True,
    help="How many entries the audit log keeps; older ones go.",
)
@click.option(
    "--strictness",
    type=click.Choice(["production", "sandbox", "soft"]),
    default="production",
    show_default=True,
    help="What production does: refuses, forgives like a sandbox, or lets pass and writes down what it would refuse.",
)
@click.option(
    "--dialect",
    type=click.Choice(["thread", "platform"]),
    default="thread",
    show_default=True,
    help="How the tenant is spelled: tenant_context and X-Tenant-ID, or organization and global-tenant-id.",
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
def command(face: Face, /, faults: tuple[str, ...], *, show_seed: bool, **asked: Any) -> None:
    """Run a multi-tenant UKG Pro: production as strict as the real one, and a sandbox that forgives.

    Two tenants, Acme and Globex, unless --seed says otherwise. Stop it with Ctrl-C.

    \b
    Example:  bridgehead emulate --state ukg.sqlite
    """
    if show_seed:
        click.echo(shown_seed(), nl=False)
        return
    emulator = _listening(**asked)
    _switch_on(emulator, faults)
    click.echo(configuration(emulator, asked["dialect"]))
    face.view.say(
        f"UKG Pro emulator: production ({_MODES[asked['strictness']]}) at {emulator.production}, "
        f"sandbox (forgiving) at {emulator.sandbox}. "
        f"State: {asked['state']}.\nThe above is a configuration for it. "
        f"The admin console: {emulator.production}/console{_door(emulator)}. "
        f"The audit log: {emulator.production}/_emulator/audit. Stop with Ctrl-C."
    )
    if faults:
        face.view.say(f"Faults in production: {', '.join(faults)}.")
    emulator.serve()


def _listening(*, production_port: int, sandbox_port: int, **asked: Any) -> Emulator:
    """Make the emulator; raise ConfigError where it cannot listen, or keep its state."""
    try:
        return start(ports={"production": production_port, "sandbox": sandbox_port}, **asked)
    except OSError as wrong:
        raise ConfigError(
            f"The emulator cannot start: {wrong.strerror}.",
            cure="Another one may be running. Use other ports: --production-port 0 --sandbox-port 0.",
        ) from None
    except sqlite3.Error as wrong:
        raise ConfigError(
            f"The emulator cannot keep its state in {asked['state']}: {wrong}.",
            cure="Name a file that can be written: --state.",
        ) from None


def _door(emulator: Emulator) -> str:
    """Say who may use the console, if the seed knows anybody."""
    people = emulator.demo_administrators()
    return f" ({people[0][0]}, {people[0][1]})" if people else ""


def _switch_on(emulator: Emulator, faults: tuple[str, ...]) -> None:
    """Switch faults on as they are written on the command line; raise ConfigError for one that there is not."""
    from bridgehead.emulator import FaultRefused  # noqa: PLC0415 - see start

    for one in faults:
        try:
            emulator.switch_on_as_written(one)
        except FaultRefused as refused:
            emulator.close()
            raise ConfigError(f"--fault {one}: {refused}.", cure="docs/faults.md lists them.") from None


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
    audit_entries: int = 100_000,
    strictness: str = "production",
    signing_algorithm: str | None = None,
    dialect: str = "thread",
    seed: str | None = None,
) -> Emulator:
    """Make an emulator that listens.

    Raises ConfigError when the extra is not installed, the state cannot be used, or the seed cannot be planted.
    """
    try:
        from bridgehead.emulator import (  # noqa: PLC0415 - an extra that may be missing
            Emulator,
            Limits,
            SeedRefused,
            StateUnreadable,
            read_seed,
        )
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
            limits=Limits(requests_per_minute=requests_per_minute, audit_entries=audit_entries),
            strictness={"production": strictness},
            algorithm=signing_algorithm or "",
            dialect=dialect,
            seed=read_seed(Path(seed).read_bytes()) if seed is not None else None,
        )
    except SeedRefused as wrong:
        raise ConfigError(
            f"{seed}: {wrong}.", cure="bridgehead emulate --show-seed prints one that can be planted."
        ) from None
    except StateUnreadable as other:
        raise ConfigError(
            f"The emulator cannot use its state: {other}.",
            cure="Name another file: --state; or the --seed and --dialect that it was begun with.",
        ) from None


def shown_seed() -> str:
    """Return the seed that is used by default, as YAML."""
    from bridgehead.emulator import demo_seed, write_seed  # noqa: PLC0415 - see start

    return write_seed(demo_seed()).decode()


def configuration(emulator: Emulator, dialect: str = "thread") -> str:
    """Return a `bridgehead.toml` for the emulator's tenants, with the secrets to export."""
    lines = ["# bridgehead.toml for this emulator. The secrets are for demonstration only:"]
    sections = []
    for client in emulator.demo_clients():
        if not client.plans:
            continue
        variable = f"{client.tenant}_{client.environment}_secret".upper()
        lines.append(f"#   export {variable}={client.secret}")
        sections.append(
            f"\n[tenants.{client.tenant}.environments.{client.environment}]\n"
            f'tenant_id = "{client.tenant_id}"\nbase_url = "{client.base_url}"\n'
            f'client_id = "{client.client_id}"\nclient_secret = "env:{variable}"'
            + (
                '\napproval = "guardrails"  # in production every plan waits for a person, unless this stands here'
                if client.environment == "production"
                else ""
            )
            + (f'\ndialect = "{dialect}"' if dialect != "thread" else "")
        )
    lines.append("# Then let `bridgehead init PLAN.csv` write the section of your planning file.")
    return "\n".join([*lines, *sections])

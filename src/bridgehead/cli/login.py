"""`bridgehead login` and `logout`: a person signs in with a browser, so that feeds act in their name; and out again."""

from __future__ import annotations

import webbrowser
from contextlib import closing

import click

from bridgehead.cli.awaited import awaiting
from bridgehead.cli.doctor.command import close_circuits
from bridgehead.cli.options import Face
from bridgehead.cli.view import Signed
from bridgehead.config import load
from bridgehead.entering import Entrance, entrance
from bridgehead.errors import Unavailable
from bridgehead.tenant import utc_now
from bridgehead.ukg.auth import Entered

_WAIT = 300
"""Seconds for a person who looks for a password."""


@click.command()
@click.argument("tenant")
@click.option("--environment", "-e", help="Which environment; else the tenant's default.")
@click.option("--no-browser", is_flag=True, help="Print the address only; open it in a browser of this machine.")
@click.pass_obj
def login(face: Face, tenant: str, environment: str | None, *, no_browser: bool) -> None:
    """Sign in with a browser, so that the feeds of this environment act in your name.

    \b
    Example:  bridgehead login acme --environment production
    """
    config = load(face.config)
    enter = entrance(config, tenant, environment, clock=utc_now)
    with closing(enter.door):
        entered = _entered(face, enter, no_browser=no_browser)
    close_circuits(face, config, tenant, enter.identity.environment)
    face.view.signed(
        Signed(
            tenant,
            enter.identity.environment,
            entered.kept.person,
            f"{entered.kept.person} is signed in for {entered.tenant_name or tenant}; kept in {enter.login.name}.",
            f"bridgehead doctor {tenant} --environment {enter.identity.environment}",
        )
    )


def _entered(face: Face, enter: Entrance, *, no_browser: bool) -> Entered:
    with awaiting(enter.callback) as awaited:
        asking = enter.ask(awaited.port)
        url = enter.url(asking)
        opened = not no_browser and webbrowser.open(url)
        face.view.say("Sign in, in the browser that was opened; or here:" if opened else "Sign in here:")
        click.echo(url, err=True)  # in one line, whatever the terminal's width: it is copied
        answer = awaited.wait(_WAIT)
    if answer is None:
        raise Unavailable(
            f"Nobody signed in within {_WAIT // 60} minutes.", cure="Begin anew.", next_command=enter.login.next_command
        )
    return enter.enter(asking, answer)


@click.command()
@click.argument("tenant")
@click.option("--environment", "-e", help="Which environment; else the tenant's default.")
@click.pass_obj
def logout(face: Face, tenant: str, environment: str | None) -> None:
    """End the login of an environment, at UKG and here: its feeds act for nobody until somebody signs in.

    \b
    Example:  bridgehead logout acme --environment production
    """
    enter = entrance(load(face.config), tenant, environment, clock=utc_now)
    with closing(enter.door):
        kept, told = enter.leave()
    name, words = enter.identity.environment, f"Nobody was signed in for {tenant}."
    if kept is not None:
        ended = "was ended at UKG, and is forgotten here" if told else "is forgotten here; UKG was not told"
        words = f"The login of {kept.person} {ended}."
    face.view.signed(Signed(tenant, name, kept.person if kept else "", words, enter.login.next_command))

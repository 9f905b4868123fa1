"""`bridgehead serve`: the page for people, by itself; what is due is synced by others."""

from __future__ import annotations

import signal
from collections.abc import Callable
from threading import Event, Lock

import click

from bridgehead.cli.options import Face
from bridgehead.config import Config
from bridgehead.errors import BridgeheadError
from bridgehead.service.listening import listen, serving
from bridgehead.service.watched import Watched
from bridgehead.service.web.application import application
from bridgehead.service.web.people import check_people
from bridgehead.tenant import utc_now


@click.command("serve")
@click.option("--listen", "address", help="Where the page is served, HOST:PORT, instead of listen under [run].")
@click.pass_obj
def command(face: Face, address: str | None) -> int:
    """Show the page: how every feed stands, what was refused and why, and the plans that wait, to be decided there.

    Whoever is named under [people.NAME] signs in, and sees and approves what that section says. It sends nothing by
    itself: `bridgehead run` does, or the next `bridgehead sync`. Stop it with Ctrl-C.

    \b
    Example:  bridgehead serve
              bridgehead serve --listen 0.0.0.0:8790
    """
    watched = Watched(face.config)
    check_people(watched.config)
    door, over = listen(address or watched.config.run.listen), Event()
    before = {number: signal.signal(number, lambda *_: over.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with serving(
            application(_kept(watched, face.view.say), next_run=lambda choice: watched.next_run(choice, utc_now())),
            door,
        ) as where:
            face.view.say(f"The page is at {where}. Stop it with Ctrl-C.")
            over.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def _kept(watched: Watched, say: Callable[[str], object]) -> Callable[[], Config]:
    """Return what gives the configuration as it stands by now; one that is wrong is named, and the one before holds."""
    lock = Lock()

    def wrong(error: BridgeheadError) -> None:
        say(f"{error.message} {error.cure} The configuration before holds on.")

    def config() -> Config:
        with lock:
            watched.refresh(on_wrong=wrong)
            return watched.config

    return config

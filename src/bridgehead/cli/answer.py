"""What `history` is asked beyond runs: the whole life of numbers, and the files for an auditor."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from bridgehead.answering.export import export
from bridgehead.answering.lives import Lives, Period, lives_of, wanted_of
from bridgehead.cli.options import Face, owner, place_of
from bridgehead.cli.page import write_page
from bridgehead.cli.signed import Signed, signed_page
from bridgehead.cli.view import Place
from bridgehead.config import Config
from bridgehead.errors import ConfigError
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.tables import Session
from bridgehead.tenant import choose, open_ledger, utc_now

Feeds = list[tuple[Place, FeedLedger]]


class Asked(msgspec.Struct, frozen=True):
    """What is to be told: whose runs, of which cells and days, and into which files."""

    tenant: str | None
    environment: str | None
    feed: str | None
    keys: tuple[str, ...]
    period: Period
    csv: Path | None
    html: Path | None


def answer(face: Face, config: Config, asked: Asked) -> None:
    """Tell the lives that are asked for, or write them to files; the page names the digest of the other file."""
    wanted = wanted_of(asked.keys) if asked.keys else None
    with _opened(config, asked) as (session, feeds):
        lives: list[tuple[Place, Lives]] = []
        if wanted is not None and asked.csv is None:
            lives = [(place, lives_of(ledger, session, wanted, asked.period)) for place, ledger in feeds]
        if asked.csv is None and asked.html is None:
            face.view.lives(lives)
            return
        touched = {one.run.run_id for _, told in lives for life in told.lives for one in life.chapters}
        touched |= {run.run_id for _, told in lives for run in told.silent}
        exported = None
        if asked.csv is not None:
            exported = export(
                session,
                asked.csv,
                [((place.tenant, place.environment, place.feed), ledger) for place, ledger in feeds],
                wanted=wanted,
                period=asked.period,
                told=lambda run, lines: touched.add(run.run_id) if lines else None,
            )
            face.view.exported(exported)
        if asked.html is not None:
            signed = Signed(asked.period, asked.keys, exported, utc_now(), owner(), touched if asked.keys else None)
            write_page(asked.html, signed_page(feeds, signed))
            face.view.say(f"{asked.html}: runs and decisions as a page, to be signed off.")


@contextmanager
def _opened(config: Config, asked: Asked) -> Iterator[tuple[Session, Feeds]]:
    """Open the ledgers of a tenant's feeds, and a session to look through them."""
    tenant = asked.tenant
    if tenant is None or tenant not in config.tenants:
        problem = f"There is no tenant {tenant!r}" if tenant else "It is not said whose history is asked for"
        known = ", ".join(config.tenants)
        raise ConfigError(f"{problem}.", cure=f"Name the tenant behind `history`: {known}.")
    feeds = config.tenants[tenant].feeds
    with (
        tempfile.TemporaryDirectory(prefix="bridgehead-") as spill,
        Session(temp_directory=spill, memory_limit=config.memory_limit) as session,
        ExitStack() as stack,
    ):
        found = []
        for name in [asked.feed] if asked.feed is not None or not feeds else feeds:
            choice = choose(config, tenant, asked.environment, name)
            ledger = open_ledger(choice)
            stack.callback(ledger.close)
            found.append((place_of(config, choice), ledger))
        yield session, found

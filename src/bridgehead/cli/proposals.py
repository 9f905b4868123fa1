"""Finding the plans that wait for a person, in the ledger of each feed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bridgehead.approval import Proposal
from bridgehead.cli.options import place_of
from bridgehead.cli.sync import saved_header
from bridgehead.cli.view import Place
from bridgehead.config import Config
from bridgehead.errors import ConfigError
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.tenant import Choice, choose, open_ledger

_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Found:
    """A proposal, and where it is kept."""

    choice: Choice
    place: Place
    ledger: FeedLedger
    proposal: Proposal


def proposals(config: Config) -> Iterator[Found]:
    """Yield every proposal of every feed, newest first; each ledger is open while its own are looked at."""
    for name, tenant in config.tenants.items():
        for environment in tenant.environments:
            for feed in tenant.feeds:
                choice = choose(config, name, environment, feed)
                ledger = open_ledger(choice)
                try:
                    place = place_of(config, choice)
                    yield from (Found(choice, place, ledger, one) for one in ledger.proposals.all())
                finally:
                    ledger.close()


@contextmanager
def proposal_named(config: Config, plan: str) -> Iterator[Found]:
    """Find a proposal by the beginning of its digest, or by the file that its plan was saved to; the newest one counts.

    Raises ConfigError when there is none, or several plans begin so.
    """
    wanted = saved_header(Path(plan)).digest if plan.endswith(".parquet") else plan.lower()
    if len(wanted) < _SHORTEST:
        raise ConfigError(f"{plan!r} is too short to tell plans apart.", cure="Give its first twelve signs.")
    digests = {one.proposal.plan.digest for one in proposals(config) if one.proposal.plan.digest.startswith(wanted)}
    if len(digests) != 1:
        told = f"There is no plan {plan}" if not digests else f"{len(digests)} plans begin with {plan}"
        raise ConfigError(
            f"{told} in the ledger.",
            cure="What waits is listed. A plan in a file waits once a sync of that file has proposed it.",
            next_command="bridgehead waiting",
        )
    for one in proposals(config):
        if one.proposal.plan.digest in digests:
            yield one
            return

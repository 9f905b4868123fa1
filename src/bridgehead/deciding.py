"""A person's decision on a plan that waits: who may decide, and what is written down; for the command and the page."""

from __future__ import annotations

from bridgehead.approval import Proposal
from bridgehead.errors import ConfigError
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.tenant import Choice


def decide(choice: Choice, ledger: FeedLedger, proposal: Proposal, *, approve: bool, by: str, reason: str) -> Proposal:
    """Approve or reject a proposal; raise ConfigError when it waits no longer, or this person may not approve it."""
    if not reason.strip():
        raise ConfigError("A decision needs a reason.", cure="Say it: it stays on record with your name and the time.")
    if approve and choice.settings.four_eyes and by == proposal.author:
        raise ConfigError(
            f"{by} drew plan {proposal.name}, and {choice.tenant} ({choice.environment}) demands a second person.",
            cure="Let somebody else look at it and approve it; four_eyes in the configuration says so.",
            next_command=f"bridgehead waiting {proposal.name}",
        )
    return ledger.proposals.decide(proposal.number, approve=approve, by=by, reason=reason.strip())

"""A plan that waits for a person's word: why it waits, until when, and what was decided, by whom and why."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from bridgehead.errors import ApprovalNeeded, BridgeheadError, Guardrail, PlanRejected
from bridgehead.plan import Plan

ProposalState = Literal["waiting", "approved", "rejected", "superseded", "done"]


class Proposal(msgspec.Struct, frozen=True):
    """A plan that was drawn and not sent, since a person has to decide.

    number: of the proposal in its ledger. message: why it waits. allows: the guardrails that it stopped at, which an
    approval confirms. author: who drew it. snapshot: what UKG has accepted when it is carried out; it moves on with the
    runs that carry it out. state: superseded when another plan took its place, done when all of it was answered.
    decided_by, reason: of an approval or a rejection.
    """

    number: int
    plan: Plan
    message: str
    allows: tuple[str, ...]
    author: str
    made_at: datetime
    expires_at: datetime
    snapshot: int
    state: ProposalState = "waiting"
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        """What people call it by: the beginning of its digest."""
        return self.plan.digest[:12]

    def expired(self, now: datetime) -> bool:
        """Whether it is too old to be decided or carried out. One that was begun is finished, however late."""
        begun = self.state == "approved" and self.snapshot != self.plan.bound.snapshot
        return now >= self.expires_at and not begun

    def standing(self, now: datetime) -> str:
        """Return its state as people see it, `expired` too."""
        return "expired" if self.state in ("waiting", "approved") and self.expired(now) else self.state

    def told(self, now: datetime) -> str:
        """Return its state with who decided, in words: `approved by jo`, `sent, approved by jo`, `waiting`."""
        standing = self.standing(now)
        if not self.decided_by:
            return standing
        return f"sent, approved by {self.decided_by}" if standing == "done" else f"{standing} by {self.decided_by}"

    def objection(self, stop: Guardrail | None = None, *, demanded: bool = True) -> BridgeheadError:
        """Return the error with which a sync stops: it waits, or was rejected.

        stop: the guardrail that it stopped at. demanded: whether it needs an approval in any case.
        """
        error = self._objection(stop, demanded=demanded)
        error.plan = self.name
        return error

    def _objection(self, stop: Guardrail | None, *, demanded: bool) -> BridgeheadError:
        next_command = f"bridgehead waiting {self.name}"
        if self.state == "rejected":
            return PlanRejected(
                f"This plan was rejected by {self.decided_by} on {_moment(self.decided_at)}: {self.reason} "
                "Nothing was sent.",
                cure="Another file, or what UKG accepts from elsewhere, makes another plan. The same one can be "
                f"proposed anew after {_moment(self.expires_at)}.",
                next_command=next_command,
            )
        message = f"{self.message} Nothing was sent; plan {self.name} waits until {_moment(self.expires_at)}."
        cure = "Look at it, then approve or reject it. The next sync sends it as it was approved."
        if stop is None:
            return ApprovalNeeded(message, cure=cure, next_command=next_command)
        return Guardrail(message, cure=cure if demanded else stop.cure, next_command=next_command, name=stop.name)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment is not None else "an unknown day"

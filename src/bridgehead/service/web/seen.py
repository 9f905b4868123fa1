"""What the ledger says of a feed, gathered for a page: how it stands, what waits, what was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from bridgehead.agenda import Appointment, Notice
from bridgehead.approval import Proposal
from bridgehead.circuit import Circuit
from bridgehead.config import Config
from bridgehead.ended import Ended
from bridgehead.errors import BridgeheadError
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.ports import RunRecord
from bridgehead.service.web.words import WHO, Words, of_plan, of_run, of_verdict
from bridgehead.tenant import Choice, choose, open_ledger

_NEVER = Words("Nothing was sent yet", "quiet", "No run has sent anything yet, and none has ended otherwise.")
_UNREADABLE = Words("The ledger cannot be read", "bad", "How this feed stands cannot be told at the moment.")
_WAIT_STATES = ("guardrail", "approval-needed", "plan-rejected")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a feed stands. message, cure, next_command: of the verdict, empty where it has none. who: has to act."""

    words: Words
    at: datetime | None = None
    message: str = ""
    cure: str = ""
    next_command: str = ""
    who: str = ""
    run: RunRecord | None = None
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class FeedSeen:
    """A feed as the page shows it. held: so many projections UKG holds of it, as of the last run; None: unknown."""

    choice: Choice
    outcome: Outcome
    held: int | None = None
    circuit: Circuit | None = None
    next_run: datetime | None = None
    runs: tuple[RunRecord, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    notices: tuple[Notice, ...] = ()
    waiting: Proposal | None = None

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/feeds/{self.choice.tenant}/{self.choice.environment}/{self.choice.feed_name}"

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.choice.tenant} \u00b7 {self.choice.environment} \u00b7 {self.choice.feed_name}"


def choices(config: Config, sees: Callable[[str], bool]) -> Iterator[Choice]:
    """Yield the feeds of the tenants that somebody sees."""
    for name, tenant in config.tenants.items():
        if sees(name):
            for environment in tenant.environments:
                for feed in tenant.feeds:
                    yield choose(config, name, environment, feed)


def look(choice: Choice, clock: Callable[[], datetime], next_run: datetime | None, *, notices: int = 0) -> FeedSeen:
    """Return how a feed stands; a ledger that cannot be read is told, so that one feed's trouble hides no other's."""
    try:
        with closing(open_ledger(choice, clock)) as ledger:
            return _look(choice, ledger, clock(), next_run, notices)
    except BridgeheadError as wrong:
        told = Outcome(_UNREADABLE, None, wrong.message, wrong.cure, wrong.next_command, WHO[2])
        return FeedSeen(choice, told, next_run=next_run)


def _look(choice: Choice, ledger: FeedLedger, now: datetime, next_run: datetime | None, notices: int) -> FeedSeen:
    runs, proposals = tuple(ledger.history()), tuple(ledger.proposals.all())
    agreement = ledger.agreement()
    return FeedSeen(
        choice,
        outcome_of(ledger.agenda.appointment(), runs, proposals, now),
        agreement.projections if agreement is not None else _held(runs),
        ledger.circuit(),
        next_run,
        runs,
        proposals,
        tuple(ledger.agenda.notices(notices)) if notices else (),
        ledger.proposals.waiting(),
    )


def _held(runs: tuple[RunRecord, ...]) -> int | None:
    """Return what UKG holds after the last run, as far as its counts alone tell it."""
    if not runs or runs[0].state not in ("complete", "adopted", "repaired"):
        return None
    counts = runs[0].counts
    return counts.unchanged if runs[0].state != "complete" else counts.held + counts.create - counts.retire


def outcome_of(
    appointment: Appointment, runs: tuple[RunRecord, ...], proposals: tuple[Proposal, ...], now: datetime
) -> Outcome:
    """Return how a feed stands: by what happened last, a plan's decision, a run, or how a scheduled sync ended."""
    run, newest, verdict = runs[0] if runs else None, proposals[0] if proposals else None, appointment.verdict
    ran_at = (run.ended_at or run.started_at) if run is not None else None
    verdict_at = appointment.verdict_at
    last = max((at for at in (ran_at, verdict_at) if at is not None), default=None)
    if newest is not None and newest.standing(now) not in ("done", "superseded"):
        touched = newest.decided_at or newest.made_at
        about_it = verdict is not None and verdict.state in _WAIT_STATES and verdict.plan in ("", newest.name)
        if last is None or touched >= last or (about_it and last == verdict_at):
            standing = newest.standing(now)
            who = WHO[6] if standing == "waiting" else ""
            return Outcome(of_plan(standing), touched, newest.message, who=who, proposal=newest)
    if verdict is not None and verdict_at is not None and (ran_at is None or verdict_at >= ran_at):
        return _verdict(verdict, verdict_at, next((one for one in runs if one.run_id == verdict.run_id), None))
    if run is not None:
        return Outcome(of_run(run.state), ran_at, run=run, who=WHO[7] if run.state == "partial" else "")
    return Outcome(_NEVER)


def _verdict(verdict: Ended, at: datetime, run: RunRecord | None) -> Outcome:
    return Outcome(
        of_verdict(verdict.state),
        at,
        verdict.message,
        verdict.cure,
        verdict.next_command,
        WHO.get(verdict.exit_code, ""),
        run,
    )

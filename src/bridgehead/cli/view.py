"""What every command can show, behind one interface: a view for people and a view for machines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from bridgehead.approval import Proposal
from bridgehead.ended import Ended
from bridgehead.errors import BridgeheadError, Guardrail
from bridgehead.events import Event, Verdict
from bridgehead.plan import Plan
from bridgehead.ports import BatchRecord, Rejected, RunRecord

if TYPE_CHECKING:  # only some commands need those rooms
    from bridgehead.answering.export import Exported
    from bridgehead.answering.lives import Lives
    from bridgehead.doctor import Check, Diagnosis, Finding
    from bridgehead.doctor.abilities import Ability
    from bridgehead.doctor.contract import Clause
    from bridgehead.doctor.letters import Letter
    from bridgehead.ledgers.purging import Purged
    from bridgehead.sources.guess import Looked


class Place(msgspec.Struct, frozen=True):
    """Of which feed we speak. options: what a command needs to mean the same one."""

    tenant: str
    environment: str
    feed: str
    options: str = ""

    def __str__(self) -> str:
        """Name it in one line."""
        return f"{self.tenant} · {self.environment} · {self.feed}"

    def command(self, verb: str) -> str:
        """Return the command that does something with this feed."""
        return f"bridgehead {verb} {self.tenant}{self.options}"


class Standing(msgspec.Struct, frozen=True):
    """How one feed stands, from its ledger alone. problem: why the ledger cannot say.

    waiting: the plan that waits for a person. verdict: how its last sync ended, and when, also one that sent nothing.
    """

    place: Place
    held: int
    retired: int
    last: RunRecord | None
    open_run: bool
    rejects: Sequence[Rejected] = ()
    problem: str = ""
    waiting: Proposal | None = None
    verdict: Ended | None = None
    verdict_at: datetime | None = None


class Past(msgspec.Struct, frozen=True):
    """A run of a feed, and where it is asked for, each of its batches."""

    place: Place
    run: RunRecord
    batches: Sequence[BatchRecord] = ()
    rejects: Sequence[Rejected] = ()


class Signed(msgspec.Struct, frozen=True):
    """Who signed in or out, empty where nobody was signed in; what became of it, and what to type next."""

    tenant: str
    environment: str
    person: str
    words: str
    next_command: str


class Asked(msgspec.Struct, frozen=True):
    """What tenant/info said, and whether the configuration agrees. at: when."""

    tenant: str
    tenant_id: str
    tenant_name: str
    environment: str
    configured: str
    at: datetime

    @property
    def agrees(self) -> bool:
        """Whether the configuration holds the same id."""
        return self.tenant_id == self.configured


class Examined(msgspec.Struct, frozen=True):
    """Whom the doctor examines. options: what a command needs to mean the same one."""

    tenant: str
    environment: str
    client_id: str
    base_url: str
    options: str = ""


class Written(msgspec.Struct, frozen=True):
    """Where the configuration is that `init` wrote, or, since it was there, did not write, and what to type then."""

    path: str
    written: bool
    next_command: str


class View(Protocol):
    """How a command speaks."""

    def plan(self, place: Place, plan: Plan, objection: Guardrail | None) -> None:
        """Show a plan of which nothing was sent. objection: the guardrail that a sync would stop at."""

    def event(self, place: Place, event: Event) -> None:
        """Show what just happened."""

    def happened(self, place: Place, event: Event) -> None:
        """Show an event of one of several feeds that are under way at once."""

    def ended(self, place: Place, ended: Ended, told: str) -> None:
        """Show how one of several feeds ended. told: why, in a line."""

    def round(self, rows: Sequence[tuple[Place, Ended]]) -> None:
        """Show how all of them ended."""

    def rejects(self, place: Place, rejects: Sequence[Rejected]) -> None:
        """Show which records UKG rejected."""

    def waiting_plans(self, rows: Sequence[tuple[Place, Proposal]], now: datetime) -> None:
        """Show the plans that wait for a person."""

    def proposal(self, place: Place, proposal: Proposal, now: datetime) -> None:
        """Show one of them, with what would change and what was decided."""

    def verdict(self, place: Place, verdict: Verdict) -> None:
        """Show what reading back found."""

    def finding(self, where: Examined, finding: Finding) -> None:
        """Show what a check of the doctor found."""

    def diagnosis(self, where: Examined, diagnosis: Diagnosis, findings: Sequence[Finding]) -> None:
        """Show what the findings amount to, and what is to be done."""

    def ward(self, rows: Sequence[tuple[Examined, Diagnosis, Sequence[Finding]]]) -> None:
        """Show how tenants fare, a line each."""

    def checks(self, checks: Sequence[Check]) -> None:
        """Show every check, and what it asks."""

    def abilities(self, where: Examined, found: Sequence[Ability]) -> None:
        """Show what a client may do."""

    def clauses(self, where: Examined, clauses: Sequence[Clause]) -> None:
        """Show how the answers of a UKG fit the dialect."""

    def letters(self, letters: Sequence[Letter]) -> None:
        """Show letters to those who have to act."""

    def status(self, standings: Sequence[Standing]) -> None:
        """Show how feeds stand."""

    def history(self, runs: Sequence[Past]) -> None:
        """Show runs, newest first."""

    def run(self, past: Past) -> None:
        """Show one run: its batches, each attempt to send them, and what UKG rejected."""

    def lives(self, found: Sequence[tuple[Place, Lives]]) -> None:
        """Show the whole life of numbers."""

    def exported(self, exported: Exported) -> None:
        """Say that a file for an auditor was written."""

    def purged(self, place: Place, purged: Purged, *, dry_run: bool) -> None:
        """Show which values of a feed were dropped, or would be."""

    def tenant_id(self, asked: Asked) -> None:
        """Show a tenant id that was asked for."""

    def signed(self, signed: Signed) -> None:
        """Say who signed in or out."""

    def looked(self, looked: Looked, written: Written) -> None:
        """Show what a planning file seems to hold, and the section that reads it."""

    def say(self, words: str) -> None:
        """Say something beside the result."""

    def waiting(self, why: str, seconds: float) -> None:
        """Say that a call has to wait. Called from several threads."""

    def error(self, error: BridgeheadError) -> None:
        """Say what went wrong and what to do."""

    def close(self) -> None:
        """End a progress bar that is still there."""

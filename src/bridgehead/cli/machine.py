"""The view for machines: one JSON object a line on stdout, each with a `type`; numbers keep every digit."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from bridgehead.approval import Proposal
from bridgehead.cli.view import Asked, Examined, Past, Place, Signed, Standing, Written
from bridgehead.errors import BridgeheadError, Guardrail, RowsInvalid
from bridgehead.events import Event, Verdict
from bridgehead.plan import Plan
from bridgehead.ports import Rejected

if TYPE_CHECKING:  # only some commands need those rooms
    from bridgehead.answering.export import Exported
    from bridgehead.answering.lives import Lives
    from bridgehead.doctor import Check, Diagnosis, Finding
    from bridgehead.doctor.abilities import Ability
    from bridgehead.doctor.contract import Clause
    from bridgehead.doctor.letters import Letter
    from bridgehead.ended import Ended
    from bridgehead.ledgers.purging import Purged
    from bridgehead.sources.guess import Looked

_encode = msgspec.json.Encoder(decimal_format="number").encode


@cache
def _kind(event: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", event.__name__).lower()


class MachineView:
    """Writes every event as it happens."""

    def _write(self, kind: str, **values: Any) -> None:
        sys.stdout.write(_encode({"type": kind, **values}).decode() + "\n")
        sys.stdout.flush()

    def plan(self, place: Place, plan: Plan, objection: Guardrail | None) -> None:
        """Write the plan, and what a sync would stop at."""
        self._write("plan", place=place, plan=plan, guardrail=objection.message if objection else None)

    def event(self, place: Place, event: Event) -> None:
        """Write an event; its type is the class's name with dashes."""
        values = {name: getattr(event, name) for name in event.__struct_fields__}
        self._write(_kind(type(event)), place=place, **values)

    def happened(self, place: Place, event: Event) -> None:
        """Write the event, as if it were alone."""
        self.event(place, event)

    def ended(self, place: Place, ended: Ended, told: str) -> None:
        """Write the feed's verdict."""
        self._write("ended", place=place, ended=ended, told=told)

    def round(self, rows: Sequence[tuple[Place, Ended]]) -> None:
        """Each verdict has been written."""

    def rejects(self, place: Place, rejects: Sequence[Rejected]) -> None:
        """Write one line for each rejected record."""
        for one in rejects:
            self._write("rejected", place=place, rejected=one)

    def waiting_plans(self, rows: Sequence[tuple[Place, Proposal]], now: datetime) -> None:
        """Write one line for each plan."""
        for place, one in rows:
            self.proposal(place, one, now)

    def proposal(self, place: Place, proposal: Proposal, now: datetime) -> None:
        """Write the plan with its state and decision."""
        self._write("proposal", place=place, name=proposal.name, state=proposal.standing(now), proposal=proposal)

    def verdict(self, place: Place, verdict: Verdict) -> None:
        """Write the verdict of reading back."""
        self._write("verdict", place=place, verdict=verdict)

    def finding(self, where: Examined, finding: Finding) -> None:
        """Write what a check found; `schema` is promised as docs/doctor.md says."""
        self._write("finding", schema=1, about=where, finding=finding)

    def diagnosis(self, where: Examined, diagnosis: Diagnosis, findings: Sequence[Finding]) -> None:  # noqa: ARG002
        """Write the diagnosis; the findings have been written."""
        self._write("diagnosis", schema=1, about=where, diagnosis=diagnosis)

    def ward(self, rows: Sequence[tuple[Examined, Diagnosis, Sequence[Finding]]]) -> None:
        """Write each tenant's findings and diagnosis."""
        for where, diagnosis, findings in rows:
            for finding in findings:
                self.finding(where, finding)
            self.diagnosis(where, diagnosis, findings)

    def checks(self, checks: Sequence[Check]) -> None:
        """Write one line for each check."""
        for one in checks:
            told = {"check": one.slug, "link": one.link, "asks": one.asks, "needs": one.needs}
            self._write("check", schema=1, **told)

    def abilities(self, where: Examined, found: Sequence[Ability]) -> None:
        """Write one line for each thing that the client may do."""
        for one in found:
            self._write("ability", schema=1, about=where, ability=one)

    def clauses(self, where: Examined, clauses: Sequence[Clause]) -> None:
        """Write one line for each key of the dialect."""
        for one in clauses:
            self._write("clause", schema=1, about=where, clause=one)

    def letters(self, letters: Sequence[Letter]) -> None:
        """Write one line for each letter."""
        for one in letters:
            self._write("letter", schema=1, letter=one)

    def status(self, standings: Sequence[Standing]) -> None:
        """Write one line for each feed."""
        for standing in standings:
            self._write("status", standing=standing)

    def history(self, runs: Sequence[Past]) -> None:
        """Write one line for each run."""
        for past in runs:
            self._write("run", place=past.place, run=past.run)

    def run(self, past: Past) -> None:
        """Write the run, then a line for each batch and each rejected record."""
        self._write("run", place=past.place, run=past.run)
        for one in past.batches:
            self._write("batch", place=past.place, run_id=past.run.run_id, batch=one)
        self.rejects(past.place, past.rejects)

    def lives(self, found: Sequence[tuple[Place, Lives]]) -> None:
        """Write a line for each run without values, each chapter of a life, and what the cell holds now."""
        for place, lives in found:
            for run in lives.silent:
                self._write("run", place=place, run=run)
            for life in lives.lives:
                for one in life.chapters:
                    self._write("chapter", place=place, of=life.cell, origin=one.origin, chapter=one)
                self._write("life", place=place, of=life.cell, chapters=len(life.chapters), now=life.now)

    def exported(self, exported: Exported) -> None:
        """Write where the file is, and its digest."""
        self._write("exported", exported=exported)

    def purged(self, place: Place, purged: Purged, *, dry_run: bool) -> None:
        """Write what was dropped."""
        self._write("purged", place=place, dry_run=dry_run, purged=purged)

    def tenant_id(self, asked: Asked) -> None:
        """Write the tenant id."""
        self._write("tenant-id", asked=asked, agrees=asked.agrees)

    def signed(self, signed: Signed) -> None:
        """Write who signed in or out."""
        self._write("signed", signed=signed)

    def looked(self, looked: Looked, written: Written) -> None:
        """Write what was found, with the section."""
        self._write("looked", looked=looked, written=written)

    def say(self, words: str) -> None:
        """Talk goes to stderr, so that stdout stays readable by programs."""
        sys.stderr.write(words + "\n")

    def waiting(self, why: str, seconds: float) -> None:
        """Write that a call has to wait."""
        self._write("waiting", why=why, seconds=round(seconds, 3))

    def error(self, error: BridgeheadError) -> None:
        """Write the error."""
        more = (
            {"rows": error.rows, "count": error.count, "by_rule": error.by_rule}
            if isinstance(error, RowsInvalid)
            else {}
        )
        self._write(
            "error",
            slug=error.slug,
            message=error.message,
            cure=error.cure,
            next_command=error.next_command,
            exit_code=error.exit_code,
            **more,
        )

    def close(self) -> None:
        """Nothing stays open."""

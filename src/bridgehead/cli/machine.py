"""The view for machines: one JSON object a line on stdout, each with a `type`; numbers keep every digit."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from bridgehead.cli.view import Asked, Past, Place, Standing, Written
from bridgehead.errors import BridgeheadError, Guardrail, RowsInvalid
from bridgehead.events import Event, Verdict
from bridgehead.plan import Plan
from bridgehead.ports import Rejected

if TYPE_CHECKING:  # only `init` needs that room, and it is large
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

    def rejects(self, place: Place, rejects: Sequence[Rejected]) -> None:
        """Write one line for each rejected record."""
        for one in rejects:
            self._write("rejected", place=place, rejected=one)

    def verdict(self, place: Place, verdict: Verdict) -> None:
        """Write the verdict of reading back."""
        self._write("verdict", place=place, verdict=verdict)

    def healthy(self, place: Place) -> None:
        """Write that UKG would accept a delivery."""
        self._write("healthy", place=place)

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

    def tenant_id(self, asked: Asked) -> None:
        """Write the tenant id."""
        self._write("tenant-id", asked=asked, agrees=asked.agrees)

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

"""The log of a process that lives for months: a line for each event, for people or, as JSON, for machines."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Any, TextIO

import msgspec

from bridgehead.ended import Ended
from bridgehead.events import BatchAnswered, Event, Planned, Released, RunFinished, RunStarted, Settling, Verified
from bridgehead.service.due import Why
from bridgehead.tenant import Choice

_WHY = {
    "schedule": "as scheduled",
    "retry": "once more",
    "resume": "to settle a run that did not end",
    "approved": "since its plan was approved",
}


class Log:
    """Writes to a stream, one line at a time, each with its moment. as_json: one JSON object a line.

    No figure of a plan and no secret is in it, only counts and names.
    """

    def __init__(self, clock: Callable[[], datetime], *, as_json: bool, stream: TextIO = sys.stderr) -> None:
        self._clock, self._as_json, self._stream = clock, as_json, stream
        self._turn = Lock()
        self._runs: dict[tuple[str, str, str], str] = {}

    def write(self, level: str, event: str, words: str, **fields: Any) -> None:
        """Write a line. event: its name for machines. fields: what else it tells them."""
        moment = self._clock().isoformat(timespec="milliseconds")
        if self._as_json:
            told = {"time": moment, "level": level, "event": event, "message": words, **fields}
            line = msgspec.json.encode(told).decode()
        else:
            line = f"{moment} {level.upper():7} {words}"
        with self._turn:
            self._stream.write(line.replace("\n", " ") + "\n")
            self._stream.flush()

    def placed(self, choice: Choice, why: Why) -> None:
        """Write that a feed was given a place."""
        self._of(choice, "info", "placed", f"is synced {_WHY[why]}.", why=why)

    def happened(self, choice: Choice, event: Event) -> None:
        """Write what happens in a run; of batches, only what is not as usual."""
        match event:
            case Planned(plan):
                counts = msgspec.structs.asdict(plan.counts)
                words = f"planned: {plan.counts.changes:,} changes, {plan.counts.unchanged:,} unchanged."
                self._of(choice, "info", "planned", words, counts=counts, digest=plan.digest)
            case RunStarted(run_id, records):
                self._runs[_key(choice)] = run_id
                self._of(choice, "info", "run-started", f"run {run_id}: {records:,} records.", records=records)
            case BatchAnswered(receipt):
                level = "warning" if receipt.rejected else "debug"
                words = f"batch {receipt.number}: {receipt.accepted + receipt.unchanged:,} accepted."
                correlation = receipt.correlation_id
                self._of(choice, level, "batch-answered", words, batch=receipt.number, correlation_id=correlation)
            case RunFinished(run_id, state):
                self._of(choice, "info", "run-finished", f"run {run_id} is {state}.", state=state)
            case Verified(verdict):
                words = "arrived, as UKG says." if verdict.holds else f"{len(verdict.differences):,} cells differ."
                self._of(choice, "info" if verdict.holds else "warning", "verified", words)
            case Settling(run_id, doubtful):
                words = f"run {run_id} did not end: {doubtful:,} requests are settled first."
                self._of(choice, "warning", "settling", words, doubtful=doubtful)
            case Released(plan, by, reason):
                words = f"plan {plan}, approved by {by}, is carried out as it was signed."
                self._of(choice, "info", "released", words, plan=plan, approved_by=by, reason=reason)

    def ended(self, choice: Choice, ended: Ended) -> None:
        """Write how a run ended."""
        level = "info" if not ended.exit_code or ended.retry_in is not None else "error"
        told = f": {ended.message} {ended.next_command}".rstrip() if ended.message else "."
        words = f"{ended.state}, {ended.accepted:,} accepted, {ended.rejected:,} rejected{told}"
        self._of(choice, level, "ended", words, ended=msgspec.structs.asdict(ended))
        self._runs.pop(_key(choice), None)

    def said(self, level: str, words: str) -> None:
        """Write something about the scheduler itself."""
        self.write(level, "scheduler", words)

    def _of(self, choice: Choice, level: str, event: str, words: str, **fields: Any) -> None:
        tenant, environment, feed = _key(choice)
        if level == "debug" and not self._as_json:
            return
        where = {"tenant": tenant, "environment": environment, "feed": feed, "run_id": self._runs.get(_key(choice), "")}
        self.write(level, event, f"{tenant} · {environment} · {feed} {words}", **where, **fields)


def _key(choice: Choice) -> tuple[str, str, str]:
    return choice.tenant, choice.environment, choice.feed_name

"""The way back: the plan that brings back what stood before a run, as far as that run arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from bridgehead.compare.accepted import prepare
from bridgehead.compare.differences import Wire, draw
from bridgehead.compare.reverts import find_changed, outside, resolve, stage_arrived, take_back
from bridgehead.compare.rules import judge_changes
from bridgehead.compare.telling import Report, report
from bridgehead.errors import ConfigError, LedgerUnusable, RowsInvalid
from bridgehead.feed import Feed
from bridgehead.plan import Plan
from bridgehead.ports import Ledger, RunRecord, Target, Terms
from bridgehead.tables import Session


@dataclass(frozen=True, slots=True)
class Reverting:
    """What such a plan is drawn from: what the ledger keeps of the run, and what UKG has accepted since."""

    feed: Feed
    target: Target
    terms: Terms
    ledger: Ledger
    session: Session

    def draw(self, run_id: str, now: datetime) -> Plan:
        """Plan the values that stood before a run. Raises ConfigError when they are not known.

        What has changed since is a conflict, which stops the plan until a person confirms it.
        """
        session, terms = self.session, self.terms
        run = self._run(run_id)
        prepare(session)
        snapshot = self.ledger.snapshot(session)
        self._stage(run)
        take_back(session)
        self._check_owned(run_id)
        judge_changes(session, terms.known)
        name = f"revert of {run_id}"
        found = report(session, locate=lambda _record, _column: name)
        if self.feed.policy.on_invalid == "refuse":
            _refuse(found)
        owned, compared = resolve(session, self.feed.owns or self.ledger.baseline().owned)
        overlap = self.feed.overlap(owned, self.ledger.neighbours())
        if overlap is not None:
            raise overlap
        read = self.target.read if self.feed.policy.read_back else None
        conflicts, conflicting = find_changed(session, read, terms.names)
        plan = draw(
            session,
            # How its source is read now has nothing to do with what stood there.
            replace(self.feed.bound(snapshot, name, ""), mapping=""),
            owned,
            Wire(terms.names, terms.scales, terms.envelope, terms.per_minute),
            {},
            now,
            found,
            compared=compared,
        )
        return replace(plan, reverts=run_id, conflicts=conflicts, conflicting=conflicting, on_drift="stop")

    def _run(self, run_id: str) -> RunRecord:
        """Return a run that can be taken back."""
        feed = self.feed
        run = next((one for one in self.ledger.history() if one.run_id == run_id), None)
        history = f"bridgehead history {feed.tenant}"
        if run is None:
            raise ConfigError(
                f"The feed {feed.name} of {feed.tenant} ({feed.environment}) has no run {run_id!r}.",
                cure="Copy it from the list. Where it belongs to another feed or environment, say which: --feed, "
                "--environment.",
                next_command=history,
            )
        if run.state in ("adopted", "repaired"):
            raise ConfigError(
                f"Run {run_id} took over what UKG held, and sent nothing: there is nothing to take back.",
                cure="Name a run that sent something.",
                next_command=history,
            )
        if run.dropped_at:
            raise _unknown(run_id, f"were purged on {run.dropped_at[:10]}")
        if run.state == "open":
            raise ConfigError(
                f"Run {run_id} did not end: it is not known yet what has arrived of it.",
                cure="A sync settles it first; `sync --revert` does so by itself.",
                next_command=f"bridgehead sync {feed.tenant} --revert {run_id}",
            )
        return run

    def _stage(self, run: RunRecord) -> None:
        """Fill `arrived` with what UKG took of a run."""
        try:
            self.ledger.stage_run(run.run_id, self.session)
        except LedgerUnusable as wrong:
            raise _unknown(run.run_id, "are not kept in the ledger") from wrong
        batches = self.ledger.batches(run.run_id)
        ranges = [(one.first, one.last) for one in batches if one.state in ("answered", "unknown")]
        stage_arrived(self.session, ranges, [one.row for one in self.ledger.rejects(run.run_id)])

    def _check_owned(self, run_id: str) -> None:
        """Raise ConfigError where the run changed something that the feed no longer says it owns."""
        stranger = outside(self.session, self.feed.owns) if self.feed.owns else None
        if stranger is not None:
            raise ConfigError(
                f"Run {run_id} changed {stranger}, which lies outside the plan that the feed {self.feed.name} owns.",
                cure="Widen owns in bridgehead.toml for it, or correct these cells in the plan of whoever owns them.",
            )


def _unknown(run_id: str, why: str) -> ConfigError:
    return ConfigError(
        f"What stood before run {run_id} is not known any more: its values {why}.",
        cure="Put the planning file right, and sync it: it says what is to stand there.",
    )


def _refuse(found: Report) -> None:
    """Raise RowsInvalid when UKG would not take something back."""
    if found.count:
        cells = "1 cell" if found.count == 1 else f"{found.count:,} cells"
        raise RowsInvalid(
            f"{cells} can no longer be brought back. Nothing was sent.",
            rows=found.rows,
            count=found.count,
            by_rule=found.by_rule or {},
            cure="Have the periods opened, or the codes created, in UKG. "
            'With on_invalid = "skip" under rules the other cells go without them.',
        )

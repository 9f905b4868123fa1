"""Drawing a plan: from the source as it is, what UKG last accepted and its terms, to what would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec import structs

from bridgehead.batches import budget_of
from bridgehead.compare.accepted import held_parts, holds_any, prepare
from bridgehead.compare.conflicts import find_conflicts
from bridgehead.compare.differences import Wire, compare, draw, said_by_all, stage_owned, write_owned
from bridgehead.compare.records import digest_records, requests_needed
from bridgehead.compare.rules import MISTYPED, add_up, judge, judge_changes, judge_ownership
from bridgehead.compare.telling import refuse, report, unreadable_keys
from bridgehead.feed import Feed
from bridgehead.plan import Conflict, Owned, Plan, digest_of
from bridgehead.ports import Ledger, Source, Staged, Target, Terms
from bridgehead.tables import Session


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a plan is drawn from. partial: the source is a part of the plan; nothing that it lacks is retired."""

    feed: Feed
    source: Source
    staged: Staged
    target: Target
    terms: Terms
    ledger: Ledger
    session: Session
    partial: bool = False

    def draw(self, now: datetime, *, closely: bool = False) -> Plan:
        """Judge the rows that the source has staged, compare them, and judge what changes.

        closely: look for cells that are planned twice before the comparison, also where that shows them.
        """
        session, staged, terms, policy = self.session, self.staged, self.terms, self.feed.policy
        prepare(session)
        snapshot = self.ledger.snapshot(session)
        closely = closely or not self._shown_by_comparison()
        control = add_up(session) if self.feed.guardrails.control else {}
        absent = self._judge(closely=closely)
        said = said_by_all(session)
        owned = self._owned(said)
        hold = self.partial or bool(unreadable_keys(session))
        compared = compare(session, said, hold=hold, renames=staged.renames, unique=closely)
        if compared is None:
            return replace(self, staged=self.source.stage(session)).draw(now, closely=True)
        judge_changes(session, terms.known)
        found = report(session, words=staged.words, locate=self.source.locate)
        # Half a cell whose other half cannot be placed would take away what UKG holds of it.
        misplaced = found.unreadable or not MISTYPED.isdisjoint(found.by_rule or {})
        if policy.on_invalid == "refuse" or (staged.split and misplaced):
            refuse(found)
        conflicts, conflicting = self._conflicts()
        plan = draw(
            session,
            self.feed.bound(snapshot, staged.name, staged.digest),
            owned,
            Wire(terms.names, terms.scales, terms.envelope, terms.per_minute),
            self.ledger.agreed(),
            now,
            found,
            compared=compared,
            absent=absent,
            control=control,
            shares=staged.shares,
        )
        on_drift = policy.on_drift if policy.read_back else ""
        return structs.replace(plan, conflicts=conflicts, conflicting=conflicting, on_drift=on_drift)

    def _shown_by_comparison(self) -> bool:
        """Whether the comparison with what UKG holds shows cells that are planned twice.

        To look for them beforehand takes a twentieth of a run that finds little changed (measured). It is needed where
        the rules say what becomes of such cells, and where a later rule might set one of a pair aside, so that the
        other one would be sent.
        """
        policy = self.feed.policy
        later = policy.fte_over_headcount == "refuse" or bool(self.feed.owns)
        return policy.duplicates == "refuse" and not later and holds_any(self.session)

    def _judge(self, *, closely: bool) -> int:
        """Judge the staged rows; return how many cells hold no value."""
        absent = judge(
            self.session,
            scales=self.terms.scales,
            unset=self.staged.unset,
            policy=self.feed.policy,
            duplicates=closely,
            clean=self.staged.clean,
        )
        if self.feed.owns:
            write_owned(self.session, self.feed.owns)
            judge_ownership(self.session)
        self.source.forget(self.session)
        return absent

    def _owned(self, said: Mapping[str, str | None]) -> tuple[Owned, ...]:
        """Stage what the feed is complete for; raise ConfigError where another feed of the tenant is too."""
        known = self.terms.known
        # A part of the plan says nothing of how far the whole reaches.
        declared = self.feed.owns or (held_parts(self.session) if self.partial else ())
        owned = stage_owned(self.session, declared, said, open_from=known.open_from, open_to=known.open_to)
        overlap = self.feed.overlap(owned, self.ledger.neighbours())
        if overlap is not None:
            raise overlap
        return owned

    def _conflicts(self) -> tuple[tuple[Conflict, ...], int]:
        """Read back what would change, where the feed's rules say so."""
        if not self.feed.policy.read_back:
            return (), 0
        return find_conflicts(self.session, self.target.read, self.terms.names, self.feed.policy.on_drift)


def told(plan: Plan, session: Session, terms: Terms) -> Plan:
    """Return a plan that is looked at, with its digest and how many requests it takes."""
    count = plan.counts.changes
    rows = digest_records(session, plan.rendering, count) if count else ""
    budget = budget_of(plan.envelope, terms)
    requests = requests_needed(session, plan.rendering, count, most=terms.max_records, budget=budget)
    return structs.replace(plan, requests=requests, digest=digest_of(plan.bound, rows))

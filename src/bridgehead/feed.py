"""A feed: what it is complete for, what its rules leave to choice, and how far a plan may go by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Literal

import msgspec

from bridgehead.errors import ConfigError, Guardrail
from bridgehead.plan import Bound, Owned, Plan, Stop


class Guardrails(msgspec.Struct, frozen=True):
    """How far a plan may go before a person has to confirm it, in percent of what UKG holds.

    control: what the source has to add up to, by measure, or `projections` for how many there are. whole: the same for
    a source that several tenants share, as a whole.
    """

    max_retired_percent: Decimal = Decimal(20)
    max_total_change_percent: Decimal = Decimal(30)
    max_org_unit_retired_percent: Decimal = Decimal(50)
    max_org_unit_change_percent: Decimal = Decimal(100)
    control: Mapping[str, Decimal] = {}
    whole: Mapping[str, Decimal] = {}

    def objection(self, plan: Plan, *, allowed: frozenset[str] = frozenset()) -> Guardrail | None:
        """Return the error that names the first limit which the plan passes and nobody confirmed; None: it may go."""
        return next(iter(self.objections(plan, allowed=allowed)), None)

    def objections(self, plan: Plan, *, allowed: frozenset[str] = frozenset()) -> Iterator[Guardrail]:
        """Yield an error for each limit that the plan passes and nobody confirmed."""
        for stop in self.passed(plan):
            if stop.name not in allowed:
                feed = f"{plan.bound.tenant} --environment {plan.bound.environment} --feed {plan.bound.feed}"
                cure = f"{stop.first} If it is meant, confirm it with --allow {stop.name}."
                command = f"bridgehead plan {feed}{plan.options}"
                yield Guardrail(stop.message, cure=cure, next_command=command, name=stop.name)

    def passed(self, plan: Plan) -> Iterator[Stop]:
        """Yield the limits that a plan passes, confirmed or not; those of the whole first, where it is a slice."""
        yield from plan.stops
        for name, message, first in (
            *self._uncontrolled(plan),
            *_changed_meanwhile(plan),
            *self._emptied(plan),
            *self._retired(plan),
            *self._vanished(plan),
            *self._moved(plan),
        ):
            yield Stop(name, message, first)

    def _uncontrolled(self, plan: Plan) -> Iterator[tuple[str, str, str]]:
        whole = {name: Decimal(sum(getattr(one, name) for one in plan.shares)) for name in self.whole if plan.shares}
        part = f" of {plan.bound.tenant}" if plan.shares else ""
        for stated, found, whose in ((self.whole, whole, ""), (self.control, plan.control, part)):
            for name in stated.keys() & found.keys():
                if found[name] != stated[name]:
                    adds_up = f"{plan.bound.source} adds up to {found[name].normalize():f} {name}{whose}"
                    told = f"{adds_up}, its control total says {stated[name]}."
                    yield "control", told, "Look whether the export is whole, or the control total of another file."

    def _emptied(self, plan: Plan) -> Iterator[tuple[str, str, str]]:
        """Find a source with nothing in it; a slice says nothing of that, and what is taken back is no source."""
        counts = plan.counts
        planned = counts.create + counts.update + counts.unchanged + plan.conflicting
        if counts.held and not planned and not plan.options:
            message = f"{plan.bound.source} holds no projection, UKG holds {counts.held:,} from it."
            yield "empty", message, "Look whether the export is whole."

    def _retired(self, plan: Plan) -> Iterator[tuple[str, str, str]]:
        """In all and in each scenario; a value that becomes 0 counts as retired."""
        scenarios = [one for one in plan.slices if one.kind == "scenario"]
        gone, counts = sum(one.gone for one in scenarios), plan.counts
        held = counts.held if plan.only else counts.update + counts.retire + counts.unchanged
        everything = ("", max(gone, counts.retire), held)
        for name, retired, of in (everything, *((f" of {one.name}", one.gone, one.held) for one in scenarios)):
            share = _percent(Decimal(retired), Decimal(of))
            if share > self.max_retired_percent:
                message = (
                    f"{retired:,} of {of:,} projections{name} ({share:.1f} %) would be retired or become 0, "
                    f"the limit is {self.max_retired_percent} %."
                )
                yield "retired", message, "Look at the plan."

    def _vanished(self, plan: Plan) -> Iterator[tuple[str, str, str]]:
        """Whole org units and months, and org units that lose or move too much."""
        # Half a delivery does not make the other half look like a leap: after a run that died only totals are measured.
        resumed = any((one.heads_agreed, one.fte_agreed) != (one.heads_before, one.fte_before) for one in plan.totals)
        first = "Look at the plan." if plan.reverts else _WHOLE
        for one in plan.slices:
            if one.kind != "scenario" and one.gone == one.held:
                yield "retired", f"The whole {one.kind} {one.name} ({one.held:,} projections) would go.", first
            elif one.kind == "org unit" and one.held >= _ENOUGH:
                gone = _percent(Decimal(one.gone), Decimal(one.held))
                moved = _percent(abs(one.heads_after - one.heads_before), one.heads_before)
                if gone > self.max_org_unit_retired_percent:
                    message = f"{gone:.1f} % of org unit {one.name} would be retired or become 0"
                    yield (
                        "retired",
                        f"{message}, the limit is {self.max_org_unit_retired_percent} %.",
                        "Look at the plan.",
                    )
                if moved > self.max_org_unit_change_percent and not resumed:
                    message = (
                        f"Org unit {one.name} would move by {moved:.1f} % "
                        f"({one.heads_before:,.0f} to {one.heads_after:,.0f} head-months)"
                    )
                    yield "total", f"{message}, the limit is {self.max_org_unit_change_percent} %.", "Look at the plan."

    def _moved(self, plan: Plan) -> Iterator[tuple[str, str, str]]:
        for one in plan.totals:
            for unit, before, after in (
                ("head-months", one.heads_agreed, one.heads_after),
                ("FTE-months", one.fte_agreed, one.fte_after),
            ):
                moved = _percent(abs(after - before), before)
                if moved > self.max_total_change_percent:
                    message = (
                        f"The {unit} of {one.scenario} {one.version} would move by {moved:.1f} % "
                        f"({before:,.0f} to {after:,.0f}), the limit is {self.max_total_change_percent} %."
                    )
                    yield "total", message, "Look at the plan."


def _changed_meanwhile(plan: Plan) -> Iterator[tuple[str, str, str]]:
    if plan.conflicting and plan.reverts:
        cells = "cell has" if plan.conflicting == 1 else "of its cells have"
        message = f"{plan.conflicting:,} {cells} changed since run {plan.reverts}, such as {plan.conflicts[0].cell}."
        yield "drift", message, "See what stands there now, and whether it may be lost."
    elif plan.conflicting and plan.on_drift == "stop":
        message = (
            f"UKG no longer holds what was last sent of {plan.conflicting:,} of the cells that would change, "
            f"such as {plan.conflicts[0].cell}."
        )
        yield "drift", message, "See who changed them: Reports > System Audit > API Access Logs. Then decide."


_WHOLE = "Look whether the export is whole."
_ENOUGH = 12
"""An org unit with fewer projections, one job's year, may move as it likes: of two, one is a half."""


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return part * 100 / whole if whole else Decimal(0)


class Policy(msgspec.Struct, frozen=True):
    """What a feed's rules leave to choice.

    on_invalid: whether one bad row stops the plan, or is skipped. duplicates: what becomes of a cell that is planned
    more than once. fte_over_headcount: whether more full-time equivalents than heads are a fault. read_back: whether
    UKG is read before anything is sent. on_drift: what becomes of cells that somebody else changed there meanwhile.
    approval: whether every plan waits for a person's word, or only one that a guardrail stops. decided_within: for how
    many hours a plan waits.
    """

    on_invalid: Literal["refuse", "skip"] = "refuse"
    duplicates: Literal["refuse", "sum", "last"] = "refuse"
    fte_over_headcount: Literal["warn", "refuse", "allow"] = "warn"
    read_back: bool = False
    on_drift: Literal["stop", "overwrite", "keep"] = "stop"
    approval: Literal["required", "guardrails"] = "guardrails"
    decided_within: int = 72


class Feed(msgspec.Struct, frozen=True):
    """Which feed this is, and what it is complete for. owns: empty means what the source spans.

    neighbours: the tenant's other feeds, with what each declares to own. mapping: a digest of how its source is read.
    """

    tenant: str
    tenant_id: str
    environment: str
    name: str
    dialect: str
    owns: tuple[Owned, ...] = ()
    guardrails: Guardrails = Guardrails()
    policy: Policy = Policy()
    waivers: Mapping[str, str] = {}
    neighbours: Mapping[str, tuple[Owned, ...]] = {}
    mapping: str = ""

    def bound(self, snapshot: int, source: str, source_digest: str) -> Bound:
        """Return what a plan of this feed is bound to."""
        return Bound(
            tenant=self.tenant,
            tenant_id=self.tenant_id,
            environment=self.environment,
            feed=self.name,
            dialect=self.dialect,
            snapshot=snapshot,
            source=source,
            source_digest=source_digest,
            mapping=self.mapping,
        )

    def overlap(self, owned: Sequence[Owned], held: Mapping[str, Sequence[Owned]]) -> ConfigError | None:
        """Return the error that names a part of the plan which another feed of the tenant owns too, if there is one.

        Each would retire and overwrite what the other one sends. held: what UKG holds of the others, by feed.
        """
        for name, declared in self.neighbours.items():
            for mine, other in product(owned, declared or held.get(name, ())):
                first, last = max(mine.first_period, other.first_period), min(mine.last_period, other.last_period)
                if (mine.scenario, mine.version) == (other.scenario, other.version) and first <= last:
                    part = f"{mine.scenario} {mine.version} from {first:%Y-%m} to {last:%Y-%m}"
                    return ConfigError(
                        f"The feeds {self.name} and {name} of {self.tenant} both own {part}. Nothing was sent.",
                        cure="Let one feed plan it, or say under owns which periods are whose: what one of them sends, "
                        "the other one would retire.",
                    )
        return None

"""The view for people: calm tables on stdout, talk and a progress bar on stderr."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bridgehead.approval import Proposal
from bridgehead.cli.answered import AnswersShown
from bridgehead.cli.arrived import baseline_told, verdict_told
from bridgehead.cli.standing import standing_told
from bridgehead.cli.steps import after_told, nothing_told, step_told
from bridgehead.cli.view import Asked, Past, Place, Signed, Standing, Written
from bridgehead.cli.worded import change_told, empty_table, foreign, held_told, shared_out
from bridgehead.errors import BadRow, BridgeheadError, Guardrail, RowsInvalid
from bridgehead.events import (
    Adopted,
    BatchAnswered,
    Event,
    Planned,
    Released,
    Repaired,
    RunFinished,
    RunStarted,
    Settled,
    Settling,
    UpToDate,
    Verdict,
    Verified,
)
from bridgehead.plan import Plan
from bridgehead.ports import Rejected

if TYPE_CHECKING:  # only `doctor` and `init` need those rooms
    from bridgehead.ended import Ended
    from bridgehead.sources.guess import Looked

_SHOWN = 20
_WARNED = 3
_LOG_WIDTH = 200


class HumanView(AnswersShown):
    """Speaks to a person. width: of the screen, None for what the terminal has."""

    def __init__(self, *, width: int | None = None) -> None:
        self._out, self._talk = (Console(stderr=stderr, width=width, highlight=False) for stderr in (False, True))
        for console in (self._out, self._talk):
            # A terminal wraps between words; a file has no edge to keep clear of.
            console.soft_wrap = not console.is_terminal
            console.width = console.width if console.is_terminal else _LOG_WIDTH
        self._progress: Progress | None = None
        self._planned: Plan | None = None

    def plan(self, place: Place, plan: Plan, objection: Guardrail | None) -> None:
        """Show counts, totals, movements and examples, and what the delivery will take, or what forbids it."""
        self._findings(plan)
        self._counts(place, plan)
        self._conflicts(plan)
        if plan.counts.changes:
            self._changes(plan)
        if objection is not None:
            self._out.print(f"[yellow]A sync will stop here:[/] {foreign(objection.message)}")
            self._out.print(f"Nothing was sent. {foreign(objection.cure)}")
        elif plan.counts.changes:
            command = f"{place.command('sync')}{foreign(plan.options)}"
            self._out.print(f"Nothing was sent. To send it: [bold]{command}[/]")
        else:
            self._out.print(nothing_told(plan))
        self._after(place, plan)

    def _after(self, place: Place, plan: Plan | None) -> None:
        """Say what stays planned, or comes again."""
        for line in after_told(place, plan) if plan is not None else ():
            self._out.print(line)

    def _conflicts(self, plan: Plan) -> None:
        """Show which cells are in UKG not as they were last sent: sent, now and planned."""
        if not plan.conflicting:
            return
        becomes = {"keep": ", they stay as they are", "overwrite": ", they are overwritten"}.get(plan.on_drift, "")
        since = f"changed since run {plan.reverts}" if plan.reverts else "changed in UKG since"
        self._out.print()
        self._out.print(f"[yellow]{since}:[/] {plan.conflicting:,}{becomes}")
        table = empty_table("cell", *(("then", "now") if plan.reverts else ("last sent", "now in UKG")), "planned")
        for one in plan.conflicts:
            table.add_row(foreign(str(one.cell)), *map(held_told, (one.sent, one.now, one.planned)))
        self._out.print(table)

    def _changes(self, plan: Plan) -> None:
        self._totals(plan)
        self._movements(plan)
        self._out.print()
        for change in plan.examples:
            self._out.print(f"  {change_told(change)}")
        if plan.counts.changes > len(plan.examples):
            self._out.print(f"  ... and {plan.counts.changes - len(plan.examples):,} more")
        self._out.print()
        limit = f", at most {plan.per_minute:,} a minute" if plan.per_minute else ""
        requests = f"{plan.requests:,} request{'s' if plan.requests != 1 else ''}"
        wait = f": {plan.seconds_at_limit():,} s at least" if plan.seconds_at_limit() else ""
        self._out.print(f"  Delivery: {plan.counts.changes:,} records in {requests}{limit}{wait}.")

    def _counts(self, place: Place, plan: Plan) -> None:
        counts = plan.counts
        self._out.print(f"[bold]{place}[/] · {foreign(plan.bound.source)}")
        self._out.print(
            f"  [green]+ create {counts.create:,}[/]   [yellow]~ update {counts.update:,}[/]   "
            f"[red]- retire {counts.retire:,}[/]   = unchanged {counts.unchanged:,}"
            + (f"   [cyan]\u2192 move {counts.move:,}[/]" if counts.move else "")
        )
        for line in step_told(plan):
            self._out.print(f"  [cyan]{foreign(line)}[/]")
        if plan.shares:
            self._out.print(f"  {foreign(shared_out(plan))}")
        if counts.rounded or counts.absent:
            self._out.print(
                f"  {counts.rounded:,} rounded to the wire's decimals, {counts.absent:,} cells without a value"
            )

    def _findings(self, plan: Plan) -> None:
        """Show the warnings, and the rows that were left out."""
        if plan.counts.skipped:
            self.say(f"{plan.counts.skipped:,} cells of the plan are left out; what UKG holds for them stays as it is:")
        elif plan.findings:
            self.say("Warnings, which stop nothing:")
        self._bad_rows(plan.findings, plan.by_rule, _SHOWN if plan.counts.skipped else _WARNED)

    def _totals(self, plan: Plan) -> None:
        table = empty_table("scenario", "", "before", "after", "change", left=2)
        for one in plan.totals:
            name = f"{one.scenario} {one.version}"
            for unit, before, after, digits in (
                ("head-months", one.heads_before, one.heads_after, 0),
                ("FTE-months", one.fte_before, one.fte_after, 2),
            ):
                if before or after:
                    table.add_row(
                        foreign(name),
                        unit,
                        *(f"{value:,.{digits}f}" for value in (before, after)),
                        f"{after - before:+,.{digits}f}",
                    )
                    name = ""
            for cost in plan.costs:
                if (cost.scenario, cost.version) == (one.scenario, one.version):
                    moved = f"{cost.after - cost.before:+,.2f}"
                    table.add_row("", f"cost, {cost.currency}", f"{cost.before:,.2f}", f"{cost.after:,.2f}", moved)
        self._out.print()
        self._out.print(table)

    def _movements(self, plan: Plan) -> None:
        if not plan.movements:
            return
        table = empty_table("largest movements", "head-months before", "after", "change")
        for one in plan.movements:
            moved = one.heads_after - one.heads_before
            table.add_row(
                foreign(one.org_unit), f"{one.heads_before:,.0f}", f"{one.heads_after:,.0f}", f"{moved:+,.0f}"
            )
        self._out.print()
        self._out.print(table)

    def event(self, place: Place, event: Event) -> None:
        """Show an event; a delivery is a progress bar on a terminal and a line now and then in a log."""
        match event:
            case Settling() | Settled() | Released():
                self._settling(event)
            case Planned(plan):
                self._planned = plan
                self._findings(plan)
                self._counts(place, plan)
                self._conflicts(plan)
            case UpToDate():
                self._out.print(nothing_told(self._planned))
                self._after(place, self._planned)
            case RunStarted(run_id, records):
                self._start(run_id, records)
            case BatchAnswered(_, done, records):
                self._advance(done, records)
            case RunFinished():
                self.close()
                self._finished(event)
                self._after(place, self._planned)
            case Verified(verdict):
                self._arrived(place, verdict)
            case Repaired() | Adopted():
                for line in baseline_told(place, event):
                    self._out.print(line)

    def _settling(self, event: Settling | Settled | Released) -> None:
        if isinstance(event, Released):
            by = f"{event.approved_by} ({event.reason})"
            self.say(f"Plan {event.plan}, approved by {by}, is carried out as it was signed.")
        elif isinstance(event, Settling):
            self.say(f"Run {event.run_id} did not end: settling {event.doubtful} requests that were never answered.")
        else:
            self.say(f"Run {event.run_id} is settled: {event.records:,} records. Planning anew from the file as it is.")

    def _start(self, run_id: str, records: int) -> None:
        if not self._talk.is_terminal:
            self.say(f"Run {run_id}: sending {records:,} records.")
            return
        self._progress = Progress(
            TextColumn("  sending"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=self._talk
        )
        self._progress.add_task("send", total=records)
        self._progress.start()

    def _advance(self, done: int, records: int) -> None:
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], completed=done)
        elif done == records:
            self.say(f"{done:,} of {records:,} records answered.")

    def _finished(self, event: RunFinished) -> None:
        colour = "yellow" if event.rejected else "green"
        self._out.print(
            f"[{colour}]{event.accepted:,} accepted[/], {event.unchanged:,} were so already, "
            f"{event.rejected:,} rejected. Run {event.run_id} is {event.state}."
        )

    def happened(self, place: Place, event: Event) -> None:
        """Say nothing: how each ends is enough for people."""

    def ended(self, place: Place, ended: Ended, told: str) -> None:
        """Say on stderr how a feed ended, as soon as it did."""
        from bridgehead.cli.round import ended_told  # noqa: PLC0415 - see above

        for line in ended_told(place, ended, told, foreign):
            self._talk.print(line)

    def round(self, rows: Sequence[tuple[Place, Ended]]) -> None:
        """Show all of them as a table."""
        from bridgehead.cli.round import round_told  # noqa: PLC0415 - see above

        self._print(round_told(rows, empty_table("feed", "state", "sent", "rejected", "took", left=2)))

    def rejects(self, place: Place, rejects: Sequence[Rejected]) -> None:
        """Show which records UKG rejected, in UKG's words."""
        self._rejected(rejects)
        self._out.print(
            "They changed nothing and are tried again by the next run. Correct the file or the codes in UKG, then: "
            f"[bold]{place.command('sync')}[/]"
        )

    def _rejected(self, rejects: Sequence[Rejected]) -> None:
        table = empty_table("rejected by UKG", "field", "code", "message", left=4)
        for one in rejects[:_SHOWN]:
            table.add_row(foreign(one.origin), foreign(one.field), foreign(one.code), foreign(one.message))
        self._out.print(table)
        if len(rejects) > _SHOWN:
            self._out.print(f"  ... and {len(rejects) - _SHOWN:,} more: --json lists them all")

    def waiting_plans(self, rows: Sequence[tuple[Place, Proposal]], now: datetime) -> None:
        """Show the plans that wait for a person."""
        from bridgehead.cli.pending import proposals_told  # noqa: PLC0415 - see above

        table = empty_table("plan", "feed", "file", "by", "changes", "until", "state", left=7)
        self._print(proposals_told(rows, now, table, foreign))

    def proposal(self, place: Place, proposal: Proposal, now: datetime) -> None:
        """Show a plan that waits, or was decided."""
        from bridgehead.cli.pending import proposal_told  # noqa: PLC0415 - see above

        plan = proposal.plan
        self._findings(plan)
        self._counts(place, plan)
        self._conflicts(plan)
        self._changes(plan)
        if plan.reverts:
            self._after(place, plan)
        self._print(proposal_told(place, proposal, now, foreign))

    def verdict(self, place: Place, verdict: Verdict) -> None:
        """Show what reading back found."""
        self._out.print(f"[bold]{place}[/]")
        self._arrived(place, verdict)

    def _arrived(self, place: Place, verdict: Verdict) -> None:
        for line in verdict_told(place, verdict, foreign, held_told):
            self._out.print(line)

    def status(self, standings: Sequence[Standing]) -> None:
        """Show how feeds stand."""
        table = empty_table("feed", "in UKG", "last run", "state", "sent", "rejected", "file", left=1)
        for column in table.columns:
            column.no_wrap = False  # better two lines than half a figure
        for one in standings:
            last = one.last
            table.add_row(
                str(one.place),
                f"{one.held:,}",
                f"{last.started_at:%Y-%m-%d %H:%M} UTC" if last else "never",
                "[red]ledger unusable[/]" if one.problem else _state(one),
                f"{last.accepted:,}" if last else "",
                f"{last.rejected:,}" if last else "",
                foreign(last.source) if last else "",
            )
        self._out.print(table)
        for one in standings:
            if one.problem:
                self.say(f"{one.place}: {one.problem}")
            elif one.open_run:
                self._out.print(f"To settle the run that did not end: [bold]{one.place.command('sync')}[/]")
            for line in standing_told(one, foreign):
                self._out.print(line)

    def history(self, runs: Sequence[Past]) -> None:
        """Show runs, newest first."""
        from bridgehead.cli.past import runs_told  # noqa: PLC0415 - see above

        table = empty_table("run", "feed", "began", "took", "by", "file", "sent", "rejected", "state", left=6)
        for column in table.columns[1:]:
            column.no_wrap = False  # better two lines than half a name
        for one in runs_told(runs, table, foreign):
            self._out.print(one)

    def run(self, past: Past) -> None:
        """Show a run with its batches, attempts and rejects."""
        from bridgehead.cli.past import run_told  # noqa: PLC0415 - see above

        table = empty_table("batch", "rows", "state", "attempt", "when", "answer", "correlation id", left=7)
        table.columns[5].no_wrap = False
        for one in run_told(past, table, foreign):
            self._out.print(one)
        if past.rejects:
            self._rejected(past.rejects)

    def tenant_id(self, asked: Asked) -> None:
        """Show a tenant id, and whether the configuration has the same."""
        self._out.print(asked.tenant_id)
        self.say(f"{asked.tenant_name}, {asked.environment}.")
        if not asked.agrees:
            self.say(f'The configuration of {asked.tenant} has another: correct it to tenant_id = "{asked.tenant_id}".')

    def signed(self, signed: Signed) -> None:
        """Say who signed in or out."""
        self._out.print(f"{foreign(signed.words)}\nNext: [bold]{signed.next_command}[/]")

    def looked(self, looked: Looked, written: Written) -> None:
        """Show what was found; where the section was not written it is the result, and the rest is talk."""
        from bridgehead.cli.looked import told  # noqa: PLC0415 - see above

        table = empty_table("column", "taken for", "such as", "different", left=3)
        for one in told(looked, written, table, foreign):
            (self._out if written.written else self._talk).print(one)
        if not written.written:
            self._out.out(looked.section, end="", highlight=False)

    def say(self, words: str) -> None:
        """Say something on stderr."""
        self._talk.print(foreign(words))

    def waiting(self, why: str, seconds: float) -> None:
        """Say that a call has to wait."""
        self.say(f"{why.rstrip('.')}: trying again in {seconds:.1f} s.")

    def error(self, error: BridgeheadError) -> None:
        """Say what happened, what to do, and the next command."""
        self.close()
        if isinstance(error, RowsInvalid):
            self._bad_rows(error.rows, error.by_rule, more=": --rejects FILE writes them all")
        self._talk.print(f"[bold red]{error.slug}[/]: {foreign(error.message)}")
        if error.cure:
            self._talk.print(f"  {foreign(error.cure)}")
        if error.next_command:
            self._talk.print(f"  Next: [bold]{foreign(error.next_command)}[/]")

    def _bad_rows(
        self, rows: Sequence[BadRow], by_rule: Mapping[str, int], shown: int = _SHOWN, *, more: str = ""
    ) -> None:
        for rule, count in by_rule.items():
            lines = [f"    {row.origin}  {row.words}" for row in rows if row.rule == rule]
            if lines:
                self._talk.print(f"  [bold]{rule}[/] ({count:,})")
            for line in lines[:shown]:
                self._talk.print(foreign(line))
            if lines and count > shown:
                self._talk.print(f"    ... and {count - shown:,} more{more}")

    def close(self) -> None:
        """End the progress bar."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


def _state(standing: Standing) -> str:
    if standing.open_run:
        return "[red]not ended[/]"
    return standing.last.state if standing.last else ""

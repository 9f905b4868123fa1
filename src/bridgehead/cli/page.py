"""A plan as a page for the person who signs off: one HTML file with tables and a chart, which loads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from pathlib import Path

from bridgehead.approval import Proposal
from bridgehead.charts import Chart, charts
from bridgehead.cli.steps import step_told
from bridgehead.cli.view import Place
from bridgehead.errors import ConfigError, Guardrail
from bridgehead.plan import Plan
from bridgehead.private import written_whole
from bridgehead.projection import Projection

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Whatever should slip through: nothing is loaded, and nothing runs."""

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --before: #888; --after: #1a6fd4; --warn: #b25c00; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 760px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin-bottom: 0; } h2 { font-size: 1.05rem; margin-top: 2rem; }
.counts { display: flex; gap: 1.5rem; margin: 1rem 0; } .counts b { display: block; font-size: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
th { text-align: left; font-weight: 600; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.stop { border-left: 4px solid var(--warn); padding: .3rem 1rem; } .dim { opacity: .7; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: currentColor; }
.before { color: var(--before); fill: var(--before); } .after { color: var(--after); fill: var(--after); }
.more { fill: var(--after); } .fewer { fill: var(--warn); } .line { stroke: var(--line); }
code { overflow-wrap: anywhere; }
"""


def write_page(path: Path, text: str) -> None:
    """Write a page to a file that its owner alone can read."""
    try:
        with written_whole(path) as side:
            side.write_text(text, encoding="utf-8")
    except OSError as wrong:
        raise ConfigError(f"{path} cannot be written: {wrong.strerror}.", cure="Check --html.") from None


def page(place: Place, plan: Plan, objection: Guardrail | None, *, proposal: Proposal | None = None) -> str:
    """Return the page. objection: what a sync would stop at. proposal: what waits for a person, or was decided."""
    bound, counts = plan.bound, plan.counts
    told = "".join(
        f"<div><b>{number:,}</b>{word}</div>"
        for word, number in (
            ("created", counts.create),
            ("updated", counts.update),
            ("retired", counts.retire),
            *([("moved", counts.move)] if counts.move else []),
            ("unchanged", counts.unchanged),
            *([("left out", counts.skipped)] if counts.skipped else []),
        )
    )
    sent = "It was sent." if proposal is not None and proposal.state == "done" else "Nothing was sent."
    parts = [
        f"<h1>Headcount plan for {escape(str(place))}</h1>",
        f"<p class=dim>{escape(bound.source)}, drawn {plan.made_at:%Y-%m-%d %H:%M} UTC. {sent}</p>",
        f"<div class=counts>{told}</div>",
        *_decision(proposal),
        *_warnings(plan, objection),
        *(_chart(one) for one in charts(plan.months)),
        _totals(plan),
        _movements(plan),
        _examples(plan),
    ]
    requests = f"{plan.requests:,} request{'s' if plan.requests != 1 else ''}"
    signed = (
        f"<p class=dim>Tenant {escape(bound.tenant_id)}, snapshot {bound.snapshot}, {requests}. "
        f"Digest <code>{escape(plan.digest)}</code></p>"
    )
    return document(f"Plan for {place}", "".join([*parts, signed]))


def document(title: str, body: str, style: str = "") -> str:
    """Return a page with this title and body, which loads nothing. style: rules beside those of all pages."""
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name=viewport content="width=device-width"><style>{_STYLE}{style}</style><body>{body}</body></html>\n'
    )


def _decision(proposal: Proposal | None) -> Iterable[str]:
    if proposal is None:
        return
    told = escape(proposal.message)
    if proposal.decided_at is not None:
        when = f"{proposal.decided_at:%Y-%m-%d %H:%M} UTC"
        word = "approved" if proposal.state == "done" else proposal.state
        told += f" <b>{word} by {escape(proposal.decided_by)}</b>, {when}: {escape(proposal.reason)}"
    else:
        told += f" It waits until {proposal.expires_at:%Y-%m-%d %H:%M} UTC for <code>bridgehead approve</code>."
    yield f"<p class=stop><b>Plan {escape(proposal.name)}.</b> {told}</p>"


def _warnings(plan: Plan, objection: Guardrail | None) -> Iterable[str]:
    yield from (f"<p class=stop>This plan: {escape(line)}.</p>" for line in step_told(plan))
    if plan.conflicting:
        since = f"since run {plan.reverts}" if plan.reverts else "in UKG since they were last sent"
        told = [(str(one.cell), *map(_held, (one.sent, one.now, one.planned))) for one in plan.conflicts]
        yield _table(f"Changed {since}: {plan.conflicting:,}", ("cell", "then", "now", "planned"), told, figures=0)
    if objection is not None:
        yield f"<p class=stop><b>A sync will stop here.</b> {escape(objection.message)} {escape(objection.cure)}</p>"
    rows = [(bad.origin, bad.column, bad.message) for bad in plan.findings[:20]]
    if rows:
        more = sum(plan.by_rule.values()) - len(rows)
        yield _table("Rows to look at", ("place", "column", "what"), rows, figures=0)
        yield f"<p class=dim>and {more:,} more</p>" if more > 0 else ""


def _totals(plan: Plan) -> str:
    rows = []
    for one in plan.totals:
        name = f"{one.scenario} {one.version}"
        rows.append((name, "head-months", *_moved(one.heads_before, one.heads_after, 0)))
        rows.append((name, "FTE-months", *_moved(one.fte_before, one.fte_after, 2)))
        rows += [
            (name, f"cost, {cost.currency}", *_moved(cost.before, cost.after, 2))
            for cost in plan.costs
            if (cost.scenario, cost.version) == (one.scenario, one.version)
        ]
    return _table("Totals", ("scenario", "", "before", "after", "change"), rows, figures=3)


def _movements(plan: Plan) -> str:
    rows = [(one.org_unit, *_moved(one.heads_before, one.heads_after, 0)) for one in plan.movements]
    return _table("Largest movements", ("org unit", "head-months before", "after", "change"), rows, figures=3)


def _examples(plan: Plan) -> str:
    rows = []
    for change in plan.examples:
        before = change.before.measures() if change.before else {}
        figures = ", ".join(
            f"{name} {_plain(before.get(name))} \u2192 {_plain(value)}"
            for name, value in change.after.measures().items()
            if before.get(name) != value
        )
        moved = f" \u2192 {change.moved_to}" if change.moved_to else ""
        rows.append((change.action.value, f"{change.after.cell}{moved}", figures))
    return _table("Some of the changes", ("", "cell", "values"), rows, figures=0)


def _held(one: Projection | None) -> str:
    return ", ".join(f"{name} {_plain(value)}" for name, value in one.measures().items()) if one else "nothing"


def _plain(value: Decimal | None) -> str:
    return "\u2013" if value is None else f"{value.normalize():f}"


def _moved(before: Decimal, after: Decimal, digits: int) -> tuple[str, str, str]:
    return f"{before:,.{digits}f}", f"{after:,.{digits}f}", f"{after - before:+,.{digits}f}"


def _table(title: str, titles: Sequence[str], rows: Sequence[Sequence[str]], *, figures: int) -> str:
    """Return a table whose last columns are figures."""
    if not rows:
        return ""
    first = len(titles) - figures

    def line(tag: str, cells: Sequence[str]) -> str:
        inner = "".join(
            f"<{tag}{' class=n' if number >= first else ''}>{escape(cell)}</{tag}>" for number, cell in enumerate(cells)
        )
        return f"<tr>{inner}</tr>"

    body = "".join(line("td", row) for row in rows)
    return f"<h2>{escape(title)}</h2><table><thead>{line('th', titles)}</thead><tbody>{body}</tbody></table>"


def _chart(chart: Chart) -> str:
    """Return the headcount of one scenario by month as a drawing: before in grey, after in colour."""
    return (
        f"<h2>{chart.measure} by month, {escape(chart.scenario)}</h2>"
        f"<p class=dim><span class=before>\u25a0</span> in UKG now <span class=after>\u25a0</span> after this plan</p>"
        f"{chart.svg}"
    )

"""What was sent, as a page to be signed off: each run with file, counts and approval, and every decision on a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from html import escape

import msgspec

from bridgehead.answering.export import Exported
from bridgehead.answering.lives import READ, Period
from bridgehead.approval import Proposal
from bridgehead.cli.page import document
from bridgehead.cli.view import Place
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.ports import RunRecord

_MOST = 500
_CODES = 5
_STYLE = """
body { max-width: 1000px; } td { vertical-align: top; } td.more { border-bottom-color: transparent; }
td.proof { padding-top: 0; font-size: .85rem; } code { font-size: .8rem; }
.sign { display: flex; gap: 2rem; margin-top: 4rem; } .sign div { flex: 1; border-top: 1px solid; padding-top: .3rem; }
@media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } }
"""


class Signed(msgspec.Struct, frozen=True):
    """What a page is about. keys: of which numbers, as asked. exported: the file beside it. by: who had it written.

    runs: ids of those that it is about, where it is not about all of the period.
    """

    period: Period
    keys: tuple[str, ...]
    exported: Exported | None
    at: datetime
    by: str
    runs: Collection[str] | None


def signed_page(feeds: Sequence[tuple[Place, FeedLedger]], signed: Signed) -> str:
    """Return the page."""
    place = feeds[0][0]
    who = f"{place.tenant} · {place.environment}"
    written = f"From the ledger alone; times are UTC. Written {_moment(signed.at)} by {signed.by}."
    parts = [
        f"<h1>What was sent to UKG Pro: {escape(who)}</h1>",
        f"<p class=dim>{escape(_about(signed))}. {escape(written)}</p>",
        *(part for place, ledger in feeds for part in _feed(place, ledger, signed)),
        *_beside(signed.exported),
        "<div class=sign><div>Name</div><div>Date</div><div>Signature</div></div>",
    ]
    return document(f"Sent to UKG Pro: {who}", "".join(parts), _STYLE)


def _about(signed: Signed) -> str:
    period = signed.period
    since = f"from {period.since} " if period.since > date.min else ""
    until = f"until {period.until}" if period.until < date.max else ""
    days = f"{since}{until}".strip() or "from the first one on"
    return f"Runs {days}" + (f" that touched {', '.join(signed.keys)}" if signed.keys else "")


def _feed(place: Place, ledger: FeedLedger, signed: Signed) -> Iterator[str]:
    runs = [
        run for run in ledger.history() if run in signed.period and (signed.runs is None or run.run_id in signed.runs)
    ]
    yield f"<h2>{escape(place.feed)}</h2>"
    figures = (
        ("run" if len(runs) == 1 else "runs", len(runs)),
        ("records accepted", sum(run.accepted for run in runs)),
        ("rejected", sum(run.rejected for run in runs)),
        ("values purged", sum(bool(run.dropped_at) for run in runs)),
    )
    yield f"<div class=counts>{''.join(f'<div><b>{count:,}</b>{word}</div>' for word, count in figures if count)}</div>"
    if runs:
        codes = ledger.past.codes()
        body = "".join(_run(run, codes.get(run.run_id, {})) for run in runs[:_MOST])
        titles = "<th>began<th>by<th>file<th>changes<th class=n>accepted<th class=n>rejected<th>state"
        yield f"<table><thead><tr>{titles}</thead><tbody>{body}</tbody></table>"
        yield _more(len(runs), "older runs")
    else:
        yield "<p>No run.</p>"
    yield from _decisions(ledger, signed)


def _run(run: RunRecord, codes: Mapping[str, int]) -> str:
    counts = run.counts
    changes = f"+{counts.create:,} ~{counts.update:,} -{counts.retire:,}"
    changes += f" \u2192{counts.move:,}" if counts.move else ""
    if run.state in READ:
        changes = f"{counts.unchanged:,} cells read"
    first = (
        f"<td class=more>{_moment(run.started_at)}<td class=more>{escape(run.owner)}<td class=more>{escape(run.source)}"
        f"<td class=more>{changes}<td class='n more'>{run.accepted:,}<td class='n more'>{run.rejected:,}"
        f"<td class=more>{escape(run.state)}"
    )
    return f"<tr>{first}</tr><tr><td colspan=7 class=proof>{'<br>'.join(_proof(run, codes))}</tr>"


def _proof(run: RunRecord, codes: Mapping[str, int]) -> Iterator[str]:
    if run.approved_by:
        at = _moment(datetime.fromisoformat(run.approved_at)) if run.approved_at else "an unknown day"
        yield f"<b>approved by {escape(run.approved_by)}</b>, {at}: {escape(run.reason)}"
    elif run.state not in READ:
        yield "sent without an approval on record"
    if codes:
        told = ", ".join(f"{count:,} {code or 'without a code'}" for code, count in list(codes.items())[:_CODES])
        yield f"rejected: {escape(told)}" + (f", and {len(codes) - _CODES} other codes" if len(codes) > _CODES else "")
    digests = (("file", run.source_digest), ("plan", run.plan_digest))
    told = "".join(f", {name} <code>{escape(digest)}</code>" for name, digest in digests if digest)
    yield f"<span class=dim>run <code>{escape(run.run_id)}</code>{told}</span>"
    if run.dropped_at:
        yield f"values purged {_moment(datetime.fromisoformat(run.dropped_at))}"


def _decisions(ledger: FeedLedger, signed: Signed) -> Iterator[str]:
    """Yield what was decided on plans, or was not; only where the page is about a whole period."""
    period = signed.period
    found = [
        one for one in ledger.proposals.all() if period.since <= (one.decided_at or one.made_at).date() <= period.until
    ]
    if signed.runs is not None or not found:
        return
    body = "".join(_decision(one, signed.at) for one in found[:_MOST])
    titles = "<th>plan<th>drawn<th>by<th>file<th>changes<th>decision"
    yield "<h2>Plans that needed a person's word</h2>"
    yield f"<table><thead><tr>{titles}</thead><tbody>{body}</tbody></table>{_more(len(found), 'older plans')}"


def _decision(one: Proposal, now: datetime) -> str:
    counts = one.plan.counts
    changes = f"+{counts.create:,} ~{counts.update:,} -{counts.retire:,}"
    changes += f" \u2192{counts.move:,}" if counts.move else ""
    standing = {"done": "approved and sent"}.get(one.standing(now), one.standing(now))
    first = (
        f"<td class=more>{escape(one.name)}<td class=more>{_moment(one.made_at)}<td class=more>{escape(one.author)}"
        f"<td class=more>{escape(one.plan.bound.source)}<td class=more>{changes}<td class=more><b>{standing}</b>"
    )
    said = f"<br>by <b>{escape(one.decided_by)}</b>, {_moment(one.decided_at)}: {escape(one.reason)}"
    told = f"{escape(one.message)}{said if one.decided_at else ''}"
    digest = f"<br><span class=dim>plan <code>{escape(one.plan.digest)}</code></span>"
    return f"<tr>{first}</tr><tr><td colspan=6 class=proof>{told}{digest}</tr>"


def _beside(exported: Exported | None) -> Iterator[str]:
    if exported is not None:
        name = exported.path.rpartition("/")[2]
        yield (
            f"<h2>Each change</h2><p>{exported.lines:,} lines in {escape(name)}, SHA-256 "
            f"<code>{exported.digest}</code></p>"
        )


def _more(count: int, what: str) -> str:
    return f"<p class=dim>and {count - _MOST:,} {what}</p>" if count > _MOST else ""


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment is not None else ""

"""The screens that show: all feeds at a glance, a feed, a run, what the doctor found, and the terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from starlette.responses import Response

from bridgehead.approval import Proposal
from bridgehead.charts import charts
from bridgehead.ports import BatchRecord, RunRecord
from bridgehead.service.web.examined import Busy
from bridgehead.service.web.refusals import by_row, reasons, rows_of
from bridgehead.service.web.seen import choices
from bridgehead.service.web.visits import NotThere, Visit, signed_in
from bridgehead.service.web.words import BATCHES, FINDINGS, TERMS, of_actor, of_notice, of_plan, of_run
from bridgehead.tenant import open_ledger

_RUNS, _NOTICES, _PLANS, _REFUSALS, _BATCHES = 50, 20, 20, 500, 100
"""So many of each are shown."""


@signed_in
def overview(visit: Visit) -> Response:
    """`GET /`: every feed that this person sees, by tenant, and first what waits for them."""
    feeds = [visit.look(choice) for choice in choices(visit.config, visit.sees)]
    waits = [one for one in feeds if one.waiting is not None]
    mine = [one for one in waits if visit.decides(one.choice.tenant)]
    tenants = [(name, list(own)) for name, own in groupby(feeds, key=lambda one: one.choice.tenant)]
    trouble = sum(one.outcome.words.tone == "bad" for one in feeds)
    return visit.page("overview", title="All feeds", tenants=tenants, mine=mine, waits=waits, trouble=trouble)


@signed_in
def feed(visit: Visit) -> Response:
    """`GET /feeds/...`: how a feed stands and why, what waits, and what was before."""
    seen = visit.look(visit.feed(), notices=_NOTICES)
    return visit.page(
        "feed",
        title=seen.name,
        seen=seen,
        decides=visit.decides(seen.choice.tenant),
        runs=[(run, of_run(run.state)) for run in seen.runs[:_RUNS]],
        notices=[(one, of_notice(one.state)) for one in seen.notices],
        plans=[(one, of_plan(one.standing(visit.now()))) for one in seen.proposals[:_PLANS]],
    )


@signed_in
def run(visit: Visit) -> Response:
    """`GET /feeds/.../runs/...`: what a run sent, what UKG refused of it and why, and who approved it."""
    seen = visit.look(visit.feed())
    named = visit.call.request.path_params["run"]
    found = next((one for one in seen.runs if one.run_id == named), None)
    if found is None:
        raise NotThere
    ledger = open_ledger(seen.choice, visit.call.house.clock)
    try:
        batches, rejects = ledger.batches(named), ledger.rejects(named)
    finally:
        ledger.close()
    proposal = _signed(found, seen.proposals)
    refusals = by_row(rejects)
    telling = [one for one in batches if not _is_plain(one)]
    return visit.page(
        "run",
        title=f"Run of {found.source or 'UKG'}",
        seen=seen,
        run=found,
        words=of_run(found.state),
        proposal=proposal,
        charts=list(charts(proposal.plan.months)) if proposal is not None else [],
        refusals=refusals[:_REFUSALS],
        rows=rows_of(refusals),
        hidden=max(0, len(refusals) - _REFUSALS),
        reasons=reasons(refusals),
        batches=(telling + [one for one in batches if _is_plain(one)])[:_BATCHES],
        count=len(batches),
        states=Counter(BATCHES[one.state] for one in batches),
        names=BATCHES,
    )


def _signed(run: RunRecord, proposals: Sequence[Proposal]) -> Proposal | None:
    """Return the plan that a run carried out, where one was signed; as its approver signed it, if it was twice."""
    found = [one for one in proposals if run.plan_digest and one.plan.digest == run.plan_digest]
    word = (run.approved_by, run.reason)
    return next((one for one in found if (one.decided_by, one.reason) == word), found[0] if found else None)


def _is_plain(batch: BatchRecord) -> bool:
    """Whether a request was answered at its first attempt, as nearly all."""
    return batch.state == "answered" and len(batch.attempts) == 1 and batch.attempts[0].status == 200


@signed_in
def doctor(visit: Visit) -> Response:
    """`GET /doctor/...`: what the doctor found last."""
    tenant, environment = _examinable(visit)
    found = visit.call.house.examinations.last(tenant, environment)
    links = [] if found is None else [(name, list(own)) for name, own in groupby(found.findings, key=lambda x: x.link)]
    return visit.page(
        "doctor",
        title=f"Connection of {tenant}, {environment}",
        tenant=tenant,
        environment=environment,
        found=found,
        links=links,
        words=FINDINGS,
        actor=of_actor,
        feeds=[
            one for one in choices(visit.config, visit.sees) if (one.tenant, one.environment) == (tenant, environment)
        ],
    )


@signed_in
def examine(visit: Visit) -> Response:
    """`POST /doctor/...`: examine the connection now. It changes nothing in UKG."""
    tenant, environment = _examinable(visit)
    try:
        visit.call.house.examinations.examine(visit.config, tenant, environment)
    except Busy:
        return visit.back(f"/doctor/{tenant}/{environment}", "It was examined a moment ago, or is being examined.")
    return visit.back(f"/doctor/{tenant}/{environment}", "Examined. Nothing was changed in UKG.")


def _examinable(visit: Visit) -> tuple[str, str]:
    named = visit.call.request.path_params
    tenant, environment = named["tenant"], named["environment"]
    if not visit.sees(tenant) or environment not in visit.config.tenants[tenant].environments:
        raise NotThere
    return tenant, environment


@signed_in
def terms(visit: Visit) -> Response:
    """`GET /words`: what the terms on the pages mean."""
    return visit.page("terms", title="What the words mean", terms=TERMS)


@signed_in
def missing(_: Visit) -> Response:
    """Whatever has no page."""
    raise NotThere

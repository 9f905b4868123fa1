"""A plan that waits for a person, closely; and their word on it, with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from starlette.responses import Response

from bridgehead.approval import Proposal
from bridgehead.charts import charts
from bridgehead.deciding import decide
from bridgehead.errors import ConfigError
from bridgehead.plan import Plan
from bridgehead.service.web.seen import FeedSeen
from bridgehead.service.web.visits import NotThere, Visit, signed_in
from bridgehead.service.web.words import of_plan
from bridgehead.tenant import open_ledger

_LONGEST = 1000
"""Signs of a reason."""


@signed_in
def show(visit: Visit) -> Response:
    """`GET /feeds/.../plans/...`: what it would change, why it waits, and what was decided."""
    seen, proposal = _found(visit)
    return _page(visit, seen, proposal)


@signed_in
def take(visit: Visit) -> Response:
    """`POST /feeds/.../plans/...`: approve or reject exactly the plan that was shown; of two words the first counts."""
    seen, proposal = _found(visit)
    if not visit.decides(seen.choice.tenant):
        return _page(visit, seen, proposal, wrong="You may look at this plan, and not decide on it.", status=403)
    decision = visit.call.form.get("decision", "")
    if decision not in ("approve", "reject"):
        return _page(visit, seen, proposal, wrong="Press one of the two buttons.", status=400)
    reason = " ".join(visit.call.form.get("reason", "").split())
    if not reason or len(reason) > _LONGEST:
        wrong = "Say why: it stays on record with your name and the time." if not reason else "Say it in fewer words."
        return _page(visit, seen, proposal, wrong=wrong, status=400, reason=reason[:_LONGEST])
    approve = decision == "approve"
    try:
        with closing(open_ledger(seen.choice, visit.call.house.clock)) as ledger:
            decided = decide(seen.choice, ledger, proposal, approve=approve, by=visit.person, reason=reason)
    except ConfigError as refused:  # decided already, expired, superseded; or a second person is needed
        seen, proposal = _found(visit)
        return _page(visit, seen, proposal, wrong=f"{refused.message} {refused.cure}", status=409, reason=reason)
    when = " The next run sends it." if approve else " It is not sent."
    return visit.back(f"{seen.path}/plans/{decided.number}", f"{'Approved' if approve else 'Rejected'}.{when}")


def _found(visit: Visit) -> tuple[FeedSeen, Proposal]:
    """Return the plan that the address names, by its number among those of this feed."""
    seen = visit.look(visit.feed())
    named = visit.call.request.path_params["number"]
    found = next((one for one in seen.proposals if str(one.number) == named), None)
    if found is None:
        raise NotThere
    return seen, found


def _page(
    visit: Visit, seen: FeedSeen, proposal: Proposal, *, wrong: str = "", status: int = 200, reason: str = ""
) -> Response:
    plan, standing = proposal.plan, proposal.standing(visit.now())
    settings = seen.choice.settings
    return visit.page(
        "plan",
        title=f"Headcount plan for {seen.choice.tenant}",
        status=status,
        seen=seen,
        proposal=proposal,
        plan=plan,
        standing=standing,
        words=of_plan(standing),
        counts=list(_counts(plan)),
        charts=list(charts(plan.months)),
        wrong=wrong,
        reason=reason,
        decides=visit.decides(seen.choice.tenant),
        own=settings.four_eyes and proposal.author == visit.person,
        more=max(0, sum(plan.by_rule.values()) - len(plan.findings)),
        run=next((one for one in seen.runs if one.plan_digest == plan.digest), None),
    )


def _counts(plan: Plan) -> Iterator[tuple[int, str, str]]:
    """Yield how many projections a plan touches, each with its word and what that means."""
    counts = plan.counts
    yield counts.create, "new", "not in UKG yet"
    yield counts.update, "changed", "get another number"
    yield counts.retire, "ended", "left the file, become 0"
    if counts.move:
        yield counts.move, "moved", "their code was renamed"
    yield counts.unchanged, "unchanged", "stay as they are"
    if counts.skipped:
        yield counts.skipped, "left out", "their rows break a rule"
    if counts.rest:
        yield counts.rest, "for later", "stay planned; this is a first part"

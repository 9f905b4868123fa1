"""What needs a person's word before it is sent: which plan waits, and an approved one carried out exactly as signed."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from bridgehead.approval import Proposal
from bridgehead.errors import ApprovalNeeded, BridgeheadError, PlanStale
from bridgehead.feed import Feed
from bridgehead.plan import Action, Bound, Counts, Plan
from bridgehead.ports import Ledger
from bridgehead.tables import Session, question

_HERE = "bridgehead.compare"


def objection_to(
    plan: Plan,
    feed: Feed,
    ledger: Ledger,
    session: Session,
    *,
    allowed: frozenset[str],
    author: str,
    told: Callable[[Plan], Plan],
) -> BridgeheadError | None:
    """Return the error with which a plan waits for a person, having kept its rows (`plan_rows`); None: it may go.

    allowed: guardrails that a person confirmed. told: gives a plan its digest.
    """
    every = tuple(feed.guardrails.objections(plan))
    stops = tuple(one for one in every if one.name not in allowed)
    demanded = feed.policy.approval == "required" and plan.counts.changes > 0
    if not stops and not demanded:
        return None
    if not plan.counts.changes:  # nothing that could be approved
        return stops[0]
    # What its author confirmed is for the person who approves it as well to see.
    message = every[0].message if every else f"Plans for {feed.tenant} ({feed.environment}) are sent when approved."
    proposal = ledger.proposals.propose(
        session,
        told(plan),
        message=message,
        allows=tuple(dict.fromkeys(one.name for one in every)),
        author=author,
        hours=feed.policy.decided_within,
    )
    return proposal.objection(stops[0] if stops else None, demanded=demanded)


def check_bound(bound: Bound, feed: Feed, snapshot: int) -> None:
    """Raise PlanStale when a plan was drawn for something else than this feed, or on what UKG no longer holds.

    snapshot: the number of what UKG has accepted by now.
    """
    now = (feed.tenant, feed.tenant_id, feed.environment, feed.name, feed.dialect)
    then = (bound.tenant, bound.tenant_id, bound.environment, bound.feed, bound.dialect)
    if now != then:
        differing = next(pair for pair in zip(then, now, strict=True) if pair[0] != pair[1])
        problem = f"The plan is for {differing[0]}, the configuration says {differing[1]}."
    elif snapshot != bound.snapshot:
        problem = "UKG has accepted other changes since the plan was drawn."
    elif bound.mapping and bound.mapping != feed.mapping:
        problem = "The mapping of its source is another one since the plan was drawn."
    else:
        return
    raise PlanStale(f"{problem} Nothing was sent.", cure="Draw the plan anew and look at it.")


def remaining(session: Session, plan: Plan) -> Plan:
    """Leave in `plan_rows` what UKG has not accepted yet (`accepted`), and count it; the rest of the plan stands."""
    session.spool("plan_rows", question(_HERE, "remaining"))
    by_action: dict[str, int] = dict(session.ask("SELECT action, count(*) FROM plan_rows GROUP BY action"))
    left = {action.value: by_action.get(action.value, 0) for action in Action}
    counts: Counts = replace(plan.counts, **left)
    return replace(plan, counts=counts)


def first(approved: Proposal, feed: Feed) -> ApprovalNeeded:
    """Return the error for what would be sent before a plan that was approved."""
    return ApprovalNeeded(
        f"Plan {approved.name} is approved and not sent yet, so nothing else goes before it. Nothing was sent.",
        cure="Send it first, with a sync of the feed as it is; or reject it.",
        next_command=f"bridgehead sync {feed.tenant} --environment {feed.environment} --feed {feed.name}",
    )

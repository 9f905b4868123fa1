"""Small steps: of a plan that was drawn as a whole some changes go first, and the rest stays planned."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bridgehead.compare.conflicts import shown_conflicts
from bridgehead.compare.differences import draw_less
from bridgehead.compare.wording import word
from bridgehead.errors import ConfigError
from bridgehead.feed import Feed
from bridgehead.only import Only
from bridgehead.plan import Owned, Plan, Stop, apart
from bridgehead.projection import DIMENSIONS, REQUIRED
from bridgehead.tables import Session, question

_HERE = "bridgehead.compare"
_ALL = 1 << 62
_NAMED = 5


def sliced(plan: Plan, only: Only, session: Session, feed: Feed, before: Sequence[Owned]) -> Plan:
    """Leave in `plan_rows` the changes that go first, and return their plan; the same one when all of them do.

    Nothing is retired, and what moves to another code goes with both its sides or not at all. Where the whole passes a
    limit, so does the slice: a person who steps carefully sees why it is wrong as a whole. before: what the feed was
    complete for when it last sent something, which a slice neither adds to nor takes from for good.
    """
    _check_codes(session, only, plan)
    lists = {name: list(only.codes.get(name, ())) for name in DIMENSIONS}
    session.ask(question(_HERE, "wanted"), lists)
    smallest = session.value("SELECT min(size) FROM wanted")
    most = _ALL if only.most is None else only.most
    if smallest is not None and smallest > most:
        raise ConfigError(
            f"--max {most} is too few: both sides of a code that became another one are sent together.",
            cure=f"Send at least --max {smallest}.",
        )
    session.ask(question(_HERE, "sliced"), {"most": most})
    count = int(session.value("SELECT count(*) FROM sliced"))
    rest = plan.counts.changes - count
    if not rest:
        return plan
    kept = plan.on_drift == "keep"  # then they are none of the plan's rows
    if plan.conflicting and not kept:
        session.ask("DELETE FROM conflicts WHERE row NOT IN (SELECT row FROM sliced)")
    session.spool(
        "plan_rows", "SELECT * EXCLUDE (row) FROM plan_rows WHERE row IN (SELECT row FROM sliced) ORDER BY row"
    )
    conflicts, conflicting = shown_conflicts(session) if plan.conflicting else ((), 0)
    return replace(
        draw_less(session, plan, rest),
        only=only.options,
        stops=tuple(_of_the_whole(plan, feed)),
        owned=plan.owned if feed.owns else apart([*before, *plan.owned]),
        conflicts=conflicts,
        conflicting=conflicting,
    )


def _of_the_whole(plan: Plan, feed: Feed) -> list[Stop]:
    """Return the limits that the whole passes; what it adds up to, and who changed its cells, the slice says itself."""
    return [
        replace(one, message=f"The whole plan, of which this is a slice, stops: {_inside(one.message)}")
        for one in feed.guardrails.passed(plan)
        if one.name not in ("control", "drift")
    ]


def _inside(sentence: str) -> str:
    """Return a sentence as it stands behind a colon; the name of a file keeps its capitals."""
    return sentence[0].lower() + sentence[1:] if sentence.startswith(("The ", "Org ")) else sentence


def _check_codes(session: Session, only: Only, plan: Plan) -> None:
    """Raise ConfigError for a code that neither the source nor UKG has."""
    rows = [(name, code) for name, codes in only.codes.items() for code in codes]
    session.fill("chosen", ("dimension VARCHAR", "code VARCHAR"), rows)
    for name, code in session.ask(question(_HERE, "unmatched")) if rows else ():
        text = f"CAST({name} AS VARCHAR)" if name in REQUIRED else f"coalesce({name}, '')"
        known = [
            known or "(unset)"
            for (known,) in session.ask(f"SELECT DISTINCT {text} FROM typed ORDER BY 1 LIMIT {_NAMED + 1}")  # noqa: S608
        ]
        more = " and others" if len(known) > _NAMED else ""
        several = f" Several codes are several options: --only {name}=A --only {name}=B." if "," in code else ""
        raise ConfigError(
            f"No row of {plan.bound.source}, and nothing that UKG holds of it, has the {word(name)} {code!r}.",
            cure=f"It has {', '.join(known[:_NAMED])}{more}.{several}" if known else "It plans nothing at all.",
        )

"""Is every planned row valid? Rules are data: a slug, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from bridgehead.compare.constants import hash_cells
from bridgehead.feed import Policy
from bridgehead.plan import CONTROLLED
from bridgehead.tables import Session, question

_HERE = "bridgehead.compare"

MISTYPED = frozenset(("unknown", "long"))
"""Rules whose break says that a code may be a mistyped one, so that the row may belong to any cell."""

NUMBER = r"[+-]?[0-9]{1,12}(\.[0-9]{0,20})?"
"""A number as a plan may write it, once the mapping has dealt with decimal commas: no exponent, no blanks."""

LARGE = r"[+-]?([0-9]{13,}(\.[0-9]*)?|[0-9]+\.[0-9]{21,})"
"""A number with more digits than can be held."""

RULES: dict[str, str] = {
    "required": "the {word} is empty. Every row needs one: fill it in",
    "unset": 'the {word} is empty. Fill it in, or allow rows without one: unset = ["{field}"]',
    "measure": "{told} is none of {measures}. Correct it, explain it under measure.words, "
    "or leave such rows out: without = {{ {without} }}",
    "pov": "{told} has {parts}",
    "unrouted": "{told} is routed to no tenant, so nobody gets the row. Correct it, or add it under routing.tenants",
    "ambiguous": "{told} is routed to more than one tenant, so nobody gets the row. Narrow routing.tenants to one",
    "crosswalk": "{told} is not in {crosswalk}. Correct it, or add it there; "
    'crosswalks.{field}.unknown = "keep" would send such codes as they are',
    "period": "{told} is not a period. {reading}",
    "boundary": "{told} is not the first day of a month. {reading}",
    "number": "{told} is not a number. {reading}",
    "large": "{told} has more digits than any plan: at most 12 before the decimals and 20 after. Correct the figure",
    "negative": "{told} is below zero. Write what is planned in the end, not a correction to it",
    "whole": "{told} is not a whole number of heads. Write whole heads here, and parts of a person as FTE",
    "heads": "hours or cost are given, and neither heads nor FTE. Add heads or FTE, or take hours and cost out",
    "part_time": "{value} FTE are more than the heads beside them. See which is right; "
    'if both are: rules.fte_over_headcount = "allow"',
    "currency": "the cost has no currency. {reading}",
    "control": "{told} holds an invisible character ({reading}). Type the code anew",
    "outside": "{value} lies outside the plan that this feed owns. Take the row out, or widen owns in bridgehead.toml",
    "duplicate": "{cell} is planned here and at {places}. Keep one of them, or have them added up: "
    'rules.duplicates = "sum"',
    "currencies": "the rows of this cell have several currencies, and cannot be added up. Write them in one",
    "unknown": "UKG has no {word} {told}{crosswalk}{likely}. Correct the code, or have it created in UKG",
    "inactive": "the {word} {told}{crosswalk} is inactive in UKG. Use another one, or have it activated",
    "read_only": "{told} is read-only in UKG. Plan in another version, or have it opened",
    "long": "{told} has {length} characters{crosswalk}, and UKG takes {most} as {word}. Use the code that UKG has",
    "closed": "{value} is not open for planning in UKG. Leave its figures as they were, or have the period opened",
}
"""What is said of a row, by the slug of the rule it breaks; `telling` fills in what stands in braces."""


class Known(msgspec.Struct, frozen=True):
    """What UKG accepts. codes: by dimension, each with whether it is active; `version` means scenario and version.

    lengths: how many characters a code may have. open_from, open_to: the open periods, None where UKG does not say.
    """

    codes: Mapping[str, Mapping[str, bool]]
    lengths: Mapping[str, int]
    open_from: date | None = None
    open_to: date | None = None


def judge(
    session: Session,
    *,
    scales: Mapping[str, int],
    unset: Sequence[str],
    policy: Policy = Policy(),  # noqa: B008 - a value
    duplicates: bool = True,
    clean: bool = False,
) -> int:
    """Type `text_rows` into `typed`; rows that break a rule go to `findings` instead, their keys to `held_back`.

    scales: decimals of each measure on the wire. unset: dimensions that the plan does not have. duplicates: whether to
    look for cells that are planned twice. clean: whether it is known that no cell holds a control character. Returns
    how many cells of the source hold no value.
    """
    session.ask(question(_HERE, "begin"))
    parameters: dict[str, Any] = {"number": NUMBER, "large": LARGE, "unset": list(unset), "clean": clean}
    for name, scale in scales.items():
        plain = rf"[+-]?[0-9]{{1,12}}(\.[0-9]{{0,{scale}}}0{{0,{20 - scale}}})?"
        parameters |= {f"{name}_scale": scale, f"{name}_plain": plain}
    session.ask(question(_HERE, "typed"), parameters)
    absent = int(session.value(question(_HERE, "absent")))
    _set_aside(session)
    if duplicates:
        _judge_duplicates(session, scales, policy)
    if policy.fte_over_headcount != "allow":
        refuses = policy.fte_over_headcount == "refuse"
        session.ask(question(_HERE, "part_time"), {"refuses": refuses})
        if refuses:
            session.ask("UPDATE typed SET faults = 'part_time' WHERE fte > headcount")
            session.ask(question(_HERE, "set_aside"))
    return absent


def _judge_duplicates(session: Session, scales: Mapping[str, int], policy: Policy) -> None:
    hash_cells(session)
    session.ask(question(_HERE, "duplicates"))
    if session.value("SELECT count(*) FROM twice"):
        decimals = {f"{name}_scale": scale for name, scale in scales.items()} if policy.duplicates == "sum" else {}
        session.ask(question(_HERE, f"{policy.duplicates}_duplicates"), decimals)
        _set_aside(session)


def add_up(session: Session) -> dict[str, Decimal]:
    """Return what `text_rows` add up to, as the source has it: by measure, and how many projections."""
    return dict(zip(CONTROLLED, map(Decimal, session.ask(question(_HERE, "control"))[0]), strict=True))


def judge_ownership(session: Session) -> None:
    """Set aside the planned rows that lie outside the table `owned`."""
    session.ask(question(_HERE, "outside"))
    _set_aside(session)


def judge_changes(session: Session, known: Known) -> None:
    """Set aside the changes that UKG would refuse: unknown and inactive codes, closed periods, read-only versions.

    Only what changes is judged.
    """
    codes = [(field, code, active) for field, found in known.codes.items() for code, active in found.items()]
    session.fill("known_codes", ("field VARCHAR", "code VARCHAR", "active BOOLEAN"), codes)
    session.fill("lengths", ("field VARCHAR", "most INTEGER"), list(known.lengths.items()))
    opened = {"open_from": known.open_from or date.min, "open_to": known.open_to or date.max}
    session.ask(question(_HERE, "offences"), opened)
    offences = session.value("SELECT count(*) FROM offences")
    if offences:
        session.ask(question(_HERE, "offending"))
    if offences or session.value("SELECT (SELECT count(*) FROM moves) * (SELECT count(*) FROM held_back)"):
        session.spool("difference", question(_HERE, "allowed"))


def _set_aside(session: Session) -> None:
    if session.value("SELECT count(*) FROM typed WHERE faults <> ''"):
        session.ask(question(_HERE, "findings"))
        session.ask(question(_HERE, "set_aside"))

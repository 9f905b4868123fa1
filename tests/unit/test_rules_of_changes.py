"""What UKG would refuse is found before it is sent, and what the rules leave to choice is as chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.rows import GOOD, SCALES, WORDS, fill, locate

from bridgehead.compare.accepted import ACCEPTED_COLUMNS, begin_accepted, stage_accepted
from bridgehead.compare.differences import compare, said_by_all
from bridgehead.compare.rules import Known, judge, judge_changes
from bridgehead.compare.telling import Report, report
from bridgehead.feed import Policy
from bridgehead.projection import DIMENSIONS
from bridgehead.tables import Session

KNOWN = Known(
    codes={
        "org_unit": {"0100": True, "0099": False},
        "version": {"budget\x1fv1": True, "budget\x1fold": False},
    },
    lengths={"job": 4},
    open_from=date(2027, 1, 1),
    open_to=date(2028, 12, 1),
)
OFFENCES: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown": ({"org_unit": "9999"}, "The org_unit", "UKG has no org unit '9999'"),
    "inactive": ({"org_unit": "0099"}, "The org_unit", "the org unit '0099' is inactive"),
    "read_only": ({"version": "old"}, "The version", "'budget old' is read-only"),
    "long": ({"job": "J0001"}, "The job", "'J0001' has 5 characters, and UKG takes 4"),
    "closed": ({"period_start": "2029-01", "period": date(2029, 1, 1)}, "The period_start", "2029-01 is not open"),
}


def changed(session: Session, *rows: dict[str, Any], held: Sequence[Sequence[Any]] = ()) -> Report:
    """Judge what these rows would change in a UKG that holds *held*."""
    fill(session, rows)
    judge(session, scales=SCALES, unset=())
    begin_accepted(session)
    session.fill("accepted_base", ACCEPTED_COLUMNS, held)
    stage_accepted(session)
    compare(session, said_by_all(session))
    judge_changes(session, KNOWN)
    return report(session, words=WORDS, locate=locate)


@pytest.mark.parametrize("rule", OFFENCES)
def test_what_ukg_would_refuse_is_found_before_it_is_sent(session: Session, rule: str) -> None:
    change, column, words = OFFENCES[rule]
    found = changed(session, {}, change)
    assert [(bad.rule, bad.column, bad.origin.split()[0]) for bad in found.rows] == [(rule, column, "plan.csv:3")]
    assert words in found.rows[0].message
    assert session.value("SELECT count(*) FROM difference") == 1


@pytest.mark.parametrize("rule", OFFENCES)
def test_what_was_accepted_once_and_did_not_change_is_not_judged_again(session: Session, rule: str) -> None:
    row = {**GOOD, **OFFENCES[rule][0]}
    dimensions = [row["period"] if name == "period_start" else row[name] for name in DIMENSIONS]
    held = [*dimensions, Decimal(3), Decimal("2.5"), None, None, None, False, False]
    assert changed(session, OFFENCES[rule][0], held=[held]).count == 0


def test_codes_that_ukg_does_not_list_are_not_judged(session: Session) -> None:
    assert changed(session, {"location": "anything", "cost_center": "anything"}).count == 0


@pytest.mark.parametrize(("choice", "expected"), [("sum", "5.00"), ("last", "3.00")])
def test_duplicates_are_summed_or_the_last_one_counts_where_the_rules_say_so(
    session: Session, choice: Any, expected: str
) -> None:
    fill(session, [{"fte": "2"}, {"org_unit": "0200"}, {"fte": "3"}])
    judge(session, scales=SCALES, unset=(), policy=Policy(duplicates=choice))
    assert report(session, words=WORDS, locate=locate).count == 0
    fte = session.value("SELECT fte FROM typed WHERE org_unit = '0100'")
    assert (fte, session.value("SELECT count(*) FROM typed")) == (Decimal(expected), 2)


def test_costs_in_two_currencies_are_not_summed(session: Session) -> None:
    fill(session, [{"cost": "2", "currency": "EUR"}, {"cost": "3", "currency": "USD"}])
    judge(session, scales=SCALES, unset=(), policy=Policy(duplicates="sum"))
    (bad,) = report(session, words=WORDS, locate=locate).rows
    assert (bad.rule, bad.origin.split()[0]) == ("currencies", "plan.csv:2")


@pytest.mark.parametrize(("choice", "rows", "warnings"), [("warn", 0, 1), ("refuse", 1, 0), ("allow", 0, 0)])
def test_more_full_time_equivalents_than_heads_are_judged_as_the_rules_say(
    session: Session, choice: Any, rows: int, warnings: int
) -> None:
    fill(session, [{}, {"org_unit": "0200", "headcount": "2", "fte": "2.5"}])
    judge(session, scales=SCALES, unset=(), policy=Policy(fte_over_headcount=choice))
    found = report(session, words=WORDS, locate=locate)
    assert (len(found.rows), len(found.warnings)) == (rows, warnings)
    assert all("2.5" in bad.message for bad in (*found.rows, *found.warnings))
    assert session.value("SELECT count(*) FROM typed") == 2 - rows


def test_a_sum_is_rounded_once_and_not_each_of_its_rows(session: Session) -> None:
    fill(session, [{"headcount": "1", "fte": "0.125"}] * 3)
    judge(session, scales=SCALES, unset=(), policy=Policy(duplicates="sum"))

    assert session.ask("SELECT headcount, fte, rounded FROM typed") == [(3, Decimal("0.38"), True)]


def test_a_sum_that_has_too_many_digits_is_refused(session: Session) -> None:
    fill(session, [{"fte": None, "headcount": "999999999999"}, {"fte": None, "headcount": "1"}])
    judge(session, scales=SCALES, unset=(), policy=Policy(duplicates="sum"))

    assert session.ask("SELECT rule, field FROM findings") == [("large", "headcount")]

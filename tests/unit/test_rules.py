"""Each rule breaks on its own, at its line and column, in its words; good rows never do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from tests.unit.rows import COLUMNS, SCALES, WORDS, fill, locate, multiply, named
from tests.unit.test_rules_of_changes import OFFENCES

from bridgehead.compare.differences import write_owned
from bridgehead.compare.rules import RULES, judge, judge_ownership
from bridgehead.compare.telling import SHOWN, refuse, report
from bridgehead.errors import BadRow, RowsInvalid
from bridgehead.plan import Owned
from bridgehead.projection import DIMENSIONS, MEASURES
from bridgehead.tables import Session

OWNED = Owned("budget", "v1", date(2027, 1, 1), date(2027, 12, 1))


def check(
    session: Session,
    *rows: dict[str, Any],
    unset: Sequence[str] = (),
    scales: dict[str, int] | None = None,
    columns: dict[str, str] | None = None,
) -> None:
    fill(session, rows)
    judge(session, scales=SCALES | (scales or {}), unset=unset)
    refuse(report(session, words=named(COLUMNS if columns is None else columns), locate=locate))


def broken(session: Session, *rows: dict[str, Any], **terms: Any) -> tuple[BadRow, ...]:
    with pytest.raises(RowsInvalid) as caught:
        check(session, *rows, **terms)
    assert caught.value.exit_code == 3
    assert caught.value.count == len(caught.value.rows)
    return caught.value.rows


BREAKS: list[tuple[str, str, dict[str, Any], str | None, str]] = [
    ("required", "scenario", {"scenario": None}, None, "the scenario is empty"),
    ("required", "version", {"version": None}, None, "the version is empty"),
    ("required", "org_unit", {"org_unit": None}, None, "the org unit is empty"),
    ("required", "period_start", {"period_start": None, "period": None}, None, "the period is empty"),
    ("unset", "cost_center", {"cost_center": None}, None, 'unset = ["cost_center"]'),
    ("unset", "location", {"location": None}, None, 'unset = ["location"]'),
    ("unset", "job", {"job": None}, None, 'unset = ["job"]'),
    ("period", "period_start", {"period_start": "Q1", "period": None}, "Q1", "'Q1' is not a period"),
    (
        "boundary",
        "period_start",
        {"period_start": "2027-01-15", "period": date(2027, 1, 15)},
        "2027-01-15",
        "first day of a month",
    ),
    ("number", "headcount", {"headcount": "three"}, "three", "'three' is not a number"),
    ("number", "fte", {"fte": "1e3"}, "1e3", "'1e3' is not a number"),
    ("number", "hours", {"hours": "0x10"}, "0x10", "'0x10' is not a number"),
    ("number", "cost", {"cost": "1,5", "currency": "EUR"}, "1,5", "'1,5' is not a number"),
    ("measure", "measure", {"noted": "measure:measure", "noted_value": "Bonus"}, "Bonus", "'Bonus' is none of"),
    ("pov", "pov", {"noted": "pov:pov", "noted_value": "a,b"}, "a,b", "has 2 parts"),
    ("crosswalk", "org_unit", {"noted": "crosswalk:org_unit", "noted_value": "X"}, "X", "not in the crosswalk"),
    ("large", "headcount", {"headcount": "1" * 13}, "1" * 13, "at most 12 before"),
    ("negative", "headcount", {"headcount": "-1"}, "-1", "'-1' is below zero"),
    ("negative", "fte", {"fte": "-0.01"}, "-0.01", "is below zero"),
    ("negative", "hours", {"hours": "-0.001"}, "-0.001", "is below zero"),
    ("negative", "cost", {"cost": "-10", "currency": "EUR"}, "-10", "is below zero"),
    ("whole", "headcount", {"headcount": "2.5"}, "2.5", "'2.5' is not a whole number"),
    ("heads", "headcount", {"headcount": None, "fte": None, "hours": "8"}, None, "neither heads nor FTE"),
    ("currency", "currency", {"cost": "10"}, None, "the cost has no currency"),
    ("control", "org_unit", {"org_unit": "01\n00"}, "01\n00", "an invisible character (the end of a line)"),
]


@pytest.mark.parametrize(("rule", "field", "change", "value", "words"), BREAKS)
def test_a_rule_breaks_alone_with_its_origin_column_value_and_words(
    session: Session, rule: str, field: str, change: dict[str, Any], value: str | None, words: str
) -> None:
    (bad,) = broken(session, {}, change, {"org_unit": "0200"})
    title = f"The {field}"
    assert (bad.rule, bad.column, bad.value, bad.origin) == (rule, title, value, f"plan.csv:3 {title}")
    assert words in bad.message


def test_every_rule_is_broken_by_some_test() -> None:
    elsewhere = {"outside", "duplicate", "currencies", "part_time", "unrouted", "ambiguous", *OFFENCES}
    assert {rule for rule, *_ in BREAKS} | elsewhere == set(RULES)


@pytest.mark.parametrize("field", [name for name in DIMENSIONS if name != "period_start"])
def test_a_control_character_is_found_in_the_code_that_holds_it(session: Session, field: str) -> None:
    texts = [f"A{character}B" for character in ("\n", "\t", "\x00", "\x1f", "\x7f")]
    found = broken(session, *({field: text} for text in texts))
    assert [(bad.rule, bad.column, bad.value) for bad in found] == [("control", f"The {field}", one) for one in texts]


GOOD_ROWS: list[dict[str, Any]] = [
    {},
    {"headcount": "0", "fte": "0"},
    {"headcount": None},
    {"fte": None},
    {"headcount": "+3", "fte": "+2.5"},
    {"headcount": "003"},
    {"headcount": "3."},
    {"headcount": "3.000"},
    {"headcount": "-0", "fte": "-0.00"},
    {"headcount": "999999999999"},
    {"fte": "999999999999.99999999999999999999"},
    {"fte": "0.12345678901234567890"},
    {"hours": "160.25", "cost": "1000.005", "currency": "EUR"},
    {"currency": "EUR"},
    {"org_unit": "  a  b "},
    {"org_unit": "Zürich 🚲 \u2028 東京"},
    {"org_unit": "'; DROP TABLE typed; --"},
    {"org_unit": '"quoted" \\ and {braces} %s'},
    {"period_start": "2028-02-01", "period": date(2028, 2, 1)},
]


@pytest.mark.parametrize("row", GOOD_ROWS)
def test_a_good_row_breaks_no_rule(session: Session, row: dict[str, Any]) -> None:
    check(session, row)
    assert session.ask("SELECT faults FROM typed") == [("",)]


@pytest.mark.parametrize("number", ["", " ", "1 000", "1e3", "1E3", "0x10", "1_000", "NaN", "inf", "--1", "1.2.3", "٣"])
def test_only_digits_and_a_point_are_a_number(session: Session, number: str) -> None:
    assert [bad.rule for bad in broken(session, {"fte": number})] == ["number"]


@pytest.mark.parametrize("number", ["1" * 13, "1." + "1" * 21])
def test_a_number_too_long_to_hold_exactly_is_refused(session: Session, number: str) -> None:
    assert [bad.rule for bad in broken(session, {"fte": number})] == ["large"]


def test_unset_dimensions_may_be_empty(session: Session) -> None:
    nothing = {"cost_center": None, "location": None, "job": None}
    check(session, nothing, unset=("cost_center", "location", "job"))
    assert {bad.column for bad in broken(session, nothing, unset=("location",))} == {"The cost_center", "The job"}


def test_parts_of_a_person_are_heads_where_the_wire_takes_decimals(session: Session) -> None:
    check(session, {"headcount": "2.5"}, scales={"headcount": 2})
    assert session.value("SELECT headcount FROM typed") == Decimal("2.5")


def test_a_row_breaks_every_rule_that_it_breaks(session: Session) -> None:
    bad = broken(session, {"scenario": None, "headcount": "x", "fte": "-1", "cost": "1"}, {"version": None})
    assert sorted((one.origin[:10], one.rule) for one in bad) == [
        ("plan.csv:2", "currency"),
        ("plan.csv:2", "negative"),
        ("plan.csv:2", "number"),
        ("plan.csv:2", "required"),
        ("plan.csv:3", "required"),
    ]


def test_a_row_without_any_measure_is_absent_and_judged_by_nothing(session: Session) -> None:
    check(session, {}, {"headcount": None, "fte": None, "scenario": None, "period": None})
    assert session.value("SELECT count(*) FROM typed") == 1


def test_a_bad_cell_of_a_wide_row_is_found_under_its_header(session: Session) -> None:
    columns = {"org_unit": "Dept"}
    (bad,) = broken(session, {"origin_column": "Jan-27", "headcount": "x"}, columns=columns)
    assert (bad.column, bad.origin) == ("Jan-27", "plan.csv:2 Jan-27")


def test_a_bad_code_of_a_wide_row_is_found_under_the_header_of_the_code(session: Session) -> None:
    bad = broken(
        session,
        {"origin_column": "Jan-27", "org_unit": None},
        {"origin_column": "Feb-27", "job": None},
        columns={"org_unit": "Dept", "job": "Job code"},
    )
    assert [one.column for one in bad] == ["Dept", "Job code"]


def test_findings_come_in_the_order_of_the_file(session: Session) -> None:
    bad = broken(session, *[{"headcount": "x"} if number % 3 else {} for number in range(50)])
    assert [int(one.origin.split(":")[1].split()[0]) for one in bad if one.rule == "number"] == [
        number + 2 for number in range(50) if number % 3
    ]


def test_a_duplicate_names_all_its_places(session: Session) -> None:
    (bad,) = broken(session, {}, {"org_unit": "0200"}, {"fte": "9"}, {"headcount": "7"})
    assert (bad.rule, bad.origin.split()[0]) == ("duplicate", "plan.csv:2")
    assert "plan.csv:4" in bad.message
    assert "plan.csv:5" in bad.message
    assert "plan.csv:3" not in bad.message
    assert bad.value == "budget / v1 / 2027-01-01 / 0100 / CC 1 / L1 / J1"


def test_a_duplicate_in_wide_rows_names_places_and_headers(session: Session) -> None:
    (bad,) = broken(session, {"origin_column": "Jan-27"}, {"origin_column": "Jan-27"}, columns={})
    assert (bad.column, bad.origin) == ("", "plan.csv:2 Jan-27")
    assert "plan.csv:3 Jan-27" in bad.message


def test_two_unset_dimensions_are_the_same_and_an_unset_one_is_no_code(session: Session) -> None:
    terms: dict[str, Any] = {"unset": ("job",)}
    (bad,) = broken(session, {"job": None}, {"job": None}, **terms)
    assert bad.rule == "duplicate"
    check(session, {"job": None}, {"job": "J1"}, {"job": "None"}, {"job": "j1"}, **terms)


@pytest.mark.parametrize("field", [name for name in DIMENSIONS if name != "period_start"])
def test_cells_that_differ_in_one_dimension_are_no_duplicates(session: Session, field: str) -> None:
    check(session, {}, {field: "other"}, {field: "Other"}, {field: "other "})


def test_more_bad_rows_than_are_shown_are_counted(session: Session) -> None:
    fill(session, [{"headcount": "x"}])
    multiply(session, "r AS record", SHOWN + 50)
    judge(session, scales=SCALES, unset=())
    with pytest.raises(RowsInvalid) as caught:
        refuse(report(session, words=WORDS, locate=locate))
    assert (len(caught.value.rows), caught.value.count) == (SHOWN, SHOWN + 50)


def test_more_duplicates_than_are_shown_are_counted(session: Session) -> None:
    fill(session, [{}])
    multiply(session, "r AS record, CAST((r + 1) // 2 AS VARCHAR) AS org_unit", 2 * (SHOWN + 50))
    judge(session, scales=SCALES, unset=())
    with pytest.raises(RowsInvalid) as caught:
        refuse(report(session, words=WORDS, locate=locate))
    assert (len(caught.value.rows), caught.value.count) == (SHOWN, SHOWN + 50)


def test_a_row_outside_what_the_feed_owns_is_refused(session: Session) -> None:
    outside = [
        {"scenario": "forecast"},
        {"version": "v2"},
        {"period": date(2026, 12, 1), "period_start": "2026-12"},
        {"period": date(2028, 1, 1), "period_start": "2028-01"},
    ]
    check(session, {}, {"period": date(2027, 12, 1)}, *outside)
    write_owned(session, [OWNED])
    judge_ownership(session)
    with pytest.raises(RowsInvalid) as caught:
        refuse(report(session, words=WORDS, locate=locate))
    assert [(bad.rule, bad.origin.split()[0]) for bad in caught.value.rows] == [
        ("outside", f"plan.csv:{line}") for line in (4, 5, 6, 7)
    ]
    assert caught.value.rows[0].message.startswith("forecast v1 2027-01 lies outside the plan")


def test_more_rows_outside_than_are_shown_are_counted(session: Session) -> None:
    fill(session, [{}])
    multiply(session, "r AS record, CAST(r AS VARCHAR) AS org_unit", SHOWN + 50)
    judge(session, scales=SCALES, unset=())
    write_owned(session, [Owned("forecast", "v1", date(2027, 1, 1), date(2027, 12, 1))])
    judge_ownership(session)
    with pytest.raises(RowsInvalid) as caught:
        refuse(report(session, words=WORDS, locate=locate))
    assert (len(caught.value.rows), caught.value.count) == (SHOWN, SHOWN + 50)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_rounded_row_is_counted_whichever_measure_was_rounded(session: Session, measure: str) -> None:
    fields = {"currency": "EUR", measure: "1.005"}
    check(session, {}, {**fields, "org_unit": "B"}, scales={"headcount": 2})
    assert session.ask("SELECT rounded FROM typed ORDER BY record") == [(False,), (True,)]


# Without shrinking: a failing list of numbers says enough, and shrinking it takes minutes.
QUICK = settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
WHOLE = st.one_of(
    st.integers(0, 200), st.integers(0, 10**12 - 1), st.integers(9 * 10**11, 10**12 - 1), st.just(10**12 - 1)
)
FRACTION = st.one_of(
    st.text("0123456789", max_size=20),
    st.builds(lambda head, tail: f"{head}5{tail}", st.text("01459", max_size=4), st.text("0", max_size=8)),
    st.builds("{}4{}".format, st.text("09", max_size=4), st.text("9", max_size=15)),
)
TEXT = st.builds(lambda whole, fraction: f"{whole}.{fraction}" if fraction else str(whole), WHOLE, FRACTION)


@example([("-", "999999999999.49045"), ("", "900719925475.00005")], 4)
@given(st.lists(st.tuples(st.sampled_from(["", "+", "-"]), TEXT), min_size=20, max_size=200), st.integers(0, 4))
@QUICK
def test_numbers_are_rounded_half_to_even_exactly(session: Session, numbers: list[tuple[str, str]], scale: int) -> None:
    texts = [sign + number for sign, number in numbers]
    rounded = session.ask(
        "SELECT half_even(CAST(x AS DECIMAL(38, 20)), $scale)"
        " FROM unnest($texts) WITH ORDINALITY AS t(x, n) ORDER BY n",
        {"texts": texts, "scale": scale},
    )
    unit = Decimal(1).scaleb(-scale)
    assert [
        (text, value)
        for text, (value,) in zip(texts, rounded, strict=True)
        if value != Decimal(text).quantize(unit, rounding=ROUND_HALF_EVEN)
    ] == []


@given(st.lists(TEXT, min_size=20, max_size=200), st.integers(0, 4))
@QUICK
def test_a_planned_number_is_the_text_rounded_and_says_whether_it_was(
    session: Session, texts: list[str], scale: int
) -> None:
    fill(session, [{}])
    session.ask(
        "CREATE OR REPLACE TABLE text_rows AS SELECT * REPLACE (n AS record, CAST(n AS VARCHAR) AS org_unit, x AS fte)"
        " FROM text_rows, unnest($texts) WITH ORDINALITY AS t(x, n)",
        {"texts": texts},
    )
    judge(session, scales=SCALES | {"fte": scale}, unset=())
    unit = Decimal(1).scaleb(-scale)
    typed = session.ask("SELECT fte, rounded FROM typed ORDER BY record")
    assert [
        (text, value, rounded)
        for text, (value, rounded) in zip(texts, typed, strict=True)
        if value != Decimal(text).quantize(unit, rounding=ROUND_HALF_EVEN) or rounded != (value != Decimal(text))
    ] == []

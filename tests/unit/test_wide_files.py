"""Months as columns: each becomes a projection, and nothing in a header is guessed or lost."""

from __future__ import annotations

from datetime import date

import pytest
from tests.unit.mapped import MONTHS, read, wide

from bridgehead.errors import ConfigError, MappingMismatch
from bridgehead.sources.mapping import ColumnMapping, Headers
from bridgehead.sources.mapping.fitting import fit
from bridgehead.tables import Session


def test_each_month_of_a_wide_row_becomes_a_projection(session: Session) -> None:
    found = read(session, wide(), ["org", "2027-01", "2027-02", "2027-12"], ["A", "1", "2", "3"], ["B", "4", "-", ""])
    told = [(one["record"], one["org_unit"], one["origin_column"], one["period"], one["headcount"]) for one in found]
    assert told == [
        (1, "A", "2027-01", date(2027, 1, 1), "1"),
        (1, "A", "2027-02", date(2027, 2, 1), "2"),
        (1, "A", "2027-12", date(2027, 12, 1), "3"),
        (2, "B", "2027-01", date(2027, 1, 1), "4"),
        (2, "B", "2027-02", date(2027, 2, 1), "-"),
        (2, "B", "2027-12", date(2027, 12, 1), None),
    ]


@pytest.mark.parametrize(
    ("pattern", "title"),
    [
        (r"(?P<month>[A-Z][a-z]{2})-(?P<yy>\d{2})", "Sep-27"),
        (r"(?P<month>[A-Za-z]+) (?P<year>\d{4})", "SEPTEMBER 2027"),
        (r"(?P<month>[A-Za-z]+) (?P<year>\d{4})", "Sept 2027"),
        (r"(?P<month>\d{1,2})/(?P<year>\d{4})", "9/2027"),
        (r"P(?P<month>\d\d) FY(?P<yy>\d\d)", "P09 FY27"),
        (r"(?P<year>\d{4})\.(?P<month>\d{2}) \(\$\)", " 2027.09 ($) "),
    ],
)
def test_a_month_in_a_header_is_read_by_number_or_english_name(session: Session, pattern: str, title: str) -> None:
    (found,) = read(session, wide(pattern), ["org", title], ["A", "5"])
    assert (found["period"], found["headcount"]) == (date(2027, 9, 1), "5")


@pytest.mark.parametrize("title", ["Total 2027", "Marketing 2027", "Decrease 2027", "Mayor 2027"])
def test_a_header_that_names_no_month_is_refused_by_name(title: str) -> None:
    with pytest.raises(MappingMismatch, match=title):
        fit(wide(r"(?P<month>[A-Z][a-z]+) (?P<year>\d{4})"), ["org", "January 2027", title], "plan.csv")


@pytest.mark.parametrize("title", ["2027-00", "2027-13", "0000-01"])
def test_a_month_number_that_is_none_is_refused_by_name(title: str) -> None:
    with pytest.raises(MappingMismatch, match=title):
        fit(wide(), ["org", "2027-01", title], "plan.csv")


@pytest.mark.parametrize("title", ["x-01", "²-01", "2027-²"])
def test_a_header_whose_numbers_are_none_is_refused_by_name(title: str) -> None:
    with pytest.raises(MappingMismatch, match=title):
        fit(wide(r"(?P<year>.+)-(?P<month>.+)"), ["org", title], "plan.csv")


def test_two_measures_of_a_month_land_in_one_projection(session: Session) -> None:
    mapping = wide(r"(?P<measure>\w+) (?P<year>\d{4})-(?P<month>\d{2})", "", {"HC": "headcount", "Vollzeit": "fte"})
    header = ["org", "HC 2027-01", "Vollzeit 2027-01", "Vollzeit 2027-02", "HC 2027-02", "HC 2027-03"]
    found = read(session, mapping, header, ["A", "1", "0.8", "1.6", "2", "3"])
    assert [(one["period"].month, one["headcount"], one["fte"]) for one in found] == [
        (1, "1", "0.8"),
        (2, "2", "1.6"),
        (3, "3", None),
    ]
    assert found[0]["origin_column"] == "HC 2027-01 and Vollzeit 2027-01"


def test_a_measure_may_be_called_as_we_call_it(session: Session) -> None:
    mapping = wide(r"(?P<measure>\w+) (?P<year>\d{4})-(?P<month>\d{2})", "")
    (found,) = read(session, mapping, ["org", "FTE 2027-01"], ["A", "0.5"])
    assert found["fte"] == "0.5"


@pytest.mark.parametrize("measures", [{}, {"HC": "heads"}])
def test_a_word_for_a_measure_that_nobody_explains_is_refused(measures: dict[str, str]) -> None:
    mapping = wide(r"(?P<measure>\w+) (?P<year>\d{4})-(?P<month>\d{2})", "", measures)
    with pytest.raises(ConfigError, match="HC 2027-01"):
        fit(mapping, ["org", "HC 2027-01"], "plan.csv")


def test_a_header_may_say_the_scenario(session: Session) -> None:
    mapping = wide(r"(?P<scenario>\w+) (?P<year>\d{4})-(?P<month>\d{2})", constants={"version": "v1"})
    found = read(session, mapping, ["org", "budget 2027-01", "forecast 2027-01"], ["A", "1", "2"])
    assert sorted((one["scenario"], one["headcount"]) for one in found) == [("budget", "1"), ("forecast", "2")]


def test_a_scenario_that_only_some_headers_say_is_never_lost(session: Session) -> None:
    mapping = wide(r"(?:(?P<scenario>\w+) )?(?P<year>\d{4})-(?P<month>\d{2})")
    try:
        found = read(session, mapping, ["org", "2027-01", "forecast 2027-01"], ["A", "1", "2"])
    except (ConfigError, MappingMismatch):
        return
    assert sorted((one["scenario"], one["headcount"]) for one in found) == [("budget", "1"), ("forecast", "2")]


@pytest.mark.parametrize(
    ("pattern", "titles"),
    [
        (r"(?:Plan|Actual) (?P<year>\d{4})-(?P<month>\d{2})", ("Plan 2027-01", "Actual 2027-01")),
        (r"(?P<month>[A-Z][a-z]+) (?P<year>\d{4})", ("Jan 2027", "January 2027")),
        (r"(?P<month>\d+)/(?P<year>\d{4})", ("1/2027", "01/2027")),
    ],
)
def test_two_columns_for_the_same_figure_are_refused_and_neither_is_lost(pattern: str, titles: tuple[str, str]) -> None:
    with pytest.raises(MappingMismatch, match=titles[1]):
        fit(wide(pattern), ["org", *titles], "plan.csv")


def test_a_wide_file_without_a_month_is_refused_with_the_headers_that_were_left() -> None:
    with pytest.raises(MappingMismatch, match="Left to fit were: Jan"):
        fit(wide(), ["org", "Jan"], "plan.csv")


@pytest.mark.parametrize("pattern", ["(", "(?P<year>", r"\d{4}"])
def test_a_pattern_that_cannot_work_is_refused(pattern: str) -> None:
    with pytest.raises(ConfigError, match=r"headers\.pattern"):
        fit(wide(pattern), ["org", "2027"], "plan.csv")


@pytest.mark.parametrize(("pattern", "lacking"), [(r"(?P<year>\d{4})", "month"), (r"(?P<month>\d{4})", "year")])
def test_half_a_period_in_the_headers_asks_for_the_other_half(pattern: str, lacking: str) -> None:
    with pytest.raises(MappingMismatch, match=f"where {lacking} comes from"):
        fit(wide(pattern), ["org", "2027"], "plan.csv")


def test_a_group_that_means_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="'quarter'"):
        fit(wide(MONTHS + r"(?P<quarter>Q\d)"), ["org", "2027-01Q1"], "plan.csv")


def test_an_ignored_header_is_no_month(session: Session) -> None:
    (found,) = read(session, wide(ignore=("2027-02",)), ["org", "2027-01", "2027-02"], ["A", "1", "2"])
    assert found["period"] == date(2027, 1, 1)


def test_numbers_of_wide_columns_are_read_like_others(session: Session) -> None:
    mapping = wide(decimal="comma", thousands=".", missing=("-",))
    found = read(session, mapping, ["org", "2027-01", "2027-02"], ["A", " 1.234,5 ", "-"])
    assert [one["headcount"] for one in found] == ["1234.5", None]


def test_a_column_beside_the_months_belongs_to_each_of_them(session: Session) -> None:
    mapping = ColumnMapping(
        columns={"org_unit": "org", "job": "job", "currency": "ccy"},
        constants={"scenario": "b", "version": "v"},
        unset=("cost_center", "location"),
        headers=Headers(pattern=r"(?P<measure>HC|cost) (?P<year>\d{4})-(?P<month>\d{2})", measures={"HC": "headcount"}),
    )
    header = ["org", "job", "ccy", "HC 2027-01", "cost 2027-01", "HC 2027-02", "cost 2027-02"]
    found = read(session, mapping, header, ["A", "07", "EUR", "1", "10.5", "2", "21"])
    assert [(one["job"], one["currency"], one["headcount"], one["cost"]) for one in found] == [
        ("07", "EUR", "1", "10.5"),
        ("07", "EUR", "2", "21"),
    ]

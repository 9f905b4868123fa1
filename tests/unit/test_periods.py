"""Periods: every way of writing one is read back as what was written, fiscal years too, and nothing is guessed."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.mapped import UNSET, read

from bridgehead.errors import ConfigError
from bridgehead.sources.mapping import ColumnMapping, Fiscal
from bridgehead.sources.mapping.periods import Calendar
from bridgehead.tables import Session

QUICK = settings(max_examples=60, deadline=None, derandomize=True)
MONTHS = st.dates(date(2000, 1, 1), date(2099, 12, 1)).map(lambda day: day.replace(day=1))
NAMES = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November")
PARTED = ("-", "/", ".", " ", "_", "M", "FY ", " (", "[", "*", "\\", "^", "$", "|", "%%")
PLAIN = Calendar({}, None)


@st.composite
def formats(draw: st.DrawFn) -> str:
    """Draw a pattern of one year, one month and perhaps a day, in any order, with signs between."""
    year, month = draw(st.sampled_from(["%Y", "%y"])), draw(st.sampled_from(["%m", "%b", "%B"]))
    parts = draw(st.permutations([year, month, *draw(st.sampled_from([[], ["%d"]]))]))
    between = draw(st.lists(st.sampled_from(PARTED), min_size=len(parts) - 1, max_size=len(parts) - 1))
    before, after = draw(st.sampled_from(["", "FY", "on "])), draw(st.sampled_from(["", ".", " total"]))
    return before + "".join(map("".join, zip(parts, [*between, after], strict=True)))


@QUICK
@given(formats(), MONTHS)
def test_what_a_format_writes_it_reads_as_the_same_month(written: str, month: date) -> None:
    assert PLAIN.reader(written)(month.strftime(written)) == month


@QUICK
@given(st.sampled_from(["%Y%m", "%Y%m%d", "%d%m%Y", "%m%d%Y", "%y%m", "%m%Y", "%d%m%y", "P%mY%Y"]), MONTHS)
def test_digits_without_a_sign_between_them_are_read_as_they_are_written(written: str, month: date) -> None:
    assert PLAIN.reader(written)(month.strftime(written)) == month


@QUICK
@given(st.sampled_from(["%d%m%Y", "%m%d%Y", "%Y%m%d", "%y%m"]), st.integers(0, 10**9).map(str))
def test_digits_that_lack_one_mean_no_month(written: str, digits: str) -> None:
    width = len(date(2027, 1, 1).strftime(written))
    assume(len(digits) != width)
    assert PLAIN.reader(written)(digits) is None


@QUICK
@given(MONTHS, st.integers(1, 28))
def test_iso_and_serial_numbers_are_read_as_they_are_written(month: date, day: int) -> None:
    day_of_it = month.replace(day=day)
    assert PLAIN.reader("iso")(f"{month:%Y-%m}") == month
    assert PLAIN.reader("iso")(day_of_it.isoformat()) == day_of_it
    serial = (day_of_it - date(1899, 12, 30)).days
    assert PLAIN.reader("excel-serial")(str(serial)) == day_of_it
    assert PLAIN.reader("excel-serial")(f"{serial}.0") == day_of_it


@pytest.mark.parametrize("text", ["2027-01", "4638", "463888", "46388.5", "-6388", "46 388", "46388.", "٤٦٣٨٨", ""])
def test_what_is_no_serial_number_of_a_day_means_none(text: str) -> None:
    assert PLAIN.reader("excel-serial")(text) is None


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("%Y-%m", "2027-13"),
        ("%Y-%m", "2027-00"),
        ("%Y-%m", "0027-01"),
        ("%Y-%m", "12027-01"),
        ("%Y-%m", "2027-01 "),
        ("%y-%m", "2027-01"),
        ("%d.%m.%Y", "30.02.2027"),
        ("%b-%y", "Foo-27"),
        ("%b-%y", "Ja-27"),
        ("%b %Y", "Jan 2027 "),
        ("%Y.%m", "2027x01"),
        ("%Y-%m", "\uff12\uff10\uff12\uff17-01"),
    ],
)
def test_a_text_that_does_not_fit_means_no_month(written: str, text: str) -> None:
    assert PLAIN.reader(written)(text) is None


@pytest.mark.parametrize("written", ["", "%Y", "%m", "%Y %Y-%m", "%m/%b/%Y", "%Y-%m-%d-%d", "%H%Y%m", "ISO", "%Y-%m%"])
def test_a_format_that_is_none_is_refused_with_its_setting(written: str) -> None:
    with pytest.raises(ConfigError) as caught:
        PLAIN.reader(written)
    assert caught.value.setting == "period_format"


@pytest.mark.parametrize("text", ["Sep-27", "SEP-27", "sep.-27", "Sept-27", "September-27", "september.-27"])
def test_an_english_month_is_known_in_every_case_and_length(text: str) -> None:
    assert PLAIN.reader("%b-%y")(text) == date(2027, 9, 1)


def test_names_that_are_not_english_are_explained_beside_those_that_are() -> None:
    names = {"Mrz": 3, "März.": 3, "Okt": 10, "sept": 9, "مارس": 3}
    reader = Calendar(names, None).reader("%b %Y")
    told = {"mrz 2027": 3, "MÄRZ 2027": 3, "Okt. 2027": 10, "Oct 2027": 10, "Sept 2027": 9, "مارس 2027": 3}
    assert {text: found.month for text in told if (found := reader(text))} == told


def test_a_name_may_mean_another_month_than_in_english() -> None:
    assert Calendar({"Mai": 5, "Mar": 5}, None).reader("%b %Y")("Mar 2027") == date(2027, 5, 1)


@pytest.mark.parametrize("number", [0, 13, -1])
def test_a_name_of_a_month_that_is_none_is_refused_with_its_setting(number: int) -> None:
    with pytest.raises(ConfigError) as caught:
        Calendar({"Mrz": number}, None)
    assert caught.value.setting == "month_names.Mrz"


@pytest.mark.parametrize("first", range(1, 13))
@pytest.mark.parametrize("named", ["start", "end"])
def test_the_periods_of_a_fiscal_year_are_twelve_months_in_a_row(first: int, named: Any) -> None:
    calendar = Calendar({}, Fiscal(first_month=first, year_named=named))
    for year in (2026, 2027):
        months = [calendar.month(str(year), str(period)) or date.min for period in range(1, 13)]
        assert months[0].month == first
        assert all((one.replace(day=28) + timedelta(days=7)).replace(day=1) == after for one, after in pairwise(months))
        assert {"start": months[0], "end": months[-1]}[named].year == year
        after = calendar.month(str(year + 1), "1")
        assert after == (months[-1].replace(day=28) + timedelta(days=7)).replace(day=1)


@pytest.mark.parametrize("first", range(1, 13))
@pytest.mark.parametrize("named", ["start", "end"])
def test_a_month_that_is_named_is_that_month_of_the_fiscal_year(first: int, named: Any) -> None:
    calendar = Calendar({}, Fiscal(first_month=first, year_named=named))
    periods = {calendar.month("26", str(period)) for period in range(1, 13)}
    named_months = {name: calendar.month("26", name[:3]) or date.min for name in (*NAMES, "December")}
    assert set(named_months.values()) == periods
    assert {f"{month:%B}" for month in named_months.values()} == {f"{month:%B}" for month in periods if month}
    assert all(f"{month:%B}" == name for name, month in named_months.items())


@pytest.mark.parametrize(
    ("fiscal", "text", "month"),
    [
        (Fiscal(first_month=4, year_named="end"), "FY28-P01", date(2027, 4, 1)),
        (Fiscal(first_month=4, year_named="start"), "FY28-P01", date(2028, 4, 1)),
        (Fiscal(first_month=10, year_named="end"), "FY27-P03", date(2026, 12, 1)),
        (Fiscal(first_month=10, year_named="end"), "FY27-P04", date(2027, 1, 1)),
        (Fiscal(first_month=1, year_named="end"), "FY27-P12", date(2027, 12, 1)),
        (Fiscal(first_month=4, year_named="end"), "FY28-P13", None),
        (Fiscal(first_month=4, year_named="end"), "FY28-P00", None),
    ],
)
def test_a_fiscal_period_is_the_month_that_the_calendar_says(fiscal: Fiscal, text: str, month: date | None) -> None:
    assert Calendar({}, fiscal).reader("FY%y-P%m")(text) == month


@pytest.mark.parametrize(
    ("year", "month", "expected"),
    [
        ("2027", "3", (2027, 3)),
        ("2027", "03", (2027, 3)),
        ("27", "P03", (2027, 3)),
        ("FY27", "m3", (2027, 3)),
        ("FY 27", "Mar", (2027, 3)),
        ("Fiscal 2027", "march", (2027, 3)),
        ("2027", "Mar.", (2027, 3)),
        ("2027", "P13", None),
        ("2027", "0", None),
        ("2027", "Total", None),
        ("2027", "Q1", None),
        ("227", "3", None),
        ("12027", "3", None),
        ("2027/28", "3", None),
        ("27 28", "3", None),
        ("FY", "3", None),
        (None, "3", None),
        ("2027", None, None),
    ],
)
def test_a_year_and_a_month_in_two_columns_are_a_period(
    session: Session, year: str | None, month: str | None, expected: tuple[int, int] | None
) -> None:
    columns = {"year": "Y", "month": "M", "org_unit": "O", "headcount": "H"}
    mapping = ColumnMapping(columns=columns, constants={"scenario": "b", "version": "v"}, unset=UNSET)
    (found,) = read(session, mapping, ["Y", "M", "O", "H"], [year, month, "A", "1"])
    assert found["period"] == (date(*expected, 1) if expected else None)
    assert (found["period_start"] is None) == (year is None or month is None)


def test_half_a_period_may_be_a_constant(session: Session) -> None:
    mapping = ColumnMapping(
        columns={"month": "M", "org_unit": "O", "headcount": "H"},
        constants={"scenario": "b", "version": "v", "year": "FY28"},
        fiscal=Fiscal(first_month=7, year_named="end"),
        unset=UNSET,
    )
    found = read(session, mapping, ["M", "O", "H"], ["P01", "A", "1"], ["Jun", "A", "1"])
    assert [one["period"] for one in found] == [date(2027, 7, 1), date(2028, 6, 1)]


@pytest.mark.parametrize(
    ("fiscal", "text", "month"),
    [
        (Fiscal(first_month=4, year_named="end"), "2026/27 1", date(2026, 4, 1)),
        (Fiscal(first_month=4, year_named="start"), "2026/27 1", date(2026, 4, 1)),
        (Fiscal(first_month=4, year_named="end"), "FY26-27 12", date(2027, 3, 1)),
        (Fiscal(first_month=10, year_named="end"), "2026/2027 Jan", date(2027, 1, 1)),
        (Fiscal(first_month=4, year_named="end"), "2026/28 1", None),
        (Fiscal(first_month=1, year_named="end"), "2026/27 1", None),
        (None, "2026/27 1", None),
    ],
)
def test_a_fiscal_year_that_names_both_its_years_is_the_one_between(
    fiscal: Fiscal | None, text: str, month: date | None
) -> None:
    assert Calendar({}, fiscal).pair(text) == month


@pytest.mark.parametrize(("written", "text"), [("iso", "2027-04-01"), ("%D.%m.%Y", "01.04.2027")])
def test_a_date_with_a_day_is_no_fiscal_period(written: str, text: str) -> None:
    """Spreadsheets and databases give dates, and those are the calendar's in every company."""
    assert Calendar({}, Fiscal(first_month=4, year_named="end")).reader(written)(text) == date(2027, 4, 1)

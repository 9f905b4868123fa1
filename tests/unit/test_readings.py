"""What a text could mean that was read as nothing: every reading is shown, with the setting that decides for it."""

from __future__ import annotations

import pytest

from bridgehead.compare.readings import of_boundary, of_control, of_number, of_parts, of_period


@pytest.mark.parametrize(
    ("text", "written", "told"),
    [
        ("Q1", "iso", 'Expected is a month such as 2027-01 or 2027-12 (period_format = "iso")'),
        ("FY28-P13", "FY%y-P%m", 'Expected is a month such as FY27-P01 or FY27-P12 (period_format = "FY%y-P%m")'),
        ("2027-01", "excel-serial", 'Expected is a month such as 46388 (period_format = "excel-serial")'),
    ],
)
def test_a_period_is_told_how_it_is_expected(text: str, written: str, told: str) -> None:
    assert of_period(text, written).startswith(told)


def test_a_period_with_two_readings_shows_both_and_asks_which() -> None:
    told = of_period("01/02/2027", "iso")
    assert '1 February 2027 with period_format = "%d/%m/%Y", or 2 January 2027 with period_format = "%m/%d/%Y"' in told
    assert told.endswith("say which")


@pytest.mark.parametrize(
    ("text", "written", "reading", "setting"),
    [
        ("Jan-27", "iso", "January 2027", "%b-%y"),
        ("202701", "iso", "January 2027", "%Y%m"),
        ("46388", "iso", "1 January 2027", "excel-serial"),
        ("2027-01", "%b-%y", "January 2027", "%Y-%m"),
    ],
)
def test_a_period_with_one_reading_is_told_what_to_set(text: str, written: str, reading: str, setting: str) -> None:
    told = of_period(text, written)
    assert f'It could be {reading}: write it as expected, or set period_format = "{setting}"' in told


@pytest.mark.parametrize("text", ["31/02/2027", "29/02/2027"])
def test_a_day_that_does_not_exist_is_no_reading(text: str) -> None:
    assert "It could be" not in of_period(text, "iso")


def test_a_month_in_another_language_is_told_where_names_are_explained() -> None:
    assert of_period("Mai 27", "%b %y").endswith("explained under month_names")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2027 Smarch", "Write the month as 3, P03, Mar or March, or explain its name under month_names"),
        ("FY27 P13", "Write the month as 3, P03, Mar or March"),
        ("this Mar", "Write the year as 2027, 27 or FY27"),
    ],
)
def test_half_a_period_is_told_how_the_wrong_half_is_written(text: str, told: str) -> None:
    assert of_period(text, "iso", halved=True) == told


@pytest.mark.parametrize(
    ("text", "written", "told"),
    [
        ("2027-01-15", "iso", 'Write the first of its month, or let the day not count: period_format = "%Y-%m-%D"'),
        (
            "02/01/2027",
            "%d/%m/%Y",
            (
                'It is read as 2 January 2027 (period_format = "%d/%m/%Y"). '
                'It could be 1 February 2027 with period_format = "%m/%d/%Y": say which'
            ),
        ),
        (
            "02/03/2027",
            "%d/%m/%Y",
            (
                'It is read as 2 March 2027 (period_format = "%d/%m/%Y"). '
                'Write the first of its month, or let the day not count: period_format = "%D/%m/%Y"'
            ),
        ),
        (
            "46390",
            "excel-serial",
            'It is read as 3 January 2027 (period_format = "excel-serial"). Write the first of its month',
        ),
    ],
)
def test_a_day_within_a_month_is_told_how_it_was_read(text: str, written: str, told: str) -> None:
    assert of_boundary(text, written) == told


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "told"),
    [
        ("1,5", "point", "", 'It could be 1.5: write 1.5, or set decimal = "comma"'),
        ("4.50", "comma", "", 'It could be 4.50: write 4,50, or set decimal = "point"'),
        ("4.50", "comma", ".", 'It could be 4.50: write 4,50, or set decimal = "point" and thousands = ""'),
        ("1,443.75", "comma", ".", 'It could be 1443.75: write 1443,75, or set decimal = "point" and thousands = ","'),
        ("1,234", "point", "", 'It could be 1234 with thousands = ",", or 1.234 with decimal = "comma": say which'),
        ("1.234", "comma", "", 'It could be 1.234 with decimal = "point", or 1234 with thousands = ".": say which'),
        ("1,234,567", "point", "", 'It could be 1234567: write 1234567, or set thousands = ","'),
        ("1'234.5", "point", "", 'It could be 1234.5: write 1234.5, or set thousands = "\'"'),
        ("1\u202f234,5", "point", "", 'It could be 1234.5: write 1234.5, or set decimal = "comma" and thousands = " "'),
        ("12 FTE", "comma", "", "Write digits alone, with a comma before the decimals"),
        ("1e3", "point", "", "Write digits alone, with a point before the decimals"),
        ("tbd", "point", "", "Write a figure, or leave the cell empty; a word that means empty is named under missing"),
    ],
)
def test_a_number_shows_every_reading_and_what_to_write(text: str, decimal: str, thousands: str, told: str) -> None:
    assert of_number(text, decimal, thousands) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b", "2 parts, and pov.fields names 3: scenario, (not needed), job. Add what is missing"),
        ("", "no parts, and pov.fields names 3: scenario, (not needed), job. Add what is missing"),
        ("a,b,c,d", "4 parts, and pov.fields names 3: scenario, (not needed), job. Take out what is too much"),
    ],
)
def test_a_cell_of_several_parts_is_told_how_many_and_which_are_expected(text: str, told: str) -> None:
    assert of_parts(text, ("scenario", "", "job"), ",") == told


@pytest.mark.parametrize(("text", "told"), [("a\r", "the end of a line"), ("a\tb", "a tab"), ("a\x0bb", r"\x0b")])
def test_an_invisible_character_is_named(text: str, told: str) -> None:
    assert of_control(text) == told

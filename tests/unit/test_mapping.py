"""From a file's columns to ours: names, constants, tokens, numbers and periods as the mapping says, or an error."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.unit.mapped import NASTY, ORDERLY, UNSET, plain, read, read_one, wide

from bridgehead.errors import BridgeheadError, ConfigError, MappingMismatch
from bridgehead.sources.mapping import FIELDS, ColumnMapping
from bridgehead.sources.mapping.fitting import fit
from bridgehead.tables import Session


def test_columns_are_found_by_the_names_that_the_mapping_gives_in_any_order(session: Session) -> None:
    mapping = ColumnMapping(
        columns={
            "headcount": "Heads",
            "org_unit": "Dept",
            "period_start": "Month",
            "version": "V",
            "scenario": "S",
            "job": "J",
        },
        unset=("cost_center", "location"),
    )
    (found,) = read(
        session, mapping, ["J", "Month", "Heads", "S", "V", "Dept"], ["0042", "2027-03", "7", "b", "v", "A 1"]
    )
    assert found == {
        **dict.fromkeys(FIELDS),
        "record": 1,
        "origin_column": None,
        "scenario": "b",
        "version": "v",
        "period_start": "2027-03",
        "period": date(2027, 3, 1),
        "org_unit": "A 1",
        "job": "0042",
        "headcount": "7",
    }


@pytest.mark.parametrize("title", ["Dept", "Department"])
def test_a_column_is_found_under_any_of_its_aliases(session: Session, title: str) -> None:
    mapping = ColumnMapping(columns={**plain().columns, "org_unit": ("Dept", "Department")}, unset=UNSET)
    (found,) = read(
        session, mapping, ["scenario", "version", "period_start", title, "headcount"], ["b", "v", "2027-01", "X", "1"]
    )
    assert found["org_unit"] == "X"


def test_two_aliases_in_one_file_are_refused() -> None:
    mapping = ColumnMapping(columns={**plain().columns, "org_unit": ("Dept", "org_unit")}, unset=UNSET)
    with pytest.raises(MappingMismatch, match="more than one column 'Dept' or 'org_unit', mapped to org_unit"):
        fit(mapping, [*ORDERLY, "Dept"], "plan.csv")


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(MappingMismatch, match=r"no column 'headcount'.*scenario, version, period_start, org_unit"):
        fit(plain(), [name for name in ORDERLY if name != "headcount"], "plan.csv")


def test_columns_that_nobody_explains_are_refused_with_the_line_that_ignores_them() -> None:
    with pytest.raises(MappingMismatch) as caught:
        fit(plain(), [*ORDERLY, "Total", 'the "old" one'], "plan.csv")
    assert "'Total'" in caught.value.message
    assert r'ignore = ["Total", "the \"old\" one"]' in caught.value.cure


def test_ignored_columns_may_be_there_or_not(session: Session) -> None:
    assert read_one(session, plain(ignore=("Total",)), Total="99")["headcount"] == "1"
    assert read_one(session, plain(ignore=("Total",)))["headcount"] == "1"


def test_constants_stand_in_every_row(session: Session) -> None:
    mapping = plain(leave=["scenario"], constants={"scenario": "budget 2027", "grade": "07"})
    found = read_one(session, mapping, leave=["scenario"])
    assert (found["scenario"], found["grade"]) == ("budget 2027", "07")


def test_a_constant_period_is_a_period(session: Session) -> None:
    mapping = plain(leave=["period_start"], constants={"period_start": "2027-05"})
    assert read_one(session, mapping, leave=["period_start"])["period"] == date(2027, 5, 1)


@pytest.mark.parametrize("field", ["scenario", "cost_center"])
def test_an_empty_constant_never_becomes_an_empty_text(session: Session, field: str) -> None:
    mapping = plain(leave=[field], constants={field: ""})
    try:
        found = read_one(session, mapping, leave=[field])
    except ConfigError:
        return
    assert found[field] is None


def test_a_field_cannot_be_a_column_and_a_constant() -> None:
    with pytest.raises(ConfigError, match="scenario comes from columns and from constants"):
        fit(plain(constants={"scenario": "b"}), list(ORDERLY), "plan.csv")


@pytest.mark.parametrize("section", ["columns", "constants"])
def test_a_field_that_a_projection_does_not_have_is_refused(section: str) -> None:
    mapping = ColumnMapping(**{section: {"costcenter": "x"}})
    with pytest.raises(ConfigError, match=rf"{section}\.costcenter is not a field"):
        fit(mapping, ["x"], "plan.csv")


def test_a_dimension_is_mapped_constant_or_stated_as_unset(session: Session) -> None:
    with pytest.raises(MappingMismatch) as caught:
        fit(plain(unset=("cost_center", "location")), list(ORDERLY), "plan.csv")
    assert "where job comes from" in caught.value.message
    assert 'unset = ["job"]' in caught.value.cure
    assert read_one(session, plain())["job"] is None


def test_a_required_dimension_cannot_be_left_out() -> None:
    with pytest.raises(MappingMismatch) as caught:
        fit(plain(leave=["version"]), [name for name in ORDERLY if name != "version"], "plan.csv")
    assert "version" in caught.value.message
    assert "unset" not in caught.value.cure


def test_a_plan_without_heads_and_fte_is_refused() -> None:
    mapping = plain(leave=["headcount"], more=["hours"])
    with pytest.raises(MappingMismatch, match="headcount or fte"):
        fit(mapping, [*(name for name in ORDERLY if name != "headcount"), "hours"], "plan.csv")


@pytest.mark.parametrize("cell", ["#Missing", "-", "n/a", " - ", "", "   ", None])
def test_a_missing_token_is_absent_and_not_zero(session: Session, cell: str | None) -> None:
    mapping = plain(more=["fte", "job"], missing=("#Missing", "-", "n/a"))
    found = read_one(session, mapping, headcount=cell, fte="0", job=cell)
    assert (found["headcount"], found["fte"], found["job"]) == (None, "0", None)


@pytest.mark.parametrize("cell", ["--", "-1", "N/A", "n/a n/a", "0"])
def test_only_the_whole_token_is_missing(session: Session, cell: str) -> None:
    assert read_one(session, plain(missing=("-", "n/a")), headcount=cell)["headcount"] == cell


def test_blanks_inside_a_code_stay_and_those_around_it_go(session: Session) -> None:
    assert read_one(session, plain(), org_unit="  01  0A ")["org_unit"] == "01  0A"


@pytest.mark.parametrize(
    ("decimal", "thousands", "cell", "number"),
    [
        ("point", "", "1234.50", "1234.50"),
        ("point", ",", "1,234,567.50", "1234567.50"),
        ("point", "'", "1'234.50", "1234.50"),
        ("point", " ", "1 234.50", "1234.50"),
        ("comma", "", "1234,50", "1234.50"),
        ("comma", ".", "1.234.567,50", "1234567.50"),
        ("comma", " ", "-1 234,5", "-1234.5"),
    ],
)
def test_a_number_is_read_as_the_mapping_says_it_is_written(
    session: Session, decimal: Any, thousands: Any, cell: str, number: str
) -> None:
    mapping = plain(decimal=decimal, thousands=thousands)
    assert read_one(session, mapping, headcount=cell)["headcount"] == number


@pytest.mark.parametrize(("decimal", "thousands"), [("point", "."), ("comma", ",")])
def test_one_mark_cannot_group_thousands_and_stand_before_the_decimals(decimal: Any, thousands: Any) -> None:
    with pytest.raises(ConfigError):
        fit(plain(decimal=decimal, thousands=thousands), list(ORDERLY), "plan.csv")


def test_a_point_is_no_decimal_point_where_decimals_follow_a_comma(session: Session) -> None:
    found = read_one(session, plain(decimal="comma"), headcount="1.500")
    assert found["headcount"] != "1.500"


def test_number_settings_leave_codes_alone(session: Session) -> None:
    assert read_one(session, plain(decimal="comma", thousands="."), org_unit="1.234,5")["org_unit"] == "1.234,5"


@pytest.mark.parametrize(
    ("written", "cell", "period"),
    [
        ("iso", "2027-01", date(2027, 1, 1)),
        ("iso", " 2027-12-01 ", date(2027, 12, 1)),
        ("iso", "2027-12-31", date(2027, 12, 31)),
        ("iso", "2027-02-30", None),
        ("iso", "2027-13", None),
        ("iso", "2027-1", None),
        ("iso", "01/02/2027", None),
        ("iso", "2027-01-01 00:00:00", None),
        ("iso", "46023", None),
        ("iso", "infinity", None),
        ("iso", "0000-01", None),
        ("%d/%m/%Y", "01/02/2027", date(2027, 2, 1)),
        ("%m/%d/%Y", "02/01/2027", date(2027, 2, 1)),
        ("%d/%m/%Y", "01/13/2027", None),
        ("%d.%m.%Y", "01.02.2027", date(2027, 2, 1)),
        ("%b-%y", "Feb-27", date(2027, 2, 1)),
        ("%B %Y", "February 2027", date(2027, 2, 1)),
        ("%b-%y", "Total", None),
        ("%Y%m", "202702", date(2027, 2, 1)),
        ("%Y-%m", "2027-02 or so", None),
        ("M%mY%Y", "M02Y2027", date(2027, 2, 1)),
        ("it's %Y-%m", "it's 2027-02", date(2027, 2, 1)),
    ],
)
def test_a_period_is_read_as_the_mapping_says_it_is_written(
    session: Session, written: str, cell: str, period: date | None
) -> None:
    found = read_one(session, plain(period_format=written), period_start=cell)
    assert (found["period"], found["period_start"]) == (period, cell.strip())


@pytest.mark.parametrize("written", ["%Q", "%", "%Y-%m-%"])
def test_a_period_format_that_is_none_is_explained(session: Session, written: str) -> None:
    with pytest.raises(BridgeheadError):
        read_one(session, plain(period_format=written))


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_in_a_header_is_executed(session: Session, nasty: str) -> None:
    mapping = ColumnMapping(columns={**plain().columns, "org_unit": nasty}, unset=UNSET)
    header = [nasty if name == "org_unit" else name for name in ORDERLY]
    (found,) = read(session, mapping, header, list(ORDERLY.values()))
    assert found["org_unit"] == "A"
    assert session.value("SELECT count(*) FROM raw") == 1


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_in_a_wide_header_is_executed(session: Session, nasty: str) -> None:
    mapping = wide(r"(?P<scenario>.+) (?P<year>\d{4})-(?P<month>\d{2})", constants={"version": "v1"})
    (found,) = read(session, mapping, ["org", f"{nasty} 2027-01"], ["A", "1"])
    assert (found["scenario"], found["origin_column"], found["headcount"]) == (nasty, f"{nasty} 2027-01", "1")


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_in_a_constant_token_or_value_is_executed(session: Session, nasty: str) -> None:
    mapping = plain(
        leave=["scenario"], more=["job"], constants={"scenario": nasty}, missing=(nasty, "gone"), unset=UNSET[:2]
    )
    found = read_one(session, mapping, leave=["scenario"], headcount=nasty, org_unit=f"{nasty}!", job="gone")
    assert (found["scenario"], found["headcount"], found["org_unit"], found["job"]) == (
        nasty,
        None,
        f"{nasty}!",
        None,
    )
    assert session.value("SELECT count(*) FROM raw") == 1


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_in_a_period_format_is_executed(session: Session, nasty: str) -> None:
    written = nasty.replace("%", "%%")
    mapping = plain(period_format=f"{written} %Y-%m")
    assert read_one(session, mapping, period_start=f"{nasty} 2027-02")["period"] == date(2027, 2, 1)
    assert session.value("SELECT count(*) FROM raw") == 1

"""A mistake is told once, where a person corrects it: in a row, in a header, in a cell, or in the settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.unit.mapped import UNSET
from tests.unit.rows import SCALES, WORDS, fill, locate, multiply

from bridgehead.compare.accepted import begin_accepted, stage_accepted
from bridgehead.compare.differences import compare, said_by_all
from bridgehead.compare.rules import Known, judge, judge_changes
from bridgehead.compare.telling import Report, bad_rows, report
from bridgehead.errors import BadRow
from bridgehead.sources.csv import CsvReader
from bridgehead.sources.files import wanted_by
from bridgehead.sources.mapping import ColumnMapping, CrosswalkFile, Headers, MeasureColumn, Pov
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.tables import Session

CONSTANTS = {"scenario": "budget", "version": "v1"}
MONTHLY = Headers(pattern=r"(?P<month>[A-Z][a-z]{2})-(?P<yy>\d{2})", measure="headcount")
MONTHS = ("Jan-27", "Feb-27", "Mar-27", "Apr-27")
KNOWN = Known(
    codes={"org_unit": {"0100": True, "0099": False}, "version": {"budget\x1fv1": True}, "job": {"A": True, "a": True}},
    lengths={},
)


def planned(folder: Path, mapping: ColumnMapping, *tables: Sequence[Sequence[str]]) -> PlanningFile:
    """Write CSV files, plan-1.csv and so on, to be read as one plan."""
    readers = []
    for number, table in enumerate(tables, 1):
        path = folder / f"plan-{number}.csv"
        path.write_text("".join(f"{'|'.join(line)}\n" for line in table))
        readers.append(CsvReader(path, delimiter="|", wanted=wanted_by(mapping)))
    return PlanningFile(readers, mapping, folder)


def told(session: Session, folder: Path, mapping: ColumnMapping, *tables: Sequence[Sequence[str]]) -> Report:
    """Say what is wrong with CSV files."""
    plan = planned(folder, mapping, *tables)
    staged = plan.stage(session)
    judge(session, scales=SCALES, unset=staged.unset)
    return report(session, words=staged.words, locate=plan.locate)


def refused(session: Session, folder: Path, mapping: ColumnMapping, *tables: Sequence[Sequence[str]]) -> Report:
    """Say what UKG would refuse of CSV files."""
    plan = planned(folder, mapping, *tables)
    staged = plan.stage(session)
    judge(session, scales=SCALES, unset=staged.unset)
    begin_accepted(session)
    stage_accepted(session)
    compare(session, said_by_all(session))
    judge_changes(session, KNOWN)
    return report(session, words=staged.words, locate=plan.locate)


def wide(**settings: Any) -> ColumnMapping:
    return ColumnMapping(
        **{
            "columns": {"org_unit": "Dept", "job": "Job"},
            "constants": CONSTANTS,
            "headers": MONTHLY,
            "unset": ("cost_center", "location"),
            **settings,
        }
    )


HEADER = ("Dept", "Job", *MONTHS)


def place(bad: BadRow) -> tuple[str, str, int]:
    return bad.origin, bad.column, bad.cells


def test_a_wrong_code_of_a_wide_row_is_one_mistake_that_says_how_many_cells_it_spoils(
    session: Session, tmp_path: Path
) -> None:
    found = refused(session, tmp_path, wide(), [HEADER, ("0100", "A", *"1234"), ("9999", "A", *"1234")])
    (bad,) = found.rows
    assert place(bad) == ("plan-1.csv:3", "Dept", 4)
    assert bad.message.endswith("(in 4 cells)")
    assert (found.count, found.by_rule, found.skipped) == (1, {"unknown": 1}, 4)


def test_only_cells_that_hold_a_number_are_counted(session: Session, tmp_path: Path) -> None:
    (bad,) = refused(session, tmp_path, wide(), [HEADER, ("9999", "A", "1", "", "", "4")]).rows
    assert place(bad) == ("plan-1.csv:2", "Dept", 2)


def test_each_wrong_cell_of_a_wide_row_is_a_mistake_of_its_own(session: Session, tmp_path: Path) -> None:
    found = told(session, tmp_path, wide(), [HEADER, ("0100", "A", "1", "x", "-3", "x")])
    assert [place(bad) for bad in found.rows] == [
        (f"plan-1.csv:2 [{header}]", header, 1) for header in ("Feb-27", "Mar-27", "Apr-27")
    ]
    assert found.by_rule == {"number": 2, "negative": 1}


def test_mistakes_of_a_row_come_in_the_order_of_the_files_columns(session: Session, tmp_path: Path) -> None:
    header = ("Jan-27", "Dept", "Feb-27", "Apr-27", "Job", "Aug-27")
    found = told(session, tmp_path, wide(), [header, ("x", "", "x", "1", "", "x")])
    assert [bad.column for bad in found.rows] == ["Jan-27", "Dept", "Feb-27", "Job", "Aug-27"]


def test_a_wrong_code_in_a_header_is_one_mistake_for_all_rows(session: Session, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("from,to\nSales,0100\n")
    mapping = ColumnMapping(
        columns={"period_start": "Month"},
        constants=CONSTANTS,
        headers=Headers(pattern="(?P<org_unit>[A-Z].*)", measure="headcount"),
        unset=UNSET,
        crosswalks={"org_unit": CrosswalkFile(path="units.csv")},
    )
    found = told(session, tmp_path, mapping, [("Month", "Sales", "Ops"), *((f"2027-0{n}", "1", "2") for n in (1, 2))])
    (bad,) = found.rows
    assert place(bad) == ("plan-1.csv:2 [Ops]", "Ops", 2)
    assert "'Ops' is not in units.csv" in bad.message
    assert bad.message.endswith("(in the header, so in 2 cells)")
    assert (found.count, found.skipped) == (1, 2)


def test_a_wrong_code_in_the_settings_is_one_mistake_that_no_row_is_blamed_for(
    session: Session, tmp_path: Path
) -> None:
    mapping = wide(constants={"scenario": "budgett", "version": "v1"})
    found = refused(session, tmp_path, mapping, [HEADER, ("0100", "A", *"1234"), ("0100", "a", *"1234")])
    (bad,) = found.rows
    assert place(bad) == ("plan-1.csv:2", "constants.version", 8)
    assert "UKG has no version 'budgett v1'" in bad.message
    assert (found.count, found.skipped) == (1, 8)


def test_a_scenario_that_ukg_lacks_is_told_at_its_row_though_the_version_is_a_setting(
    session: Session, tmp_path: Path
) -> None:
    mapping = wide(columns={"org_unit": "Dept", "job": "Job", "scenario": "S"}, constants={"version": "v1"})
    (bad,) = refused(session, tmp_path, mapping, [("S", *HEADER), ("actual", "0100", "A", *"1234")]).rows
    assert place(bad) == ("plan-1.csv:2", "S", 4)


def test_the_currency_that_nobody_states_is_one_mistake_in_the_settings(session: Session, tmp_path: Path) -> None:
    headers = Headers(pattern=r"(?P<year>\d{4})-(?P<month>\d\d) (?P<measure>\w+)", measures={"HC": "headcount"})
    table = [("Dept", "Job", "2027-01 HC", "2027-01 cost"), ("0100", "A", "1", "2"), ("0100", "B", "1", "2")]
    (bad,) = told(session, tmp_path, wide(headers=headers), table).rows
    assert place(bad) == ("plan-1.csv:2", "currency", 2)
    assert 'constants = { currency = "EUR" }' in bad.message


def test_of_the_columns_of_one_projection_the_wrong_one_is_named(session: Session, tmp_path: Path) -> None:
    headers = Headers(pattern=r"(?P<year>\d{4})-(?P<month>\d\d) (?P<measure>\w+)", measures={"HC": "headcount"})
    table = [("Dept", "Job", "2027-01 HC", "2027-01 FTE"), ("0100", "A", "1", "x"), ("0100", "B", "1.5", "y")]
    found = told(session, tmp_path, wide(headers=headers), table)
    assert [(bad.origin, bad.column) for bad in found.rows] == [
        ("plan-1.csv:2 [2027-01 FTE]", "2027-01 FTE"),
        ("plan-1.csv:3 [2027-01 HC]", "2027-01 HC"),
        ("plan-1.csv:3 [2027-01 FTE]", "2027-01 FTE"),
    ]


def test_a_row_of_a_file_is_told_in_that_files_words(session: Session, tmp_path: Path) -> None:
    mapping = ColumnMapping(
        columns={"org_unit": ["Dept", "Unit"], "period_start": "Month", "headcount": "Heads"},
        constants=CONSTANTS,
        unset=UNSET,
    )
    rows = (("2027-01", "", "1"), ("2027-02", "0100", "1"))
    found = told(session, tmp_path, mapping, [("Month", "Dept", "Heads"), *rows], [("Month", "Unit", "Heads"), *rows])
    assert [(bad.rule, bad.origin, bad.column) for bad in found.rows] == [
        ("required", "plan-1.csv:2", "Dept"),
        ("duplicate", "plan-1.csv:3", ""),
        ("required", "plan-2.csv:2", "Unit"),
    ]


@pytest.mark.parametrize(
    ("columns", "header", "row", "column", "words"),
    [
        (
            {"year": "Year", "month": "Month", "headcount": "Heads"},
            ("Year", "Month", "Dept", "Job", "Heads"),
            ("2027", "Smarch", "0100", "A", "1"),
            "Year and Month",
            "Month 'Smarch' with Year '2027' is not a period",
        ),
        (
            {"month": "Month"},
            ("Month", "Dept", "Job", "FY27", "FY28"),
            ("Smarch", "0100", "A", "1", "2"),
            "Month",
            "'Smarch' with the header's year '27' is not a period",
        ),
        (
            {"year": "Year"},
            ("Year", "Dept", "Job", "Jan", "Feb"),
            ("soon", "0100", "A", "1", "2"),
            "Year",
            "'soon' with the header's month 'Jan' is not a period. Write the year as 2027, 27 or FY27",
        ),
    ],
)
def test_both_halves_of_a_period_are_named_as_the_file_has_them(
    session: Session,
    tmp_path: Path,
    columns: dict[str, Any],
    header: Sequence[str],
    row: Sequence[str],
    column: str,
    words: str,
) -> None:
    patterns = {2: None, 1: Headers(pattern=r"FY(?P<yy>\d\d)" if "month" in columns else "(?P<month>[A-Z][a-z]{2})")}
    headers = patterns[len(set(columns) & {"year", "month"})]
    if headers is not None:
        headers = Headers(pattern=headers.pattern, measure="headcount")
    mapping = wide(columns={"org_unit": "Dept", "job": "Job", **columns}, headers=headers)
    (bad,) = told(session, tmp_path, mapping, [header, row]).rows
    assert (bad.rule, bad.origin, bad.column) == ("period", "plan-1.csv:2", column)
    assert bad.message.startswith(words)


def test_what_the_parts_of_a_cell_seem_to_lack_is_not_told_beside_that_one_is_missing(
    session: Session, tmp_path: Path
) -> None:
    mapping = ColumnMapping(
        pov=Pov(fields=("year", "scenario", "version", "org_unit", "job"), column="POV"),
        headers=Headers(pattern="(?P<month>Jan|Feb)"),
        measure=MeasureColumn(column="Account", words={"HC": "headcount"}),
        unset=("cost_center", "location"),
    )
    header = ("Account", "Jan", "Feb", "POV")
    rows = [("HC", "1", "2", "FY27,budget,v1,0100"), ("HC", "1", "", "FY27,budget,v1,0100,"), ("HC", "1", "2", "")]
    found = told(session, tmp_path, mapping, [header, *rows])
    assert [(bad.rule, *place(bad)) for bad in found.rows] == [
        ("pov", "plan-1.csv:2", "POV", 2),
        ("unset", "plan-1.csv:3", "POV", 1),
        ("pov", "plan-1.csv:4", "POV", 2),
    ]
    assert "has 4 parts, and pov.fields names 5: year, scenario, version, org_unit, job" in found.rows[0].message
    assert found.by_rule == {"pov": 2, "unset": 1}


def test_a_code_is_called_the_one_that_ukg_has_only_where_no_other_is_meant(session: Session, tmp_path: Path) -> None:
    table = [HEADER, ("100", "A", *"1234"), ("99", "A", *"1234"), ("0100", "00A", *"1234")]
    told = {bad.value: bad.message for bad in refused(session, tmp_path, wide(), table).rows}
    assert "UKG has no org unit '100', but '0100' (spreadsheets drop zeros)" in told["100"]
    assert "but" not in told["99"] + told["00A"]


def test_a_code_that_a_crosswalk_made_is_told_with_its_file(session: Session, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("from,to\nSales,0200\n")
    mapping = wide(crosswalks={"org_unit": CrosswalkFile(path="units.csv")})
    (bad,) = refused(session, tmp_path, mapping, [HEADER, ("Sales", "A", *"1234")]).rows
    assert bad.message.startswith("UKG has no org unit '0200' (after units.csv)")


def test_a_wide_row_that_stands_twice_is_one_mistake_in_the_words_of_the_file(session: Session, tmp_path: Path) -> None:
    row = ("0100", "A", *"1234")
    (bad,) = told(session, tmp_path, wide(), [HEADER, row, ("0200", "A", *"1234"), row]).rows
    assert (bad.rule, *place(bad)) == ("duplicate", "plan-1.csv:2", "", 4)
    assert bad.message.startswith("Dept 0100, Job A is planned here and at plan-1.csv:4. Keep one of them")


def test_a_cell_that_stands_twice_is_named_by_its_header(session: Session, tmp_path: Path) -> None:
    table = [HEADER, ("0100", "A", "1", "", "", ""), ("0100", "A", "1", "2", "", "")]
    (bad,) = told(session, tmp_path, wide(), table).rows
    assert bad.origin == "plan-1.csv:2 [Jan-27]"
    assert bad.message.startswith("Jan-27, Dept 0100, Job A is planned here and at plan-1.csv:3 [Jan-27]. Keep one")


def test_a_cell_that_two_headers_of_one_row_plan_is_told_by_both(session: Session, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("from,to\nSales,0100\nVente,0100\n")
    mapping = ColumnMapping(
        columns={"period_start": "Month"},
        constants=CONSTANTS,
        headers=Headers(pattern="(?P<org_unit>Sales|Vente)", measure="headcount"),
        unset=UNSET,
        crosswalks={"org_unit": CrosswalkFile(path="units.csv")},
    )
    (bad,) = told(session, tmp_path, mapping, [("Month", "Sales", "Vente"), ("2027-01", "1", "1")]).rows
    assert bad.origin == "plan-1.csv:2 [Sales]"
    assert bad.message.startswith("Month 2027-01, Sales is planned here and at plan-1.csv:2 [Vente]")


def test_every_row_that_a_wrong_header_spoils_is_to_be_corrected(session: Session, tmp_path: Path) -> None:
    mapping = ColumnMapping(
        columns={"org_unit": "Dept"},
        constants=CONSTANTS,
        headers=Headers(pattern=r"(?P<year>\d{4})-(?P<month>\d\d)", measure="headcount"),
        unset=UNSET,
    )
    plan = planned(tmp_path, mapping, [("Dept", "2027-01", "2027-02"), ("", "1", "x"), ("", "1", "")])
    words = plan.stage(session).words
    judge(session, scales=SCALES, unset=UNSET)
    found = [(record, bad.rule, *place(bad)) for record, bad in bad_rows(session, words=words, locate=plan.locate)]
    assert found == [
        (1, "required", "plan-1.csv:2", "Dept", 2),
        (1, "number", "plan-1.csv:2 [2027-02]", "2027-02", 1),
        (2, "required", "plan-1.csv:3", "Dept", 1),
    ]


def test_thousands_of_rows_in_one_cell_are_told_with_the_first_places_only(session: Session) -> None:
    fill(session, [{}])
    multiply(session, "r AS record", 20_000)
    judge(session, scales=SCALES, unset=())
    (bad,) = report(session, words=WORDS, locate=locate).rows
    assert "plan.csv:3, plan.csv:4" in bad.message
    assert "plan.csv:22 and at others" in bad.message
    assert session.value("SELECT count(*) FROM findings WHERE refuses") == 20_000


def test_full_time_equivalents_are_told_without_zeros_that_say_nothing(session: Session) -> None:
    fill(session, [{"headcount": "2", "fte": "2.5"}])
    judge(session, scales=SCALES, unset=())
    (warning,) = report(session, words=WORDS, locate=locate).warnings
    assert warning.message.startswith("2.5 FTE are more than the heads")


@pytest.mark.parametrize(
    ("origin", "column", "words"),
    [
        ("plan.csv:2", "Dept", "Dept: wrong"),
        ("plan.csv:2 [Jan-27]", "Jan-27", "wrong"),
        ("plan.csv:2", "", "wrong"),
    ],
)
def test_a_message_is_led_by_its_column_unless_the_origin_names_it(origin: str, column: str, words: str) -> None:
    assert BadRow(origin, column, None, "number", "wrong").words == words

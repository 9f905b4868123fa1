"""Workbooks as people keep them: titles, merged cells, notes; what reads as empty and is not so is refused."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from bridgehead.errors import BridgeheadError, ConfigError, MappingMismatch, SourceUnreadable
from bridgehead.sources.excel import ExcelReader
from bridgehead.sources.files import wanted_by
from bridgehead.sources.mapping import ColumnMapping, Headers
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.tables import Session

HEADER = ("Scenario", "Version", "Month", "Department", "Heads")
UNSET = ("cost_center", "location", "job")
FIELDS = ("scenario", "version", "period_start", "org_unit", "headcount")
MAPPING = ColumnMapping(columns=dict(zip(FIELDS, HEADER, strict=True)), unset=UNSET)
WIDE = ColumnMapping(
    columns={"org_unit": "Department"},
    constants={"scenario": "budget", "version": "v1"},
    headers=Headers(pattern=r"(?P<year>\d{4})-(?P<month>\d{2})-01", measure="headcount"),
    unset=UNSET,
)
Sheets = Mapping[str, Sequence[Sequence[Any]]]


def row(org: Any = "A", heads: Any = 1, month: Any = "2027-01") -> list[Any]:
    return ["budget", "v1", month, org, heads]


def workbook(
    folder: Path,
    sheets: Sheets | Sequence[Sequence[Any]],
    shape: Callable[[Worksheet], object] = lambda _sheet: None,
    name: str = "plan.xlsx",
) -> Path:
    """Write a workbook; *shape* does to its first sheet what rows cannot say."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in (sheets if isinstance(sheets, Mapping) else {"Plan": sheets}).items():
        sheet = book.create_sheet(title)
        for cells in rows:
            sheet.append(list(cells))
    shape(book.worksheets[0])
    book.save(folder / name)
    return folder / name


def source(path: Path, sheet: str = "", header_row: int = 0, mapping: ColumnMapping = MAPPING) -> PlanningFile:
    return PlanningFile([ExcelReader(path, sheet, wanted_by(mapping, header_row), path.name)], mapping)


def staged(session: Session, plan: PlanningFile) -> list[tuple[Any, ...]]:
    plan.stage(session)
    return session.ask("SELECT org_unit, headcount FROM text_rows ORDER BY record, period")


def refusal(session: Session, plan: PlanningFile) -> BridgeheadError:
    with pytest.raises(BridgeheadError) as caught:
        plan.stage(session)
    return caught.value


def rewritten(path: Path, change: Callable[[str], str], part: str = "xl/worksheets/sheet1.xml") -> Path:
    """Write a part of a workbook as other programs do."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert change(parts[part].decode()) != parts[part].decode()
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_title_above_and_notes_below_the_table_are_no_projections(session: Session, tmp_path: Path) -> None:
    notes = [[], ["Source: HR"], [None, None, None, "as agreed"]]
    rows = [["Headcount 2027"], [], ["as of", date(2027, 1, 5)], HEADER, row("A", 1), row("B", 2), *notes]
    plan = source(workbook(tmp_path, rows))
    assert [cell for cell in staged(session, plan) if cell[1] is not None] == [("A", "1"), ("B", "2")]
    assert plan.locate(2, "Heads") == "plan.xlsx Plan!E6"


def test_blank_rows_are_left_out_and_do_not_shift_a_place(session: Session, tmp_path: Path) -> None:
    rows = [HEADER, row("A", 1), [], [" ", None, "", " "], row("B", 2)]
    plan = source(workbook(tmp_path, rows))
    assert staged(session, plan) == [("A", "1"), ("B", "2")]
    assert (plan.locate(1, "Department"), plan.locate(2, "Department")) == ("plan.xlsx Plan!D2", "plan.xlsx Plan!D5")


def test_the_header_is_where_the_configuration_says(session: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path, [["x"], HEADER, row("old"), ["y"], HEADER, row("new")])
    assert staged(session, source(path, header_row=5)) == [("new", "1")]


@pytest.mark.parametrize("stated", [3, 9, 60])
def test_a_stated_header_that_is_not_there_is_refused_with_its_setting(
    session: Session, tmp_path: Path, stated: int
) -> None:
    refused = refusal(session, source(workbook(tmp_path, [HEADER, row(), [None], row()]), header_row=stated))
    assert isinstance(refused, ConfigError)
    assert (refused.setting, f"row {stated}" in refused.message) == ("header_row", True)


def test_a_workbook_without_a_table_is_refused(session: Session, tmp_path: Path) -> None:
    assert "empty" in refusal(session, source(workbook(tmp_path, []))).message


def test_a_cell_that_is_merged_downwards_counts_for_every_row(session: Session, tmp_path: Path) -> None:
    rows = [HEADER, row("A", 1), row(None, 2), row(None, 3), row("B", 4)]
    assert staged(session, source(workbook(tmp_path, rows, lambda sheet: sheet.merge_cells("D2:D4")))) == [
        ("A", "1"),
        ("A", "2"),
        ("A", "3"),
        ("B", "4"),
    ]


def test_a_number_that_several_rows_share_is_refused_and_never_counted_twice(session: Session, tmp_path: Path) -> None:
    rows = [HEADER, row("A", 10), row("B", None), row("C", None)]
    refused = refusal(session, source(workbook(tmp_path, rows, lambda sheet: sheet.merge_cells("E2:E4"))))
    assert "Plan!E2:E4 is one number for several rows" in refused.message
    months = [["Department", date(2027, 1, 1)], ["A", 10], ["B", None]]
    path = workbook(tmp_path, months, lambda sheet: sheet.merge_cells("B2:B3"))
    assert "Plan!B2:B3" in refusal(session, source(path, mapping=WIDE)).message


def test_a_title_that_is_merged_over_columns_and_rows_hides_no_header(session: Session, tmp_path: Path) -> None:
    rows = [
        ["Department", "2027", None, None],
        [None, date(2027, 1, 1), date(2027, 2, 1), "Total"],
        ["A", 1, 2, 3],
    ]

    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("B1:D1")
        sheet.merge_cells("A1:A2")

    mapping = ColumnMapping(
        columns=WIDE.columns, constants=WIDE.constants, headers=WIDE.headers, unset=UNSET, ignore=("Total",)
    )
    plan = source(workbook(tmp_path, rows, merge), header_row=2, mapping=mapping)
    assert staged(session, plan) == [("A", "1"), ("A", "2")]
    assert plan.locate(1, "2027-02-01") == "plan.xlsx Plan!C3"


def test_a_merged_range_beyond_the_table_is_nothing(session: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER, row("A"), row("B")], lambda sheet: sheet.merge_cells("Z1:Z9"))
    assert staged(session, source(path)) == [("A", "1"), ("B", "1")]


def test_a_hidden_sheet_is_not_meant_unless_it_is_named(session: Session, tmp_path: Path) -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.sheet_state = "hidden"

    path = workbook(tmp_path, {"Lists": [HEADER, row("hidden")], "Plan": [HEADER, row("shown")]}, hide)
    assert staged(session, source(path)) == [("shown", "1")]
    assert staged(session, source(path, "Lists")) == [("hidden", "1")]


def test_a_chart_is_no_sheet_to_read(session: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER, row("A")], lambda sheet: sheet.parent.create_chartsheet("Chart"))
    assert staged(session, source(path)) == [("A", "1")]


@pytest.mark.parametrize("sheet", ["Plan 2027", "Plan*", "*2027", "*"])
def test_a_sheet_is_found_by_its_name_or_a_pattern(session: Session, tmp_path: Path, sheet: str) -> None:
    assert staged(session, source(workbook(tmp_path, {"Plan 2027": [HEADER, row("A")]}), sheet)) == [("A", "1")]


def test_signs_in_the_name_of_a_sheet_mean_themselves(session: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path, {"Plan (v.1)": [HEADER, row("A")], "Plan (v11)": [HEADER, row("B")]})
    assert staged(session, source(path, "Plan (v.1)")) == [("A", "1")]


@pytest.mark.parametrize("sheet", ["", "Plan*", "plan", "Nowhere"])
def test_a_sheet_that_is_not_one_is_refused_with_those_that_are(session: Session, tmp_path: Path, sheet: str) -> None:
    path = workbook(tmp_path, {"Plan A": [HEADER, row()], "Plan B": [HEADER, row()]})
    refused = refusal(session, source(path, sheet))
    assert isinstance(refused, ConfigError)
    assert (refused.setting, "Plan A, Plan B" in refused.cure) == ("sheet", True)


@pytest.mark.parametrize("fault", ["#REF!", "#N/A", "#DIV/0!"])
@pytest.mark.parametrize("writer", ["as it is", "prefixed", "without places", "single quotes"])
def test_an_error_in_a_cell_is_refused_by_its_place(session: Session, tmp_path: Path, fault: str, writer: str) -> None:
    path = workbook(tmp_path, [HEADER, row("A", 1), row("B", fault)])
    if writer == "prefixed":
        rewritten(path, lambda xml: re.sub(r"<(/?)(?=[a-z])", r"<\1x:", xml.replace("xmlns=", "xmlns:x=")))
    elif writer == "without places":
        rewritten(path, lambda xml: re.sub(r' r="[A-Z]*\d+"', "", xml))
    elif writer == "single quotes":
        rewritten(path, lambda xml: xml.replace('"', "'"))
    assert f"plan.xlsx Plan!E3 holds the error {fault}" in refusal(session, source(path)).message


def test_every_broken_cell_is_named(session: Session, tmp_path: Path) -> None:
    refused = refusal(session, source(workbook(tmp_path, [HEADER, *[row("A", "#REF!")] * 30])))
    assert "Plan!E2 holds" in refused.message
    assert "E3 (the error #REF!)" in refused.message
    assert "20 more" in refused.message


def test_an_error_above_the_table_hinders_nobody(session: Session, tmp_path: Path) -> None:
    assert staged(session, source(workbook(tmp_path, [["#REF!"], HEADER, row("A")]))) == [("A", "1")]


def test_a_formula_whose_value_was_never_saved_is_refused(session: Session, tmp_path: Path) -> None:
    refused = refusal(session, source(workbook(tmp_path, [HEADER, row("A", "=1+1")])))
    assert "Plan!E2 holds a formula without a calculated value" in refused.message
    assert "calculate" in refused.cure


def test_the_saved_value_of_a_formula_is_read(session: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER, row("=D1", "=1+1")])
    rewritten(path, lambda xml: re.sub(r"<f>1\+1</f><v ?/?>(</v>)?", "<f>1+1</f><v>2</v>", xml))
    rewritten(path, lambda xml: re.sub(r'<c r="D2"[^>]*><f>D1</f><v ?/?>', '<c r="D2" t="str"><f>D1</f><v>X</v>', xml))
    assert staged(session, source(path)) == [("X", "2")]


def test_a_formula_that_gives_an_empty_text_is_empty(session: Session, tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEADER, row("A", "=IF(1,2)")])
    rewritten(path, lambda xml: re.sub(r'<c r="E2"[^>]*>(<f>.*?</f>)<v ?/?>', r'<c r="E2" t="str">\1<v></v>', xml))
    assert staged(session, source(path)) == [("A", None)]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (7, "7"),
        (7.0, "7"),
        (0.1 + 0.2, "0.3"),
        (1.005, "1.005"),
        (1e-7, "0.0000001"),
        (123456789012345.0, "123456789012345"),
        (-0.5, "-0.5"),
        ("007", "007"),
        (" 7 ", "7"),
        ("1.50", "1.50"),
        (True, "true"),
        ("TRUE", "TRUE"),
        (date(2027, 3, 1), "2027-03-01"),
        (datetime(2027, 3, 1, 13, 30), "2027-03-01 13:30:00"),  # noqa: DTZ001 - a workbook knows no zones
        ("line\nline", "line\nline"),
        ("_x000a", "_x000a"),
    ],
)
def test_a_cell_is_the_text_that_it_shows(session: Session, tmp_path: Path, cell: Any, text: str) -> None:
    assert staged(session, source(workbook(tmp_path, [HEADER, row(cell, 1)]))) == [(text, "1")]


@pytest.mark.parametrize(("decimal", "thousands"), [("", ""), ("point", ","), ("comma", "."), ("comma", "")])
def test_a_number_that_is_one_is_no_text_in_another_notation(
    session: Session, tmp_path: Path, decimal: Any, thousands: Any
) -> None:
    mapping = ColumnMapping(columns=MAPPING.columns, unset=UNSET, decimal=decimal, thousands=thousands)
    path = workbook(tmp_path, [HEADER, row("A", 1.234), row("B", 1234567.5), row("C", 12)])
    assert staged(session, source(path, mapping=mapping)) == [("A", "1.234"), ("B", "1234567.5"), ("C", "12")]


def test_numbers_that_are_texts_follow_the_stated_notation(session: Session, tmp_path: Path) -> None:
    mapping = ColumnMapping(columns=MAPPING.columns, unset=UNSET, decimal="comma", thousands=".")
    path = workbook(tmp_path, [HEADER, row("A", "1.234,5"), row("B", 1234.5), row("C", "1.234")])
    assert staged(session, source(path, mapping=mapping)) == [("A", "1234.5"), ("B", "1234.5"), ("C", "1234")]


def test_dates_and_serial_numbers_are_months(session: Session, tmp_path: Path) -> None:
    cells = [row(month=date(2027, 1, 1)), row(month="2027-02"), row(month=datetime(2027, 3, 1))]  # noqa: DTZ001
    source(workbook(tmp_path, [HEADER, *cells])).stage(session)
    told = "SELECT strftime(period, '%Y-%m') FROM text_rows ORDER BY record"
    assert session.ask(told) == [("2027-01",), ("2027-02",), ("2027-03",)]
    mapping = ColumnMapping(columns=MAPPING.columns, unset=UNSET, period_format="excel-serial")
    source(workbook(tmp_path, [HEADER, row(month=46388), row(month=46419.0)]), mapping=mapping).stage(session)
    assert session.ask(told) == [("2027-01",), ("2027-02",)]


def test_dates_in_the_header_are_months_beyond_column_z(session: Session, tmp_path: Path) -> None:
    months = [date(2027 + number // 12, number % 12 + 1, 1) for number in range(60)]
    plan = source(workbook(tmp_path, [["Department", *months], ["A", *range(60)]]), mapping=WIDE)
    assert [heads for _, heads in staged(session, plan)] == [str(number) for number in range(60)]
    assert plan.locate(1, "2031-12-01") == "plan.xlsx Plan!BI2"


def test_the_cells_of_two_measures_are_both_named(session: Session, tmp_path: Path) -> None:
    headers = Headers(pattern=r"(?P<measure>HC|FTE) (?P<year>\d{4})-(?P<month>\d{2})", measures={"HC": "headcount"})
    mapping = ColumnMapping(columns=WIDE.columns, constants=WIDE.constants, headers=headers, unset=UNSET)
    plan = source(workbook(tmp_path, [["Department", "HC 2027-01", "FTE 2027-01"], ["A", 1, "x"]]), mapping=mapping)
    plan.stage(session)
    ((column,),) = session.ask("SELECT origin_column FROM text_rows")
    assert plan.locate(1, column) == "plan.xlsx Plan!B2 and C2"


def test_a_doubled_title_is_refused_by_name(session: Session, tmp_path: Path) -> None:
    refused = refusal(session, source(workbook(tmp_path, [[*HEADER, "Heads "], [*row(), 2]])))
    assert isinstance(refused, MappingMismatch)
    assert "'Heads' more than once" in refused.message


def test_a_stray_cell_at_the_end_of_the_world_is_refused_and_takes_no_memory(session: Session, tmp_path: Path) -> None:
    def stray(sheet: Worksheet) -> None:
        sheet["XFD1048576"] = "x"

    refused = refusal(session, source(workbook(tmp_path, [HEADER, row()], stray)))
    assert "XFD1048576" in refused.message
    assert "stray" in refused.cure


@pytest.mark.parametrize(
    "content",
    [b"", b"Scenario,Version\n", b"PK\x03\x04 and then nothing", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000],
    ids=["empty", "csv", "half", "protected"],
)
def test_what_is_no_workbook_is_refused_with_its_name(session: Session, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "plan.xlsx").write_bytes(content)
    refused = refusal(session, source(tmp_path / "plan.xlsx"))
    assert isinstance(refused, SourceUnreadable)
    assert "plan.xlsx cannot be read as a workbook" in refused.message
    assert "password" in refused.cure


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml", "[Content_Types].xml"]
)
def test_a_workbook_that_lacks_a_part_is_read_or_refused(session: Session, tmp_path: Path, part: str) -> None:
    path = workbook(tmp_path, [HEADER, row("A")])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != part}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    try:
        found = staged(session, source(path))
    except SourceUnreadable as refused:
        assert "plan.xlsx" in refused.message  # noqa: PT017 - both outcomes are sound, a crash is not
    else:
        assert found == [("A", "1")]


def test_a_workbook_that_is_not_there_is_named(session: Session, tmp_path: Path) -> None:
    assert "nowhere.xlsx does not exist" in refusal(session, source(tmp_path / "nowhere.xlsx")).message


def test_a_number_that_is_no_text_has_one_reading(session: Session, tmp_path: Path) -> None:
    numbers = [HEADER, row("A", 1.125), row("B", 2.25), row("C", None)]
    assert staged(session, source(workbook(tmp_path, numbers))) == [("A", "1.125"), ("B", "2.25"), ("C", None)]
    assert staged(session, source(workbook(tmp_path, [HEADER, row("A", 1.125)]))) == [("A", "1.125")]
    texts = source(workbook(tmp_path, [HEADER, row("A", 1.125), row("B", "2.250")]))
    assert isinstance(refusal(session, texts), MappingMismatch)

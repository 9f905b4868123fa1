"""From a path to tables: one file, a pattern, a ZIP file, stdin; nothing is read twice, and none in another's place."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bridgehead.errors import BridgeheadError, ConfigError, MappingMismatch, SourceUnreadable
from bridgehead.sources.files import open_files, wanted_by
from bridgehead.sources.mapping import ColumnMapping
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.sources.reader import joined
from bridgehead.tables import Session

HEADER = "scenario,version,period,org,heads"
MAPPING = ColumnMapping(
    columns={
        "scenario": "scenario",
        "version": "version",
        "period_start": "period",
        "org_unit": ("org", "unit"),
        "headcount": "heads",
    },
    unset=("cost_center", "location", "job"),
)


def text(*orgs: str, header: str = HEADER) -> str:
    return "".join(f"{line}\n" for line in (header, *(f"budget,v1,2027-01,{org},1" for org in orgs)))


def write(folder: Path, name: str, *orgs: str, header: str = HEADER) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(*orgs, header=header))
    return path


def packed(path: Path, *members: tuple[str, str | bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def source(folder: Path, path: str, **settings: Any) -> PlanningFile:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    wanted = wanted_by(MAPPING, settings.pop("header_row", 0), settings.pop("header_rows", 1))
    return PlanningFile(open_files(folder, path, scratch, wanted=wanted, **settings), MAPPING, folder)


def orgs(session: Session, plan: PlanningFile) -> list[str]:
    plan.stage(session)
    return [org for (org,) in session.ask("SELECT org_unit FROM text_rows ORDER BY record")]


def refusal(session: Session, folder: Path, path: str, **settings: Any) -> BridgeheadError:
    with pytest.raises(BridgeheadError) as caught:
        source(folder, path, **settings).stage(session)
    return caught.value


def test_several_files_are_one_plan_in_the_order_of_their_names(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "plans/b.csv", "B", "C")
    write(tmp_path, "plans/a.csv", "A")
    plan = source(tmp_path, "plans/*.csv")
    assert orgs(session, plan) == ["A", "B", "C"]
    assert plan.name == "a.csv and 1 more"
    assert [plan.locate(record, "org") for record in (3, 1, 2)] == ["b.csv:3", "a.csv:2", "b.csv:2"]


def test_files_whose_columns_stand_otherwise_are_read_by_their_own_headers(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "A")
    (tmp_path / "b.csv").write_text("heads;unit;period;version;scenario\n2;B;2027-01;v1;budget\n")
    source(tmp_path, "?.csv").stage(session)
    assert session.ask("SELECT org_unit, headcount FROM text_rows ORDER BY record") == [("A", "1"), ("B", "2")]


def test_a_file_among_several_that_lacks_a_column_is_named(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "A")
    write(tmp_path, "b.csv", "B", header=HEADER.replace("org", "other"))
    refused = refusal(session, tmp_path, "*.csv")
    assert isinstance(refused, MappingMismatch)
    assert refused.message.startswith("b.csv has no column")


def test_files_of_several_kinds_are_one_plan(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "in/plan-1.csv", "A")
    packed(tmp_path / "in/plan-2.zip", ("plan.csv", text("B")))
    columns = "'budget' AS scenario, 'v1' AS version, '2027-01' AS period, 'C' AS org, 1 AS heads"
    session.save_parquet(f"SELECT {columns}", str(tmp_path / "in/plan-3.parquet"))
    plan = source(tmp_path, "in/plan-*")
    assert orgs(session, plan) == ["A", "B", "C"]
    assert [plan.locate(record, "org") for record in (1, 2, 3)] == [
        "plan-1.csv:2",
        "plan-2.zip:plan.csv:2",
        "plan-3.parquet row 1",
    ]


def test_the_digest_of_several_files_changes_with_each_of_them(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "A")
    write(tmp_path, "b.csv", "B")
    before = source(tmp_path, "*.csv").stage(session).digest
    assert source(tmp_path, "*.csv").stage(session).digest == before
    write(tmp_path, "b.csv", "X")
    assert source(tmp_path, "*.csv").stage(session).digest != before


def test_files_of_one_name_in_several_folders_are_told_apart(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "north/plan.csv", "A")
    write(tmp_path, "south/plan.csv", "B")
    plan = source(tmp_path, "*/plan.csv")
    assert orgs(session, plan) == ["A", "B"]
    assert [plan.locate(record, "org") for record in (1, 2)] == ["north/plan.csv:2", "south/plan.csv:2"]


def test_zip_files_of_one_name_are_not_unpacked_over_one_another(session: Session, tmp_path: Path) -> None:
    packed(tmp_path / "north/plan.zip", ("plan.csv", text("A")))
    packed(tmp_path / "south/plan.zip", ("plan.csv", text("B")))
    plan = source(tmp_path, "*/plan.zip")
    assert orgs(session, plan) == ["A", "B"]
    assert plan.locate(2, "org") == "south/plan.zip:plan.csv:2"


def test_a_pattern_that_no_file_fits_is_refused(session: Session, tmp_path: Path) -> None:
    refused = refusal(session, tmp_path, "plans/*.csv")
    assert "No file fits" in refused.message
    assert "source.path" in refused.cure


@pytest.mark.parametrize("name", ["plan[1].csv", "plan?.csv", "plan*.csv"])
def test_a_file_that_exists_is_meant_as_it_stands(session: Session, tmp_path: Path, name: str) -> None:
    write(tmp_path, "plan1.csv", "decoy")
    write(tmp_path, name, "A")
    assert orgs(session, source(tmp_path, name)) == ["A"]


@pytest.mark.parametrize("folder", ["[prod]", "a*b", "what?"])
def test_the_folder_of_the_configuration_is_no_pattern(session: Session, tmp_path: Path, folder: str) -> None:
    write(tmp_path, "p/plan-1.csv", "decoy")
    write(tmp_path, f"{folder}/plan-1.csv", "A")
    assert orgs(session, source(tmp_path / folder, "plan-*.csv")) == ["A"]


def test_a_pattern_may_be_absolute_or_lead_out_of_the_folder(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "in/plan-1.csv", "A")
    (tmp_path / "here").mkdir()
    assert orgs(session, source(tmp_path / "here", "../in/*.csv")) == ["A"]
    assert orgs(session, source(tmp_path / "here", str(tmp_path / "in" / "*.csv"))) == ["A"]
    assert orgs(session, source(tmp_path / "here", str(tmp_path / "in" / "plan-1.csv"))) == ["A"]


def test_lock_files_and_hidden_files_fit_no_pattern(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "in/plan.csv", "A")
    for name in ("~$plan.csv", "._plan.csv", ".plan.csv"):
        (tmp_path / "in" / name).write_bytes(b"\x00\xff")
    assert orgs(session, source(tmp_path, "in/*.csv")) == ["A"]


def test_stdin_is_read_once_and_can_be_located(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text("A", "B").encode())))
    plan = source(tmp_path, "-")
    assert orgs(session, plan) == ["A", "B"]
    assert orgs(session, plan) == ["A", "B"]
    assert plan.locate(2, "org") == "stdin:3"


def test_an_empty_stdin_is_refused(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert "stdin is empty" in refusal(session, tmp_path, "-").message


def test_the_one_file_in_a_zip_file_is_read(session: Session, tmp_path: Path) -> None:
    packed(tmp_path / "plan.zip", ("out/", ""), ("out/plan.csv", text("A")), ("__MACOSX/._plan.csv", "x"))
    plan = source(tmp_path, "plan.zip")
    assert orgs(session, plan) == ["A"]
    assert plan.locate(1, "org") == "plan.zip:plan.csv:2"


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ((), "holds 0 files: none"),
        ((("folder/", ""),), "holds 0 files: none"),
        ((("a.csv", "x"), ("b.csv", "x")), "holds 2 files: a.csv, b.csv"),
        ((("inner.zip", "PK"),), "holds another ZIP file, inner.zip"),
        ((("plan.xls", "x"),), "plan.zip:plan.xls is a spreadsheet of a kind"),
        ((("plan.csv", ""),), "is empty"),
    ],
)
def test_a_zip_file_that_holds_no_one_table_is_refused(
    session: Session, tmp_path: Path, members: Sequence[tuple[str, str]], told: str
) -> None:
    packed(tmp_path / "plan.zip", *members)
    refused = refusal(session, tmp_path, "plan.zip")
    assert isinstance(refused, SourceUnreadable)
    assert told in refused.message


@pytest.mark.parametrize("name", ["../../evil.csv", "/evil.csv", "..", "a/../../evil.csv", "..\\evil.csv"])
def test_nothing_in_a_zip_file_is_written_elsewhere(session: Session, tmp_path: Path, name: str) -> None:
    desk = tmp_path / "a" / "b"
    packed(desk / "plan.zip", (name, text("A")))
    try:
        found = orgs(session, source(desk, "plan.zip"))
    except SourceUnreadable:
        found = ["A"]
    assert found == ["A"]
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and (desk / "scratch") not in path.parents]
    assert outside == [desk / "plan.zip"]
    assert not Path("/evil.csv").exists()


@pytest.mark.parametrize("damage", ["none at all", "cut", "turned", "encrypted", "unknown packing"])
def test_a_zip_file_that_cannot_be_unpacked_is_refused_by_name(session: Session, tmp_path: Path, damage: str) -> None:
    path = packed(tmp_path / "plan.zip", ("plan.csv", text(*[f"A{number}" for number in range(500)])))
    content = bytearray(path.read_bytes())
    central = content.rindex(b"PK\x01\x02")
    if damage == "none at all":
        content = bytearray(b"scenario,version\n")
    elif damage == "cut":
        content = content[:-30]
    elif damage == "turned":
        content[60:200] = content[60:200][::-1]
    elif damage == "encrypted":
        content[6] |= 1
        content[central + 8] |= 1
    else:
        content[8] = content[central + 10] = 99
    path.write_bytes(content)
    refused = refusal(session, tmp_path, "plan.zip")
    assert isinstance(refused, SourceUnreadable)
    assert refused.message.startswith("plan.zip cannot be unpacked")


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere.zip", "nowhere.xlsx", "nowhere.parquet"])
def test_a_file_that_is_not_there_is_named_whatever_its_kind(session: Session, tmp_path: Path, name: str) -> None:
    assert f"{name} does not exist" in refusal(session, tmp_path, name).message


@pytest.mark.parametrize("name", ["folder.csv", "folder.zip", "folder.xlsx", "folder.parquet"])
def test_a_folder_is_no_file_whatever_its_name(session: Session, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert "directory" in refusal(session, tmp_path, name).message


@pytest.mark.parametrize("name", ["plan.xls", "plan.XLSB", "plan.ods"])
def test_an_old_kind_of_spreadsheet_is_refused_with_its_cure(session: Session, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0")
    refused = refusal(session, tmp_path, name)
    assert name in refused.message
    assert ".xlsx" in refused.cure


def test_a_header_is_found_below_a_title_and_its_lines_are_counted(session: Session, tmp_path: Path) -> None:
    title = 'Plan, for all, of us, in 2027, as agreed\n\n"one\ntwo"\n'
    (tmp_path / "plan.csv").write_text(title + text("A", "B").replace(",", ";"))
    plan = source(tmp_path, "plan.csv")
    assert orgs(session, plan) == ["A", "B"]
    assert [plan.locate(record, "org") for record in (1, 2)] == ["plan.csv:6", "plan.csv:7"]


@pytest.mark.parametrize("above", ["\n", "\n\n\n", "Title\n\n", "\nTitle\n", "   \n", "Title\r\n\r\n", '5" pipe\n\n'])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_blank_lines_above_the_header_cost_no_row(session: Session, tmp_path: Path, above: str, mark: bytes) -> None:
    (tmp_path / "plan.csv").write_bytes(mark + above.encode() + text("A", "B", "C").encode())
    plan = source(tmp_path, "plan.csv")
    assert orgs(session, plan) == ["A", "B", "C"]
    assert plan.locate(3, "org") == f"plan.csv:{above.count(chr(10)) + 4}"


def test_a_stated_header_is_taken_at_its_word(session: Session, tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(text("old") + "\n" + text("new"))
    assert orgs(session, source(tmp_path, "plan.csv", header_row=4)) == ["new"]


@pytest.mark.parametrize("stated", [3, 99])
def test_a_stated_header_that_is_not_there_is_refused_with_its_setting(
    session: Session, tmp_path: Path, stated: int
) -> None:
    (tmp_path / "plan.csv").write_text(text("A") + "\n")
    refused = refusal(session, tmp_path, "plan.csv", header_row=stated)
    assert isinstance(refused, ConfigError)
    assert (refused.setting, f"row {stated}" in refused.message) == ("header_row", True)


@pytest.mark.parametrize("stated", [0, 3])
def test_titles_in_two_rows_are_read_as_one_and_the_rows_below_keep_their_lines(
    session: Session, tmp_path: Path, stated: int
) -> None:
    (tmp_path / "plan.csv").write_text("A title\n\n,,,,\n" + text("A", "B"))
    plan = source(tmp_path, "plan.csv", header_row=stated, header_rows=2)
    assert orgs(session, plan) == ["A", "B"]
    assert plan.locate(2, "org") == "plan.csv:6"


JOINED: list[tuple[list[list[str]], list[str]]] = [
    ([["", "2027", ""], ["Dept", "Jan", "Feb"]], ["Dept", "2027 Jan", "2027 Feb"]),
    ([["Dept", "Jan", ""], ["", "HC", "FTE"]], ["Dept", "Jan HC", "Jan FTE"]),
    ([["Dept", "2027", ""], ["Dept", "Jan", "Feb"]], ["Dept", "2027 Jan", "2027 Feb"]),
    ([["Dept", "", "2027"], ["", "", "Jan"]], ["Dept", "", "2027 Jan"]),
    ([["", "2027"], ["", "Jan"], ["Dept", "HC", "FTE"]], ["Dept", "2027 Jan HC", "2027 Jan FTE"]),
    ([["Dept", "Jan"]], ["Dept", "Jan"]),
]


@pytest.mark.parametrize(("rows", "titles"), JOINED)
def test_a_title_stands_for_the_columns_to_its_right_and_joins_those_below_it(
    rows: list[list[str]], titles: list[str]
) -> None:
    assert joined(rows) == titles


SURPLUS = ["budget,v1,2027-01,A,1,", "budget,v1,2027-01,Sales, EMEA,", "budget,v1,2027-01,,A,1", '"a",b,c,d,e,']


@pytest.mark.parametrize("surplus", SURPLUS)
@pytest.mark.parametrize("beside", ["A", '"A, B"', 'A 5" pipe'])
@pytest.mark.parametrize(("above", "encoding"), [("", "utf-8"), ("Title\n", "utf-8"), ("", "windows-1252")])
def test_a_surplus_field_is_refused_by_its_line_and_shifts_nothing(
    session: Session, tmp_path: Path, surplus: str, beside: str, above: str, encoding: str
) -> None:
    content = above + text(beside, "B") + surplus + "\n" + text("C").partition("\n")[2]
    (tmp_path / "plan.csv").write_text(content, encoding=encoding)
    refused = refusal(session, tmp_path, "plan.csv", encoding=encoding)
    assert f"plan.csv:{5 if above else 4} has another number of fields (6)" in refused.message


def test_quotes_inside_of_plain_fields_are_no_reason_to_refuse(session: Session, tmp_path: Path) -> None:
    write(tmp_path, "plan.csv", 'A 5" pipe', '"B, ""b"""', '6"')
    assert orgs(session, source(tmp_path, "plan.csv")) == ['A 5" pipe', 'B, "b"', '6"']


@pytest.mark.parametrize("quoted", [True, False])
def test_a_field_of_many_megabytes_is_refused_by_its_line(session: Session, tmp_path: Path, *, quoted: bool) -> None:
    huge = "x" * 3_000_000
    write(tmp_path, "plan.csv", "A", "B", f'"{huge}"' if quoted else huge, "C")
    refused = refusal(session, tmp_path, "plan.csv")
    assert refused.message.startswith("plan.csv:4 is longer than")

"""Crosswalks: codes are translated for good or from a month on, and what a crosswalk does not say is not guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridgehead.compare.rules import judge
from bridgehead.compare.telling import refuse, report
from bridgehead.errors import BridgeheadError, ConfigError, RowsInvalid, SourceUnreadable
from bridgehead.projection import MEASURES
from bridgehead.sources.csv import CsvReader
from bridgehead.sources.mapping import ColumnMapping, CrosswalkFile
from bridgehead.sources.mapping.crosswalks import load_crosswalks
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.tables import Session

UNSET = ("cost_center", "location", "job")
FIELDS = ("scenario", "version", "period_start", "org_unit", "headcount")


def mapping(dimension: str = "org_unit", **settings: Any) -> ColumnMapping:
    extra = settings.pop("extra", {})
    crosswalk = CrosswalkFile(path="walk.csv", **settings)
    return ColumnMapping(
        columns={name: name for name in FIELDS}, unset=UNSET, crosswalks={dimension: crosswalk}, **extra
    )


def staged(
    session: Session, folder: Path, walk: str | bytes, *rows: tuple[str, str], **settings: Any
) -> list[tuple[str | None, str | None]]:
    """Stage rows of month and unit; return unit and what was noted."""
    (folder / "walk.csv").write_bytes(walk if isinstance(walk, bytes) else walk.encode())
    lines = [",".join(FIELDS), *(f"budget,v1,{month},{org},1" for month, org in rows)]
    (folder / "plan.csv").write_text("".join(f"{line}\n" for line in lines))
    PlanningFile([CsvReader(folder / "plan.csv")], mapping(**settings), folder).stage(session)
    return session.ask("SELECT org_unit, noted FROM text_rows ORDER BY record")


def refusal(session: Session, folder: Path, walk: str | bytes, **settings: Any) -> BridgeheadError:
    with pytest.raises(BridgeheadError) as caught:
        staged(session, folder, walk, ("2027-01", "A"), **settings)
    return caught.value


def test_a_code_is_translated_for_good(session: Session, tmp_path: Path) -> None:
    rows = [("2027-01", "A"), ("2027-02", " B "), ("2027-03", "A")]
    assert staged(session, tmp_path, "from,to\nA,0101\nB,0102\n", *rows) == [
        ("0101", None),
        ("0102", None),
        ("0101", None),
    ]


def test_codes_that_change_places_do_not_meet(session: Session, tmp_path: Path) -> None:
    rows = [("2027-01", "A"), ("2027-01", "B")]
    assert [org for org, _ in staged(session, tmp_path, "from,to\nA,B\nB,A\n", *rows)] == ["B", "A"]


def test_a_code_that_the_file_does_not_have_is_found_by_its_line(session: Session, tmp_path: Path) -> None:
    found = staged(session, tmp_path, "from,to\nA,0101\n", ("2027-01", "A"), ("2027-01", "a"), ("2027-01", "0101"))
    assert found == [("0101", None), ("a", "crosswalk:org_unit"), ("0101", "crosswalk:org_unit")]
    judge(session, scales=dict.fromkeys(MEASURES, 2), unset=UNSET)
    with pytest.raises(RowsInvalid) as caught:
        refuse(report(session, locate=lambda record, _: f"plan.csv:{record + 1}"))
    assert [(bad.origin, bad.value) for bad in caught.value.rows] == [("plan.csv:3", "a"), ("plan.csv:4", "0101")]


def test_a_code_that_the_file_does_not_have_may_be_kept(session: Session, tmp_path: Path) -> None:
    rows = [("2027-01", "A"), ("2027-01", "Z")]
    assert staged(session, tmp_path, "from,to\nA,0101\n", *rows, unknown="keep") == [("0101", None), ("Z", None)]


def test_a_note_below_the_table_is_no_unknown_code(session: Session, tmp_path: Path) -> None:
    (tmp_path / "walk.csv").write_text("from,to\nA,0101\n")
    (tmp_path / "plan.csv").write_text(f"{','.join(FIELDS)}\nbudget,v1,2027-01,A,1\n,,,Source: HR,\n")
    PlanningFile([CsvReader(tmp_path / "plan.csv")], mapping(), tmp_path).stage(session)
    assert session.ask("SELECT count(*) FROM text_rows WHERE noted IS NOT NULL") == [(0,)]


DATED = "from,to,effective\nA,A2,2027-04\nA,A3,2027-07-01\n"


def test_a_code_moves_from_a_month_on(session: Session, tmp_path: Path) -> None:
    months = ["2027-03", "2027-04", "2027-06", "2027-07", "2030-01"]
    rows = [(month, "A") for month in months]
    for walk in (DATED, "from,to,effective\nA,A3,2027-07\nA,A2,2027-04\n"):
        found = staged(session, tmp_path, walk, *rows, effective="effective")
        assert [org for org, _ in found] == ["A", "A2", "A2", "A3", "A3"]
        assert {noted for _, noted in found} == {None}


def test_a_dated_crosswalk_may_refuse_what_it_does_not_have(session: Session, tmp_path: Path) -> None:
    rows = [("2027-03", "A"), ("2027-04", "A"), ("2027-04", "B")]
    found = staged(session, tmp_path, DATED, *rows, effective="effective", unknown="refuse")
    assert [noted for _, noted in found] == ["crosswalk:org_unit", None, "crosswalk:org_unit"]


def test_a_row_without_a_month_keeps_its_code(session: Session, tmp_path: Path) -> None:
    assert staged(session, tmp_path, DATED, ("soon", "A"), effective="effective") == [("A", None)]


def test_two_crosswalks_translate_two_dimensions(session: Session, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("Job,Code\nNurse,J01\n")
    (tmp_path / "units.csv").write_text("from,to\nA,0101\n")
    (tmp_path / "plan.csv").write_text(f"{','.join(FIELDS)},job\nbudget,v1,2027-01,A,1,Nurse\nb,v,2027-01,B,1,Cook\n")
    crosswalks = {
        "org_unit": CrosswalkFile(path="units.csv"),
        "job": CrosswalkFile(path="jobs.csv", old="Job", new="Code"),
    }
    columns = {name: name for name in (*FIELDS, "job")}
    both = ColumnMapping(columns=columns, unset=UNSET[:2], crosswalks=crosswalks)
    PlanningFile([CsvReader(tmp_path / "plan.csv")], both, tmp_path).stage(session)
    assert session.ask("SELECT org_unit, job, noted, noted_value FROM text_rows ORDER BY record") == [
        ("0101", "J01", None, None),
        ("B", "Cook", "crosswalk:org_unit", "B"),
    ]


@pytest.mark.parametrize(
    "walk",
    [
        b"\xef\xbb\xbffrom,to\r\nA,0101\r\n",
        b' from ,"to"\n"A"," 0101 "\n',
        b"to,note,from\n0101,x,A\n",
        b'from,to,note\nA,0101,"one\ntwo"\n\n\n',
        b"from,to\nA,0101",
    ],
    ids=["mark", "quotes", "order", "lines", "end"],
)
def test_a_crosswalk_is_read_however_it_was_saved(session: Session, tmp_path: Path, walk: bytes) -> None:
    assert staged(session, tmp_path, walk, ("2027-01", "A")) == [("0101", None)]


def test_a_code_with_a_comma_or_a_quote_is_one_code(tmp_path: Path) -> None:
    (tmp_path / "walk.csv").write_text('from,to\n"A, ""x""","0, 1"\n')
    (one,) = load_crosswalks(mapping(), tmp_path)
    assert [(row[0], row[3]) for row in one.rows] == [('A, "x"', "0, 1")]


@pytest.mark.parametrize(
    ("walk", "told"),
    [
        ("from,too\nA,1\n", "no column 'to'. Its columns are: from, too"),
        ("From,to\nA,1\n", "no column 'from'"),
        ("", "no column 'from'"),
        ("from;to\nA;1\n", "no column 'from'"),
        ("from,to,to\nA,1,2\n", "more than one column 'to'"),
        ("from,to\nA,1\n", "no column 'effective'"),
    ],
)
def test_a_column_that_is_not_there_is_a_fault_of_the_configuration(
    session: Session, tmp_path: Path, walk: str, told: str
) -> None:
    settings = {"effective": "effective"} if "effective" in told else {}
    refused = refusal(session, tmp_path, walk, **settings)
    assert isinstance(refused, ConfigError)
    assert refused.setting == "crosswalks.org_unit"
    assert f"walk.csv has {told}" in refused.message


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        ("A,1,2027-04\n,2,2027-04\n", "walk.csv:3 lacks from and to"),
        ("A,,2027-04\n", "walk.csv:2 lacks from and to"),
        ("A\n", "walk.csv:2 lacks from and to"),
        (",,\n", "walk.csv:2 lacks from and to"),
        ("A,1,\n", "walk.csv:2 lacks a month such as 2027-04, not ''"),
        ("A,1,04/2027\n", "walk.csv:2 lacks a month such as 2027-04, not '04/2027'"),
        ("A,1,2027-04-15\n", "walk.csv:2 lacks a month such as 2027-04, not '2027-04-15'"),
        ("A,1,2027-04\nA,2,2027-04-01\n", "walk.csv:3 translates 'A' once more; line 2 does so already"),
        ("A,1,2027-04\nA,1,2027-04\n", "walk.csv:3 translates 'A' once more; line 2 does so already"),
        ("Sales, EMEA,1,2027-04\n", "walk.csv:2 has more fields than the header"),
        ('"A"x,1,2027-04\n', "cannot be read"),
        ('"A,1,2027-04\n', "cannot be read"),
    ],
)
def test_a_line_that_says_nothing_or_two_things_is_named(
    session: Session, tmp_path: Path, lines: str, where: str
) -> None:
    refused = refusal(session, tmp_path, f"from,to,effective\n{lines}", effective="effective")
    assert isinstance(refused, SourceUnreadable)
    assert where in refused.message


def test_a_code_that_is_translated_twice_is_refused(session: Session, tmp_path: Path) -> None:
    assert "walk.csv:3 translates 'A' once more" in refusal(session, tmp_path, "from,to\nA,1\n A ,2\n").message


def test_a_crosswalk_that_cannot_be_read_is_named_with_its_setting(session: Session, tmp_path: Path) -> None:
    for refused in (
        refusal(session, tmp_path, "from,to\nZürich,1\n".encode("windows-1252")),
        refusal(session, tmp_path, "from,to\n".encode("utf-16")),
    ):
        assert "The crosswalk" in refused.message
        assert "crosswalks.org_unit.path" in refused.cure
    (tmp_path / "walk.csv").unlink()
    with pytest.raises(SourceUnreadable, match="No such file"):
        load_crosswalks(mapping(), tmp_path)


@pytest.mark.parametrize("dimension", ["period_start", "headcount", "unit", "year"])
def test_only_a_dimension_is_translated(session: Session, tmp_path: Path, dimension: str) -> None:
    refused = refusal(session, tmp_path, "from,to\nA,1\n", dimension=dimension)
    assert isinstance(refused, ConfigError)
    assert refused.setting == f"crosswalks.{dimension}"


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.dictionaries(st.integers(1, 11), st.sampled_from(["X", "Y", "A"]), max_size=4))
def test_in_every_month_the_last_move_before_it_holds(
    session: Session, tmp_path_factory: pytest.TempPathFactory, moves: dict[int, str]
) -> None:
    folder = tmp_path_factory.mktemp("moves")
    walk = "from,to,effective\n" + "".join(f"A,{new},2027-{month:02}\n" for month, new in moves.items())
    rows = [(f"2027-{month:02}", "A") for month in range(1, 13)]
    found = [org for org, _ in staged(session, folder, walk, *rows, effective="effective")]
    expected = [
        next((moves[before] for before in range(month, 0, -1) if before in moves), "A") for month in range(1, 13)
    ]
    assert found == expected

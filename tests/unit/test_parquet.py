"""Parquet files: every type is the text that it would be in a CSV file, and what is no Parquet is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from bridgehead.errors import MappingMismatch, SourceUnreadable
from bridgehead.sources.mapping import ColumnMapping
from bridgehead.sources.parquet import ParquetReader
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.tables import Session, quoted

UNSET = ("cost_center", "location", "job")
FIELDS = ("scenario", "version", "period_start", "org_unit", "headcount")
PLAIN = {
    "scenario": "'budget'",
    "version": "'v1'",
    "period_start": "DATE '2027-01-01'",
    "org_unit": "'A'",
    "headcount": "1",
}
MAPPING = ColumnMapping(columns={name: name for name in FIELDS}, unset=UNSET)


def written(session: Session, folder: Path, *, name: str = "plan.parquet", where: str = "", **cells: str) -> Path:
    """Write one row. cells: SQL for our fields, or for other columns."""
    columns = ", ".join(f"{value} AS {quoted(title)}" for title, value in (PLAIN | cells).items())
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    session.save_parquet(f"SELECT {columns} {where}", str(folder / name))
    return folder / name


def staged(session: Session, path: Path, **settings: Any) -> list[tuple[Any, ...]]:
    mapping = ColumnMapping(**{"columns": MAPPING.columns, "unset": UNSET, **settings})
    PlanningFile([ParquetReader(path, path.name)], mapping).stage(session)
    return session.ask("SELECT org_unit, headcount, strftime(period, '%Y-%m') FROM text_rows ORDER BY record")


def test_a_number_that_is_no_text_has_one_reading(session: Session, tmp_path: Path) -> None:
    for value in ("1.125::DECIMAL(9, 3)", "1.125::DOUBLE"):
        ((_, heads, _),) = staged(session, written(session, tmp_path, headcount=value))
        assert heads == "1.125"
    with pytest.raises(MappingMismatch, match=r"'1\.125' could be 1\.125 with a decimal point, or 1125"):
        staged(session, written(session, tmp_path, headcount="'1.125'"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("7::TINYINT", "7"),
        ("7::UBIGINT", "7"),
        ("7.0::DOUBLE", "7"),
        ("0.1::FLOAT", "0.1"),
        ("0.285::DOUBLE", "0.285"),
        ("1e-5::DOUBLE", "0.00001"),
        ("1e15::DOUBLE", "1000000000000000"),
        ("1e17::DOUBLE", "100000000000000000"),
        ("1e-30::DOUBLE", "1e-30"),
        ("-2.50::DECIMAL(9, 2)", "-2.5"),
        ("100.00::DECIMAL(9, 2)", "100"),
        ("100::DECIMAL(9, 0)", "100"),
        ("0.00::DECIMAL(9, 2)", "0"),
        ("12345678901234567890.123456789::DECIMAL(38, 9)", "12345678901234567890.123456789"),
        ("'nan'::DOUBLE", "nan"),
        ("'-inf'::DOUBLE", "-inf"),
        ("NULL::DOUBLE", None),
        ("NULL::VARCHAR", None),
        ("''", None),
        ("true", "true"),
        ("' 1.50 '", "1.50"),
        ("'007'", "007"),
        ("[1, 2]", "[1, 2]"),
        ("{'a': 1}", "{'a': 1}"),
        ("'x'::BLOB", "x"),
        ("TIME '12:30:00'", "12:30:00"),
    ],
)
def test_a_value_is_the_text_that_it_would_be_in_a_csv_file(
    session: Session, tmp_path: Path, value: str, text: str | None
) -> None:
    ((_, heads, _),) = staged(session, written(session, tmp_path, headcount=value))
    assert heads == text


@pytest.mark.parametrize(
    "value",
    [
        "DATE '2027-03-01'",
        "TIMESTAMP '2027-03-01 00:00:00'",
        "TIMESTAMP_S '2027-03-01 00:00:00'",
        "TIMESTAMP_NS '2027-03-01 00:00:00'",
        "TIMESTAMPTZ '2027-03-01 00:00:00+00'",
        "'2027-03'",
    ],
)
def test_a_day_is_a_month_however_it_is_typed(session: Session, tmp_path: Path, value: str) -> None:
    ((_, _, period),) = staged(session, written(session, tmp_path, period_start=value))
    assert period == "2027-03"


def test_a_moment_is_the_same_wherever_the_machine_stands(session: Session, tmp_path: Path) -> None:
    path = written(session, tmp_path, period_start="TIMESTAMPTZ '2027-03-01 00:00:00+00'")
    with Session(temp_directory=str(tmp_path)) as elsewhere:
        elsewhere.ask("SET TimeZone = 'Asia/Tokyo'")
        assert staged(elsewhere, path) == [("A", "1", "2027-03")]


def test_a_moment_that_is_not_midnight_is_no_month(session: Session, tmp_path: Path) -> None:
    path = written(session, tmp_path, period_start="TIMESTAMP '2027-03-01 13:30:00'")
    assert staged(session, path) == [("A", "1", None)]


@pytest.mark.parametrize(("decimal", "thousands"), [("", ""), ("comma", "."), ("point", ",")])
@pytest.mark.parametrize("kind", ["DOUBLE", "FLOAT", "DECIMAL(9, 3)"])
def test_a_number_that_is_one_is_no_text_in_another_notation(
    session: Session, tmp_path: Path, decimal: str, thousands: str, kind: str
) -> None:
    values = f"FROM (VALUES (1.234::{kind}), (0.5::{kind})) AS t (v)"
    path = written(session, tmp_path, headcount="v", where=values)
    found = staged(session, path, decimal=decimal, thousands=thousands)
    assert [heads for _, heads, _ in found] == ["1.234", "0.5"]


@pytest.mark.parametrize("title", ['org "unit"', "it's", "a,b", "c0", "Zürich 東京", "$1", "org unit ", "*"])
def test_a_column_may_be_called_anything(session: Session, tmp_path: Path, title: str) -> None:
    path = written(session, tmp_path, **{title: "'X'"})
    columns = {**MAPPING.columns, "org_unit": title.strip()}
    assert staged(session, path, columns=columns, ignore=("org_unit",)) == [("X", "1", "2027-01")]


@pytest.mark.parametrize("folder", ["month=2027-01", "org_unit=Z", "[prod]", "a*b"])
def test_the_name_of_a_folder_says_nothing_about_the_rows(session: Session, tmp_path: Path, folder: str) -> None:
    written(session, tmp_path, org_unit="'decoy'", name="p/plan.parquet")
    path = written(session, tmp_path, name=f"{folder}/plan.parquet")
    assert staged(session, path) == [("A", "1", "2027-01")]


def test_a_file_without_rows_holds_none(session: Session, tmp_path: Path) -> None:
    assert staged(session, written(session, tmp_path, where="WHERE false")) == []


def test_rows_keep_their_order_and_number(session: Session, tmp_path: Path) -> None:
    path = written(session, tmp_path, org_unit="'U' || i", where="FROM range(300000) AS t (i)")
    plan = PlanningFile([ParquetReader(path, path.name)], MAPPING)
    found = plan.stage(session)
    assert session.ask("SELECT count(*) FROM text_rows WHERE org_unit = 'U' || (record - 1)") == [(300_000,)]
    assert plan.locate(300_000, "org_unit") == "plan.parquet row 300000"
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "turned"])
def test_what_is_no_parquet_is_refused_by_name(session: Session, tmp_path: Path, damage: str) -> None:
    path = written(session, tmp_path, org_unit="'U' || i", where="FROM range(5000) AS t (i)")
    content = path.read_bytes()
    broken = {"empty": b"", "text": b"a,b\n1,2\n", "cut": content[:-50], "turned": content[:4] + content[4:][::-1]}
    path.write_bytes(broken[damage])
    with pytest.raises(SourceUnreadable, match=r"plan\.parquet cannot be read as Parquet"):
        staged(session, path)


def test_a_file_that_is_not_there_is_named(session: Session, tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"nowhere\.parquet does not exist"):
        staged(session, tmp_path / "nowhere.parquet")


def test_a_column_that_nobody_explains_is_refused(session: Session, tmp_path: Path) -> None:
    with pytest.raises(MappingMismatch, match="'extra'"):
        staged(session, written(session, tmp_path, extra="[1]"))


def test_a_text_among_files_of_numbers_has_two_readings_also_under_another_title(
    session: Session, tmp_path: Path
) -> None:
    numbers = written(session, tmp_path, name="a.parquet")
    texts = tmp_path / "b.parquet"
    columns = ", ".join(
        f"{value} AS {name}" for name, value in (PLAIN | {"org_unit": "'B'"}).items() if name != "headcount"
    )
    session.save_parquet(f"SELECT {columns}, '1.125' AS heads", str(texts))
    mapping = ColumnMapping(columns=MAPPING.columns | {"headcount": ("headcount", "heads")}, unset=UNSET)
    readers = [ParquetReader(path, path.name) for path in (numbers, texts)]
    with pytest.raises(MappingMismatch, match=r"'1\.125' could be"):
        PlanningFile(readers, mapping).stage(session)

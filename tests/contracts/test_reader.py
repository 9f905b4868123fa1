"""One law for every reader: a table is staged as the same texts, whatever the kind of file or database it stands in."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.postgres import Postgres

from bridgehead.errors import DataError, MappingMismatch
from bridgehead.sources.files import open_files, wanted_by
from bridgehead.sources.mapping import FIELDS, ColumnMapping
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.sources.reader import Reader
from bridgehead.sources.sql import SqlReader
from bridgehead.tables import Session, quoted

HEADER = ("Scenario", "the version", "Month, from", 'Org "unit"', "Zürich's job", "Heads", "FTE", "Cost", "c0")
COLUMNS = dict(
    zip(
        ("scenario", "version", "period_start", "org_unit", "job", "headcount", "fte", "cost", "currency"),
        HEADER,
        strict=True,
    )
)
MAPPING = ColumnMapping(columns=COLUMNS, unset=("cost_center", "location"), decimal="point")
KINDS = ("csv", "semicolons", "windows-1252", "zip", "workbook", "zipped workbook", "parquet", "sqlite", "postgresql")
TEXTS = ("csv", "semicolons", "windows-1252", "zip")
"""Kinds that know nothing but texts, and lines instead of cells."""

Table = Sequence[Sequence[Any]]


@dataclass(slots=True)
class Desk:
    """Where tables are written, in any kind, and read again."""

    folder: Path
    session: Session
    postgres: Postgres
    count: int = 0

    def write(self, kind: str, rows: Table, header: Sequence[str] = HEADER) -> Reader:
        """Write a table and return the reader of it."""
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        if kind in ("sqlite", "postgresql"):
            return self._database(kind, folder, header, rows)
        name, content = getattr(self, f"_{kind.replace(' ', '_').replace('-', '_')}")(header, rows)
        (folder / name).write_bytes(content)
        (reader,) = open_files(
            folder, name, folder, wanted=wanted_by(MAPPING), encoding=kind if kind == "windows-1252" else ""
        )
        return reader

    def staged(self, reader: Reader, mapping: ColumnMapping = MAPPING) -> tuple[PlanningFile, list[tuple[Any, ...]]]:
        """Stage what a reader reads."""
        plan = PlanningFile([reader], mapping)
        plan.stage(self.session)
        names = ", ".join(("record", *FIELDS, "strftime(period, '%Y-%m-%d')"))
        return plan, self.session.ask(f"SELECT {names} FROM text_rows ORDER BY record")  # noqa: S608 - our own names

    def _csv(self, header: Sequence[str], rows: Table, **dialect: Any) -> tuple[str, bytes]:
        target = io.StringIO(newline="")
        csv.writer(target, lineterminator="\n", **dialect).writerows([header, *(map(text, row) for row in rows)])
        return "plan.csv", target.getvalue().encode()

    def _semicolons(self, header: Sequence[str], rows: Table) -> tuple[str, bytes]:
        name, content = self._csv(header, rows, delimiter=";", quoting=csv.QUOTE_ALL)
        return name, b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")

    def _windows_1252(self, header: Sequence[str], rows: Table) -> tuple[str, bytes]:
        name, content = self._csv(header, rows, delimiter="\t")
        return name, content.decode().encode("windows-1252")

    def _zip(self, header: Sequence[str], rows: Table) -> tuple[str, bytes]:
        return packed(*self._csv(header, rows))

    def _workbook(self, header: Sequence[str], rows: Table) -> tuple[str, bytes]:
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.title = "Plan"
        for number, row in enumerate([["Headcount plan"], [], header, *rows], 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(number, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"  # else "=1" were a formula, and "#N/A" an error
        target = io.BytesIO()
        book.save(target)
        return "plan.xlsx", target.getvalue()

    def _zipped_workbook(self, header: Sequence[str], rows: Table) -> tuple[str, bytes]:
        return packed(*self._workbook(header, rows))

    def _parquet(self, header: Sequence[str], rows: Table) -> tuple[str, bytes]:
        kinds = [_KINDS[kind_of(rows, column)][0] for column in range(len(header))]
        self.session.fill("written", [f"w{number} {kind}" for number, kind in enumerate(kinds)], rows)
        columns = ", ".join(f"w{number} AS {quoted(title)}" for number, title in enumerate(header))
        target = self.folder / "written.parquet"
        self.session.save_parquet(f"SELECT {columns} FROM written", str(target))  # noqa: S608 - quoted
        return "plan.parquet", target.read_bytes()

    def _database(self, kind: str, folder: Path, header: Sequence[str], rows: Table) -> Reader:
        server = kind == "postgresql"
        kinds = [_KINDS[kind_of(rows, column)][1 if server else 2] for column in range(len(header))]
        named = [f'"{title.replace(chr(34), chr(34) * 2)}"' for title in header]
        columns = ", ".join(f"{title} {kind}" for title, kind in zip(named, kinds, strict=True))
        table = f"plan{self.count}"
        holders = ", ".join("%s" if server else "?" for _ in header)
        insert = f"INSERT INTO {table} ({', '.join(named)}) VALUES ({holders})"  # noqa: S608 - quoted
        insert = insert.replace("%", "%%").replace("%%s", "%s") if server else insert
        key = "nr serial" if server else "nr INTEGER PRIMARY KEY"
        if server:
            with self.postgres.connect() as connection, connection.cursor() as cursor:
                cursor.execute(f"CREATE TABLE {table} ({key}, {columns})".encode())
                cursor.executemany(insert.encode(), [list(row) for row in rows])
        else:
            with sqlite3.connect(folder / "plan.db") as file:
                file.execute(f"CREATE TABLE {table} ({key}, {columns})")
                file.executemany(insert, [[None if cell is None else native(cell) for cell in row] for row in rows])
            file.close()
        url = self.postgres.url if server else f"sqlite:///{folder / 'plan.db'}"
        return SqlReader(lambda: url, f"SELECT {', '.join(named)} FROM {table} ORDER BY nr")  # noqa: S608 - quoted


_KINDS: Mapping[type, tuple[str, str, str]] = {
    str: ("VARCHAR", "text", "TEXT"),
    int: ("BIGINT", "bigint", "INTEGER"),
    float: ("DOUBLE", "float8", "REAL"),
    Decimal: ("DECIMAL(18, 4)", "numeric(18, 4)", "TEXT"),
    date: ("DATE", "date", "TEXT"),
}
"""Type of a column in Parquet, PostgreSQL and SQLite."""


def kind_of(rows: Table, column: int) -> type:
    return next((type(row[column]) for row in rows if row[column] is not None), str)


def native(cell: Any) -> Any:
    return str(cell) if isinstance(cell, Decimal | date) else cell


def text(cell: Any) -> str:
    """Write a value as a CSV file has it: without an exponent, and without zeros at its end."""
    if isinstance(cell, float | Decimal):
        number = f"{Decimal(str(cell)):f}"
        return number.rstrip("0").rstrip(".") if "." in number else number
    return "" if cell is None else str(cell)


def packed(name: str, content: bytes) -> tuple[str, bytes]:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return "plan.zip", target.getvalue()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("readers")
    with Session(temp_directory=str(folder)) as session:
        yield Desk(folder, session, postgres)


def row(org: Any = "A", heads: Any = "1", fte: Any = None, cost: Any = None, job: Any = None) -> list[Any]:
    return ["budget", "v1", "2027-01", org, job, heads, fte, cost, None if cost is None else "EUR"]


CODES = (
    "0042",
    "  0042 ",
    "12 34  56",
    "1e3",
    "007.50",
    "-",
    "NULL",
    "nan",
    "true",
    "2027-01-01",
    "=1+1",
    "#N/A",
    "'",
    '"',
    '""',
    'say "x", please',
    "a;b|c",
    "back\\slash",
    "Zürich",
    "na\u00efve \u2013 \u201cquoted\u201d",
    "%s :x $1 ?",
    "\u00a0x\u00a0",
)
"""Texts that some reader might take for something else; windows-1252 can write them all."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_is_staged_as_it_stands_but_for_the_blanks_around_it(desk: Desk, kind: str) -> None:
    _, found = desk.staged(desk.write(kind, [row(code, job=code) for code in CODES]))
    assert [one[4] for one in found] == [code.strip(" \u00a0") for code in CODES]
    assert [one[7] for one in found] == [code.strip(" \u00a0") for code in CODES]
    assert [one[0] for one in found] == list(range(1, len(CODES) + 1))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_absent(desk: Desk, kind: str) -> None:
    _, found = desk.staged(desk.write(kind, [row("A", "1", none, job=none) for none in (None, "", "   ", "#Missing")]))
    assert [(one[4], one[7], one[11], one[12]) for one in found] == [("A", None, "1", None)] * 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_that_is_a_text_is_staged_as_it_is_written(desk: Desk, kind: str) -> None:
    numbers = ["1", "007.50", "-3", "0.30000000000000004", "1e3", "1,5", "12345678901234567890.5"]
    _, found = desk.staged(desk.write(kind, [row("A", number) for number in numbers]))
    assert [one[11] for one in found] == numbers


NUMBERS: tuple[tuple[Any, ...], ...] = (
    (7, 0, 123456789012),
    (0.5, 7.0, 1234.25, 0.1, 0.00001, -2.5, 1e15),
    (Decimal("1.50"), Decimal(100), Decimal("0.0001"), Decimal("12345678901234.5678")),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("numbers", NUMBERS, ids=["whole", "floating", "decimal"])
def test_a_number_that_is_one_is_the_text_that_a_csv_file_would_have(
    desk: Desk, kind: str, numbers: Sequence[Any]
) -> None:
    if kind.endswith("workbook"):
        numbers = [number for number in numbers if len(text(number).replace(".", "")) <= 15]  # more, Excel cannot hold
    _, found = desk.staged(desk.write(kind, [row("A", number, number) for number in numbers]))
    if kind == "sqlite" and isinstance(numbers[0], Decimal):
        found = [(*one[:11], *(text(Decimal(cell)) for cell in one[11:13])) for one in found]  # it has no decimals
    assert [one[11] for one in found] == [text(number) for number in numbers]
    assert [one[12] for one in found] == [text(number) for number in numbers]


@pytest.mark.parametrize("kind", KINDS)
def test_a_date_is_the_text_that_a_csv_file_would_have(desk: Desk, kind: str) -> None:
    days = [date(2027, 1, 1), date(2027, 12, 31), date(1999, 2, 28)]
    _, found = desk.staged(desk.write(kind, [[*row()[:2], day, *row()[3:]] for day in days]))
    assert [one[3] for one in found] == [one[-1] for one in found] == [str(day) for day in days]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("decimal", "thousands"), [("comma", ""), ("comma", "."), ("point", ",")])
def test_the_stated_notation_is_that_of_texts_and_changes_no_number(
    desk: Desk, kind: str, decimal: Any, thousands: Any
) -> None:
    mapping = ColumnMapping(columns=COLUMNS, unset=MAPPING.unset, decimal=decimal, thousands=thousands)
    written = "1234,5" if decimal == "comma" else "1234.5"
    fte = 1.234 if kind not in TEXTS else "1,234" if decimal == "comma" else "1.234"
    _, found = desk.staged(desk.write(kind, [row("A", written, fte)]), mapping)
    assert found[0][11:13] == ("1234.5", "1.234")


ORIGINS: Mapping[str, Callable[[int, str], str]] = {
    **dict.fromkeys(("csv", "semicolons", "windows-1252"), lambda record, _: f"plan.csv:{record + 1}"),
    "zip": lambda record, _: f"plan.zip:plan.csv:{record + 1}",
    "workbook": lambda record, column: f"plan.xlsx Plan!{column}{record + 3}",
    "zipped workbook": lambda record, column: f"plan.zip:plan.xlsx Plan!{column}{record + 3}",
    "parquet": lambda record, _: f"plan.parquet row {record}",
    "sqlite": lambda record, _: f"query row {record}",
    "postgresql": lambda record, _: f"query row {record}",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_record_is_found_where_it_stands(desk: Desk, kind: str) -> None:
    plan, found = desk.staged(desk.write(kind, [row(f"U{number}") for number in range(1, 301)]))
    assert [(one[0], one[4]) for one in found] == [(number, f"U{number}") for number in range(1, 301)]
    for record in (300, 1, 150):
        assert plan.locate(record, 'Org "unit"') == ORIGINS[kind](record, "D")
        assert plan.locate(record, "Heads") == ORIGINS[kind](record, "F")


@pytest.mark.parametrize("kind", KINDS)
def test_reading_again_gives_the_same_and_other_rows_another_digest(desk: Desk, kind: str) -> None:
    reader = desk.write(kind, [row("A"), row("B")])
    digests = []
    for _ in range(2):
        plan = PlanningFile([reader], MAPPING)
        digests.append(plan.stage(desk.session).digest)
        assert plan.original(desk.session, [2])[1][2][3] == "B"
    digests.append(PlanningFile([desk.write(kind, [row("A"), row("C")])], MAPPING).stage(desk.session).digest)
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_without_rows_holds_none(desk: Desk, kind: str) -> None:
    assert desk.staged(desk.write(kind, []))[1] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_that_is_not_there_is_named_with_those_that_are(desk: Desk, kind: str) -> None:
    reader = desk.write(kind, [row()], (*HEADER[:5], "Headz", *HEADER[6:]))
    with pytest.raises(MappingMismatch) as caught:
        desk.staged(reader)
    assert caught.value.message.startswith(f"{reader.name} has no column 'Heads'")
    assert "Headz" in caught.value.message


@pytest.mark.parametrize("kind", KINDS)
def test_a_title_of_two_columns_is_refused_by_name(desk: Desk, kind: str) -> None:
    header = (*HEADER, "Heads ") if kind in ("sqlite", "postgresql", "parquet") else (*HEADER, "Heads")
    with pytest.raises(DataError, match=r"'Heads' more than once|more than one column 'Heads'"):
        desk.staged(desk.write(kind, [[*row(), "9"]], header))


# A code is any text that XML and PostgreSQL can hold; line ends are tried elsewhere, since rules refuse them.
ANY = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=8).map(lambda one: f"x{one}x")
CELLS = st.none() | ANY | st.sampled_from(CODES)
HELD = st.one_of(st.none(), st.decimals(-999999, 999999, places=3).map(str), st.integers(0, 10**6).map(str))
ROWS = st.lists(
    st.builds(row, org=ANY | st.sampled_from(CODES), heads=st.integers(0, 99).map(str), fte=HELD, cost=HELD, job=CELLS),
    max_size=6,
)


# Without shrinking: each example asks nine readers.
@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(ROWS)
def test_what_is_read_is_what_was_written_whatever_the_kind(desk: Desk, rows: Table) -> None:
    first = None
    for kind in KINDS:
        if kind == "windows-1252":
            continue
        found = desk.staged(desk.write(kind, rows))[1]
        told = [[one[4], one[7], *one[11:13], one[14]] for one in found]
        assert told == [[staged(cell) for cell in (one[3], one[4], one[5], one[6], one[7])] for one in rows], kind
        first = found if first is None else first
        assert found == first, kind


def staged(cell: str | None) -> str | None:
    return None if cell is None else cell.strip(" \u00a0") or None


def test_the_server_is_a_real_one(postgres: Postgres) -> None:
    with postgres.connect() as connection:
        assert "PostgreSQL" in str(connection.execute("SELECT version()").fetchall())
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=postgres.port, user="planner", password="wrong", dbname="postgres")

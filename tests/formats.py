"""One plan in many formats: files of every kind, notation and layout, each with the source section that reads it."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import msgspec
import openpyxl
from hypothesis import strategies as st

from bridgehead.config.settings import SourceSettings
from bridgehead.sources.files import open_files, wanted_by
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.sources.sql import SqlReader
from tests.layouts import Pen, Row, Table, Value, missing_beside, tables
from tests.notations import MARKS, periods
from tests.plans import Plan

FILES = ("csv", "xlsx", "parquet", "sqlite")
ENCODINGS = (
    *(("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le")),
    *(("cp1252", "windows-1252"), ("latin-1", "latin-1"), ("mac-roman", "mac-roman")),
)
"""How a file is encoded, and what the configuration says of it."""


@dataclass(frozen=True)
class Document:
    """A planning file or several, and the settings that read them. files: by name. shown: for people."""

    kind: str
    files: dict[str, bytes]
    settings: dict[str, Any]
    shown: str

    def write(self, folder: Path) -> None:
        """Put the files into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)

    def source(self, folder: Path, scratch: Path) -> PlanningFile:
        """Write the files, and return the source that reads them, as the configuration would have it."""
        self.write(folder)
        settings = msgspec.convert(self.settings, SourceSettings)
        if settings.query:
            return PlanningFile(
                [SqlReader(lambda: settings.connection, settings.query, folder=folder)], settings, folder
            )
        readers = open_files(
            folder,
            settings.path,
            scratch,
            wanted=wanted_by(settings, settings.header_row),
            encoding=settings.encoding,
            delimiter=settings.delimiter,
            sheet=settings.sheet,
        )
        return PlanningFile(readers, settings, folder)

    def section(self, name: str) -> str:
        """Return the settings as a section of the configuration."""
        return "\n".join([f"[{name}]", *(f"{key} = {toml(value)}" for key, value in self.settings.items()), ""])

    def _repr_pretty_(self, printer: Any, _: bool) -> None:  # noqa: FBT001 - as the printer calls it
        printer.text(f"{', '.join(self.files)}\n{self.section('source')}{self.shown}")


def toml(value: Any) -> str:
    """Write a value on one line of a configuration."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


@st.composite
def documents(draw: st.DrawFn, plan: Plan, kinds: Sequence[str] = FILES) -> Document:
    """Draw a format, and write the plan in it."""
    kind = draw(st.sampled_from(kinds))
    real = kind != "csv" and draw(st.integers(0, 3)) > 0
    dated = kind in ("xlsx", "parquet") and draw(st.booleans())
    headers = draw(st.booleans())
    pen = Pen(draw, kind, draw(MARKS), draw(periods(headers=headers)), draw(missing_beside(plan)), real, dated)
    table = draw(tables(plan, pen, headers=headers))
    files, settings = draw({"csv": csvs, "xlsx": workbooks, "parquet": parquets, "sqlite": databases}[kind](table))
    if table.crosswalk:
        files["crosswalk.csv"] = table.crosswalk.encode()
    rows = ([row.get(title) for title in table.titles] for row in table.rows)
    shown = "\n".join([repr(table.titles), *map(repr, rows), table.crosswalk])
    return Document(kind, files, settings | table.mapping, shown)


def portions(draw: st.DrawFn, table: Table) -> list[list[Row]]:
    """Draw how rows fall into one file or several; the measures of a cell stay in one."""
    rows = table.rows
    cut = draw(st.integers(0, len(rows)))
    return [rows[:cut], rows[cut:]] if draw(st.integers(0, 3)) == 0 and "measure" not in table.mapping else [rows]


def named(draw: st.DrawFn, contents: list[bytes], ending: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Give files their names, pack one or the other, and say which are meant."""
    files = {f"plan {number}.{ending}": content for number, content in enumerate(contents)}
    if draw(st.integers(0, 4)) == 0:
        files = {f"{name}.zip": zipped(name, content) for name, content in files.items()}
    return files, {"path": "plan *" if len(files) > 1 else next(iter(files))}


def zipped(name: str, content: bytes) -> bytes:
    """Pack a file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


@st.composite
def title_block(draw: st.DrawFn, table: Table) -> tuple[list[list[str]], dict[str, Any]]:
    """Draw what stands above the header, and how it is found below."""
    block = draw(st.sampled_from([[], [], [["Plan 2027"], []], [[], ["Made by", "HR"], ["on 1.1."]]]))
    known = any(name in table.mapping for name in ("measure", "pov", "only", "without")) or table.mapping["columns"]
    return block, {"header_row": len(block) + 1} if draw(st.booleans()) or (block and not known) else {}


@st.composite
def csvs(draw: st.DrawFn, table: Table) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Draw how a CSV file is written."""
    block, found = draw(title_block(table))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|", "^"]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    last = draw(st.booleans())
    texts = []
    for rows in portions(draw, table):
        file = io.StringIO()
        out = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
        out.writerows([*block, table.titles, *([row.get(title) for title in table.titles] for row in rows)])
        texts.append(file.getvalue() if last else file.getvalue().removesuffix(end))
    able = [one for one in ENCODINGS if all(encodable(text, one[0]) for text in texts)]
    encoding, stated = draw(st.sampled_from(able))
    files, settings = named(draw, [text.encode(encoding) for text in texts], draw(st.sampled_from(["csv", "txt"])))
    settings |= found | ({"encoding": stated} if stated else {})
    # Some headers could be separated in two ways; then it has to be said.
    clear = delimiter in ",;\t|" and not any(mark in title for mark in ",;\t|" for title in table.titles)
    if not clear or len(table.titles) < 2 or draw(st.booleans()):
        settings["delimiter"] = delimiter
    return files, settings


def encodable(text: str, encoding: str) -> bool:
    """Tell whether an encoding has all these characters."""
    try:
        return text.encode(encoding).decode(encoding) == text
    except UnicodeError:
        return False


@st.composite
def workbooks(draw: st.DrawFn, table: Table) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Draw a workbook, or two."""
    block, found = draw(title_block(table))
    title = draw(st.sampled_from(["Plan", "Plan 2027", "Übersicht", "it's"]))
    others = draw(st.booleans())
    contents = []
    for rows in portions(draw, table):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = title
        lines = [*block, table.titles, *([row.get(one) for one in table.titles] for row in rows)]
        for number, line in enumerate(lines, 1):
            for column, value in enumerate(line, 1):
                put(sheet.cell(number, column), value)
        if others:
            book.create_sheet("Notes").append(["Org Unit", "nothing"])
        packed = io.BytesIO()
        book.save(packed)
        contents.append(packed.getvalue())
    files, settings = named(draw, contents, "xlsx")
    return files, settings | found | ({"sheet": draw(st.sampled_from([title, f"{title[:4]}*"]))} if others else {})


def put(cell: Any, value: Value) -> None:
    """Put a value into a cell; a text stays one, whatever it looks like."""
    if value is None:
        return
    if isinstance(value, str):
        # What would read as a character's number is written with one, as Excel does.
        cell.value = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", value)
        cell.data_type = "s"
    else:
        cell.value = exact(value) if isinstance(value, Decimal) else value


def exact(number: Decimal) -> int | float:
    """Return the number as programs without decimals have it."""
    return int(number) if number == number.to_integral_value() else float(number)


@st.composite
def databases(draw: st.DrawFn, table: Table) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Draw a SQLite database."""
    name = draw(st.sampled_from(["plan", "head count", 'the "plan"']))
    columns = ", ".join(map(quoted, table.titles))
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE {quoted(name)} ({columns})")
        places = ", ".join("?" * len(table.titles))
        rows = [[stored(row.get(title)) for title in table.titles] for row in table.rows]
        connection.executemany(f"INSERT INTO {quoted(name)} VALUES ({places})", rows)  # noqa: S608 - names are quoted
        connection.commit()
        content = connection.serialize()
    query = f"SELECT {draw(st.sampled_from(['*', columns]))} FROM {quoted(name)}"  # noqa: S608 - the same
    return {"plan.sqlite": content}, {"connection": "sqlite:///plan.sqlite", "query": query}


def stored(value: Value) -> Any:
    """Return a value as SQLite keeps it."""
    return exact(value) if isinstance(value, Decimal) else value


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


@st.composite
def parquets(draw: st.DrawFn, table: Table) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Draw Parquet files whose columns have types."""
    kinds = [draw(st.sampled_from(types([row.get(title) for row in table.rows]))) for title in table.titles]
    contents = []
    for rows in portions(draw, table):
        values = {f"v{number}": [row.get(title) for row in rows] for number, title in enumerate(table.titles)}
        selected = (
            f"unnest(CAST($v{number} AS {kind}[])) AS {quoted(title)}"
            for number, (kind, title) in enumerate(zip(kinds, table.titles, strict=True))
        )
        with TemporaryDirectory() as folder:
            path = Path(folder) / "plan.parquet"
            engine().execute(f"COPY (SELECT {', '.join(selected)}) TO '{path}' (FORMAT parquet)", values)
            contents.append(path.read_bytes())
    return named(draw, contents, "parquet")


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """Return the engine that writes Parquet here; the product reads with one of its own."""
    return duckdb.connect()


def types(values: Sequence[Value]) -> list[str]:
    """Return the types that a column of these values may have."""
    if any(isinstance(value, date) for value in values):
        return ["DATE", "TIMESTAMP", "TIMESTAMP_NS"]
    numbers = [value for value in values if isinstance(value, Decimal)]
    if not numbers:
        return ["VARCHAR"]
    whole = all(number == number.to_integral_value() for number in numbers)
    short = all(len(number.normalize().as_tuple().digits) <= 15 for number in numbers)
    return ["DECIMAL(38, 8)", "DECIMAL(20, 8)", *(["BIGINT"] if whole else []), *(["DOUBLE"] if short else [])]

"""Excel workbooks: one sheet, its header found below a title, every value as the text that it means."""

from __future__ import annotations

import csv
import hashlib
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as ET

from bridgehead.errors import ConfigError, MappingMismatch, SourceUnreadable
from bridgehead.sources.csv import unreadable
from bridgehead.sources.reader import HEADER_WITHIN, Wanted, titled
from bridgehead.tables import Session

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(rb"<c\s([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]+[0-9]+)"')


@dataclass(slots=True)
class ExcelReader:
    """One sheet of a workbook. sheet: its name, * standing for any text; empty: the only one."""

    path: Path
    sheet: str
    wanted: Wanted
    name: str
    _title: str = ""
    _first: int = 0
    _columns: tuple[str, ...] = ()
    _rows: tuple[int, ...] = ()

    def load(self, session: Session) -> tuple[tuple[str, ...], str]:
        """Fill `raw`; return header and digest."""
        try:
            with self.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as wrong:
            raise unreadable(self.path, wrong) from None
        rows = self._texts()
        top = list(islice(rows, max(HEADER_WITHIN, self.wanted.row)))
        number = self.wanted.found_in([row for _, row in top])
        if number >= len(top) or not any(top[number][1]):
            raise SourceUnreadable(f"{self.name} {self._title} has no header.", cure="Check sheet and header_row.")
        header = self._header(top[number][1])
        self._refuse_errors(top[number][0])
        kept: list[int] = []
        with TemporaryDirectory(prefix="bridgehead-") as folder:
            copy = Path(folder) / "sheet.csv"
            with copy.open("w", encoding="utf-8", newline="") as target:
                out = csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_ALL)
                out.writerow(header)
                for line, row in (*top[number + 1 :], *rows):
                    if any(row[: len(header)]):
                        out.writerow(row[: len(header)])
                        kept.append(line)
            session.load_csv("raw", str(copy), width=len(header), delimiter=",")
        self._columns, self._rows = header, tuple(kept)
        return header, digest

    def _header(self, row: Sequence[str]) -> tuple[str, ...]:
        width = max(index for index, title in enumerate(row) if title) + 1
        header = titled(row[:width])
        doubled = sorted({title for title in header if header.count(title) > 1})
        if doubled:
            raise MappingMismatch(
                f"{self.name} {self._title} has the column {doubled[0]!r} more than once.",
                cure="Give every column a name of its own.",
            )
        return header

    def _texts(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows as texts, each with its number; a merged cell counts for every row that it spans."""
        try:
            import python_calamine as calamine  # noqa: PLC0415 - an extra
        except ImportError:
            raise ConfigError(
                "Reading Excel needs the extra [excel].", cure='pip install "bridgehead[excel]"', setting="path"
            ) from None
        try:
            book = calamine.CalamineWorkbook.from_path(str(self.path))
            self._title = self._chosen(book.sheet_names)
            sheet = book.get_sheet_by_name(self._title)
            merged = sheet.merged_cell_ranges or []
            rows = sheet.to_python(skip_empty_area=False)
        except (calamine.CalamineError, OSError) as wrong:
            raise SourceUnreadable(
                f"{self.name} cannot be read as a workbook: {wrong}.",
                cure="Save it anew as .xlsx, without a password, or export it as CSV.",
            ) from None
        for (top, left), (bottom, _) in merged:
            for line in range(top + 1, min(bottom + 1, len(rows))):
                rows[line][left] = rows[top][left]
        for number, row in enumerate(rows, 1):
            yield number, [_text(value) for value in row]

    def _chosen(self, names: Sequence[str]) -> str:
        fitting = [name for name in names if fnmatchcase(name, self.sheet or "*")]
        if len(fitting) == 1:
            return fitting[0]
        told = f"no sheet {self.sheet!r}" if not fitting else f"several sheets that are meant: {', '.join(fitting)}"
        raise ConfigError(
            f"{self.name} has {told}.",
            cure=f'Say which: sheet = "{(fitting or list(names))[0]}". Its sheets are: {", ".join(names)}.',
            setting="sheet",
        )

    def _refuse_errors(self, header: int) -> None:
        """Refuse cells that hold an error, or a formula whose value was never saved: both would read as empty."""
        found = [one for one in _faults(self.path, self._title) if int(re.sub(r"\D", "", one[0])) >= header]
        if found:
            where, what = found[0]
            others = ", ".join(other for other, _ in found[1:_SHOWN])
            more = f", and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
            raise SourceUnreadable(
                f"{self.name} {self._title}!{where} holds {what}.{f' So do or similar: {others}{more}.' if others else ''}",
                cure="Correct the cell, or open the workbook in Excel, let it calculate, and save it.",
            )

    def locate(self, record: int, column: str) -> str:
        """Say in which cell, or in which row."""
        line, title = self._rows[record - 1], column.partition(" and ")[0]
        for candidate in (column, title):
            if candidate in self._columns:
                return f"{self.name} {self._title}!{_letters(self._columns.index(candidate))}{line}"
        return f"{self.name} {self._title} row {line}"


def _letters(index: int) -> str:
    """Return the letters of a column, counted from 0: A, B, ..., Z, AA."""
    letters, rest = "", index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def _text(value: Any) -> str:
    """Return the text that a cell means: what Excel would show of it, 15 digits at most, dates as ISO."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _faults(path: Path, title: str) -> Iterator[tuple[str, str]]:
    """Yield the cells that hold an error or a formula without a value; the reading library shows both as empty."""
    with zipfile.ZipFile(path) as archive:
        content = archive.read(_part(archive, title))
    for match in _CELL.finditer(content):
        attributes, inner = match.group(1), match.group(2) or b""
        place = _PLACE.search(attributes)
        where = place.group(1).decode() if place else "?0"
        value = re.search(rb"<v[^>]*>(.*?)</v>", inner, re.DOTALL)
        if re.search(rb'\bt="e"', attributes):
            yield where, f"the error {value.group(1).decode() if value else ''}".rstrip()
        elif b"<f" in inner and value is None and b"<is>" not in inner:
            yield where, "a formula without a calculated value"


def _part(archive: zipfile.ZipFile, title: str) -> str:
    """Return where in the workbook's archive a sheet lies."""
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - entities are not expanded by expat here
    relation = next(
        sheet.get(_RELATION) for sheet in book.iter() if sheet.tag.endswith("}sheet") and sheet.get("name") == title
    )
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - as above
    target = next(str(one.get("Target")) for one in relations if one.get("Id") == relation)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"

"""Excel workbooks: one sheet, its header found below a title, every value as the text that it means."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as ET

from bridgehead.errors import ConfigError, MappingMismatch, SourceUnreadable
from bridgehead.sources.csv import unreadable
from bridgehead.sources.reader import BROKEN_ZIP, DOUBLED, HEADER_WITHIN, Loaded, Wanted, fits_pattern, titled
from bridgehead.sources.settled import Content, unchanged
from bridgehead.tables import Session

_SHOWN = 10
"""So many broken cells are named."""

_MOST_CELLS = 50_000_000
"""A sheet is held in memory, empty cells too."""

_Span = tuple[tuple[int, int], tuple[int, int]]
# Some programs give every name a prefix, or leave out the places of rows and cells.
_CELL = re.compile(
    rb"<(?:\w+:)?(?:row\b(?P<line>[^>]*)>|c\b(?P<cell>[^>]*?)(?:/>|>(?P<inner>.*?)</(?:\w+:)?c>))", re.DOTALL
)
_ROW = re.compile(rb"\br=[\"']([0-9]+)")
_PLACE = re.compile(rb"\br=[\"']([A-Z]+)[0-9]+")
_ERROR = re.compile(rb"\bt=[\"']e[\"']")
_TEXT = re.compile(rb"\bt=[\"']str[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?(?<!/)>(.*?)</", re.DOTALL)


@dataclass(slots=True)
class ExcelReader:
    """One sheet of a workbook. sheet: its name, * standing for any text; empty: the only one."""

    path: Path
    sheet: str
    wanted: Wanted
    name: str
    _title: str = ""
    _columns: tuple[str, ...] = ()
    _rows: tuple[int, ...] = ()
    _content: Content = field(init=False)

    def __post_init__(self) -> None:
        """Remember the file's digest once it is made."""
        self._content = Content(self.path)

    def digest(self) -> str:
        """Return the digest of the file."""
        return self._content.digest()

    def load(self, session: Session, mark: str = ".") -> Loaded:
        """Fill `raw`."""
        with unchanged(self.path):
            try:
                digest = self.digest()
            except OSError as wrong:
                raise unreadable(self.path, wrong) from None
            rows, merged, faults = self._cells()
        top = [
            [_text(value) for value in row] for row in rows[: max(HEADER_WITHIN, self.wanted.row + self.wanted.rows)]
        ]
        titles, number = self.wanted.header_in(top)
        if not any(title.strip() for title in titles):
            raise self._headless()
        header = self._header(titles)
        self._refuse_errors(faults, number + 1)
        self._refuse_merged(merged, number, header)
        kept: list[int] = []
        worded: set[int] = set()
        with TemporaryDirectory(prefix="bridgehead-") as folder:
            copy = Path(folder) / "sheet.csv"
            with copy.open("w", encoding="utf-8", newline="") as target:
                out = csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_ALL)
                out.writerow(header)
                for line, row in enumerate(rows[number + 1 :], number + 2):
                    texts = [_text(value, mark) for value in row[: len(header)]]
                    worded.update(index for index, value in enumerate(row) if isinstance(value, str) and value.strip())
                    if any(text.strip() for text in texts):
                        out.writerow(texts)
                        kept.append(line)
            session.load_csv("raw", str(copy), width=len(header), delimiter=",")
        self._columns, self._rows = header, tuple(kept)
        numbers = frozenset(title for index, title in enumerate(header) if index not in worded)
        return Loaded(header, digest, numbers=numbers)

    def _headless(self) -> ConfigError | SourceUnreadable:
        if self.wanted.row:
            return ConfigError(
                f"{self.name} {self._title} has no header in row {self.wanted.row}.",
                cure="Correct header_row; without it, the row that holds most of the mapped columns is the header.",
                setting="header_row",
            )
        return SourceUnreadable(f"{self.name} {self._title} is empty: it has no header.", cure="Check source.sheet.")

    def _header(self, row: Sequence[str]) -> tuple[str, ...]:
        width = max(index for index, title in enumerate(row) if title.strip()) + 1
        header = titled(row[:width])
        doubled = sorted({title for title in header if header.count(title) > 1})
        if doubled:
            raise MappingMismatch(
                f"{self.name} {self._title} has the column {doubled[0]!r} more than once.",
                cure=DOUBLED,
            )
        return header

    def _cells(self) -> tuple[list[list[Any]], list[_Span], list[tuple[str, str]]]:
        """Return the rows, a merged cell counting for each that it spans; the merged cells; what is broken."""
        try:
            import python_calamine as calamine  # noqa: PLC0415 - an extra
        except ImportError:
            raise ConfigError(
                "Reading Excel needs the extra [excel].", cure='pip install "bridgehead[excel]"', setting="path"
            ) from None
        try:
            book = calamine.CalamineWorkbook.from_path(str(self.path))
            sheets = [one for one in book.sheets_metadata if one.typ == calamine.SheetTypeEnum.WorkSheet]
            shown = [one.name for one in sheets if one.visible == calamine.SheetVisibleEnum.Visible]
            self._title = self._chosen([one.name for one in sheets], shown)
            faults = self._faults()
            sheet = book.get_sheet_by_name(self._title)
            rows, merged = sheet.to_python(skip_empty_area=False), list(sheet.merged_cell_ranges or ())
        except (calamine.CalamineError, OSError, *BROKEN_ZIP, ET.ParseError, KeyError) as wrong:
            raise SourceUnreadable(
                f"{self.name} cannot be read as a workbook: {wrong}.",
                cure="Save it anew as .xlsx, without a password, or export it as CSV.",
            ) from None
        for (top, left), (bottom, _) in merged:
            if top < len(rows) and left < len(rows[top]):
                for line in range(top + 1, min(bottom + 1, len(rows))):
                    rows[line][left] = rows[top][left]
        return rows, merged, faults

    def _chosen(self, names: Sequence[str], shown: Sequence[str]) -> str:
        """Return the sheet that is meant; a hidden one is, when it is named."""
        fitting = [name for name in names if fits_pattern(name, self.sheet)] if self.sheet else list(shown)
        if self.sheet in names:
            return self.sheet
        if len(fitting) == 1:
            return fitting[0]
        if not names:
            raise SourceUnreadable(f"{self.name} holds no sheet.", cure="Save it anew as .xlsx, or export it as CSV.")
        several = f"several sheets that are meant: {', '.join(fitting)}"
        told = several if fitting else f"no sheet {self.sheet!r}" if self.sheet else "no sheet that is shown"
        raise ConfigError(
            f"{self.name} has {told}.",
            cure=f'Say which: sheet = "{[*fitting, *names, "Plan"][0]}". Its sheets are: {", ".join(names)}.',
            setting="sheet",
        )

    def _faults(self) -> list[tuple[str, str]]:
        """Return the cells that are broken; refuse a sheet that would take all memory for one stray cell."""
        faults, widest, last = [], 0, 0
        for column, line, what in _scan(self.path, self._title):
            widest, last = max(widest, column), max(last, line)
            if what:
                faults.append((f"{_letters(column - 1)}{line}", what))
        if widest * last > _MOST_CELLS:
            raise SourceUnreadable(
                f"{self.name} {self._title} reaches to {_letters(widest - 1)}{last}, which is too far for a table.",
                cure="Delete the rows and columns beyond the table, where a stray cell stands, or export it as CSV.",
            )
        return faults

    def _refuse_merged(self, merged: Sequence[_Span], header: int, titles: Sequence[str]) -> None:
        """Refuse a number that several rows share: it counts once, and nobody says for which."""
        for (top, left), (bottom, _) in merged:
            if header < top < bottom and left < len(titles) and self.wanted.is_figure(titles[left]):
                span = f"{_letters(left)}{top + 1}:{_letters(left)}{bottom + 1}"
                raise SourceUnreadable(
                    f"{self.name} {self._title}!{span} is one number for several rows.",
                    cure="Unmerge the cells, and give every row its own number.",
                )

    def _refuse_errors(self, faults: Sequence[tuple[str, str]], header: int) -> None:
        """Refuse cells that hold an error, or a formula whose value was never saved: both would read as empty."""
        found = [one for one in faults if int(re.sub(r"\D", "", one[0])) >= header]
        if found:
            where, what = found[0]
            others = ", ".join(f"{place} ({fault})" for place, fault in found[1:_SHOWN])
            more = f", and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
            raise SourceUnreadable(
                f"{self.name} {self._title}!{where} holds {what}.{f' So it is at {others}{more}.' if others else ''}",
                cure="Correct the cell, or open the workbook in Excel, let it calculate, and save it.",
            )

    def locate(self, record: int, column: str) -> str:
        """Say in which cell, or in which row."""
        line = self._rows[record - 1]
        # The measures of one projection may stand in several cells: `2027-01 HC and 2027-01 FTE`.
        several = [title for title in self._columns if f" and {title} and " in f" and {column} and "]
        named = [column] if column in self._columns else several
        cells = " and ".join(f"{_letters(self._columns.index(title))}{line}" for title in named)
        return f"{self.name} {self._title}!{cells}" if cells else f"{self.name} {self._title} row {line}"


def _letters(index: int) -> str:
    """Return the letters of a column, counted from 0: A, B, ..., Z, AA."""
    letters, rest = "", index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def _text(value: Any, mark: str = ".") -> str:
    """Return the text that a cell means: what Excel would show of it, 15 digits at most, dates as ISO."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{Decimal(f'{value:.15g}'):f}".replace(".", mark)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _scan(path: Path, title: str) -> Iterator[tuple[int, int, str]]:
    """Yield column and row, counted from 1, of each cell that holds something, and what is broken about it.

    That is an error, or a formula without a value; the reading library shows both as empty.
    """
    with zipfile.ZipFile(path) as archive:
        content = archive.read(_part(archive, title))
    line = column = 0
    for match in _CELL.finditer(content):
        if match.group("line") is not None:
            line, column = _number(_ROW.search(match.group("line")), line + 1), 0
            continue
        attributes, inner = match.group("cell"), match.group("inner") or b""
        place = _PLACE.search(attributes)
        column = _column(place.group(1)) if place else column + 1
        if not inner:
            continue
        value = _VALUE.search(inner)
        if _ERROR.search(attributes):
            yield column, line, f"the error {value.group(1).decode() if value else ''}".rstrip()
        elif _FORMULA.search(inner) and (value is None or not (value.group(1) or _TEXT.search(attributes))):
            yield column, line, "a formula without a calculated value"
        else:
            yield column, line, ""


def _number(match: re.Match[bytes] | None, otherwise: int) -> int:
    return int(match.group(1)) if match else otherwise


@cache
def _column(letters: bytes) -> int:
    """Return the number of a column's letters, counted from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _part(archive: zipfile.ZipFile, title: str) -> str:
    """Return where in the workbook's archive a sheet lies."""
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - entities are not expanded by expat here
    sheets = [sheet for sheet in book.iter() if sheet.tag.endswith("}sheet") and sheet.get("name") == title]
    relation = next((value for sheet in sheets for name, value in sheet.items() if name.endswith("}id")), "")
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - as above
    target = next((str(one.get("Target")) for one in relations if one.get("Id") == relation), "")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"

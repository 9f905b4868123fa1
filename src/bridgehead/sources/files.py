"""From the path in a configuration to the tables to read: one file or many, zipped, by any of the known kinds."""

from __future__ import annotations

import re
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

from bridgehead.errors import SourceUnreadable
from bridgehead.projection import MEASURES
from bridgehead.sources.csv import CsvReader, unreadable
from bridgehead.sources.mapping import ColumnMapping
from bridgehead.sources.parquet import ParquetReader
from bridgehead.sources.reader import BROKEN_ZIP, Reader, Wanted
from bridgehead.sources.settled import HALF, unchanged

_EXCEL = (".xlsx", ".xlsm")
_OLD = (".xls", ".xlsb", ".ods")


def wanted_by(mapping: ColumnMapping, row: int = 0, rows: int = 1) -> Wanted:
    """Return the columns that a mapping names, by which the header is found.

    row: of the header, when it is stated. rows: how many it has.
    """
    columns = [(names,) if isinstance(names, str) else tuple(names) for names in mapping.columns.values()]
    columns += [(title,) for title in (*mapping.only, *mapping.without)]
    if mapping.pov is not None:
        columns.append((mapping.pov.column,))
    if mapping.routing is not None:
        columns.append((mapping.routing.column,))
    if mapping.measure is not None:
        columns += [(title,) for title in (mapping.measure.column, mapping.measure.value) if title]
    figures = [
        name
        for names in map(mapping.columns.get, MEASURES)
        for name in ([names] if isinstance(names, str) else names or ())
    ]
    figures += [mapping.measure.value] if mapping.measure is not None else []
    pattern = ""
    if mapping.headers is not None:
        with suppress(re.error):  # which is explained when the mapping is fitted
            pattern = re.compile(mapping.headers.pattern).pattern
    return Wanted(tuple(columns), row, tuple(figures), pattern, rows)


def open_files(
    folder: Path,
    path: str,
    scratch: Path,
    *,
    wanted: Wanted,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    check: Callable[[Path], object] = lambda _: None,
) -> Sequence[Reader]:
    """Return a reader for each table that a path means; raise SourceUnreadable when it means none.

    folder: where a relative path starts. scratch: a folder for what has to be unpacked; it outlives the readers.
    check: asked about each file before it is opened.
    """
    found = list(_found(folder, path, scratch))
    for file, _ in found:
        check(file)
    return [
        reader for file, name in found for reader in _readers(file, name, wanted, encoding, delimiter, sheet, scratch)
    ]


def _found(folder: Path, path: str, scratch: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files, each with its name for people."""
    if path == "-":
        spooled = scratch / "stdin"
        with spooled.open("wb") as target:
            shutil.copyfileobj(sys.stdin.buffer, target)
        yield spooled, "stdin"
        return
    whole = folder / path
    # A file may be called plan[1].csv: what exists is meant as it stands.
    if whole.exists() or not any(sign in path for sign in "*?["):
        yield whole, whole.name
        return
    # The configuration's folder is no pattern, whatever its name.
    start, pattern = (folder, path) if not Path(path).is_absolute() else (Path(whole.anchor), path[len(whole.anchor) :])
    # A workbook that is open in Excel has a lock file beside it.
    # One that is being copied there is called otherwise until it is whole.
    found = (match for match in start.glob(pattern) if not match.name.startswith((".", "~$")))
    matches = sorted(match for match in found if match.suffix.lower() not in HALF)
    if not matches:
        raise SourceUnreadable(f"No file fits {whole}.", cure="Check source.path in the configuration.")
    names = [match.name for match in matches]
    for match in matches:
        doubled = names.count(match.name) > 1 and match.is_relative_to(folder)
        yield match, str(match.relative_to(folder)) if doubled else match.name


def _readers(
    file: Path, name: str, wanted: Wanted, encoding: str, delimiter: str, sheet: str, scratch: Path
) -> Iterator[Reader]:
    kind = Path(name).suffix.lower()
    if kind in _OLD:
        raise SourceUnreadable(
            f"{name} is a spreadsheet of a kind in which errors cannot be told from empty cells.",
            cure="Save it as .xlsx, or export it as CSV.",
        )
    if kind == ".zip":
        inner = _unpacked(file, scratch)
        yield from _readers(inner, f"{name}:{inner.name}", wanted, encoding, delimiter, sheet, scratch)
    elif kind in _EXCEL:
        from bridgehead.sources.excel import ExcelReader  # noqa: PLC0415 - only workbooks need it, and XML

        yield ExcelReader(file, sheet, wanted, name)
    elif kind == ".parquet":
        yield ParquetReader(file, name)
    else:
        yield CsvReader(file, encoding, delimiter, wanted, name)


def _unpacked(file: Path, scratch: Path) -> Path:
    """Unpack the one table that a ZIP file holds."""
    try:
        with unchanged(file), zipfile.ZipFile(file) as archive:
            inside = [one for one in archive.namelist() if not one.endswith("/") and not one.startswith("__MACOSX/")]
            if len(inside) != 1:
                raise SourceUnreadable(
                    f"{file.name} holds {len(inside)} files: {', '.join(inside) or 'none'}.",
                    cure="One table in a ZIP file is read. Pack it alone, or unpack them and name them by path.",
                )
            if inside[0].lower().endswith(".zip"):
                raise SourceUnreadable(
                    f"{file.name} holds another ZIP file, {inside[0]}.",
                    cure="Pack the table itself, without a ZIP in it.",
                )
            # Files of one name in different folders stay apart.
            target = Path(mkdtemp(dir=scratch)) / (Path(inside[0]).name or "table")
            with archive.open(inside[0]) as packed, target.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
            return target
    except BROKEN_ZIP as wrong:
        raise SourceUnreadable(f"{file.name} cannot be unpacked: {wrong}.", cure="Ask for the export again.") from None
    except OSError as wrong:
        raise unreadable(file, wrong) from None

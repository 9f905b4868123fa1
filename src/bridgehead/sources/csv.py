"""Planning files as CSV: any delimiter, UTF-8 or a stated encoding, every record with the line it stands on."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bridgehead.errors import MappingMismatch, SourceUnreadable
from bridgehead.ports import Staged
from bridgehead.sources.mapping import Mapping, fit, stage
from bridgehead.tables import Session, TableError

_DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1_048_576
_RAGGED = re.compile(r"CSV Error on Line: (\d+)")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a CSV file turned out to be."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]


def look(path: Path, *, encoding: str = "", delimiter: str = "") -> Shape:
    """Read a file's encoding, delimiter and header; raise SourceUnreadable when it is not what it should be."""
    encoding = encoding or _encoding(path)
    try:
        with path.open(encoding=encoding, newline="") as file:
            first = file.readline()
            if not first.strip():
                raise SourceUnreadable(f"{path} is empty: it has no header.", cure="Ask for the export again.")
            delimiter = delimiter or _delimiter(path, first)
            file.seek(0)
            header = tuple(title.strip() for title in next(csv.reader(file, delimiter=delimiter)))
    except (OSError, UnicodeError, csv.Error, LookupError) as wrong:
        raise unreadable(path, wrong) from None
    doubled = sorted({title for title in header if header.count(title) > 1})
    if doubled:
        raise MappingMismatch(
            f"{path} has the column {doubled[0]!r} more than once.", cure="Give every column a name of its own."
        )
    return Shape(encoding, delimiter, header)


def unreadable(path: Path, wrong: Exception) -> SourceUnreadable:
    """Explain why a file cannot be read."""
    if isinstance(wrong, FileNotFoundError):
        return SourceUnreadable(f"{path} does not exist.", cure="Check source.path in the configuration.")
    if isinstance(wrong, UnicodeError):
        return SourceUnreadable(
            f"{path} is not {getattr(wrong, 'encoding', 'text in the stated encoding')}: {wrong}.",
            cure='Say how it is written: source.encoding = "windows-1252" is what Excel on Windows exports.',
        )
    if isinstance(wrong, LookupError):
        return SourceUnreadable(f"{wrong}.", cure='Use a known name: source.encoding = "windows-1252".')
    words = wrong.strerror if isinstance(wrong, OSError) and wrong.strerror else str(wrong)
    return SourceUnreadable(f"{path} cannot be read: {words}.", cure="Check the file and its permissions.")


def _encoding(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as wrong:
        raise unreadable(path, wrong) from None
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"


def _delimiter(path: Path, first: str) -> str:
    counts = {mark: len(next(csv.reader([first], delimiter=mark))) for mark in _DELIMITERS}
    most = max(counts.values())
    best = [mark for mark, count in counts.items() if count == most]
    if most == 1:
        return ","
    if len(best) > 1:
        raise SourceUnreadable(
            f"{path} could be separated by {' or by '.join(repr(mark) for mark in best)}.",
            cure='Say which it is: source.delimiter = ";".',
        )
    return best[0]


@dataclass(slots=True)
class CsvSource:
    """One CSV file and how its columns are to be read."""

    path: Path
    mapping: Mapping
    encoding: str = ""
    delimiter: str = ""
    _shape: Shape | None = None
    _lines: array[int] = field(default_factory=lambda: array("Q"))
    _starts: Iterator[int] | None = None

    def stage(self, session: Session) -> Staged:
        """Fill `text_rows`."""
        shape = self._shape = look(self.path, encoding=self.encoding, delimiter=self.delimiter)
        fitted = fit(self.mapping, shape.header, self.path.name)
        with TemporaryDirectory(prefix="bridgehead-") as folder:
            readable, digest = self._transcoded(shape, Path(folder))
            try:
                session.load_csv("raw", str(readable), width=len(shape.header), delimiter=shape.delimiter)
            except TableError as wrong:
                raise self._explained(wrong) from None
        stage(session, fitted)
        return Staged(self.path.name, digest, fitted.columns(), tuple(self.mapping.unset))

    def _transcoded(self, shape: Shape, folder: Path) -> tuple[Path, str]:
        """Return the file itself, or a copy in UTF-8 with plain line ends when it is not so already; and its digest."""
        digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder(shape.encoding)()
        plain = shape.encoding in ("utf-8", "utf-8-sig")
        try:
            with self.path.open("rb") as source:
                while chunk := source.read(_CHUNK):
                    digest.update(chunk)
                    decoder.decode(chunk)
                    plain = plain and b"\r" not in chunk
            decoder.decode(b"", final=True)
            if plain:
                return self.path, digest.hexdigest()
            copy = folder / "utf-8.csv"
            with self.path.open(encoding=shape.encoding) as source_text, copy.open("w", encoding="utf-8") as target:
                while text := source_text.read(_CHUNK):
                    target.write(text)
        except (OSError, UnicodeError) as wrong:
            raise unreadable(self.path, wrong) from None
        return copy, digest.hexdigest()

    def _explained(self, wrong: TableError) -> SourceUnreadable:
        words, width = str(wrong), len(self._shape.header) if self._shape else 0
        line = _RAGGED.search(words)
        where = f"{self.path.name}:{line.group(1)}" if line else str(self.path)
        if "Expected Number of Columns" in words:
            return SourceUnreadable(
                f"{where} has another number of fields than the header, which has {width}.",
                cure="A field that holds the delimiter must stand in quotes. Correct the line, or the export.",
            )
        reason = "a quote is not closed" if "quote" in words.lower() else words.split("\n", maxsplit=1)[0]
        return SourceUnreadable(f"{where} cannot be read as CSV: {reason}.", cure="Correct the line, or the export.")

    def locate(self, record: int, column: str) -> str:
        """Say where a record stands. Lines are counted only now, since almost always nobody asks."""
        if self._starts is None:
            self._starts = self._count_lines()
        while len(self._lines) < record:
            self._lines.append(next(self._starts, 0))
        line = self._lines[record - 1]
        return f"{self.path.name}:{line}" + (f" [{column}]" if self._is_wide(column) else "")

    def _is_wide(self, column: str) -> bool:
        return bool(column) and self.mapping.headers is not None and column not in self.mapping.columns

    def _count_lines(self) -> Iterator[int]:
        shape = self._shape or look(self.path, encoding=self.encoding, delimiter=self.delimiter)
        with self.path.open(encoding=shape.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=shape.delimiter)
            next(reader, None)
            line = reader.line_num
            for fields in reader:
                if fields:
                    yield line + 1
                line = reader.line_num

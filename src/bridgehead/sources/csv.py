"""Planning files as CSV: any delimiter, UTF-8 or a stated encoding, every record with the line it stands on."""

from __future__ import annotations

import codecs
import csv
import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from bridgehead.errors import ConfigError, MappingMismatch, SourceUnreadable
from bridgehead.ports import Staged
from bridgehead.sources.mapping import ColumnMapping, fit, stage
from bridgehead.tables import Session, TableError

_DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1_048_576
_LONGEST_FIELD = 100 * _CHUNK


@dataclass(frozen=True, slots=True)
class Shape:
    """What a CSV file turned out to be."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]


def look(path: Path, *, encoding: str = "", delimiter: str = "") -> Shape:
    """Read a file's encoding, delimiter and header; raise SourceUnreadable when it is not what it should be."""
    if len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
        raise ConfigError(
            f"delimiter {delimiter!r} is not one character.",
            cure='For instance: delimiter = ";", or "\\t" for a tab.',
            setting="delimiter",
        )
    encoding = _encoding(path) if encoding.lower().replace("_", "-") in ("", "utf-8", "utf8") else encoding
    try:
        with path.open(encoding=encoding, newline="") as file:
            delimiter = delimiter or _delimiter(path, file)
            file.seek(0)
            header = tuple(title.strip() for title in next(csv.reader(file, delimiter=delimiter), ()))
            if not any(header):
                raise SourceUnreadable(f"{path} is empty: it has no header.", cure="Ask for the export again.")
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


def _delimiter(path: Path, file: TextIO) -> str:
    """Return the mark that separates the header into most fields; two that are as good are an error."""
    counts = {}
    for mark in _DELIMITERS:
        file.seek(0)
        counts[mark] = len(next(csv.reader(file, delimiter=mark), ()))
    most = max(counts.values())
    best = [mark for mark, count in counts.items() if count == most]
    if most <= 1:
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
    mapping: ColumnMapping
    encoding: str = ""
    delimiter: str = ""
    _shape: Shape | None = None
    _lines: array[int] = field(default_factory=lambda: array("Q"))
    _starts: Iterator[int] | None = None
    _mapped: set[str] = field(default_factory=set)
    _last: int = 0

    def stage(self, session: Session) -> Staged:
        """Fill `text_rows`."""
        shape = self._shape = look(self.path, encoding=self.encoding, delimiter=self.delimiter)
        fitted = fit(self.mapping, shape.header, self.path.name)
        self._mapped = set(fitted.columns().values())
        with TemporaryDirectory(prefix="bridgehead-") as folder:
            readable, digest = self._transcoded(shape, Path(folder))
            try:
                session.load_csv("raw", str(readable), width=len(shape.header), delimiter=shape.delimiter)
            except TableError as wrong:
                raise self._explained(wrong, shape) from None
        stage(session, fitted)
        return Staged(self.path.name, digest, fitted.columns(), tuple(self.mapping.unset), self.mapping.decimal)

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

    def _explained(self, wrong: TableError, shape: Shape) -> SourceUnreadable:
        """Find the line that is no CSV by reading again; the table engine counts records, not lines."""
        width, line = len(shape.header), 0
        try:
            for line, fields in self._records(shape, strict=True):
                if fields and len(fields) != width:
                    return SourceUnreadable(
                        f"{self.path.name}:{line} has another number of fields ({len(fields)}) than the header, which "
                        f"has {width}.",
                        cure="A field that holds the delimiter must stand in quotes. Correct the line, or the export.",
                    )
        except csv.Error as bad:
            reason = "a quote is not closed" if "unexpected end" in str(bad) else str(bad)
            return SourceUnreadable(
                f"{self.path.name}:{self._last + 1} cannot be read as CSV: {reason}.",
                cure="Correct the line, or the export.",
            )
        words = str(wrong).split("\n", maxsplit=1)[0]
        return SourceUnreadable(f"{self.path} cannot be read as CSV: {words}.", cure="Correct the export.")

    def locate(self, record: int, column: str) -> str:
        """Say where a record stands. Lines are counted only now, since almost always nobody asks."""
        if self._starts is None:
            self._starts = self._count_lines()
        while len(self._lines) < record:
            self._lines.append(next(self._starts, 0))
        line = self._lines[record - 1]
        return f"{self.path.name}:{line}" + (f" [{column}]" if self._is_wide(column) else "")

    def _is_wide(self, column: str) -> bool:
        return bool(column) and self.mapping.headers is not None and column not in self._mapped

    def _count_lines(self) -> Iterator[int]:
        shape = self._shape or look(self.path, encoding=self.encoding, delimiter=self.delimiter)
        return (line for line, fields in self._records(shape) if fields)

    def _records(self, shape: Shape, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
        """Read the records after the header, each with the line that it begins on."""
        csv.field_size_limit(_LONGEST_FIELD)
        with self.path.open(encoding=shape.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=shape.delimiter, strict=strict)
            next(reader, None)
            self._last = reader.line_num
            for fields in reader:
                yield self._last + 1, fields
                self._last = reader.line_num

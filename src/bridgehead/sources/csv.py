"""CSV: any delimiter, any line end, UTF-8 or a stated encoding, and the line that every record stands on."""

from __future__ import annotations

import codecs
import csv
from array import array
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

import msgspec

from bridgehead.errors import ConfigError, MappingMismatch, SourceUnreadable
from bridgehead.sources.reader import DOUBLED, HEADER_WITHIN, Loaded, Wanted, titled
from bridgehead.sources.settled import Content, unchanged
from bridgehead.tables import Session, TableError, literal

_DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1_048_576
_LONGEST_FIELD = 100 * _CHUNK
_NO_TEXT = {
    b"PK\x03\x04": ("a workbook or a ZIP file", "Call it .xlsx or .zip: it is read as what its name says."),
    b"\xd0\xcf\x11\xe0": ("an old workbook", "Save it as .xlsx, or export it as CSV."),
    b"PAR1": ("a Parquet file", "Call it .parquet: it is read as what its name says."),
}
"""How files begin that are no text: what they are, and what to do."""

_UNSEEN = [bytes([code]) for code in (*range(32), 127) if code != ord("\n")]
"""Control characters but the one that ends lines. Looked for one by one: 0.4 ns a byte for all of them (measured)."""

_LONGEST_LINE = 2_000_000
"""The table engine reads lines of so many bytes, and no plan has longer ones."""


class Shape(msgspec.Struct, frozen=True):
    """What a CSV file turned out to be. skipped: lines before the header, such as a title."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    skipped: int = 0


_ANY = Wanted()


def look(path: Path, *, encoding: str = "", delimiter: str = "", wanted: Wanted = _ANY) -> Shape:
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
            marks = (delimiter,) if delimiter else _DELIMITERS
            tops = {mark: _top(file, mark, wanted) for mark in marks}
            # The header is known by its columns: a title above it may hold more of another mark than the header has.
            known = max(wanted.held_by(top[0]) for top in tops.values())
            fitting = {mark: top for mark, top in tops.items() if wanted.held_by(top[0]) == known}
            delimiter = delimiter or _delimiter(path, {mark: len(top[0]) for mark, top in fitting.items()})
            header, skipped = tops[delimiter]
    except (OSError, UnicodeError, csv.Error, LookupError) as wrong:
        raise unreadable(path, wrong) from None
    if wanted.row and not any(title.strip() for title in header):
        raise ConfigError(
            f"{path} has no header in row {wanted.row}.",
            cure="Correct header_row; without it, the first row that holds all mapped columns is the header.",
            setting="header_row",
        )
    if not any(title.strip() for title in header):
        raise SourceUnreadable(f"{path} is empty: it has no header.", cure="Ask for the export again.")
    doubled = sorted({title for title in titled(header) if titled(header).count(title) > 1})
    if doubled:
        raise MappingMismatch(f"{path} has the column {doubled[0]!r} more than once.", cure=DOUBLED)
    return Shape(encoding, delimiter, titled(header), skipped)


def _top(file: TextIO, mark: str, wanted: Wanted) -> tuple[list[str], int]:
    """Return the header, as this delimiter would read it, and how many lines stand before it."""
    file.seek(0)
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(file, delimiter=mark)
    rows, lines = [], []
    try:
        for row in islice(reader, max(HEADER_WITHIN, wanted.row + wanted.rows)):
            lines.append(reader.line_num)
            rows.append(row)
    except csv.Error:
        if not rows:
            raise
        # Whoever reads the rows says what is wrong with them, and on which line.
    header, number = wanted.header_in(rows)
    return header, lines[number - 1] if header and number else 0


def unreadable(path: Path, wrong: Exception) -> SourceUnreadable:
    """Explain why a file cannot be read."""
    if isinstance(wrong, FileNotFoundError):
        return SourceUnreadable(f"{path} does not exist.", cure="Check source.path in the configuration.")
    if isinstance(wrong, UnicodeError):
        return SourceUnreadable(
            f"{path} is not {getattr(wrong, 'encoding', 'text in the stated encoding')}: {_undecodable(path, wrong)}.",
            cure='Say how it is written: source.encoding = "windows-1252" is what Excel on Windows exports.',
        )
    if isinstance(wrong, LookupError):
        return SourceUnreadable(f"{wrong}.", cure='Use a known name: source.encoding = "windows-1252".')
    words = wrong.strerror if isinstance(wrong, OSError) and wrong.strerror else str(wrong)
    return SourceUnreadable(f"{path} cannot be read: {words}.", cure="Check the file and its permissions.")


def _undecodable(path: Path, wrong: UnicodeError) -> str:
    """Say on which line a byte stands that is no text, and what it would be in Windows-1252."""
    if isinstance(wrong, UnicodeDecodeError) and not wrong.encoding.startswith(("utf-16", "utf-32")):
        with path.open("rb") as file:
            for number, content in enumerate(file, 1):
                try:
                    content.decode(wrong.encoding)
                except UnicodeDecodeError as here:
                    line = number + content[: here.start].count(b"\r")
                    byte = content[here.start : here.start + 1]
                    other = byte.decode("windows-1252", errors="ignore")
                    told = f", which is {other!r} in windows-1252" if other else ""
                    return f"line {line} holds the byte 0x{byte.hex()}{told}"
    return str(wrong)


def _encoding(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as wrong:
        raise unreadable(path, wrong) from None
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for sign, (what, cure) in _NO_TEXT.items():
        if start.startswith(sign):
            raise SourceUnreadable(f"{path} is {what}, whatever its name says.", cure=cure)
    if b"\0" in start:
        order = "be" if start.startswith(b"\0") else "le"
        raise SourceUnreadable(
            f"{path} looks like UTF-16, and has no mark that says so.",
            cure=f'Say how it is written: source.encoding = "utf-16-{order}".',
        )
    return "utf-8-sig"


def _delimiter(path: Path, counts: Mapping[str, int]) -> str:
    """Return the mark that separates the header into most fields; two that are as good are an error."""
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


class _Scanned(msgspec.Struct, frozen=True):
    """What looking through a file told.

    plain: the table engine can take it as it is. marks: how many delimiters it has. quoted: some may stand in quotes.
    padded: there are blanks in it. clean: there is no control character in it but those that end lines and fields.
    """

    plain: bool
    marks: int
    quoted: bool
    padded: bool
    clean: bool = False


def _may_be_plain(shape: Shape) -> bool:
    """Whether the table engine can take a file of this shape, if its lines end as it likes.

    A title above the header is cut off: the engine would not count its blank lines.
    """
    return shape.encoding in ("utf-8", "utf-8-sig") and not shape.skipped


def _fill(session: Session, path: Path, shape: Shape) -> TableError | None:
    """Fill `raw` from a file of UTF-8; return what the table engine found wrong with it."""
    try:
        session.load_csv("raw", str(path), width=len(shape.header), delimiter=shape.delimiter)
    except TableError as wrong:
        if "Out of Memory" in str(wrong):
            raise
        return wrong
    return None


@dataclass(slots=True)
class CsvReader:
    """One CSV file. name: what people call it, when it is not the file's. path must not change while it is read."""

    path: Path
    encoding: str = ""
    delimiter: str = ""
    wanted: Wanted = _ANY
    name: str = ""
    _shape: Shape | None = None
    _lines: array[int] = field(default_factory=lambda: array("Q"))
    _starts: Iterator[int] | None = None
    _last: int = 0
    _content: Content = field(init=False)

    def __post_init__(self) -> None:
        """Call it by its file."""
        self.name = self.name or self.path.name
        self._content = Content(self.path)

    def digest(self) -> str:
        """Return the digest of the file."""
        return self._content.digest()

    def load(self, session: Session, mark: str = ".") -> Loaded:  # noqa: ARG002 - all is text
        """Fill `raw`."""
        with unchanged(self.path), TemporaryDirectory(prefix="bridgehead-") as folder:
            shape = self._shape = look(self.path, encoding=self.encoding, delimiter=self.delimiter, wanted=self.wanted)
            try:
                scanned, wrong = self._read(session, shape)
                if not scanned.plain:
                    copy, marks, quoted = self._copied(shape, Path(folder))
                    scanned = _Scanned(plain=False, marks=marks, quoted=quoted, padded=True)
                    wrong = _fill(session, copy, shape)
                digest = self.digest()
            except OSError as unread:
                raise unreadable(self.path, unread) from None
            if wrong is not None:
                raise self._explained(wrong, shape) from None
            if scanned.marks != self._marks(session, shape, quoted=scanned.quoted):
                # The table engine takes a surplus empty field for nothing, and may have shifted a row that way.
                ragged = self._ragged(shape)
                if ragged is not None:
                    raise ragged
        # In quotes, an end of a line is a part of a cell.
        clean = scanned.plain and scanned.clean and not scanned.quoted
        return Loaded(shape.header, digest, scanned.padded, clean=clean)

    def _read(self, session: Session, shape: Shape) -> tuple[_Scanned, TableError | None]:
        """Look the file through while the table engine already reads it, where it looks as if it could."""
        with ThreadPoolExecutor(1) as beside:
            scanning = beside.submit(self._scanned, shape)
            with self.path.open("rb") as file:
                plain = _may_be_plain(shape) and b"\r" not in file.read(_CHUNK)
            wrong = _fill(session, self.path, shape) if plain else None
            scanned = scanning.result()
            return msgspec.structs.replace(scanned, plain=scanned.plain and plain), wrong

    def _marks(self, session: Session, shape: Shape, *, quoted: bool) -> int:
        """Count the delimiters that a file must have: between the fields, and, where there are quotes, in them."""
        width = len(shape.header)
        between = (int(session.value("SELECT count(*) FROM raw")) + 1) * (width - 1)
        if not quoted:
            return between
        mark = literal(shape.delimiter)
        inside = " + ".join(
            f"coalesce(sum(length(c{one}) - length(replace(c{one}, {mark}, ''))), 0)" for one in range(width)
        )
        titles = sum(title.count(shape.delimiter) for title in shape.header)
        return between + titles + int(session.value(f"SELECT {inside} FROM raw"))  # noqa: S608 - names made here

    def _scanned(self, shape: Shape) -> _Scanned:
        """Look through the file once: whether it is text, what is in it, whether the table engine can take it."""
        decoder = codecs.getincrementaldecoder(shape.encoding)()
        plain = _may_be_plain(shape)
        mark, marks, quoted, padded, clean, ascii_only = shape.delimiter.encode(), 0, False, False, True, plain
        unseen = [sign for sign in _UNSEEN if sign != mark]
        try:
            with self.path.open("rb") as source:
                while chunk := source.read(_CHUNK):
                    # Decoding only says whether it is text, which of ASCII is known.
                    ascii_only = ascii_only and chunk.isascii()
                    if not ascii_only:
                        decoder.decode(chunk)
                    plain = plain and b"\r" not in chunk
                    marks += chunk.count(mark)
                    quoted = quoted or b'"' in chunk
                    padded = padded or b" " in chunk
                    clean = clean and not any(sign in chunk for sign in unseen)
            decoder.decode(b"", final=True)
        except UnicodeError as wrong:
            raise unreadable(self.path, wrong) from None
        return _Scanned(plain, marks, quoted, padded or not ascii_only, clean)

    def _copied(self, shape: Shape, folder: Path) -> tuple[Path, int, bool]:
        """Copy the file so that the table engine can take it; return with it its delimiters, and whether it quotes."""
        copy, marks, quoted = folder / "utf-8.csv", 0, False
        try:
            with self.path.open(encoding=shape.encoding) as source, copy.open("w", encoding="utf-8") as target:
                for _ in range(shape.skipped):
                    source.readline()
                while text := source.read(_CHUNK):
                    target.write(text)
                    marks += text.count(shape.delimiter)
                    quoted = quoted or '"' in text
        except UnicodeError as wrong:
            raise unreadable(self.path, wrong) from None
        return copy, marks, quoted

    def _ragged(self, shape: Shape) -> SourceUnreadable | None:
        """Find the first line with another number of fields than the header, or one that is too long."""
        width = len(shape.header)
        for line, fields in self._records(shape, strict=True):
            if sum(map(len, fields)) > _LONGEST_LINE:
                return SourceUnreadable(
                    f"{self.name}:{line} is longer than {_LONGEST_LINE:,} characters.",
                    cure="Is a quote not closed? Correct the line, or the export.",
                )
            if fields and len(fields) != width:
                return SourceUnreadable(
                    f"{self.name}:{line} has another number of fields ({len(fields)}) than the header, which "
                    f"has {width}.",
                    cure="A field that holds the delimiter must stand in quotes. Correct the line, or the export.",
                )
        return None

    def _explained(self, wrong: TableError, shape: Shape) -> SourceUnreadable:
        """Find the line that is no CSV by reading again; the table engine counts records, not lines."""
        try:
            ragged = self._ragged(shape)
            if ragged is not None:
                return ragged
        except csv.Error as bad:
            reason = "a quote is not closed" if "unexpected end" in str(bad) else str(bad)
            return SourceUnreadable(
                f"{self.name}:{self._last + 1} cannot be read as CSV: {reason}.",
                cure="Correct the line, or the export.",
            )
        words = str(wrong).split("\n", maxsplit=1)[0]
        return SourceUnreadable(f"{self.path} cannot be read as CSV: {words}.", cure="Correct the export.")

    def locate(self, record: int, column: str) -> str:  # noqa: ARG002 - a line is as near as CSV comes
        """Say on which line a record begins. Lines are counted only now, since almost always nobody asks."""
        if self._starts is None:
            self._starts = self._count_lines()
        while len(self._lines) < record:
            self._lines.append(next(self._starts, 0))
        return f"{self.name}:{self._lines[record - 1]}"

    def _count_lines(self) -> Iterator[int]:
        shape = self._shape or look(self.path, encoding=self.encoding, delimiter=self.delimiter, wanted=self.wanted)
        return (line for line, fields in self._records(shape) if fields)

    def _records(self, shape: Shape, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
        """Read the records after the header, each with the line that it begins on."""
        csv.field_size_limit(_LONGEST_FIELD)
        with self.path.open(encoding=shape.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=shape.delimiter, strict=strict)
            while reader.line_num <= shape.skipped and next(reader, None) is not None:
                pass
            self._last = reader.line_num
            for fields in reader:
                yield self._last + 1, fields
                self._last = reader.line_num

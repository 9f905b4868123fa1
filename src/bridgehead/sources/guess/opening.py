"""Opening tables that nobody described: encoding, delimiter, sheet and header, tried with the readers themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bridgehead.errors import ConfigError, DataError, MappingMismatch
from bridgehead.sources.csv import CsvReader, unreadable
from bridgehead.sources.excel import ExcelReader
from bridgehead.sources.files import open_files
from bridgehead.sources.guess.encodings import Written, encoding_of
from bridgehead.sources.guess.headers import Found, Likely, score
from bridgehead.sources.guess.profile import Profile, begin_tally, profile, tally
from bridgehead.sources.reader import Loaded, Reader
from bridgehead.tables import Session

_USUAL, _SELDOM = (",", ";", "\t", "|"), ("^", "~", ":", "\x1f", "\x01", "#")


@dataclass(frozen=True, slots=True)
class Where:
    """What is to be looked at, and what was said about it. path: from folder; or connection and query."""

    folder: Path = Path()
    path: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    connection: str = ""
    query: str = ""


@dataclass(slots=True)
class Opened:
    """The tables as they were read, and which settings of the source that took. written: how text files are written.

    sheets: of a workbook that has several; rivals: those that look as good. delimiters: that fit as well.
    mixed: files that are written in another encoding than the first. headers: of each table; found: where the first is.
    """

    profile: Profile
    names: list[str] = field(default_factory=list)
    headers: list[tuple[str, ...]] = field(default_factory=list)
    found: Found = field(default_factory=Found)
    written: Written = field(default_factory=Written)
    encoding: str = ""
    delimiter: str = ""
    delimiters: tuple[str, ...] = ()
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()
    kind: str = ""


def open_tables(where: Where, session: Session, scratch: Path, reader: Reader | None = None) -> Opened:
    """Read all tables that a path means into the session's `cells`; raise DataError or ConfigError when one cannot be.

    reader: of a database, instead of the path.
    """
    likely = Likely()
    readers: list[Reader] = [reader] if reader is not None else []
    if reader is None:
        readers = list(open_files(where.folder, where.path, scratch, wanted=likely))
    opened = Opened(Profile((), 0))
    _say(readers, where, opened)
    begin_tally(session)
    titles: list[str] = []
    numbers: set[str] = set()
    texts: set[str] = set()
    rows = 0
    for number, one in enumerate(readers):
        mine = opened if number == 0 else Opened(Profile((), 0))
        loaded = _load(one, session, mine)
        header = loaded.header
        numbers |= loaded.numbers
        texts |= set(header) - loaded.numbers
        opened.sheet = _both(opened.sheet, mine.sheet)
        doubled = sorted({title for title in header if header.count(title) > 1})
        if doubled:
            raise MappingMismatch(
                f"{one.name} has the column {doubled[0]!r} more than once.", cure="Give every column a name of its own."
            )
        opened.names.append(one.name)
        opened.headers.append(header)
        rows += tally(session, header, titles, rows)
        if number == 0:
            opened.found = likely.seen.get(header, Found())
    opened.profile = profile(session, titles, rows, numbers=numbers - texts)
    return opened


def _both(one: str, two: str) -> str:
    """Return the pattern that both sheets fit."""
    if not one or not two or one == two:
        return one or two
    alike = 0
    while alike < min(len(one), len(two)) and one[alike] == two[alike]:
        alike += 1
    return f"{one[:alike]}*"


def _say(readers: Sequence[Reader], where: Where, opened: Opened) -> None:
    """Tell the readers what they cannot know: encoding, delimiter, sheet."""
    texts = [one for one in readers if isinstance(one, CsvReader)]
    opened.kind = "text" if texts else "workbook" if any(isinstance(one, ExcelReader) for one in readers) else "table"
    found = {}
    for one in texts:
        try:
            found[one.name] = Written(where.encoding) if where.encoding else encoding_of(one.path)
        except OSError as wrong:
            raise unreadable(one.path, wrong) from None
        one.encoding, one.delimiter = found[one.name].encoding, where.delimiter
    if texts:
        opened.delimiter = where.delimiter
        opened.written = next((one for one in found.values() if one.encoding), Written())
        odd = {name: one.encoding for name, one in found.items() if one.encoding != opened.written.encoding}
        plain = {one.name for one in texts if one.name in odd and _is_ascii(one.path)}
        opened.mixed = tuple(name for name in odd if name not in plain)
        opened.encoding = "" if opened.mixed else opened.written.encoding
    for book in readers:
        if isinstance(book, ExcelReader):
            book.sheet = where.sheet
            opened.sheet = where.sheet


def _is_ascii(path: Path) -> bool:
    with path.open("rb") as file:
        return all(chunk.isascii() for chunk in iter(lambda: file.read(1_048_576), b""))


def _load(reader: Reader, session: Session, opened: Opened) -> Loaded:
    """Fill `raw` from one table."""
    if isinstance(reader, ExcelReader) and not reader.sheet:
        return _best_sheet(reader, session, opened)
    if not isinstance(reader, CsvReader) or reader.delimiter:
        return reader.load(session)
    wrong: DataError | None = None
    try:
        loaded = reader.load(session)
        if len(loaded.header) > 1:
            return loaded
        marks: tuple[str, ...] = _SELDOM
    except DataError as refused:
        wrong, marks = refused, _USUAL
    fitting = [(mark, found) for mark in marks if len(found := _with(reader, mark, session)) > 1]
    if fitting and (wrong is not None or score(fitting[0][1]) >= _CLEAR):
        reader.delimiter = max(fitting, key=lambda one: score(one[1]))[0]
        opened.delimiter = reader.delimiter if len(fitting) == 1 else ""
        opened.delimiters = tuple(mark for mark, _ in fitting) if len(fitting) > 1 else ()
    elif wrong is not None:
        raise wrong
    return reader.load(session)


_CLEAR = 4
"""So much a header has to say before a seldom delimiter is believed."""


def _with(reader: CsvReader, mark: str, session: Session) -> tuple[str, ...]:
    """Return the header as a delimiter would have it, empty when the file cannot be read with it."""
    reader.delimiter = mark
    try:
        return reader.load(session).header
    except DataError:
        return ()
    finally:
        reader.delimiter = ""


def _best_sheet(reader: ExcelReader, session: Session, opened: Opened) -> Loaded:
    """Take the sheet whose header says most; remember those that are as good."""
    try:
        return reader.load(session)
    except ConfigError as several:
        if several.setting != "sheet":
            raise
        rated = list(_rated(reader, session))
        most = max((rating for rating, _ in rated), default=0)
        if not most:
            raise
    best = [title for rating, title in rated if rating == most]
    opened.sheets = tuple(title for _, title in rated)
    opened.sheet, opened.rivals = best[0], tuple(best[1:])
    reader.sheet = best[0]
    return reader.load(session)


def _rated(reader: ExcelReader, session: Session) -> Iterator[tuple[int, str]]:
    for title in _sheets(reader.path):
        reader.sheet = title
        try:
            header = reader.load(session).header
        except DataError:
            yield 0, title
            continue
        filled = bool(session.value("SELECT count(*) FROM raw"))
        yield score(header) if filled else 0, title
    reader.sheet = ""


def _sheets(path: Path) -> list[str]:
    """Return the sheets of a workbook that are shown; that it can be read is known here."""
    import python_calamine as calamine  # noqa: PLC0415 - an extra

    book = calamine.CalamineWorkbook.from_path(str(path))
    visible, sheet = calamine.SheetVisibleEnum.Visible, calamine.SheetTypeEnum.WorkSheet
    return [one.name for one in book.sheets_metadata if one.visible == visible and one.typ == sheet]

"""Crosswalks: files that translate our plan's codes into UKG's, for good or from a month on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bridgehead.errors import ConfigError, SourceUnreadable
from bridgehead.sources.mapping.periods import Calendar
from bridgehead.sources.mapping.settings import ColumnMapping, CrosswalkFile
from bridgehead.sources.settled import unchanged

FOREVER = date(9999, 12, 1)
_BEGINNING = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """One dimension's translations. rows: old code, first month, month after the last, new code. dated: moves."""

    dimension: str
    rows: tuple[tuple[str, date, date, str], ...]
    dated: bool
    refuses: bool


def load_crosswalks(mapping: ColumnMapping, folder: Path) -> tuple[Crosswalk, ...]:
    """Read the crosswalk files; raise SourceUnreadable or ConfigError naming file and line."""
    return tuple(_load(name, one, folder / one.path) for name, one in mapping.crosswalks.items())


def _load(dimension: str, settings: CrosswalkFile, path: Path) -> Crosswalk:
    setting = f"crosswalks.{dimension}"
    try:
        with unchanged(path), path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.DictReader(file, strict=True)
            titles = [title for title in (settings.old, settings.new, settings.effective) if title]
            lines.fieldnames = header = [title.strip() for title in lines.fieldnames or ()]
            wrong = [title for title in titles if header.count(title) != 1]
            if wrong:
                told = "more than one column" if wrong[0] in header else "no column"
                raise ConfigError(
                    f"{path.name} has {told} {wrong[0]!r}. Its columns are: {', '.join(header)}.",
                    cure=f'For instance: {setting} = {{ path = "{settings.path}", from = "Old", to = "New" }}.',
                    setting=setting,
                )
            found = list(_rows(lines, settings, path.name))
    except (OSError, UnicodeError, csv.Error) as wrong:
        words = wrong.strerror if isinstance(wrong, OSError) and wrong.strerror else str(wrong)
        raise SourceUnreadable(
            f"The crosswalk {path} cannot be read: {words}.",
            cure=f"Correct {setting}.path; a crosswalk is a CSV file in UTF-8 with commas.",
        ) from None
    dated = bool(settings.effective)
    unknown = settings.unknown or ("keep" if dated else "refuse")
    return Crosswalk(dimension, tuple(_until(found)), dated, refuses=unknown == "refuse")


def _rows(lines: csv.DictReader[str], settings: CrosswalkFile, name: str) -> Iterator[tuple[str, date, str]]:
    seen: dict[tuple[str, date], int] = {}
    read = Calendar({}, None).reader("iso")
    for line in lines:
        old, new = (str(line[title] or "").strip() for title in (settings.old, settings.new))
        written = str(line[settings.effective] or "").strip() if settings.effective else ""
        first = read(written) if settings.effective else _BEGINNING
        where = f"{name}:{lines.line_num}"
        if None in line:
            raise SourceUnreadable(
                f"{where} has more fields than the header.", cure="A code that holds a comma must stand in quotes."
            )
        if not old or not new or first is None or first.day != 1:
            told = "from and to" if not old or not new else f"a month such as 2027-04, not {written!r}"
            raise SourceUnreadable(f"{where} lacks {told}.", cure="Correct the crosswalk.")
        other = seen.setdefault((old, first), lines.line_num)
        if other != lines.line_num:
            raise SourceUnreadable(
                f"{where} translates {old!r} once more; line {other} does so already.", cure="Keep one of the lines."
            )
        yield old, first, new


def _until(rows: list[tuple[str, date, str]]) -> Iterator[tuple[str, date, date, str]]:
    """Give each line its end: where the next one of the same code begins."""
    begins: dict[str, list[date]] = {}
    for old, first, _ in rows:
        begins.setdefault(old, []).append(first)
    for old, first, new in rows:
        later = [one for one in begins[old] if one > first]
        yield old, first, min(later, default=FOREVER), new


def renames(crosswalks: tuple[Crosswalk, ...]) -> list[tuple[str, str, date, date, str]]:
    """Return the moves: dimension, code until then, first month, month after the last, new code.

    A code of ours is one that UKG may have had, and so is each that it was translated into before, unless another code
    of ours means that one then.
    """
    found: dict[tuple[str, str, date, date, str], None] = {}
    for one in crosswalks:
        for old, first, until, new in one.rows if one.dated else ():
            earlier = [target for code, begin, _, target in one.rows if code == old and begin < first]
            meant = {target for code, begin, end, target in one.rows if code != old and begin < until and end > first}
            for code in dict.fromkeys([old, *(target for target in earlier if target not in meant)]):
                if code != new:
                    found[one.dimension, code, first, until, new] = None
    return list(found)

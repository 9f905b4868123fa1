"""What is being found out about a plan: settings, what each column is taken for, and what a person has to say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from bridgehead.sources.guess.opening import Opened
from bridgehead.sources.guess.profile import Column
from bridgehead.sources.guess.titles import measure_of, read_title
from bridgehead.sources.guess.words import ACTUAL, PLANNED, plain


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the file does not tell. setting: which decides it; readings: lines that would.

    must: `plan` refuses until it is answered; else it is a guess that somebody should look at.
    """

    setting: str
    words: str
    readings: tuple[str, ...] = ()
    must: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a table: the names of file and sheet, and the rows above its header."""

    texts: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, opened: Opened) -> Context:
        """Gather it."""
        cells = [[cell.strip() for cell in row if cell.strip()] for row in opened.found.above]
        pairs = [(row[0].rstrip(":"), row[1]) for row in cells if len(row) == 2]
        pairs += [tuple(row[0].split(":", 1)) for row in cells if len(row) == 1 and ":" in row[0]]  # type: ignore[misc]
        names = [PurePath(name.rpartition(":")[2]).stem for name in opened.names[:1]]
        names += [opened.sheet] if "*" not in opened.sheet and not opened.rivals else []
        return cls(
            (*names, *(row[0] for row in cells if len(row) == 1)),
            tuple((one.strip(), two.strip()) for one, two in pairs if two.strip()),
        )

    def said(self, field_name: str) -> str:
        """Return what a line above the header says of a field, such as `Scenario: Budget`."""
        for title, value in self.pairs:
            meant = read_title(title).meant
            if meant and meant[0].field == field_name:
                return value
        return ""

    def scenario(self) -> str:
        """Return the word for a plan that stands around the table."""
        for text in self.texts:
            for word in plain(text).split():
                if word in ("budget", "forecast"):
                    return word
        found = [word for text in self.texts for word in plain(text).split() if word in (*PLANNED, *ACTUAL)]
        return {"fcst": "forecast", "reforecast": "forecast"}.get(found[0], "") if found else ""

    def version(self) -> str:
        """Return the version that stands around the table."""
        found = [match for text in self.texts for match in re.findall(r"(?<![^\W_])[vV]\d{1,2}(?![^\W_])", text)]
        return found[0].lower() if len(set(found)) == 1 else ""

    def year(self) -> str:
        """Return the only year that stands around the table."""
        found = {year for text in self.texts for year in re.findall(r"(?<!\d)20[1-9]\d(?!\d)", text)}
        return found.pop() if len(found) == 1 else ""

    def measure(self) -> str:
        """Return the measure that stands around the table."""
        found = [measure for text in self.texts if (measure := measure_of(text))]
        return found[0] if found else ""


@dataclass(slots=True)
class Draft:
    """The mapping as far as it is known. settings: by their names; roles: of columns, by number.

    notes: short comments beside settings. offers: lines for a person to take over, written as comments; others: what
    may be added to a setting. ranks: how well the titles of mapped fields fit.
    """

    opened: Opened
    context: Context
    settings: dict[str, Any] = field(default_factory=dict)
    roles: dict[int, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    offers: dict[str, list[str]] = field(default_factory=dict)
    others: dict[str, list[Any]] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    header_row: int = 0

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns of the file."""
        return self.opened.profile.columns

    def free(self) -> list[Column]:
        """Return the columns that nothing is known about."""
        return [column for column in self.columns if column.number not in self.roles]

    def take(self, column: Column, role: str) -> None:
        """Say what a column is taken for."""
        self.roles[column.number] = role

    def map(self, ours: str, column: Column) -> None:
        """Take a column for one of our fields. Files of one plan may call it differently."""
        mapped = self.settings.setdefault("columns", {})
        mapped[ours] = column.name if ours not in mapped else [*_listed(mapped[ours]), column.name]
        self.roles[column.number] = ours

    def ask(self, setting: str, words: str, *readings: str, must: bool = True) -> None:
        """Ask a person."""
        self.questions.append(Question(setting, words, readings, must))

    def look(self, setting: str, words: str, *readings: str) -> None:
        """Show a guess to a person."""
        self.ask(setting, words, *readings, must=False)

    def known(self, *fields: str) -> bool:
        """Whether one of these fields comes from anywhere."""
        return any(one in self.sources() for one in fields)

    def sources(self) -> set[str]:
        """Return the fields that come from columns, constants, headers, a cell or an account."""
        found = {*self.settings.get("columns", {}), *self.settings.get("constants", {})}
        found |= {one for one in self.settings.get("pov", {}).get("fields", ()) if one}
        found |= set(self.settings.get("measure", {}).get("words", {}).values())
        headers = self.settings.get("headers", {})
        found |= {headers["measure"]} if headers.get("measure") else set()
        found |= set(headers.get("measures", {}).values())
        groups = set(re.findall(r"\?P<(\w+)>", headers.get("pattern", "")))
        found |= {"year" if one == "yy" else one for one in groups - {"measure"}}
        return found | ({"period_start"} if {"year", "month"} <= found else set())

    def constant(self, ours: str, value: str, note: str) -> None:
        """Set a field for every row."""
        self.settings.setdefault("constants", {})[ours] = value
        self.notes[f"constants.{ours}"] = note


def cells(count: int) -> str:
    """Return how many cells that is, as people say it."""
    return f"{count:,} cell{'' if count == 1 else 's'}"


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names

"""What the columns of the tables hold, counted over every row; the guesses are made from this alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bridgehead.sources.guess.titles import Title, read_title
from bridgehead.sources.guess.words import MISSING
from bridgehead.tables import Session, question

_HERE = "bridgehead.sources.guess"
_ALL, _SOME = 5000, 200
_GROUP = r"[+-]?\d{1,3}"
_BLANK = "[ \u00a0\u202f]"
_JOINT = "[ '\u00a0\u202f]"


def _decimals(mark: str, other: str) -> str:
    """Compose what proves that a mark stands before the decimals. Both are escaped."""
    plain = rf"[+-]?(\d*{mark}(\d{{1,2}}|\d{{4,}})|0{mark}\d+|\d{{4,}}{mark}\d+)"
    return rf"{plain}|{_GROUP}(({other}\d{{3}})+|({_JOINT}\d{{3}})+){mark}\d+"


def _groups(mark: str, other: str) -> str:
    """Compose what proves that a mark groups thousands."""
    return rf"{_GROUP}(({mark}\d{{3}}){{2,}}|({mark}\d{{3}})+{other}\d*)"


_PATTERNS = {
    "numeric": r"[+(-]?(\d+|\d{1,3}([.,' \x{00a0}\x{202f}\x{2019}]\d{3})+)([.,]\d*)?[)%-]?|[+-]?[.,]\d+",
    "coded": r"0\d+",
    "comma_decimal": _decimals(",", r"\."),
    "point_decimal": _decimals(r"\.", ","),
    "comma_groups": _groups(",", r"\."),
    "point_groups": _groups(r"\.", ","),
    "either_comma": r"[+-]?[1-9]\d{0,2},\d{3}",
    "either_point": r"[+-]?[1-9]\d{0,2}\.\d{3}",
    "spaced": rf"{_GROUP}({_BLANK}\d{{3}})+([.,]\d*)?",
    "quoted": rf"{_GROUP}('\d{{3}})+([.,]\d*)?",
}


@dataclass(frozen=True, slots=True)
class Notations:
    """How many texts of a column are written in which notation of numbers.

    comma_decimal: prove a decimal comma. comma_groups: prove commas that group. either_comma: 1,234, which is both.
    comma, point: the first text that proves what commas, or points, mean. either: the first that proves nothing.
    """

    coded: int = 0
    comma_decimal: int = 0
    point_decimal: int = 0
    comma_groups: int = 0
    point_groups: int = 0
    either_comma: int = 0
    either_point: int = 0
    spaced: int = 0
    quoted: int = 0
    comma: str = ""
    point: str = ""
    either: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column over all tables. filled: cells that are not blank; numeric: of these, numbers.

    texts: the different ones with how often they stand there, in the order of the file; complete: these are all.
    """

    number: int
    title: Title
    rows: int
    filled: int = 0
    distinct: int = 0
    numeric: int = 0
    notations: Notations = Notations()
    texts: tuple[tuple[str, int], ...] = ()

    @property
    def name(self) -> str:
        """The title as it stands in the file."""
        return self.title.text

    @property
    def values(self) -> list[str]:
        """The different texts."""
        return [text for text, _ in self.texts]

    @property
    def complete(self) -> bool:
        """Whether the texts are all of them."""
        return len(self.texts) == self.distinct

    @property
    def present(self) -> int:
        """How many cells hold something that does not mean absent, and is no title repeated on another page."""
        return self.filled - sum(times for text, times in self.texts if text in MISSING or text == self.name)

    @property
    def counts(self) -> bool:
        """Whether its cells are numbers, and no codes: hardly any other text, no leading zeros."""
        return self.present > 0 and self.numeric * 10 >= self.present * 9 and not self.notations.coded

    def largest(self, mark: str) -> float:
        """Return the largest number. mark: what stands before the decimals."""
        bare = (re.sub(rf"[^\d{mark}]", "", text).replace(mark, ".") for text in self.values)
        return max((float(text) for text in bare if re.fullmatch(r"\d+(\.\d*)?", text)), default=0.0)

    def fractions(self, mark: str) -> int:
        """Count the cells that hold parts of one. mark: what stands before the decimals."""
        return sum(times for text, times in self.texts if text.partition(mark)[2].strip("0") and text[-1].isdigit())


@dataclass(frozen=True, slots=True)
class Profile:
    """All columns of all tables, in the order of the first, and how many rows there are."""

    columns: tuple[Column, ...]
    rows: int

    def titled(self, title: str) -> Column:
        """Return a column by its title."""
        return next(column for column in self.columns if column.name == title)


def begin_tally(session: Session) -> None:
    """Make the table of cells anew."""
    session.fill("cells", ("number INTEGER", "text VARCHAR", "times BIGINT", "first BIGINT"), [])


def tally(session: Session, header: Sequence[str], titles: list[str], after: int) -> int:
    """Add the table `raw` to the cells; return its rows. titles: of all tables, made longer. after: rows before it."""
    titles += [title for title in header if title not in titles]
    places = [(f"c{index}", titles.index(title)) for index, title in enumerate(header)]
    session.fill("places", ("place VARCHAR", "number INTEGER"), places)
    session.ask(question(_HERE, "tally"), {"after": after})
    return int(session.value("SELECT count(*) FROM raw"))


def profile(session: Session, titles: Sequence[str], rows: int, *, numbers: Collection[str] = ()) -> Profile:
    """Count what the cells hold. numbers: columns of numbers that are no texts: how they are written tells nothing."""
    counted = {row[0]: row[1:] for row in session.ask(question(_HERE, "columns"), _PATTERNS)}
    texts: dict[int, list[tuple[str, int]]] = {}
    for number, text, times in session.ask(question(_HERE, "texts"), {"all": _ALL, "some": _SOME}):
        texts.setdefault(number, []).append((text, times))
    columns = []
    for number, title in enumerate(titles):
        read = read_title(title)
        if number not in counted:
            columns.append(Column(number, read, rows))
            continue
        filled, distinct, numeric, *rest = counted[number]
        notations = (
            Notations(*rest[:9], *(one or "" for one in rest[9:])) if title not in numbers else Notations(rest[0])
        )
        columns.append(Column(number, read, rows, filled, distinct, numeric, notations, tuple(texts.get(number, ()))))
    return Profile(tuple(columns), rows)

"""How months are written: every reading that fits all of the texts, and which of them the texts prove."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import permutations
from typing import Literal

from bridgehead.sources.guess.words import plain
from bridgehead.sources.mapping.periods import Calendar

_NAMES = {
    1: "jan january januar janner jaenner janv janvier ene enero januari gen gennaio janeiro styczen "
    "stycznia sty tammikuu tammi leden",
    2: "feb february februar feber fev fevr fevrier febrero febr februari febbraio fevereiro luty "
    "lutego lut helmikuu helmi unor",
    3: "mar march marz maerz mrz mars marzo mrt maart marco marts marzec marca maaliskuu maalis brezen",
    4: "apr april avr avril abr abril aprile kwiecien kwietnia kwi huhtikuu huhti duben",
    5: "may mai mayo mei mag maggio maio maj maja toukokuu touko kveten",
    6: "jun june juni juin junio giu giugno junho czerwiec czerwca cze kesakuu kesa cerven",
    7: "jul july juli juil juillet julio lug luglio julho lipiec lipca lip heinakuu heina cervenec",
    8: "aug august aout ago agosto augustus augusti sierpien sierpnia sie elokuu elo srpen",
    9: "sep sept september septembre septiembre set settembre setembro wrzesien wrzesnia wrz syyskuu syys zari",
    10: "oct october okt oktober octobre octubre ott ottobre out outubro pazdziernik pazdziernika paz "
    "lokakuu loka rijen",
    11: "nov november novembre noviembre novembro listopad listopada lis marraskuu marras",
    12: "dec december dez dezember decembre dic diciembre dicembre dezembro des desember grudzien "
    "grudnia gru joulukuu joulu prosinec",
}
MONTHS = {name: number for number, names in _NAMES.items() for name in names.split()}
FISCAL_WORDS = frozenset(["fy", "gj", "fj", "bj", "ej", "ex", "fiscal", "exercice", "af"])
_PERIOD_WORDS = frozenset(["p", "per", "period", "periode", "periodo", "fp", "pd"])
_MONTH_WORDS = frozenset(["m", "month", "mon", "monat", "mois", "mes", "mese", "maand", "mo"])
LEADING = FISCAL_WORDS | _PERIOD_WORDS | _MONTH_WORDS
"""Words that may stand inside of a period."""
MIDNIGHT = re.compile(r"[ T](00:00(:00)?(\.0+)?( ?Z|\+00(:?00)?)?|12:00(:00)? AM)$")
_ISO_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_PARTS = re.compile(r"\d+|[^\W\d_]+\.?|[\W_]+")
_SERIALS = range(36526, 73051)
"""2000 to 2100, as a spreadsheet counts days."""

Kind = Literal["month", "part", "year", "serial"]


@dataclass(frozen=True, slots=True)
class Part:
    """One run of digits, letters or marks. kind: n, a number; m, a month's name; w, another word; s, marks."""

    kind: str
    text: str

    @property
    def shape(self) -> str:
        """What it has in common with the same part of other texts."""
        if self.kind == "n":
            return f"n{2 if len(self.text) < 3 else len(self.text)}"
        return "m" if self.kind == "m" else self.text


@cache
def parts_of(text: str) -> tuple[Part, ...]:
    """Take a text apart."""
    found = []
    for piece in _PARTS.findall(text):
        kind = "n" if piece.isascii() and piece.isdecimal() else "w" if piece[0].isalnum() else "s"
        if kind == "w" and plain(piece) in MONTHS:
            kind = "m"
        elif kind == "w" and piece.endswith("."):
            found += [Part("w", piece[:-1]), Part("s", ".")]
            continue
        found.append(Part(kind, piece))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read texts of one shape. roles: of each part: %Y %y %m %b %d %D, or empty; tail: a midnight."""

    parts: tuple[Part, ...]
    roles: tuple[str, ...]
    tail: str = ""

    @property
    def written(self) -> str:
        """As a period_format. A day that is always the last one is not read."""
        told = [role or part.text.replace("%", "%%") for part, role in zip(self.parts, self.roles, strict=True)]
        composed = "".join(told) + self.tail
        return "iso" if composed in ("%Y-%m", "%Y-%m-%d") and self._exact() else composed

    def _exact(self) -> bool:
        return all(len(part.text) != 1 for part in self.parts if part.kind == "n")

    @property
    def kind(self) -> Kind:
        """Whether it makes a whole month, or half of one."""
        given = "".join(self.roles).lower()
        return "part" if "%y" not in given else "month" if "%m" in given or "%b" in given else "year"

    def day(self, text: str) -> date | None:
        """Return the day that a text means, the first of the month where it names none."""
        found = {"year": 2000, "month": 1, "day": 1}
        parts = parts_of(MIDNIGHT.sub("", text))
        if len(parts) != len(self.parts):  # 2027-01 among 2027-01-01, both of which are iso
            return date.fromisoformat(f"{text}-01") if _ISO_MONTH.fullmatch(text) else None
        for part, role in zip(parts, self.roles, strict=True):
            found |= dict(_numbers(part.text, role))
        try:
            return date(found["year"], found["month"], found["day"])
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Notation:
    """How most of some texts write a period. kind: month, a whole one; part or year, half of one; serial.

    other: the reading that fits as well, when nothing tells. decided: the text that proved it. days: first or last of
    months, or any. fiscal: it may count in a fiscal calendar. names: months that are not called in English.
    """

    kind: Kind
    written: str
    reading: Reading | None
    other: Reading | None = None
    decided: str = ""
    days: Literal["", "first", "last", "any"] = ""
    fiscal: bool = False
    names: dict[str, int] = field(default_factory=dict)
    read: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def span(self) -> tuple[date, date] | None:
        """Return the first and the last month."""
        if self.reading is None or self.kind != "month":
            return None
        days = [day for text in self.read if (day := self.reading.day(text))]
        return (min(days).replace(day=1), max(days).replace(day=1)) if days else None


def notation_of(texts: Sequence[str]) -> Notation | None:
    """Return how texts write their periods, None when fewer than half of them are any."""
    if texts and all(re.fullmatch(r"\d{5}(\.0+)?", text) and int(text[:5]) in _SERIALS for text in texts):
        return Notation("serial", "excel-serial", None, read=tuple(texts))
    shapes = Counter(_shape(text) for text in texts)
    best: Notation | None = None
    for shape, count in shapes.most_common(3):
        mine = [text for text in texts if _shape(text) == shape]
        found = _of_shape(mine)
        if found is None or (best is not None and len(best.read) >= count):
            continue
        best = found
    if best is None:
        return None
    read = best.read
    if best.written == "iso":  # both 2027-01 and 2027-01-01 are
        read = tuple(text for text in texts if text in set(best.read) or _ISO_MONTH.fullmatch(text))
    if best.kind == "part":  # January and 1 are both read
        read = tuple(text for text in texts if text in set(read) or _single_part(text))
    unread = tuple(text for text in texts if text not in set(read))
    return replace(best, read=read, unread=unread) if len(read) * 2 >= len(texts) else None


def _single_part(text: str) -> bool:
    found = _of_shape([text])
    return found is not None and found.kind == "part"


def _shape(text: str) -> tuple[str, ...]:
    tail = MIDNIGHT.search(text)
    return (*(part.shape for part in parts_of(MIDNIGHT.sub("", text))), tail.group() if tail else "")


def _of_shape(texts: Sequence[str]) -> Notation | None:
    """Find the readings of texts that have one shape, and what tells them apart."""
    readings = _readings(texts)
    kinds: tuple[Kind, ...] = ("month", "part", "year")
    for kind in kinds:
        fitting = [one for one in readings if one.kind == kind and (kind == "month" or "0%m" not in one.roles)]
        if fitting:
            return _decided(kind, fitting, texts)
    return None


def _decided(kind: Kind, readings: Sequence[Reading], texts: Sequence[str]) -> Notation:
    firsts, lasts = ([one for one in readings if _all(one, texts, last=last)] for last in (False, True))
    chosen, days = readings, _days(readings, bool(firsts), bool(lasts))
    # Several days that are all the first of a month under one reading only decide it; a single one does not.
    if days and (len(set(texts)) > 1 or len(readings) == len(firsts)):
        chosen = firsts or lasts or readings
    best = chosen[0]
    other = next((one for one in chosen if any(one.day(text) != best.day(text) for text in texts)), None)
    decided = "" if other else _proof(best, [one for one in readings if one is not best] or _rivals(best), texts)
    if days == "last":
        best = replace(best, roles=tuple(role.replace("%d", "%D") for role in best.roles))
    words = {plain(part.text) for part in best.parts if part.kind == "w"}
    fiscal = bool(words & FISCAL_WORDS) or ("%m" in best.roles and bool(words & _PERIOD_WORDS))
    fiscal = fiscal or any("0%m" in role for role in best.roles)
    return Notation(kind, best.written, best, other, decided, days, fiscal, _names(best, texts), tuple(texts))


def _days(readings: Sequence[Reading], firsts: bool, lasts: bool) -> Literal["", "first", "last", "any"]:  # noqa: FBT001
    if not any("%d" in role for one in readings for role in one.roles):
        return ""
    return "first" if firsts else "last" if lasts else "any"


def _all(reading: Reading, texts: Sequence[str], *, last: bool) -> bool:
    days = [reading.day(text) for text in texts]
    if last:
        return all(day and day.day == calendar.monthrange(day.year, day.month)[1] for day in days)
    return all(day and day.day == 1 for day in days)


def _rivals(best: Reading) -> list[Reading]:
    """Return the reading that exchanges day and month, to name the text that rules it out."""
    whole = "".join(best.roles)
    if "%d" not in best.roles or "%m" not in best.roles or whole.lower().startswith("%y"):
        return []
    swap = {"%d": "%m", "%m": "%d"}
    return [replace(best, roles=tuple(swap.get(role, role) for role in best.roles))]


def _proof(best: Reading, rivals: Sequence[Reading], texts: Sequence[str]) -> str:
    for rival in rivals:
        for text in texts:
            day = rival.day(text)
            if day is None or (day.day != 1 and (own := best.day(text)) and own.day == 1):
                return text
    return ""


def _names(reading: Reading, texts: Sequence[str]) -> dict[str, int]:
    english, found = Calendar({}, None), {}
    for text in texts:
        for part in parts_of(MIDNIGHT.sub("", text)):
            if part.kind == "m" and not english.number(part.text):
                found[part.text.rstrip(".")] = MONTHS[plain(part.text)]
    return dict(sorted(found.items(), key=lambda one: one[1])) if any(r in ("%b", "%B") for r in reading.roles) else {}


_ORDERS = ("%Y%m", "%m%Y", "%Y%m%d", "%d%m%Y", "%m%d%Y")
"""Which of year, month and day may follow which; with months as names, any order may."""


def _readings(texts: Sequence[str]) -> list[Reading]:
    """Return every reading that makes a valid day of every text."""
    tail = MIDNIGHT.search(texts[0])
    parts = parts_of(MIDNIGHT.sub("", texts[0]))
    whole = [parts_of(MIDNIGHT.sub("", text)) for text in texts]
    places = [number for number, part in enumerate(parts) if part.kind in "nm"]
    if not places or len(places) > 3:
        return []
    found = []
    for given in _given([[one[place].text for one in whole] for place in places], [parts[place] for place in places]):
        roles = [""] * len(parts)
        for place, role in zip(places, given, strict=True):
            roles[place] = role
        reading = Reading(parts, tuple(roles), tail.group() if tail else "")
        if _led(reading) and all(reading.day(text) for text in texts):
            found.append(reading)
    return found


def _given(columns: Sequence[Sequence[str]], parts: Sequence[Part]) -> list[tuple[str, ...]]:
    """Return the roles that numbers and names may have, in an order that people write."""
    own = [_roles(part, texts) for part, texts in zip(parts, columns, strict=True)]
    found: list[tuple[str, ...]] = [()]
    for roles in own:
        found = [(*before, role) for before in found for role in roles]
    return [given for given in found if _orderly(given)]


def _orderly(given: Sequence[str]) -> bool:
    letters = "".join(given).replace("%", "").replace("0", "")
    plainly = letters.replace("y", "Y").replace("b", "m").replace("B", "m")
    if len(set(plainly)) != len(plainly):
        return False
    if "m" not in plainly:
        return plainly == "Y"
    if "b" in letters or "B" in letters:
        return plainly in {"".join(one) for size in (0, 1, 2) for one in permutations("mYd", size + 1)} - {"md", "dm"}
    return plainly in ("m", *(order.replace("%", "") for order in _ORDERS))


_JOINED = {3: ("0%m",), 6: ("%Y%m", "%m%Y"), 7: ("%Y0%m",), 8: ("%Y%m%d", "%d%m%Y", "%m%d%Y")}
"""What digits without a mark between them may be, by their number; 2027001 is how SAP writes a period."""


def _roles(part: Part, texts: Sequence[str]) -> list[str]:
    if part.kind == "m":
        return ["%B" if max(len(text.rstrip(".")) for text in texts) > 4 else "%b"]
    lengths = {len(text) for text in texts}
    numbers = [int(text) for text in texts]
    if max(lengths) <= 2:
        day = ["%d"] if all(1 <= number <= 31 for number in numbers) else []
        month = ["%m"] if all(1 <= number <= 12 for number in numbers) else []
        year = ["%y"] if lengths == {2} and all(15 <= number <= 60 for number in numbers) else []
        return [*day, *month, *year]
    if lengths == {4}:
        return ["%Y"] if all(_is_year(number) for number in numbers) else []
    joined = _JOINED.get(max(lengths), ())
    return list(joined) if len(lengths) == 1 else []


def _is_year(number: int) -> bool:
    return 1990 <= number <= 2100


def _numbers(text: str, role: str) -> Iterable[tuple[str, int]]:
    """Yield what the digits of a part mean; 0 where they cannot mean it."""
    if role in ("%b", "%B"):
        yield "month", MONTHS[plain(text)]
        return
    at = 0
    for piece in re.findall("%.|.", role):
        size = {"%Y": 4, "%y": 2}.get(piece, len(text) if len(role) == 2 else 2 if piece[0] == "%" else 1)
        digits = text[at : at + size]
        at += size
        if piece in ("%Y", "%y"):
            year = int(digits) + (2000 if piece == "%y" else 0)
            yield "year", year if _is_year(year) else 0
        elif piece[0] == "%":
            yield {"%m": "month"}.get(piece, "day"), int(digits)
        elif digits != piece:
            yield "month", 0


def _led(reading: Reading) -> bool:
    """Whether no word before a number says that it counts something else, as in Q1, KW 14 or CC2027."""
    for number, (part, role) in enumerate(zip(reading.parts, reading.roles, strict=True)):
        before = next((one for one in reversed(reading.parts[:number]) if one.kind != "s"), None)
        if not role or part.kind != "n" or before is None or before.kind != "w":
            continue
        word, glued = plain(before.text), reading.parts[number - 1] is before
        counts = word in _PERIOD_WORDS or word in _MONTH_WORDS
        if role in ("%m", "%d") and not (word in FISCAL_WORDS or (counts and role == "%m")):
            return False
        if (glued or role == "%y") and word not in LEADING:
            return False
    return True

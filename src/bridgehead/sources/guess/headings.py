"""Columns whose title says month, measure or scenario: families of titles that differ in nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from bridgehead.sources.guess.notation import LEADING, MIDNIGHT, Notation, Part, notation_of, parts_of
from bridgehead.sources.guess.titles import called
from bridgehead.sources.guess.words import ACTUAL, OTHER_POINTS, PLANNED, QUALIFIERS, plain

_WORD = re.compile(r"[^\W_]+(?:['\u2019&.][^\W_]+)*")
_OTHER_CALENDAR = re.compile(r"(q|qtr|quarter|quartal|trim|t|h|hy|half|s|sem|kw|cw|w|wk|week) ?\d{1,2}|[1-4]q|[12]h")
_YEAR_AND_MONTH = 6
_VERSION = re.compile(r"(v|ver|version|rev|fassung) ?\d{1,3}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A piece of a title around its month. kind: empty for marks and the like.

    Else measure, scenario, version, word, point (another one of a measure), calendar (a quarter, a week).
    """

    kind: str
    text: str
    means: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title that was taken apart. number: of the column. run: the text of its period, empty when it has none."""

    number: int
    title: str
    before: tuple[Slot, ...]
    run: str
    after: tuple[Slot, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """All pieces."""
        return (*self.before, *self.after)

    @property
    def of_calendar(self) -> bool:
        """Whether it names a quarter or a week."""
        return any(slot.kind == "calendar" for slot in self.slots)

    @property
    def shape(self) -> tuple[str, ...]:
        """What titles of one family have in common."""
        before, after = ([_alike(slot) for slot in slots] for slots in (self.before, self.after))
        return (*before, "<>", *after)


def _alike(slot: Slot) -> str:
    return slot.text if slot.kind in ("", "point") else slot.kind


@dataclass(frozen=True, slots=True)
class Family:
    """Titles of one shape. notation: of their periods, None when they have none.

    fields: our fields that the titles name, beside the period; unknown: words that differ and that nobody knows.
    """

    headings: tuple[Heading, ...]
    notation: Notation | None
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    measures: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def numbers(self) -> set[int]:
        """The columns."""
        return {heading.number for heading in self.headings}

    @property
    def kind(self) -> str:
        """What the period is: month, part, year, or empty."""
        return self.notation.kind if self.notation is not None else ""


def families(titles: Sequence[tuple[int, str]]) -> list[Family]:
    """Return the families of titles, the most telling first."""
    read = [one for number, title in titles for one in [heading(number, title)] if one is not None]
    read = [one for one in read if not one.of_calendar]
    found: list[Family] = []
    for kind in ("month", "part", "year", ""):
        grouped: dict[tuple[object, ...], list[Heading]] = {}
        for one in read:
            if _kind(one.run) == kind:
                grouped.setdefault((one.shape, _run_shape(one.run)), []).append(one)
        found += [family for group in grouped.values() if (family := _family(kind, group)) is not None]
    return _joined(found)


def _joined(found: Sequence[Family]) -> list[Family]:
    """Join families that differ only in how they write their measures, such as `2027-01 HC` and `2027-01 FTE (avg)`."""
    joined: list[Family] = []
    for family in found:
        whole = [_whole(one) for one in family.headings]
        fits = len(family.measures) == 1 and not family.fields and not family.unknown and family.notation is not None
        other = next((number for number, one in enumerate(joined) if fits and _alike_but_for_measures(one, family)), -1)
        if other < 0:
            joined.append(family)
            continue
        headings = (*map(_whole, joined[other].headings), *whole)
        again = _family(family.kind, headings) if len({one.shape for one in headings}) == 1 else None
        joined[other:other] = [again] if again is not None else []
        if again is not None:
            del joined[other + 1]
        else:
            joined.append(family)
    return joined


def _alike_but_for_measures(one: Family, two: Family) -> bool:
    plainly = bool(one.measures) and not one.fields and not one.unknown and one.kind == two.kind
    points = any(slot.kind == "point" for family in (one, two) for slot in family.headings[0].slots)
    plainly = plainly and not points and set(one.measures.values()).isdisjoint(two.measures.values())
    return plainly and _run_shape(one.headings[0].run) == _run_shape(two.headings[0].run)


def _whole(one: Heading) -> Heading:
    """Take all words on one side of a period for the measure's name."""
    return replace(one, before=_one(one.before, -1), after=_one(one.after, 0))


def _one(slots: Sequence[Slot], near: int) -> tuple[Slot, ...]:
    means = next((slot.means for slot in slots if slot.kind == "measure"), "")
    if not means:
        return tuple(slots)
    text = "".join(slot.text for slot in slots)
    joint = slots[near].text if not slots[near].kind else ""
    name = Slot("measure", text.removesuffix(joint) if near else text.removeprefix(joint), means)
    return (name, Slot("", joint)) if near else (Slot("", joint), name)


def _kind(run: str) -> str:
    notation = notation_of([run]) if run else None
    return notation.kind if notation is not None else ""


def _run_shape(run: str) -> tuple[str, ...]:
    return tuple(part.shape for part in parts_of(MIDNIGHT.sub("", run)))


def _family(kind: str, headings: Sequence[Heading]) -> Family | None:
    notation = notation_of(list(dict.fromkeys(one.run for one in headings))) if kind else None
    if kind and (notation is None or notation.kind != kind or notation.unread):
        return None
    fields: dict[str, tuple[str, ...]] = {}
    measures: dict[str, str] = {}
    unknown: tuple[str, ...] = ()
    for place, slot in enumerate(headings[0].slots):
        texts = tuple(dict.fromkeys(one.slots[place].text for one in headings))
        if slot.kind == "measure":
            measures |= {one.slots[place].text: one.slots[place].means for one in headings}
        elif slot.kind == "word" and len(texts) > 1:
            unknown = (*unknown, *texts)
        elif slot.kind in ("scenario", "version"):
            fields[slot.kind] = texts
    if not kind and not (len(headings) > 1 and len(fields.get("scenario", ())) > 1 and not unknown):
        return None
    return Family(tuple(headings), notation, fields, measures, unknown)


@cache
def heading(number: int, title: str) -> Heading | None:
    """Take a title apart: the longest run that is a period, and the words around it."""
    tail = MIDNIGHT.search(title)
    parts = parts_of(MIDNIGHT.sub("", title))
    best: tuple[int, int] | None = None
    for start, end in _runs(parts):
        text = "".join(part.text for part in parts[start:end])
        if notation_of([text]) is not None:
            best = (start, end)
            break
    before, run, after = title, "", ""
    if best is not None:
        before, run, after = ("".join(part.text for part in parts[one:two]) for one, two in _cuts(best, len(parts)))
        run += tail.group() if tail else ""
    slots = _slots(before), _slots(after)
    if not run and not any(slot.kind == "scenario" for slot in slots[0]):
        return None
    return Heading(number, title, slots[0], run, slots[1])


def _cuts(best: tuple[int, int], length: int) -> list[tuple[int, int]]:
    return [(0, best[0]), best, (best[1], length)]


def _runs(parts: Sequence[Part]) -> Iterator[tuple[int, int]]:
    """Yield runs of parts that may be a period, the longest first."""
    for size in range(len(parts), 0, -1):
        for start in range(len(parts) - size + 1):
            run = parts[start : start + size]
            if run[0].kind != "s" and run[-1].kind != "s" and all(map(_may_stand, run)) and _apart(parts, start, size):
                yield start, start + size


def _may_stand(part: Part) -> bool:
    if part.kind == "w":
        return plain(part.text) in LEADING
    return part.kind in "nm" or (len(part.text) <= 3 and not any(sign in "()[]&+" for sign in part.text))


def _apart(parts: Sequence[Part], start: int, size: int) -> bool:
    """Whether a run touches no other letter or digit, as in Q1 or CC0100; HC202701 is a measure and a month."""
    joint = (
        start > 0 and size == 1 and len(parts[start].text) == _YEAR_AND_MONTH and called(plain(parts[start - 1].text))
    )
    touches_before = start > 0 and parts[start - 1].kind in "nmw" and not joint
    end = start + size
    return not touches_before and not (end < len(parts) and parts[end].kind in "nmw")


@cache
def _slots(text: str) -> tuple[Slot, ...]:
    """Take the words around a period apart."""
    found: list[Slot] = []
    words = list(_WORD.finditer(text))
    at, number = 0, 0
    while number < len(words):
        size, kind, means = next(
            ((size, *known) for size in (4, 3, 2, 1) if (known := _known(text, words[number : number + size], size))),
            (1, "word", ""),
        )
        start, end = words[number].start(), words[number + size - 1].end()
        piece = text[start:end]
        if kind == "word" and found and found[-1].kind == "word":
            found[-1] = Slot("word", found[-1].text + text[at:end])
        else:
            found += [Slot("", text[at:start])] if text[at:start] else []
            found.append(Slot(kind, piece, means))
        at, number = end, number + size
    return (*found, *([Slot("", text[at:])] if text[at:] else []))


def _known(text: str, words: Sequence[re.Match[str]], size: int) -> tuple[str, str] | None:
    if len(words) < size:
        return None
    bare = plain(text[words[0].start() : words[-1].end()])
    if bare in PLANNED or bare in ACTUAL:
        return "scenario", ""
    if _VERSION.fullmatch(bare):
        return "version", ""
    measure = called(bare)
    if measure:
        return "measure", measure
    if bare in OTHER_POINTS:
        return "point", ""
    if _OTHER_CALENDAR.fullmatch(bare):
        return "calendar", ""
    return ("", "") if bare in QUALIFIERS else None


def pattern_of(family: Family) -> str:
    """Compose headers.pattern: the months, and every word that differs, as named groups."""
    told = []
    first = family.headings[0]
    for place, slot in enumerate(first.slots):
        if place == len(first.before):
            told.append(_period(family))
        told.append(_piece(family, place, slot))
    if len(first.slots) == len(first.before):
        told.append(_period(family))
    return "".join(told)


def _piece(family: Family, place: int, slot: Slot) -> str:
    texts = list(dict.fromkeys(one.slots[place].text for one in family.headings))
    several = slot.kind == "measure" and len(set(family.measures.values())) > 1
    if slot.kind in ("scenario", "version") or several:
        return f"(?P<{slot.kind}>{_either(texts)})"
    if slot.kind == "word" and len(texts) > 1:
        return f"(?P<org_unit>{_either(texts)})"
    return _either(texts) if len(texts) == 1 else f"(?:{_either(texts)})"


def _either(texts: Iterable[str]) -> str:
    return "|".join(map(escaped, texts))


def escaped(text: str) -> str:
    """Escape what means something in a pattern, and nothing else."""
    return re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", text)


def _period(family: Family) -> str:
    """Compose the groups of a period in the family's notation."""
    notation = family.notation
    if notation is None or notation.reading is None:
        return ""
    runs = [parts_of(MIDNIGHT.sub("", one.run)) for one in family.headings]
    told = []
    for place, (part, role) in enumerate(zip(notation.reading.parts, notation.reading.roles, strict=True)):
        texts = [run[place].text for run in runs]
        told.append(_group(part, role, texts))
    return "".join(told) + escaped(notation.reading.tail)


def _group(part: Part, role: str, texts: Sequence[str]) -> str:
    if not role:
        return escaped(part.text)
    sizes = {len(text) for text in texts}
    digits = r"\d{2}" if sizes == {2} else r"\d{1,2}"
    if role in ("%b", "%B"):
        return f"(?P<month>{_name(texts)})"
    if len(role) > 2:
        digits = r"\d{2}"
    whole = {"%Y": r"(?P<year>\d{4})", "%y": r"(?P<yy>\d{2})", "%m": f"(?P<month>{digits})"}
    day = texts[0] if len(set(texts)) == 1 and len(role) == 2 else digits
    return "".join(whole.get(piece, day if piece[0] == "%" else piece) for piece in re.findall("%.|.", role))


def _name(texts: Sequence[str]) -> str:
    if all(re.fullmatch("[A-Z][a-z]{2}", text) for text in texts):
        return "[A-Z][a-z]{2}"
    return "[A-Za-z]+" if all(text.isascii() and text.isalpha() for text in texts) else r"[^\W\d_]+\.?"

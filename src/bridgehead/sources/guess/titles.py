"""What a column's title says: which of our fields it may be, how well the words fit, and in which unit it counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bridgehead.projection import MEASURES
from bridgehead.sources.guess import words

_BRACKETS = re.compile(r"[(\[{<]([^)\]}>]*)[)\]}>]")
_NOT_AT_THE_END = frozenset(
    words.plain(one)
    for one in [
        "date",
        "data",
        "datum",
        "fecha",
        "type",
        "title",
        "role",
        "level",
        "class",
        "unit",
        "area",
        "time",
        "number",
        "name",
        "heads",
        "section",
        "group",
        "team",
        "pay",
        "comp",
        "count",
        "plan",
        "budget",
        "forecast",
        "category",
        "function",
        "company",
        "region",
        "pos",
        "post",
        "state",
        "place",
        "ort",
        "city",
        "data",
        "amount",
        "service",
        "contract",
        "cost",
        "costs",
        "start",
        "month",
        "period",
        "year",
        "years",
        "direction",
        "classe",
        "title",
        "base",
        "total",
        "staff",
        "ma",
        "le",
        "hr",
        "et",
        "ore",
        "cur",
        "per",
        "no",
        "in",
        "loc",
        "mes",
        "org",
        "abt",
        "afd",
    ]
)
"""Words that are too common to say by themselves what a longer title means."""

WEAK = 5
"""From this rank on a title is only a guess."""


@dataclass(frozen=True, slots=True)
class Meant:
    """One of our fields that a title may mean. rank: how well, 0 is best. named: it holds names, not codes.

    order: how usual the word is among those of the field.
    """

    field: str
    rank: int
    named: bool = False
    order: int = 0


@dataclass(frozen=True, slots=True)
class Title:
    """A title that was read. words: in plain form. meant: what it may be, best first. other: another point of it.

    currency: of its unit, empty when it has none, `?` when its sign is several ones'. thousands: it counts thousands.
    """

    text: str
    words: str
    meant: tuple[Meant, ...]
    other: bool
    currency: str
    thousands: bool

    @property
    def recognised(self) -> bool:
        """Whether it says anything."""
        plain = self.words
        known = plain in words.REMARKS or plain in words.PERSONS or plain in words.VALUES
        return bool(self.meant) or known or plain in words.MEASURE_COLUMNS or is_sum(self.text)


@cache
def _aliases() -> dict[str, tuple[Meant, ...]]:
    found: dict[str, tuple[Meant, ...]] = {}
    for name, listed in words.FIELDS.items():
        field, rank = name.rstrip("?"), WEAK if name.endswith("?") else 1
        for order, alias in enumerate(listed):
            named = bool({"title", "bezeichnung", "berufsbezeichnung", "intitule"} & set(alias.split()))
            found[alias] = (*found.get(alias, ()), Meant(field, rank + 2 * named, named, order))
    for field in words.FIELDS:
        own = field.replace("_", " ")
        if not field.endswith("?"):
            found[own] = (Meant(field, 0), *(one for one in found.get(own, ()) if one.field != field))
    return found


def read_title(text: str) -> Title:
    """Read a title."""
    currency, bare = _currency(re.sub(r"^0(?=[A-Z])", "", text))  # as SAP BW calls its own: 0COSTCENTER
    inside = " ".join(_BRACKETS.findall(bare))
    outside = _BRACKETS.sub(" ", bare)
    core = words.plain(outside) or words.plain(inside)
    thousands = bool(words.THOUSANDS.search(inside)) or bool(
        re.search(r"\b(k|t)(eur|usd|gbp|chf)\b|'000", bare, re.IGNORECASE)
    )
    core, other = _stripped(core)
    meant = _meant(core)
    if not meant and inside:
        meant = tuple(Meant(one.field, one.rank + 1, one.named) for one in _meant(words.plain(inside)))
    return Title(text, words.plain(outside), meant, other, currency, thousands)


def is_sum(text: str) -> bool:
    """Whether a text is what a row of totals is called, and nothing else."""
    return words.SUMS.fullmatch(words.plain(text)) is not None


def is_summary(text: str) -> bool:
    """Whether a text is what a column or a period is called that others add up to."""
    return is_sum(text) or words.SUMMARIES.fullmatch(words.plain(text)) is not None


def called(bare: str) -> str:
    """Return the measure that is called exactly so, in plain form; empty when none is."""
    exact = [one.field for one in _aliases().get(bare, ()) if one.field in MEASURES and one.rank < WEAK]
    return exact[0] if exact else ""


def is_point(text: str) -> bool:
    """Whether a text names another point of a measure, such as the heads at a month's beginning or end."""
    title = read_title(text)
    return title.other and any(one.field in MEASURES for one in title.meant)


@cache
def measure_of(text: str) -> str:
    """Return the measure that a text names, empty when it names none, several, or another point of one."""
    title = read_title(text)
    exact = [one for one in title.meant if one.field in MEASURES and one.rank < WEAK]
    if exact and not title.other:
        return exact[0].field
    bare = title.words
    found = {
        one.field
        for size in (1, 2, 3)
        for start in range(len(bare.split()) - size + 1)
        for one in _aliases().get(" ".join(bare.split()[start : start + size]), ())
        if one.field in MEASURES and " ".join(bare.split()[start : start + size]) not in _NOT_AT_THE_END
    }
    others = any(word in words.OTHER_POINTS for word in bare.split())
    return found.pop() if len(found) == 1 and not others else ""


def _currency(text: str) -> tuple[str, str]:
    """Return the currency that a title names, and the title without it."""
    for sign in words.SIGNS:
        if re.search(rf"(?<![^\W\d]){re.escape(sign)}(?![^\W\d])", text):
            return words.CURRENCIES[sign] or "?", text.replace(sign, " ")
    found = [
        one for one in re.findall(r"[A-Za-z]{3,4}", text.replace("_", " ")) if one.upper()[-3:] in words.CURRENCIES
    ]
    coded = [one for one in found if len(one) == 3 or one[0] in "kKtT"]
    if len(coded) == 1 and words.plain(text) != coded[0].lower() and coded[0].lower() not in ("try", "ron", "all"):
        return coded[0].upper()[-3:], text.replace(coded[0], f"({coded[0]})" if len(coded[0]) == 4 else " ")
    return "", text


def _stripped(core: str) -> tuple[str, bool]:
    """Take away what leaves a measure what it is; return whether the words make another figure of it."""
    if core in _aliases():
        return core, False
    for start in sorted(words.COUNTED, key=len, reverse=True):
        if core.startswith(f"{start} "):
            core = core[len(start) + 1 :]
            break
    parts, other = core.split(), False
    while len(parts) > 1 and " ".join(parts) not in _aliases():
        if parts[0] in words.QUALIFIERS or parts[0] in words.OTHER_POINTS:
            other = other or parts[0] in words.OTHER_POINTS
            parts = parts[1:]
        elif parts[-1] in words.QUALIFIERS or parts[-1] in words.OTHER_POINTS or re.fullmatch(r"(20)?\d\d", parts[-1]):
            other = other or parts[-1] in words.OTHER_POINTS
            parts = parts[:-1]
        else:
            break
    stripped = " ".join(parts)
    # Only a measure stays what it is without them: a target date is no date.
    if stripped != core and not any(one.field in MEASURES for one in _aliases().get(stripped, ())):
        return core, False
    return stripped, other


def _meant(core: str) -> tuple[Meant, ...]:
    if not core:
        return ()
    exact = _aliases().get(core)
    if exact:
        return exact
    parts = core.split()
    if len(parts) > 1:
        for endings, named, worse in ((words.CODES, False, -1), (words.NAMES, True, 3)):
            for ending in endings:
                if core.endswith(f" {ending}") and (found := _aliases().get(core[: -len(ending) - 1])):
                    return tuple(Meant(one.field, max(0, one.rank + worse), named, one.order) for one in found)
                if core.startswith(f"{ending} ") and (found := _aliases().get(_joined(core[len(ending) + 1 :]))):
                    return tuple(Meant(one.field, max(0, one.rank + worse), named) for one in found)
    return _within(parts)


def _joined(core: str) -> str:
    return re.sub(r"^(de la|de l|del|de|du|des|di|van|der|des|d) ", "", core)


_JOINED = ("nummer", "nr", "code", "kurzel", "id", "bezeichnung", "name", "text")
"""What Germans put behind a word without a blank: Kostenstellennummer, Abteilungsbezeichnung."""


def _within(parts: list[str]) -> tuple[Meant, ...]:
    """Find a field by the last words of a title, as English and German put them, or by the first, as others do."""
    if len(parts) == 1:
        (word,) = parts
        if word.startswith("z") and word[1:] in _aliases():  # as SAP's customers call their own: ZFTE
            return tuple(Meant(one.field, WEAK) for one in _aliases()[word[1:]])
        for ending in _JOINED:
            if word.endswith(ending) and (base := word.removesuffix(ending)):
                found = _aliases().get(base) or _aliases().get(base.removesuffix("s")) or _aliases().get(base[:-1])
                if found:
                    named = ending in words.NAMES
                    return tuple(Meant(one.field, one.rank + 3 * named, named, one.order) for one in found)
        joined = [alias for alias in _aliases() if len(alias) >= 6 and " " not in alias and word.endswith(alias)]
        best = max(joined, key=len, default="")
        return tuple(Meant(one.field, WEAK + 2) for one in _aliases().get(best, ()) if best not in _NOT_AT_THE_END)
    for size in range(min(3, len(parts) - 1), 0, -1):
        for alias in (" ".join(parts[-size:]), " ".join(parts[:size])):
            found = _aliases().get(alias, ())
            if found and alias not in _NOT_AT_THE_END:
                return tuple(Meant(one.field, WEAK + 1, any(word in words.NAMES for word in parts)) for one in found)
    return ()

"""In which encoding a text file is written that does not say so: told by which one makes words of its bytes."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

_LOOKED_AT = 4 * 1_048_576
_TRIED = ("windows-1252", "cp1250", "windows-1251", "mac-roman", "cp850")
"""In this order, where two are as good."""
_SIGNS = frozenset(
    "\u20ac\u00a3\u00a5\u00a7\u00b0\u00b2\u00b3\u00bd\u00bc\u2013\u2014\u2018\u2019\u201c\u201d\u201e\u2026\u00ab\u00bb\u00a0\u2116\u2122\u00ae\u00a9\u00b7\u2022"
)
_COMMON = frozenset(
    "\u00e4\u00f6\u00fc\u00df\u00c4\u00d6\u00dc\u00e9\u00e8\u00ea\u00eb\u00e0\u00e2\u00e7\u00ee\u00ef\u00f4\u00fb\u00f9\u0153\u00c9\u00c0\u00f1\u00e1\u00ed\u00f3\u00fa\u00e5\u00f8\u00e6\u00c5\u00d8\u00e3\u00f5"
)
_WORD = re.compile(r"[^\W\d_]*[^\x00-\x7f][^\W\d_]*")


@dataclass(frozen=True, slots=True)
class Written:
    """How a file is written. encoding: empty for UTF-8, or when a mark says it. shown: a word that it makes.

    other: the encoding that is as good, and the word that it makes of the same bytes.
    """

    encoding: str = ""
    shown: str = ""
    other: str = ""
    other_shown: str = ""


def encoding_of(path: Path) -> Written:
    """Return how a file is written; the encoding is empty as well when it cannot be told."""
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT)
        whole = not file.read(1)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Written()
    if start.count(0) * 4 > len(start):
        return Written("utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=whole)
    except UnicodeDecodeError:
        return _by_words(start)
    return Written()


def _by_words(content: bytes) -> Written:
    """Rate the encodings by the words that they make."""
    if re.search(rb"[\x00-\x08\x0e-\x1f]", content):
        return Written()
    rated: list[tuple[float, str, list[str]]] = []
    for encoding in _TRIED:
        try:
            words = _WORD.findall(content.decode(encoding))
        except UnicodeDecodeError:
            continue
        rated.append((sum(map(_rate, words)) / max(1, len(words)), encoding, words))
    best = max(rated, key=lambda one: one[0], default=(0.0, "", []))
    if best[0] < _LEAST:
        return Written()
    shown = next((word for word in best[2] if len(word) > 1 and word.isalpha()), best[2][0])
    for rating, encoding, words in rated:
        if encoding != best[1] and best[0] - rating < _NEAR and len(words) == len(best[2]):
            differing = next(((one, two) for one, two in zip(best[2], words, strict=True) if one != two), None)
            if differing is not None:
                return Written(best[1], differing[0], encoding, differing[1])
    return Written(best[1], shown)


_LEAST, _NEAR = 0.3, 0.05
"""Below the one nothing is told; so near to the best one another encoding is as good."""
_QUOTING = frozenset("\u2013\u2014\u2018\u2019\u201c\u201d\u201e\u2026\u00ab\u00bb\u00a0")


def _rate(word: str) -> float:
    """Rate a word from -1 to 1: letters that people write together are good, signs within a word are not."""
    foreign = [sign for sign in word if ord(sign) > 127]
    if not all(sign.isalpha() for sign in foreign):
        fitting = all(sign in _QUOTING for sign in foreign) or (len(word) == 1 and word in _SIGNS)
        return 0.5 if fitting else -0.5
    if len(word) == 1:
        return 0.1
    if all("\u0400" <= sign <= "\u04ff" for sign in foreign):
        return 1.0 if all("\u0400" <= sign <= "\u04ff" for sign in word) and len(word) > 1 else -1.0
    # An upper-case letter after a lower-case one, or four foreign ones in a row, are no word of ours.
    if re.search(r"[a-z\u00df-\u00ff][A-Z\u00c0-\u00de]", word) or re.search(r"[^\x00-\x7f]{4}", word):
        return -1.0
    if len(word) > 1 and re.search(r"(?<=.)[\u00c0-\u00de\u0160\u017d](?=[a-z])", word):
        return -0.5
    return sum(1.0 if sign in _COMMON else 0.6 for sign in foreign) / len(foreign)

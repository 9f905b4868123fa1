"""Oracle EPM's Point-of-View: one cell that holds what the row's dimensions are, in an order that nobody wrote down."""

from __future__ import annotations

import re

from bridgehead.sources.guess.draft import Draft
from bridgehead.sources.guess.fields import ask_fiscal
from bridgehead.sources.guess.notation import notation_of
from bridgehead.sources.guess.toml import value
from bridgehead.sources.guess.words import ACTUAL, CURRENCIES, PLANNED, plain

_TITLES = ("point of view", "pov", "point of views")
_VERSIONS = re.compile(
    r"(v|ver|version|bu version|rev) ?\w{0,3}|working|final|draft|official|base|what if|1st pass|first pass"
)
_NOTHING = re.compile(
    r"no .*|.* unspecified|unspecified .*|(hsp )?input(currency| ?value)?|local|base ?data|periodic|ytd|none"
)


def name_pov(draft: Draft) -> None:
    """Find the cell, and say of each part of it what it is, as far as that can be told."""
    column = next((one for one in draft.free() if one.title.words in _TITLES), None)
    if column is None or not column.values:
        return
    counts = {text.count(",") for text in column.values}
    separator = "," if counts != {0} else "|" if all("|" in text for text in column.values) else ";"
    rows = [[part.strip() for part in text.split(separator)] for text in column.values]
    width = max(len(row) for row in rows)
    parts = [list(dict.fromkeys(row[place] for row in rows if len(row) == width)) for place in range(width)]
    fields = _fields(parts)
    draft.settings["pov"] = {"fields": fields}
    if column.name != "Point-of-View":
        draft.settings["pov"]["column"] = column.name
    if separator != ",":
        draft.settings["pov"]["separator"] = separator
    draft.take(column, "several dimensions")
    if "year" in fields:
        years = notation_of(parts[fields.index("year")])
        if years is not None and years.fiscal:
            ask_fiscal(draft, repr(years.read[0]))
    _ask_rest(draft, fields, parts)


def _fields(parts: list[list[str]]) -> list[str]:
    """Name the parts that their members give away; each field once."""
    fields = [_field(texts) for texts in parts]
    fields = ["" if name and name in fields[:number] else name for number, name in enumerate(fields)]
    unknown = [number for number, name in enumerate(fields) if not name and not _says_nothing(parts[number])]
    if len(unknown) == 1:
        fields[unknown[0]] = "org_unit"
    return fields


def _field(texts: list[str]) -> str:
    notation = notation_of(texts)
    # 01 may be a company as well as a month.
    named = notation is not None and notation.written not in ("%m", "%y")
    if notation is not None and named and not notation.unread:
        return {"year": "year", "part": "month", "month": "period_start"}.get(notation.kind, "")
    bare = [plain(text) for text in texts]
    if all(one in PLANNED or one in ACTUAL for one in bare):
        return "scenario"
    if all(_VERSIONS.fullmatch(one) for one in bare):
        return "version"
    return "currency" if all(text in CURRENCIES for text in texts) else ""


def _says_nothing(texts: list[str]) -> bool:
    return all(_NOTHING.fullmatch(plain(text)) for text in texts)


def _ask_rest(draft: Draft, fields: list[str], parts: list[list[str]]) -> None:
    """Ask for the parts that nobody can tell; one that was told by its members alone is a guess."""
    unknown = [number for number, name in enumerate(fields) if not name and not _says_nothing(parts[number])]
    shown = "; ".join(f"part {number + 1} is {', '.join(parts[number][:3])}" for number in unknown)
    line = f"pov.fields = {value([name or '...' for name in fields])}"
    if unknown:
        draft.ask("pov.fields", f"What are these parts of the cell? {shown}.", line, must="org_unit" not in fields)
    else:
        draft.look("pov.fields", "The parts of the cell are told by their members.")

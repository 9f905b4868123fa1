"""The source section as TOML: one setting a line, a comment where a person should look, other readings at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridgehead.sources.guess.draft import Draft
from bridgehead.sources.guess.opening import Where
from bridgehead.sources.guess.toml import comment, key, line, value
from bridgehead.sources.mapping.settings import FIELDS, PARTS

_LINES = ("period_format", "decimal", "thousands", "missing", "month_names", "only", "without", "unset", "ignore")
_TABLES = ("columns", "constants", "headers", "measure", "pov", "fiscal")
_WIDTH = 110


def section(draft: Draft, where: Where, name: str, path: str) -> str:
    """Return the section. name: of the feed's table, such as `tenants.acme.feeds.headcount`; path: of the file."""
    told = [f"[{name}.source]", *_reading(draft, where, path)]
    for setting in _LINES:
        told += _asked(draft, setting)
        if setting in draft.settings:
            told += _line(setting, draft.settings[setting], draft.notes.get(setting, ""))
        told += [comment(one) for one in draft.offers.get(setting, ())]
        told += [comment(line(setting, _added(draft, setting, one))) for one in draft.others.get(setting, ())]
    for setting in _TABLES:
        if setting not in draft.settings and setting not in ("columns", "constants"):
            told += [*_asked(draft, setting), *map(comment, draft.offers.get(setting, ()))]
    for setting in _TABLES:
        told += _table(draft, setting, f"{name}.source.{setting}")
    if any(one.setting == "rules.duplicates" for one in draft.questions):
        told += ["", *_asked(draft, "rules"), comment(f"[{name}.rules]"), comment('duplicates = "sum"')]
    return "\n".join(told) + "\n"


def _added(draft: Draft, setting: str, more: Any) -> Any:
    """Return a setting with what may be added to it."""
    given = draft.settings.get(setting)
    if given is None:
        return more
    return given | more if isinstance(given, dict) else [*given, *(one for one in more if one not in given)]


def _reading(draft: Draft, where: Where, path: str) -> Iterator[str]:
    """Yield where the rows are, and what it takes to read them."""
    opened = draft.opened
    if where.query:
        yield line("connection", where.connection)
        yield (
            f"query = '''\n{where.query}'''"
            if "\n" in where.query and "'''" not in where.query
            else line("query", where.query)
        )
        return
    yield line("path", path)
    yield from _asked(draft, "encoding")
    if opened.encoding:
        shown = f"reads {opened.written.shown!r}" if opened.written.shown else ""
        yield from _line("encoding", opened.encoding, shown)
    yield from _asked(draft, "delimiter")
    if opened.delimiter:
        yield line("delimiter", opened.delimiter)
    yield from _asked(draft, "sheet")
    if opened.sheet and not opened.rivals:
        others = [one for one in opened.sheets if one != opened.sheet]
        yield from _line("sheet", opened.sheet, f"others: {', '.join(others)}" if others else "")
    for name, readings in (("sheet", opened.rivals), ("delimiter", opened.delimiters)):
        told = [opened.sheet, *readings] if name == "sheet" and readings else readings
        yield from (comment(line(name, one)) for one in told)
    if draft.header_row:
        yield line("header_row", draft.header_row)
    if opened.found.rows > 1:
        yield line("header_rows", opened.found.rows)


def _asked(draft: Draft, setting: str) -> Iterator[str]:
    """Yield what has to be answered about a setting, as comments above it."""
    for one in draft.questions:
        if one.must and one.setting.partition(".")[0] == setting:
            yield comment(f"To be said: {one.words}")


def _line(name: str, one: Any, note: str = "") -> list[str]:
    """Write a setting; a list that is too long for a line has a line for each of its parts."""
    whole = line(name, one)
    told = f"  {comment(note)}" if note else ""
    if len(whole) <= _WIDTH or not isinstance(one, list):
        return [whole + told]
    return [f"{key(name)} = [{told}", *(f"    {value(inner)}," for inner in one), "]"]


def _place(one: tuple[str, Any]) -> int:
    """Put our fields in their order."""
    return (*FIELDS, *PARTS).index(one[0])


def _table(draft: Draft, setting: str, name: str) -> list[str]:
    given: Mapping[str, Any] = draft.settings.get(setting, {})
    offers = [comment(one) for one in draft.offers.get(setting, ())]
    asked = list(_asked(draft, setting))
    if not given and not (setting in ("columns", "constants") and (offers or asked)):
        return []
    inner = [comment(one) for one in draft.offers.get(f"{setting}.pattern", ())]
    told = ["", *asked, f"[{name}]"]
    for one, content in sorted(given.items(), key=_place) if setting in ("columns", "constants") else given.items():
        note = draft.notes.get(f"{setting}.{one}", "")
        told += _line(one, content, note)
        told += inner if one == "pattern" else []
    return [*told, *offers]

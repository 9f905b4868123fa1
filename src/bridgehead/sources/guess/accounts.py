"""What rows say of themselves: which measure they hold, whether they are planned or actual, whether they are totals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridgehead.projection import MEASURES
from bridgehead.sources.guess.draft import Draft
from bridgehead.sources.guess.fields import is_flag
from bridgehead.sources.guess.profile import Column
from bridgehead.sources.guess.titles import is_point, is_sum, is_summary, measure_of
from bridgehead.sources.guess.toml import line, quoted
from bridgehead.sources.guess.words import (
    ACTUAL,
    AWAY,
    CODES,
    FULL_YEARS,
    MEASURE_COLUMNS,
    MISSING,
    NAMES,
    PLANNED,
    VALUES,
    plain,
)

_FEW = 40
_YES = ("1", "y", "yes", "true", "ja", "j", "oui", "x")
_FLAG = re.compile(r"(is|has) \w+|.*\b(flag|indicator|kennzeichen|indicateur|indicador)")


def name_account(draft: Draft) -> None:
    """Find the column that says which measure a row holds, if there is one."""
    found = [(column, words) for column in draft.free() if (words := _words_in(column))]
    if not found:
        return
    column, words = max(found, key=lambda one: (len(one[1]), one[0].title.words in MEASURE_COLUMNS))
    given: dict[str, list[str]] = {}
    for word, measure in words.items():
        given.setdefault(measure, []).append(word)
    clear = {word: measure for word, measure in words.items() if len(given[measure]) == 1}
    if not clear:
        return
    draft.settings["measure"] = {"column": column.name, "words": clear}
    draft.take(column, "measure")
    for other in draft.free():  # an account's code beside its name
        if other.title.words != column.title.words and _about(other) == _about(column):
            draft.take(other, "")
    unclear = [text for text in column.values if text not in clear and text not in MISSING]
    if unclear:
        shown = ", ".join(repr(text) for text in unclear[:4]) + (", ..." if len(unclear) > 4 else "")
        draft.others.setdefault("without", []).append({column.name: unclear})
        words_too = [f'{quoted(text)} = "{words[text]}"' for text in unclear if text in words]
        draft.ask(
            "measure.words",
            f"{shown} in {column.name!r} {'are' if len(unclear) > 1 else 'is'} not explained.",
            *(f"measure.words: {one}" for one in words_too[:3]),
            line("without", {column.name: unclear}),
        )


def _about(column: Column) -> str:
    """Return what a title is about: the same for an account's code and for its name."""
    words = column.title.words.split()
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in (*CODES, *NAMES) else words)


def _words_in(column: Column) -> dict[str, str]:
    """Return the measures that a column's cells name, when that is what it is for."""
    if column.counts or not column.complete or not 0 < column.distinct <= _FEW:
        return {}
    texts = [text for text in column.values if text not in MISSING]
    words = {text: measure for text in texts if (measure := measure_of(text))}
    heads = any(measure in ("headcount", "fte") for measure in words.values())
    titled = column.title.words in MEASURE_COLUMNS
    enough = (
        len(words) == len(texts) or (titled and heads) or (heads and len(words) * 2 > len(texts) and len(words) > 1)
    )
    meant = {one.field for one in column.title.meant if one.rank <= 1 and not one.named}
    return words if words and enough and (titled or not meant & {"job", "org_unit", "grade", "position"}) else {}


def name_value(draft: Draft) -> None:
    """Find the column of the numbers that an account explains."""
    if "measure" not in draft.settings or "headers" in draft.settings:
        return
    numbers = [column for column in draft.free() if column.counts]
    named = [column for column in numbers if column.title.words in VALUES]
    meant = [column for column in numbers if any(one.field in MEASURES for one in column.title.meant)]
    found = named or meant or (numbers if len(numbers) == 1 else [])
    if found:
        draft.settings["measure"]["value"] = found[0].name
        draft.take(found[0], "value")
    if len(found) != 1:
        shown = ", ".join(column.name for column in found or numbers)
        draft.ask("measure.value", f"Which column holds the numbers? {shown or 'None of them does'}.", must=not found)


def name_flags(draft: Draft) -> None:
    """Take a column of plan and actual for the scenario where nothing else is, and offer to leave rows out."""
    for column in draft.free():
        if not column.complete or not 0 < column.distinct <= 12 or (column.title.words in VALUES and column.counts):
            continue
        texts = [text for text in column.values if text not in MISSING]
        if texts and all(_is_scenario(text) for text in texts) and not draft.known("scenario"):
            draft.map("scenario", column)
            draft.look("columns.scenario", f"{column.name!r} is taken for it, since its cells are {_some(texts)}.")
        elif texts and all(_is_scenario(text) for text in texts):
            _offer(draft, "only", column, [text for text in texts if plain(text) in PLANNED] or texts[:1])
        elif column.distinct > 1 and (is_flag(column) or _FLAG.fullmatch(column.title.words)) and len(texts) <= 3:
            _offer(draft, "only", column, [text for text in texts if text.lower() in _YES] or texts[:1])
        elif any(is_point(text) for text in texts) and len(texts) > 1:
            told = f"{column.name!r} says which figure a row holds ({_some(texts)}): which of them is the plan?"
            draft.ask("only", told, *(line("only", {column.name: [text]}) for text in texts if is_point(text)))
            draft.settings.setdefault("only", {})[column.name] = []
            draft.notes["only"] = "name the rows that are the plan"
            draft.take(column, "tells rows apart")
        elif any(plain(text) in AWAY for text in texts):
            _offer(draft, "without", column, [text for text in texts if plain(text) in AWAY])
    scenario = draft.settings.get("columns", {}).get("scenario")
    for column in draft.columns:
        if column.name == scenario and any(plain(text) in ACTUAL for text in column.values):
            _offer(draft, "only", column, [text for text in column.values if plain(text) not in ACTUAL])


def _is_scenario(text: str) -> bool:
    bare = re.sub(r"\s*\d+$", "", plain(text))
    return bare in PLANNED or bare in ACTUAL


def _offer(draft: Draft, setting: str, column: Column, texts: list[str]) -> None:
    if not texts:
        return
    draft.others.setdefault(setting, []).append({column.name: texts})
    told = f"{column.name!r} tells rows apart ({_some(column.values)}), and all of them are read."
    draft.look(setting, told, line(setting, {column.name: texts}))


def leave_totals(draft: Draft) -> None:
    """Leave out the rows that are totals of others: they are called so in a column of codes."""
    mapped = draft.settings.get("columns", {})
    for ours in ("org_unit", "cost_center", "location", "job", "period_start", "month", "grade", "position"):
        for title in [mapped[ours]] if isinstance(mapped.get(ours), str) else mapped.get(ours, []):
            column = next(one for one in draft.columns if one.name == title)
            totals = list(_totals(column, periods=ours in ("period_start", "month")))
            totals = totals if len(totals) < column.distinct else []
            if totals:
                draft.settings.setdefault("without", {})[title] = totals
                draft.look("without", f"Rows with {_some(totals)} in {title!r} are no plan (totals, titles): left out.")


def _totals(column: Column, *, periods: bool) -> Iterator[str]:
    others = {plain(text) for text in column.values}
    for text in column.values:
        bare = plain(text)
        of_other = re.sub(r"^(sub ?)?total (of )?|^summe |^gesamt |^total | total$| summe$| gesamt$", "", bare)
        whole = (is_summary(text) or FULL_YEARS.fullmatch(bare)) if periods else is_sum(text)
        whole = whole or text == column.name  # a header repeated on another page
        if (whole or (of_other != bare and of_other in others)) and column.distinct > 1:
            yield text


def _some(texts: list[str]) -> str:
    return ", ".join(repr(text) for text in texts[:3]) + (", ..." if len(texts) > 3 else "")

"""What was seen of a table, as values for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass

from bridgehead.sources.guess.draft import Draft, Question
from bridgehead.sources.guess.rehearsal import Rehearsed

_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """One column, or several of a kind. taken_for: our field, or what else; empty when it is left aside.

    count: how many columns; distinct: how many different texts; samples: the first ones.
    """

    title: str
    taken_for: str
    distinct: int
    samples: tuple[str, ...]
    count: int = 1


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found out about a table. reading: encoding, delimiter, sheet, where they had to be found.

    plan: what it comes to when it is read by the section.
    """

    names: tuple[str, ...]
    rows: int
    reading: tuple[str, ...]
    columns: tuple[Seen, ...]
    plan: Rehearsed
    questions: tuple[Question, ...]
    section: str

    @property
    def musts(self) -> tuple[Question, ...]:
        """What has to be answered before `plan` goes on."""
        return tuple(one for one in self.questions if one.must)

    @property
    def guesses(self) -> tuple[Question, ...]:
        """What a person should look at."""
        return tuple(one for one in self.questions if not one.must)


def looked_at(draft: Draft, plan: Rehearsed, section: str) -> Looked:
    """Gather it."""
    opened = draft.opened
    told = {"encoding": opened.written.encoding, "delimiter": opened.delimiter, "sheet": opened.sheet}
    reading = [f"{name} {value!r}" for name, value in told.items() if value]
    found = opened.found
    if found.rows > 1:
        reading.append(f"header in rows {found.row} to {found.row + found.rows - 1}")
    elif found.row > 1:
        reading.append(f"header in row {found.row}")
    return Looked(
        names=tuple(opened.names),
        rows=opened.profile.rows,
        reading=tuple(reading),
        columns=tuple(_seen(draft)),
        plan=plan,
        questions=tuple(dict.fromkeys(draft.questions)),
        section=section,
    )


def _seen(draft: Draft) -> list[Seen]:
    """Return the columns; those that the headers' pattern fits are one line."""
    found: list[Seen] = []
    figures = [one for one in draft.columns if draft.roles.get(one.number) == "figures"]
    for column in draft.columns:
        role = draft.roles.get(column.number, "")
        if role == "figures" and len(figures) > 1:
            if column is figures[0]:
                texts = tuple(dict.fromkeys(text for one in figures for text in one.values[:1]))
                distinct = len({text for one in figures for text in one.values})
                title = f"{column.name} \u2026 {figures[-1].name}"
                found.append(Seen(title, _figures(draft), distinct, texts[:_SAMPLES], len(figures)))
            continue
        taken = _figures(draft) if role == "figures" else role
        found.append(Seen(column.name, taken, column.distinct, tuple(column.values[:_SAMPLES])))
    return found


def _figures(draft: Draft) -> str:
    headers = draft.settings.get("headers", {})
    measures = list(dict.fromkeys(headers.get("measures", {}).values())) or [headers.get("measure") or "figures"]
    return ", ".join(measures)

"""Codes that others add up to: a company above its departments, a division above its teams; they would count twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from bridgehead.sources.guess.draft import Draft
from bridgehead.sources.guess.toml import line
from bridgehead.sources.guess.words import WHOLES, plain
from bridgehead.tables import Session, question

_HERE = "bridgehead.sources.guess"
_Figures = Mapping[str, "Counter[str]"]


def leave_wholes(draft: Draft, session: Session) -> bool:
    """Leave out the rows that are sums of others, as the plan was read; return whether there are any.

    A name that says so is believed; where only the figures say so, a person is asked, and `plan` stops until then.
    """
    figures: dict[str, dict[str, Counter[str]]] = {}
    for field, code, cell, heads, fte in session.ask(question(_HERE, "wholes")):
        figures.setdefault(field, {}).setdefault(code, Counter()).update({f"{cell} h": heads, f"{cell} f": fte})
    found = False
    for field, codes in figures.items():
        title = draft.settings.get("columns", {}).get(field)
        if isinstance(title, str) and (wholes := wholes_in(codes)):
            found = _leave(draft, title, wholes, codes) or found
    return found


def _leave(draft: Draft, title: str, wholes: Sequence[str], codes: _Figures) -> bool:
    shown = ", ".join(map(repr, wholes[:3])) + (", ..." if len(wholes) > 3 else "")
    told = f"{shown} in {title!r} {'come' if len(wholes) > 1 else 'comes'} to as much as others together"
    without = draft.settings.get("without", {})
    left = without | {title: [*without.get(title, []), *wholes]}
    if all({*plain(one).split()} & WHOLES for one in wholes):
        draft.settings["without"] = left
        draft.look("without", f"{told}: taken for totals, and left out.")
        return True
    # The same few heads in every month may be so by chance.
    if max(len(set(codes[one].values()) - {0}) for one in wholes) < _TELLING:
        return False
    draft.settings["without"] = without | {title: []}
    draft.notes["without"] = "name the totals, or take this line out"
    draft.offers["without"] = [line("without", left)]
    draft.ask("without", f"{told}: are they totals?", line("without", {title: list(wholes)}))
    return True


_TELLING = 2


def wholes_in(codes: _Figures) -> list[str]:
    """Return the codes that are sums: one of all the others, or those of a tree whose root holds everything.

    codes: in the order of the file, with what each comes to, cell by cell. In a tree the parts stand right below their
    sum, or right above it.
    """
    everything: Counter[str] = Counter()
    for figures in codes.values():
        everything.update(figures)
    roots = [one for one, figures in codes.items() if _twice(figures) == everything]
    if roots or not any(everything.values()):
        return roots if len(roots) == 1 else []
    names = list(codes)
    return _parents(codes, names[::-1]) or _parents(codes, names)


def _twice(figures: Counter[str]) -> Counter[str]:
    return Counter({cell: 2 * figure for cell, figure in figures.items()})


def _parents(codes: _Figures, names: Sequence[str]) -> list[str]:
    """Return the sums of a tree whose parts are named before their sum; none where that makes no single tree."""
    tops: list[str] = []
    parents: list[str] = []
    for name in names:
        rest: Counter[str] = Counter()
        for size, part in enumerate(reversed(tops), 1):
            rest.update(codes[part])
            if Decimal(rest.total()) > Decimal(codes[name].total()):
                break
            if size > 1 and rest == codes[name]:
                del tops[-size:]
                parents.append(name)
                break
        tops.append(name)
    return parents[::-1] if len(tops) == 1 else []

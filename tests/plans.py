"""Random plans, and what has to become of them: reckoned here in plain decimals, with none of the product's code."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st
from msgspec.structs import replace

from bridgehead.projection import DIMENSIONS, MEASURES, STATED, Cell

CODES = tuple(name for name in DIMENSIONS if name != "period_start")
Scales = Mapping[str, int]
THREAD: Scales = {"headcount": 0, "fte": 2, "hours": 2, "cost": 2}
"""What UKG's planning API takes, as the dialect says."""

ODD = (
    *("0100", "007", "0", "00", "1E5", "1e-3", "0x10", "1.50", "1,5", "1/2", "2027-01", "01.02.2027"),
    *("TRUE", "false", "NULL", "null", "None", "nan", "N/A", "n/a", "#N/A", "#Missing", "-", "--", ".", "?"),
    *(
        "A",
        "a",
        "Ä",
        "A\u0308",
        "e\u0301",
        "\u212b",
        "o\u0302",
        "ß",
        "ss",
        "İ",
        "ﬁ",
        "東京",
        "🚲",
        "a  b",
        "a\u00a0b",
        "a\u200bb",
        "\ufeffA",
    ),
    *('say "x"', '"', '""', "'", "it's", "a,b", "a;b", "a|b", "5 %", "%s", "100%", "$1", "{0}", "back\\slash", "\\N"),
    *("=1+1", "@A", "+5", "-5", "'007", "#", "/* */", "a\u2028b", "<&>", "_x0041_", "Total", "headcount"),
)
"""Codes that a careless reader would take for something else."""


def is_code(text: str) -> bool:
    """Tell whether a text may be a code: blanks at its ends belong to the file, not to the code."""
    ends = (unicodedata.category(text[:1]), unicodedata.category(text[-1:])) if text else ("Zs", "Zs")
    return not any(one.startswith("Z") for one in ends)


CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")


def codes(length: int) -> st.SearchStrategy[str]:
    """Draw codes of at most so many characters."""
    odd = st.sampled_from([code for code in ODD if len(code) <= length])
    return odd | st.text(CHARACTERS, min_size=1, max_size=min(length, 6)).filter(is_code)


class Told(NamedTuple):
    """What a plan says of a cell; None is not said."""

    headcount: Decimal | None = None
    fte: Decimal | None = None
    hours: Decimal | None = None
    cost: Decimal | None = None
    currency: str | None = None

    @property
    def numbers(self) -> dict[str, Decimal | None]:
        """The measures by name."""
        return dict(zip(MEASURES, self, strict=False))

    @property
    def absent(self) -> bool:
        """Whether nothing is planned here."""
        return all(number is None for number in self.numbers.values())


Plan = dict[Cell, Told]


@st.composite
def numbers(draw: st.DrawFn, scale: int, *, whole: bool, digits: int = 12) -> Decimal:
    """Draw a number; many are ties at the wire's scale, or next to one."""
    long = st.text("0123456789", min_size=digits - 1, max_size=digits).map(int)
    figure = draw(st.integers(0, 12) | st.integers(0, 9_999) | long)
    if whole:
        return Decimal(figure)
    kind = draw(st.sampled_from(["exact", "any", "tie", "tie"]))
    if kind != "tie":
        size = draw(st.integers(0, scale) if kind == "exact" else st.sampled_from([1, 3, 5, 6]))
        tail = draw(st.text("0123456789", min_size=size, max_size=size))
    else:
        # A tie, and what is next to one by its last decimal.
        tail = draw(st.text("0123456789", min_size=scale, max_size=scale)) + draw(st.sampled_from(["5", "50", "51"]))
        tail = draw(st.sampled_from([tail, tail[:-1] + "49"]))
    return Decimal(f"{figure}.{tail}" if tail else figure)


@dataclass(frozen=True)
class Kind:
    """Which plans to draw. lengths: how many characters a code may have. digits: how many stand before the decimals."""

    scales: Scales
    lengths: Mapping[str, int]
    digits: int = 12


@st.composite
def told(draw: st.DrawFn, kind: Kind, measures: Sequence[str]) -> Told:
    """Draw what a plan says of a cell."""
    given: dict[str, Any] = {}
    for name in measures:
        if draw(st.integers(0, 3)):
            scale = kind.scales[name]
            given[name] = draw(numbers(scale, whole=name == "headcount" and not scale, digits=kind.digits))
    if "headcount" not in given and "fte" not in given:
        given = {} if not draw(st.integers(0, 2)) else given
        if given:  # hours and cost alone are no plan
            given["fte" if "fte" in measures else "headcount"] = Decimal(draw(st.integers(0, 99)))
    if "cost" in given or draw(st.integers(0, 4)) == 0:
        given["currency"] = draw(st.sampled_from(["EUR", "USD", "GBP"]))
    return Told(**given)


@st.composite
def months(draw: st.DrawFn) -> list[date]:
    """Draw some months, of one year or of several."""
    first = draw(st.dates(date(2025, 1, 1), date(2031, 12, 1))).replace(day=1)
    steps = draw(st.sets(st.integers(0, 14), min_size=1, max_size=5))
    return [date(first.year + (first.month - 1 + step) // 12, (first.month - 1 + step) % 12 + 1, 1) for step in steps]


@st.composite
def places(draw: st.DrawFn, kind: Kind, periods: Sequence[date]) -> Cell:
    """Draw a cell."""
    few: dict[str, Any] = {name: draw(codes(kind.lengths[name])) for name in ("scenario", "version", "org_unit")}
    for name in CODES:
        if name not in few and draw(st.booleans()):
            few[name] = draw(codes(kind.lengths[name]))
    return Cell(period_start=draw(st.sampled_from(periods)), **few)


@st.composite
def plans(draw: st.DrawFn, kind: Kind, over: Plan | None = None) -> Plan:
    """Draw a plan: some places, some months, cells that differ in one code only. over: cells that it may touch too."""
    measures = draw(st.sampled_from([("headcount",), ("fte",), ("headcount", "fte"), *[MEASURES] * 4]))
    periods = draw(months())
    cells = [draw(places(kind, periods))]
    for _ in range(draw(st.integers(4, 9))):
        near = draw(st.sampled_from(cells[:3]))
        change = draw(st.sampled_from(["month", "month", "code", "code", "other"]))
        if change == "month":
            near = replace(near, period_start=draw(st.sampled_from(periods)))
        elif change == "code":
            name = draw(st.sampled_from(CODES))
            code = draw(codes(kind.lengths[name]) if name not in (*STATED, "grade") else st.none() | codes(3))
            near = replace(near, **{name: code})
        else:
            near = draw(places(kind, periods))
        cells.append(near)
    plan = {cell: draw(told(kind, measures)) for cell in dict.fromkeys(cells)}
    return plan if over is None else draw(edited(kind, over, plan))


@st.composite
def edited(draw: st.DrawFn, kind: Kind, over: Plan, more: Plan) -> Plan:
    """Draw what became of a plan: cells kept, moved by less than the wire shows, changed, left out, and new ones."""
    plan: Plan = dict(more) if draw(st.booleans()) else {}
    for cell, before in over.items():
        fate = draw(st.sampled_from(["kept", "kept", "nudged", "unsaid", "recoined", "changed", "gone", "gone"]))
        if fate == "kept":
            plan[cell] = before
        elif fate == "nudged":
            scale = kind.scales["fte"]
            plan[cell] = before._replace(fte=None if before.fte is None else before.fte + Decimal(1).scaleb(-scale - 2))
        elif fate == "unsaid":
            plan[cell] = before._replace(hours=None)
        elif fate == "recoined":
            plan[cell] = before._replace(currency="CHF" if before.currency else None)
        elif fate == "changed":
            plan[cell] = draw(told(kind, MEASURES))
    return plan or dict(more)


def to_scale(number: Decimal, scale: int) -> Decimal:
    """Round half to even."""
    return number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_EVEN)


def wired(one: Told, scales: Scales) -> Told:
    """Return what travels of a cell."""
    sent = {name: None if number is None else to_scale(number, scales[name]) for name, number in one.numbers.items()}
    return Told(**sent, currency=one.currency)


def wire_of(plan: Plan, scales: Scales) -> Plan:
    """Return what travels of a plan."""
    return {cell: wired(one, scales) for cell, one in plan.items() if not one.absent}


def rounded(plan: Plan, scales: Scales) -> int:
    """Count the projections of which a number is rounded."""
    return sum(wired(one, scales).numbers != one.numbers for one in plan.values())


def record(cell: Cell, one: Told, tenant_id: str) -> dict[str, Any]:
    """Return a cell as the wire has it, under our names."""
    key = [str(getattr(cell, name) or "") for name in DIMENSIONS]
    reference = uuid.uuid5(uuid.UUID(tenant_id), "\x1f".join(key))
    fields = {name: getattr(cell, name) for name in DIMENSIONS} | one._asdict()
    return {"client_ref": str(reference), **fields, "period_start": cell.period_start.isoformat()}


class Held(NamedTuple):
    """What UKG holds in a cell."""

    told: Told
    retired: bool = False


State = dict[Cell, Held]


class Span(NamedTuple):
    """A scenario and version, from one month to another."""

    scenario: str
    version: str
    first: date
    last: date

    def holds(self, cell: Cell) -> bool:
        """Tell whether a cell lies inside."""
        named = (cell.scenario, cell.version) == (self.scenario, self.version)
        return named and self.first <= cell.period_start <= self.last


def spans(plan: Plan) -> list[Span]:
    """Return what a plan reaches over, which is what it is complete for when nobody says."""
    seen: dict[tuple[str, str], list[date]] = {}
    for cell in plan:
        seen.setdefault((cell.scenario, cell.version), []).append(cell.period_start)
    return [Span(*named, min(periods), max(periods)) for named, periods in seen.items()]


def zeros(one: Told) -> Told:
    """Return a retired cell: every measure that it had is 0."""
    nothing = {name: None if number is None else Decimal(0) for name, number in one.numbers.items()}
    return Told(**nothing, currency=one.currency)


class Moves(NamedTuple):
    """What a plan does to a state, counted."""

    create: int
    update: int
    retire: int
    unchanged: int


def after(state: State, sent: Plan, owned: Sequence[Span], keep: Sequence[Cell] = ()) -> tuple[State, Moves]:
    """Return the state that a plan leads to, and how. keep: cells that are never retired."""
    gone = {
        cell
        for cell, held in state.items()
        if cell not in sent and not held.retired and cell not in keep and any(span.holds(cell) for span in owned)
    }
    same = {cell for cell, one in sent.items() if cell in state and state[cell].told == one}
    create = sum(cell not in state for cell in sent)
    moves = Moves(create, len(sent) - create - len(same), len(gone), len(same))
    changed = {cell: Held(one) for cell, one in sent.items() if cell not in same}
    return state | {cell: Held(zeros(state[cell].told), retired=True) for cell in gone} | changed, moves

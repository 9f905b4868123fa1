"""Charts of a plan: heads by month before and after, and how much each month changes; drawn as SVG that has no style.

The classes are `before`, `after`, `more`, `fewer` and `line`; whoever shows a chart says how they look. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

import msgspec

from bridgehead.plan import Month

_WIDTH, _LEFT, _TOP = 720, 64, 12
_HIGH, _GAP, _LOW = 190, 34, 40
"""Heights: of the bars, of the months' names below them, and of the furthest change."""


class Chart(msgspec.Struct, frozen=True):
    """The months of one scenario and version. measure: Heads, or FTE where no heads are planned.

    rows: month, before and after, for those who would rather read a table. changes: whether any month changes.
    """

    scenario: str
    measure: str
    svg: str
    rows: tuple[tuple[str, Decimal, Decimal], ...]
    changes: bool


def charts(months: Sequence[Month]) -> Iterator[Chart]:
    """Yield a chart for each scenario and version that plans anybody."""
    for (scenario, version), found in groupby(months, key=lambda one: (one.scenario, one.version)):
        own = list(found)
        heads = any(one.heads_before or one.heads_after for one in own)
        rows = tuple(
            (f"{one.period_start:%Y-%m}", *((one.heads_before, one.heads_after) if heads else _fte(one))) for one in own
        )
        if any(before or after for _, before, after in rows):
            measure = "Heads" if heads else "FTE"
            changes = any(before != after for _, before, after in rows)
            yield Chart(f"{scenario} {version}", measure, _drawn(rows, measure), rows, changes)


def _fte(month: Month) -> tuple[Decimal, Decimal]:
    return month.fte_before, month.fte_after


def _drawn(rows: Sequence[tuple[str, Decimal, Decimal]], measure: str) -> str:
    step = Decimal(_WIDTH - _LEFT) / len(rows)
    most = _round_up(max(max(before, after) for _, before, after in rows))
    changes = [after - before for _, before, after in rows]
    up, down = max(*changes, Decimal(0)), -min(*changes, Decimal(0))
    furthest, digits = max(up, down), 0 if measure == "Heads" else 2
    middle = _TOP + _HIGH + _GAP + (_LOW * up / furthest if furthest else Decimal(0))
    parts = [_scale(most), _names([month for month, _, _ in rows], step)]
    for number, (month, before, after) in enumerate(rows):
        told = f"{month}: {before:,.{digits}f} before, {after:,.{digits}f} after, {after - before:+,.{digits}f}"
        pair = _bar(number, step, before * _HIGH / most, "before", 0) + _bar(
            number, step, after * _HIGH / most, "after", 1
        )
        change = _change(number, step, (after - before) * _LOW / furthest, middle) if after != before else ""
        parts.append(f"<g><title>{told}</title>{pair}{change}</g>")
    if furthest:
        parts.append(_changes_scale(up, down, middle))
    high = _TOP + _HIGH + _GAP + (_LOW * (up + down) / furthest + 10 if furthest else 0)
    label = f"{measure} by month, before and after; the table below says the same"
    return f'<svg viewBox="0 0 {_WIDTH} {high:.0f}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _round_up(most: Decimal) -> Decimal:
    """Return the end of the scale: four steps of a round number."""
    power = Decimal(10) ** (most / 4).adjusted()
    return next(4 * one * power for one in map(Decimal, ("1", "1.5", "2", "2.5", "3", "4", "5", "7.5", "10"))
                if 4 * one * power >= most)  # fmt: skip


def _bar(number: int, step: Decimal, height: Decimal, name: str, nth: int) -> str:
    wide = step * Decimal("0.38")
    x = _LEFT + number * step + step * Decimal("0.1") + nth * wide * Decimal("1.1")
    return (
        f'<rect class="{name}" x="{x:.1f}" y="{_TOP + _HIGH - height:.1f}" width="{wide:.1f}" height="{height:.1f}"/>'
    )


def _change(number: int, step: Decimal, height: Decimal, middle: Decimal) -> str:
    """Return the bar of a month's change, up or down from a line of its own."""
    tall = max(abs(height), Decimal(1))
    x, y = _LEFT + number * step + step * Decimal("0.25"), middle - tall if height > 0 else middle
    name = "more" if height > 0 else "fewer"
    return f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{step / 2:.1f}" height="{tall:.1f}"/>'


def _scale(most: Decimal) -> str:
    lines = []
    for part in range(5):
        y = _TOP + _HIGH * part / 4
        digits = 0 if (most / 4) % 1 == 0 else 2
        lines.append(_line(y) + _figure(y + 4, f"{most * (4 - part) / 4:,.{digits}f}"))
    return "".join(lines)


def _changes_scale(up: Decimal, down: Decimal, middle: Decimal) -> str:
    digits = 0 if up % 1 == 0 and down % 1 == 0 else 2
    told = _line(middle)
    if up:
        told += _figure(middle - _LOW * up / max(up, down) + 8, f"+{up:,.{digits}f}")
    if down:
        told += _figure(middle + _LOW * down / max(up, down), f"\u2212{down:,.{digits}f}")
    return told


def _line(y: Decimal | float) -> str:
    return f'<line class="line" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _figure(y: Decimal | float, text: str) -> str:
    return f'<text x="{_LEFT - 8}" y="{y:.1f}" text-anchor="end">{text}</text>'


def _names(months: Sequence[str], step: Decimal) -> str:
    every = -(-len(months) // 12)
    return "".join(
        f'<text x="{_LEFT + (number + Decimal("0.5")) * step:.1f}" y="{_TOP + _HIGH + 18}" text-anchor="middle">'
        f"{month}</text>"
        for number, month in enumerate(months)
        if number % every == 0
    )

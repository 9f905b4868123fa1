"""A plan's months, drawn: before and after of each, and a scale that ends on a round number above all of them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bridgehead.charts import charts
from bridgehead.plan import Month

AMOUNTS = st.decimals(0, 10_000_000, places=2)


def month(
    number: int, heads: tuple[Decimal, Decimal], fte: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
) -> Month:
    return Month("budget", "v1", date(2027 + number // 12, 1 + number % 12, 1), *heads, *fte)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=40))
def test_every_bar_lies_within_the_drawing(pairs: list[tuple[Decimal, Decimal]]) -> None:
    for chart in charts([month(number, pair) for number, pair in enumerate(pairs)]):
        _, high = map(float, re.findall(r"viewBox=\"0 0 (\d+) (\d+)", chart.svg)[0])
        bars = re.findall(
            r'<rect class="\w+" x="([\d.-]+)" y="([\d.-]+)" width="([\d.-]+)" height="([\d.-]+)"', chart.svg
        )
        for x, y, width, height in (map(float, bar) for bar in bars):
            assert 0 <= x <= x + width <= 720
            assert 0 <= y <= y + height <= high + 0.1
        assert [row[1:] for row in chart.rows] == pairs
        assert len(bars) == 2 * len(pairs) + sum(before != after for before, after in pairs)


def test_the_scale_ends_on_a_round_number() -> None:
    (chart,) = charts([month(0, (Decimal(1013), Decimal(990)))])

    assert re.findall(r">([\d,.]+)</text>", chart.svg)[:5] == ["1,200", "900", "600", "300", "0"]


def test_where_no_heads_are_planned_fte_is_drawn_and_where_nobody_is_nothing() -> None:
    nobody = (Decimal(0), Decimal(0))
    (chart,) = charts([month(0, nobody, (Decimal("3.5"), Decimal("2.25")))])

    assert chart.measure == "FTE"
    assert "2027-01: 3.50 before, 2.25 after, -1.25" in chart.svg
    assert list(charts([month(0, nobody)])) == []

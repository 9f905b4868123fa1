"""The planning files of a schedule: month by month records are added, changed and left out; drawn from its seed, pure.

Each value says in its decimals which file set it. So whatever UKG applied can be told apart afterwards: the value of
today, one that came twice, and one of yesterday that arrived after it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from decimal import Decimal

HEADER = "scenario,version,period_start,org_unit,cost_center,location,job,headcount,fte"
KEPT = 12
"""The first records, one job's year: they stand in every file, so that all files span the same months."""

Value = tuple[Decimal, Decimal]
"""Heads and full-time equivalents."""
Month = dict[int, Value]
"""A planning file: by the number of the record, what it plans."""
GONE: Value = (Decimal(0), Decimal(0))


def cell(number: int) -> tuple[str, ...]:
    """Return the record's dimensions, as they stand in the file: all of them are of the demo tenant's catalogue."""
    period = f"2027-{1 + number % 12:02d}"
    return "budget", "v1", period, f"{100 + number // 300 % 60:04d}", "CC0100", "L01", f"J{1 + number // 12 % 25:03d}"


def key(number: int) -> tuple[str, ...]:
    """Return the record's dimensions as UKG holds them."""
    scenario, version, period, *others = cell(number)
    return scenario, version, f"{period}-01", *others


def months(chance: random.Random, records: int, files: int) -> list[Month]:
    """Draw the files, each from the one before."""
    first = {number: _value(chance, 0) for number in range(records) if number < KEPT or chance.random() < 0.9}
    drawn = [first]
    for file in range(1, files):
        drawn.append(_next(chance, drawn[-1], records, file))
    return drawn


def _next(chance: random.Random, before: Month, records: int, file: int) -> Month:
    changing, leaving = chance.choice((0.03, 0.2, 0.5, 1.0)), chance.choice((0.0, 0.03, 0.1, 0.3))
    after: Month = {}
    for number in range(records):
        standing = before.get(number)
        if standing is None:
            if chance.random() < 0.4:
                after[number] = _value(chance, file)
        elif number < KEPT or chance.random() >= leaving:
            after[number] = _value(chance, file) if chance.random() < changing else standing
    return after


def _value(chance: random.Random, file: int) -> Value:
    heads = chance.randint(2, 400)
    return Decimal(heads), heads - 1 + Decimal(file + 1) / 100


def lines(month: Month) -> Iterator[str]:
    """Yield the file's lines."""
    yield HEADER
    for number, (heads, fte) in month.items():
        yield ",".join([*cell(number), str(heads), str(fte)])


def course(files: Sequence[Month], number: int) -> list[Value]:
    """Return what a record was to become, file by file: only its changes, from GONE where nothing planned it yet."""
    values = [GONE]
    for month in files:
        value = month.get(number, GONE)
        if value != values[-1]:
            values.append(value)
    return values

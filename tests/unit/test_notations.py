"""Numbers in any notation are the numbers that were written, and one with two readings is refused with both."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.unit.mapped import plain, read

from bridgehead.errors import BridgeheadError
from bridgehead.sources.csv import CsvReader
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.tables import Session

QUICK = settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])


def ambiguous(session: Session, folder: Path, *numbers: str, **settings: Any) -> list[str | None]:
    header = ["scenario", "version", "period_start", "org_unit", "headcount", "cost", "currency"]
    rows = [["b", "v", "2027-01", f"U{index}", number, "0.5", "EUR"] for index, number in enumerate(numbers)]
    (folder / "plan.csv").write_text("".join(f"{'|'.join(line)}\n" for line in (header, *rows)))
    mapping = plain(more=["cost", "currency"], **settings)
    PlanningFile([CsvReader(folder / "plan.csv", delimiter="|")], mapping).stage(session)
    return [heads for (heads,) in session.ask("SELECT headcount FROM text_rows ORDER BY record")]


@pytest.mark.parametrize("numbers", [["1.234"], ["7", "1.234", "-12.000"], ["999.999", ""]])
def test_numbers_that_have_two_readings_are_refused_with_both(
    session: Session, tmp_path: Path, numbers: Sequence[str]
) -> None:
    with pytest.raises(BridgeheadError) as caught:
        ambiguous(session, tmp_path, *numbers)
    example = next(number for number in numbers if "." in number)
    line = numbers.index(example) + 2
    for word in (example, example.replace(".", ""), "headcount", f"plan.csv:{line}"):
        assert word in caught.value.message
    for word in ('decimal = "point"', 'decimal = "comma"', 'thousands = "."'):
        assert word in caught.value.cure


@pytest.mark.parametrize("witness", ["0.500", "1.5", "1234.500", "1.2345", "01.234", "1."])
def test_one_number_that_has_one_reading_decides_for_its_column(session: Session, tmp_path: Path, witness: str) -> None:
    assert ambiguous(session, tmp_path, "1.234", witness) == ["1.234", witness]


@pytest.mark.parametrize(
    ("settings", "heads"),
    [
        ({"decimal": "point"}, "1.234"),
        ({"decimal": "comma", "thousands": "."}, "1234"),
        ({"decimal": "point", "thousands": ","}, "1.234"),
    ],
)
def test_a_stated_notation_ends_the_ambiguity(
    session: Session, tmp_path: Path, settings: dict[str, Any], heads: str
) -> None:
    assert ambiguous(session, tmp_path, "1.234", **settings) == [heads]


NOTATIONS = [("point", "", ""), ("point", ",", ""), ("point", "'", ""), ("point", " ", ""), ("point", " ", "\u202f")]
NOTATIONS += [("comma", "", ""), ("comma", ".", ""), ("comma", " ", "\u00a0"), ("comma", "'", "")]


def noted(number: Decimal, decimal: str, group: str) -> str:
    text = f"{number:,}" if group else f"{number:f}"
    return text.translate(str.maketrans({",": group, ".": "," if decimal == "comma" else "."}))


@QUICK
@given(st.sampled_from(NOTATIONS), st.lists(st.decimals(-(10**9), 10**9, places=3), min_size=1, max_size=9))
def test_a_number_in_any_notation_is_the_number_that_was_written(
    session: Session, notation: tuple[Any, Any, str], numbers: list[Decimal]
) -> None:
    decimal, thousands, sign = notation
    header = ["scenario", "version", "period_start", "org_unit", "headcount"]
    rows = [["b", "v", "2027-01", "A", noted(number, decimal, sign or thousands)] for number in numbers]
    found = read(session, plain(decimal=decimal, thousands=thousands), header, *rows)
    assert [Decimal(one["headcount"]) for one in found] == numbers

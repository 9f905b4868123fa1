"""The list of seeded defects stays true: each still has its place, and each is a change that Python can run."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.mutants import MUTANTS, Mutant

SOURCE = Path(__file__).parents[2] / "src"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.lets)
def test_every_seeded_defect_has_its_place_exactly_once(mutant: Mutant) -> None:
    text = (SOURCE / mutant.path).read_text()

    assert text.count(mutant.old) == 1
    assert mutant.new != mutant.old
    ast.parse(text.replace(mutant.old, mutant.new))


def test_every_seeded_defect_lets_something_else_through() -> None:
    assert len({mutant.lets for mutant in MUTANTS}) == len(MUTANTS) >= 18

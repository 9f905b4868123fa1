"""Sums among codes are found by their figures: of any tree of teams its sums are found, and no team is."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bridgehead.sources.guess.wholes import wholes_in

CELLS = ("2027-01 h", "2027-02 h", "2027-03 h")


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, Counter[str]], set[str]]:
    """Return the codes of a company in the order of a file, sums above their parts, and which of them are sums.

    Each team has a figure of its own in another digit, so that nothing is a sum by chance.
    """
    sizes = draw(st.lists(st.integers(min_value=2, max_value=4), min_size=2, max_size=4))
    codes: dict[str, Counter[str]] = {}
    digit, whole, sums = 0, Counter[str](), {"company"}
    for number, size in enumerate(sizes):
        parts = {}
        for team in range(size):
            parts[f"team {number}.{team}"] = Counter({cell: 10**digit * draw(st.integers(1, 4)) for cell in CELLS})
            digit += 1
        division = sum(parts.values(), Counter[str]())
        codes[f"division {number}"] = division
        codes |= parts
        sums.add(f"division {number}")
        whole += division
    return {"company": whole} | codes, sums


@given(trees())
def test_the_sums_of_a_tree_are_found_whether_they_stand_above_or_below_their_parts(
    tree: tuple[dict[str, Counter[str]], set[str]],
) -> None:
    codes, sums = tree
    assert set(wholes_in(codes)) == sums
    assert set(wholes_in(dict(reversed(codes.items())))) == sums


@given(trees())
def test_teams_alone_hold_no_sum(tree: tuple[dict[str, Counter[str]], set[str]]) -> None:
    codes, sums = tree
    assert wholes_in({code: figures for code, figures in codes.items() if code not in sums}) == []


@given(trees())
def test_the_sum_of_all_others_is_found_wherever_it_stands(tree: tuple[dict[str, Counter[str]], set[str]]) -> None:
    codes, sums = tree
    teams = {code: figures for code, figures in codes.items() if code not in sums}
    first, *others = teams.items()
    assert wholes_in(dict([first, ("company", codes["company"]), *others])) == ["company"]

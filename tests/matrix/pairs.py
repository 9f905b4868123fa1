"""The reviewed table of pairs, read from pairs.txt."""

from __future__ import annotations

from pathlib import Path

from tests.matrix.bench import Bench, Impossible
from tests.matrix.causes import CAUSES

KINDS = ("hides", "beside", "alike", "excludes")


def read_pairs() -> dict[tuple[int, int], str]:
    """Return what becomes of each pair; of one that hides the other, the hiding one is the first."""
    pairs: dict[tuple[int, int], str] = {}
    for line in (Path(__file__).parent / "pairs.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            number, _, kind, *others = line.split()
            pairs |= {(int(number), int(other)): kind for other in others}
    return pairs


def judge_pair(bench: Bench, first: int, second: int, kind: str) -> str:
    """Inject two causes and say what is wrong with what the doctor sees, empty when it is as the table says."""
    one, other = CAUSES[first], CAUSES[second]
    try:
        seen = bench.examine(one, other)
    except Impossible:
        return "" if kind == "excludes" else "they exclude each other"
    if kind == "excludes":
        return "they can be at once"
    wrong = "".join(f"false alarm {check}; " for check in seen.alarms(one, other))
    if seen.diagnosis.refused > seen.diagnosis.at_most:
        wrong += f"{seen.diagnosis.refused} calls were refused; "
    named = seen.names(one), seen.names(other)
    together = any({*one.names} & {*some} and {*other.names} & {*some} for some in seen.suspects())
    if kind == "hides":
        wrong += "" if named == (True, False) else f"named are {seen.suspects()}; "
        after = bench.examine(other)
        return wrong + ("" if after.names(other) else f"after the cure named is {after.suspects()}")
    wrong += "" if all(named) else f"named are {seen.suspects()}; "
    return wrong + ("" if together is (kind == "alike") else "one set names both" * together)

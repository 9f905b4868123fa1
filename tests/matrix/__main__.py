"""The doctor's accuracy as a number: `make matrix` injects every cause and every pair of them, and tells."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.matrix.bench import Bench
from tests.matrix.causes import CAUSES, VARIANTS
from tests.matrix.pairs import judge_pair, read_pairs

STRICTNESS = ("production", "sandbox", "soft")


def main() -> int:
    """Inject, ask, and tell; return 1 when anything is not as it should be."""
    with tempfile.TemporaryDirectory() as folder, Bench(Path(folder)).standing() as bench:
        alarms = _healthy(bench)
        named = _causes(bench)
        pairs = read_pairs()
        wrong = {pair: judge_pair(bench, *pair, kind) for pair, kind in pairs.items()}
    for (first, second), problem in wrong.items():
        if problem:
            print(f"{CAUSES[first].name} with {CAUSES[second].name}: {problem}")
    _grid(pairs)
    good = sum(not problem for problem in wrong.values())
    alarms += sum("false alarm" in problem for problem in wrong.values())
    print(f"causes {named}/{len(CAUSES)}, pairs {good}/{len(wrong)}, false alarms {alarms}")
    return int(named < len(CAUSES) or good < len(wrong) or alarms > 0)


def _healthy(bench: Bench) -> int:
    """Examine tenants that are well, in every strictness; return how many findings say otherwise."""
    told = 0
    for strictness in STRICTNESS:
        for keyed in (False, True):
            told += len(bench.examine(strictness=strictness, keyed=keyed).told)
    return told


def _causes(bench: Bench) -> int:
    """Examine each cause alone, without and with the auditor, and hold it against the emulator's own log."""
    failed = set()
    print(f"{'cause':34}{'without the log':62}with it")
    for cause in sorted((*CAUSES.values(), *VARIANTS), key=lambda one: one.number):
        alone, audited = bench.examine(cause), bench.examine(cause, auditor=True)
        logged = {check for check, _ in bench.denied(cause.dialect or "thread")}
        right = alone.names(cause) and audited.exactly(cause) and (not cause.logged or cause.logged in logged)
        right = right and not alone.alarms(cause) + audited.alarms(cause)
        if not right:
            failed.add(cause.number)
        shown = [" or ".join(seen.suspects()[0]) if seen.suspects() else "-" for seen in (alone, audited)]
        print(f"{cause.number:2} {cause.name:31}{shown[0]:62}{shown[1]}{'' if right else '   WRONG'}")
    return len(CAUSES.keys() - failed)


def _grid(pairs: dict[tuple[int, int], str]) -> None:
    """Print the pairs: < the row hides the column, ^ the column hides the row, + both, = one set, x impossible."""
    signs = {"hides": "<", "beside": "+", "alike": "=", "excludes": "x"}
    print("\npairs: < the row hides the column, ^ the other way round, + both named, = one set, x impossible")
    print("    " + " ".join(f"{number:2}" for number in CAUSES))
    for row in CAUSES:
        cells = []
        for column in CAUSES:
            kind, turned = pairs.get((row, column)), pairs.get((column, row))
            sign = signs[kind] if kind else "^" if turned == "hides" else signs[turned] if turned else "."
            cells.append(f" {sign}" if column > row else "  ")
        print(f"{row:3} " + " ".join(cells))


if __name__ == "__main__":
    sys.exit(main())

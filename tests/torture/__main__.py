"""Crashes and faults by the hundred: `make torture DURATION=600 SEED=7` plays schedules, and counts what was lost.

A schedule is drawn from the seed and its number. It is played by a real bridgehead against the emulator: killed, cut
off, throttled, refused, out of disk. Then the faults end, bridgehead comes to its end, and UKG's own journal is read.
`--only 17` plays one of them again, and `--only 17 4` two.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count, takewhile

from tests.torture.report import Outcome, Tally
from tests.torture.worker import work


def main() -> int:
    """Play, and tell; return 1 when anything was lost, doubled, disagreeing or unexplained."""
    options = _options()
    until, tally = time.monotonic() + options.duration, Tally()
    chosen = iter(options.only) if options.only else takewhile(lambda _: time.monotonic() < until, count(options.first))
    with ProcessPoolExecutor(options.workers, multiprocessing.get_context("spawn")) as pool:
        for outcome in _played(pool, options.seed, chosen, options.workers):
            tally.add(outcome)
            for line in outcome.story:
                _say(line)
    for line in tally.lines():
        _say(line)
    return 1 if tally.failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--duration", type=float, default=600, help="for how many seconds schedules are begun")
    parser.add_argument("--seed", type=int, default=1, help="what they are drawn from")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one")
    parser.add_argument("--only", type=int, nargs="+", metavar="NUMBER", help="play these, and no others")
    parser.add_argument("--workers", type=int, default=4, help="how many at once; they wait more than they work")
    return parser.parse_args()


def _played(pool: ProcessPoolExecutor, seed: int, numbers: Iterator[int], at_once: int) -> Iterator[Outcome]:
    """Yield the outcomes as they come. None is begun before there is room for it, so that the time is kept."""
    flying = set[Future[Outcome]]()
    for number in numbers:
        flying.add(pool.submit(work, seed, number))
        if len(flying) >= at_once:
            done, flying = wait(flying, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)
    yield from (one.result() for one in wait(flying).done)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

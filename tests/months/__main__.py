"""`make months`: ninety nights of twenty tenants, and what UKG holds, who decided, and who was told at the end."""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.months.story import TENANTS, Story, seed
from tests.nights import nights


def main() -> int:
    """Play the story, and count what is wrong."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--nights", type=int, default=90)
    options = asked.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, nights(Path(folder), seed=seed()) as office:
        story = Story(office, random.Random(options.seed))
        story.begin()
        office.start()
        for day in story.days(options.nights):
            office.until(office.clock().replace(hour=20))
            story.evening(day)
            office.until(office.clock() + timedelta(hours=13), step=timedelta(minutes=20))
            story.morning()
            office.look()
        wrong = _wrong_numbers(story)
        unnamed, decisions = _decisions(story)
        repeated, missed = _notices(story)
        states = Counter(one.state for one in office.heard.ends)
        for words in office.heard.words:
            if words.startswith(("error", "warning")):
                sys.stdout.write(f"  {words}\n")
    sys.stdout.write(
        f"runs {sum(states.values())}: {dict(sorted(states.items()))}\n"
        f"decisions {decisions}, without a name {unnamed}; notices {len(office.told())}, missed or unforeseen {missed}"
        f"; {time.monotonic() - begun:.0f} s\n"
        f"tenants {len(TENANTS)}, nights {options.nights}, wrong numbers {wrong}, repeated notifications {repeated}\n"
    )
    return int(bool(wrong or unnamed or repeated or missed))


def _wrong_numbers(story: Story) -> int:
    """Count the cells that UKG holds otherwise than the planners mean, as the emulator's own store says."""
    wrong = 0
    for tenant, planners in story.planners.items():
        held = {
            (one["scenario"], one["version"], one["period_start"], one["cost_center"]): int(one["headcount"])
            for one in story.nights.held(story.client(tenant).tenant_id).values()
        }
        meant = planners.meant()
        differing = {cell for cell in held.keys() | meant.keys() if held.get(cell) != meant.get(cell)}
        if differing:
            cell = min(differing)
            sys.stdout.write(
                f"  {tenant}: {len(differing)} cells differ, such as {cell}: "
                f"UKG {held.get(cell)}, meant {meant.get(cell)}\n"
            )
        wrong += len(differing)
    return wrong


def _decisions(story: Story) -> tuple[int, int]:
    """Count the decisions that have no name, time or reason, and all of them."""
    decided = []
    for tenant in TENANTS:
        with closing(story.ledger(tenant)) as ledger:
            decided += [one for one in ledger.proposals.all() if one.state in ("approved", "rejected", "done")]
    return sum(not (one.decided_by and one.decided_at and one.reason) for one in decided), len(decided)


def _notices(story: Story) -> tuple[int, int]:
    """Count the notices that came twice, and the tenants that were told otherwise than they had to be."""
    told = story.nights.told()
    ids = Counter(one["id"] for one in told)
    repeated, missed = sum(count - 1 for count in ids.values()), 0
    for tenant in TENANTS:
        mine = [one for one in told if one["tenant"] == tenant]
        for topic in ("run", "file"):
            states = [one["state"] for one in mine if one["topic"] == topic]
            repeated += sum(first == second for first, second in itertools.pairwise(states))
        kinds = [one["state"].partition(" ")[0] for one in mine]
        if kinds != story.expected.get(tenant, []):
            missed += 1
            sys.stdout.write(f"  {tenant} was told {kinds}, and had to be told {story.expected.get(tenant, [])}\n")
    return repeated, missed


if __name__ == "__main__":
    sys.exit(main())

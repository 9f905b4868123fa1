"""A worker of the program: it has one world for all the schedules that it is handed."""

from __future__ import annotations

from contextlib import ExitStack
from multiprocessing.util import Finalize

from tests.torture.report import Outcome, carry_out
from tests.torture.world import World

_worlds: list[World] = []


def work(seed: int, number: int) -> Outcome:
    """Play a schedule in this worker's world, which is made for the first one."""
    if not _worlds:
        opened = ExitStack()
        _worlds.append(opened.enter_context(World()))
        Finalize(None, opened.close, exitpriority=1)
    return carry_out(_worlds[0], seed, number)

"""A check as data: what it asks of a case, and which checks it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridgehead.doctor.case import Case
from bridgehead.doctor.finding import Said


@dataclass(frozen=True, slots=True)
class Check:
    """One question. needs: the checks without which it makes no sense. decides: whether the diagnosis needs it."""

    slug: str
    link: str
    asks: str
    look: Callable[[Case], Said]
    needs: tuple[str, ...] = ()
    decides: bool = False

"""Which changes go first, as a person says it: those of some codes, or only so many."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from bridgehead.errors import ConfigError
from bridgehead.projection import DIMENSIONS

_BETWEEN = re.compile(r",(?=[A-Za-z_-]+=)")


class Only(msgspec.Struct, frozen=True):
    """Which changes go first: those that have one of these codes in each of these dimensions; at most so many.

    codes: by dimension; an unset one is empty. most: None for all of them.
    """

    codes: Mapping[str, tuple[str, ...]]
    most: int | None = None

    @property
    def options(self) -> str:
        """The options that ask for it."""
        told = [f"--only {shlex.quote(f'{name}={code}')}" for name, codes in self.codes.items() for code in codes]
        return " ".join([*told, *([f"--max {self.most}"] if self.most is not None else [])])


def only_of(wanted: Sequence[str], most: int | None) -> Only | None:
    """Read what was asked for, such as `org_unit=0100,job=J001`; None when nothing was. Raises ConfigError."""
    codes: dict[str, list[str]] = {}
    for text in wanted:
        for part in _BETWEEN.split(text):
            name, equals, code = part.partition("=")
            name = name.strip().lower().replace("-", "_")
            if name not in DIMENSIONS or not equals:
                raise ConfigError(
                    f"--only {text!r} does not name a code of a dimension.",
                    cure=f"Write DIMENSION=CODE, such as org_unit=0100. Dimensions are {', '.join(DIMENSIONS)}.",
                )
            codes.setdefault(name, []).append(_month(code) if name == "period_start" else code)
    if not codes and most is None:
        return None
    return Only({name: tuple(dict.fromkeys(found)) for name, found in codes.items()}, most)


def _month(text: str) -> str:
    try:
        return str(date.fromisoformat(f"{text}-01" if re.fullmatch(r"\d{4}-\d{2}", text) else text))
    except ValueError:
        raise ConfigError(f"{text!r} is no month.", cure="Write --only period_start=2027-01.") from None

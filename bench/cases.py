"""The cases: what is measured, with which rows, and who takes part."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bench.contenders import PEERS

US = "bridgehead"
SMALL, MILLION, LARGE = 100_000, 1_000_000, 10_000_000
LIMIT = "512MB"


@dataclass(frozen=True, slots=True)
class Case:
    """A case.

    kind: which of the runner's measurements it is. in_flight: how many requests may be on their way at once, 0 for the
    product's own default. latency_ms: how long the sink waits before each answer. limited:
    whether the table engine has less memory than by default. large: whether it runs only when it is asked for.
    """

    name: str
    about: str
    kind: str
    rows: int
    who: tuple[str, ...] = (US,)
    latency_ms: int = 0
    in_flight: int = 0
    limited: bool = False
    large: bool = False


_EVERYBODY = (US, *(name for name in PEERS if name != "prebuilt"))
# Latency only adds: who takes longer without it than dlt-arrow takes with it cannot be the fastest.
_FASTEST = (US, "aiohttp-8", "requests", "dlt-arrow", "dlt-arrow-8")
_ENDS = "from the first request to the last answer being written down"

CASES = (
    Case("new-100k", "100,000 rows, everything new", "new", SMALL, _EVERYBODY),
    Case("new-1M", "1,000,000 rows, everything new", "new", MILLION, _EVERYBODY),
    Case("delivery-1M", f"1,000,000 rows, everything new, {_ENDS}", "delivery", MILLION, (US, "prebuilt")),
    Case(
        "bodies-1M",
        "1,000,000 rows, from the plan's rows to the requests' bodies",
        "bodies",
        MILLION,
        (US, "duckdb"),
    ),
    Case("far-1M", f"1,000,000 rows at 100 ms, 32 in flight, {_ENDS}", "far", MILLION, latency_ms=100, in_flight=32),
    Case("unchanged-1M", "1,000,000 rows, the file rewritten, nothing changed", "unchanged", MILLION),
    Case("same-file-1M", "1,000,000 rows, the very same file, nothing to do", "same-file", MILLION),
    Case("changed-1M", "1,000,000 rows, 1 % changed", "changed", MILLION),
    Case("changed-1M-20ms", "1,000,000 rows, 1 % changed, 20 ms latency", "changed", MILLION, _FASTEST, latency_ms=20),
    *(
        Case(f"{kind}-{short}-limited", f"{rows:,} rows, {about}, {LIMIT}", kind, rows, limited=True, large=True)
        for short, rows in (("100k", SMALL), ("10M", LARGE))
        for kind, about in (("new", "everything new"), ("changed", "1 % changed"), ("all-changed", "all changed"))
    ),
)

RECORDS = 1_000
"""Records in a request, of everybody."""

TWINS = {
    "new": ("base", 100),
    "delivery": ("base", 100),
    "bodies": ("base", 100),
    "far": ("base", 100),
    "unchanged": ("rewritten", 0),
    "same-file": ("base", 0),
    "changed": ("changed", 1),
    "all-changed": ("all-changed", 100),
}
"""By kind: which twin of the planning file is read, and how many percent of its rows bridgehead has to send."""


def chosen(names: Collection[str], *, large: bool) -> list[Case]:
    """Return the cases that were asked for by name; else all, the large ones only when they are wanted."""
    return [case for case in CASES if case.name in names or (not names and (large or not case.large))]

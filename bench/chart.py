"""Draws the figures of a run: `python -m bench.chart bench-results.json docs/performance.svg`, no browser needed."""

from __future__ import annotations

import json
import sys
from html import escape
from pathlib import Path
from typing import Any

from bench.cases import CASES, US

DRAWN = ("new-1M", "changed-1M-20ms")
ROW, LEFT, WIDE, RIGHT, TOP = 24, 110, 560, 90, 44
OURS, OTHERS, INK, FAINT = "#0b6e4f", "#9aa5b1", "#1f2933", "#616e7c"


def chart(results: list[dict[str, Any]]) -> str:
    """Return the drawing: for each case the seconds of each who took part, the fastest first; ours in colour."""
    parts, top = [], 0
    for name in DRAWN:
        measured = sorted((one for one in results if one["case"] == name and one["seconds"]), key=_seconds)
        about = next(case.about for case in CASES if case.name == name)
        parts.append(_case(about, measured, top))
        top += TOP + ROW * len(measured) + 16
    width = LEFT + WIDE + RIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" width="{width}" height="{top}" '
        f'role="img" aria-label="Seconds of each program" font-family="system-ui, sans-serif" font-size="13">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n'
    )


def _seconds(one: dict[str, Any]) -> float:
    return float(one["seconds"])


def _case(about: str, measured: list[dict[str, Any]], top: int) -> str:
    most = max(map(_seconds, measured), default=1.0)
    lines = [f'<text x="8" y="{top + 28}" font-weight="600" fill="{INK}">{escape(about)}, seconds</text>']
    for number, one in enumerate(measured):
        y, mine, length = top + TOP + number * ROW, one["who"] == US, WIDE * _seconds(one) / most
        lines.append(
            f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end" fill="{INK if mine else FAINT}" '
            f'font-weight="{600 if mine else 400}">{escape(one["who"])}</text>'
            f'<rect x="{LEFT}" y="{y + 2}" width="{max(1.0, length):.1f}" height="{ROW - 8}" rx="2" '
            f'fill="{OURS if mine else OTHERS}"/>'
            f'<text x="{LEFT + length + 6:.1f}" y="{y + 14}" fill="{INK}">{_seconds(one):.2f}</text>'
        )
    return "".join(lines)


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(chart(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), encoding="utf-8")

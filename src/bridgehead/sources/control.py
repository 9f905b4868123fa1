"""Control totals: what a planning file has to add up to, as its configuration or a file beside it says."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from bridgehead.errors import SourceUnreadable
from bridgehead.plan import CONTROLLED
from bridgehead.sources.csv import unreadable


def control_totals(stated: Mapping[str, Decimal], folder: Path, file: str) -> dict[str, Decimal]:
    """Return the totals, by measure; raise SourceUnreadable when the file does not say them."""
    totals = dict(stated)
    if not file:
        return totals
    path = folder / file
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            lines = csv.reader(opened, strict=True)
            next(lines, None)
            for line in lines:
                name, total = (cell.strip() for cell in line)
                totals[CONTROLLED[CONTROLLED.index(name)]] = Decimal(total)
    except (ValueError, InvalidOperation):
        raise SourceUnreadable(
            f"{path.name}:{lines.line_num} is no control total.",
            cure=f"Below the header measure,total each line is one of {', '.join(CONTROLLED)}, a comma, and a number.",
        ) from None
    except (OSError, UnicodeError, csv.Error) as wrong:
        raise unreadable(path, wrong) from None
    return totals

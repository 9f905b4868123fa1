"""A moment as every ledger writes it: ISO 8601 to the millisecond, empty where there is none."""

from __future__ import annotations

from datetime import datetime


def as_text(moment: datetime | None) -> str:
    """Return a moment as it is written down; texts of one zone sort as their moments do."""
    return moment.isoformat(timespec="milliseconds") if moment is not None else ""


def as_moment(text: str) -> datetime | None:
    """Return the moment that was written down; None where there was none."""
    return datetime.fromisoformat(text) if text else None

"""Snapshots of what UKG accepted: a base file, and a small one of what has changed since, until it is worth a new base.

A snapshot is told by the names of its files. The base may be a plan's own file, when all of it was accepted and nothing
had been before: a first delivery of a million rows is not written twice.
"""

from __future__ import annotations

from typing import Protocol

from bridgehead.compare.accepted import begin_accepted, stage_accepted
from bridgehead.tables import Session

Names = tuple[str, ...]


class Tables(Protocol):
    """Where tables are kept under names, all or nothing."""

    def save(self, session: Session, table: str, name: str) -> None:
        """Keep the rows of a table or view under a name."""

    def load(self, session: Session, table: str, name: str) -> None:
        """Show what was kept under a name as a view of the session."""

    def names(self) -> set[str]:
        """Return the names under which something is kept."""


_PLAN = "plan-"
_WORTH = 4
"""A delta of more than one part in so many of the base becomes a new base: each reading joins the two."""


def load_snapshot(session: Session, files: Tables, names: Names) -> None:
    """Show a snapshot as `accepted`. names: of its files, none when nothing was ever accepted."""
    begin_accepted(session)
    for layer, name in zip(("accepted_base", "accepted_delta"), names, strict=False):
        files.load(session, layer, name)
    stage_accepted(session, plan=bool(names) and names[0].startswith(_PLAN))


def write_snapshot(session: Session, files: Tables, names: Names, name: str) -> Names:
    """Keep what `accepted` is by now under a name; names: of the files that it was read from. Returns the new ones."""
    base, delta = session.ask("SELECT (SELECT count(*) FROM accepted_base), (SELECT count(*) FROM accepted_delta)")[0]
    if not names or delta * _WORTH > base:
        files.save(session, "accepted", name)
        return (name,)
    files.save(session, "accepted_delta", name)
    return (names[0], name)

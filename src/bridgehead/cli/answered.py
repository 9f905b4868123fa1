"""The part of the view for people that answers for what was sent, beside the doctor's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bridgehead.cli.doctor.shown import DoctorShown
from bridgehead.cli.view import Place
from bridgehead.cli.worded import foreign

if TYPE_CHECKING:  # only `history` and `purge` need those rooms
    from bridgehead.answering.export import Exported
    from bridgehead.answering.lives import Lives
    from bridgehead.ledgers.purging import Purged


class AnswersShown(DoctorShown):
    """Shows each number's life, and what was written or dropped."""

    def lives(self, found: Sequence[tuple[Place, Lives]]) -> None:
        """Show the whole life of numbers."""
        from bridgehead.cli.lived import lives_told  # noqa: PLC0415 - loaded when it is asked for

        self._print(lives_told(found, foreign))

    def exported(self, exported: Exported) -> None:
        """Say what was written, and its digest."""
        self.say(f"{exported.path}: {exported.lines:,} lines, sha256 {exported.digest}")

    def purged(self, place: Place, purged: Purged, *, dry_run: bool) -> None:
        """Show which values were dropped."""
        from bridgehead.cli.lived import purged_told  # noqa: PLC0415 - loaded when it is asked for

        self._print(purged_told(place, purged, dry_run=dry_run))

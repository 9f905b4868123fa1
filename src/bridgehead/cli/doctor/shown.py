"""The doctor's part of the view for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from rich.console import Console

from bridgehead.cli.view import Examined
from bridgehead.cli.worded import empty_table, foreign

if TYPE_CHECKING:  # only `doctor` needs those rooms
    from rich.console import RenderableType

    from bridgehead.cli.doctor.screen import Screen
    from bridgehead.doctor import Check, Diagnosis, Finding
    from bridgehead.doctor.abilities import Ability
    from bridgehead.doctor.contract import Clause
    from bridgehead.doctor.letters import Letter


class DoctorShown:
    """Shows what the doctor finds, on the view's own screen."""

    _out: Console

    def say(self, words: str) -> None:
        """Say something beside the result."""
        raise NotImplementedError

    def _print(self, told: Iterable[RenderableType]) -> None:
        for one in told:
            self._out.print(one)

    @cached_property
    def _examined(self) -> Screen:
        from bridgehead.cli.doctor.screen import Screen  # noqa: PLC0415 - loaded when it is asked for

        return Screen(foreign)

    def finding(self, where: Examined, finding: Finding) -> None:
        """Show a link of the chain as soon as all of its checks are known."""
        self._print(self._examined.take(where, finding))

    def diagnosis(self, where: Examined, diagnosis: Diagnosis, findings: Sequence[Finding]) -> None:
        """Show what is broken with its evidence and cure, the first to mend first."""
        self._print(self._examined.end(where, diagnosis, findings))

    def ward(self, rows: Sequence[tuple[Examined, Diagnosis, Sequence[Finding]]]) -> None:
        """Show a line for each tenant."""
        from bridgehead.cli.doctor.screen import ward_told  # noqa: PLC0415 - loaded when it is asked for

        self._print(ward_told(rows, empty_table("tenant", "", "first broken link", "who acts", left=4), foreign))

    def checks(self, checks: Sequence[Check]) -> None:
        """Show every check."""
        from bridgehead.cli.doctor.screen import checks_told  # noqa: PLC0415 - loaded when it is asked for

        self._print(checks_told(checks, empty_table("link", "check", "asks", left=3)))

    def abilities(self, where: Examined, found: Sequence[Ability]) -> None:  # noqa: ARG002 - named above
        """Show what the client may do."""
        from bridgehead.cli.doctor.screen import abilities_told  # noqa: PLC0415 - loaded when it is asked for

        self._print(abilities_told(found, empty_table("this client may", "", "as seen by", left=3), foreign))

    def clauses(self, where: Examined, clauses: Sequence[Clause]) -> None:  # noqa: ARG002 - one tenant was named
        """Show how the answers fit the dialect."""
        from bridgehead.cli.doctor.screen import clauses_told  # noqa: PLC0415 - loaded when it is asked for

        self._print(clauses_told(clauses, empty_table("answer", "key", "read at", "found", left=4), foreign))

    def letters(self, letters: Sequence[Letter]) -> None:
        """Show letters, as they are to be sent."""
        for number, one in enumerate(letters):
            self._out.print("\n" * bool(number) + f"Subject: {foreign(one.subject)}\n")
            self._out.out(one.text, highlight=False)
        if not letters:
            self.say("Nobody else has to act.")

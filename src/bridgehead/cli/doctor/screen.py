"""What the doctor says, for people: a line for a link that holds, more for one that does not, then what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table

from bridgehead.cli.view import Examined
from bridgehead.doctor import CHAIN, Check, Diagnosis, Finding, Suspect, Verdict
from bridgehead.doctor.abilities import Ability
from bridgehead.doctor.contract import Clause
from bridgehead.doctor.letters import PEOPLE

Foreign = Callable[[str], str]
_LAST = {check.link: check.slug for check in CHAIN}
_SIGNS = {
    Verdict.HOLDS: "[green]✓[/]",
    Verdict.BROKEN: "[bold red]✗[/]",
    Verdict.WARNING: "[yellow]![/]",
    Verdict.SKIPPED: "[dim]\u2013[/]",
    Verdict.UNKNOWN: "[yellow]?[/]",
}


class Screen:
    """Collects the findings of a link, and tells them when it is complete. foreign: makes foreign words harmless."""

    def __init__(self, foreign: Foreign) -> None:
        self._foreign = foreign
        self._open: list[Finding] = []
        self._begun = False

    def take(self, where: Examined, finding: Finding) -> Iterator[RenderableType]:
        """Yield what to print now."""
        if not self._begun:
            self._begun = True
            who = f"{where.client_id} at {where.base_url}"
            yield f"[bold]{where.tenant} · {where.environment}[/] · {self._foreign(who)}"
            yield ""
        if self._open and self._open[-1].link != finding.link:
            yield from self._link()
        self._open.append(finding)
        if _LAST[finding.link] == finding.check:
            yield from self._link()

    def _link(self) -> Iterator[str]:
        """Tell a link: those that hold by name, in one line; the others with what was found."""
        findings, self._open = self._open, []
        if not findings:
            return
        good = [one.check for one in findings if one.verdict is Verdict.HOLDS]
        told = [one for one in findings if one.verdict is not Verdict.HOLDS and not _is_moot(one)]
        hidden = [one for one in told if one.behind]
        worst = next((one for one in _WORST if any(finding.verdict is one for finding in told)), Verdict.HOLDS)
        behind = ", ".join(dict.fromkeys(slug for one in hidden for slug in one.behind))
        names = ", ".join(one.check for one in hidden)
        if not good and not told:
            worst, shown = Verdict.SKIPPED, self._foreign(findings[0].says)
        elif not good and len(hidden) == len(told):
            shown, hidden = f"[dim]{names}: behind {behind}[/]", []
        else:
            shown = ", ".join(good)
        yield f"{_SIGNS[worst]} {findings[0].link:<15}{shown}".rstrip()
        for one in told:
            if one.verdict is Verdict.UNKNOWN:
                yield f"    {_SIGNS[one.verdict]} {one.check}: {self._foreign(one.says)}"
            elif not one.behind:
                yield f"    {_SIGNS[one.verdict]} [bold]{one.check}[/]"
        if hidden:
            yield f"    {_SIGNS[Verdict.SKIPPED]} [dim]{names}: behind {behind}[/]"

    def end(self, where: Examined, diagnosis: Diagnosis, findings: Sequence[Finding]) -> Iterator[RenderableType]:
        """Yield what to do, and how it ended."""
        yield from self._link()
        self._begun = False
        yield ""
        yield from self._told(where, diagnosis, findings)
        if diagnosis.refused:
            yield (
                f"[dim]{diagnosis.calls} calls, {diagnosis.refused} of them refused (at most {diagnosis.at_most} "
                "in a run). Nothing was written.[/]"
            )

    def _told(self, where: Examined, diagnosis: Diagnosis, findings: Sequence[Finding]) -> Iterator[RenderableType]:
        foreign = self._foreign
        bad = [one for one in findings if one.verdict is Verdict.BROKEN]
        odd = [one for one in findings if one.verdict is Verdict.WARNING]
        for number, finding in enumerate([*bad, *odd], 1):
            mild = finding.verdict is Verdict.WARNING
            colour, word = ("yellow", "warning") if mild else ("bold red", "BROKEN")
            yield f"[{colour}]{number}. {finding.check}: {word}[/]"
            yield f"   {foreign(finding.says)}"
            for told in finding.evidence:
                yield f"   [dim]{foreign(told.name)}: {foreign(told.value)}[/]"
            yield from _cures(finding, foreign)
            yield ""
        if diagnosis.exit_code == 5:
            hiding = {check for one in findings for check in one.behind}
            open_ones = [one for one in findings if one.verdict is Verdict.UNKNOWN and _matters(one, hiding)]
            for one in open_ones:
                yield f"[yellow]{one.check} could not be decided:[/] {foreign(one.says)}"
                yield f"   {foreign(one.would_decide)} would decide it"
        elif not bad and any(one.check == "write" and one.verdict is Verdict.HOLDS for one in findings):
            yield "[green]The whole chain holds:[/] UKG would take a delivery."
        elif not bad:
            yield f"What was asked holds. The whole chain: [bold]bridgehead doctor {where.tenant}{where.options}[/]"
        others = {suspect.remedy.who for one in bad for suspect in one.suspects} - {"you"}
        if others:
            people = " and ".join(sorted(PEOPLE[who] for who in others))
            yield f"A letter for {people}: [bold]bridgehead doctor {where.tenant}{where.options} --letter[/]"


_WORST = (Verdict.BROKEN, Verdict.WARNING, Verdict.UNKNOWN, Verdict.SKIPPED)


def _matters(finding: Finding, hiding: set[str]) -> bool:
    """Whether the diagnosis is open for the sake of this one."""
    return finding.decides or finding.check in hiding


def _is_moot(finding: Finding) -> bool:
    """Whether there was nothing to look at, which is no news."""
    return finding.verdict is Verdict.SKIPPED and not finding.behind


def _cures(finding: Finding, foreign: Foreign) -> Iterator[RenderableType]:
    if len(finding.suspects) > 1:
        yield "   One of these, the likeliest first; from outside they look alike:"
    for number, suspect in enumerate(finding.suspects):
        lead = "" if len(finding.suspects) == 1 else f"{'abcdef'[number]}) "
        yield from _cure(suspect, lead, foreign)
    if finding.suspects:
        yield f"   then: [bold]{foreign(finding.again)}[/]"


def _cure(suspect: Suspect, lead: str, foreign: Foreign) -> Iterator[RenderableType]:
    remedy = suspect.remedy
    if lead:
        yield f"   {lead}{foreign(suspect.what)}"
    pad = "   " + " " * len(lead)
    where = f": {foreign(remedy.menu)}" if remedy.menu else ""
    yield f"{pad}[bold]{PEOPLE[remedy.who]}[/]{where}"
    yield f"{pad}  {foreign(remedy.enter)}"
    yield f"{pad}  [dim]effect: {foreign(remedy.spreads)}[/]"


def checks_told(checks: Sequence[Check], table: Table) -> Iterator[RenderableType]:
    """Yield every check, and what it asks. table: an empty one with three columns."""
    link = ""
    for check in checks:
        table.add_row("" if check.link == link else check.link, check.slug, check.asks)
        link = check.link
    yield table


def abilities_told(found: Sequence[Ability], table: Table, foreign: Foreign) -> Iterator[RenderableType]:
    """Yield what a client may do. table: an empty one with three columns."""
    colours = {"yes": "green", "no": "red", "unknown": "yellow"}
    for one in found:
        table.add_row(foreign(one.what), f"[{colours[one.may]}]{one.may}[/]", foreign(one.why))
    yield table


def clauses_told(clauses: Sequence[Clause], table: Table, foreign: Foreign) -> Iterator[RenderableType]:
    """Yield how the answers of a UKG fit the dialect. table: an empty one with four columns."""
    lacking = [one for one in clauses if one.found is None]
    for one in clauses:
        sign = _SIGNS[Verdict.HOLDS] if one.found is not None else _SIGNS[_grave(one)]
        table.add_row(f"{sign} {one.call}", one.key, foreign(one.path), foreign(one.found or "absent"))
    yield table
    for one in lacking:
        if one.override:
            yield f"To override: [bold]{foreign(one.override)}[/]"
    if not lacking:
        yield "[green]Every key that the dialect reads is there.[/]"


def _grave(clause: Clause) -> Verdict:
    return Verdict.BROKEN if clause.needed else Verdict.WARNING


def ward_told(
    rows: Sequence[tuple[Examined, Diagnosis, Sequence[Finding]]], table: Table, foreign: Foreign
) -> Iterator[RenderableType]:
    """Yield a line for each tenant. table: an empty one with four columns."""
    for where, diagnosis, findings in rows:
        bad = next((one for one in findings if one.verdict is Verdict.BROKEN), None)
        state = "[green]healthy[/]" if diagnosis.healthy else "[bold red]BROKEN[/]" if bad else "[yellow]undecided[/]"
        acts = ", ".join(dict.fromkeys(PEOPLE[one.remedy.who] for one in bad.suspects)) if bad else ""
        says = f"{bad.check}: {bad.says}" if bad else ""
        table.add_row(f"{where.tenant} · {where.environment}", state, foreign(says), acts)
    yield table
    for where, diagnosis, _ in rows:
        if not diagnosis.healthy:
            yield f"[bold]bridgehead doctor {where.tenant}{where.options}[/] says what to do."

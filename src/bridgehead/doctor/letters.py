"""Letters to the people who have to act: complete, polite, and without anything secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from textwrap import fill

import msgspec

from bridgehead.doctor.finding import Finding, Suspect, Verdict
from bridgehead.ukg.asking import Identity
from bridgehead.ukg.dialect import Dialect

PEOPLE = {
    "you": "you",
    "network": "your network team",
    "planning-owner": "the owner of workforce planning",
    "ukg-administrator": "the UKG administrator",
    "ukg-support": "UKG support",
}
"""Who acts, in words."""


class Letter(msgspec.Struct, frozen=True):
    """A letter. to: who acts, as in a remedy."""

    to: str
    subject: str
    text: str


def letters(who: Identity, findings: Sequence[Finding], now: datetime) -> tuple[Letter, ...]:
    """Return a letter for everybody who has to act on what is broken, besides oneself."""
    asked: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.verdict is Verdict.BROKEN and finding.suspects:
            for person in dict.fromkeys(suspect.remedy.who for suspect in finding.suspects):
                asked.setdefault(person, []).append(finding)
    return tuple(_letter(who, person, found, now) for person, found in asked.items() if person != "you")


def _letter(who: Identity, person: str, findings: Sequence[Finding], now: datetime) -> Letter:
    lines = [
        "Good day,",
        "",
        (
            "our integration delivers headcount projections from the financial planning system into UKG Pro. "
            f"For {who.tenant} in {who.environment} it is refused, and what would mend it is in your hands."
        ),
        "",
        f"    tenant id    {who.tenant_id}",
        f"    API client   {who.client_id}",
        f"    address      {who.base_url}",
        f"    looked at    {now:%Y-%m-%d %H:%M} UTC",
    ]
    for number, finding in enumerate(findings, 1):
        lines += ["", f"{number}. {finding.says[0].upper()}{finding.says[1:]}.", ""]
        lines += [f"    {one.name}: {one.value}" for one in finding.evidence]
        mine = [one for one in finding.suspects if one.remedy.who == person]
        lines += ["", _asking(finding, mine), ""]
        for suspect in mine:
            lines += [f"    - {suspect.what[0].upper()}{suspect.what[1:]}."]
            lines += [f"      {suspect.remedy.menu}"] * bool(suspect.remedy.menu)
            lines += [f"      {suspect.remedy.enter}"]
    lines += [
        "",
        (
            "As soon as it is changed we look again ourselves, with calls that change nothing, and tell you what we "
            "see. Should you find that all of it is as it has to be already, please tell us the entry of the audit log "
            "for the correlation ids above: it names the check that failed."
        ),
        "",
        "Thank you, and kind regards",
        "",
    ]
    subject = f"UKG Pro, {who.tenant} ({who.environment}): API client {who.client_id} is refused"
    return Letter(person, subject, _wrapped(lines))


def _asking(finding: Finding, mine: Sequence[Suspect]) -> str:
    if len(finding.suspects) == 1:
        return "Please:"
    others = len(finding.suspects) - len(mine)
    apart = " (others are looking at the rest)" if others else ""
    return f"From outside these cannot be told apart, the likeliest comes first{apart}. Please look, and mend it:"


def _wrapped(lines: Sequence[str]) -> str:
    """Return the lines as a letter is read, 78 columns wide; what is indented stays so."""
    folded = []
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())] + "  " * line.lstrip().startswith("- ")
        parts = fill(line, 78, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        folded.append(parts)
    # A server's words may steer a terminal.
    return "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in "\n".join(folded))


class Calls(msgspec.Struct, frozen=True):
    """What a client will do to UKG. projections: of a full plan. at_once, a_minute: at most; None where UKG says."""

    projections: int
    in_request: int
    at_once: int
    a_minute: int | None

    @property
    def deliveries(self) -> int:
        """Requests that a full plan takes."""
        return -(-self.projections // self.in_request)

    @property
    def a_day(self) -> int:
        """Calls of a usual day: one run that finds 2 % changed, sends that, and reads the plan back."""
        changed = -(-self.projections // (50 * self.in_request))
        return 3 + changed + self.deliveries


def set_up_letter(who: Identity, dialect: Dialect, calls: Calls) -> Letter:
    """Return the letter that asks the UKG administrator for all that is needed, before anything has gone wrong."""
    menus = dialect.menus
    lines = [
        "Good day,",
        "",
        (
            "we would like to deliver headcount projections from our financial planning system into UKG Pro by its "
            f"REST API, unattended, for {who.tenant} in {who.environment}. Could you please set up the following?"
        ),
        "",
        f"1. {menus.api_clients}",
        f"   An API client, registered in this tenant and in {who.environment} itself (one of a sandbox will not do):",
        f"   - name: {who.client_id}, or as you see fit",
        *_grant_told(who),
        "   - exactly these scopes, letter by letter:",
        *(f"       {scope}" for scope in dialect.scopes),
        "     (names such as " + " or ".join(dialect.near_scopes) + " look like it, and are not enough)",
        "   - the tenant's workforce planning permission, which is not granted by default",
        "",
        f"2. {menus.roles}",
        "   For the person who signs in (delegated permission):"
        if who.login is not None
        else "   For the client's service account (application permission, not a person's):",
        "   - Workforce Planning Administrator: workforce-planning View and Edit, for all org units of the plan",
        "   - activated, and exempt from password expiry",
        "   It needs nothing else: no employee data, no payroll.",
        "",
        f"3. {dialect.tenant_id.menu}",
        "   The tenant id, so that we can hold it against what we have: " + (who.tenant_id or "please tell us."),
        "",
        f"4. If it is possible, a second client that may only read {menus.audit} (scope {dialect.audit.scope}):",
        "   it lets us say by ourselves which check failed, instead of asking you.",
        "",
        *_calls_told(dialect, calls),
        "",
        (
            "How to switch us off: disable the client, or take away its role. We stop at the first refusal, try again "
            "once after a quarter of an hour, then ever more seldom, and lose nothing. Nothing outside workforce "
            "planning is touched, and nothing is ever deleted: what leaves our plan is set to 0."
        ),
        "",
        "Thank you, and kind regards",
        "",
    ]
    subject = f"UKG Pro, {who.tenant} ({who.environment}): an API client for headcount projections"
    return Letter("ukg-administrator", subject, _wrapped(lines))


def _grant_told(who: Identity) -> list[str]:
    """Tell how the client gets its tokens, and how it proves who it is."""
    proof = "a signed assertion; we send you the public key" if who.keyed else "a client secret"
    if who.login is None:
        return ["   - grant: client_credentials (machine to machine; nobody signs in)", f"   - proof: {proof}"]
    return [
        "   - grants: authorization_code with PKCE (a person signs in), and refresh_token",
        "   - redirect address: http://127.0.0.1 with any port (RFC 8252)",
        f"   - proof: {'none, it is a public client' if who.public else proof}",
    ]


def _calls_told(dialect: Dialect, calls: Calls) -> list[str]:
    """Tell which calls are to be expected, and how many."""
    header, headcount = dialect.call.tenant_header, dialect.headcount.path
    limit = f"{calls.a_minute:,} a minute" if calls.a_minute else "as many a minute as your metadata allows"
    whole = f"{calls.projections:,} projections takes {calls.deliveries:,} deliveries"
    return [
        "What we will call:",
        f"   POST {dialect.token.path}   a token, at most once in {dialect.token.lifetime // 60} minutes of work",
        f"   GET  {dialect.tenant_info.path}, GET {dialect.metadata.path}   once for each token",
        f"   POST {headcount}   only what changed, at most {calls.in_request:,} records each",
        f"   GET  {headcount}   afterwards, to see that it arrived",
        f"   A full plan of {whole}, once.",
        f"   A usual day (one run, 2 % changed, all read back): about {calls.a_day:,} calls.",
        f"   At most {calls.at_once} calls at once, and {limit}; 429 and Retry-After are obeyed.",
        f"   Each call carries {header or 'no tenant header'} and a correlation id, so that you find it in the log.",
    ]

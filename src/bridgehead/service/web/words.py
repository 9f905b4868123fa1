"""What the page calls things: every verdict in words that need no handbook, who has to act, and a list of terms."""

from __future__ import annotations

from typing import NamedTuple

from bridgehead.doctor.letters import PEOPLE


class Words(NamedTuple):
    """A verdict in words. tone: good, warn, bad or quiet. meaning: what it means for the numbers in UKG."""

    headline: str
    tone: str
    meaning: str


def of_verdict(state: str) -> Words:
    """Return the words for how a sync ended."""
    return VERDICTS.get(state, Words(state.replace("-", " ").capitalize(), "warn", ""))


def of_run(state: str) -> Words:
    """Return the words for how a run stands in the ledger."""
    return RUNS.get(state, Words(state.replace("-", " ").capitalize(), "warn", ""))


def of_notice(state: str) -> str:
    """Return the words for what people were told."""
    name = state.partition(" ")[0]
    return NOTICES.get(name) or of_verdict(name).headline


def of_actor(name: str) -> str:
    """Return the words for who has to act."""
    return _US if name == "you" else PEOPLE.get(name, name.replace("-", " "))


def of_plan(standing: str) -> Words:
    """Return the words for how a plan stands that needs a decision."""
    return PLANS.get(standing, Words(standing.capitalize(), "quiet", ""))


_WAITS = "Nothing was sent. UKG keeps the numbers that it has until somebody has decided."
_KEEPS = "Nothing was sent. UKG keeps the numbers that it has."
_AGAIN = "It is tried again by itself; UKG keeps what it has until then."

VERDICTS = {
    "complete": Words("Sent, all accepted", "good", "UKG holds the plan."),
    "up to date": Words("Nothing to send", "good", "UKG holds the plan already."),
    "partial": Words(
        "Sent, some rows refused",
        "warn",
        "UKG took the other rows. For those that it refused it keeps the numbers that it has; each later run tries "
        "them again.",
    ),
    "drift": Words(
        "UKG holds other numbers",
        "bad",
        "UKG was read after it was sent, and some numbers there are not the ones that were sent: somebody or something "
        "else changes them.",
    ),
    "unverified": Words("Sent, not confirmed yet", "warn", "UKG accepted it, and could not be read afterwards."),
    "guardrail": Words("Waits for a decision", "warn", f"The plan moves more than was agreed. {_WAITS}"),
    "approval-needed": Words("Waits for approval", "warn", _WAITS),
    "plan-rejected": Words("Rejected", "quiet", "Somebody said no to this plan. " + _KEEPS),
    "plan-stale": Words(
        "The plan is out of date", "warn", f"UKG or the file has moved on since it was drawn. {_KEEPS}"
    ),
    "adoption-needed": Words(
        "First contact has to be confirmed", "warn", f"UKG holds numbers that were not sent from here. {_KEEPS}"
    ),
    "rows-invalid": Words("Rows to correct", "bad", f"The planning file has rows that break a rule. {_KEEPS}"),
    "data-invalid": Words("The planning file has to be corrected", "bad", _KEEPS),
    "source-unreadable": Words("The planning file cannot be read", "bad", _KEEPS),
    "mapping-mismatch": Words("The planning file has other columns", "bad", _KEEPS),
    "refused": Words("UKG refuses", "bad", _KEEPS),
    "token-refused": Words("UKG does not let us in", "bad", _KEEPS),
    "permission-refused": Words("UKG lets us in, and refuses planning", "bad", _KEEPS),
    "interlock": Words("Stopped: two tenants are mixed up", "bad", "Nothing more is sent until that is cleared."),
    "circuit-open": Words("UKG refused, and is left alone for a while", "bad", _KEEPS),
    "no-read-back": Words("UKG cannot be read back", "warn", "What was sent cannot be confirmed by reading it."),
    "evidence-missing": Words("UKG does not say whose it is", "bad", _KEEPS),
    "request-refused": Words("UKG does not understand what is sent", "bad", _KEEPS),
    "not-taken": Words("UKG took nothing", "bad", _KEEPS),
    "not-sent": Words("Not sent", "warn", _KEEPS),
    "records-refused": Words("UKG refused some rows", "bad", _KEEPS),
    "too-large": Words("UKG takes less at once", "warn", _KEEPS),
    "unavailable": Words("UKG was not there", "warn", _AGAIN),
    "paused": Words("Paused", "quiet", "It goes on by itself where it was."),
    "lease-held": Words("Another run was at work", "quiet", _AGAIN),
    "config-invalid": Words("The configuration has to be corrected", "bad", _KEEPS),
    "secret-missing": Words("A secret is missing", "bad", _KEEPS),
    "ledger-unusable": Words("The ledger cannot be used", "bad", _KEEPS),
    "unforeseen": Words("Something unforeseen happened", "bad", "What was answered until then is remembered."),
}
"""How a sync ended: its state, or the name of the error that ended it."""

RUNS = {
    "complete": VERDICTS["complete"],
    "partial": VERDICTS["partial"],
    "open": Words(
        "Not ended", "warn", "The run is under way, or was cut off; the next one clears up what is in doubt."
    ),
    "settled": Words("Cut off, cleared up since", "quiet", "The run was cut off; the next one found out what arrived."),
    "adopted": Words("Taken over from UKG", "quiet", "UKG was read, and what it held became the starting point."),
    "repaired": Words("Put right from UKG", "quiet", "UKG was read, and the ledger was brought in line with it."),
    "lost": Words("Lost with a backup", "warn", "It was under way when the ledger was backed up that was put back."),
}
"""How a run stands in the ledger."""

PLANS = {
    "waiting": Words("Waits for a decision", "warn", _WAITS),
    "approved": Words("Approved, not sent yet", "good", "The next run sends it exactly as it was approved."),
    "rejected": Words("Rejected", "quiet", _KEEPS),
    "expired": Words("Nobody decided in time", "quiet", f"{_KEEPS} The next run draws a plan anew."),
    "superseded": Words("Another plan took its place", "quiet", "It can no longer be approved."),
    "done": Words("Sent as approved", "good", "The run that sent it says what UKG accepted."),
}
"""How a plan stands that needs a decision."""

FINDINGS = {
    "holds": Words("Holds", "good", ""),
    "broken": Words("Broken", "bad", ""),
    "warning": Words("Look at it", "warn", ""),
    "skipped": Words("Not asked", "quiet", ""),
    "unknown": Words("Cannot be told", "warn", ""),
}
"""What a check of the doctor found."""

NOTICES = {
    "healthy": "All is well again",
    "late": "Another planning file was expected, and none came",
    "came": "The planning file has come after all",
}
"""What people were told, where it is no verdict."""

BATCHES = {
    "intended": "no answer known",
    "answered": "answered",
    "refused": "refused as a whole",
    "unknown": "never cleared up",
}
"""How a request stands."""

_US = "whoever looks after the configuration"

ACTIONS = {
    "create": "new",
    "update": "changed",
    "retire": "ended",
    "move": "moved",
    "adopted": "taken over from UKG",
    "repaired": "put right from UKG",
}
"""What a run does to a number."""

OUTCOMES = {
    "accepted": Words("Accepted", "good", ""),
    "rejected": Words("Refused", "warn", ""),
    "refused": Words("Refused with its whole request", "warn", ""),
    "unknown": Words("UKG did not say", "bad", ""),
    "not sent": Words("Not sent", "quiet", ""),
}
"""What became of it."""

WHO = {
    1: "us: please report it",
    2: _US,
    3: "whoever makes the planning file",
    4: "the UKG administrator",
    6: "whoever signs the plan off",
    7: "whoever makes the planning file, or the UKG administrator",
    8: "whoever owns the numbers in UKG",
}
"""Who has to act, by exit code; for the others nobody has to."""

FIELDS = {
    "scenario": "scenario",
    "version": "version",
    "period_start": "month",
    "org_unit": "org unit",
    "cost_center": "cost centre",
    "location": "location",
    "job": "job",
    "position": "position",
    "grade": "grade",
    "employment_type": "employment type",
    "headcount": "heads",
    "fte": "FTE",
    "hours": "hours",
    "cost": "cost",
    "currency": "currency",
}
"""Dimensions and measures, as people call them."""

TERMS = (
    ("Tenant", "One company's UKG Pro. You see the ones that are yours."),
    ("Environment", "Production is the real one; a sandbox is for trying things out."),
    ("Feed", "One planning file's way into one UKG Pro."),
    (
        "Projection, or cell",
        "One number of the plan: the heads, FTE, hours or cost of one job in one place and month.",
    ),
    ("Scenario, version", "Which plan the numbers belong to, such as budget v1."),
    ("Head-months", "Heads, summed over months: ten people for a year are 120. FTE-months are the same in FTE."),
    ("Plan", "What a run would change in UKG, worked out from the file, before anything is sent."),
    ("New", "UKG has no such projection yet."),
    ("Changed", "UKG has it with another number."),
    ("Ended", "It has left the file, so that it is set to 0 in UKG. Nothing is ever deleted there."),
    ("Moved", "Its code was renamed: the old one is set to 0 once UKG has accepted the new one."),
    ("Left out", "Its row breaks a rule of ours, and is not sent; UKG keeps what it has."),
    ("Refused", "It was sent, and UKG did not take it; UKG keeps what it has, and each later run tries it again."),
    ("Limit", "How far a plan may move numbers before somebody has to look at it."),
    ("Approve", "Let exactly this plan be sent, once, whatever the file says by then."),
    ("Reject", "Say no to this plan: it is not sent, and not proposed again for a while."),
    ("Run", "One time that something was sent to UKG."),
    ("Drift", "UKG holds other numbers than were sent: somebody changed them there."),
    ("Left alone", "UKG refused to let us in, so that it is not asked for a while; accounts get locked otherwise."),
    ("Ledger", "The record of all that was sent, accepted, refused and decided. This page shows it."),
)
"""The terms that the page uses; docs/the-page.md has them too."""

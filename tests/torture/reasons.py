"""Why a command may refuse: each exit code and slug, with what must have gone wrong meanwhile to explain it."""

from __future__ import annotations

import re

from tests.torture.play import Run

_WIRE = ("reset-on-connect", "reset-before", "reset-after", "closed-after", "truncated", "garbage", "too-late")
_BUSY = ("server-error", "too-many-requests")
_THROTTLE = ("throttle-as-401", "throttle-as-403", "address-block", "blocked")
_TOKEN = (
    "client-unknown",
    "secret-expired",
    "account-locked",
    "scope-dropped",
    "near-miss-scopes",
    "tenant-context-refused",
    "tenant-context-ignored",
)
_GATE = (
    "role-missing",
    "write-role-missing",
    "role-pending",
    "authority-outage",
    "tenant-header-stripped",
    "tenant-header-rewritten",
    "module-off",
    "service-account-refused",
    "wrong-audience",
    "short-lived",
    "tenant-context-ignored",
    "jump",
    "own-clock",
)
_REJECTS = ("partial-acceptance", "version-conflict", "product-limit", "org-units-limited")
_FULL = ("fill", "room")

REASONS: dict[tuple[int, str], tuple[str, ...]] = {
    (2, "ledger-unusable"): (*_FULL, "lock"),
    (4, "token-refused"): (*_TOKEN, *_THROTTLE),
    (4, "permission-refused"): (*_GATE, *_THROTTLE),
    (4, "circuit-open"): ("refused-before", *_TOKEN, *_GATE, *_THROTTLE),  # of the run that came first
    (4, "records-refused"): ("planning-moved", "all-or-nothing"),
    (4, "interlock"): ("tenant-context-ignored", "tenant-header-rewritten"),
    (4, "evidence-missing"): ("tenant-context-ignored", "tenant-header-stripped"),
    (4, "not-taken"): ("planning-moved", "all-or-nothing", "too-large"),
    (4, "too-large"): ("too-large",),
    (4, "request-refused"): ("planning-moved", "all-or-nothing", "too-large"),
    # A 404 to what a run that died had sent does not say whether that came in before.
    (5, "unavailable"): (*_WIRE, *_BUSY, "planning-moved"),
    (5, ""): (*_WIRE, *_BUSY, *_THROTTLE, *_GATE),  # all was sent, and could not be read back
    (6, "guardrail"): ("guardrails",),
    (7, ""): _REJECTS,
    (9, "lease-held"): ("second-sync",),
    (130, ""): ("interrupt", "terminate"),
    (-9, ""): ("kill",),
    (-15, ""): ("terminate",),  # before the program has its own way to take it
}
"""By exit code, and by the slug that stands before what it says; any of the causes explains it."""

_SLUG = re.compile(r"^([a-z]+(?:-[a-z]+)*): ", re.MULTILINE)


def refusal(run: Run) -> tuple[int, str] | None:
    """Return how a command refused, by code and slug; None when it did not."""
    if run.code == 0:
        return None
    said = _SLUG.search(run.err)
    named = (run.code, said[1] if said else "")
    return named if named in REASONS or (run.code, "") not in REASONS else (run.code, "")


def explained(run: Run) -> str | None:
    """Return what explains a refusal; None when nothing does."""
    if "Traceback (most recent call last)" in run.err:
        return None
    refused = refusal(run)
    if refused is None:
        return ""
    causes = [cause for cause in REASONS.get(refused, ()) if run.met[cause]]
    return ", ".join(causes) or None


def first_line(run: Run) -> str:
    """Return the first line of what a refusal says."""
    said = [line for line in run.err.splitlines() if line.strip()]
    named = [line for line in said if _SLUG.match(line)]
    return (named or said or ["(nothing said)"])[0]

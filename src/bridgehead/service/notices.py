"""What people are told of a feed: once for each new state, with how it stands and what to type next. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from bridgehead.agenda import Notice
from bridgehead.ended import Ended
from bridgehead.errors import ApprovalNeeded, CircuitOpen, Guardrail, LeaseHeld, Paused, PlanRejected

_SILENT = (Paused.slug, LeaseHeld.slug, CircuitOpen.slug, PlanRejected.slug)
"""Ends that tell nothing new: a run that goes on, another one at work, a refusal or a rejection that is known."""
_PATIENT = 3
"""So many attempts in a row may find UKG away before anybody is told."""


def state_of(ended: Ended, *, attempts: int) -> str:
    """Return the state that a run's end amounts to, told once; empty where it says nothing new.

    attempts: how often in a row UKG was found away. A plan that waits is a state of its own, whatever stopped it.
    """
    if ended.state in _SILENT or (ended.exit_code == 5 and attempts < _PATIENT):
        return ""
    if not ended.exit_code:
        return "healthy"
    return f"{ended.state} {ended.plan}".strip()


def is_new(state: str, told: str) -> bool:
    """Whether a state is worth telling after the one that was told last; that all is well is so only after trouble."""
    return bool(state) and state != told and not (state == "healthy" and not told)


def run_document(ended: Ended, state: str, told: str, *, link: str) -> dict[str, Any]:
    """Return what to tell of a run's end: the verdict, what is done and what is left, and the next command.

    told: the state that was told before.
    """
    place = f"{ended.tenant} · {ended.environment} · {ended.feed}"
    left = _LEFT.get(ended.state, "Nothing was lost; the rest is done when this is mended.")
    waited = told.startswith((ApprovalNeeded.slug, Guardrail.slug))
    well = "sent as approved" if ended.released else "nothing waits any more" if waited else "all is well again"
    title = well if state == "healthy" else ended.state.replace("-", " ")
    done = f"{ended.accepted:,} records accepted, {ended.rejected:,} rejected."
    where = f"{link.rstrip('/')}/feeds/{ended.tenant}/{ended.environment}/{ended.feed}" if link else ""
    return {
        "title": f"{place}: {title}",
        "message": ended.message,
        "done": done,
        "left": "" if state == "healthy" else left,
        "cure": ended.cure,
        "next_command": ended.next_command or _next(ended),
        "plan": ended.plan,
        "run_id": ended.run_id,
        "link": where,
    }


def file_document(place: tuple[str, str, str], by: datetime | None, *, link: str) -> dict[str, Any]:
    """Return what to tell of a planning file that did not come, or, where by is None, did come after all."""
    tenant, environment, feed = place
    named = f"{tenant} · {environment} · {feed}"
    title = f"{named}: no new planning file" if by is not None else f"{named}: the planning file has come"
    message = f"Another planning file was expected by {by:%Y-%m-%d %H:%M} UTC, and none came." if by is not None else ""
    return {
        "title": title,
        "message": message,
        "done": "",
        "left": "UKG holds what it held; the next sync takes the file when it is there." if by is not None else "",
        "cure": "Ask whoever makes the file; or correct expect_new_by." if by is not None else "",
        "next_command": f"bridgehead status {tenant}",
        "plan": "",
        "run_id": "",
        "link": f"{link.rstrip('/')}/feeds/{tenant}/{environment}/{feed}" if link else "",
    }


def notices(
    place: tuple[str, str, str],
    topic: str,
    state: str,
    document: Mapping[str, Any],
    *,
    channels: tuple[str, ...],
    now: datetime,
    new_id: str,
) -> Iterator[Notice]:
    """Yield a notice for each channel; where there is none, one that is kept as told, so that it is on record."""
    whole = {"id": new_id, "at": now.isoformat(timespec="seconds"), "tenant": place[0], "environment": place[1]}
    whole |= {"feed": place[2], "topic": topic, "state": state, "text": text_of(document), **document}
    told = msgspec.json.encode(whole).decode()
    for channel in channels or ("",):
        name = f"{new_id}/{channel}" if channel else new_id
        yield Notice(name, *place, topic, state, now, told, None if channel else now)


def text_of(document: Mapping[str, Any]) -> str:
    """Return what to tell as a few lines of text."""
    lines = [document["title"], document["message"], document["done"], document["left"], document["cure"]]
    command = f"Next: {document['next_command']}" if document["next_command"] else ""
    return "\n".join(line for line in [*lines, command, document["link"]] if line)


def _next(ended: Ended) -> str:
    verb = {"drift": "verify", "partial": "history", "unverified": "verify"}.get(ended.state, "status")
    return f"bridgehead {verb} {ended.tenant}"


_LEFT = {
    "partial": "The rejected records changed nothing; each later run tries them again.",
    "drift": "What differs is not sent anew by itself; `verify --repair` and then a sync do that.",
    "guardrail": "The plan waits; nothing is sent before a person has decided.",
    "approval-needed": "The plan waits; nothing is sent before a person has decided.",
    "plan-rejected": "UKG holds what it held; another file makes another plan.",
    "unavailable": "It is tried again by itself.",
}

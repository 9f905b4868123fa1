"""Nights that pass in no time: an emulator and a scheduler that go by one clock, which the test sets forward."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bridgehead.cli.notices import page_of
from bridgehead.emulator import Emulator, Limits
from bridgehead.emulator.seed import Seed
from bridgehead.ended import Ended
from bridgehead.events import Event
from bridgehead.service.due import Why
from bridgehead.service.scheduler import Scheduler
from bridgehead.service.watched import Watched
from bridgehead.tenant import Choice
from bridgehead.testing import Clock
from tests.told import Posts, posts

EVENING = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)


class Heard:
    """What a scheduler told."""

    def __init__(self) -> None:
        self.why: list[tuple[str, Why]] = []
        self.ends: list[Ended] = []
        self.words: list[str] = []
        self.events: list[Event] = []

    def placed(self, choice: Choice, why: Why) -> None:
        """Keep why a feed was placed."""
        self.why.append((choice.tenant, why))

    def happened(self, choice: Choice, event: Event) -> None:  # noqa: ARG002 - a listener hears of both
        """Keep an event."""
        self.events.append(event)

    def ended(self, choice: Choice, ended: Ended) -> None:  # noqa: ARG002 - the verdict names its feed
        """Keep a verdict."""
        self.ends.append(ended)

    def said(self, level: str, words: str) -> None:
        """Keep words."""
        self.words.append(f"{level}: {words}")


class Nights:
    """An office: planning files, a configuration, UKG, and the scheduler that works at night."""

    def __init__(self, folder: Path, emulator: Emulator, clock: Clock, hook: Posts) -> None:
        self.folder, self.emulator, self.clock, self.hook = folder, emulator, clock, hook
        self.heard = Heard()
        self.scheduler: Scheduler | None = None
        (folder / "hook.url").write_text(hook.url)

    def start(self) -> Scheduler:
        """Start the scheduler, or another one where there was one."""
        if self.scheduler is not None:
            self.scheduler.stop()
        watched = Watched(self.folder / "bridgehead.toml")
        page = lambda notice: page_of(watched.config, notice)  # noqa: E731 - as the command has it
        self.scheduler = Scheduler(watched, self.clock, "night@office (1)", (self.heard,), page)
        self.scheduler.tick()
        self.scheduler.settle()
        return self.scheduler

    def look(self) -> None:
        """Let the scheduler look, and everything that it places come to its end."""
        assert self.scheduler is not None
        while True:
            self.scheduler.tick()
            if not self.scheduler.under_way():
                return
            self.scheduler.settle()

    def until(self, moment: datetime, *, step: timedelta = timedelta(minutes=30)) -> None:
        """Let time pass, with a look now and then."""
        while self.clock() < moment:
            self.clock.advance(min(step, moment - self.clock()).total_seconds())
            self.look()

    def night(self) -> list[Ended]:
        """Let time pass until the next noon; return the verdicts of that night."""
        before, now = len(self.heard.ends), self.clock()
        noon = (now + timedelta(hours=12)).replace(hour=12, minute=0)
        self.until(noon if noon > now else noon + timedelta(days=1))
        return self.heard.ends[before:]

    def told(self) -> list[dict[str, Any]]:
        """Return what people were told, in order."""
        return self.hook.documents()

    def held(self, tenant_id: str, environment: str = "production") -> dict[str, dict[str, Any]]:
        """Return what UKG holds for a tenant, by key, zeros left out; read from the emulator's own store."""
        rows = self.emulator.environments[environment].store.connection.execute(
            "SELECT key, document FROM projection WHERE environment = ? AND tenant_id = ?", (environment, tenant_id)
        )
        found = {key.replace("\x1f", "|"): json.loads(document) for key, document in rows.fetchall()}
        return {key: one for key, one in found.items() if one.get("headcount") or one.get("fte")}


@contextmanager
def nights(folder: Path, *, seed: Seed | None = None, kind: type[Nights] = Nights) -> Iterator[Nights]:
    """Open an office for the block. seed: the emulator's tenants, where they are others than the demo's."""
    clock = Clock(EVENING)
    limits = Limits(requests_per_minute=1_000_000)
    with posts() as hook, Emulator(clock=clock, limits=limits, journal=1000, seed=seed) as emulator:
        made = kind(folder, emulator, clock, hook)
        try:
            yield made
        finally:
            if made.scheduler is not None:
                made.scheduler.stop()

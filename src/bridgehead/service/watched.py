"""The configuration of a process that lives for months: read anew when its file changes, unless it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from bridgehead.config import Config, load
from bridgehead.errors import BridgeheadError, ConfigError
from bridgehead.service.schedule import Schedule, ScheduleError, Window, zone
from bridgehead.tenant import Choice, choose

Key = tuple[str, str, str]


class Scheduled(NamedTuple):
    """A feed with its schedule, by when its file should have come, and when nothing is sent."""

    choice: Choice
    schedule: Schedule
    expected: Schedule | None
    windows: tuple[Window, ...]


def scheduled(config: Config) -> dict[Key, Scheduled]:
    """Return the feeds that have a schedule, in the tenants' default environments; raise ConfigError at a wrong one."""
    try:
        zone(config.run.timezone)
    except ScheduleError as wrong:
        raise config.sections.wrong("run", "timezone", f"{wrong}.", 'For instance "Europe/Berlin", or "UTC".') from None
    windows = _windows(config, "run", config.run.blackout)
    found: dict[Key, Scheduled] = {}
    for name, tenant in config.tenants.items():
        environment, settings = tenant.environment(None)
        closed = (*windows, *_windows(config, f"tenants.{name}.environments.{environment}", settings.blackout))
        for feed, feed_settings in tenant.feeds.items():
            section = f"tenants.{name}.feeds.{feed}"
            expected = feed_settings.expect_new_by
            by = _schedule(config, section, "expect_new_by", expected) if expected else None
            if feed_settings.schedule:
                choice = choose(config, name, None, feed)
                schedule = _schedule(config, section, "schedule", feed_settings.schedule)
                found[name, environment, feed] = Scheduled(choice, schedule, by, closed)
    return found


def _schedule(config: Config, section: str, key: str, text: str) -> Schedule:
    try:
        return Schedule(text, zone(config.run.timezone))
    except ScheduleError as wrong:
        cure = f'Write it as cron does: {key} = "30 2 * * *" is every night at 02:30.'
        raise config.sections.wrong(section, key, f"{wrong}.", cure) from None


def _windows(config: Config, section: str, texts: tuple[str, ...]) -> tuple[Window, ...]:
    try:
        return tuple(Window(text, zone(config.run.timezone)) for text in texts)
    except ScheduleError as wrong:
        cure = 'For instance "sun 02:00 - sun 06:00", "22:00 - 05:00", or "2026-12-24 18:00 - 2026-12-27 06:00".'
        raise config.sections.wrong(section, "blackout", f"{wrong}.", cure) from None


class Watched:
    """A configuration and the file that it comes from. Runs that are under way keep the one that they began with."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._stamp()
        self.config = load(path)
        self.feeds = scheduled(self.config)
        self.wrong: ConfigError | None = None

    def refresh(self, *, at_once: bool = False, on_wrong: Callable[[BridgeheadError], object] = lambda _: None) -> bool:
        """Read the file anew when it has changed, or at once; return whether another configuration holds now.

        on_wrong: told why a changed file cannot be used; the one before holds on.
        """
        stamp = self._stamp()
        if stamp == self._seen and not at_once:
            return False
        self._seen = stamp
        try:
            config = load(self._path)
            feeds = scheduled(config)
        except ConfigError as wrong:
            self.wrong = wrong
            on_wrong(wrong)
            return False
        self.config, self.feeds, self.wrong = config, feeds, None
        return True

    def next_run(self, choice: Choice, now: datetime) -> datetime | None:
        """Return when a feed is due next by its schedule; None where it has none."""
        one = self.feeds.get((choice.tenant, choice.environment, choice.feed_name))
        return one.schedule.next(now) if one is not None else None

    def _stamp(self) -> tuple[int, int, int] | None:
        """Return what changes when the file does; None where it is away."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

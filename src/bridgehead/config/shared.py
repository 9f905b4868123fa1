"""Planning files as the configuration names them: one feed's own, or one that several tenants share by routing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridgehead.config.secrets import is_reference
from bridgehead.config.sections import Sections, did_you_mean
from bridgehead.config.settings import ControlSettings, SourceSettings, TenantSettings


class Shared:
    """The sources under `[sources.NAME]`, which feeds name: `source = "NAME"`."""

    def __init__(self, reader: Sections, data: Any) -> None:
        self._reader = reader
        if not isinstance(data, Mapping):
            raise reader.wrong(
                "", "sources", "sources must be tables.", 'Write [sources.group] with path = "plan.csv".'
            )
        self._known: dict[str, tuple[SourceSettings, ControlSettings]] = {}
        for name, given in data.items():
            section = f"sources.{name}"
            if not isinstance(given, Mapping):
                raise reader.wrong("sources", name, "must be a table.", f"Write [{section}].")
            settings = {key: value for key, value in given.items() if key != "control"}
            source = reader.struct(section, settings, SourceSettings)
            _check(reader, section, source)
            control = reader.struct(f"{section}.control", given.get("control", {}), ControlSettings)
            self._known[name] = (source, control)

    def source(self, feed: str, given: Any) -> tuple[SourceSettings, str, ControlSettings]:
        """Return a feed's source, the section where it stands, and its own control totals."""
        if not isinstance(given, str):
            section = f"{feed}.source"
            source = self._reader.struct(section, given, SourceSettings)
            _check(self._reader, section, source)
            if source.routing is not None:
                cure = f'Move it to [sources.NAME], and write source = "NAME" under [{feed}] of each tenant.'
                raise self._reader.wrong(section, "routing", "routing is for a source that tenants share.", cure)
            return source, section, ControlSettings()
        if given not in self._known:
            near = did_you_mean(given, self._known)
            cure = f"{near}Known are: {', '.join(self._known) or 'none'}; add [sources.{given}]."
            raise self._reader.wrong(feed, "source", f"there is no source {given!r}.", cure)
        source, control = self._known[given]
        return source, f"sources.{given}", control

    def check(self, tenants: Mapping[str, TenantSettings]) -> None:
        """Refuse a source whose rows would reach two tenants, or a tenant that has no feed for them."""
        for name, (source, _) in self._known.items():
            section, users = f"sources.{name}", [*_users(f"sources.{name}", tenants)]
            doubled = sorted({user for user in users if users.count(user) > 1})
            if doubled:
                cure = "Let one feed of a tenant read it; each row has to reach UKG once."
                raise self._reader.wrong(section, "", f"is read by two feeds of {doubled[0]}.", cure)
            if source.routing is None:
                if len(users) > 1:
                    cure = f'Say whose a row is: routing = {{ column = "...", tenants = {{ {users[0]} = ["..."] }} }}.'
                    told = f"is read for {' and for '.join(users)}, and has no routing."
                    raise self._reader.wrong(section, "", told, cure)
                continue
            nowhere = [tenant for tenant in source.routing.tenants if tenant not in users]
            if nowhere:
                cure = f'Write source = "{name}" under a feed of {nowhere[0]}, or take it out of routing.tenants.'
                told = f"routes rows to {nowhere[0]}, which has no feed that reads it."
                raise self._reader.wrong(section, "routing.tenants", told, cure)
            left = [user for user in users if user not in source.routing.tenants]
            if left:
                cure = f'Add {left[0]} = ["..."] to routing.tenants.'
                raise self._reader.wrong(section, "routing.tenants", f"routes no row to {left[0]}.", cure)


def _users(section: str, tenants: Mapping[str, TenantSettings]) -> Iterator[str]:
    for name, tenant in tenants.items():
        yield from (name for feed in tenant.feeds.values() if feed.section == section)


def _check(reader: Sections, section: str, source: SourceSettings) -> None:
    database = bool(source.connection or source.query)
    if bool(source.path) == database:
        told = "has both a path and a database" if database else "lacks the key 'path'"
        raise reader.wrong(section, "path", f"{told}.", 'One of them: path = "plan.csv", or connection and query.')
    if database and not (source.connection and source.query):
        lacking = "query" if source.connection else "connection"
        examples = {"query": '"SELECT * FROM headcount_plan"', "connection": '"env:PLANNING_DATABASE"'}
        cure = f"Add it, for instance: {lacking} = {examples[lacking]}."
        raise reader.wrong(section, lacking, f"lacks the key {lacking!r}.", cure)
    if database and not is_reference(source.connection) and not source.connection.startswith("sqlite:"):
        cure = 'Say where it is: connection = "env:PLANNING_DATABASE"; only a sqlite URL may stand here itself.'
        raise reader.wrong(section, "connection", "connection is no reference.", cure)

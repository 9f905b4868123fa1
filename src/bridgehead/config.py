"""The configuration, `bridgehead.toml`: tenants, their environments and feeds. Alone reads it and the environment."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import msgspec
from msgspec import Meta

from bridgehead.errors import ConfigError, SecretMissing
from bridgehead.sources.mapping import ColumnMapping
from bridgehead.ukg.interlock import EVIDENCE

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
DEFAULT_PATH = "bridgehead.toml"


class EnvironmentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[tenants.NAME.environments.ENVIRONMENT]`: one UKG Pro of a tenant, and who we are there."""

    tenant_id: Annotated[
        str,
        Meta(
            description="The tenant's identifier: System Configuration > Organization Settings > API Configuration.",
            examples=['"0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"'],
        ),
    ]
    base_url: Annotated[
        str, Meta(description="Where this UKG Pro answers.", examples=['"https://acme.ukgpro.example"'])
    ]
    client_id: Annotated[
        str, Meta(description="The API client: Integration Hub > API Clients.", examples=['"acme-headcount"'])
    ]
    client_secret: Annotated[
        str,
        Meta(
            description="Where the secret is: env:NAME, file:PATH or command:PROGRAM. Never the secret itself.",
            examples=['"env:ACME_CLIENT_SECRET"'],
        ),
    ]
    dialect: Annotated[str, Meta(description="How this UKG speaks.", examples=['"thread"'])] = "thread"
    dialect_overrides: Annotated[
        dict[str, Any],
        Meta(
            description="Keys of the dialect that are otherwise here, see docs/dialects.md.",
            examples=['{ call = { tenant_header = "global-tenant-id" } }'],
        ),
    ] = {}
    waivers: Annotated[
        dict[str, str],
        Meta(
            description=f"Evidence that this UKG does not offer, accepted on record: {', '.join(EVIDENCE)}.",
            examples=['{ token-environment = "tokens are opaque, agreed with J. Berg, 2026-11-02" }'],
        ),
    ] = {}
    in_flight: Annotated[
        int, Meta(description="How many requests may be on their way at once.", examples=["8"], ge=1, le=64)
    ] = 8
    attempts: Annotated[
        int, Meta(description="How often a call is tried while UKG is away or overloaded.", examples=["6"], ge=1, le=20)
    ] = 6


class SourceSettings(ColumnMapping, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[tenants.NAME.feeds.FEED.source]`: the planning file, and how its columns become ours."""

    path: Annotated[
        str, Meta(description="The planning file, from the configuration's folder.", examples=['"plans/acme.csv"'])
    ]
    encoding: Annotated[
        str, Meta(description="How the file is written, when it is not UTF-8.", examples=['"windows-1252"'])
    ] = ""
    delimiter: Annotated[str, Meta(description="What separates fields, when it is ambiguous.", examples=['";"'])] = ""


class OwnsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[[tenants.NAME.feeds.FEED.owns]]`: a part of the plan that the feed is complete for."""

    scenario: Annotated[str, Meta(description="The scenario.", examples=['"budget"'])]
    version: Annotated[str, Meta(description="The version.", examples=['"v1"'])]
    first_period: Annotated[date, Meta(description="The first month.", examples=["2027-01-01"])]
    last_period: Annotated[date, Meta(description="The last month.", examples=["2028-12-01"])]


class GuardrailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[tenants.NAME.feeds.FEED.guardrails]`: how far a plan may go without a person's word."""

    max_retired_percent: Annotated[
        Decimal, Meta(description="Of what UKG holds, so much may be retired.", examples=["20"])
    ] = Decimal(20)
    max_total_change_percent: Annotated[
        Decimal, Meta(description="So much may the heads of a scenario move.", examples=["30"])
    ] = Decimal(30)


class FeedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[tenants.NAME.feeds.FEED]`: one planning file's way to one tenant."""

    source: SourceSettings
    owns: tuple[OwnsSettings, ...] = ()
    guardrails: GuardrailSettings = GuardrailSettings()


class TenantSettings(msgspec.Struct, frozen=True):
    """`[tenants.NAME]`."""

    name: str
    environments: dict[str, EnvironmentSettings]
    feeds: dict[str, FeedSettings]
    default_environment: str

    def environment(self, name: str | None) -> tuple[str, EnvironmentSettings]:
        """Return an environment by name, or the default one; raise ConfigError when there is none."""
        wanted = name or self.default_environment
        if wanted not in self.environments:
            raise ConfigError(
                f"{self.name} has no environment {wanted!r}.", cure=f"Known are: {', '.join(self.environments)}."
            )
        return wanted, self.environments[wanted]


class Config(msgspec.Struct, frozen=True):
    """All that `bridgehead.toml` says. path: where it lies; the paths in it start at its folder."""

    path: Path
    ledger: Path
    tenants: dict[str, TenantSettings]

    def tenant(self, name: str) -> TenantSettings:
        """Return a tenant; raise ConfigError when there is none of that name."""
        if name not in self.tenants:
            raise ConfigError(
                f"{self.path} has no tenant {name!r}.",
                cure=f"{_did_you_mean(name, self.tenants)}Known are: {', '.join(self.tenants) or 'none'}.",
            )
        return self.tenants[name]


_Struct = TypeVar("_Struct", bound=msgspec.Struct)


class _Reader:
    """Reads sections and says what is wrong with file, line, key and an example that is right."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._lines = text.splitlines()

    def wrong(self, section: str, key: str, problem: str, cure: str) -> ConfigError:
        line = self._line(section, key)
        place = f"{self.path.name}:{line}" if line else self.path.name
        return ConfigError(f"{place}: [{section}] {problem}", cure=cure)

    def _line(self, section: str, key: str) -> int:
        """Find a key's line, else its section's; 0 when neither stands on a line of its own."""
        inside, found = section == "", 0
        for number, line in enumerate(self._lines, 1):
            header = re.fullmatch(r"\s*\[+\s*([^\]]+?)\s*\]+\s*(#.*)?", line)
            if header:
                inside = header.group(1).replace('"', "") == section
                found = number if inside and not found else found
            elif inside and re.match(rf'\s*"?{re.escape(key)}"?\s*[=.]', line):
                return number
        return found

    def struct(self, section: str, data: Any, kind: type[_Struct]) -> _Struct:
        """Convert a section; raise ConfigError naming the first key that is unknown, missing or wrong."""
        if not isinstance(data, Mapping):
            raise self.wrong(section, "", "must be a table.", f"Write it as [{section}].")
        fields = {one.name: one for one in msgspec.structs.fields(kind)}
        for key in data:
            if key not in fields:
                known = ", ".join(fields)
                raise self.wrong(
                    section, key, f"has an unknown key {key!r}.", f"{_did_you_mean(key, fields)}Known are: {known}."
                )
        for name, one in fields.items():
            if one.required and name not in data:
                raise self.wrong(section, name, f"lacks the key {name!r}.", f"Add it, for instance: {example(one)}.")
        try:
            return msgspec.convert(dict(data), kind)
        except msgspec.ValidationError as bad:
            path = str(bad).partition("`$.")[2].rstrip("`")
            key = re.split(r"[.\[]", path)[0]
            shown = f", for instance: {example(fields[key])}" if key in fields else ""
            problem = str(bad).partition(" - at ")[0]
            raise self.wrong(section, key, f"has a wrong {path}: {problem}.", f"Correct it{shown}.") from None


def example(one: msgspec.structs.FieldInfo) -> str:
    """Return a right line for a setting."""
    examples = [meta.examples[0] for meta in getattr(one.type, "__metadata__", ()) if meta.examples]
    return f"{one.name} = {examples[0]}" if examples else one.name


def _did_you_mean(key: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(key, list(known), 1)
    return f"Did you mean {near[0]!r}? " if near else ""


def load(path: Path) -> Config:
    """Read and check the configuration; raise ConfigError for the first thing that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"There is no {path}.",
            cure="Write one from your planning file, or name it with --config.",
            next_command="bridgehead init PLAN.csv",
        ) from None
    except (OSError, UnicodeError) as wrong:
        raise ConfigError(f"{path} cannot be read: {wrong}.") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise ConfigError(f"{path} is not TOML: {wrong}.", cure="Correct that line.") from None
    reader = _Reader(path, text)
    for key in data:
        if key not in ("ledger", "tenants"):
            raise reader.wrong("", key, f"unknown key {key!r} at the top.", "Known are: ledger, tenants.")
    ledger, tenants = data.get("ledger", ".bridgehead"), data.get("tenants", {})
    if not isinstance(ledger, str):
        raise reader.wrong("", "ledger", "ledger must be a text.", 'For instance: ledger = ".bridgehead".')
    if not isinstance(tenants, Mapping) or not tenants:
        raise reader.wrong("", "tenants", "there is no tenant.", "Add one: [tenants.acme.environments.production].")
    return Config(
        path=path,
        ledger=path.parent / ledger,
        tenants={name: _tenant(reader, name, section) for name, section in tenants.items()},
    )


def _tenant(reader: _Reader, name: str, data: Any) -> TenantSettings:
    section = f"tenants.{name}"
    _check_name(reader, section, name)
    if not isinstance(data, Mapping):
        raise reader.wrong(section, "", "must be a table.", f"Write [{section}.environments.production].")
    known: dict[str, Any] = {"default_environment": "", "environments": {}, "feeds": {}}
    for key in data:
        if key not in known:
            cure = f"{_did_you_mean(key, known)}Known are: {', '.join(known)}."
            raise reader.wrong(section, key, f"has an unknown key {key!r}.", cure)
    environments, feeds = data.get("environments", {}), data.get("feeds", {})
    if not isinstance(environments, Mapping) or not environments:
        raise reader.wrong(section, "", "has no environment.", f"Add one: [{section}.environments.production].")
    if not isinstance(feeds, Mapping):
        raise reader.wrong(section, "feeds", "feeds must be tables.", f"Write [{section}.feeds.headcount.source].")
    default = data.get("default_environment", next(iter(environments)))
    if not isinstance(default, str) or default not in environments:
        cure = f"Known are: {', '.join(environments)}."
        raise reader.wrong(section, "default_environment", f"has no environment {default!r}.", cure)
    return TenantSettings(
        name=name,
        environments={
            one: _environment(reader, f"{section}.environments.{one}", one, settings)
            for one, settings in environments.items()
        },
        feeds={one: _feed(reader, f"{section}.feeds.{one}", one, settings) for one, settings in feeds.items()},
        default_environment=default,
    )


def _check_name(reader: _Reader, section: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise reader.wrong(
            section, "", f"{name!r} is no name.", "Names are lower-case letters, digits, - and _, such as acme."
        )


def _environment(reader: _Reader, section: str, name: str, data: Any) -> EnvironmentSettings:
    _check_name(reader, section, name)
    settings = reader.struct(section, data, EnvironmentSettings)
    url = _url(settings.base_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.username or url.query or url.fragment:
        raise reader.wrong(
            section,
            "base_url",
            f"base_url {settings.base_url!r} is no URL.",
            'For instance "https://acme.ukgpro.example".',
        )
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        raise reader.wrong(
            section, "base_url", f"base_url {settings.base_url!r} is not encrypted.", "Use https; http is for loopback."
        )
    if settings.client_secret.partition(":")[0] not in ("env", "file", "command"):
        raise reader.wrong(
            section, "client_secret", "client_secret is no reference.", 'Say where it is: "env:ACME_CLIENT_SECRET".'
        )
    for waived, reason in settings.waivers.items():
        if waived not in EVIDENCE:
            cure = f"Known are: {', '.join(EVIDENCE)}."
            raise reader.wrong(section, "waivers", f"waives {waived!r}, which is no evidence.", cure)
        if not reason.strip():
            raise reader.wrong(section, "waivers", f"waives {waived!r} for no reason.", "Say who, why and when.")
    return settings


def _url(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        return url if url.port is None or url.port else urlsplit("")
    except ValueError:  # brackets that do not close, a port that is no number
        return urlsplit("")


def _feed(reader: _Reader, section: str, name: str, data: Any) -> FeedSettings:
    _check_name(reader, section, name)
    if not isinstance(data, Mapping):
        raise reader.wrong(section, "", "must be a table.", f"Write [{section}.source].")
    known = {one.name: one for one in msgspec.structs.fields(FeedSettings)}
    for key in data:
        if key not in known:
            cure = f"{_did_you_mean(key, known)}Known are: {', '.join(known)}."
            raise reader.wrong(section, key, f"has an unknown key {key!r}.", cure)
    if "source" not in data:
        raise reader.wrong(section, "source", "has no source.", f'Add [{section}.source] with path = "plan.csv".')
    owns = data.get("owns", [])
    if not isinstance(owns, list):
        raise reader.wrong(section, "owns", "owns must be a list of tables.", f"Write [[{section}.owns]].")
    settings = FeedSettings(
        source=reader.struct(f"{section}.source", data["source"], SourceSettings),
        owns=tuple(reader.struct(f"{section}.owns", part, OwnsSettings) for part in owns),
        guardrails=reader.struct(f"{section}.guardrails", data.get("guardrails", {}), GuardrailSettings),
    )
    for part in settings.owns:
        if part.first_period > part.last_period:
            cure = "The first month comes before the last one."
            raise reader.wrong(f"{section}.owns", "first_period", "ends before it begins.", cure)
    for one in msgspec.structs.fields(GuardrailSettings):
        value: Decimal = getattr(settings.guardrails, one.name)
        if not value.is_finite() or value < 0:
            cure = f"For instance: {example(one)}."
            raise reader.wrong(f"{section}.guardrails", one.name, f"{one.name} is {value}.", cure)
    return settings


def secret_reader(reference: str, folder: Path) -> Callable[[], str]:
    """Return a function that reads a secret anew at every call, from where the reference says it is."""
    kind, _, where = reference.partition(":")

    def read() -> str:
        try:
            if kind == "env":
                secret = os.environ[where]  # noqa: TID251 - this is config.py
            elif kind == "file":
                secret = (folder / where).read_text(encoding="utf-8")
            else:
                # No shell: the words are split here, so that nothing in them is ever expanded.
                done = subprocess.run(where.split(), capture_output=True, text=True, check=True, timeout=30)  # noqa: S603
                secret = done.stdout
        except KeyError:
            raise SecretMissing(f"The environment variable {where} is not set.", cure=f"export {where}=...") from None
        except (OSError, UnicodeError) as wrong:
            raise SecretMissing(
                f"The secret {reference} cannot be read: {wrong.__class__.__name__}.",
                cure="Check path and permissions.",
            ) from None
        except subprocess.SubprocessError:
            raise SecretMissing(f"The command of {reference} failed.", cure="Run it by hand to see why.") from None
        if not secret.strip():
            raise SecretMissing(f"The secret {reference} is empty.", cure="Put the API client's secret there.")
        return secret.strip()

    return read


def proxy_for(base_url: str) -> str | None:
    """Return the proxy that the environment names for this URL, as other programs do."""
    url = urlsplit(base_url)
    proxies = getproxies_environment()
    if not url.hostname or url.hostname in _LOOPBACK or proxy_bypass(url.hostname):
        return None
    return proxies.get(url.scheme)

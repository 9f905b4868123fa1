"""Reading `bridgehead.toml`: every section is checked, and the first thing that is wrong is named with its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec

from bridgehead.config.secrets import LOOPBACK, is_login, is_reference
from bridgehead.config.sections import Sections, did_you_mean, example
from bridgehead.config.service import NotifySettings, PersonSettings, RunSettings
from bridgehead.config.settings import (
    ControlSettings,
    EnvironmentSettings,
    FeedSettings,
    GuardrailSettings,
    OwnsSettings,
    RulesSettings,
    TenantSettings,
)
from bridgehead.config.shared import Shared
from bridgehead.errors import ConfigError
from bridgehead.tables import MEMORY_LIMIT
from bridgehead.ukg.interlock import EVIDENCE

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
_MEMORY = re.compile(r"[1-9][0-9]{2,5} ?(MB|MiB)|[1-9][0-9]{0,2}(\.[0-9]+)? ?(GB|GiB)")
_TOP = ("ledger", "memory_limit", "sources", "run", "notify", "people", "tenants")
DEFAULT_PATH = "bridgehead.toml"


class Config(msgspec.Struct, frozen=True):
    """All that `bridgehead.toml` says. path: where it lies; the paths in it start at its folder.

    ledger: a folder, or the reference to a database's URL.
    """

    path: Path
    ledger: Path | str
    sections: Sections
    tenants: dict[str, TenantSettings]
    memory_limit: str = MEMORY_LIMIT
    run: RunSettings = RunSettings()
    notify: NotifySettings = NotifySettings()
    people: dict[str, PersonSettings] = {}

    def tenant(self, name: str) -> TenantSettings:
        """Return a tenant; raise ConfigError when there is none of that name."""
        if name not in self.tenants:
            raise ConfigError(
                f"{self.path} has no tenant {name!r}.",
                cure=f"{did_you_mean(name, self.tenants)}Known are: {', '.join(self.tenants) or 'none'}.",
            )
        return self.tenants[name]

    def placed(self, wrong: ConfigError, environment: str, source: str) -> ConfigError:
        """Return an error about one setting with the place where it stands. environment, source: their sections."""
        if not wrong.setting:
            return wrong
        names = {field.name for field in msgspec.structs.fields(EnvironmentSettings)}
        section = environment if wrong.setting.partition(".")[0] in names else source
        place = self.sections.place(section, wrong.setting)
        return ConfigError(f"{place}{wrong.message}", cure=wrong.cure, next_command=wrong.next_command)


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
    reader = Sections(path, text)
    for key in data:
        if key not in _TOP:
            raise reader.wrong("", key, f"unknown key {key!r} at the top.", f"Known are: {', '.join(_TOP)}.")
    ledger, tenants, limit = (
        data.get("ledger", ".bridgehead"),
        data.get("tenants", {}),
        data.get("memory_limit", MEMORY_LIMIT),
    )
    if not isinstance(ledger, str):
        raise reader.wrong("", "ledger", "ledger must be a text.", 'For instance: ledger = ".bridgehead".')
    if "://" in ledger:
        raise reader.wrong("", "ledger", "ledger is a URL.", 'Say where the URL is: ledger = "env:BRIDGEHEAD_LEDGER".')
    if not isinstance(limit, str) or not _MEMORY.fullmatch(limit):
        raise reader.wrong(
            "",
            "memory_limit",
            f"memory_limit {limit!r} is no size from 100MB on.",
            'For instance: memory_limit = "512MB".',
        )
    if not isinstance(tenants, Mapping) or not tenants:
        raise reader.wrong("", "tenants", "there is no tenant.", "Add one: [tenants.acme.environments.production].")
    shared = Shared(reader, data.get("sources", {}))
    config = Config(
        path=path,
        ledger=ledger if is_reference(ledger) else path.parent / ledger,
        sections=reader,
        tenants={name: _tenant(reader, name, section, shared) for name, section in tenants.items()},
        memory_limit=limit,
        **_service(reader, data),
    )
    shared.check(config.tenants)
    return config


def _service(reader: Sections, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of what runs with nobody watching."""
    run = reader.struct("run", data.get("run", {}), RunSettings)
    told = data.get("notify", {})
    notify = reader.struct("notify", told, NotifySettings)
    password = notify.email.password if notify.email is not None else ""
    for section, key, reference in (
        ("run", "heartbeat", run.heartbeat),
        ("notify", "webhook", notify.webhook),
        ("notify", "email.password", password),
    ):
        if reference and not is_reference(reference):
            raise reader.wrong(section, key, f"{key} holds no reference.", 'Say where it is: "env:NAME", "file:PATH".')
    if notify.email is not None and notify.email.security == "none" and notify.email.server not in LOOPBACK:
        cure = 'Say security = "starttls" or "tls"; none is for a mail server on this machine.'
        raise reader.wrong("notify", "email.security", "would send plans without encryption.", cure)
    people = data.get("people", {})
    if not isinstance(people, Mapping):
        raise reader.wrong("people", "", "must be tables.", "Write [people.jo].")
    return {
        "run": run,
        "notify": notify,
        "people": {name: reader.struct(f"people.{name}", one, PersonSettings) for name, one in people.items()},
    }


def _tenant(reader: Sections, name: str, data: Any, shared: Shared) -> TenantSettings:
    section = f"tenants.{name}"
    _check_name(reader, section, name)
    if not isinstance(data, Mapping):
        raise reader.wrong(section, "", "must be a table.", f"Write [{section}.environments.production].")
    known: dict[str, Any] = {"default_environment": "", "environments": {}, "feeds": {}}
    for key in data:
        if key not in known:
            cure = f"{did_you_mean(key, known)}Known are: {', '.join(known)}."
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
        feeds={one: _feed(reader, f"{section}.feeds.{one}", one, settings, shared) for one, settings in feeds.items()},
        default_environment=default,
    )


def _check_name(reader: Sections, section: str, name: str, *, taken: str = "") -> None:
    if not _NAME.fullmatch(name):
        raise reader.wrong(
            section, "", f"{name!r} is no name.", "Names are lower-case letters, digits, - and _, such as acme."
        )
    if name == taken:
        raise reader.wrong(section, "", f"{name!r} is taken: the ledger calls a file so.", "Give it another name.")


def _environment(reader: Sections, section: str, name: str, data: Any) -> EnvironmentSettings:
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
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise reader.wrong(
            section, "base_url", f"base_url {settings.base_url!r} is not encrypted.", "Use https; http is for loopback."
        )
    _check_proof(reader, section, settings)
    auditor = settings.auditor.client_secret if settings.auditor is not None else ""
    for key, reference, right in (("app_key", settings.app_key, "APP_KEY"), ("auditor", auditor, "AUDITOR_SECRET")):
        if reference and not is_reference(reference):
            raise reader.wrong(section, key, f"{key} holds no reference.", f'Say where it is: "env:ACME_{right}".')
    for waived, reason in settings.waivers.items():
        if waived not in EVIDENCE:
            cure = f"Known are: {', '.join(EVIDENCE)}."
            raise reader.wrong(section, "waivers", f"waives {waived!r}, which is no evidence.", cure)
        if not reason.strip():
            raise reader.wrong(section, "waivers", f"waives {waived!r} for no reason.", "Say who, why and when.")
    return settings


def _check_proof(reader: Sections, section: str, settings: EnvironmentSettings) -> None:
    """Refuse an API client that has no way to prove who it is, or two."""
    right = {"client_secret": '"env:ACME_CLIENT_SECRET"', "client_key": '"file:secrets/acme.pem"'}
    given = [name for name in right if getattr(settings, name)]
    if len(given) > 1:
        cure = "Keep the one that UKG knows of the client."
        raise reader.wrong(section, "client_key", "has both client_secret and client_key.", cure)
    if settings.login and not is_login(settings.login):
        cure = 'Say where it is kept: login = "file:secrets/acme.login"; or login = "keyring:ukg/acme".'
        raise reader.wrong(section, "login", "login is neither file:PATH nor keyring:SERVICE/NAME.", cure)
    if not given and not settings.login:  # with which a client may do without one
        cure = f"Add it, for instance: client_secret = {right['client_secret']}; or client_key = {right['client_key']}."
        raise reader.wrong(section, "client_secret", "lacks the key 'client_secret'.", cure)
    if given and not is_reference(getattr(settings, given[0])):
        raise reader.wrong(section, given[0], f"{given[0]} is no reference.", f"Say where it is: {right[given[0]]}.")
    if settings.client_key_id and not settings.client_key:
        cure = f"Add client_key = {right['client_key']}, or take client_key_id out."
        raise reader.wrong(section, "client_key_id", "has a client_key_id and no client_key.", cure)


def _url(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        return url if url.port is None or url.port else urlsplit("")
    except ValueError:  # brackets that do not close, a port that is no number
        return urlsplit("")


def _feed(reader: Sections, section: str, name: str, data: Any, shared: Shared) -> FeedSettings:
    _check_name(reader, section, name, taken="lease")  # the ledger's own file beside those of the feeds
    if not isinstance(data, Mapping):
        raise reader.wrong(section, "", "must be a table.", f"Write [{section}.source].")
    known = {one.name: one for one in msgspec.structs.fields(FeedSettings) if one.name not in ("section", "whole")}
    for key in data:
        if key not in known:
            cure = f"{did_you_mean(key, known)}Known are: {', '.join(known)}."
            raise reader.wrong(section, key, f"has an unknown key {key!r}.", cure)
    if "source" not in data:
        raise reader.wrong(section, "source", "has no source.", f'Add [{section}.source] with path = "plan.csv".')
    owns = data.get("owns", [])
    if not isinstance(owns, list):
        raise reader.wrong(section, "owns", "owns must be a list of tables.", f"Write [[{section}.owns]].")
    source, where, whole = shared.source(section, data["source"])
    settings = FeedSettings(
        source=source,
        section=where,
        whole=whole,
        schedule=_cron(reader, section, data, "schedule"),
        expect_new_by=_cron(reader, section, data, "expect_new_by"),
        owns=tuple(reader.struct(f"{section}.owns", part, OwnsSettings) for part in owns),
        guardrails=reader.struct(f"{section}.guardrails", data.get("guardrails", {}), GuardrailSettings),
        control=reader.struct(f"{section}.control", data.get("control", {}), ControlSettings),
        rules=reader.struct(f"{section}.rules", data.get("rules", {}), RulesSettings),
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


def _cron(reader: Sections, section: str, data: Mapping[str, Any], key: str) -> str:
    """Return a schedule as cron writes it; whether it is one is found out by who goes by it."""
    value = data.get(key, "")
    if not isinstance(value, str) or (value and len(value.split()) != 5):
        cure = f'Write it as cron does: {key} = "30 2 * * *" is every night at 02:30.'
        raise reader.wrong(section, key, f"{key} {value!r} is no schedule.", cure)
    return value

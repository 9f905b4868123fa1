"""A bench on which causes are injected, alone or two at once, and the doctor is asked what it sees."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey
from tests.matrix.causes import Cause

from bridgehead.config import load
from bridgehead.doctor import Diagnosis, Finding, Verdict
from bridgehead.emulator import Emulator
from bridgehead.emulator.faults.switchboard import FaultRefused
from bridgehead.emulator.seed import SeedRefused
from bridgehead.examining import examination
from bridgehead.testing import Clock

UNLIMITED = ("gateway-401", "clock-skew")
"""Faults that are for everybody."""


class Impossible(Exception):
    """Raised where two causes exclude each other."""


@dataclass(frozen=True)
class Seen:
    """What the doctor saw."""

    findings: tuple[Finding, ...]
    diagnosis: Diagnosis

    def of(self, *verdicts: Verdict) -> list[Finding]:
        return [one for one in self.findings if one.verdict in verdicts]

    @property
    def told(self) -> list[Finding]:
        """What is broken, or warned of."""
        return self.of(Verdict.BROKEN, Verdict.WARNING)

    def suspects(self) -> list[tuple[str, ...]]:
        return [tuple(suspect.cause for suspect in one.suspects) for one in self.told]

    def names(self, cause: Cause) -> bool:
        """Whether the cause is named: alone, or within the set that it cannot be told from."""
        for suspects in self.suspects():
            if set(cause.names) & set(suspects):
                return len(suspects) == 1 or (len(suspects) <= 3 and set(suspects) <= set(cause.alike))
        return False

    def exactly(self, cause: Cause) -> bool:
        """Whether it is named alone."""
        return any(len(suspects) == 1 and suspects[0] in cause.names for suspects in self.suspects())

    def alarms(self, *causes: Cause) -> list[str]:
        """Return what is said to be broken, and is not."""
        true = {name for cause in causes for name in cause.names}
        return [one.check for one in self.told if not true & {suspect.cause for suspect in one.suspects}]


class Bench:
    """Two emulators, one for each dialect, put back before each examination."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self._emulators: dict[str, tuple[Emulator, Any]] = {}

    @contextmanager
    def standing(self) -> Iterator[Bench]:
        """Stop the emulators at the end."""
        try:
            yield self
        finally:
            for emulator, _ in self._emulators.values():
                emulator.close()

    def emulator(self, dialect: str = "thread") -> Emulator:
        """Return the emulator of a dialect, as it was in the beginning."""
        if dialect not in self._emulators:
            emulator = Emulator(clock=self.clock, dialect=dialect)
            emulator.__enter__()
            self._emulators[dialect] = (emulator, emulator.snapshot())
        emulator, beginning = self._emulators[dialect]
        emulator.restore(beginning)
        return emulator

    def examine(
        self, *causes: Cause, auditor: bool = False, strictness: str = "production", keyed: bool = False
    ) -> Seen:
        """Inject the causes, and ask. Raises Impossible where they exclude each other."""
        dialect = next((cause.dialect for cause in causes if cause.dialect), "thread")
        emulator = self.emulator(dialect)
        emulator.environments["production"].strictness = strictness
        keyed = keyed or any(cause.keyed for cause in causes)
        self._configure(emulator, causes, dialect, auditor=auditor, keyed=keyed)
        for cause in causes:
            for slug, value in cause.faults.items():
                self._switch_on(emulator, slug, value)
        with examination(
            load(self.folder / "bridgehead.toml"), "acme", "production", clock=self.clock, pause=self.clock.advance
        ) as found:
            findings = tuple(found)
            return Seen(findings, found.diagnosis)

    def denied(self, dialect: str = "thread") -> list[tuple[str, str]]:
        """Return the checks that refused calls in the last examination, with their reasons, the first one first."""
        emulator, _ = self._emulators[dialect]
        entries = emulator.environments["production"].audit.read({"outcome": "denied"}, nobodys=True, limit=1000)
        return [(one.check, one.reason) for one in reversed(entries)]

    @staticmethod
    def _switch_on(emulator: Emulator, slug: str, value: Any) -> None:
        try:
            for environment in ("production", "sandbox"):
                who = "" if slug in UNLIMITED else "acme-headcount"
                emulator.switch_on(slug, client_id=who, value=value, environment=environment)
        except (FaultRefused, SeedRefused) as excluded:
            raise Impossible(str(excluded)) from None

    def _configure(
        self, emulator: Emulator, causes: tuple[Cause, ...], dialect: str, *, auditor: bool, keyed: bool
    ) -> None:
        """Write the configuration: the tenant's two environments, and another tenant."""
        sections, clients = [], emulator.demo_clients()
        for name, secret in (("wrong", "no-such-secret"), ("auditor", "acme-production-auditor-secret")):
            (self.folder / name).write_text(secret)
        (self.folder / "integration").write_text("acme-production-integration-secret")
        for tenant, environment in (("acme", "production"), ("acme", "sandbox"), ("globex", "production")):
            wanted = (tenant, environment, f"{tenant}-headcount")
            client = next(one for one in clients if (one.tenant, one.environment, one.client_id) == wanted)
            (self.folder / f"{tenant}-{environment}").write_text(client.secret)
            settings = {
                "tenant_id": client.tenant_id,
                "base_url": client.base_url,
                "client_id": client.client_id,
                "client_secret": f"file:{tenant}-{environment}",
                "dialect": dialect,
            }
            lines = [f"[tenants.{tenant}.environments.{environment}]"]
            if (tenant, environment) == ("acme", "production"):
                if keyed:
                    settings |= {"client_key": self._key(emulator)}
                    del settings["client_secret"]
                lines += self._injected(emulator, settings, causes)
                if auditor:
                    lines.append('auditor = { client_id = "acme-auditor", client_secret = "file:auditor" }')
            sections += [*lines, *(f"{key} = {json.dumps(value)}" for key, value in settings.items())]
        (self.folder / "bridgehead.toml").write_text("\n".join(sections))

    def _injected(self, emulator: Emulator, settings: dict[str, str], causes: tuple[Cause, ...]) -> list[str]:
        """Put the causes into the settings; return the lines of overrides."""
        values = {
            "sandbox_url": emulator.sandbox,
            "upper_id": settings["tenant_id"].upper(),
            "nobodys_id": "11111111-2222-4333-8444-555555555555",
        }
        overrides: dict[str, Any] = {}
        seen: set[str] = set()
        for cause in causes:
            if seen & cause.settings.keys():
                raise Impossible(f"both set {seen & cause.settings.keys()}")
            seen |= cause.settings.keys()
            settings.update({name: value.format(**values) for name, value in cause.settings.items()})
            merge(overrides, cause.overrides)
        return [f"dialect_overrides = {inline(overrides)}"] if overrides else []

    def _key(self, emulator: Emulator) -> str:
        """Register a key for the client, and return the reference to it."""
        key = ECKey.generate_key("P-256")
        (self.folder / "key.pem").write_bytes(key.as_pem(private=True))
        (self.folder / "other.pem").write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
        environment = emulator.environments["production"]
        from bridgehead.emulator.directory import ApiClient  # noqa: PLC0415 - for this bench alone

        client = environment.store.find(ApiClient, "acme-headcount")
        assert client is not None
        import msgspec  # noqa: PLC0415

        changed = msgspec.structs.replace(client, keys=(key.as_dict(private=False),), methods=("private_key_jwt",))
        environment.store.keep("acme-headcount", changed)
        return "file:key.pem"


def merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    """Lay one table over another."""
    for name, value in over.items():
        if isinstance(value, Mapping):
            merge(base.setdefault(name, {}), value)
        elif base.get(name, value) != value:
            raise Impossible(f"both set {name}")
        else:
            base[name] = value


def inline(value: Any) -> str:
    """Return a value as TOML in a line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {inline(one)}" for name, one in value.items()) + " }"
    return json.dumps(value)

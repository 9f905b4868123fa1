"""Examining a tenant of the configuration: the doctor with real doors, for commands, monitoring jobs and notebooks."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import msgspec

from bridgehead.config import Config, EnvironmentSettings, proxy_for, secret_reader
from bridgehead.connecting import Who, door_of, identity_of
from bridgehead.doctor import AT_MOST, Calls, Case, Diagnosis, Finding, Neighbour, Patient, diagnosis, walk
from bridgehead.errors import ConfigError
from bridgehead.ukg.asking import Identity
from bridgehead.ukg.cures import load_cures
from bridgehead.ukg.dialect import Dialect, load_dialect
from bridgehead.ukg.reaching import look
from bridgehead.ukg.transport import Transport

_CONNECT, _READ = 5, 15
"""Seconds: a person is waiting. So long a dead network keeps an examination, and no longer."""


@dataclass
class Examination:
    """One examination. Iterate over it once: each check's finding comes as soon as it is found."""

    case: Case
    only: Collection[str] = ()
    findings: list[Finding] = field(default_factory=list)

    def __iter__(self) -> Iterator[Finding]:
        """Ask each check."""
        for finding in walk(self.case, only=self.only):
            self.findings.append(finding)
            yield finding

    @property
    def diagnosis(self) -> Diagnosis:
        """What the findings so far amount to."""
        calls = self.case.calls
        return diagnosis(self.findings, calls=len(calls.exchanges), refused=calls.refused, at_most=AT_MOST)


def _utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - handed down from here


def examine(
    config: Config,
    tenant: str,
    environment: str | None = None,
    *,
    only: Collection[str] = (),
    clock: Callable[[], datetime] = _utc_now,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[Finding]:
    """Yield what each check of the chain finds about a tenant; nothing is written there, and few calls are refused.

    only: names of checks, which are asked with all that they need. Raises ConfigError for a configuration that cannot
    be examined.
    """
    with examination(config, tenant, environment, only=only, clock=clock, pause=pause) as found:
        yield from found


def introduce(config: Config, tenant: str, environment: str | None) -> tuple[Identity, Dialect]:
    """Return who we are in a tenant's environment, and how its UKG speaks, without asking anybody."""
    patient = _patient(config, tenant, environment)
    return patient.identity, patient.dialect


@contextmanager
def examination(
    config: Config,
    tenant: str,
    environment: str | None = None,
    *,
    only: Collection[str] = (),
    worked_before: bool = False,
    clock: Callable[[], datetime] = _utc_now,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[Examination]:
    """Open an examination; its doors are closed when the block ends. worked_before: as the ledger knows."""
    patient = replace(_patient(config, tenant, environment), worked_before=worked_before)
    _, settings = config.tenant(tenant).environment(environment)
    doors = [_door(settings, settings.base_url, clock)]

    def elsewhere(base_url: str) -> Transport:
        doors.append(_door(settings, base_url, clock))
        return doors[-1]

    with ThreadPoolExecutor(settings.in_flight, thread_name_prefix="doctor") as pool:
        case = Case(
            patient,
            Calls(doors[0], clock, pause, pool),
            elsewhere,
            lambda: look(settings.base_url, proxy_for(settings.base_url), min(settings.connect_timeout, _CONNECT)),
            clock,
            lambda: str(uuid.uuid4()),
        )
        try:
            yield Examination(case, only)
        finally:
            for door in doors:
                door.close()


def _patient(config: Config, tenant: str, environment: str | None) -> Patient:
    name, settings = config.tenant(tenant).environment(environment)
    who = Who(tenant, name, settings, config.path.parent, config.ledger)
    try:
        dialect = load_dialect(settings.dialect, settings.dialect_overrides)
        return Patient(
            identity_of(who, dialect),
            dialect,
            load_dialect(settings.dialect, {}),
            load_cures(settings.dialect, settings.dialect_overrides),
            in_flight=settings.in_flight,
            auditor=_auditor(who),
            neighbours=_neighbours(config, tenant, name),
        )
    except ConfigError as wrong:
        raise config.placed(wrong, f"tenants.{tenant}.environments.{name}", "") from None


def _door(settings: EnvironmentSettings, base_url: str, clock: Callable[[], datetime]) -> Transport:
    return door_of(
        msgspec.structs.replace(
            settings,
            base_url=base_url,
            connect_timeout=min(settings.connect_timeout, _CONNECT),
            timeout=min(settings.timeout, _READ),
        ),
        clock,
    )


def _auditor(who: Who) -> Identity | None:
    """Return who reads the audit log, None where nobody is configured."""
    settings = who.settings.auditor
    if settings is None:
        return None
    return Identity(
        tenant=who.tenant,
        tenant_id=who.settings.tenant_id,
        environment=who.environment,
        client_id=settings.client_id,
        secret=secret_reader(settings.client_secret, who.folder),
        base_url=who.settings.base_url,
        app_key=secret_reader(who.settings.app_key, who.folder) if who.settings.app_key else None,
    )


def _neighbours(config: Config, tenant: str, environment: str) -> tuple[Neighbour, ...]:
    """Return the other environments of the configuration, this tenant's first."""
    found = [
        Neighbour(one.name, name, settings.tenant_id, settings.base_url)
        for one in config.tenants.values()
        for name, settings in one.environments.items()
        if (one.name, name) != (tenant, environment)
    ]
    return tuple(sorted(found, key=lambda one: one.tenant != tenant))

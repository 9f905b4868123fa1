"""From a tenant's settings to its UKG: who we are there, through which door, at which pace; and which tenant it is."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
from urllib3.exceptions import HTTPError

from bridgehead.config import Config, EnvironmentSettings, KeptLogin, proxy_for, secret_reader
from bridgehead.errors import BridgeheadError, ConfigError, Refused, RequestRefused, Unavailable
from bridgehead.ukg.asking import Identity, app_key, basic
from bridgehead.ukg.auth import TenantAuth
from bridgehead.ukg.client import Client
from bridgehead.ukg.dialect import Dialect, at, load_dialect
from bridgehead.ukg.messages import Request, Response
from bridgehead.ukg.pace import Pace
from bridgehead.ukg.throttle import Throttle
from bridgehead.ukg.tokens import TokenCache
from bridgehead.ukg.transport import Transport

_Outcome = TypeVar("_Outcome")
Halt = Callable[[], BaseException | None]
"""Asked again and again; returns what ends a run, None to go on."""


@dataclass(frozen=True, slots=True)
class Who:
    """A tenant's environment, the folder in which the paths of its secrets start, and where the ledger is."""

    tenant: str
    environment: str
    settings: EnvironmentSettings
    folder: Path
    ledger: Path | str = ""


def door_of(settings: EnvironmentSettings, clock: Callable[[], datetime]) -> Transport:
    """Return what sends to a UKG; raise ConfigError where base_url or the environment's proxy is no address."""
    proxy = proxy_for(settings.base_url)
    try:
        return Transport(
            settings.base_url,
            clock=clock,
            connections=settings.in_flight,
            connect=settings.connect_timeout,
            read=settings.timeout,
            proxy=proxy,
        )
    except (ValueError, HTTPError):  # whose words may hold the proxy's password
        wrong = "the proxy that the environment names" if proxy else f"base_url {settings.base_url!r}"
        raise ConfigError(
            f"Nothing can be sent: {wrong} is no address.",
            cure='HTTPS_PROXY is written as "http://proxy:8080".' if proxy else 'For instance "https://acme.example".',
            setting="base_url",
        ) from None


def _new_id() -> str:
    return str(uuid.uuid4())


def client_of(
    who: Who,
    dialect: Dialect,
    door: Transport,
    clock: Callable[[], datetime],
    sleep: Callable[[float], object],
    on_wait: Callable[[str, float], object],
    halt: Halt,
    tokens: TokenCache,
) -> Client:
    """Return a client of the tenant's UKG."""
    settings = who.settings
    identity = identity_of(who, dialect)
    throttle = Throttle(
        settings.in_flight,
        now=time.monotonic,
        sleep=sleep,
        stopped=lambda: halt() is not None,
        budget=settings.attempts * settings.in_flight,
    )
    auth = TenantAuth(dialect, identity, clock=clock, new_id=_new_id, tokens=tokens)
    return Client(auth, door, clock, throttle, random.random, on_wait, Pace(attempts=settings.attempts))


def halting(asked: Halt, deadline: int, clock: Callable[[], datetime]) -> Halt:
    """Return what is asked, and after so many seconds from now on what ends a run that takes too long; 0: never."""
    ends = clock() + timedelta(seconds=deadline)

    def halt() -> BaseException | None:
        if deadline and clock() >= ends:
            return Unavailable(
                f"The run took longer than its deadline, {deadline:,} s, and stopped; what was answered is remembered.",
                cure="The next sync goes on from there. If UKG is always so slow, raise deadline or in_flight.",
            )
        return asked()

    return halt


def identity_of(who: Who, dialect: Dialect) -> Identity:
    """Return who we are; raise ConfigError when the dialect takes signed assertions only, and there is no key."""
    settings = who.settings
    proof = settings.client_key or settings.client_secret
    if dialect.token.client_authentication == "private_key_jwt" and not settings.client_key and proof:
        raise ConfigError(
            'The dialect says client_authentication = "private_key_jwt", and there is no client_key.',
            cure='Write client_key = "file:secrets/acme.pem" instead of client_secret; or say "basic" in the dialect.',
            setting="client_secret",
        )
    return Identity(
        tenant=who.tenant,
        tenant_id=settings.tenant_id,
        environment=who.environment,
        client_id=settings.client_id,
        secret=secret_reader(proof, who.folder) if proof else str,
        waivers=settings.waivers,
        keyed=bool(settings.client_key),
        key_id=settings.client_key_id,
        base_url=settings.base_url,
        app_key=secret_reader(settings.app_key, who.folder) if settings.app_key else None,
        public=not proof,
        login=login_of(who) if settings.login else None,
    )


def login_of(who: Who) -> KeptLogin:
    """Return where the login of the person is kept for whom the environment's feeds act."""
    settings = who.settings
    return KeptLogin(
        name=settings.login,
        folder=who.folder,
        ledger=who.ledger,
        tenant=who.tenant,
        environment=who.environment,
        base_url=settings.base_url,
        client_id=settings.client_id,
        tenant_id=settings.tenant_id,
    )


class TenantInfo(msgspec.Struct, frozen=True):
    """What tenant/info says of the API client: its tenant's id, name and environment."""

    tenant_id: str
    name: str
    environment: str


def ask_tenant_id(
    config: Config, tenant: str, environment: str | None, *, clock: Callable[[], datetime]
) -> tuple[TenantInfo, EnvironmentSettings]:
    """Ask UKG which tenant the API client belongs to, with what proves the client alone: it needs no tenant id (T6)."""
    name, settings = config.tenant(tenant).environment(environment)
    try:
        dialect = load_dialect(settings.dialect, settings.dialect_overrides)
        identity = identity_of(Who(tenant, name, settings, config.path.parent, config.ledger), dialect)
        response = _tenant_info(dialect, identity, settings, clock)
    except ConfigError as wrong:
        raise config.placed(wrong, f"tenants.{tenant}.environments.{name}", "") from None
    if response.status in (401, 403):
        proof = "the public key of its client_key" if identity.keyed else "its secret"
        raise Refused(
            f"UKG refuses tenant/info: {response.status} {response.words()}.",
            cure=f"Check client id {settings.client_id}, {proof} and base_url: an API client belongs to one "
            f"environment ({dialect.menus.api_clients}). People find the tenant id at {dialect.tenant_id.menu}.",
            status=response.status,
        )
    document = response.document()
    found = [at(document, path) for path in (dialect.tenant_info.tenant, dialect.tenant_info.tenant_name)]
    if response.status != 200 or not isinstance(found[0], str):
        raise RequestRefused(
            f"UKG answered {response.status} to tenant/info: {response.words()}.",
            cure=f"Check base_url; or read the id on the screen: {dialect.tenant_id.menu}.",
            status=response.status,
        )
    return TenantInfo(found[0], str(found[1] or ""), str(at(document, dialect.tenant_info.environment) or "")), settings


def carried(conversation: Generator[Request, Response, _Outcome], door: Transport) -> _Outcome:
    """Carry a short conversation out, each call once: a person is waiting."""
    try:
        request = next(conversation)
        while True:
            try:
                answer = door.send(request)
            except BridgeheadError as wrong:
                request = conversation.throw(wrong)
            else:
                request = conversation.send(answer)
    except StopIteration as done:
        outcome: _Outcome = done.value
        return outcome
    finally:
        conversation.close()


def _tenant_info(
    dialect: Dialect, identity: Identity, settings: EnvironmentSettings, clock: Callable[[], datetime]
) -> Response:
    """Ask tenant/info: by the secret itself, or by a token that the key got, which is bound to no tenant."""
    door = door_of(settings, clock)
    try:
        if identity.keyed or identity.login is not None:
            auth = TenantAuth(dialect, identity, clock=clock, new_id=_new_id)
            authorization = f"Bearer {auth.token_of(carried(auth.answered(plain=True), door))}"
        else:
            authorization = basic(identity.client_id, identity.secret())
        headers = {"Authorization": authorization, "Accept": "application/json"} | app_key(dialect, identity)
        return door.send(Request("GET", dialect.tenant_info.path, headers))
    finally:
        door.close()

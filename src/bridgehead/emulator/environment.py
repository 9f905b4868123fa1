"""One environment of UKG Pro, production or sandbox: its directory, keys, audit log and projections, ready to serve."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bridgehead.emulator import seed
from bridgehead.emulator.audit import AuditLog
from bridgehead.emulator.authorization.attempts import Attempts
from bridgehead.emulator.authorization.clients import Doorkeeper
from bridgehead.emulator.authorization.grants import Grants, Tickets
from bridgehead.emulator.authorization.keys import KeyRing
from bridgehead.emulator.authorization.tokens import Mint
from bridgehead.emulator.database import Database, StateUnreadable
from bridgehead.emulator.directory import ApiClient, Person, ServiceAccount
from bridgehead.emulator.faults.switchboard import NOBODY, Fault, Switchboard
from bridgehead.emulator.planning import Planning
from bridgehead.emulator.quota import Quota
from bridgehead.emulator.records import Catalogue, Limits, Rules
from bridgehead.emulator.spelling import Spelling
from bridgehead.emulator.store import Store


@dataclass(slots=True)
class Environment:
    """All that the routes of one environment need.

    strictness: `production`, `sandbox` or `soft`, see the gate. limits: what the planning API accepts. clock and new_id
    are shared by issuing, checking and logging.
    """

    name: str
    strictness: str
    base_url: str
    store: Store
    hash_key: bytes
    limits: Limits
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    spelling: Spelling
    audit: AuditLog = field(init=False)
    planning: Planning = field(init=False)
    quota: Quota = field(init=False)
    keys: KeyRing = field(init=False)
    mint: Mint = field(init=False)
    attempts: Attempts = field(init=False)
    doorkeeper: Doorkeeper = field(init=False)
    tickets: Tickets = field(init=False)
    grants: Grants = field(init=False)
    faults: Switchboard = field(init=False)
    _rules: dict[str, Rules] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Open the rooms that live on the store."""
        self.faults, clock = Switchboard(self.clock, self.spelling.name), self.clock
        self.clock = lambda: self._skewed(clock)
        self.audit = AuditLog(self.store, self.limits.audit_entries)
        self.planning = Planning(self.store, self.limits.answers)
        self.quota = Quota(self.limits.requests_per_minute, self.clock)
        self.keys = KeyRing(self.store, self.clock)
        self.mint = Mint(self.base_url, self.store, self.keys, self.spelling.claim, self.clock, self.new_id)
        self.attempts = Attempts(self.clock)
        meant_for = (self.base_url, f"{self.base_url}/oauth/token")
        self.doorkeeper = Doorkeeper(self.store, self.hash_key, self.clock, meant_for, self.attempts)
        self.tickets = Tickets(self.store, self.hash_key, self.clock)
        self.grants = Grants(self.store, self.mint, self.tickets)

    def put_back(self, strictness: str, faults: Sequence[Fault]) -> None:
        """Begin anew after the store was put back: nothing is remembered beside it."""
        self.strictness = strictness
        self.keys.read()
        self.quota.clear()
        self.attempts.clear()
        self.faults.set(faults)

    def _skewed(self, true: Callable[[], datetime]) -> datetime:
        """Return the time, which a fault may have put ahead."""
        ahead = self.faults.take("clock-skew", NOBODY) if self.faults.any else None
        return true() if ahead is None else true() + timedelta(seconds=ahead.value)

    def now(self) -> str:
        """Return the time as the directory writes it: UTC, ISO 8601."""
        return self.clock().astimezone(UTC).isoformat(timespec="milliseconds")

    def client(self, client_id: str) -> ApiClient | None:
        """Return a registered API client."""
        return self.store.find(ApiClient, client_id)

    def account(self, claims: Mapping[str, Any], client: ApiClient | None) -> ServiceAccount | Person | None:
        """Return on whose behalf a token acts: the person who signed in, else the client's service account."""
        if claims.get("sid"):
            return self.store.find(Person, claims["sub"])
        return self.store.find(ServiceAccount, client.service_account) if client else None

    def catalogue(self, tenant_id: str) -> Catalogue:
        """Return what the tenant plans with."""
        found = self.store.find(Catalogue, tenant_id)
        return found if found is not None else Catalogue((), "", "", (), (), (), ())

    def rules(self, tenant_id: str) -> Rules:
        """Return the rules that the tenant's records must obey."""
        catalogue = self.catalogue(tenant_id)
        kept = self._rules.get(tenant_id)
        if kept is None or kept.catalogue is not catalogue:
            kept = self._rules[tenant_id] = Rules(catalogue)
        return kept


def open_environment(
    database: Database,
    name: str,
    *,
    base_url: str,
    limits: Limits,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    sown: seed.Seed,
    spelling: Spelling,
    strictness: str = "",
    algorithm: str = "",
) -> Environment:
    """Open an environment in the database; an empty one gets its keys and the seed.

    sown: what is planted. strictness: by default that of its name. algorithm: what tokens are signed with from now on;
    by default as before. Raises StateUnreadable for a state that was begun with another seed or dialect: nobody could
    say what its secrets are.
    """
    store = Store(database, name)
    begun = hashlib.sha256(msgspec.json.encode((sown, spelling.name))).hexdigest()
    with store.transaction():
        planted = store.setting("hash_key") is not None
        if not planted:
            store.keep_setting("hash_key", secrets.token_bytes(32).hex())
            store.keep_setting("begun", begun)
        elif store.setting("begun") != begun:
            raise StateUnreadable("the state was begun with another seed or dialect")
        environment = Environment(
            name=name,
            strictness=strictness or name,
            base_url=base_url,
            store=store,
            hash_key=bytes.fromhex(store.setting("hash_key") or ""),
            limits=limits,
            clock=clock,
            new_id=new_id,
            spelling=spelling,
        )
        if not planted:
            environment.keys.rotate(algorithm)
            seed.plant(store, sown, environment.hash_key, environment.now())
        elif algorithm and environment.keys.signer()[1] != algorithm:
            environment.keys.rotate(algorithm)
    return environment

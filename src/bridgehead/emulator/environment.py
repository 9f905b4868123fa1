"""One environment of UKG Pro, production or sandbox: its directory, keys, audit log and projections, ready to serve."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bridgehead.emulator import seed
from bridgehead.emulator.audit import AuditLog
from bridgehead.emulator.directory import ApiClient
from bridgehead.emulator.planning import Planning
from bridgehead.emulator.quota import Quota
from bridgehead.emulator.records import Catalogue, Limits, Rules
from bridgehead.emulator.store import Store
from bridgehead.emulator.tokens import Mint, load_signing_key, new_signing_key


@dataclass(slots=True)
class Environment:
    """All that the routes of one environment need.

    strictness: `production` or `sandbox`, see the gate. limits: what the planning API accepts. clock and new_id are
    shared by issuing, checking and logging.
    """

    name: str
    strictness: str
    base_url: str
    store: Store
    mint: Mint
    hash_key: bytes
    limits: Limits
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    audit: AuditLog = field(init=False)
    planning: Planning = field(init=False)
    quota: Quota = field(init=False)

    def __post_init__(self) -> None:
        """Open the rooms that live on the store."""
        self.audit = AuditLog(self.store)
        self.planning = Planning(self.store)
        self.quota = Quota(self.limits.requests_per_minute, self.clock)

    def client(self, client_id: str) -> ApiClient | None:
        """Return a registered API client."""
        return self.store.find(ApiClient, client_id)

    def catalogue(self, tenant_id: str) -> Catalogue:
        """Return what the tenant plans with."""
        found = self.store.find(Catalogue, tenant_id)
        return found if found is not None else Catalogue((), "", "", (), (), (), ())

    def rules(self, tenant_id: str) -> Rules:
        """Return the rules that the tenant's records must obey."""
        return Rules(self.catalogue(tenant_id))


def open_environment(
    connection: sqlite3.Connection,
    name: str,
    *,
    base_url: str,
    limits: Limits,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
) -> Environment:
    """Open an environment in the database; an empty one gets its keys and the seed."""
    store, kid = Store(connection, name), f"ukg-pro-{name}-1"
    with store.transaction():
        if store.setting("signing_key") is None:
            hash_key = secrets.token_bytes(32)
            store.keep_setting("signing_key", new_signing_key(kid))
            store.keep_setting("hash_key", hash_key.hex())
            seed.plant(store, hash_key)
    mint = Mint(base_url, name, load_signing_key(store.setting("signing_key") or "", kid), clock, new_id)
    return Environment(
        name=name,
        strictness=name,
        base_url=base_url,
        store=store,
        mint=mint,
        hash_key=bytes.fromhex(store.setting("hash_key") or ""),
        limits=limits,
        clock=clock,
        new_id=new_id,
    )

"""What a ledger holds of a feed as a whole: its snapshot, what it agreed with, its neighbours, its tenant's circuit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from bridgehead.circuit import Circuit
from bridgehead.errors import LedgerUnusable
from bridgehead.ledgers.database import Database
from bridgehead.ledgers.moments import as_text
from bridgehead.plan import Owned
from bridgehead.ports import Agreement, Baseline
from bridgehead.typed import decoded

Key = tuple[str, str, str]
"""Tenant, environment and feed."""

OF_FEED = "tenant = ? AND environment = ? AND feed = ?"


def pointer_of(database: Database, key: Key, tenant_id: str) -> tuple[int, tuple[str, ...]]:
    """Return number and files of the snapshot; raise LedgerUnusable when it was kept for another tenant."""
    rows = database.ask(f"SELECT tenant_id, snapshot, snapshot_file FROM feed WHERE {OF_FEED}", key)  # noqa: S608 - ours
    if not rows:
        return 0, ()
    kept_for, number, names = rows[0]
    if kept_for != tenant_id:
        raise LedgerUnusable(
            f"The ledger of {' / '.join(key)} was kept for tenant {kept_for}; the configuration says {tenant_id}. "
            "Nothing was sent.",
            cure="Correct tenant_id. If the other tenant is meant, give it a name of its own in the configuration.",
        )
    return int(number), tuple(str(names).split())


def baseline_of(database: Database, key: Key) -> Baseline:
    """Return how far a ledger knows what UKG holds of a feed."""
    rows = database.ask(f"SELECT snapshot, verified, restored_at, owned FROM feed WHERE {OF_FEED}", key)  # noqa: S608 - ours
    if not rows:
        return Baseline(known=False)
    number, verified, restored_at, owned = rows[0]
    parts = decoded(owned, tuple[Owned, ...])
    return Baseline(known=True, restored_at=restored_at, verified=number == verified, owned=parts)


def neighbours_of(database: Database, key: Key) -> dict[str, tuple[Owned, ...]]:
    """Return what other feeds of the tenant were complete for when they last sent something."""
    rows = database.ask("SELECT feed, owned FROM feed WHERE tenant = ? AND environment = ? AND feed <> ?", key)
    return {name: decoded(owned, tuple[Owned, ...]) for name, owned in rows}


def agreement_of(database: Database, key: Key, snapshot: int) -> Agreement | None:
    """Return what UKG was last found to agree with, None when anything was planned, sent or left open since."""
    rows = database.ask(
        f"SELECT fingerprint, projections, source, source_digest, snapshot FROM agreement WHERE {OF_FEED}",  # noqa: S608
        key,
    )
    return Agreement(*rows[0]) if rows and rows[0][4] == snapshot else None


def agree(database: Database, key: Key, agreement: Agreement, owned: Sequence[Owned]) -> None:
    """Note that UKG holds what the source says; inside a transaction."""
    if agreement.fingerprint:
        disagree(database, key)
        database.change(
            "INSERT INTO agreement VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*key, *msgspec.structs.astuple(agreement))
        )
    if owned:
        told = msgspec.json.encode(tuple(owned)).decode()
        database.change(f"UPDATE feed SET owned = ? WHERE {OF_FEED}", (told, *key))  # noqa: S608 - ours
    database.change(f"UPDATE run SET state = 'complete' WHERE {OF_FEED} AND state = 'settled'", key)  # noqa: S608 - ours
    database.change(f"UPDATE run SET agreed = '[]' WHERE {OF_FEED} AND agreed <> '[]'", key)  # noqa: S608 - ours


def disagree(database: Database, key: Key) -> None:
    """Forget what UKG agreed with: something is planned, or was found to be otherwise."""
    database.change(f"DELETE FROM agreement WHERE {OF_FEED}", key)  # noqa: S608 - ours


def agreed_of(database: Database, key: Key) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Return heads and FTE that each scenario and version held before a run that died, or before the first of slices.

    Else nothing: the last run did all that it was to do.
    """
    rows = database.ask(
        f"SELECT state, counts, agreed FROM run WHERE {OF_FEED} ORDER BY position DESC LIMIT 1",  # noqa: S608 - ours
        key,
    )
    if not rows or (rows[0][0] not in ("open", "settled") and not json.loads(rows[0][1]).get("rest")):
        return {}
    return {
        (scenario, version): (Decimal(heads), Decimal(fte)) for scenario, version, heads, fte in json.loads(rows[0][2])
    }


def circuit_of(database: Database, key: Key) -> Circuit | None:
    """Return the circuit of the tenant's environment when it is open."""
    rows = database.ask(
        "SELECT refusals, opened_at, probe_at, message FROM circuit WHERE tenant = ? AND environment = ?", key[:2]
    )
    if not rows:
        return None
    refusals, opened_at, probe_at, message = rows[0]
    return Circuit(refusals, datetime.fromisoformat(opened_at), datetime.fromisoformat(probe_at), message)


def set_circuit(database: Database, key: Key, circuit: Circuit | None) -> None:
    """Open the circuit of the tenant's environment, or close it; inside a transaction."""
    database.change("DELETE FROM circuit WHERE tenant = ? AND environment = ?", key[:2])
    if circuit is not None:
        moments = (as_text(circuit.opened_at), as_text(circuit.probe_at))
        database.change(
            "INSERT INTO circuit VALUES (?, ?, ?, ?, ?, ?)", (*key[:2], circuit.refusals, *moments, circuit.message)
        )

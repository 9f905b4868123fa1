"""What a ledger asks of its database: SQL in one spelling, transactions that are durable, a lock that dies with us."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from bridgehead.errors import LedgerUnusable
from bridgehead.tables import Row, question

SCHEMA_VERSION = 7


class Database(Protocol):
    """The tables of all feeds. Parameters are written `?`. Used by one thread at a time.

    place: where it is, for messages; it holds no secret. holding_row: what a reading adds so that the row it finds
    stays as it is until the transaction ends.
    """

    place: str
    holding_row: str

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Return the rows that a query finds. Raises LedgerUnusable, or Unavailable, as all of these do."""

    def change(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Carry one statement out."""

    def change_all(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Carry one statement out for each of these."""

    def transaction(self) -> AbstractContextManager[None]:
        """All of the block or nothing; durable when it ends."""

    def take_turns(self) -> None:
        """Let others who ask for the same wait until this transaction ends: whoever gives numbers out does."""

    def holding(self, tenant: str, environment: str) -> AbstractContextManager[bool]:
        """Hold the lock of a tenant's environment, if it is free; it is, the moment that its holder dies."""

    def close(self) -> None:
        """Close it."""


def statements(version: int, place: str) -> Iterator[str]:
    """Yield what brings a database of a schema's version to this one's; 0: it is empty.

    Raises LedgerUnusable for one that is newer.
    """
    if version > SCHEMA_VERSION:
        raise LedgerUnusable(
            f"The ledger {place} has schema version {version}; this bridgehead knows {SCHEMA_VERSION}.",
            cure="Use the newer bridgehead that wrote it. The ledger was not touched.",
        )
    steps = [f"migrate_{number}" for number in range(version, SCHEMA_VERSION)] if version else ["schema"]
    for step in steps:
        yield from question("bridgehead.ledgers", step).split(";\n")

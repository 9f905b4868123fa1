"""The ledger's PostgreSQL database, for several machines: the same tables, and the plans and snapshots beside them.

psycopg (LGPL, the driver of the PostgreSQL project's own people, also what SQLAlchemy and Procrastinate use).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from bridgehead.errors import BridgeheadError, ConfigError, LedgerUnusable, Unavailable
from bridgehead.ledgers.database import SCHEMA_VERSION, statements
from bridgehead.tables import Row, question

if TYPE_CHECKING:
    import psycopg

_OPTIONS = {"application_name": "bridgehead", "connect_timeout": 10}
# A machine that vanished holds its lease until the server notices: within a minute, not after two hours.
_NOTICED = "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 4"


@cache
def _driver() -> Any:
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError(
            "A ledger in PostgreSQL needs the extra [postgres].", cure='pip install "bridgehead[postgres]"'
        ) from None
    return psycopg


def _no_url() -> ConfigError:
    return ConfigError(
        "ledger does not lead to a database URL.",
        cure='The variable or file holds, for instance: "postgresql://bridgehead:secret@host/ledger". '
        "In a password, @ is written as %40, / as %2F, : as %3A, # as %23 and ? as %3F.",
    )


def _holds_a_password(told: Mapping[str, Any]) -> bool:
    """Whether a part of a password stands where host, port or database should: its signs were not quoted."""
    host, port, name = (str(told.get(part) or "") for part in ("host", "port", "dbname"))
    return "@" in host + port + name or "/" in name or ("/" in host and not host.startswith("/")) or not _PORTS(port)


_PORTS = re.compile(r"[0-9,]*").fullmatch


class PostgresDatabase:
    """One connection to the database that a URL names. Its session holds the lease, so no pooler may stand between.

    url: as libpq reads it, with the password in it; it appears nowhere.
    """

    holding_row = " FOR SHARE"

    def __init__(self, url: str) -> None:
        driver = _driver()
        try:
            told = driver.conninfo.conninfo_to_dict(url.replace("postgresql+psycopg:", "postgresql:", 1))
        except driver.ProgrammingError:
            raise _no_url() from None  # its text is not shown: it may hold a password
        if _holds_a_password(told):
            raise _no_url()
        place = f"{told.get('host', 'localhost')}:{told.get('port', 5432)}/{told.get('dbname', told.get('user', ''))}"
        self.place = f"postgresql://{place}"
        self._connection: psycopg.Connection[Row]
        try:
            self._connection = driver.connect(**{**_OPTIONS, **told}, autocommit=True)
            self._connection.execute(_NOTICED)
        except driver.Error as wrong:
            raise Unavailable(
                f"The ledger {self.place} cannot be reached: {_words(wrong)}.",
                cure="Check that the database runs, and user and password in the URL.",
            ) from None
        try:
            self._migrate()
        except BridgeheadError:
            self.close()
            raise

    def _migrate(self) -> None:
        with self.transaction():
            # One at a time: whoever comes second finds it done.
            self.ask("SELECT pg_advisory_xact_lock(hashtextextended('bridgehead schema', 0))")
            self.change("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
            found = self.ask("SELECT version FROM schema_version")
            version = found[0][0] if found else 0
            if version == SCHEMA_VERSION:
                return
            for statement in statements(version, self.place):
                self.change(statement)
            if not found:
                self.change(question("bridgehead.ledgers", "stored"))
            self.change("DELETE FROM schema_version")
            self.change("INSERT INTO schema_version VALUES (?)", (SCHEMA_VERSION,))

    def close(self) -> None:
        """Close the connection; the server frees the lease."""
        self._connection.close()

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Return the rows that a query finds."""
        with self._speaking():
            return self._connection.execute(_spelt(sql), values).fetchall()

    def change(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Carry one statement out."""
        with self._speaking():
            self._connection.execute(_spelt(sql), values)

    def change_all(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Carry one statement out for each of these; they travel together."""
        with self._speaking(), self._connection.cursor() as cursor:
            cursor.executemany(_spelt(sql), rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing."""
        with self._speaking(), self._connection.transaction():
            yield

    def take_turns(self) -> None:
        """Hold an advisory lock until the transaction ends."""
        self.ask("SELECT pg_advisory_xact_lock(hashtextextended('bridgehead numbers', 0))")

    @contextmanager
    def holding(self, tenant: str, environment: str) -> Iterator[bool]:
        """Hold an advisory lock of this session, if it is free; the server frees it when the session ends."""
        name = (f"bridgehead lease {tenant}/{environment}",)
        free = bool(self.ask("SELECT pg_try_advisory_lock(hashtextextended(?, 0))", name)[0][0])
        try:
            yield free
        finally:
            if free:
                with suppress(Unavailable, LedgerUnusable):  # a broken connection holds nothing
                    self.ask("SELECT pg_advisory_unlock(hashtextextended(?, 0))", name)

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        driver = _driver()
        try:
            yield
        except (driver.OperationalError, driver.InterfaceError) as wrong:
            raise Unavailable(
                f"The ledger {self.place} does not answer: {_words(wrong)}.",
                cure="See to the database, then run again: what was answered is remembered, the rest is settled.",
            ) from None
        except driver.Error as wrong:
            raise LedgerUnusable(
                f"The ledger {self.place} cannot be used: {_words(wrong)}.",
                cure="Check the user's rights: it has to own the schema that the ledger lies in.",
            ) from None


@cache
def _spelt(sql: str) -> bytes:
    """Return a statement with the driver's own sign for parameters. Ours hold neither that sign nor a % otherwise."""
    return sql.replace("?", "%s").encode()


def _words(wrong: Exception) -> str:
    """Return the first line of what the server or the driver says."""
    return (str(wrong).strip().splitlines() or [type(wrong).__name__])[0].rstrip(".")

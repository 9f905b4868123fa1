"""Databases: the rows of a query, streamed, as the texts that they would be in a CSV file."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bridgehead.errors import ConfigError, SourceUnreadable
from bridgehead.sources.reader import titled
from bridgehead.tables import Session

_CHUNK = 10_000


@dataclass(slots=True)
class SqlReader:
    """The rows of one query. connection: returns the database's URL, which may hold a password, when it is needed."""

    connection: Callable[[], str]
    query: str
    name: str = "query"

    def load(self, session: Session) -> tuple[tuple[str, ...], str]:
        """Fill `raw`; return header and digest."""
        digest = hashlib.sha256()
        with TemporaryDirectory(prefix="bridgehead-") as folder:
            copy = Path(folder) / "rows.csv"
            header = self._fetch(copy)
            with copy.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
            session.load_csv("raw", str(copy), width=len(header), delimiter=",")
        return header, digest.hexdigest()

    def _fetch(self, copy: Path) -> tuple[str, ...]:
        try:
            import sqlalchemy  # noqa: PLC0415 - an extra
        except ImportError:
            raise ConfigError(
                "Reading a database needs the extra [sql].", cure='pip install "bridgehead[sql]"', setting="query"
            ) from None
        url = self._url(sqlalchemy)
        try:
            engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
            with (
                engine.connect() as connection,
                copy.open("w", encoding="utf-8", newline="") as target,
                connection.execution_options(yield_per=_CHUNK).execute(sqlalchemy.text(self.query)) as rows,
            ):
                header = titled(tuple(rows.keys()))
                out = csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_ALL)
                out.writerow(header)
                for portion in rows.partitions():
                    out.writerows([[_text(value) for value in row] for row in portion])
        except sqlalchemy.exc.SQLAlchemyError as wrong:
            # The driver's own words: SQLAlchemy's add parameters, and a page to read.
            inner = getattr(wrong, "orig", None) or wrong
            words = " ".join(str(inner).split("\n")[0].split())
            raise SourceUnreadable(
                f"The query cannot be read from {url.render_as_string(hide_password=True)}: {words}.",
                cure="Check source.connection and source.query; the user needs to read only.",
            ) from None
        return header

    def _url(self, sqlalchemy: Any) -> Any:
        try:
            url = sqlalchemy.make_url(self.connection())
            url.get_dialect()
        except (sqlalchemy.exc.ArgumentError, sqlalchemy.exc.NoSuchModuleError):
            raise ConfigError(
                "source.connection does not lead to a database URL.",
                cure='The variable or file holds, for instance: "postgresql+psycopg://reader:secret@host/planning".',
                setting="connection",
            ) from None
        return url

    def locate(self, record: int, column: str) -> str:  # noqa: ARG002 - rows of a query have no other place
        """Say which row of the query it is."""
        return f"{self.name} row {record}"


def _text(value: Any) -> str:
    """Return the text that a value would have in a CSV file; NULL and '' are both an empty field, which is absent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}" if isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)

"""Databases: the rows of a query, streamed, as the texts that they would be in a CSV file."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bridgehead.errors import ConfigError, SourceUnreadable
from bridgehead.sources.reader import Loaded, titled
from bridgehead.tables import Session, TableError

_CHUNK = 10_000


@dataclass(slots=True)
class SqlReader:
    """The rows of one query. connection: returns the database's URL, which may hold a password, when it is needed.

    folder: where the path of a SQLite file starts.
    """

    connection: Callable[[], str]
    query: str
    name: str = "query"
    folder: Path = Path()

    def digest(self) -> str:
        """Return nothing: what a query yields is known only once it has been asked."""
        return ""

    def load(self, session: Session, mark: str = ".") -> Loaded:
        """Fill `raw`."""
        with TemporaryDirectory(prefix="bridgehead-") as folder:
            copy = Path(folder) / "rows.csv"
            header, numbers = self._fetch(copy, mark)
            with copy.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
            try:
                session.load_csv("raw", str(copy), width=len(header), delimiter=",")
            except TableError as wrong:
                words = str(wrong).split("\n", maxsplit=1)[0]
                raise SourceUnreadable(
                    f"The rows of the query cannot be taken: {words}.",
                    cure="Select the columns that are mapped, and no documents beside them.",
                ) from None
        return Loaded(header, digest.hexdigest(), numbers=numbers)

    def _fetch(self, copy: Path, mark: str) -> tuple[tuple[str, ...], frozenset[str]]:
        """Write what the query yields as CSV; return the header, and the columns that hold numbers only."""
        try:
            import sqlalchemy  # noqa: PLC0415 - an extra
        except ImportError:
            raise ConfigError(
                "Reading a database needs the extra [sql].", cure='pip install "bridgehead[sql]"', setting="query"
            ) from None
        url = self._url(sqlalchemy)
        # The query goes to the driver as it stands: neither : nor % means a parameter.
        options = {"yield_per": _CHUNK, "no_parameters": True}
        try:
            engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
            with (
                engine.connect() as connection,
                copy.open("w", encoding="utf-8", newline="") as target,
                connection.execution_options(**options).exec_driver_sql(self.query) as rows,
            ):
                header = titled(tuple(rows.keys()))
                out = csv.writer(target, lineterminator="\n", quoting=csv.QUOTE_ALL)
                out.writerow(header)
                kinds: list[set[type]] = [set() for _ in header]
                for portion in rows.partitions():
                    out.writerows([[_text(value, mark) for value in row] for row in portion])
                    for seen, column in zip(kinds, zip(*portion, strict=True), strict=True):
                        seen.update(map(type, column))
        except ImportError as wrong:
            raise ConfigError(
                f"The database's driver, {wrong.name}, is not installed.",
                cure=f"Install it beside bridgehead, for instance: pip install {wrong.name}",
                setting="connection",
            ) from None
        except sqlalchemy.exc.SQLAlchemyError as wrong:
            # The driver's own words: SQLAlchemy's add parameters, and a page to read.
            inner = getattr(wrong, "orig", None) or wrong
            words = " ".join(str(inner).strip().split("\n")[0].split())
            for secret in (url.password, *_values(url.query)):
                words = words.replace(secret, "***") if secret else words
            raise SourceUnreadable(
                f"The query cannot be read from {url.set(query={}).render_as_string(hide_password=True)}: {words}.",
                cure="Check source.connection and source.query; the user needs to read only.",
            ) from None
        return header, frozenset(title for title, seen in zip(header, kinds, strict=True) if seen <= _NUMBERS)

    def _url(self, sqlalchemy: Any) -> Any:
        try:
            url = sqlalchemy.make_url(self.connection())
            url.get_dialect()
        except (sqlalchemy.exc.ArgumentError, sqlalchemy.exc.NoSuchModuleError, ValueError):
            url = None
        if url is None or "@" in (url.host or ""):
            # Its text is not shown: it may hold a password.
            raise ConfigError(
                "source.connection does not lead to a database URL.",
                cure='The variable or file holds, for instance: "postgresql+psycopg://reader:secret@host/planning". '
                "In a password, @ is written as %40, / as %2F and : as %3A.",
                setting="connection",
            ) from None
        return self._found(url) if url.get_backend_name() == "sqlite" else url

    def _found(self, url: Any) -> Any:
        """Place a SQLite file, which has to be there: the driver would make an empty one of any other name."""
        if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
            return url
        path = self.folder / url.database
        if not path.exists():
            raise SourceUnreadable(f"{path} does not exist.", cure="Check source.connection in the configuration.")
        return url.set(database=str(path))

    def locate(self, record: int, column: str) -> str:  # noqa: ARG002 - rows of a query have no other place
        """Say which row of the query it is."""
        return f"{self.name} row {record}"


_NUMBERS = {int, float, Decimal, type(None)}


def _values(query: Mapping[str, str | Sequence[str]]) -> Iterator[str]:
    """Yield what stands behind the question mark of a URL: a password may be there too."""
    for value in query.values():
        yield from (value,) if isinstance(value, str) else value


def _text(value: Any, mark: str) -> str:
    """Return the text that a value would have in a CSV file; NULL and '' are both an empty field, which is absent.

    A number has no exponent and no zeros at its end.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        number = Decimal(repr(value)) if isinstance(value, float) else value
        if not number.is_finite():
            return str(value)
        whole, point, decimals = f"{number:f}".partition(".")
        return (whole + point + decimals.rstrip("0")).rstrip(".").replace(".", mark)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", errors="backslashreplace")
    return value.isoformat() if isinstance(value, date) else str(value)

"""The table session: an in-memory DuckDB that reads, checks, compares and renders without making rows into objects.

The only module that knows DuckDB. Nothing is ever kept in DuckDB's own storage: state is Parquet and SQL.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import duckdb

Row = tuple[Any, ...]


class TableError(Exception):
    """The engine could not do what was asked of it: a file that is no table, a full disk, too little memory."""


@cache
def _engine() -> Any:
    """Import the engine when the first table is needed: a run that finds nothing to do never waits for it (60 ms)."""
    import duckdb  # noqa: PLC0415 - see above

    return duckdb


@cache
def question(package: str, name: str) -> str:
    """Return the text of a `.sql` file that stands beside a module."""
    return resources.files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def quoted(name: str) -> str:
    """Quote a name for SQL. Whoever composes SQL quotes with this and `literal`, and with nothing else."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL, where a parameter cannot stand."""
    return "'" + text.replace("'", "''") + "'"


def _exactly(path: str) -> str:
    """Name one file: DuckDB would take `plan[1].csv` for a pattern and read `plan1.csv`."""
    return re.sub(r"([*?\[])", r"[\1]", path)


class Strings:
    """A stretch of a column: its values as bytes, one right after the other, and where each of them begins.

    The bytes are the engine's own memory: nothing is copied, and no row becomes an object (half the time of a delivery
    went into these, measured).
    """

    __slots__ = ("_begins", "_bytes")

    def __init__(self, begins: Sequence[int], data: memoryview) -> None:
        """begins: where each value begins, and at last where the last one ends."""
        self._begins, self._bytes = begins, data

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self._begins) - 1

    def between(self, first: int, end: int) -> memoryview:
        """Return the bytes of values, the one at `end` not included."""
        return self._bytes[self._begins[first] : self._begins[end]]

    def fitting(self, first: int, end: int, budget: int) -> int:
        """Return before which value one has to stop, at the latest before `end`, to take no more bytes than budget."""
        most = self._begins[first] + budget
        return end if self._begins[end] <= most else max(first, bisect_right(self._begins, most, first, end) - 1)


def _strings(column: Any) -> Strings:
    """Take the memory out of an Arrow array of texts or bytes."""
    found = column.view()
    _, begins, data = (memoryview(found.buffer(number)) for number in range(3))
    return Strings(begins[found.offset : found.offset + found.length + 1], data.cast("B"))


MEMORY_LIMIT = "1GB"

_SPOOLED = "FORMAT parquet, COMPRESSION zstd, WRITE_BLOOM_FILTER false, ROW_GROUP_SIZE 20480"
"""How rows are spooled. Dictionaries stay: what is read back with them is rendered in half the time (measured). A group
of rows is what one thread renders at a time: six megabytes of records, not forty."""

_SAVED = "FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false"
"""How rows are kept. A file that is there is filled, not exchanged for another: who may read it stays so."""

_CONSTANTS = "bridgehead constants"
"""The key under which a spooled file names, as JSON, the columns that say the same in every row: type and value."""


class Session:
    """One in-memory database. Use it from one thread; close it to give the memory back.

    memory_limit: as DuckDB reads it, such as `1GB`; the process peaks 100 to 180 MB above it (measured).
    temp_directory: where it spills, and where spooled rows lie; must be on a real disk.
    """

    def __init__(self, *, temp_directory: str, memory_limit: str = MEMORY_LIMIT) -> None:
        config: dict[str, Any] = {
            "memory_limit": memory_limit,
            "temp_directory": temp_directory,
            # Extensions are downloads; what the wheel carries has to do.
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "true",
        }
        self._config = config
        self._folder = temp_directory
        self._numbers = count()
        self._files: dict[str, str] = {}
        self._constants: dict[str, dict[str, tuple[str, str | None]]] = {}
        self._opened: duckdb.DuckDBPyConnection | None = None

    @property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        if self._opened is None:
            self._opened = _engine().connect(":memory:", config=self._config)
        return self._opened

    def __enter__(self) -> Self:
        """Hand the session out."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Forget everything and give the memory back."""
        if self._opened is not None:
            self._opened.close()

    def ask(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Run a statement and return all its rows; for answers that are few."""
        try:
            return self._connection.execute(sql, dict(parameters or {})).fetchall()
        except (_engine().Error, RuntimeError) as wrong:
            raise _told(wrong) from wrong

    def value(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return the first value of the first row."""
        return self.ask(sql, parameters)[0][0]

    def stretches(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[tuple[Strings, ...]]:
        """Run a query for texts or bytes, none of them null, and hand its rows out in stretches, column by column.

        They are made while they are taken; other statements may run meanwhile.
        """
        import nanoarrow  # noqa: PLC0415 - only where there is something to send (10 ms)

        try:
            answer = self._connection.cursor().sql(sql, params=dict(parameters or {}))
            for array in nanoarrow.c_array_stream(answer):
                # Each column by itself: what is seen through a view of them all does not keep their memory.
                yield tuple(_strings(column) for column in array.children)
        except (_engine().Error, RuntimeError) as wrong:  # the latter once rows have been taken
            raise _told(wrong) from wrong

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Create a small table from rows at hand. columns: name and type, such as `code VARCHAR`."""
        if table in self._files:
            self.drop(table)
        self.ask(f"CREATE OR REPLACE TABLE {quoted(table)} ({', '.join(columns)})")
        if rows:
            # One list a column: a statement for each row would take a hundred times as long (measured).
            kinds = [column.split(maxsplit=1)[1] for column in columns]
            lists = ", ".join(f"unnest(CAST($v{number} AS {kind}[]))" for number, kind in enumerate(kinds))
            values = {f"v{number}": list(one) for number, one in enumerate(zip(*rows, strict=True))}
            self.ask(f"INSERT INTO {quoted(table)} SELECT {lists}", values)

    def load_csv(self, table: str, path: str, *, width: int, delimiter: str, skip: int = 0) -> None:
        """Make a table of texts `c0`, `c1`, ... from a UTF-8 file whose header names *width* columns.

        Nothing is sniffed or guessed: sniffing loses rows, rounds and reads dates as it likes (all reproduced). A row
        with more or fewer fields is an error. The table's rowid counts the records from 0. skip: lines before it.
        """
        columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(width))
        options = f"""auto_detect = false, header = true, skip = {int(skip)}, delim = {literal(delimiter)},
            quote = '"', escape = '"', strict_mode = true, null_padding = false, hive_partitioning = false,
            columns = {{{columns}}}"""
        select = f"SELECT * FROM read_csv($path, {options})"  # noqa: S608 - names are made here, the delimiter quoted
        self.ask(f"CREATE OR REPLACE TABLE {quoted(table)} AS {select}", {"path": _exactly(path)})

    def drop(self, *names: str) -> None:
        """Forget tables or views, those that there are."""
        for name in names:
            try:
                self.ask(f"DROP TABLE IF EXISTS {quoted(name)}")
            except TableError:  # it is a view
                self.ask(f"DROP VIEW {quoted(name)}")
            self._files.pop(name, None)

    def spool(
        self,
        name: str,
        select: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        as_joined: bool = False,
        constants: Mapping[str, str | None] | None = None,
    ) -> None:
        """Write the rows of a query to a file of this session, and make a view of it; it may ask what it replaces.

        For many rows that are read more than once: a table of them would take ten times as much memory. as_joined: they
        come in the order of the first table of a join, which the engine would else exchange with the second one.
        constants: columns that say the same in every row, with that text, or None where they are null. They stand once
        in the file and are shown beside its rows (a column of a million texts takes 30 ms to write, measured).
        """
        path = f"{self._folder}/{name}-{next(self._numbers)}.parquet"
        same = constants or {}
        kinds = {one: kind for one, kind, *_ in self.ask(f"DESCRIBE {select}", parameters)} if same else {}
        once = json.dumps({one: (kinds[one], value) for one, value in same.items()})
        columns = f"* EXCLUDE ({', '.join(map(quoted, same))})" if same else "*"
        self.ask(f"SET disabled_optimizers = '{'build_side_probe_side' if as_joined else ''}'")
        kept = f"SELECT {columns} FROM ({select})"  # noqa: S608 - the names are quoted
        self.ask(f"COPY ({kept}) TO {literal(path)} ({_SPOOLED}, {_carrying({_CONSTANTS: once})})", parameters)
        self.view_parquet(name, path)

    def view_parquet(self, name: str, path: str) -> None:
        """Make a view of a Parquet file, in the order of the file; its column `row` counts the rows from 1."""
        source = f"read_parquet({literal(_exactly(path))}, hive_partitioning = false, file_row_number = true)"
        if path not in self._constants:
            self._constants[path] = json.loads(self.parquet_metadata(path, _CONSTANTS) or "{}")
        once = "".join(
            f", CAST({'NULL' if value is None else literal(value)} AS {kind}) AS {quoted(one)}"
            for one, (kind, value) in self._constants[path].items()
        )
        columns = f"file_row_number + 1 AS row, COLUMNS(lambda c: c NOT IN ('row', 'file_row_number')){once}"
        view = f"CREATE OR REPLACE VIEW {quoted(name)} AS SELECT {columns} FROM {source}"  # noqa: S608 - the path is quoted
        try:
            self.ask(view)
        except TableError:  # a table of that name: then it is said once more
            self.drop(name)
            self.ask(view)
        self._files[name] = path

    def rename(self, old: str, new: str) -> None:
        """Call a table or view otherwise; what was called so before is forgotten."""
        self.drop(new)
        path = self._files.get(old)
        if path is None:
            self.ask(f"ALTER TABLE {quoted(old)} RENAME TO {quoted(new)}")
        else:
            self.drop(old)
            self.view_parquet(new, path)

    def file_of(self, name: str) -> str | None:
        """Return the Parquet file that a view shows, None when it is no such view."""
        return self._files.get(name)

    def save_parquet(self, select: str, path: str, metadata: Mapping[str, str] | None = None) -> None:
        """Write the rows of a query to a Parquet file. metadata: texts that the file carries beside them."""
        self.ask(f"COPY ({select}) TO {literal(path)} ({_SAVED}, {_carrying(metadata or {})})")

    def save_csv(self, select: str, path: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Write the rows of a query to a CSV file, without a header."""
        options = "FORMAT csv, HEADER false, DELIMITER ',', QUOTE '\"', USE_TMP_FILE false"
        self.ask(f"COPY ({select}) TO {literal(path)} ({options})", parameters)

    def columns(self, select: str, parameters: Mapping[str, Any] | None = None) -> list[str]:
        """Return the names of a query's columns."""
        return [name for name, *_ in self.ask(f"DESCRIBE {select}", parameters)]

    def parquet_metadata(self, path: str, key: str) -> str | None:
        """Return a text that a Parquet file carries beside its rows."""
        found = self.ask(
            "SELECT decode(value) FROM parquet_kv_metadata($path) WHERE decode(key) = $key",
            {"path": _exactly(path), "key": key},
        )
        return found[0][0] if found else None

    def load_parquet_texts(self, table: str, path: str, mark: str = ".") -> list[tuple[str, str]]:
        """Make a table of texts `c0`, `c1`, ... from a Parquet file; return name and type of its columns.

        mark: what to write before the decimals of numbers.
        """
        table_of = "read_parquet($path, hive_partitioning = false)"
        found = self.ask(
            f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {table_of})",  # noqa: S608 - a text of ours
            {"path": _exactly(path)},
        )
        texts = ", ".join(f"{_as_text(name, kind, mark)} AS c{number}" for number, (name, kind) in enumerate(found))
        select = f"SELECT {texts} FROM {table_of}"  # noqa: S608 - names are quoted
        self.ask(f"CREATE OR REPLACE TABLE {quoted(table)} AS {select}", {"path": _exactly(path)})
        return [(name, kind) for name, kind in found]


def _told(wrong: Exception) -> BaseException:
    """Return what the engine's error is for us; it hides the KeyboardInterrupt that a signal's handler raised."""
    interrupted = isinstance(wrong, RuntimeError) and "interrupted" in str(wrong).lower()
    return KeyboardInterrupt() if interrupted else TableError(str(wrong))


def is_number(kind: str) -> bool:
    """Tell whether a type is one of numbers."""
    return kind.startswith("DECIMAL") or kind.removeprefix("U") in _NUMBERS


_NUMBERS = frozenset(("DOUBLE", "FLOAT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"))


def _carrying(metadata: Mapping[str, str]) -> str:
    """Compose the option that lets a Parquet file carry texts."""
    texts = ", ".join(f"{quoted(key)}: {literal(value)}" for key, value in metadata.items())
    return f"KV_METADATA {{{texts}}}"


def _as_text(name: str, kind: str, mark: str) -> str:
    """Compose a column's text: a moment at midnight is a date, a number has no exponent and no zeros at its end."""
    text = f"CAST({quoted(name)} AS VARCHAR)"
    if kind == "TIMESTAMP WITH TIME ZONE":  # as UTC, wherever this machine stands
        text = f"CAST(make_timestamp(epoch_us({quoted(name)})) AS VARCHAR)"
    if kind.startswith("TIMESTAMP"):
        return f"regexp_replace({text}, ' 00:00:00$', '')"
    if kind in ("DOUBLE", "FLOAT"):
        # An exponent is written out where nothing is lost by it; else it stays, and is found to be no number.
        whole = f"TRY_CAST({text} AS DECIMAL(38, 20))"
        exact = f"contains({text}, 'e') AND CAST({whole} AS {kind}) = {quoted(name)}"
        text = f"CASE WHEN {exact} THEN CAST({whole} AS VARCHAR) ELSE {text} END"
    if kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        plain = f"regexp_replace(regexp_replace({text}, '([.][0-9]*?)0+$', '\\1'), '[.]$', '')"
        return f"replace({plain}, '.', {literal(mark)})"
    return text

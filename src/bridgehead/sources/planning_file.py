"""A source of projections: one or several tables of a planning system, read through one mapping as one plan."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bridgehead.compare.wording import Spot
from bridgehead.errors import SourceUnreadable
from bridgehead.ports import Staged
from bridgehead.sources.formulas import is_rejects, unmark, unmarked
from bridgehead.sources.mapping import ColumnMapping
from bridgehead.sources.reader import Loaded, Reader
from bridgehead.tables import Session

if TYPE_CHECKING:
    from bridgehead.sources.mapping.staging import Table


def mapping_digest(mapping: ColumnMapping, folder: Path) -> str:
    """Return a digest of how a source is read, crosswalks too; what they are called, and where it lies, is no part."""
    settings = {name: getattr(mapping, name) for name in ColumnMapping.__struct_fields__}
    told = hashlib.sha256(msgspec.json.encode(settings))
    for one in mapping.crosswalks.values():
        with suppress(OSError):  # which staging explains
            told.update((folder / one.path).read_bytes())
    return told.hexdigest()


@dataclass(slots=True)
class PlanningFile:
    """The tables, in order, and how their columns are to be read.

    folder: where crosswalk paths start. tenant: whose rows count, where several tenants share the file.
    """

    readers: Sequence[Reader]
    mapping: ColumnMapping
    folder: Path = Path()
    tenant: str = ""
    _starts: list[int] = field(default_factory=list)
    _end: int = 0
    _digests: list[str] = field(default_factory=list)
    _tables: list[Table] = field(default_factory=list)
    _mapped: set[str] = field(default_factory=set)

    @property
    def _mark(self) -> str:
        """What the mapping expects before the decimals."""
        return {"point": ".", "comma": ","}[self.mapping.mark]

    @property
    def name(self) -> str:
        """As people call it."""
        first, more = self.readers[0].name, len(self.readers) - 1
        return first if not more else f"{first} and {more} more"

    def fingerprint(self) -> str:
        """Return a digest of files, crosswalks and mapping; empty when the rows do not come from files."""
        told = hashlib.sha256(msgspec.json.encode(self.mapping))
        try:
            for reader in self.readers:
                digest = reader.digest()
                if not digest:
                    return ""
                told.update(digest.encode())
            for one in self.mapping.crosswalks.values():
                told.update((self.folder / one.path).read_bytes())
        except (OSError, SourceUnreadable):  # which staging explains
            return ""
        return told.hexdigest()

    def stage(self, session: Session) -> Staged:
        """Fill `text_rows`."""
        # Imported here: a run that finds nothing to do is over before.
        from bridgehead.sources.mapping.crosswalks import load_crosswalks, renames  # noqa: PLC0415
        from bridgehead.sources.mapping.staging import check_notation, stage  # noqa: PLC0415
        from bridgehead.sources.mapping.told import spots_of, wording  # noqa: PLC0415

        crosswalks = load_crosswalks(self.mapping, self.folder)
        columns: dict[str, str] = {}
        spots: list[Spot] = []
        self._digests, self._tables = [], []
        tables, clean = self._load(session)
        for table, after in zip(tables, [*self._starts[1:], self._end], strict=True):
            columns = table.fitted.columns() | columns
            spots += spots_of(table.fitted, table.after, after)
        shared_out = stage(session, tables, crosswalks, tenant=self.tenant)
        self._mapped = {spot.title for spot in spots if spot.place == "row"}
        check_notation(session, tables, columns, self.locate)
        digest = hashlib.sha256("".join(self._digests).encode()).hexdigest()
        # What the configuration adds is not looked through: then every value is.
        clean = clean and not crosswalks and not self.mapping.constants
        return Staged(
            self.name,
            self._digests[0] if len(self.readers) == 1 else digest,
            wording(self.mapping, spots),
            tuple(self.mapping.unset),
            self.mapping.measure is not None,
            shared_out,
            tuple(renames(crosswalks)),
            clean,
        )

    def _load(self, session: Session) -> tuple[list[Table], bool]:
        """Fill `raw_0`, `raw_1`, ...; return them, and whether it is known that no value holds a control character.

        Raises SourceUnreadable when they are not what they were when they were read before.
        """
        from bridgehead.sources.mapping.fitting import fit  # noqa: PLC0415 - see stage
        from bridgehead.sources.mapping.staging import Table  # noqa: PLC0415 - as above

        tables: list[Table] = []
        self._starts, self._end, clean = [], 0, True
        for number, reader in enumerate(self.readers):
            loaded = self._read(reader, session)
            if number == len(self._digests):
                self._digests.append(loaded.digest)
            elif self._digests[number] != loaded.digest:
                raise SourceUnreadable(
                    f"{reader.name} is not what it was when it was read.", cure="Let nobody change it meanwhile."
                )
            fitted = fit(self.mapping, loaded.header, reader.name, padded=loaded.padded)
            tables.append(Table(fitted, f"raw_{number}", self._end, loaded.numbers))
            clean = clean and loaded.clean
            session.rename("raw", tables[-1].name)
            self._starts.append(self._end)
            self._end += int(session.value(f"SELECT count(*) FROM {tables[-1].name}"))  # noqa: S608 - our own name
        return tables, clean

    def _read(self, reader: Reader, session: Session) -> Loaded:
        """Fill `raw`. Rejects that are fed back are the cells that they were before they were written."""
        loaded = reader.load(session, self._mark)
        if not is_rejects(loaded.header):
            return loaded
        unmark(session)
        return msgspec.structs.replace(loaded, header=tuple(map(unmarked, loaded.header)))

    def stage_apart(self, session: Session) -> None:
        """Fill `apart_rows`; the tables are there again from then on."""
        from bridgehead.sources.mapping.crosswalks import load_crosswalks  # noqa: PLC0415 - see stage
        from bridgehead.sources.mapping.staging import stage  # noqa: PLC0415 - as above

        self._tables, _ = self._load(session)
        titles = {title for table in self._tables for title in table.fitted.columns().values()}
        self._mapped = self._mapped or titles
        stage(session, self._tables, load_crosswalks(self.mapping, self.folder), tenant=self.tenant, apart=True)

    def forget(self, session: Session) -> None:
        """Drop the tables, and `text_rows`, which asks them."""
        session.drop("text_rows", *(f"raw_{number}" for number in range(len(self.readers))))
        self._tables = []

    def original(self, session: Session, records: Sequence[int]) -> tuple[Sequence[str], Mapping[int, Sequence[str]]]:
        """Return the columns of the source, and these records as they stand there; read again, where that is needed."""
        self._tables = self._tables or self._load(session)[0]
        titles: list[str] = []
        found: dict[int, dict[str, str]] = {}
        for table, end in zip(self._tables, [*self._starts[1:], self._end], strict=True):
            wanted = [record - table.after for record in records if table.after < record <= end]
            if not wanted:
                continue
            header = table.fitted.header
            titles += [title for title in header if title not in titles]
            rows = session.ask(
                f"SELECT rowid + 1, COLUMNS(* EXCLUDE (record)) FROM {table.name} AS raw"  # noqa: S608 - our own name
                " INNER JOIN (SELECT unnest($wanted) AS record) AS w ON w.record = raw.rowid + 1",
                {"wanted": wanted},
            )
            found |= {row[0] + table.after: dict(zip(header, row[1:], strict=True)) for row in rows}
        return titles, {record: [row.get(title) or "" for title in titles] for record, row in found.items()}

    def locate(self, record: int, column: str) -> str:
        """Say where a record stands."""
        number = max(number for number, start in enumerate(self._starts) if start < record)
        place = self.readers[number].locate(record - self._starts[number], column)
        wide = column and self.mapping.headers is not None and column not in self._mapped
        return f"{place} [{column}]" if wide and "!" not in place else place

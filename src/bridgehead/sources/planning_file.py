"""A source of projections: one or several tables of a planning system, read through one mapping as one plan."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bridgehead.compare.wording import Spot
from bridgehead.errors import SourceUnreadable
from bridgehead.ports import Staged
from bridgehead.sources.mapping import ColumnMapping
from bridgehead.sources.reader import Reader
from bridgehead.tables import Session


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
        from bridgehead.sources.mapping.fitting import fit  # noqa: PLC0415
        from bridgehead.sources.mapping.staging import Table, check_notation, stage  # noqa: PLC0415
        from bridgehead.sources.mapping.told import spots_of, wording  # noqa: PLC0415

        crosswalks = load_crosswalks(self.mapping, self.folder)
        columns: dict[str, str] = {}
        spots: list[Spot] = []
        digest, content, self._starts, after = hashlib.sha256(), "", [], 0
        tables: list[Table] = []
        # What the configuration adds is not looked through: then every value is.
        clean = not crosswalks and not self.mapping.constants
        for number, reader in enumerate(self.readers):
            loaded = reader.load(session, self._mark)
            content = loaded.digest
            fitted = fit(self.mapping, loaded.header, reader.name, padded=loaded.padded)
            tables.append(Table(fitted, f"raw_{number}", after, loaded.numbers))
            clean = clean and loaded.clean
            session.rename("raw", tables[-1].name)
            columns = fitted.columns() | columns
            digest.update(content.encode())
            self._starts.append(after)
            start, after = after, after + int(session.value(f"SELECT count(*) FROM {tables[-1].name}"))  # noqa: S608
            spots += spots_of(fitted, start, after)
        shared_out = stage(session, tables, crosswalks, tenant=self.tenant)
        self._mapped = {spot.title for spot in spots if spot.place == "row"}
        check_notation(session, tables, columns, self.locate)
        told = content if len(self.readers) == 1 else digest.hexdigest()
        words = wording(self.mapping, spots)
        split = self.mapping.measure is not None
        return Staged(
            self.name, told, words, tuple(self.mapping.unset), split, shared_out, tuple(renames(crosswalks)), clean
        )

    def forget(self, session: Session) -> None:
        """Drop the tables, and `text_rows`, which asks them."""
        session.drop("text_rows", *(f"raw_{number}" for number in range(len(self.readers))))

    def original(self, session: Session, records: Sequence[int]) -> tuple[Sequence[str], Mapping[int, Sequence[str]]]:
        """Return the columns of the source, and these records as they stand there: its tables are read again."""
        titles: list[str] = []
        found: dict[int, dict[str, str]] = {}
        for number, reader in enumerate(self.readers):
            start, end = self._starts[number], [*self._starts, sys.maxsize][number + 1]
            wanted = [record - start for record in records if start < record <= end]
            if not wanted:
                continue
            header = reader.load(session, self._mark).header
            titles += [title for title in header if title not in titles]
            rows = session.ask(
                "SELECT rowid + 1, COLUMNS(* EXCLUDE (record)) FROM raw"
                " INNER JOIN (SELECT unnest($wanted) AS record) AS w ON w.record = raw.rowid + 1",
                {"wanted": wanted},
            )
            found |= {row[0] + start: dict(zip(header, row[1:], strict=True)) for row in rows}
        return titles, {record: [row.get(title) or "" for title in titles] for record, row in found.items()}

    def locate(self, record: int, column: str) -> str:
        """Say where a record stands."""
        number = max(number for number, start in enumerate(self._starts) if start < record)
        place = self.readers[number].locate(record - self._starts[number], column)
        wide = column and self.mapping.headers is not None and column not in self._mapped
        return f"{place} [{column}]" if wide and "!" not in place else place

"""Parquet files: every column as the text that it would have in a CSV file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bridgehead.errors import SourceUnreadable
from bridgehead.sources.csv import unreadable
from bridgehead.sources.reader import Loaded, titled
from bridgehead.sources.settled import Content, unchanged
from bridgehead.tables import Session, TableError, is_number


@dataclass(slots=True)
class ParquetReader:
    """One Parquet file. name: as people call it."""

    path: Path
    name: str
    _content: Content = field(init=False)

    def __post_init__(self) -> None:
        """Remember the file's digest once it is made."""
        self._content = Content(self.path)

    def digest(self) -> str:
        """Return the digest of the file."""
        return self._content.digest()

    def load(self, session: Session, mark: str = ".") -> Loaded:
        """Fill `raw`."""
        try:
            with unchanged(self.path):
                digest = self.digest()
                kinds = session.load_parquet_texts("raw", str(self.path), mark)
        except OSError as wrong:
            raise unreadable(self.path, wrong) from None
        except TableError as wrong:
            words = str(wrong).split("\n", maxsplit=1)[0]
            raise SourceUnreadable(
                f"{self.path} cannot be read as Parquet: {words}.", cure="Ask for the export again."
            ) from None
        header = titled(tuple(name for name, _ in kinds))
        numbers = (title for title, (_, kind) in zip(header, kinds, strict=True) if is_number(kind))
        return Loaded(header, digest, numbers=frozenset(numbers))

    def locate(self, record: int, column: str) -> str:  # noqa: ARG002 - Parquet has rows and no cells
        """Say which row it is."""
        return f"{self.name} row {record}"

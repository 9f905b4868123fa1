"""The rejects file: the rows of the source that a person has to correct, as they stand there, to be fed back."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bridgehead.cli.view import View
from bridgehead.errors import BridgeheadError, ConfigError
from bridgehead.private import written_whole
from bridgehead.sources.formulas import marked
from bridgehead.sources.mapping import REJECT_COLUMNS
from bridgehead.sync import Sync
from bridgehead.tables import TableError

if TYPE_CHECKING:  # a run that finds nothing to do is over before
    from bridgehead.correcting import ToCorrect


@contextmanager
def writing_rejects(sync: Sync, path: Path | None, view: View) -> Iterator[None]:
    """Write the rows that break a rule, and those that UKG rejected, however the block ends."""
    try:
        yield
    except BaseException:
        try:
            _write_rejects(sync, path, view)
        except (BridgeheadError, TableError) as wrong:  # what the block ended with is to be told, and this beside it
            view.say(f"{path} was not written. {wrong}")
        raise
    _write_rejects(sync, path, view)


def _write_rejects(sync: Sync, path: Path | None, view: View) -> None:
    if path is None:
        return
    found = sync.to_correct()
    try:
        with written_whole(path) as side:
            _write(side, found)
    except OSError as wrong:
        raise ConfigError(f"{path} cannot be written: {wrong.strerror}.", cure="Check --rejects.") from None
    count = len(found.rows)
    view.say(f"{path}: {count:,} row{'s' if count != 1 else ''} to correct. To feed them back: --from {path}")
    if found.gone:
        records = "record that UKG rejected is" if found.gone == 1 else "records that UKG rejected are"
        view.say(f"{found.gone:,} {records} no longer in the source, and so not in {path}.")


def _write(path: Path, found: ToCorrect) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(map(marked, (*found.columns, *REJECT_COLUMNS)))
        for values, bad in found.rows:
            told = zip(*((one.origin, one.rule, one.words) for one in bad), strict=True)
            out.writerow(map(marked, (*values, *("; ".join(dict.fromkeys(one)) for one in told))))

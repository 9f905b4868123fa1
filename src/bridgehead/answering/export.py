"""The file for an auditor: one line for each change of each run, with all that answers for it, as CSV.

DuckDB writes it run by run; no row becomes an object, and no more memory is taken for a million of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import msgspec

from bridgehead.answering.lives import READ, Period, look_for
from bridgehead.compare.accepted import prepare
from bridgehead.compare.lives import Wanted, begin_lives, lines, pick, pick_all, pick_none
from bridgehead.errors import ConfigError
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.ports import RunRecord
from bridgehead.private import written_whole
from bridgehead.sources.formulas import define_marked
from bridgehead.tables import Session

_CHUNK = 1 << 20
_MARK = b"\xef\xbb\xbf"
"""The mark of UTF-8, without which spreadsheets take it for something else."""

Key = tuple[str, str, str]


class Exported(msgspec.Struct, frozen=True):
    """What was written. lines: without the header. digest: of the file, SHA-256."""

    path: str
    lines: int
    digest: str


class _File:
    """A file that is written in order, with the digest of all that was written."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)

    def add(self, path: Path) -> None:
        with path.open("rb") as part:
            while chunk := part.read(_CHUNK):
                self.write(chunk)

    def digest(self) -> str:
        return self._digest.hexdigest()


def export(
    session: Session,
    path: Path,
    feeds: Iterable[tuple[Key, FeedLedger]],
    *,
    wanted: Wanted | None = None,
    period: Period = Period(),  # noqa: B008 - a value
    told: Callable[[RunRecord, int], object] = lambda _run, _lines: None,
) -> Exported:
    """Write the changes of all runs of feeds, oldest first; raise ConfigError when the file cannot be written.

    wanted: only of numbers that ever lived in such a cell. told: hears of each run, and how many lines it has.
    """
    count = 0
    try:
        with written_whole(path) as side, side.open("wb") as opened, TemporaryDirectory(prefix="bridgehead-") as folder:
            out, part = _File(opened), Path(folder, "run.csv")
            prepare(session)
            define_marked(session)
            begin_lives(session)
            pick_none(session, "")
            header = session.columns(lines(), _said(("", "", ""), None, ""))
            out.write(_MARK + ",".join(header).encode() + b"\n")
            for key, ledger in feeds:
                for run, note in _runs(session, ledger, wanted, period):
                    written = int(session.value("SELECT count(*) FROM told"))
                    if written:
                        session.save_csv(lines(), str(part), _said(key, run, note))
                        out.add(part)
                    told(run, written)
                    count += written
    except OSError as wrong:
        raise ConfigError(f"{path} cannot be written: {wrong.strerror}.", cure="Check --csv.") from None
    return Exported(str(path), count, out.digest())


def _runs(
    session: Session, ledger: FeedLedger, wanted: Wanted | None, period: Period
) -> Iterable[tuple[RunRecord, str]]:
    """Stage each run that is meant as `told`, and yield it; with what is to be noted where no row of it is kept."""
    if wanted is None:
        begin_lives(session)
        runs, kept = list(reversed(ledger.history())), ledger.past.kept()
    else:
        runs, kept = look_for(ledger, session, wanted)
    for turn, run in enumerate(runs, 1):
        if run not in period:
            continue
        if run.run_id not in kept:
            pick_none(session, run.state if run.state in READ else "purged" if run.dropped_at else "not kept")
            yield run, _noted(run)
            continue
        ledger.past.stage(session, run.run_id)
        if wanted is None:
            pick_all(session)
        else:
            pick(session, turn)
        ledger.past.stage_answers(session, run.run_id)
        yield run, ""


def _noted(run: RunRecord) -> str:
    counts = run.counts
    if run.state in READ:
        return f"{counts.unchanged} cells as UKG held them; nothing was sent"
    planned = f"{counts.create} create, {counts.update} update, {counts.retire} retire, {counts.move} move"
    dropped = f"; values purged {run.dropped_at}" if run.dropped_at else ""
    return f"{planned}; {run.accepted} accepted, {run.rejected} rejected{dropped}"


def _said(key: Key, run: RunRecord | None, note: str) -> dict[str, str]:
    """Return what each line of a run says."""
    tenant, environment, feed = key
    told = {"tenant": tenant, "environment": environment, "feed": feed, "note": note}
    if run is None:
        more = ("run", "began", "ended", "state", "ran_by", "source", "source_digest", "plan_digest")
        return told | dict.fromkeys((*more, "approved_by", "approved_at", "reason"), "")
    return told | {
        "run": run.run_id,
        "began": run.started_at.isoformat(timespec="milliseconds"),
        "ended": run.ended_at.isoformat(timespec="milliseconds") if run.ended_at else "",
        "state": run.state,
        "ran_by": run.owner,
        "source": run.source,
        "source_digest": run.source_digest,
        "plan_digest": run.plan_digest,
        "approved_by": run.approved_by,
        "approved_at": run.approved_at,
        "reason": run.reason,
    }

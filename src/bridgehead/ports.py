"""What the engine asks of the world: a Source that stages rows, a Target that takes them, a Ledger that remembers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

import msgspec
from msgspec.structs import replace

from bridgehead.approval import Proposal
from bridgehead.circuit import Circuit
from bridgehead.compare.rules import Known
from bridgehead.compare.wording import Wording
from bridgehead.errors import TooLarge
from bridgehead.plan import Batch, Counts, Owned, Plan, Rendering, Share
from bridgehead.tables import Row, Session


class Staged(msgspec.Struct, frozen=True):
    """What a source put into the session's table `text_rows`: one row for each projection, all values still text.

    name and digest tell the file and its content. words: how it calls things, for messages. unset: the dimensions that
    the mapping says the plan does not have. split: a cell's measures may stand in several rows, so that one bad row
    leaves half a cell behind. shares: how a source that several tenants share is shared out. renames: codes that became
    others: dimension, old code, first month, month after the last, new code. clean: whether it is known that no value
    holds a control character.
    """

    name: str
    digest: str
    words: Wording
    unset: tuple[str, ...]
    split: bool = False
    shares: tuple[Share, ...] = ()
    renames: tuple[Row, ...] = ()
    clean: bool = False


class Source(Protocol):
    """Where projections come from. It reads and renames; it judges nothing."""

    def fingerprint(self) -> str:
        """Return a digest of all that decides what is staged, without staging it; empty when that cannot be said."""

    def stage(self, session: Session) -> Staged:
        """Fill `text_rows`; raise SourceUnreadable or MappingMismatch."""

    def forget(self, session: Session) -> None:
        """Give the memory back that `text_rows` takes; from now on only what was typed is known."""

    def locate(self, record: int, column: str) -> str:
        """Say where a record stands, such as `plan.csv:17`. Only called when something has to be said about it."""

    def stage_apart(self, session: Session) -> None:
        """Fill `apart_rows`: the cells with the records that they stand in, each of several records of one cell too.

        Raises SourceUnreadable when it is another content than was staged.
        """

    def original(self, session: Session, records: Sequence[int]) -> tuple[Sequence[str], Mapping[int, Sequence[str]]]:
        """Return the columns of the source, and these records as they stand there; raise as `stage_apart` does."""


class Terms(msgspec.Struct, frozen=True):
    """What the target accepts, as it says today: the shape of a record, limits, codes, and which periods are open.

    names: our field to the name on the wire. scales: decimals of each measure on the wire. envelope: what stands
    before and after the records of a request.
    """

    names: Mapping[str, str]
    scales: Mapping[str, int]
    envelope: tuple[str, str]
    max_records: int
    max_bytes: int
    per_minute: int | None
    known: Known

    def narrowed(self, refused: TooLarge) -> Terms:
        """Return terms that fit what a refusal says; half of what was refused where it says nothing that helps."""
        records = min(self.max_records, refused.records or self.max_records)
        most = min(self.max_bytes, refused.bytes or self.max_bytes)
        helps = records < refused.size or most < self.max_bytes
        half = max(1, min(records, refused.size // 2))
        return replace(self, max_records=records if helps else half, max_bytes=most)


class Rejected(msgspec.Struct, frozen=True):
    """A record that UKG did not accept, in UKG's words.

    row: its number in the plan; before that is known, its position in the answer. origin: where it stands in the
    source, as far as that is known.
    """

    row: int
    client_ref: str
    code: str
    field: str
    message: str
    origin: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """What UKG answered to one batch: every record is accepted, unchanged or rejected.

    outcome: `answered`; `refused` when the whole request was turned down and provably had no effect; `unknown` when
    what a dead run sent can no longer be settled, so that its cells count as changed.
    references: the client references that the answer names, as far as it names any; they are held against what was
    sent, and then let go.
    """

    number: int
    status: int
    accepted: int
    unchanged: int
    correlation_id: str
    answered_at: datetime
    rejected: tuple[Rejected, ...] = ()
    outcome: Literal["answered", "refused", "unknown"] = "answered"
    references: tuple[str, ...] = ()


class Attempt(msgspec.Struct, frozen=True):
    """One time that a batch was sent. at: when its answer came, or when it was given up; status: 0 without an answer.

    problem: why there was no answer, in short.
    """

    at: datetime
    status: int
    correlation_id: str
    problem: str = ""


class Target(Protocol):
    """Where projections go."""

    def open(self) -> Terms:
        """Prove who we are and where (the interlock), and say what is accepted. Sends no data."""

    def expect(self, requests: int) -> None:
        """Hear about how many requests are about to come; a few need not be spread over the minute."""

    def deliver(self, batch: Batch, attempts: list[Attempt]) -> Receipt:
        """Send a batch; sent twice, it has the effect of once. Called from several threads.

        Raises NotTaken when it is proven that nothing of it was taken.

        attempts: each time that it was sent is added to them, whatever becomes of it.
        """

    def read(self, owned: Sequence[Owned]) -> Iterator[bytes]:
        """Read back what the target holds: pages, each a JSON array of records as on the wire.

        Raises NoReadBack where the target does not offer that.
        """


class RunRecord(msgspec.Struct, frozen=True):
    """One run as the ledger tells it. state: open, complete, partial, or settled when it had died.

    Also: adopted, repaired (UKG was read, nothing was sent), lost (open when the ledger was backed up, then restored).

    owner: who ran it, and where. source_digest, plan_digest: of the file's content, and of the plan where it was
    signed. approved_by, reason, approved_at: of the person who approved it, if one did. dropped_at: when its values
    were purged, else empty.
    """

    run_id: str
    owner: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    source: str
    counts: Counts
    accepted: int
    rejected: int
    source_digest: str = ""
    plan_digest: str = ""
    approved_by: str = ""
    reason: str = ""
    dropped_at: str = ""
    approved_at: str = ""


class BatchRecord(msgspec.Struct, frozen=True):
    """One batch of a run, as the ledger tells it.

    state: intended (its answer is not known), answered, refused or unknown. first, last: rows of the plan. attempts:
    each time that it was sent; the last one is the one that was answered.
    """

    number: int
    first: int
    last: int
    key: str
    state: str
    accepted: int
    unchanged: int
    attempts: tuple[Attempt, ...] = ()


class Doubtful(msgspec.Struct, frozen=True):
    """A batch that may have arrived. digest: of the bytes that were sent; only those may be sent again.

    intended_at: when it was written down, just before it left.
    """

    number: int
    first: int
    last: int
    key: str
    digest: str
    intended_at: datetime


class OpenRun(msgspec.Struct, frozen=True):
    """A run that did not end. Its rows are staged again as `plan_rows`.

    source: the file it came from. envelope, rendering: what stood around its records and how they were made, so that
    they are sent in the same bytes even when the dialect has changed since. doubtful: the batches that were sent, or
    about to be, and have no receipt. rejected: rows that UKG rejected; a batch that was made afterwards left them out.
    """

    run_id: str
    source: str
    envelope: tuple[str, str]
    rendering: Rendering
    doubtful: tuple[Doubtful, ...]
    rejected: tuple[int, ...] = ()


class Agreement(msgspec.Struct, frozen=True):
    """UKG holds all that a source says. fingerprint: of source, mapping, rules and terms. projections: how many."""

    fingerprint: str
    projections: int
    source: str
    source_digest: str
    snapshot: int


class Baseline(msgspec.Struct, frozen=True):
    """How far the ledger knows what UKG holds of a feed. known: something was planned or adopted before.

    restored_at: when the ledger was put back from a backup; what happened since the backup is not in it. Empty: never.
    verified: UKG was read after the last change, and held what the ledger says. owned: what the feed was complete for
    when it last sent something.
    """

    known: bool
    restored_at: str = ""
    verified: bool = False
    owned: tuple[Owned, ...] = ()


class Waiting(Protocol):
    """Plans of one feed that wait for a person's word."""

    def propose(
        self, session: Session, plan: Plan, *, message: str, allows: Sequence[str], author: str, hours: int
    ) -> Proposal:
        """Keep a plan, whose rows are `plan_rows`, until a person decides; the same plan is kept once.

        One that was rejected is returned as such.
        """

    def approved(self) -> Proposal | None:
        """Return the proposal that was approved and is not carried out yet, if there is one."""

    def withdraw(self) -> None:
        """Let what waits or was approved give way: it no longer fits what it was drawn for."""

    def stage(self, session: Session, proposal: Proposal) -> Plan:
        """Stage a proposal's rows as `plan_rows`; raise PlanStale when they are not the ones that were signed."""


class Ledger(Protocol):
    """What UKG has accepted so far, of one feed. The memory that makes a run resumable and a second run empty.

    proposals: the plans that wait for a person.
    """

    @property
    def proposals(self) -> Waiting:
        """The plans that wait for a person."""

    def lease(self, owner: str) -> AbstractContextManager[None]:
        """Keep other runs of the tenant away; raise LeaseHeld when there is one."""

    def baseline(self) -> Baseline:
        """Return how far it is known what UKG holds of the feed."""

    def adopt(self, session: Session, *, state: str, count: int, owned: Sequence[Owned]) -> str:
        """Make the session's table `adopted` the snapshot, in a run of its own; return the run's id.

        state: adopted or repaired. count: of its cells. owned: what the feed is complete for.
        """

    def verified(self, *, holds: bool = True) -> None:
        """Note whether UKG was found to hold what the snapshot says; where it does not it is looked at again."""

    def circuit(self) -> Circuit | None:
        """Return the circuit of the tenant's environment when it is open."""

    def set_circuit(self, circuit: Circuit | None) -> None:
        """Open the circuit of the tenant's environment, or close it."""

    def snapshot(self, session: Session) -> int:
        """Fill the session's table `accepted` with what UKG last accepted; return the snapshot's number."""

    def begin(self, plan: Plan, session: Session, waivers: Mapping[str, str], proposal: int = 0) -> str:
        """Keep the plan's rows for good and open a run; return its id. proposal: number of the one it carries out."""

    def agreed(self) -> Mapping[tuple[str, str], tuple[Decimal, Decimal]]:
        """Return heads and FTE of each scenario and version before a run that died, or a first slice; else nothing."""

    def agree(
        self, *, fingerprint: str, projections: int, source: str, source_digest: str, owned: Sequence[Owned] = ()
    ) -> None:
        """Note that UKG holds what the source says: the run that died has come to its end after all.

        fingerprint: empty when the same source could not be told by it.
        """

    def agreement(self) -> Agreement | None:
        """Return what UKG was last found to agree with, None when anything was planned, sent or left open since."""

    def neighbours(self) -> Mapping[str, Sequence[Owned]]:
        """Return what other feeds of the tenant were complete for when they last sent something."""

    def unfinished(self, session: Session) -> OpenRun | None:
        """Return the run that did not end, with its rows staged as `plan_rows`."""

    def journal(
        self,
        run_id: str,
        *,
        answered: Sequence[Receipt] = (),
        intended: Sequence[Batch] = (),
        tried: Sequence[tuple[int, Attempt]] = (),
        at: datetime | None = None,
    ) -> None:
        """Write down, in one commit, what was answered, rejects included, and which batches are about to be sent.

        One that is intended once more is so from now on: its request may leave again. at: instead of now, when it left.
        tried: by number of the batch, the attempts that are not the one a receipt tells of.
        Durable before it returns. Called from another thread than the rest, and never at the same time.
        """

    def finish(self, run_id: str, session: Session, state: str) -> None:
        """Fold the receipts into a new snapshot and close the run: one commit points to it."""

    def history(self) -> Sequence[RunRecord]:
        """Return the runs, newest first."""

    def batches(self, run_id: str) -> Sequence[BatchRecord]:
        """Return the batches of a run, with each attempt to send them."""

    def stage_run(self, run_id: str, session: Session) -> None:
        """Stage the rows of a past run's plan as `past_rows`; raise LedgerUnusable when they are not kept any more."""

    def rejects(self, run_id: str) -> Sequence[Rejected]:
        """Return what UKG rejected in a run."""

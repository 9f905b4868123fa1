"""Everything that can go wrong, drawn as a tree: the class says who must act, the cure says what to do.

    BridgeheadError                 1   we did not foresee it: please report it
    ├── ConfigError                 2   you, in bridgehead.toml or on the command line
    │   ├── SecretMissing               the reference to a secret leads nowhere
    │   └── LedgerUnusable              the ledger is from a newer version, or cannot be opened
    ├── DataError                   3   whoever made the planning file
    │   ├── SourceUnreadable            the file is not there or is not what it says it is
    │   ├── MappingMismatch             the file and the mapping disagree about columns
    │   └── RowsInvalid                 rows that break a rule, each with its origin
    ├── Refused                     4   the UKG administrator; no further try will help
    │   ├── TokenRefused                the token endpoint gives no token
    │   ├── PermissionRefused           a token was given, the call is refused
    │   ├── Interlock                   two pieces of evidence name different tenants or environments
    │   ├── EvidenceMissing             the server does not say which tenant or environment it is
    │   ├── CircuitOpen                 refused a while ago, and not asked again so soon
    │   ├── NoReadBack                  there is no reading back what UKG holds
    │   └── RequestRefused              UKG does not understand what we send
    │       └── NotTaken                and it is proven that the delivery had no effect
    │           ├── NotSent             since it never left
    │           ├── RecordsRefused      since some of its records are bad
    │           └── TooLarge            since it takes less at once
    ├── Unavailable                 5   nobody: try later. The only branch that another try can mend
    │   └── Paused                      it gave its place back, and is placed again
    ├── Guardrail                   6   whoever signs the plan off
    ├── ApprovalNeeded              6   the same: this tenant's plans wait for a person's word
    ├── PlanRejected                6   the same: somebody said no to it
    ├── PlanStale                   6   the same: the plan was drawn on something else
    ├── AdoptionNeeded              6   the same: UKG holds what the ledger does not know
    └── LeaseHeld                   9   nobody: another run of this tenant is at work

Outcomes that are not errors have codes too: 7 partial (UKG rejected some records), 8 drift, 130 interrupted.
`docs/errors.md` has a heading for every slug.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec


class BridgeheadError(Exception):
    """Something went wrong. The message says what happened, the cure what to do, the next command where to go on.

    plan: the beginning of the digest of a plan that waits for a person for it.
    """

    exit_code: ClassVar[int] = 1
    slug: ClassVar[str] = "unforeseen"

    def __init__(self, message: str, *, cure: str = "", next_command: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure
        self.next_command = next_command
        self.plan = ""


class ConfigError(BridgeheadError):
    """The configuration or the command line has to be corrected.

    setting: the key that is wrong, below the section of an environment or a source, where the place is not known yet.
    """

    exit_code = 2
    slug = "config-invalid"

    def __init__(self, message: str, *, cure: str = "", next_command: str = "", setting: str = "") -> None:
        super().__init__(message, cure=cure, next_command=next_command)
        self.setting = setting


class SecretMissing(ConfigError):
    """A secret cannot be read from where the configuration says it is."""

    slug = "secret-missing"


class LedgerUnusable(ConfigError):
    """The ledger cannot be used by this version, or cannot be opened."""

    slug = "ledger-unusable"


class DataError(BridgeheadError):
    """The planning data has to be corrected."""

    exit_code = 3
    slug = "data-invalid"


class SourceUnreadable(DataError):
    """The planning file cannot be read."""

    slug = "source-unreadable"


class MappingMismatch(DataError):
    """The planning file lacks a column that the mapping names, or has one that nobody explains."""

    slug = "mapping-mismatch"


class BadRow(msgspec.Struct, frozen=True):
    """One mistake. origin: as people find it, such as `plan.csv:17`. column: empty when the row as a whole is meant.

    cells: how many cells of the plan it spoils; a wrong code in a row of twelve months is one mistake in twelve cells.
    """

    origin: str
    column: str
    value: str | None
    rule: str
    message: str
    cells: int = 1

    @property
    def words(self) -> str:
        """The message, led by its column where the origin does not name it."""
        named = not self.column or self.origin.endswith(f"[{self.column}]")
        return self.message if named else f"{self.column}: {self.message}"


class RowsInvalid(DataError):
    """Rows that break a rule. rows: the first of each rule. count: of all mistakes. by_rule: of each rule's."""

    slug = "rows-invalid"

    def __init__(
        self, message: str, *, rows: Sequence[BadRow], count: int, cure: str, by_rule: Mapping[str, int]
    ) -> None:
        super().__init__(message, cure=cure)
        self.rows = tuple(rows)
        self.count = count
        self.by_rule = dict(by_rule)


class Refused(BridgeheadError):
    """UKG refuses: somebody there has to act, and no further try will help."""

    exit_code = 4
    slug = "refused"

    def __init__(
        self, message: str, *, cure: str = "", next_command: str = "", status: int = 0, correlation_id: str = ""
    ) -> None:
        super().__init__(message, cure=cure, next_command=next_command)
        self.status = status
        self.correlation_id = correlation_id


class TokenRefused(Refused):
    """The token endpoint gave no token."""

    slug = "token-refused"


class PermissionRefused(Refused):
    """A token was issued, and the call was refused all the same: the thread's 401."""

    slug = "permission-refused"


class Interlock(Refused):
    """Two pieces of evidence name different tenants or environments. This can never be waived.

    Nothing was sent, unless the evidence is an answer to a delivery; then nothing more is.
    """

    slug = "interlock"


class CircuitOpen(Refused):
    """UKG refused the tenant's authorization a while ago, so nothing was asked of it this time."""

    slug = "circuit-open"


class NoReadBack(Refused):
    """This UKG offers no way to read headcount back."""

    slug = "no-read-back"


class EvidenceMissing(Refused):
    """The server does not say which tenant or environment it is. A named, recorded waiver can accept that."""

    slug = "evidence-missing"


class RequestRefused(Refused):
    """UKG answered in a way that the dialect does not explain, or refused the request as such."""

    slug = "request-refused"


class NotTaken(RequestRefused):
    """UKG refused a delivery before it had any effect: proven by its status, and by no earlier try being in doubt."""

    slug = "not-taken"


class NotSent(NotTaken):
    """A delivery was held back, since the run ends."""

    slug = "not-sent"


class RecordsRefused(NotTaken):
    """UKG took nothing of a request, since some of its records are bad. named: those that it names, if it does.

    code, words: what it says of the request as a whole. spoken: whether planning itself said so, by results or by its
    echo; a gateway on the way says 400 as well, and knows nothing of what was taken before.
    """

    slug = "records-refused"

    def __init__(
        self,
        message: str,
        *,
        cure: str,
        named: Sequence[Any],
        code: str,
        words: str,
        spoken: bool,
        status: int,
        correlation_id: str,
    ) -> None:
        super().__init__(message, cure=cure, status=status, correlation_id=correlation_id)
        self.named = tuple(named)
        self.spoken = spoken
        self.code = code
        self.words = words


class TooLarge(NotTaken):
    """UKG takes fewer records or bytes in a request than it said; nothing of this one was taken.

    records, bytes: what it takes, None where it does not say. size: of the request, in records.
    """

    slug = "too-large"

    def __init__(
        self, message: str, *, cure: str, size: int, records: int | None, bytes_: int | None, correlation_id: str = ""
    ) -> None:
        super().__init__(message, cure=cure, status=413, correlation_id=correlation_id)
        self.size = size
        self.records = records
        self.bytes = bytes_


class Unavailable(BridgeheadError):
    """UKG cannot be reached, is overloaded or failed: the same call may pass later. reason: why, in few words.

    timed_out: it was there, and too slow.
    """

    exit_code = 5
    slug = "unavailable"

    def __init__(
        self, message: str, *, cure: str = "", next_command: str = "", reason: str = "", timed_out: bool = False
    ) -> None:
        super().__init__(message, cure=cure, next_command=next_command)
        self.reason = reason or message
        self.timed_out = timed_out


class Paused(Unavailable):
    """An unattended run gave its place back, for others or since UKG asks for patience. seconds: until it may go on."""

    slug = "paused"

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message, cure="What was answered is remembered; it goes on by itself when it is placed again.")
        self.seconds = seconds


class Guardrail(BridgeheadError):
    """The plan moves more than was agreed; a person has to confirm it. name: of the limit, as --allow takes it."""

    exit_code = 6
    slug = "guardrail"

    def __init__(self, message: str, *, cure: str = "", next_command: str = "", name: str = "") -> None:
        super().__init__(message, cure=cure, next_command=next_command)
        self.name = name


class ApprovalNeeded(BridgeheadError):
    """The plan waits for a person's approval, as the tenant's environment demands."""

    exit_code = 6
    slug = "approval-needed"


class PlanRejected(BridgeheadError):
    """A person looked at the plan and rejected it."""

    exit_code = 6
    slug = "plan-rejected"


class PlanStale(BridgeheadError):
    """A saved plan no longer fits what it was drawn for or on; a person has to look at a new one."""

    exit_code = 6
    slug = "plan-stale"


class AdoptionNeeded(BridgeheadError):
    """It is not known what UKG holds of the feed, and it holds something; a person has to look at it first."""

    exit_code = 6
    slug = "adoption-needed"


class LeaseHeld(BridgeheadError):
    """Another run of the same tenant is at work."""

    exit_code = 9
    slug = "lease-held"


PARTIAL = 7
DRIFT = 8
CHANGES = 10
INTERRUPTED = 130

"""From the configuration to a tenant that can plan, sync and verify: the only place where the parts meet."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from bridgehead.config import Config, ControlSettings, EnvironmentSettings, FeedSettings, secret_reader
from bridgehead.connecting import Halt, Who, client_of, door_of, halting
from bridgehead.errors import BridgeheadError, ConfigError
from bridgehead.feed import Feed, Guardrails, Policy
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.ledgers.opening import ledger_in_folder, ledger_in_postgres
from bridgehead.only import Only
from bridgehead.plan import Owned
from bridgehead.sources.control import control_totals
from bridgehead.sources.files import open_files, wanted_by
from bridgehead.sources.planning_file import PlanningFile, mapping_digest
from bridgehead.sources.settled import check_left_alone
from bridgehead.sources.sql import SqlReader
from bridgehead.sync import Sync
from bridgehead.tables import Session
from bridgehead.ukg.dialect import Dialect, load_dialect
from bridgehead.ukg.habits import old_habits
from bridgehead.ukg.planning import PlanningApi
from bridgehead.ukg.tokens import TokenCache


def utc_now() -> datetime:
    """Return the time of the real world."""
    return datetime.now(UTC)  # noqa: TID251 - handed down from here to everything that needs a clock


@dataclass(frozen=True, slots=True)
class Choice:
    """What is meant: a tenant, one of its environments, and one of its feeds."""

    tenant: str
    environment: str
    settings: EnvironmentSettings
    feed_name: str
    feed: FeedSettings
    config: Config

    @property
    def folder(self) -> Path:
        """Where the configuration lies; its paths start there."""
        return self.config.path.parent

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Give an error about one of these settings the place where it stands."""
        tenant = f"tenants.{self.tenant}"
        try:
            yield
        except ConfigError as wrong:
            environment = f"{tenant}.environments.{self.environment}"
            raise self.config.placed(wrong, environment, self.feed.section) if wrong.setting else wrong from None


def choose(config: Config, tenant: str, environment: str | None, feed: str | None) -> Choice:
    """Find what the command line means; raise ConfigError when it is not there, or ambiguous."""
    settings = config.tenant(tenant)
    wanted, chosen = settings.environment(environment)
    if not settings.feeds:
        raise ConfigError(
            f"{tenant} has no feed.",
            cure=f"Add [tenants.{tenant}.feeds.headcount.source] to {config.path.name}.",
            next_command="bridgehead init PLAN.csv",
        )
    if feed is None and len(settings.feeds) > 1:
        raise ConfigError(f"{tenant} has several feeds.", cure=f"Say which: --feed {' | '.join(settings.feeds)}.")
    name = feed or next(iter(settings.feeds))
    if name not in settings.feeds:
        raise ConfigError(f"{tenant} has no feed {name!r}.", cure=f"Known are: {', '.join(settings.feeds)}.")
    return Choice(tenant, wanted, chosen, name, settings.feeds[name], config)


def open_ledger(choice: Choice, clock: Callable[[], datetime] = utc_now) -> FeedLedger:
    """Open the ledger of a feed."""
    key, tenant_id = (choice.tenant, choice.environment, choice.feed_name), choice.settings.tenant_id
    where = choice.config.ledger
    if isinstance(where, Path):
        return ledger_in_folder(where, key, tenant_id=tenant_id, clock=clock)
    return ledger_in_postgres(secret_reader(where, choice.folder)(), key, tenant_id=tenant_id, clock=clock)


@contextmanager
def open_sync(
    choice: Choice,
    *,
    clock: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], object] = time.sleep,
    on_wait: Callable[[str, float], object] = lambda _why, _seconds: None,
    halt: Halt = lambda: None,
    rows_from: Path | None = None,
    only: Only | None = None,
    revert: str = "",
    read_back: bool = False,
    verifying: bool = True,
    looking: bool = False,
    tokens: TokenCache | None = None,
    desk: AbstractContextManager[object] | None = None,
) -> Iterator[Sync]:
    """Put a feed's parts together; they are closed when the block ends.

    on_wait: told why a call has to wait, and how many seconds. halt: returns what ends the run, when somebody wants it
    to end. rows_from: a file of the same shape that is read instead
    of the feed's, and is only a part of the plan: what it lacks is not retired. only: which changes go first; the rest
    stays planned. revert: a run that is taken back, in place of a file. read_back: whether UKG is read first,
    also where the feed's rules do not say so. verifying: whether it is read afterwards, where they do not forbid it;
    looking: also where nothing was sent.
    tokens: shared by what one process does for several feeds; desk: held by one of several at a time.
    """
    if rows_from is not None:
        choice = _reading(choice, rows_from)
    if read_back:
        rules = msgspec.structs.replace(choice.feed.rules, read_back=True)
        choice = replace(choice, feed=msgspec.structs.replace(choice.feed, rules=rules))
    with choice.placing(), _assembled(choice, clock, sleep, on_wait, halt, tokens or TokenCache()) as sync:
        sync.partial = rows_from is not None
        sync.only, sync.revert = only, revert
        sync.verifying, sync.looking = verifying and choice.feed.rules.verify, looking
        sync.desk = desk or sync.desk
        yield sync


def _reading(choice: Choice, file: Path) -> Choice:
    """Return the choice with another file; it is read as UTF-8 and found by its columns, as rejects are written."""
    source = msgspec.structs.replace(
        choice.feed.source,
        path=str(file.resolve()),
        connection="",
        query="",
        encoding="",
        delimiter="",
        sheet="",
        header_row=0,
        header_rows=1,
    )
    return replace(choice, feed=msgspec.structs.replace(choice.feed, source=source))


@contextmanager
def _assembled(
    choice: Choice,
    clock: Callable[[], datetime],
    sleep: Callable[[float], object],
    on_wait: Callable[[str, float], object],
    asked: Halt,
    tokens: TokenCache,
) -> Iterator[Sync]:
    settings = choice.settings
    halt = halting(asked, settings.deadline, clock)
    dialect = load_dialect(settings.dialect, settings.dialect_overrides)
    _check_tenant_id(settings, dialect, choice)
    _check_habits(settings, dialect, choice)
    door = door_of(settings, clock)
    who = Who(choice.tenant, choice.environment, settings, choice.folder, choice.config.ledger)
    client = client_of(who, dialect, door, clock, sleep, on_wait, halt, tokens)
    ledger = open_ledger(choice, clock)
    with (
        tempfile.TemporaryDirectory(prefix="bridgehead-") as spill,
        tempfile.TemporaryDirectory(prefix="bridgehead-") as scratch,
        Session(temp_directory=spill, memory_limit=choice.config.memory_limit) as session,
        ThreadPoolExecutor(settings.in_flight, thread_name_prefix="deliver") as pool,
        ThreadPoolExecutor(1, thread_name_prefix="journal") as scribe,
    ):
        try:
            yield Sync(
                feed=_feed(choice),
                source=_source(choice, Path(scratch), clock),
                target=PlanningApi(dialect, client, settings.quota_share),
                ledger=ledger,
                session=session,
                clock=clock,
                pool=pool,
                scribe=scribe,
                in_flight=settings.in_flight,
                halt=halt,
            )
        finally:
            ledger.close()
            door.close()


def source_fingerprint(choice: Choice, clock: Callable[[], datetime]) -> str:
    """Return a digest of a feed's planning file and of how it is read; empty where that cannot be said."""
    with tempfile.TemporaryDirectory(prefix="bridgehead-") as scratch:
        try:
            return _source(choice, Path(scratch), clock).fingerprint()
        except BridgeheadError:  # which a sync explains
            return ""


def _source(choice: Choice, scratch: Path, clock: Callable[[], datetime]) -> PlanningFile:
    source = choice.feed.source
    if source.query:
        url = source.connection
        read = (lambda: url) if url.startswith("sqlite:") else secret_reader(url, choice.folder)
        return PlanningFile([SqlReader(read, source.query, folder=choice.folder)], source, choice.folder, choice.tenant)
    readers = open_files(
        choice.folder,
        source.path,
        scratch,
        wanted=wanted_by(source, source.header_row, source.header_rows),
        encoding=source.encoding,
        delimiter=source.delimiter,
        sheet=source.sheet,
        check=lambda file: check_left_alone(file, source.settled_after, clock()),
    )
    return PlanningFile(readers, source, choice.folder, choice.tenant)


def _feed(choice: Choice) -> Feed:
    feed = choice.feed
    return Feed(
        tenant=choice.tenant,
        tenant_id=choice.settings.tenant_id,
        environment=choice.environment,
        name=choice.feed_name,
        dialect=choice.settings.dialect,
        owns=_owned(feed),
        neighbours={
            name: _owned(other)
            for name, other in choice.config.tenants[choice.tenant].feeds.items()
            if name != choice.feed_name
        },
        guardrails=Guardrails(
            **msgspec.structs.asdict(feed.guardrails),
            control=_totals(choice, feed.control),
            whole=_totals(choice, feed.whole),
        ),
        policy=Policy(
            feed.rules.on_invalid,
            feed.rules.duplicates,
            feed.rules.fte_over_headcount,
            feed.rules.read_back,
            feed.rules.on_drift or ("stop" if choice.environment == "production" else "overwrite"),
            choice.settings.approval or ("required" if choice.environment == "production" else "guardrails"),
            choice.settings.decided_within,
        ),
        waivers=choice.settings.waivers,
        mapping=mapping_digest(feed.source, choice.folder),
    )


def _owned(feed: FeedSettings) -> tuple[Owned, ...]:
    return tuple(Owned(part.scenario, part.version, part.first_period, part.last_period) for part in feed.owns)


def _totals(choice: Choice, control: ControlSettings) -> dict[str, Decimal]:
    stated = {str(name): one for name, one in control.totals.items()}
    return control_totals(stated, choice.folder, control.file)


def _check_tenant_id(settings: EnvironmentSettings, dialect: Dialect, choice: Choice) -> None:
    if re.fullmatch(dialect.tenant_id.pattern, settings.tenant_id) is None:
        raise ConfigError(
            f"tenant_id {settings.tenant_id!r} is not a tenant id: it does not fit {dialect.tenant_id.pattern}.",
            setting="tenant_id",
            cure=f"Copy it from {dialect.tenant_id.menu}, or ask UKG for it.",
            next_command=f"bridgehead tenant-id {choice.tenant} --environment {choice.environment}",
        )


def _check_habits(settings: EnvironmentSettings, dialect: Dialect, choice: Choice) -> None:
    """Refuse overrides that bring back what production refuses (the thread)."""
    if not settings.dialect_overrides:
        return
    for habit in old_habits(dialect, load_dialect(settings.dialect, {}), settings.waivers):
        raise ConfigError(
            f"{habit.says[0].upper()}{habit.says[1:]}. Nothing was sent.",
            setting=f"dialect_overrides.{habit.override}",
            cure=f"Take {habit.override} out of dialect_overrides; right is: {habit.right}.",
            next_command=f"bridgehead doctor {choice.tenant} --environment {choice.environment}",
        )

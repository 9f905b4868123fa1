"""`bridgehead sync`: deliver exactly what differs."""

from __future__ import annotations

import os
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import click

from bridgehead.cli.options import Face, Step, choosing_options, find, owner, rows_options, step_of, step_options
from bridgehead.cli.rejects import writing_rejects
from bridgehead.cli.told import booked
from bridgehead.cli.view import Place, View
from bridgehead.ended import Seen
from bridgehead.errors import (
    INTERRUPTED,
    ConfigError,
    PermissionRefused,
    Refused,
    TokenRefused,
)
from bridgehead.events import BatchAnswered, RunStarted, Settling
from bridgehead.ledgers.saved_plan import load_plan, read_header
from bridgehead.plan import Plan
from bridgehead.tables import Session
from bridgehead.tenant import Choice, open_sync

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command("sync")
@click.argument("tenant", required=False)
@choosing_options
@rows_options
@step_options
@click.option("--all", "everybody", is_flag=True, help="Every tenant at once, in its default environment.")
@click.option(
    "--allow",
    type=click.Choice(["control", "drift", "empty", "retired", "total"]),
    multiple=True,
    help="Confirm a guardrail: other control totals, changes in UKG, an empty file, many retired, a total moving far.",
)
@click.option("--no-verify", is_flag=True, help="Do not read back afterwards whether UKG holds what was sent.")
@click.pass_obj
def command(
    face: Face,
    tenant: str | None,
    environment: str | None,
    feed: str | None,
    rows_from: Path | None,
    rejects: Path | None,
    only: tuple[str, ...],
    most: int | None,
    revert: str | None,
    allow: tuple[str, ...],
    *,
    everybody: bool,
    read_back: bool,
    no_verify: bool,
) -> int:
    """Bring UKG to what the planning file says: only what differs is sent, and nothing twice; then see that it arrived.

    TENANT may be a plan that was saved with `plan --out FILE`: it is carried out as it is, unless UKG has accepted
    anything since. A run that died is settled first. Exit code 7: some records were rejected; 8: UKG holds otherwise.

    With --only and --max a first slice is sent, and the rest stays planned; --revert takes a run back.
    With --all each tenant ends with its own verdict, none waits for another, and the exit code is the worst.

    \b
    Example:  bridgehead sync acme --environment production
              bridgehead sync acme --only org_unit=0100 --max 50
              bridgehead sync --all
    """
    step = step_of(only, most, revert, rows_from, rejects)
    if everybody:
        if tenant or environment or feed or rows_from or rejects or allow or read_back or step != Step():
            raise ConfigError(
                "--all takes no tenant and no option of a single one.",
                cure="What is decided for one tenant is said to its own sync: bridgehead sync TENANT ...",
            )
        return _everybody(face, verifying=not no_verify)
    if tenant is None:
        raise ConfigError("Which tenant?", cure="Name it, or take all of them: bridgehead sync --all.")
    saved = Path(tenant) if tenant.endswith(".parquet") else None
    if saved is not None:
        tenant, environment, feed = _bound(saved, step)
    choice, place = find(face, tenant, environment, feed)
    wanted = _Wanted(saved, rows_from, rejects, frozenset(allow), step, read_back=read_back, verifying=not no_verify)
    try:
        return _synced(face, choice, place, wanted)
    except (TokenRefused, PermissionRefused) as refused:
        face.view.close()
        return _examined(face, choice, refused)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for. saved: a plan that is carried out as it is. rejects: where rows to correct are written."""

    saved: Path | None
    rows_from: Path | None
    rejects: Path | None
    allowed: frozenset[str]
    step: Step
    read_back: bool
    verifying: bool


def _everybody(face: Face, *, verifying: bool) -> int:
    from bridgehead.cli.round import sync_all  # noqa: PLC0415 - one tenant needs no round

    with _Patience(face.view) as patience:
        patience.during_delivery = True
        return sync_all(face, patience.halt, verifying=verifying)


def _examined(face: Face, choice: Choice, refused: Refused) -> int:
    """Say why a sync was refused: the doctor's verdict, in the place of a cure that would have to guess."""
    from bridgehead.cli.doctor.command import Wish, look  # noqa: PLC0415 - a sync that is not refused needs no doctor

    face.view.error(type(refused)(refused.message, status=refused.status, correlation_id=refused.correlation_id))
    look(face, choice.config, choice.tenant, choice.environment, Wish())
    return refused.exit_code


def _synced(face: Face, choice: Choice, place: Place, wanted: _Wanted) -> int:
    """Carry a sync out, and return how it ended."""
    patience, seen, saved = _Patience(face.view), Seen(), wanted.saved
    with (
        booked(face, choice, seen),
        open_sync(
            choice,
            on_wait=face.view.waiting,
            halt=patience.halt,
            rows_from=wanted.rows_from,
            only=wanted.step.only,
            revert=wanted.step.revert,
            read_back=wanted.read_back,
            verifying=wanted.verifying,
        ) as sync,
        writing_rejects(sync, wanted.rejects, face.view),
        patience,
    ):
        events = (
            sync.run(owner=owner(), allowed=wanted.allowed)
            if saved is None
            else sync.finish(lambda: load_plan(sync.session, saved), owner=owner(), allowed=wanted.allowed)
        )
        for event in events:
            patience.during_delivery = isinstance(event, Settling | RunStarted | BatchAnswered)
            face.view.event(place, event)
            seen.take(event)
        if seen.rejected:
            face.view.rejects(place, sync.ledger.rejects(seen.run_id))
    return seen.exit_code


def saved_header(path: Path) -> Plan:
    """Return the header of a saved plan."""
    with tempfile.TemporaryDirectory(prefix="bridgehead-") as spill, Session(temp_directory=spill) as session:
        return read_header(session, path)


def _bound(saved: Path, step: Step) -> tuple[str, str, str]:
    """Return of which tenant, environment and feed a saved plan is."""
    if step != Step():
        raise ConfigError(
            "A saved plan is sent as it was signed: --only, --max and --revert are no part of that.",
            cure="Save the smaller plan: bridgehead plan TENANT --only ... --out FILE.",
        )
    bound = saved_header(saved).bound
    return bound.tenant, bound.environment, bound.feed


class _Patience:
    """Ctrl-C or SIGTERM in a delivery waits for the requests in flight; a second one, or one elsewhere, does not."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._over = False
        self.during_delivery = False

    def halt(self) -> KeyboardInterrupt | None:
        """Return what ends the run, when a person asked to stop."""
        return KeyboardInterrupt() if self._over else None

    def _interrupted(self, _signal: int, _frame: FrameType | None) -> None:
        if self._over:
            # Requests may hang for minutes; what matters is written down already, as for a killed run.
            self._view.say("Interrupted. The next sync settles what was in flight.")
            os._exit(INTERRUPTED)
        if not self.during_delivery:
            raise KeyboardInterrupt
        self._over = True
        self._view.say("Stopping after the requests in flight. A second time stops at once.")

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._interrupted) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

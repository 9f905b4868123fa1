"""`bridgehead doctor`: names the broken link of the chain, from the configuration to the write, and its cure."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import click
import msgspec

from bridgehead.cli.doctor.casefile import write_case, write_past
from bridgehead.cli.options import Face, place_of
from bridgehead.cli.view import Examined, Past
from bridgehead.config import Config, load
from bridgehead.doctor import AT_MOST, CHAIN, Case, Diagnosis, Finding, Verdict, diagnosis
from bridgehead.doctor.abilities import abilities
from bridgehead.doctor.contract import Clause, compare_contract
from bridgehead.doctor.letters import Calls, letters, set_up_letter
from bridgehead.errors import BridgeheadError, ConfigError
from bridgehead.examining import examination, introduce
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.tenant import Choice, choose, open_ledger, utc_now

_CHECKS = [check.slug for check in CHAIN]
_AT_ONCE = 4
_WORST = (0, 5, 2, 4)
"""Exit codes, the worst last."""
_AFTERWARDS = ("write", "org-units", "load", "audit-log")
"""Checks that may fail while UKG can be read."""
_PATIENT = 300
"""Seconds between two looks at a token endpoint that refuses: servers lock accounts after too many."""


@click.command("doctor")
@click.argument("tenant", required=False)
@click.option("--environment", "-e", help="Which environment; else the tenant's default.")
@click.option("--only", multiple=True, type=click.Choice(_CHECKS), metavar="CHECK", help="This check, and its needs.")
@click.option(
    "--list", "listing", is_flag=True, help="Every check and what it asks; with TENANT, what its client may do."
)
@click.option("--all", "everybody", is_flag=True, help="Every tenant, in its default environment, as a table.")
@click.option("--watch", is_flag=True, help="Look again and again until the chain holds.")
@click.option("--every", default=60, show_default=True, type=click.IntRange(min=1), help="Seconds between looks.")
@click.option("--letter", is_flag=True, help="Write to those who have to act.")
@click.option(
    "--request", is_flag=True, help="Before any fault: the letter that asks the administrator for the set-up."
)
@click.option("--contract", is_flag=True, help="Hold UKG's answers against the dialect, and name keys to override.")
@click.option("--bundle", type=click.Path(path_type=Path), help="Write a case file for the vendor's support.")
@click.option("--run", "run_id", help="With --bundle: of this past run, from the ledger.")
@click.pass_obj
def command(
    face: Face,
    tenant: str | None,
    environment: str | None,
    only: tuple[str, ...],
    bundle: Path | None,
    run_id: str | None,
    every: int,
    *,
    listing: bool,
    everybody: bool,
    watch: bool,
    letter: bool,
    request: bool,
    contract: bool,
) -> int:
    """Walk the chain from the configuration to the write, and name each broken link, its evidence and its cure.

    Nothing is written to UKG, and at most eight calls of a run are refused there. Where the chain holds, a circuit that
    a refusal had opened is closed. Exit code 0: healthy; 2: the configuration is wrong; 4: broken; 5: undecided.

    \b
    Example:  bridgehead doctor acme
              bridgehead doctor acme --letter
              bridgehead doctor --all
    """
    if tenant is None:
        return _without_tenant(face, listing=listing, everybody=everybody)
    config = load(face.config)
    name, _ = config.tenant(tenant).environment(environment)
    if request:
        return _request(face, config, tenant, name)
    if run_id is not None:
        return _past(face, config, tenant, name, run_id, bundle)
    if bundle is not None and not (bundle.parent.is_dir() and not bundle.is_dir()):
        raise ConfigError(
            f"{bundle} cannot be written.", cure="Name a file in a folder that is there: --bundle case.zip."
        )
    wish = Wish(only, listing, letter, contract, bundle)
    if watch:
        return _watch(face, config, tenant, name, wish, every)
    return look(face, config, tenant, name, wish)[0]


class Wish(msgspec.Struct, frozen=True):
    """What is wanted besides the diagnosis. only: names of checks. bundle: where the case file goes."""

    only: tuple[str, ...] = ()
    listing: bool = False
    letter: bool = False
    contract: bool = False
    bundle: Path | None = None


def _without_tenant(face: Face, *, listing: bool, everybody: bool) -> int:
    if listing:
        face.view.checks(CHAIN)
        return 0
    if everybody:
        return _everybody(face, load(face.config))
    raise ConfigError("Whom shall the doctor examine?", cure="Name a tenant, or all of them: bridgehead doctor --all.")


def look(face: Face, config: Config, tenant: str, environment: str, wish: Wish) -> tuple[int, Sequence[Finding]]:
    """Examine once, show what is found, and do what was wished for besides; return the exit code and the findings."""
    where, quiet = _where(config, tenant, environment), wish.letter or wish.contract
    before = _worked_before(config, tenant, environment)
    with examination(config, tenant, environment, only=wish.only, worked_before=before) as found:
        for finding in found:
            if not quiet:
                face.view.finding(where, finding)
        if not quiet:
            face.view.diagnosis(where, found.diagnosis, found.findings)
        if wish.listing:
            face.view.abilities(where, abilities(found.case, found.findings))
        if wish.contract:
            face.view.clauses(where, _clauses(found.case, found.findings))
        written = letters(found.case.identity, found.findings, utc_now())
        if wish.letter:
            face.view.letters(written)
        if wish.bundle is not None:
            write_case(wish.bundle, where, found, written, utc_now())
            face.view.say(f"Wrote {wish.bundle}: it holds nothing secret.")
        if found.diagnosis.healthy and not wish.only:
            close_circuits(face, config, tenant, environment)
        return found.diagnosis.exit_code, found.findings


def _clauses(case: Case, findings: Sequence[Finding]) -> list[Clause]:
    """Return how the answers fit the dialect; raise ConfigError while a broken link keeps them from being read."""
    first = next((one for one in findings if one.verdict is Verdict.BROKEN and one.check not in _AFTERWARDS), None)
    if first is not None:
        raise ConfigError(
            f"The answers cannot be compared while a link is broken: {first.check}: {first.says}.",
            cure="Mend that first; without --contract the doctor says how.",
            next_command=first.again,
        )
    return list(compare_contract(case))


def _where(config: Config, tenant: str, environment: str) -> Examined:
    settings, known = config.tenant(tenant).environment(environment)[1], config.tenants[tenant]
    options = "" if environment == known.default_environment else f" --environment {environment}"
    return Examined(tenant, environment, settings.client_id, settings.base_url, options)


def _watch(face: Face, config: Config, tenant: str, environment: str, wish: Wish, every: int) -> int:
    """Look again until the chain holds; the whole screen first and last, in between only what has changed."""
    code, findings = look(face, config, tenant, environment, wish)
    while code:
        before = _standing(findings)
        wait = max(every, _PATIENT) if any(one.link in ("network", "token") for one in _bad(findings)) else every
        face.view.say(f"{utc_now():%H:%M:%S} UTC: not yet. Looking again in {wait} s; Ctrl-C ends it.")
        time.sleep(wait)
        config = load(face.config)
        with examination(config, tenant, environment, only=wish.only) as found:
            findings = list(found)
            healed = not found.diagnosis.exit_code
        if healed:
            return look(face, config, tenant, environment, wish)[0]
        for check, says in _standing(findings):
            if (check, says) not in before:
                face.view.say(f"  {check}: {says}")
    return code


def _bad(findings: Sequence[Finding]) -> list[Finding]:
    return [one for one in findings if one.verdict is Verdict.BROKEN]


def _standing(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(one.check, one.says) for one in _bad(findings)]


def _everybody(face: Face, config: Config) -> int:
    """Examine every tenant, some at once, and show a line for each; one's trouble hides no other's."""

    def of(tenant: str) -> tuple[Examined, Diagnosis, Sequence[Finding]]:
        environment = config.tenants[tenant].default_environment
        where = _where(config, tenant, environment)
        try:
            with examination(config, tenant, environment) as found:
                list(found)
                return where, found.diagnosis, found.findings
        except ConfigError as wrong:
            told = Finding("dialect", "configuration", "", Verdict.BROKEN, wrong.message, would_decide=wrong.cure)
            return where, diagnosis([told], calls=0, refused=0, at_most=AT_MOST), [told]

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="tenant") as pool:
        rows = list(pool.map(of, config.tenants))
    face.view.ward(rows)
    for where, found, _ in rows:
        if found.healthy:
            close_circuits(face, config, where.tenant, where.environment)
    return max((found.exit_code for _, found, _ in rows), key=_WORST.index)


def _request(face: Face, config: Config, tenant: str, environment: str) -> int:
    settings = config.tenant(tenant).environment(environment)[1]
    identity, dialect = introduce(config, tenant, environment)
    calls = Calls(100_000, dialect.headcount.max_records, settings.in_flight, None)
    face.view.letters([set_up_letter(identity, dialect, calls)])
    return 0


def _past(face: Face, config: Config, tenant: str, environment: str, run_id: str, bundle: Path | None) -> int:
    """Write the case file of a past run."""
    if bundle is None:
        raise ConfigError("A past run goes into a file.", cure="Name it: --bundle case.zip.")
    for choice, ledger in _ledgers(config, tenant, environment):
        run = next((one for one in ledger.history() if one.run_id == run_id), None)
        if run is not None:
            past = Past(place_of(config, choice), run, ledger.batches(run.run_id), ledger.rejects(run.run_id))
            where = _where(config, tenant, environment)
            write_past(bundle, where, choice.settings.tenant_id, past, utc_now())
            face.view.say(f"Wrote {bundle}: it holds nothing secret, and no planning figure.")
            return 0
    raise ConfigError(
        f"{tenant} ({environment}) has no run {run_id!r}.",
        cure="The runs that were:",
        next_command=f"bridgehead history {tenant}",
    )


def _worked_before(config: Config, tenant: str, environment: str) -> bool:
    """Whether the ledger knows of a run that UKG accepted; a ledger that cannot say so is no matter here."""
    try:
        return any(any(run.accepted for run in ledger.history()) for _, ledger in _ledgers(config, tenant, environment))
    except BridgeheadError:
        return False


def close_circuits(face: Face, config: Config, tenant: str, environment: str) -> None:
    """Let the next sync run at once, where a refusal had stopped it."""
    try:
        for choice, ledger in _ledgers(config, tenant, environment):
            if ledger.circuit() is not None:
                ledger.set_circuit(None)
                face.view.say(f"The circuit is closed. To send: {place_of(config, choice).command('sync')}")
    except BridgeheadError as wrong:  # what UKG would do is known all the same
        face.view.say(f"Whether a circuit is open cannot be told: {wrong.message} {wrong.cure}")


def _ledgers(config: Config, tenant: str, environment: str) -> Iterator[tuple[Choice, FeedLedger]]:
    """Open the ledger of each feed in turn; where there is none yet, none is made."""
    if isinstance(config.ledger, Path) and not config.ledger.exists():
        return
    for feed in config.tenants[tenant].feeds:
        choice = choose(config, tenant, environment, feed)
        with closing(open_ledger(choice)) as ledger:
            yield choice, ledger

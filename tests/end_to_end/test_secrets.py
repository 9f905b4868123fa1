"""Secrets appear nowhere: a canary is hunted through output, logs, errors, files, tracebacks and dumps."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from traceback import TracebackException
from typing import Any
from urllib.parse import quote_plus

import pytest
import urllib3
from tests.conftest import UNJUDGED, WRITE, Desk, lines
from tests.keys import keyed, private, register, secrets_in
from tests.proxy import Lost, proxy, untouched

from bridgehead import choose, load, open_sync
from bridgehead.config import secret_reader
from bridgehead.emulator import Emulator
from bridgehead.testing import Clock
from bridgehead.ukg.messages import Request

CANARY = "canary-9f3b27d1-secret"
PROGRAM = Path(sys.executable).with_name("bridgehead")
METADATA = Request("GET", "/api/v1/workforce/planning/metadata")


def marks_of(*secrets: str) -> set[str]:
    """Return how secrets, and the tokens that they bring, may look where they do not belong."""
    pairs = [f"acme-headcount:{quote_plus(secret)}" for secret in secrets]
    encoded = [base64.b64encode(pair.encode()).decode() for pair in pairs]
    return {*secrets, *map(quote_plus, secrets), *encoded, "eyJ0eXAi", "eyJhbGci", "Bearer ey", "client_assertion=ey"}


def traces(desk: Desk, *said: str, secrets: tuple[str, ...] = ()) -> list[str]:
    """Return which secrets, or tokens, can be seen in what was said or in what was written."""
    given = {"acme.pem", *(path.name for path in desk.folder.glob("*.secret"))}
    kept = [
        path.read_bytes().decode("latin-1")
        for path in desk.folder.rglob("*")
        if path.is_file() and path.name not in given
    ]
    return [mark for mark in marks_of(CANARY, *secrets) if any(mark in text for text in [*said, *kept])]


def configure(desk: Desk, proof: str) -> tuple[str, ...]:
    """Write a configuration whose client proves itself so; return its secrets."""
    if proof == "key":
        key = private()
        (desk.folder / "acme.pem").write_text(key)
        register(desk, key)
        desk.configure(keyed(desk, UNJUDGED), desk.feed())
        return tuple(secrets_in(key))
    post = ', token = { client_authentication = "post" } }' if proof == "post" else " }"
    desk.configure(desk.environment(extra=UNJUDGED.removesuffix(" }") + post), desk.feed())
    return (desk.client().secret,)


@pytest.mark.parametrize("proof", ["basic", "post", "key"])
def test_whatever_is_typed_leaves_no_trace(desk: Desk, proof: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets, said = configure(desk, proof), []
    desk.plan(*lines(5), "budget,v1,2027-01,9999,CC0100,L01,J001,5,5")
    plan, page, rejects = (str(desk.folder / name) for name in ("p.parquet", "p.html", "r.csv"))
    typed = (
        ("plan", "acme", "--out", plan, "--html", page, "--read-back"),
        ("sync", plan, "--rejects", rejects),
        ("sync", "acme", "--rejects", rejects),
        ("verify", "acme"),
        ("tenant-id", "acme"),
        ("status",),
        ("history", "acme"),
    )
    for arguments in typed:
        for outcome in (desk.run(*arguments), desk.run("--json", *arguments)):
            assert outcome.code in {0, 6, 7}, outcome  # a plan that is carried out twice is stale
            said += [outcome.out, outcome.err]

    assert any("9999" in text for text in said)
    assert caplog.records
    assert traces(desk, caplog.text, *said, secrets=secrets) == []


def test_a_wrong_secret_leaves_no_trace(desk: Desk) -> None:
    said = []
    desk.configure()
    (desk.folder / "acme-production.secret").write_text(CANARY)
    desk.plan(*lines(5))
    for arguments in (("plan", "acme"), ("sync", "acme"), ("verify", "acme"), ("tenant-id", "acme"), ("status",)):
        for outcome in (desk.run(*arguments), desk.run("--json", *arguments)):
            said += [outcome.out, outcome.err]

    assert any("invalid_client" in text for text in said)
    assert traces(desk, *said) == []


def test_a_failure_in_mid_delivery_leaves_no_trace(desk: Desk) -> None:
    def lose(path: str, document: object) -> object:
        if path == WRITE:
            raise Lost
        return document

    with proxy(desk.emulator.production, untouched, lose) as url:
        desk.configure(desk.environment(base_url=url, extra="attempts = 1"), desk.feed())
        desk.plan(*lines(5))
        outcome = desk.run("sync", "acme")

    assert outcome.code == 5
    assert traces(desk, outcome.out, outcome.err, secrets=(desk.client().secret,)) == []


def test_a_secret_written_into_the_configuration_is_refused_without_being_shown(desk: Desk) -> None:
    for setting in ("client_secret", "client_key"):
        desk.configure(desk.environment(client_secret=CANARY).replace("client_secret", setting), desk.feed())
        outcome = desk.run("plan", "acme")

        assert outcome.code == 2
        assert CANARY not in outcome.out + outcome.err


def used(desk: Desk, halt: Callable[[], BaseException | None] = lambda: None) -> BaseException | None:
    """Use bridgehead as a library; return what went wrong."""
    try:
        choice = choose(load(desk.folder / "bridgehead.toml"), "acme", None, None)
        with open_sync(choice, sleep=lambda _: None) as sync:
            sync.halt = halt
            list(sync.run(owner="jo"))
    except (Exception, KeyboardInterrupt) as wrong:  # noqa: BLE001 - whatever it is, it is looked through
        return wrong
    return None


def told(wrong: BaseException | None) -> str:
    """Tell an error with the variables of every frame, as error trackers do."""
    assert wrong is not None
    assert wrong.__traceback__ is not None
    told = TracebackException(type(wrong), wrong, wrong.__traceback__.tb_next, capture_locals=True)
    return "".join(told.format())


def wrong_secret(desk: Desk) -> Iterator[str]:
    (desk.folder / "acme-production.secret").write_text(CANARY)
    yield desk.emulator.production


def missing_scope(desk: Desk) -> Iterator[str]:
    def forget(path: str, document: Any) -> Any:
        return document | {"scope": "tenant.context.read"} if path == "/oauth/token" else document

    with proxy(desk.emulator.production, untouched, forget) as url:
        yield url


def other_tenant(desk: Desk) -> Iterator[str]:
    def exchange(path: str, document: Any) -> Any:
        return document | {"tenant_id": "another"} if path == "/api/v1/tenant/info" else document

    with proxy(desk.emulator.production, untouched, exchange) as url:
        yield url


def lost_token(desk: Desk) -> Iterator[str]:
    def lose(path: str, document: Any) -> Any:
        if path == "/oauth/token":
            raise Lost
        return document

    with proxy(desk.emulator.production, untouched, lose) as url:
        yield url


def lost_writes(desk: Desk) -> Iterator[str]:
    def lose(path: str, document: Any) -> Any:
        if path == WRITE:
            raise Lost
        return document

    with proxy(desk.emulator.production, untouched, lose) as url:
        yield url


@pytest.mark.parametrize("failure", [wrong_secret, missing_scope, other_tenant, lost_token, lost_writes])
def test_no_traceback_shows_a_secret_or_a_token_even_with_all_variables(
    desk: Desk, failure: Callable[[Desk], Iterator[str]]
) -> None:
    desk.plan(*lines(3))
    section, secret = desk.environment(extra="attempts = 2"), desk.client().secret
    for url in failure(desk):
        desk.configure(section.replace(desk.emulator.production, url), desk.feed())
        shown = told(used(desk))

    assert "bridgehead/ukg" in shown
    assert traces(desk, shown, secrets=(secret,)) == []


def test_nor_does_one_of_a_key_that_cannot_sign(desk: Desk) -> None:
    key = private("P-384")
    (desk.folder / "acme.pem").write_text(key)
    desk.configure(keyed(desk), desk.feed())
    desk.plan(*lines(3))
    shown = told(used(desk))

    assert "secp384r1" in shown
    assert [line for line in key.splitlines() if "-----" not in line and line in shown] == []


def test_nor_does_one_of_something_unforeseen(desk: Desk) -> None:
    def stumble() -> None:
        raise ZeroDivisionError

    desk.configure()
    desk.plan(*lines(3))
    shown = told(used(desk, stumble))

    assert "ZeroDivisionError" in shown
    assert traces(desk, shown, secrets=(desk.client().secret,)) == []


def dumped(thing: Any, seen: set[int]) -> Iterator[str]:
    """Yield what a dump shows of a thing and of all of bridgehead's things that it holds."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    held = dict(getattr(thing, "__dict__", {}))
    yield repr(thing) + str(thing) + f"{thing}" + repr(held)
    names = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    inner = [*held.values(), *(getattr(thing, name, None) for name in names)]
    for one in inner:
        several = one.values() if isinstance(one, dict) else one if isinstance(one, list | tuple) else (one,)
        for other in several:
            if type(other).__module__.startswith("bridgehead"):
                yield from dumped(other, seen)


@pytest.mark.parametrize("proof", ["basic", "key"])
def test_a_dump_of_all_settings_and_objects_shows_no_secret_and_no_token(desk: Desk, proof: str) -> None:
    secrets, seen = configure(desk, proof), set[int]()
    desk.plan(*lines(3))
    config = load(desk.folder / "bridgehead.toml")
    choice = choose(config, "acme", None, None)
    with open_sync(choice) as sync:
        list(sync.run(owner="jo"))
        shown = [text for thing in (config, choice, sync) for text in dumped(thing, seen)]

    whole = "\n".join(shown)
    for name in ("EnvironmentSettings", "Identity", "TenantAuth", "Transport", "Client", "Token(", "PlanningApi"):
        assert name in whole
    assert traces(desk, whole, secrets=secrets) == []


def test_a_command_that_gives_a_secret_is_shown_by_its_name_alone(desk: Desk) -> None:
    source = desk.feed().replace('path = "plan.csv"', f'connection = "command:vault -t {CANARY}"\nquery = "SELECT 1"')
    desk.configure(desk.environment(client_secret=f"command:vault -t {CANARY}"), source)
    choice = choose(load(desk.folder / "bridgehead.toml"), "acme", None, None)
    outcome = desk.run("plan", "acme")

    assert outcome.code == 2
    assert "command:vault ..." in outcome.err
    assert "command:vault ..." in repr(choice.settings)
    assert "command:vault ..." in repr(choice.feed)
    assert CANARY not in outcome.out + outcome.err + repr(choice)


def test_a_secret_is_no_process_argument(desk: Desk) -> None:
    def slow(_method: str, _path: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        time.sleep(0.3)
        return headers, body

    with proxy(desk.emulator.production, slow) as url:
        desk.configure(desk.environment(base_url=url), desk.feed())
        desk.plan(*lines(5))
        command = [str(PROGRAM), "--config", str(desk.folder / "bridgehead.toml"), "plan", "acme"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            time.sleep(0.8)
            told = Path(f"/proc/{process.pid}/cmdline").read_bytes() + Path(f"/proc/{process.pid}/environ").read_bytes()
            process.communicate()

    assert process.returncode == 0
    assert desk.client().secret.encode() not in told


def script(desk: Desk, *lines: str) -> Path:
    path = desk.folder / "give-secret"
    path.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    path.chmod(0o700)
    return path


def test_nor_is_it_one_where_a_command_gives_it(desk: Desk) -> None:
    desk.environment()  # which writes the secret down
    program = script(
        desk,
        "cat /proc/$$/cmdline /proc/$$/environ /proc/$PPID/cmdline /proc/$PPID/environ > seen",
        "cat acme-production.secret",
    )
    desk.configure(desk.environment(client_secret=f"command:{program}"), desk.feed())
    desk.plan(*lines(3))
    command = [str(PROGRAM), "--config", str(desk.folder / "bridgehead.toml"), "plan", "acme"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=desk.folder)
    seen = (desk.folder / "seen").read_bytes()

    assert done.returncode == 0, done
    assert b"give-secret" in seen
    assert b"plan\0acme" in seen
    assert traces(desk, done.stdout, done.stderr, secrets=(desk.client().secret,)) == []


def test_a_command_is_run_without_a_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANARY", CANARY)
    words = [";", "touch", "made", "&&", "$(touch made)", "`touch made`", "|", "cat", ">", "made", "*", "$CANARY", "~"]
    reference = f"command:{sys.executable} -c import(sys) ".replace("import(sys)", "print(__import__('sys').argv[1:])")
    given = secret_reader(reference + " ".join(words), tmp_path)()

    assert json.loads(given.replace("'", '"')) == " ".join(words).split()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("proof", ["secret", "key"])
def test_a_secret_that_is_rotated_while_the_program_runs_is_picked_up(
    ukg_pro: Emulator, ukg_clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str], proof: str
) -> None:
    with urllib3.PoolManager(retries=False) as http:
        desk = Desk(tmp_path, ukg_pro, http, capsys)
        desk.plan(*lines(3))
        configure(desk, proof)
        switches = f"{ukg_pro.production}/_emulator/clients/acme-headcount"
        choice = choose(load(tmp_path / "bridgehead.toml"), "acme", None, None)
        with open_sync(choice, clock=ukg_clock) as sync:
            assert sync.plan().counts.create == 3
            if proof == "key":
                configure(desk, proof)
            else:
                new = http.request("POST", f"{switches}/secrets").json()["client_secret"]
                http.request("DELETE", f"{switches}/secrets/1")
                (tmp_path / "acme-production.secret").write_text(new)
            ukg_clock.advance(1800)  # the token is spent

            assert sync.target.client.call(METADATA).status == 200  # type: ignore[attr-defined]
    tokens = [entry for entry in desk.audit() if entry["path"] == "/oauth/token"]
    assert [entry["status"] for entry in tokens] == [200, 200]


def test_a_secret_comes_from_the_environment_as_it_is_at_that_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    read = secret_reader("env:CANARY", Path(os.devnull))
    for secret in ("one", "two"):
        monkeypatch.setenv("CANARY", secret)
        assert read() == secret

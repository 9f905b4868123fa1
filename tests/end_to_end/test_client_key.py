"""A client that signs instead of showing a secret: registered it delivers, else it is told what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import Desk, lines
from tests.keys import keyed, private, public_pem, register, secrets_in
from tests.proxy import Lost, proxy, untouched


@pytest.mark.parametrize("kind", ["ES256", "RS256", "EdDSA"])
def test_a_client_whose_key_is_registered_delivers(desk: Desk, kind: str) -> None:
    key = private(kind)
    register(desk, key, kind)
    (desk.folder / "acme.pem").write_text(key)
    desk.configure(keyed(desk, client_key_id="mine"), desk.feed())
    desk.plan(*lines(3))

    assert desk.run("sync", "acme").code == 0
    assert len(desk.held()) == 3
    assert desk.run("verify", "acme").code == 0


def test_the_key_may_come_from_the_environment_and_from_a_command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    key = private()
    register(desk, key)
    (desk.folder / "acme.pem").write_text(key)
    monkeypatch.setenv("ACME_KEY", key)
    desk.plan(*lines(3))
    for reference in ("env:ACME_KEY", f"command:cat {desk.folder / 'acme.pem'}"):
        desk.configure(keyed(desk).replace("file:acme.pem", reference), desk.feed())
        assert desk.run("plan", "acme").code == 0


def test_the_tenant_id_is_asked_for_with_a_token_that_is_bound_to_no_tenant(desk: Desk) -> None:
    key = private()
    register(desk, key)
    (desk.folder / "acme.pem").write_text(key)
    desk.configure(keyed(desk, tenant_id="00000000-0000-0000-0000-000000000000"), desk.feed())
    outcome = desk.run("tenant-id", "acme")

    assert outcome.code == 0, outcome
    assert desk.client().tenant_id in outcome.out
    asked = next(entry for entry in desk.audit() if entry["path"] == "/oauth/token")
    assert "tenant context none" in asked["reason"]


@pytest.mark.parametrize("command", ["sync", "tenant-id"])
def test_a_key_that_is_not_registered_is_refused_with_what_to_look_at(desk: Desk, command: str) -> None:
    register(desk, private())
    (desk.folder / "acme.pem").write_text(private())
    desk.configure(keyed(desk), desk.feed())
    desk.plan(*lines(3))
    outcome = desk.run(command, "acme")
    said = " ".join((outcome.out + outcome.err).split())

    assert outcome.code == 4
    assert "token-refused" in said
    assert "invalid_client" in said
    assert (
        "Register the public key" if command == "sync" else "the public key of its client_key: is it registered"
    ) in said
    assert "Integration Hub > API Clients" in said
    assert desk.writes() == 0


def test_a_client_that_is_not_registered_for_keys_is_refused_too(desk: Desk) -> None:
    (desk.folder / "acme.pem").write_text(private())
    desk.configure(keyed(desk), desk.feed())
    desk.plan(*lines(3))

    assert "and the method private_key_jwt" in " ".join(desk.run("sync", "acme").out.split())
    assert "registered for client_secret_basic" in desk.audit()[0]["reason"]


@pytest.mark.parametrize("command", ["sync", "tenant-id"])
def test_a_file_that_holds_no_key_is_named_with_its_line_and_a_cure(desk: Desk, command: str) -> None:
    (desk.folder / "acme.pem").write_text(public_pem())
    desk.configure(keyed(desk), desk.feed())
    desk.plan(*lines(3))
    outcome = desk.run(command, "acme")

    assert outcome.code == 2
    assert "bridgehead.toml:5: [tenants.acme.environments.production] client_key holds no private key" in outcome.err
    assert "openssl genpkey" in outcome.err
    assert desk.audit() == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("client_secret = ", 'client_key = "file:acme.pem"\nclient_secret = ', ("has both", "Keep the one")),
        ("client_secret = ", "# client_secret = ", ("lacks the key 'client_secret'", "client_key = ")),
        ("client_secret = ", 'client_key = "acme.pem" #', ("client_key is no reference", '"file:secrets/acme.pem"')),
        ("client_secret = ", 'client_key_id = "mine"\nclient_secret = ', ("no client_key", "Add client_key = ")),
        (
            "client_secret = ",
            'dialect_overrides = { token = { client_authentication = "private_key_jwt" } }\nclient_secret = ',
            ("private_key_jwt", "there is no client_key", 'client_key = "file:'),
        ),
        (
            "client_secret = ",
            'dialect_overrides = { token = { client_authentication = "none" } }\nclient_secret = ',
            ("client_authentication", "docs/dialects.md"),
        ),
    ],
    ids=["both", "neither", "no reference", "id without key", "dialect", "unknown way"],
)
def test_what_does_not_fit_together_is_said_with_a_cure(desk: Desk, old: str, new: str, words: tuple[str, ...]) -> None:
    desk.configure(desk.environment().replace(old, new), desk.feed())
    desk.plan(*lines(3))
    outcome = desk.run("plan", "acme")

    assert outcome.code == 2, outcome
    assert "bridgehead.toml:" in outcome.err
    for word in words:
        assert word in outcome.err
    assert desk.audit() == []


def test_an_answer_that_is_lost_is_asked_for_again_with_another_assertion(desk: Desk) -> None:
    key, lost = private(), []
    register(desk, key)
    (desk.folder / "acme.pem").write_text(key)

    def lose(path: str, document: object) -> object:
        if path == "/oauth/token" and not lost:
            lost.append(path)
            raise Lost
        return document

    with proxy(desk.emulator.production, untouched, lose) as url:
        audience = (
            f'dialect_overrides = {{ token = {{ assertion_audience = "{desk.emulator.production}/oauth/token" }} }}'
        )
        desk.configure(keyed(desk, audience, base_url=url), desk.feed())
        desk.plan(*lines(3))
        outcome = desk.run("plan", "acme")

    assert outcome.code == 0, outcome
    assert lost == ["/oauth/token"]


def test_the_issuer_may_be_the_audience(desk: Desk) -> None:
    key = private()
    register(desk, key)
    (desk.folder / "acme.pem").write_text(key)
    desk.configure(keyed(desk, 'dialect_overrides = { token = { assertion_audience = "{base_url}" } }'), desk.feed())
    desk.plan(*lines(3))

    assert desk.run("plan", "acme").code == 0


def test_without_the_extra_it_is_said_what_to_install(desk: Desk) -> None:
    key = private()
    (desk.folder / "acme.pem").write_text(key)
    desk.configure(keyed(desk), desk.feed())
    desk.plan(*lines(3))
    without = (
        "import sys; sys.modules['joserfc'] = None; from bridgehead.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", without, "--config", str(desk.folder / "bridgehead.toml"), "plan", "acme"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})

    assert done.returncode == 2
    assert 'pip install "bridgehead[jwt]"' in done.stderr
    assert "client_key" in done.stderr


def test_the_key_is_seen_nowhere(desk: Desk) -> None:
    key = private()
    register(desk, key)
    (desk.folder / "acme.pem").write_text(key)
    desk.configure(keyed(desk), desk.feed())
    desk.plan(*lines(3))
    said = []
    for arguments in (("plan", "acme"), ("sync", "acme"), ("tenant-id", "acme"), ("status",), ("history", "acme")):
        for outcome in (desk.run(*arguments), desk.run("--json", *arguments)):
            assert outcome.code == 0
            said += [outcome.out, outcome.err]
    kept = [path.read_bytes().decode("latin-1") for path in _files(desk.folder / ".bridgehead")]

    assert not any(secret in text for secret in secrets_in(key) for text in [*said, *kept])


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]

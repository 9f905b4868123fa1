"""A person signs in, and the feed acts in their name: kept from run to run, by one process at a time, till it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import keyring
import pytest
from keyrings.alt.file import PlaintextKeyring
from tests.conftest import WRITE, Desk, Outcome, lines
from tests.curl import Browser, Caller
from tests.end_to_end.test_survival import PROGRAM

from bridgehead.emulator import Emulator
from bridgehead.testing import Clock

PERSON = "planner@acme.example"
Bend = Callable[[dict[str, str]], dict[str, str]]


@dataclass
class Person(webbrowser.BaseBrowser):
    """Somebody with a browser, which the program opens. bend: what becomes of the way back."""

    desk: Desk
    bend: Bend = dict
    decision: str = "allow"
    opened: list[str] = field(default_factory=list)
    came: list[threading.Thread] = field(default_factory=list)

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:  # noqa: ARG002, FBT001, FBT002
        self.opened.append(url)
        self.came.append(threading.Thread(target=self._sign_in, args=(url,)))
        self.came[-1].start()
        return True

    def _sign_in(self, url: str) -> None:
        http = self.desk.http
        page = http.request("GET", url, redirect=False)
        browser = Browser(Caller(self.desk.emulator, http, Clock()))
        browser.cookie = page.headers["Set-Cookie"].partition(";")[0]
        answer = browser.send(page.data, username=PERSON, password="acme-planner", decision=self.decision)
        back = urlsplit(answer.headers["Location"])
        brought = self.bend(dict(parse_qsl(back.query)))
        http.request("GET", f"http://{back.netloc}/favicon.ico")
        assert http.request("GET", f"http://{back.netloc}{back.path}?{urlencode(brought)}").status == 200


@pytest.fixture
def person(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    """Put somebody before the browser; the program finds it as it finds any."""
    somebody = Person(desk)
    monkeypatch.setattr(webbrowser, "_tryorder", None)
    monkeypatch.setattr(webbrowser, "_browsers", {})
    webbrowser.register("somebody", None, somebody, preferred=True)
    yield somebody
    for one in somebody.came:
        one.join()


def configure(desk: Desk, login: str = "file:secrets/acme.login", **other: str) -> None:
    """Let the feed act for a person, with the client that needs no secret."""
    section = desk.environment(client_id="acme-desk", login=login, **other)
    kept = [line for line in section.splitlines() if not line.startswith("client_secret")]
    desk.configure("\n".join(kept), desk.feed())
    desk.plan(*lines(3))


def login_file(desk: Desk) -> Path:
    return desk.folder / "secrets" / "acme.login"


def kept(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(login_file(desk).read_text())
    return found


def said(outcome: Outcome) -> str:
    return " ".join((outcome.out + outcome.err).split())


def test_a_whole_sync_on_a_persons_login_and_the_audit_log_names_them(desk: Desk, person: Person) -> None:
    configure(desk)
    entered = desk.run("login", "acme")
    outcome = desk.run("sync", "acme")

    assert entered.code == 0, entered
    assert f"{PERSON} is signed in for Acme" in said(entered)
    assert "bridgehead doctor acme --environment production" in said(entered)
    assert "code_challenge_method=S256" in person.opened[0]
    assert outcome.code == 0, outcome
    assert len(desk.held()) == 3
    calls = [entry for entry in desk.audit() if entry["path"].startswith("/api/")]
    assert any(entry["path"] == WRITE for entry in calls)
    assert {(entry["client_id"], entry["account"]) for entry in calls} == {("acme-desk", PERSON)}
    assert desk.run("verify", "acme").code == 0


def test_the_login_is_renewed_with_every_run_only_its_owner_reads_it_and_nobody_shows_it(
    desk: Desk, person: Person
) -> None:
    configure(desk)
    told = [desk.run("--json", "login", "acme")]
    first = kept(desk)["refresh_token"]
    told.append(desk.run("--json", "sync", "acme"))
    second = kept(desk)["refresh_token"]
    desk.plan(*lines(2), *lines(3, headcount=6)[2:])
    told.append(desk.run("sync", "acme"))
    third = kept(desk)["refresh_token"]
    bundle = desk.folder / "case.zip"
    told.append(desk.run("doctor", "acme", "--bundle", str(bundle)))

    assert person.opened
    assert [one.code for one in told] == [0, 0, 0, 0], told
    assert json.loads(told[0].out)["signed"]["person"] == PERSON
    tokens = {first, second, third, kept(desk)["refresh_token"]}
    assert len(tokens) == 4
    assert login_file(desk).stat().st_mode & 0o777 == 0o600
    files = [path for path in desk.folder.rglob("*") if path.is_file() and path != login_file(desk)]
    everything = "".join(one.out + one.err for one in told).encode() + b"".join(path.read_bytes() for path in files)
    assert [token for token in tokens if token.encode() in everything] == []


def test_two_processes_at_once_keep_the_login(desk: Desk, person: Person) -> None:
    configure(desk)
    assert desk.run("login", "acme").code == 0
    assert person.opened
    command = [PROGRAM, "--config", desk.folder / "bridgehead.toml", "plan", "acme"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(3)]
    said_there = [(one.communicate()[0], one.returncode) for one in running]

    assert [code for _, code in said_there] == [0, 0, 0], said_there
    assert desk.run("sync", "acme").code == 0
    renewed = [one for one in desk.audit() if one["path"] == "/oauth/token"]
    assert {one["status"] for one in renewed} == {200}
    assert len(renewed) == 5


def test_a_process_that_is_killed_in_its_turn_leaves_nothing_to_wait_for(desk: Desk, person: Person) -> None:
    configure(desk)
    assert desk.run("login", "acme").code == 0
    assert person.opened
    lock = login_file(desk).with_name(".acme.login.lock")
    holding = (
        f"import fcntl,time; f=open({str(lock)!r},'r+'); fcntl.flock(f, fcntl.LOCK_EX); print('has it', flush=True)"
    )
    holder = subprocess.Popen([sys.executable, "-c", f"{holding}; time.sleep(60)"], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "has it\n"
    threading.Timer(0.4, holder.kill).start()
    began = time.monotonic()

    assert desk.run("plan", "acme").code == 0
    assert time.monotonic() - began > 0.3
    holder.communicate()


@pytest.mark.parametrize("how", ["used", "revoked"])
def test_a_login_that_counts_no_more_is_refused_and_the_way_back_in_is_named(
    desk: Desk, person: Person, how: str
) -> None:
    configure(desk)
    desk.run("login", "acme")
    stale = login_file(desk).read_bytes()
    if how == "used":
        assert desk.run("plan", "acme").code == 0
        login_file(desk).write_bytes(stale)
    else:
        assert desk.run("logout", "acme").code == 0
        login_file(desk).write_bytes(stale)
    refused = desk.run("plan", "acme")
    examined = desk.run("doctor", "acme")

    assert (refused.code, "token-refused" in refused.err, "invalid_grant" in refused.err) == (4, True, True)
    assert "bridgehead login acme --environment production" in said(refused)
    assert kept_token(stale) not in said(refused) + said(examined)
    assert (examined.code, "counts no more" in said(examined)) == (4, True)
    assert "bridgehead login acme --environment production" in said(examined)
    assert desk.run("sync", "acme").code == 4
    assert "circuit-open" in said(desk.run("sync", "acme"))
    assert desk.run("login", "acme").code == 0
    assert len(person.opened) == 2
    assert desk.run("sync", "acme").code == 0


def kept_token(content: bytes) -> str:
    token: str = json.loads(content)["refresh_token"]
    return token


def test_where_nobody_is_signed_in_the_command_that_does_it_is_named_and_the_doctor_says_so(desk: Desk) -> None:
    configure(desk)
    outcome = desk.run("sync", "acme")
    examined = desk.run("doctor", "acme")

    assert (outcome.code, "secret-missing" in outcome.err) == (2, True)
    assert "Nobody is signed in for acme (production)" in said(outcome)
    assert "bridgehead login acme --environment production" in said(outcome)
    assert (examined.code, "Nobody is signed in" in said(examined)) == (2, True)
    assert "bridgehead login acme --environment production" in said(examined)
    assert "/oauth/token" not in {entry["path"] for entry in desk.audit()}


def test_the_doctor_examines_with_the_login(desk: Desk, person: Person) -> None:
    configure(desk)
    desk.run("login", "acme")
    examined = desk.run("doctor", "acme")

    assert person.opened
    assert examined.code == 0, examined
    calls = [entry for entry in desk.audit() if entry["path"] == WRITE]
    assert {entry["account"] for entry in calls} == {PERSON}
    caller = Caller(desk.emulator, desk.http, Clock())
    caller.switch("PATCH", f"people/{PERSON}", roles=[])
    without = desk.run("doctor", "acme")
    assert (without.code, "role: BROKEN" in said(without)) == (4, True)
    assert desk.run("tenant-id", "acme").out.strip() == desk.client().tenant_id


@pytest.mark.parametrize(
    ("bend", "words"),
    [
        (lambda brought: brought | {"state": "another"}, "another state"),
        (lambda brought: {name: one for name, one in brought.items() if name != "state"}, "another state"),
        (lambda brought: brought | {"iss": "https://evil.example"}, "answer of https://evil.example"),
        (lambda brought: {name: one for name, one in brought.items() if name != "iss"}, "answer of nobody"),
        (lambda brought: brought | {"code": "guessed"}, "invalid_grant"),
    ],
)
def test_a_way_back_that_is_not_ours_is_refused_and_nothing_is_kept(
    desk: Desk, person: Person, bend: Bend, words: str
) -> None:
    configure(desk)
    person.bend = bend
    outcome = desk.run("login", "acme")

    assert (outcome.code, words in said(outcome)) == (4, True), outcome
    assert "bridgehead login acme --environment production" in said(outcome)
    assert not login_file(desk).exists()


def test_a_person_who_does_not_allow_it_is_heard(desk: Desk, person: Person) -> None:
    configure(desk)
    person.decision = "deny"
    outcome = desk.run("login", "acme")

    assert (outcome.code, "access_denied" in said(outcome)) == (4, True)
    assert not login_file(desk).exists()


def test_a_login_is_never_shown_to_another_ukg_or_used_for_another_client(desk: Desk, person: Person) -> None:
    configure(desk)
    desk.run("login", "acme")
    assert person.opened
    text = (desk.folder / "bridgehead.toml").read_text()
    asked = len(desk.audit())
    sandbox = desk.emulator.environments["sandbox"].base_url
    changed = text.replace(desk.client().base_url, sandbox)
    for one in (changed, text.replace('"acme-desk"', '"acme-other"')):
        (desk.folder / "bridgehead.toml").write_text(one)
        outcome = desk.run("plan", "acme")
        assert (outcome.code, "it was not sent there" in said(outcome)) == (2, True), outcome
    assert (len(desk.audit()), desk.audit("sandbox")) == (asked, [])


def test_a_login_may_lie_in_the_keyring(desk: Desk, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    monkeypatch.setenv("XDG_DATA_HOME", str(desk.folder / "data"))
    before = keyring.get_keyring()
    keyring.set_keyring(PlaintextKeyring())
    try:
        configure(desk, login="keyring:ukg/acme/login")
        nobody = desk.run("plan", "acme")
        entered = desk.run("login", "acme")
        first = keyring.get_password("ukg/acme", "login")
        outcomes = [desk.run("sync", "acme").code, desk.run("verify", "acme").code]
        renewed = keyring.get_password("ukg/acme", "login")
        left = desk.run("logout", "acme")
        gone = keyring.get_password("ukg/acme", "login")
    finally:
        keyring.set_keyring(before)

    assert person.opened
    assert (nobody.code, "Nobody is signed in" in said(nobody)) == (2, True)
    assert (entered.code, outcomes, left.code) == (0, [0, 0], 0)
    assert first
    assert renewed
    assert first != renewed
    assert gone is None


def test_logging_out_ends_the_login_there_and_forgets_it_here(desk: Desk, person: Person) -> None:
    configure(desk)
    desk.run("login", "acme")
    token = kept(desk)["refresh_token"]
    left = desk.run("logout", "acme")
    again = desk.run("logout", "acme")
    form = {"grant_type": "refresh_token", "client_id": "acme-desk", "refresh_token": token}
    answer = Caller(desk.emulator, desk.http, Clock()).post("/oauth/token", **form)

    assert person.opened
    assert (left.code, f"The login of {PERSON} was ended at UKG" in said(left)) == (0, True), left
    assert not login_file(desk).exists()
    assert (again.code, "Nobody was signed in" in said(again)) == (0, True)
    assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


def test_a_client_that_shows_a_secret_signs_people_in_too(desk: Desk, person: Person) -> None:
    caller = Caller(desk.emulator, desk.http, Clock())
    grants = ["authorization_code", "refresh_token"]
    caller.switch("PATCH", "clients/acme-headcount", grants=grants, redirect_uris=["http://127.0.0.1/callback"])
    desk.configure(desk.environment(login="file:acme.login"), desk.feed())
    desk.plan(*lines(3))

    assert desk.run("login", "acme").code == 0
    assert person.opened
    assert desk.run("sync", "acme").code == 0
    assert {entry["account"] for entry in desk.audit() if entry["path"] == WRITE} == {PERSON}
    assert desk.run("doctor", "acme").code == 0
    assert desk.run("logout", "acme").code == 0


@pytest.mark.parametrize(
    "login", ["env:ACME_LOGIN", "command:pass show acme", "secrets/acme.login", "keyring:ukg", "file:"]
)
def test_a_login_lies_in_a_file_or_in_the_keyring_and_nowhere_else(desk: Desk, login: str) -> None:
    configure(desk, login=login)
    outcome = desk.run("plan", "acme")

    assert (outcome.code, "login is neither file:PATH nor keyring:SERVICE/NAME" in said(outcome)) == (2, True), outcome
    assert "bridgehead.toml:" in said(outcome)
    assert 'login = "file:secrets/acme.login"' in said(outcome)


def test_a_tenant_that_acts_by_itself_has_nobody_to_sign_in(desk: Desk) -> None:
    desk.configure()
    outcome = desk.run("login", "acme")

    assert (outcome.code, "there is no place for a login" in said(outcome)) == (2, True)
    assert 'login = "file:secrets/acme.login"' in said(outcome)


def test_without_a_browser_the_address_is_said_in_one_line(desk: Desk, person: Person) -> None:
    configure(desk)
    command = [PROGRAM, "--config", desk.folder / "bridgehead.toml", "login", "acme", "--no-browser"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    addresses = (line.strip() for line in running.stderr if line.startswith("http://"))
    person.open(next(addresses))
    out, err = running.communicate()

    assert (running.returncode, f"{PERSON} is signed in" in out) == (0, True), err
    assert kept(desk)["person"] == PERSON


def test_a_login_that_cannot_be_ended_there_is_kept_so_that_it_can_be_ended_later(desk: Desk, person: Person) -> None:
    configure(desk)
    desk.run("login", "acme")
    assert person.opened
    before = login_file(desk).read_bytes()
    Caller(desk.emulator, desk.http, Clock()).switch("PATCH", "clients/acme-desk", enabled=False)
    outcome = desk.run("logout", "acme")

    assert (outcome.code, "It is kept" in said(outcome), "by hand" in said(outcome)) == (4, True, True), outcome
    assert login_file(desk).read_bytes() == before


def test_a_login_of_another_tenant_is_not_kept(desk: Desk, person: Person) -> None:
    other = 'dialect_overrides = { login = { redeem = { grant_type = "authorization_code", code = "{code}", '
    other += 'redirect_uri = "{redirect_uri}", code_verifier = "{verifier}" }, ask = { response_type = "code", '
    other += 'client_id = "{client_id}", redirect_uri = "{redirect_uri}", scope = "{scopes}", state = "{state}", '
    other += 'code_challenge = "{challenge}", code_challenge_method = "S256" } } }'
    configure(desk, extra=other)
    outcome = desk.run("login", "acme")

    assert person.opened
    assert (outcome.code, "evidence-missing" in outcome.err) == (4, True), outcome
    assert not login_file(desk).exists()


def test_the_newer_platforms_spelling_signs_people_in_too(desk: Desk, person: Person, tmp_path: Path) -> None:
    with Emulator(dialect="platform") as emulator:
        platform = Desk(tmp_path, emulator, desk.http, desk.capture)
        person.desk = platform
        configure(platform, dialect="platform")
        assert platform.run("login", "acme").code == 0
        assert platform.run("sync", "acme").code == 0
        assert {entry["account"] for entry in platform.audit() if entry["path"] == WRITE} == {PERSON}
        assert platform.run("logout", "acme").code == 0

"""`bridgehead person` and `bridgehead serve`, as people type them."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
import time
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from tests.analyst import PASSWORD, PEOPLE, Analyst, person
from tests.conftest import Desk
from tests.service.page.conftest import configure

from bridgehead.config import load
from bridgehead.service.web.passwords import password_matches

PROGRAM = [str(Path(sys.executable).with_name("bridgehead"))]


def typed(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PROGRAM, *arguments], input=stdin, text=True, capture_output=True, check=False)


def test_a_person_is_made_from_stdin_and_the_section_is_one_that_lets_them_in(office: Desk) -> None:
    made = typed(
        "person", "jo.berg@acme", "--sees", "acme", "--approves", "acme", "--password-stdin", stdin=f"{PASSWORD}\n"
    )
    assert made.returncode == 0, made
    path = office.folder / "bridgehead.toml"
    path.write_text(f"{path.read_text()}\n{made.stdout}")
    jo = load(path).people["jo.berg@acme"]

    assert password_matches(jo.password, PASSWORD)
    assert (jo.sees, jo.approves) == (("acme",), ("acme",))
    assert PASSWORD not in made.stdout + made.stderr


def test_a_password_is_asked_for_twice_and_not_shown() -> None:
    parent, child = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, "person", "jo"], stdin=child, stdout=subprocess.PIPE, stderr=child, start_new_session=True, text=True
    ) as process:
        os.close(child)
        heard = ""
        for _ in range(2):
            while not heard.endswith(": "):
                heard += os.read(parent, 100).decode()
            os.write(parent, f"{PASSWORD}\n".encode())
            heard += "\n"
        told = process.communicate(timeout=20)[0]
    os.close(parent)

    assert process.returncode == 0
    assert password_matches(tomllib.loads(told)["people"]["jo"]["password"], PASSWORD)
    assert PASSWORD not in heard


@pytest.mark.parametrize(
    ("name", "password", "words"), [("jo", "short", "it needs 12 to 200"), ("jo\n", PASSWORD, "is no name")]
)
def test_a_short_password_and_a_strange_name_are_refused(name: str, password: str, words: str) -> None:
    made = typed("person", name, "--password-stdin", stdin=password)

    assert made.returncode == 2
    assert words in made.stderr


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ("", "bridgehead person NAME"),
        ('[people.jo]\npassword = "a password"', "password is no hash"),
        (person("jo", sees="acmee"), "names 'acmee', which is no tenant"),
        (person("jo", approves="acmee"), "names 'acmee', which is no tenant"),
    ],
)
def test_serve_refuses_people_who_could_not_sign_in_or_would_see_nothing(office: Desk, people: str, words: str) -> None:
    configure(office, people=people)
    outcome = office.run("serve")

    assert outcome.code == 2
    assert words in outcome.err


def test_a_taken_address_is_said(office: Desk) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        outcome = office.run("serve", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")

    assert outcome.code == 2
    assert "Nothing can be served at" in outcome.err


def test_serve_shows_the_page_takes_a_changed_configuration_and_stops_when_it_is_told(office: Desk) -> None:
    arguments = ["--config", str(office.folder / "bridgehead.toml"), "serve", "--listen", "127.0.0.1:0"]
    with subprocess.Popen([*PROGRAM, *arguments], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            ann = Analyst(office.http, said.split("The page is at ")[1].split(". ")[0])
            assert ann.sign_in("eva").status == 401
            configure(office, people=PEOPLE + person("eva"))
            assert ann.sign_in("eva").status == 303
            assert "globex" in ann.open("/")
            (office.folder / "bridgehead.toml").write_text("nothing = 1")
            assert "globex" in ann.open("/")
            assert "The configuration before holds on" in process.stderr.readline()
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()

    assert time.monotonic() - begun < 5


def test_run_shows_the_page_beside_its_schedules_and_sends_what_is_approved_there(office: Desk) -> None:
    feed = f'[tenants.acme.feeds.headcount]\nschedule = "30 2 * * *"\n{office.feed()}'
    office.configure(office.environment(approval=""), feed, person("ann", approves="acme"))
    office.run("sync", "acme")
    arguments = ["--config", str(office.folder / "bridgehead.toml"), "--json", "run", "--listen", "127.0.0.1:0"]
    with subprocess.Popen([*PROGRAM, *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            address = process.stderr.readline().split("The page: ")[1].split(". ")[0]
            assert office.http.request("GET", f"{address}/health").status in (200, 503)
            ann = Analyst(office.http, address)
            ann.sign_in()
            assert ", 02:30 UTC" in ann.open("/")
            ann.open("/feeds/acme/production/headcount/plans/1")
            assert ann.send("/feeds/acme/production/headcount/plans/1", decision="approve", reason="yes").status == 303
            until = time.monotonic() + 20
            while not office.held() and time.monotonic() < until:
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()

    assert len(office.held()) == 12

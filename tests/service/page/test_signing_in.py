"""Whoever is named in the configuration signs in, and nobody else; no other site's page acts in their name."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.analyst import HASH, PASSWORD, PEOPLE, Analyst, page_of, person
from tests.conftest import Desk
from tests.service.page.conftest import configure

from bridgehead.service.web.passwords import hash_password, is_hash, password_matches
from bridgehead.testing import Clock

FEED = "/feeds/acme/production/headcount"
PAGES = ["/", FEED, f"{FEED}/runs/x", f"{FEED}/plans/1", "/doctor/acme/production", "/words", "/nothing"]


@pytest.fixture
def timed(office: Desk, clock: Clock) -> Iterator[Analyst]:
    """Return somebody at a page whose clock is ours."""
    with page_of(office, clock) as address:
        yield Analyst(office.http, address)


def test_nothing_is_shown_before_somebody_has_signed_in_and_then_what_was_asked_for(nobody: Analyst) -> None:
    for path in PAGES:
        answer = nobody.call("GET", path)
        assert (answer.status, nobody.page) == (303, "")
        assert answer.headers["Location"].startswith("/sign-in?to=")
        nobody.open(answer.headers["Location"])
        (to,) = re.findall(r'name="to" value="([^"]*)"', nobody.page)
        assert nobody.sign_in(to=to).headers["Location"] == path
        nobody.cookies.clear()


def test_nobody_is_led_elsewhere_after_signing_in(nobody: Analyst) -> None:
    for to in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\n/x", ""):
        assert nobody.sign_in(to=to).headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_look_the_same(nobody: Analyst) -> None:
    wrong = nobody.sign_in(password="five words make one")
    told = nobody.page
    unknown = nobody.sign_in("nobody")

    assert (wrong.status, unknown.status) == (401, 401)
    assert told == nobody.page
    assert nobody.cookies == {}


def test_nobodys_password_takes_as_much_work_as_somebodys_and_never_matches() -> None:
    kept = hash_password(PASSWORD)

    assert is_hash(kept)
    assert password_matches(kept, PASSWORD)
    assert not password_matches(HASH, PASSWORD + " ")
    assert not password_matches(None, "")
    assert not password_matches("scrypt$14$broken", "")


def test_whoever_fails_often_waits_longer_each_time_and_others_do_not(timed: Analyst, clock: Clock) -> None:
    for _ in range(5):
        assert timed.sign_in(password="wrong").status == 401
    assert timed.sign_in().status == 429
    assert "Wait 1 seconds" in timed.shown()
    assert timed.sign_in("vic").status == 303
    clock.advance(1)
    assert timed.sign_in(password="wrong").status == 401
    clock.advance(1)
    assert timed.sign_in().status == 429
    clock.advance(1)
    assert timed.sign_in().status == 303


def test_a_visits_cookie_is_kept_from_scripts_and_from_other_sites(nobody: Analyst) -> None:
    cookie = nobody.sign_in().headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert len(cookie.partition("=")[2].partition(";")[0]) >= 40


def test_behind_https_the_cookie_never_travels_without(office: Desk, nobody: Analyst) -> None:
    configure(office, '[notify]\nlink = "https://plans.acme.example"')
    form = {"name": "ann", "password": PASSWORD}
    answer = nobody.call("POST", "/sign-in", form, Host="plans.acme.example", Origin="https://plans.acme.example")

    assert answer.status == 303
    assert answer.headers["Set-Cookie"].startswith("__Host-bridgehead=")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_another_name_than_its_own_is_refused_on_this_machine(nobody: Analyst) -> None:
    for host in ("evil.example", "evil.example:80", "[", "127.0.0.1.evil.example"):
        assert nobody.call("GET", "/sign-in", Host=host).status == 421
        assert "Sign in" not in nobody.page
    assert nobody.call("GET", "/sign-in", Host="localhost:8790").status == 200


def test_signing_out_ends_the_visit_for_everybody_who_has_its_cookie(ann: Analyst) -> None:
    kept = dict(ann.cookies)
    ann.open("/")
    assert ann.send("/sign-out").headers["Location"] == "/sign-in"
    ann.cookies = kept

    assert ann.call("GET", "/").status == 303


def test_signing_in_again_begins_another_visit_and_ends_the_one_before(ann: Analyst) -> None:
    before = dict(ann.cookies)
    ann.sign_in()
    assert ann.cookies != before
    ann.cookies = before
    assert ann.call("GET", "/").status == 303


def test_a_visit_ends_when_it_is_idle_and_at_the_end_of_a_day(timed: Analyst, clock: Clock) -> None:
    timed.sign_in()
    clock.advance(3599)
    timed.open("/")
    clock.advance(3600)
    assert timed.call("GET", "/").status == 303
    timed.sign_in()
    for _ in range(11):
        clock.advance(3300)
        last = timed.call("GET", "/").status
    assert last == 303


def test_a_visit_ends_when_its_person_leaves_or_has_another_password(office: Desk, ann: Analyst, vic: Analyst) -> None:
    other = hash_password("another one of them", cost=(10, 8, 1))
    configure(office, people=person("ann", sees="acme").replace(HASH, other))

    assert ann.call("GET", "/").status == 303
    assert vic.call("GET", "/").status == 303
    assert ann.sign_in().status == 401
    assert ann.sign_in(password="another one of them").status == 303


def test_what_somebody_sees_changes_with_the_configuration_at_once(office: Desk, ann: Analyst) -> None:
    assert ann.call("GET", FEED).status == 200
    configure(office, people=PEOPLE.replace('sees = ["acme"]\napproves', 'sees = ["globex"]\napproves'))

    assert ann.call("GET", FEED).status == 404


def test_a_form_of_another_sites_page_is_refused(office: Desk, ann: Analyst) -> None:
    office.run("sync", "acme")
    ann.open(f"{FEED}/plans/1")
    (csrf, *_) = re.findall(r'name="csrf" value="([\w-]+)"', ann.page)
    form = {"csrf": csrf, "decision": "approve", "reason": "why not"}
    for origin in ("https://evil.example", "null", "", "http://127.0.0.1:1", "http://["):
        assert ann.call("POST", f"{FEED}/plans/1", form, Origin=origin).status == 403, origin
        assert "Nothing was changed" in ann.shown()
        assert ann.call("POST", "/sign-in", {"name": "ann", "password": PASSWORD}, Origin=origin).status == 403

    assert "Waits for a decision" in ann.open(FEED)


def test_a_form_without_the_token_of_this_visit_is_refused(office: Desk, ann: Analyst, vic: Analyst) -> None:
    office.run("sync", "acme")
    vic.open("/")
    (csrf, *_) = re.findall(r'name="csrf" value="([\w-]+)"', vic.page)
    for token in ({}, {"csrf": ""}, {"csrf": csrf}, {"csrf": "\u00e4"}):
        for path in (f"{FEED}/plans/1", "/sign-out", "/doctor/acme/production"):
            answer = ann.call("POST", path, {**token, "decision": "approve", "reason": "why not"})
            assert answer.status == 403, path

    assert "Waits for a decision" in ann.open(FEED)


def test_every_answer_forbids_scripts_frames_caches_and_guesses(office: Desk, ann: Analyst, nobody: Analyst) -> None:
    office.run("sync", "acme")
    answers = [ann.call("GET", path) for path in (*PAGES, "/static/page.css", "/static/icon.svg", "/sign-in")]
    answers += [nobody.call("GET", "/"), nobody.call("POST", "/sign-in", {}), nobody.call("PUT", "/")]
    answers += [nobody.call("GET", "/", Host="evil.example"), ann.call("POST", FEED, {})]

    assert {answer.status for answer in answers} >= {200, 303, 401, 404, 405, 421}
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] in ("no-store", "max-age=600")
        assert answer.headers.get("Server") is None


def test_no_page_has_a_script_or_a_style_in_it(office: Desk, ann: Analyst) -> None:
    office.run("sync", "acme")
    for path in ("/", FEED, f"{FEED}/plans/1", "/doctor/acme/production", "/words", "/nothing", "/sign-in"):
        ann.call("GET", path)
        assert "<script" not in ann.page
        assert not re.search(r"\s(style|on[a-z]+)=", ann.page), path


def test_a_form_that_is_too_large_is_not_read(ann: Analyst) -> None:
    assert ann.call("POST", f"{FEED}/plans/1", {"reason": "x" * 70_000}).status == 413


def test_where_nobody_may_sign_in_the_page_says_how_that_is_changed(office: Desk, nobody: Analyst) -> None:
    configure(office, people="")

    assert "bridgehead person NAME" in nobody.open("/sign-in")
    assert nobody.sign_in().status == 401

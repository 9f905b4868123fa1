"""The console used as people use it: two environments in one browser, links that are passed on, odd names, slips."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest
import urllib3
from tests.console import Visitor
from tests.curl import ADMINISTRATOR, HEADCOUNT, METADATA, Caller, records
from tests.forging import GLOBEX

from bridgehead.emulator import Emulator
from bridgehead.testing import Clock

ACCOUNT = "/console/roles/svc-acme-headcount"


def test_a_browser_is_signed_in_to_both_environments_at_once(visitor: Visitor) -> None:
    sandbox = Visitor(replace(visitor.caller, where="sandbox"))
    sandbox.sign_in()
    names = {one.cookie.partition("=")[0] for one in (visitor, sandbox)}
    visitor.cookie = sandbox.cookie = f"{visitor.cookie}; {sandbox.cookie}"  # a browser sends both to every port

    assert len(names) == 2
    assert "· production" in visitor.open("/console/roles")
    assert "· sandbox" in sandbox.open("/console/roles")


def test_whoever_is_sent_a_filtered_log_sees_it_after_signing_in(caller: Caller) -> None:
    visitor, shared = Visitor(caller), "/console/api-access-logs?outcome=denied&client_id=acme-headcount"
    answer = visitor.call("GET", shared)
    visitor.call("GET", answer.headers["Location"])
    (to,) = re.findall(r'name="to" value="([^"]*)"', visitor.page)
    form = {"username": "admin@acme.example", "password": "acme-admin", "to": to.replace("&amp;", "&")}

    assert visitor.call("POST", "/console/sign-in", form).headers["Location"] == shared


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        (f"{ACCOUNT}/lock", "to=%2Fconsole%2Froles"),
        ("/console/api-clients/x/secrets", "to=%2Fconsole%2Fapi-clients"),
        ("/console/sign-out", "to="),
    ],
)
def test_a_form_that_was_open_for_too_long_leads_back_to_its_screen(caller: Caller, path: str, leads: str) -> None:
    assert Visitor(caller).call("POST", path, {}).headers["Location"] == f"/console/sign-in?{leads}"


@pytest.mark.parametrize("csrf", ["é", "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), "0" * 64])
def test_a_proof_in_any_letters_is_refused_and_no_failure(visitor: Visitor, csrf: str) -> None:
    assert visitor.call("POST", f"{ACCOUNT}/lock", {"csrf": csrf}).status == 403


@pytest.mark.parametrize("name", ["a b", "a?b", "a#b", "a%2Fb", "a&b=c", "<b>\"'", "a.b", "..a"])
def test_a_client_of_any_name_is_registered_opened_and_changed(visitor: Visitor, name: str) -> None:
    visitor.send("/console/api-clients", client_id=name)
    path = "/console/api-clients/" + quote(name, safe="")
    assert f'href="{path}"' in visitor.open("/console/api-clients")
    answer = visitor.send(path, enabled="on", grants="client_credentials", methods="client_secret_basic")

    assert (answer.status, answer.headers["Location"]) == (303, path)
    assert visitor.says() == f"{name} was changed."
    answer = visitor.send("/console/roles/svc-" + quote(name, safe=""), role=ADMINISTRATOR)
    assert visitor.says() == f"{ADMINISTRATOR} was assigned to svc-{name}."


@pytest.mark.parametrize("name", ["a/b", ".", "..", "käse", "日本", "a\r\nX-Evil: 1", "a\tb"])
def test_a_name_that_fits_in_no_address_is_refused(visitor: Visitor, name: str) -> None:
    assert visitor.send("/console/api-clients", client_id=name).status == 400
    assert "printable ASCII" in visitor.says()


@pytest.mark.parametrize(("minutes", "when", "status"), [("²", "later", 400), ("soon", "now", 303), ("", "later", 400)])
def test_minutes_that_are_no_number_are_said_or_not_needed(
    visitor: Visitor, minutes: str, when: str, status: int
) -> None:
    assert visitor.send(ACCOUNT, role=ADMINISTRATOR, minutes=minutes, when=when).status == status


def test_one_of_several_pending_roles_is_activated(visitor: Visitor) -> None:
    for role in (ADMINISTRATOR, "Employee Data Reader"):
        visitor.send(ACCOUNT, role=role, when="pending")
    visitor.send(f"{ACCOUNT}/activate", role=ADMINISTRATOR)

    assert visitor.says() == f"{ADMINISTRATOR} is active."
    assert re.findall(r"<td>(active|pending)</td>", visitor.page) == ["active", "pending"]


def test_administrators_are_not_offered_to_lock_themselves_out(visitor: Visitor) -> None:
    assert "Lock the account" in visitor.open("/console/roles/planner@acme.example")
    assert "Lock the account" not in visitor.open("/console/roles/admin@acme.example")


def test_each_permission_of_a_role_is_shown_with_its_menu(visitor: Visitor) -> None:
    row = "<td><code>workforce-planning</code></td><td>Edit</td><td>Disallowed</td><td>Role Management</td>"

    assert row in visitor.open("/console/roles")


def test_another_tenants_faults_are_neither_shown_nor_ended(visitor: Visitor) -> None:
    caller = visitor.caller
    caller.switch("PUT", "faults/latency", value=1, tenant_id=GLOBEX)
    caller.switch("PUT", "faults/client-unknown", client_id="globex-headcount")
    assert "globex" not in visitor.open("/console/emulator")
    assert "None is on." in visitor.page
    answers = [visitor.send(f"/console/emulator/faults/{slug}").status for slug in ("latency", "client-unknown")]

    assert answers == [404, 404]
    on = caller.http.request("GET", f"{caller.base}/_emulator/faults").json()["on"]
    assert {fault["slug"] for fault in on} == {"latency", "client-unknown"}
    caller.switch("PUT", "faults/latency", value=1, tenant_id=caller.tenant)
    visitor.send("/console/emulator/faults/latency")
    on = caller.http.request("GET", f"{caller.base}/_emulator/faults").json()["on"]
    assert [fault["tenant_id"] for fault in on if fault["slug"] == "latency"] == [GLOBEX]


def test_months_are_asked_for_as_the_table_writes_them(visitor: Visitor) -> None:
    caller = visitor.caller
    headers = caller.headers(caller.token().json()["access_token"])
    assert caller.http.request("POST", caller.base + HEADCOUNT, json=records("0100"), headers=headers).status == 200

    shown = {
        asked: "0100</td>" in visitor.open(f"/console/planning?{asked}")
        for asked in ("period_from=2027-01&period_to=2027-01", "period_to=2026-12", "period_from=2027-02")
    }
    assert list(shown.values()) == [True, False, False]
    assert 'value="2027-02"' in visitor.page


def test_what_the_tenant_plans_with_is_told(visitor: Visitor) -> None:
    page = visitor.open("/console/planning")

    assert "<code>actual</code> (read-only)" in page
    assert "<dt>Open periods</dt><dd>2027-01 to 2029-12" in page


def test_the_screen_of_the_tenant_id_tells_issuer_strictness_and_keys(visitor: Visitor) -> None:
    page = visitor.open("/console/api-configuration")
    issuer = visitor.caller.http.request("GET", visitor.caller.base + "/.well-known/oauth-authorization-server")

    assert f"<dt>Issuer</dt><dd><code>{issuer.json()['issuer']}</code></dd>" in page
    assert "<dt>Strictness</dt><dd>production" in page
    assert "<code>ukg-pro-production-1</code> ES256, signs" in page


@pytest.fixture
def platform(ukg_clock: Clock) -> Iterator[Visitor]:
    """Return a visitor of a UKG Pro that spells the tenant in another way."""
    with Emulator(clock=ukg_clock, dialect="platform") as emulator, urllib3.PoolManager(retries=False) as http:
        visitor = Visitor(Caller(emulator, http, ukg_clock))
        visitor.sign_in()
        yield visitor


def test_the_example_to_copy_is_spelt_as_the_dialect_spells_it(platform: Visitor) -> None:
    page, caller = platform.open("/console/api-configuration"), platform.caller
    (request,) = re.findall(r'<pre id="request">.*?\n\n(.*?)</pre>', page, re.DOTALL)
    (headers,) = re.findall(r'<pre id="headers">(.*?)</pre>', page, re.DOTALL)
    form = dict(part.split("=", 1) for part in request.replace("\n", "").split("&amp;"))
    client = caller.client()
    token = caller.post("/oauth/token", basic=(client.client_id, client.secret), **form).json()["access_token"]
    sent = dict(line.split(": ", 1) for line in headers.replace("{the token}", token).splitlines())

    assert caller.http.request("GET", caller.base + METADATA, headers=sent).status == 200
    assert not re.search("tenant_context|X-Tenant-ID", page)

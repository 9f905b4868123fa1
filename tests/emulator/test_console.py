"""The admin console over plain HTTP: signing in, whose things are shown, what forms do, and the way to the cure."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.console import Visitor
from tests.curl import ADMINISTRATOR, HEADCOUNT, METADATA, SCOPES, Caller, records

from bridgehead.emulator.console.routes import CONSOLE
from bridgehead.emulator.console.visits import MENU

SCREENS = [path for _, _, path in MENU]
EVERY = [(method, path) for method, path, _ in CONSOLE if "sign-in" not in path and "static" not in path]


def test_an_administrator_signs_in_and_out(caller: Caller) -> None:
    visitor = Visitor(caller)
    answer = visitor.sign_in()

    assert (answer.status, answer.headers["Location"]) == (303, "/console/api-access-logs")
    assert "HttpOnly; SameSite=Strict" in answer.headers["Set-Cookie"]
    assert "Ada Administrator" in visitor.open("/console/roles")
    visitor.send("/console/sign-out")
    assert (
        visitor.call("GET", "/console/roles").headers["Location"].startswith("/console/sign-in?to=%2Fconsole%2Froles")
    )


def test_a_visit_ends_after_eight_hours_and_with_the_administrators_office(visitor: Visitor) -> None:
    visitor.caller.clock.advance(8 * 3600 - 1)
    visitor.open("/console/roles")
    visitor.caller.switch("PATCH", "people/admin@acme.example", locked=True)
    assert visitor.call("GET", "/console/roles").status == 303
    visitor.caller.switch("PATCH", "people/admin@acme.example", locked=False)
    visitor.caller.clock.advance(1)
    assert visitor.call("GET", "/console/roles").status == 303


def test_people_who_are_no_administrators_and_guesses_are_refused_alike_and_slowed(caller: Caller) -> None:
    visitor = Visitor(caller)
    form = {"username": "planner@acme.example", "password": "acme-planner"}
    assert visitor.call("POST", "/console/sign-in", form).status == 401
    no_administrator = visitor.says()
    answers = [visitor.sign_in(password="guess").status for _ in range(6)]

    assert no_administrator == "User name or password is wrong, or not an administrator's."
    assert answers == [401] * 5 + [429]
    assert visitor.sign_in().status == 429
    caller.clock.advance(60)
    assert visitor.sign_in().status == 303


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/console//evil.example", "/console/\\evil", "x"]
)
def test_nobody_is_led_elsewhere_after_signing_in(caller: Caller, to: str) -> None:
    form = {"username": "admin@acme.example", "password": "acme-admin", "to": to}
    assert Visitor(caller).call("POST", "/console/sign-in", form).headers["Location"] == "/console/api-access-logs"


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_without_signing_in_there_is_no_screen(caller: Caller, method: str, path: str) -> None:
    answer = Visitor(caller).call(method, re.sub(r"\{[^}]*\}", "x", path), {} if method == "POST" else None)

    assert answer.status == 303
    assert path == "/console" or "/console/sign-in" in answer.headers["Location"]


@pytest.mark.parametrize("path", [path for method, path in EVERY if method == "POST"])
@pytest.mark.parametrize("csrf", [{}, {"csrf": "guess"}])
def test_a_form_that_no_page_of_the_visit_sent_is_not_taken(visitor: Visitor, path: str, csrf: dict[str, str]) -> None:
    answer = visitor.call("POST", path.replace("{id}", "acme-headcount").replace("{number}", "1"), csrf)

    assert answer.status == 403
    assert "This form cannot be taken" in visitor.page
    assert visitor.caller.token().status == 200


def test_another_sites_page_cannot_sign_somebody_in(caller: Caller) -> None:
    form = {"username": "admin@acme.example", "password": "acme-admin"}
    answer = Visitor(caller).call("POST", "/console/sign-in", form, Origin="https://evil.example")

    assert (answer.status, "Set-Cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize("path", [*SCREENS, "/console/sign-in", "/console/nothing"])
def test_every_page_has_its_headers_and_its_landmarks(visitor: Visitor, path: str) -> None:
    answer = visitor.call("GET", path)
    page = visitor.page

    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'; style-src 'self'; script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert len(re.findall("<h1>", page)) == 1
    assert tuple(one for one in ("<main", 'lang="en"') if one in page) == ("<main", 'lang="en"')
    assert not re.search(r"""(src|href|action)=["'](https?:)?//""", page)  # no request leaves the machine
    assert not re.search(r"<script(?! src)|style=|onclick=", page)
    inputs = re.findall(r'<(?:input|select|textarea)(?![^>]*type="(?:hidden|checkbox|radio)")[^>]* id="(\w+)"', page)
    assert all(f'<label for="{name}">' in page for name in inputs)
    if path in SCREENS:
        assert page.count('aria-current="page"') == 1
        assert page.count("<table") == page.count("<caption")


# Whose things are shown.


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/console/api-clients/globex-headcount"),
        ("POST", "/console/api-clients/globex-headcount"),
        ("POST", "/console/api-clients/globex-headcount/secrets"),
        ("POST", "/console/api-clients/globex-headcount/secrets/1"),
        ("GET", "/console/roles/svc-globex-headcount"),
        ("POST", "/console/roles/svc-globex-headcount"),
        ("POST", "/console/roles/svc-globex-headcount/activate"),
        ("POST", "/console/roles/svc-globex-headcount/remove"),
        ("POST", "/console/roles/svc-globex-headcount/lock"),
        ("GET", "/console/roles/planner@globex.example"),
        ("GET", "/console/api-clients/nobody"),
    ],
)
def test_another_tenants_things_are_not_there(visitor: Visitor, method: str, path: str) -> None:
    before = visitor.caller.http.request("GET", f"{visitor.caller.base}/_emulator/state").data
    answer = visitor.call("GET", path) if method == "GET" else visitor.send(path, role=ADMINISTRATOR)

    assert answer.status == 404
    assert visitor.caller.http.request("GET", f"{visitor.caller.base}/_emulator/state").data == before


def test_lists_log_exports_and_projections_are_those_of_the_tenant(visitor: Visitor) -> None:
    caller = visitor.caller
    globex = caller.emulator.demo_clients()[3]
    form = {"grant_type": "client_credentials", "scope": SCOPES, "tenant_context": globex.tenant_id}
    token = caller.post("/oauth/token", basic=(globex.client_id, globex.secret), **form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "X-Tenant-ID": globex.tenant_id, "X-Correlation-ID": "theirs"}
    assert caller.http.request("POST", caller.base + HEADCOUNT, json=records("0101"), headers=headers).status == 200
    pages = [visitor.open(path) for path in (*SCREENS, "/console/api-access-logs.csv", "/console/api-access-logs.json")]

    assert all("globex" not in page.lower() and "0101</td>" not in page for page in pages)
    connection = caller.emulator.environments["production"].store.connection
    ((number,),) = connection.execute("SELECT id FROM audit WHERE entry ->> '$.correlation_id' = 'theirs'").fetchall()
    assert visitor.call("GET", f"/console/api-access-logs/{number}").status == 404
    theirs = Visitor(caller)
    theirs.sign_in("globex")
    assert "0101</td>" in theirs.open("/console/planning")
    assert theirs.call("GET", f"/console/api-access-logs/{number}").status == 200


def test_a_fault_that_is_switched_on_here_meets_the_tenant_alone(visitor: Visitor) -> None:
    caller = visitor.caller
    visitor.send("/console/emulator/faults", slug="client-unknown")
    assert visitor.says() == "client-unknown is on for Acme."
    globex = caller.emulator.demo_clients()[3]
    form = {"grant_type": "client_credentials"}

    assert caller.token().status == 401
    assert caller.post("/oauth/token", basic=(globex.client_id, globex.secret), **form).status == 200
    assert visitor.send("/console/emulator/faults", slug="latency", client_id="globex-headcount").status == 404
    visitor.send("/console/emulator/faults/client-unknown")
    assert caller.token().status == 200


# What each form does.


def test_a_client_is_registered_gets_its_scopes_and_works_with_the_secret_that_was_shown(visitor: Visitor) -> None:
    caller = visitor.caller
    visitor.send("/console/api-clients", client_id="acme-new", roles=ADMINISTRATOR)
    (secret,) = re.findall(r'id="secret">(\w+)<', visitor.page)
    assert secret not in visitor.open("/console/api-clients/acme-new")
    form = {"scopes": SCOPES.split(), "planning_permission": "on", "enabled": "on", "grants": "client_credentials"}
    visitor.send("/console/api-clients/acme-new", **form, methods=["client_secret_basic"])
    asked = {"grant_type": "client_credentials", "scope": SCOPES, "tenant_context": caller.tenant}
    token = caller.post("/oauth/token", basic=("acme-new", secret), **asked).json()["access_token"]

    assert caller.get(METADATA, token).status == 200
    visitor.send("/console/api-clients/acme-new/secrets")
    (second,) = re.findall(r'id="secret">(\w+)<', visitor.page)
    visitor.send("/console/api-clients/acme-new/secrets/1")
    assert [caller.post("/oauth/token", basic=("acme-new", one), **asked).status for one in (secret, second)] == [
        401,
        200,
    ]
    visitor.send("/console/api-clients/acme-new", **(form | {"enabled": []}), methods=["client_secret_basic"])
    assert caller.post("/oauth/token", basic=("acme-new", second), **asked).status == 401


@pytest.mark.parametrize(
    ("path", "form", "says"),
    [
        ("/console/api-clients", {"client_id": "acme-headcount"}, "there is an API client acme-headcount already."),
        ("/console/api-clients", {"client_id": " "}, "a client needs a name, without blanks around it."),
        ("/console/api-clients/acme-headcount", {"addresses": "nowhere"}, "nowhere is no address and no network"),
        ("/console/roles/svc-acme-headcount", {"role": "Boss"}, "unknown role Boss"),
        (
            "/console/roles/svc-acme-headcount",
            {"role": ADMINISTRATOR, "org_units": "0100 9999"},
            "unknown org unit 9999",
        ),
        (
            "/console/roles/svc-acme-headcount",
            {"role": ADMINISTRATOR, "when": "later", "minutes": "soon"},
            "Write a number",
        ),
        ("/console/emulator/faults", {"slug": "latency", "value": "long"}, "is a number of milliseconds"),
        ("/console/emulator/strictness", {"strictness": "lax"}, "unknown strictness lax"),
        ("/console/emulator/keys", {"algorithm": "none"}, "unknown algorithm none"),
        ("/console/emulator/keys/ukg-pro-production-1", {}, "or the one that signs"),
    ],
)
def test_what_does_not_fit_is_said_where_it_was_typed(
    visitor: Visitor, path: str, form: dict[str, str], says: str
) -> None:
    answer = visitor.send(path, **form)

    assert answer.status in (400, 409)
    assert says in visitor.says()


def test_roles_are_assigned_pending_later_and_for_some_org_units(visitor: Visitor) -> None:
    caller = visitor.caller
    path = "/console/roles/svc-acme-headcount"
    token = caller.token().json()["access_token"]
    visitor.send(f"{path}/remove", role=ADMINISTRATOR)
    assert "No role: by default nothing is allowed." in visitor.page
    visitor.send(path, role=ADMINISTRATOR, when="pending")
    assert caller.get(METADATA, token).status == 401
    visitor.send(f"{path}/activate", role=ADMINISTRATOR)
    assert caller.get(METADATA, token).status == 200
    visitor.send(path, role=ADMINISTRATOR, when="later", minutes="10", org_units="0100 0101")
    assert "propagating until 2026-11-02 03:10 UTC" in visitor.page
    assert caller.get(METADATA, token).status == 401
    caller.clock.advance(600)
    assert caller.get(METADATA, token).status == 200
    assert "0100, 0101" in visitor.open(path)
    visitor.send(f"{path}/lock")
    assert caller.token().status == 401


def test_modules_strictness_and_keys_are_set(visitor: Visitor) -> None:
    caller = visitor.caller
    visitor.send("/console/api-configuration/modules", modules=["core-hr"])
    assert caller.get(METADATA, caller.token().json()["access_token"]).status == 401
    visitor.send("/console/emulator/strictness", strictness="soft")
    assert caller.get(METADATA, caller.token().json()["access_token"]).status == 200
    visitor.send("/console/emulator/keys", algorithm="EdDSA")
    assert visitor.says() == "Tokens are signed with ukg-pro-production-2 (EdDSA) now."
    visitor.send("/console/emulator/keys/ukg-pro-production-1")
    assert len(caller.http.request("GET", f"{caller.base}/oauth/jwks").json()["keys"]) == 1


def test_projections_are_shown_with_a_chart_and_filtered(visitor: Visitor) -> None:
    caller = visitor.caller
    token = caller.token().json()["access_token"]
    sent = records("0100", "0101", "0102")
    sent["records"][2]["period_start"] = "2027-02-01"
    caller.http.request("POST", caller.base + HEADCOUNT, json=sent, headers=caller.headers(token))
    page = visitor.open("/console/planning")

    assert re.findall(r"<title>([^<]*)</title>", page)[1:] == ["2027-01-01: 6", "2027-02-01: 3"]
    assert page.count("<td>budget v1</td>") == 3
    assert visitor.open("/console/planning?org_unit=0101").count("<td>budget v1</td>") == 1
    assert "Nothing was delivered yet that fits." in visitor.open("/console/planning?scenario=forecast")
    assert visitor.open("/console/planning?cursor=nonsense").count("<td>budget v1</td>") == 3


# The log, and the way to the cure.


def test_what_callers_send_is_shown_and_never_run(visitor: Visitor) -> None:
    caller = visitor.caller
    hostile = "<script>alert(1)</script>\"'="
    caller.post("/oauth/token", basic=(hostile, "x"), grant_type="client_credentials")
    caller.http.request("GET", f"{caller.base}/<img src=x onerror=alert(1)>")
    visitor.send("/console/api-clients", client_id="=HYPERLINK(<b>)")
    pages = [visitor.open(path) for path in ("/console/api-access-logs", "/console/api-clients")]

    assert all("<script>alert" not in page and "<img" not in page and "<b>" not in page for page in pages)
    assert "&lt;script&gt;" in pages[0]
    lines = list(csv.DictReader(io.StringIO(visitor.open("/console/api-access-logs.csv"))))
    assert {line["client_id"] for line in lines} >= {hostile}
    assert not any(value.startswith(("=", "+", "-", "@")) for line in lines for value in line.values())


def test_the_log_is_filtered_by_client_check_outcome_time_and_correlation_id(visitor: Visitor) -> None:
    caller = visitor.caller
    token = caller.token().json()["access_token"]
    caller.get(METADATA, token)
    caller.clock.advance(3600)
    caller.get(METADATA, "nonsense")
    auditor = caller.client("auditor")
    caller.post("/oauth/token", basic=(auditor.client_id, auditor.secret), grant_type="client_credentials")

    def rows(**asked: str) -> int:
        page = visitor.open("/console/api-access-logs?" + urlencode(asked))
        return len(re.findall(r'<tr class="\w+">', page))

    assert rows() == 4
    assert rows(client_id="acme-headcount") == 2
    assert rows(check="token-signature") == rows(outcome="denied") == 1
    assert (rows(since="2026-11-02T04:00"), rows(until="2026-11-02T04:00")) == (2, 2)
    assert rows(correlation_id=caller.why()["correlation_id"]) == 1
    exported = visitor.open("/console/api-access-logs.csv?client_id=acme-auditor")
    assert exported.count("\n") == 2


def test_each_refusal_of_the_thread_leads_in_one_click_to_the_screen_that_mends_it(visitor: Visitor) -> None:
    """The thread by mouse: the integration's client as it is registered, until its write is taken."""
    caller = visitor.caller
    client = caller.client("integration")

    def write(**form: str) -> int:
        asked = {"grant_type": "client_credentials", **form}
        answer = caller.post("/oauth/token", basic=(client.client_id, client.secret), **asked)
        if answer.status != 200:
            return int(answer.status)
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        headers |= {"X-Tenant-ID": caller.tenant} if form.get("tenant_context") else {}
        url = caller.base + HEADCOUNT
        return int(caller.http.request("POST", url, json=records("0100"), headers=headers).status)

    def cure() -> tuple[str, str]:
        """Return the check that the newest entry names, and where its link leads; the screen is there."""
        page = visitor.open("/console/api-access-logs")
        found = re.search(r'<td><strong>([\w-]+)</strong>.*?class="cure" href="([^"#]*)#?([\w-]*)"', page, re.DOTALL)
        assert found
        screen = visitor.open(found[2])
        assert f'id="{found[3]}"' in screen
        return found[1], found[2]

    on_the_client = "/console/api-clients/acme-integration"
    assert write() == 401
    assert cure() == ("token-tenant", "/console/api-configuration")
    (tenant,) = re.findall(r'id="tenant">([^<]*)<', visitor.page)
    assert tenant == caller.tenant
    assert write(tenant_context=tenant) == 401
    assert cure() == ("scope", on_the_client)
    form: dict[str, Any] = {"grants": "client_credentials", "methods": ["client_secret_basic"], "enabled": "on"}
    visitor.send(on_the_client, scopes=["workforce.planning.write"], **form)
    assert write(tenant_context=tenant) == 401
    assert cure() == ("registration", on_the_client)
    visitor.send(on_the_client, scopes=SCOPES.split(), **form)
    assert write(tenant_context=tenant) == 401
    assert cure() == ("planning-permission", on_the_client)
    visitor.send(on_the_client, scopes=SCOPES.split(), planning_permission="on", **form)
    assert write(tenant_context=tenant) == 401
    assert cure() == ("role", "/console/roles/svc-acme-integration")
    visitor.send("/console/roles/svc-acme-integration", role=ADMINISTRATOR)
    assert write(tenant_context=tenant) == 200

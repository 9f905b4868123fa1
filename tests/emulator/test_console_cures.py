"""From each refusal of the gate, and of the authorization server, one click leads to the screen that mends it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.console import Visitor
from tests.curl import HEADCOUNT, SCOPES, records
from tests.forging import GLOBEX, GONE, Forge

from bridgehead.emulator.gate import CHECKS

CLIENT, ACCOUNT = "/console/api-clients/acme-headcount", "/console/roles/svc-acme-headcount"
CONFIGURATION = "/console/api-configuration"


@dataclass(frozen=True, slots=True)
class Desk:
    """An administrator of Acme, and a program whose calls are refused."""

    visitor: Visitor
    forge: Forge

    def write(self, token: str = "", **headers: str) -> None:
        caller = self.visitor.caller
        sent = {**caller.headers(token or self.forge.good), **headers}
        sent = {name: value for name, value in sent.items() if value}
        assert caller.http.request("POST", caller.base + HEADCOUNT, json=records("0102"), headers=sent).status == 401

    def switched(self, path: str, **body: Any) -> None:
        self.visitor.caller.switch("PATCH", path, **body)
        self.write()

    def ask(self, **form: str) -> None:
        assert self.visitor.caller.token(**form).status in (400, 401)

    def cure(self) -> tuple[str, str]:
        """Return the check that the newest line names, and where its link leads. The call's own page says the same."""
        page = self.visitor.open("/console/api-access-logs?outcome=denied")
        line = page[page.index("<tbody>") : page.index("</tr>", page.index("<tbody>"))]
        (check,) = re.findall(r"<strong>([\w-]+)</strong>", line)
        (link,) = re.findall(r'class="cure" href="([^"]*)"', line)
        (own,) = re.findall(r'href="(/console/api-access-logs/\d+)"', line)
        assert re.findall(r'class="cure first" href="([^"]*)"', self.visitor.open(own)) == [link]
        screen, _, part = link.partition("#")
        assert (f'id="{part}"' if part else "<h1>") in self.visitor.open(screen)
        return check, link


@pytest.fixture
def desk(visitor: Visitor, forge: Forge) -> Desk:
    return Desk(visitor, forge)


GATE: dict[str, tuple[Callable[[Desk], None], str]] = {
    # By check: how a call comes to be refused by it, and where that is mended.
    "token": (lambda desk: desk.write("nonsense"), f"{CONFIGURATION}#token"),
    "environment": (lambda desk: desk.write(desk.forge.own(environment="sandbox")), f"{CONFIGURATION}#tenant-id"),
    "client": (lambda desk: desk.switched("clients/acme-headcount", enabled=False), f"{CLIENT}#state"),
    "address": (lambda desk: desk.switched("clients/acme-headcount", addresses=["10.0.0.0/8"]), f"{CLIENT}#addresses"),
    "token-tenant": (lambda desk: desk.write(desk.forge.own(tenant_id=GONE)), f"{CONFIGURATION}#token"),
    "tenant-header": (lambda desk: desk.write(**{"X-Tenant-ID": ""}), f"{CONFIGURATION}#token"),
    "tenant-match": (lambda desk: desk.write(**{"X-Tenant-ID": GLOBEX}), f"{CONFIGURATION}#tenant-id"),
    "client-tenant": (lambda desk: desk.write(desk.forge.own(client_id="globex-headcount")), "/console/api-clients"),
    "module": (
        lambda desk: (desk.visitor.send(f"{CONFIGURATION}/modules", modules=["core-hr"]), desk.write())[1],
        f"{CONFIGURATION}#modules",
    ),
    "scope": (lambda desk: desk.write(desk.forge.own(scope="workforce:write")), f"{CLIENT}#scopes"),
    "registration": (
        lambda desk: desk.switched("clients/acme-headcount", scopes=["workforce.planning.write"]),
        f"{CLIENT}#scopes",
    ),
    "planning-permission": (
        lambda desk: desk.switched("clients/acme-headcount", planning_permission=False),
        f"{CLIENT}#planning",
    ),
    "role": (lambda desk: desk.switched("service-accounts/svc-acme-headcount", roles=[]), f"{ACCOUNT}#assign"),
}


@pytest.mark.parametrize("check", [check.slug for check in CHECKS])
def test_each_check_of_the_gate_leads_in_one_click_to_its_cure(desk: Desk, check: str) -> None:
    refuse, cure = GATE[check]
    refuse(desk)

    named, link = desk.cure()
    assert named == ("token-signature" if check == "token" else check)
    assert link == cure


AUTHORIZATION: dict[str, tuple[dict[str, str], str]] = {
    "oauth-invalid-scope": ({"scope": "workforce.planning.read"}, f"{CLIENT}#scopes"),
    "oauth-unauthorized-client": ({"grant_type": "refresh_token"}, f"{CLIENT}#grants"),
    "oauth-unsupported-grant-type": ({"grant_type": "password"}, f"{CONFIGURATION}#token"),
    "oauth-invalid-target": ({"tenant_context": GLOBEX}, f"{CONFIGURATION}#tenant-id"),
}


@pytest.mark.parametrize("check", AUTHORIZATION)
def test_a_token_that_is_refused_leads_to_its_cure(desk: Desk, check: str) -> None:
    form, cure = AUTHORIZATION[check]
    desk.ask(**form)

    assert desk.cure() == (check, cure)


def test_a_wrong_secret_leads_to_the_secrets_and_a_missing_grant_to_the_example(desk: Desk) -> None:
    caller = desk.visitor.caller
    caller.post("/oauth/token", basic=("acme-headcount", "wrong"), grant_type="client_credentials", scope=SCOPES)
    assert desk.cure() == ("oauth-invalid-client", f"{CLIENT}#secrets")
    client = caller.client()
    caller.post("/oauth/token", basic=(client.client_id, client.secret))
    assert desk.cure() == ("oauth-invalid-request", f"{CONFIGURATION}#token")


def test_a_redirect_address_that_is_not_registered_leads_to_the_redirect_addresses(desk: Desk) -> None:
    caller = desk.visitor.caller
    asked = "response_type=code&client_id=acme-desk&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Felsewhere"
    caller.http.request("GET", f"{caller.base}/oauth/authorize?{asked}")

    assert desk.cure() == ("oauth-invalid-request", "/console/api-clients/acme-desk#addresses")


def test_two_calls_with_one_correlation_id_have_a_page_each(desk: Desk) -> None:
    visitor = desk.visitor
    desk.write(**{"X-Tenant-ID": "", "X-Correlation-ID": "same"})
    sent = {**visitor.caller.headers(desk.forge.good), "X-Correlation-ID": "same"}
    visitor.caller.http.request("POST", visitor.caller.base + HEADCOUNT, json=records("0102"), headers=sent)
    page = visitor.open("/console/api-access-logs?correlation_id=same")
    assert 'value="same"' in page
    verdicts = [
        re.findall(r'class="tag \w+">(\d+ \w+)<', visitor.open(own))[0]
        for own in re.findall(r'href="(/console/api-access-logs/\d+)"', page)
    ]

    assert verdicts == ["200 allowed", "401 denied"]


def test_the_check_of_a_line_can_be_chosen_in_the_filter(desk: Desk) -> None:
    desk.write("nonsense")
    assert "<option>token-signature</option>" in desk.visitor.open("/console/api-access-logs")
    page = desk.visitor.open("/console/api-access-logs?check=token-expired&client_id=somebody")

    assert "<option selected>token-expired</option>" in page
    assert "<option selected>somebody</option>" in page
    assert "No call yet that fits." in page


@pytest.mark.parametrize("number", ["0", "-1", "same", "²", "9" * 18, "9" * 30])
def test_a_number_that_no_call_has_leads_nowhere(visitor: Visitor, number: str) -> None:
    assert visitor.call("GET", f"/console/api-access-logs/{number}").status == 404

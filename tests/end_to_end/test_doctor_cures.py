"""Somebody in the thread's situation follows the doctor's cures, in order and to the letter: and the plan arrives."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.conftest import Desk, lines
from tests.end_to_end.test_doctor import findings

OLD_HABITS = """dialect_overrides.scopes = ["workforce:write", "planning:manage"]
dialect_overrides.token.parameters = { grant_type = "client_credentials", scope = "{scopes}" }
dialect_overrides.call.tenant_header = \"\""""


class Follower:
    """Does what a cure says, and nothing else: in the configuration, or on the screen that it names."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.secret = desk.client(environment="sandbox", kind="integration").secret
        self.overrides = OLD_HABITS.splitlines()
        self.done: list[str] = []

    def configure(self) -> None:
        (self.desk.folder / "mine").write_text(self.secret)
        environment = self.desk.environment(
            client_id="acme-integration", client_secret="file:mine", extra="\n".join(self.overrides)
        )
        self.desk.configure(environment, self.desk.environment(environment="sandbox"), self.desk.feed())

    def obey(self, suspect: dict[str, Any]) -> None:
        """Carry a cure out by its words alone."""
        remedy, enter = suspect["remedy"], suspect["remedy"]["enter"]
        self.done.append(suspect["cause"])
        taken_out = re.search(r"[Tt]ake ([\w.]+) out of", enter)
        if remedy["who"] == "you" and taken_out:
            self.overrides = [one for one in self.overrides if not one.startswith(f"dialect_overrides.{taken_out[1]} ")]
        elif remedy["who"] == "you" and "Set client_id and client_secret" in enter:
            # The client of the same name that Integration Hub > API Clients shows in production.
            self.secret = self.desk.client(kind="integration").secret
        elif added := re.fullmatch(r"Add to ([\w-]+), letter by letter: (.*)", enter):
            assert remedy["menu"] == "Integration Hub > API Clients"
            (entry,) = [one for one in self._state()["clients"] if one["client_id"] == added[1]]
            self._administer(f"clients/{added[1]}", scopes=[*entry["scopes"], *added[2].split(", ")])
        elif role := re.match(r"Assign the role ([\w ]+) \(.*\) to the service account of ([\w-]+);", enter):
            assert remedy["menu"].startswith("Role Management")
            self._administer(f"service-accounts/svc-{role[2]}", roles=[role[1]])
            assert "on the client itself allow workforce planning for the tenant" in enter
            self._administer(f"clients/{role[2]}", planning_permission=True)
        else:
            pytest.fail(f"nobody can follow this: {suspect}")
        self.configure()

    def _state(self) -> Any:
        return self.desk.http.request("GET", f"{self.desk.emulator.production}/_emulator/state").json()

    def _administer(self, path: str, **change: Any) -> None:
        url = f"{self.desk.emulator.production}/_emulator/{path}"
        assert self.desk.http.request("PATCH", url, json=change).status == 200


def test_the_cures_followed_in_order_lead_from_the_thread_to_a_delivered_plan(desk: Desk) -> None:
    follower = Follower(desk)
    follower.configure()
    desk.plan(*lines(24))
    refused = desk.run("sync", "acme")
    assert (refused.code, "bridgehead doctor acme" in refused.err) == (2, True)

    for _ in range(10):
        seen = desk.run("--json", "doctor", "acme")
        bad = [one for one in findings(seen).values() if one["verdict"] == "broken"]
        if not bad:
            break
        follower.obey(bad[0]["suspects"][0])
    assert (seen.code, bad) == (0, [])

    assert follower.done == [
        "scope-misspelt",
        "tenant-context-missing",
        "tenant-header-missing",
        "client-of-another-environment",
        "scope-near-miss",
        "role-missing",
    ]
    assert desk.run("sync", "acme").code == 0
    assert len(desk.held()) == 24


def test_all_that_can_be_seen_at_once_is_named_at_once(desk: Desk) -> None:
    follower = Follower(desk)
    follower.configure()
    found = findings(desk.run("--json", "doctor", "acme"))

    assert [check for check, one in found.items() if one["verdict"] == "broken"] == [
        "scope-names",
        "tenant-context",
        "header-name",
        "client",
    ]


@pytest.mark.parametrize(
    ("habit", "says"),
    [
        ('dialect_overrides.scopes = ["workforce:write"]', "look like the exact ones and are not: workforce:write"),
        (
            'dialect_overrides.scopes = ["Workforce.Planning.Write", "compliance.data.access"]',
            "Workforce.Planning.Write",
        ),
        ('dialect_overrides.token.parameters = { grant_type = "client_credentials" }', "does not carry the tenant"),
        ('dialect_overrides.call.tenant_header = ""', "X-Tenant-ID"),
    ],
)
def test_a_sync_refuses_each_old_habit_by_its_line_and_sends_nothing(desk: Desk, habit: str, says: str) -> None:
    desk.configure(desk.environment(extra=habit), desk.feed())
    desk.plan(*lines(3))
    refused = desk.run("sync", "acme")

    assert refused.code == 2
    assert says in refused.err
    assert re.search(r"bridgehead.toml:\d+: \[tenants.acme.environments.production\]", refused.err)
    assert desk.audit() == []


def test_a_ukg_that_needs_no_tenant_in_token_or_header_has_it_on_record(desk: Desk) -> None:
    bare = 'dialect_overrides.token.parameters = { grant_type = "client_credentials" }'
    habits = f'{bare}\ndialect_overrides.call.tenant_header = ""'
    waivers = 'waivers = { token-tenant = "opaque, J. Berg", metadata-tenant = "tenant in the host, J. Berg" }'
    desk.emulator.environments["production"].strictness = "sandbox"
    desk.configure(desk.environment(extra=f"{habits}\n{waivers}"), desk.feed())
    desk.plan(*lines(3))

    assert desk.run("sync", "acme").code == 0
    assert desk.run("doctor", "acme").code == 0

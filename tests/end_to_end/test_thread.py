"""The thread's steps, walked with plain HTTP calls as curl would: each refusal, its reason in the log, its cure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3
from tests.conftest import Desk

EXACT = "workforce.planning.write compliance.data.access tenant.context.read"
NEAR = "workforce:write planning:manage"
HEADCOUNT = "/api/v1/workforce/planning/headcount"
METADATA = "/api/v1/workforce/planning/metadata"
RECORD = {
    "client_ref": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "scenario": "budget",
    "version": "v1",
    "period_start": "2027-01-01",
    "org_unit": "0100",
    "headcount": 12,
}


@dataclass(slots=True)
class Curl:
    """One API client of one tenant, and what its last call left in the audit log."""

    desk: Desk
    tenant: str = "acme"
    environment: str = "production"
    kind: str = "headcount"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def client(self) -> Any:
        return self.desk.client(self.tenant, self.environment, self.kind)

    def token(self, **form: str) -> str:
        status, answer = self.desk.token(self.client, **form)
        assert status == 200, answer
        return str(answer["access_token"])

    def call(self, token: str, *, header: str | None = None, method: str = "POST", path: str = HEADCOUNT) -> Any:
        headers = {"Authorization": f"Bearer {token}"} | ({"X-Tenant-ID": header} if header else {})
        body = {"json": {"records": [RECORD]}} if method == "POST" else {}
        return self.desk.http.request(method, self.client.base_url + path, headers=headers, **body)

    def refused_by(self, answer: Any) -> str:
        """Check the thread's answer, and return the check that the audit log names."""
        assert (answer.status, answer.json()) == (401, {"error": "insufficient_permissions"})
        correlation_id = answer.headers["X-Correlation-ID"]
        (entry,) = self.desk.audit(self.environment, correlation_id=correlation_id)
        assert entry["outcome"] == "denied"
        assert entry["reason"]
        return str(entry["check"])


def test_the_threads_own_token_request_succeeds_for_a_client_with_all_three_scopes(desk: Desk) -> None:
    curl = Curl(desk)
    tenant_id = curl.client.tenant_id
    token = curl.token(scope="workforce.planning.write", tenant_context=tenant_id)

    assert curl.call(token, header=tenant_id, method="GET", path=METADATA).status == 200
    answer = curl.call(token, header=tenant_id)
    assert (answer.status, answer.json()["results"][0]["status"]) == (200, "created")


def test_a_token_without_tenant_context_is_issued_and_refused_by_planning(desk: Desk) -> None:
    curl = Curl(desk)
    token = curl.token(scope=EXACT)

    assert curl.refused_by(curl.call(token, header=curl.client.tenant_id)) == "token-tenant"


def test_a_missing_tenant_header_is_refused(desk: Desk) -> None:
    curl = Curl(desk)
    token = curl.token(scope=EXACT, tenant_context=curl.client.tenant_id)

    assert curl.refused_by(curl.call(token)) == "tenant-header"


@pytest.mark.parametrize("header", ["globex", "ACME", "", "0B9A7C52-6D0E-4A3E-9F6B-2F1C8F4BE101", "not-a-uuid"])
def test_a_foreign_or_malformed_tenant_header_is_refused(desk: Desk, header: str) -> None:
    curl = Curl(desk)
    token = curl.token(scope=EXACT, tenant_context=curl.client.tenant_id)
    sent = desk.client("globex").tenant_id if header == "globex" else header
    answer = curl.call(token, header=sent or " ")

    assert curl.refused_by(answer) == "tenant-match"


@pytest.mark.parametrize("scope", [NEAR, "workforce:write", "planning:manage"])
def test_near_miss_scopes_are_issued_and_refused_by_name(desk: Desk, scope: str) -> None:
    curl = Curl(desk, kind="integration")
    token = curl.token(scope=scope, tenant_context=curl.client.tenant_id)
    answer = curl.call(token, header=curl.client.tenant_id)

    assert curl.refused_by(answer) == "scope"
    reason = desk.audit(correlation_id=answer.headers["X-Correlation-ID"])[0]["reason"]
    assert "workforce.planning.write" in reason
    assert all(near in reason for near in scope.split())


def test_a_scope_that_the_client_is_not_registered_for_gets_no_token(desk: Desk) -> None:
    status, answer = desk.token(desk.client(kind="integration"), scope="workforce.planning.write")

    assert (status, answer["error"]) == (400, "invalid_scope")


def administer(desk: Desk, path: str, **change: Any) -> None:
    answer = desk.http.request("PATCH", f"{desk.emulator.production}/_emulator/{path}", json=change)
    assert answer.status == 200, answer.data


def test_the_chain_is_repaired_link_by_link_in_the_order_that_the_audit_log_names(desk: Desk) -> None:
    curl = Curl(desk, kind="integration")
    tenant_id = curl.client.tenant_id
    names = []
    for form, header in (
        ({"scope": NEAR}, None),
        ({"scope": NEAR, "tenant_context": tenant_id}, None),
        ({"scope": NEAR, "tenant_context": tenant_id}, tenant_id),
    ):
        names.append(curl.refused_by(curl.call(curl.token(**form), header=header)))
    write = {"scope": "workforce.planning.write", "tenant_context": tenant_id}
    for path, change in (
        ("clients/acme-integration", {"scopes": ["workforce.planning.write"]}),
        ("clients/acme-integration", {"scopes": EXACT.split()}),
        ("clients/acme-integration", {"planning_permission": True}),
        ("service-accounts/svc-acme-integration", {"roles": ["Workforce Planning Viewer"]}),
    ):
        administer(desk, path, **change)
        names.append(curl.refused_by(curl.call(curl.token(**write), header=tenant_id)))
    administer(desk, "service-accounts/svc-acme-integration", roles=["Workforce Planning Administrator"])

    assert curl.call(curl.token(**write), header=tenant_id).status == 200
    assert names == [
        "token-tenant", "tenant-header", "scope", "registration", "planning-permission", "role", "role",
    ]  # fmt: skip


def test_a_viewer_may_read_the_metadata_and_not_write(desk: Desk) -> None:
    administer(desk, "service-accounts/svc-acme-headcount", roles=["Workforce Planning Viewer"])
    curl = Curl(desk)
    tenant_id = curl.client.tenant_id
    token = curl.token(scope=EXACT, tenant_context=tenant_id)

    assert curl.call(token, header=tenant_id, method="GET", path=METADATA).status == 200
    assert curl.refused_by(curl.call(token, header=tenant_id)) == "role"


def test_employee_data_can_be_read_by_an_account_that_may_not_plan(desk: Desk) -> None:
    curl = Curl(desk, kind="integration")
    token = curl.token(scope="employees.read workforce:write")

    assert curl.call(token, method="GET", path="/api/v1/employees").status == 200
    assert curl.refused_by(curl.call(token)) == "token-tenant"


def test_the_sandbox_accepts_what_production_refuses_and_the_log_says_what_it_forgave(desk: Desk) -> None:
    curl = Curl(desk, environment="sandbox", kind="integration")
    answer = curl.call(curl.token(scope=NEAR))

    assert answer.status == 200
    (entry,) = desk.audit("sandbox", correlation_id=answer.headers["X-Correlation-ID"])
    assert entry["outcome"] == "forgiven"
    assert [check for check, outcome, _ in entry["steps"] if outcome == "forgiven"] == [
        "token-tenant", "tenant-header", "scope", "registration", "planning-permission", "role",
    ]  # fmt: skip


def test_even_the_sandbox_refuses_another_tenants_header(desk: Desk) -> None:
    curl = Curl(desk, environment="sandbox", kind="integration")
    foreign = desk.client("globex", "sandbox").tenant_id

    assert curl.refused_by(curl.call(curl.token(scope=NEAR), header=foreign)) == "tenant-match"


def test_credentials_of_the_sandbox_get_no_token_in_production(desk: Desk) -> None:
    production, sandbox = desk.client(), desk.client(environment="sandbox")
    answer = desk.http.request(
        "POST",
        f"{production.base_url}/oauth/token",
        fields={"grant_type": "client_credentials", "client_id": sandbox.client_id, "client_secret": sandbox.secret},
        encode_multipart=False,
    )

    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
    assert desk.audit()[0]["check"] == "oauth-invalid-client"


def test_a_token_of_the_sandbox_is_not_accepted_in_production(desk: Desk) -> None:
    sandbox = Curl(desk, environment="sandbox")
    token = sandbox.token(scope=EXACT, tenant_context=sandbox.client.tenant_id)
    curl = Curl(desk)

    answer = curl.call(token, header=curl.client.tenant_id)
    assert curl.refused_by(answer) == "token-signature"
    (entry,) = desk.audit(correlation_id=answer.headers["X-Correlation-ID"])
    assert "ukg-pro-sandbox-1" in entry["reason"]


def test_a_tenant_context_of_another_tenant_gets_no_token(desk: Desk) -> None:
    status, answer = desk.token(desk.client(), tenant_context=desk.client("globex").tenant_id)

    assert (status, answer["error"]) == (400, "invalid_target")


def test_tenant_info_answers_to_basic_authentication_and_to_any_token(desk: Desk) -> None:
    client = desk.client(kind="integration")
    basic = urllib3.make_headers(basic_auth=f"{client.client_id}:{client.secret}")
    _, plain = desk.token(client, scope="employees.read")
    for headers in (basic, {"Authorization": f"Bearer {plain['access_token']}"}):
        answer = desk.http.request("GET", f"{client.base_url}/api/v1/tenant/info", headers=headers)
        assert answer.status == 200
        assert answer.json()["tenant_id"] == client.tenant_id
        assert answer.json()["environment"] == "production"
    refused = desk.http.request("GET", f"{client.base_url}/api/v1/tenant/info")
    assert refused.status == 401


def test_the_auditor_reads_its_own_tenants_log_through_the_api_and_nobody_elses(desk: Desk) -> None:
    Curl(desk, kind="integration").call("nonsense")
    for tenant in ("acme", "globex"):
        curl = Curl(desk, tenant=tenant)
        curl.call(curl.token(scope=EXACT))
    auditor = Curl(desk, kind="auditor")
    path = "/api/v1/system/audit/api-access-logs"
    token = auditor.token()
    entries = auditor.call(token, method="GET", path=path).json()["entries"]

    assert any(entry["check"] == "token-tenant" for entry in entries)
    assert {entry["tenant_id"] for entry in entries} == {auditor.client.tenant_id}
    stranger = Curl(desk)
    assert stranger.refused_by(stranger.call(stranger.token(), method="GET", path=path)) == "scope"


def test_every_call_leaves_an_entry_in_the_audit_log(desk: Desk) -> None:
    curl = Curl(desk)
    tenant_id = curl.client.tenant_id
    token = curl.token(scope=EXACT, tenant_context=tenant_id)
    curl.call(token, header=tenant_id)
    curl.call(token, header=tenant_id, method="GET")
    curl.call(token, method="GET", path="/api/v1/nowhere")
    seen = [(entry["method"], entry["path"], entry["status"]) for entry in reversed(desk.audit())]

    assert seen == [
        ("POST", "/oauth/token", 200),
        ("POST", HEADCOUNT, 200),
        ("GET", HEADCOUNT, 200),
        ("GET", "/api/v1/nowhere", 404),
    ]

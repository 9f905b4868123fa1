"""The tenant spelled otherwise: the thread's words bind nothing there, and a client's dialect is proven against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from tests.conftest import Desk, lines
from tests.curl import METADATA

from bridgehead.cli.emulate import configuration
from bridgehead.emulator import Emulator, Limits
from bridgehead.emulator.authorization.tokens import claims_of


@pytest.fixture
def platform(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    limits = Limits(requests_per_minute=1_000_000)
    with Emulator(dialect="platform", limits=limits) as emulator, urllib3.PoolManager(retries=False) as http:
        yield Desk(tmp_path, emulator, http, capsys)


def metadata(desk: Desk, token: dict[str, Any], header: str) -> int:
    client = desk.client()
    headers = {"Authorization": f"Bearer {token['access_token']}", header: client.tenant_id}
    return int(desk.http.request("GET", client.base_url + METADATA, headers=headers).status)


def test_the_tenant_is_bound_by_organization_and_named_by_its_own_header(platform: Desk) -> None:
    client = platform.client()
    status, token = platform.token(client, organization=client.tenant_id, audience="https://api.ukg.net")

    assert client.tenant_id.startswith("org_")
    assert (status, claims_of(token["access_token"])["org_id"]) == (200, client.tenant_id)
    told = platform.http.request(
        "POST",
        f"{client.base_url}/oauth/introspect",
        fields={"token": token["access_token"], "audience": "https://api.ukg.net"},
        encode_multipart=False,
        headers=urllib3.make_headers(basic_auth=f"{client.client_id}:{client.secret}"),
    ).json()
    assert (told["org_id"], "tenant_id" in told) == (client.tenant_id, False)
    assert metadata(platform, token, "global-tenant-id") == 200
    assert metadata(platform, token, "X-Tenant-ID") == 401
    newest = platform.audit()[0]
    assert newest["reason"] == newest["steps"][-1][2] == "the global-tenant-id header is missing"


def test_the_threads_words_bind_nothing_here(platform: Desk) -> None:
    client = platform.client()
    _, token = platform.token(client, tenant_context=client.tenant_id, audience="https://api.ukg.net")

    assert metadata(platform, token, "global-tenant-id") == 401
    assert "organization was not sent with the token request" in platform.audit()[0]["reason"]
    status, refused = platform.token(client, organization=client.tenant_id)
    assert (status, refused["error"]) == (400, "invalid_request")
    other = platform.client("globex").tenant_id
    status, refused = platform.token(client, organization=other, audience="https://api.ukg.net")
    assert (status, refused["error"]) == (400, "invalid_target")


def test_a_dialect_of_the_client_is_proven_against_it(platform: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # What the command prints, as a newcomer would paste it.
    printed = configuration(platform.emulator, "platform")
    monkeypatch.setenv("ACME_PRODUCTION_SECRET", platform.client().secret)
    platform.configure(printed, platform.feed())
    platform.plan(*lines(30))
    outcome = platform.run("--json", "sync", "acme")

    assert outcome.code == 0, outcome
    assert outcome.finished()["accepted"] == 30
    assert platform.run("verify", "acme").code == 0
    assert len(platform.held()) == 30


def test_without_its_dialect_the_client_names_what_is_wrong(platform: Desk) -> None:
    platform.configure()
    platform.plan(*lines(3))
    outcome = platform.run("plan", "acme")

    assert outcome.code == 2
    assert platform.client().tenant_id in outcome.err

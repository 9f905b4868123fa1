"""The emulator as a server: what it keeps, what it remembers, and what it never mixes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import urllib3
from tests.conftest import WRITE, Desk, lines

from bridgehead.emulator import Emulator, Limits
from bridgehead.ledgers.memory import MemoryLedger
from bridgehead.testing import Clock

RECORD = {
    "client_ref": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "scenario": "budget",
    "version": "v1",
    "period_start": "2027-01-01",
    "org_unit": "0100",
    "headcount": 12,
}


def post(desk: Desk, tenant: str = "acme", key: str | None = None, query: str = "", **other: Any) -> Any:
    client = desk.client(tenant)
    _, token = desk.token(client, tenant_context=client.tenant_id)
    headers = {"Authorization": f"Bearer {token['access_token']}", "X-Tenant-ID": client.tenant_id}
    headers |= {"Idempotency-Key": key} if key else {}
    return desk.http.request(
        "POST", client.base_url + WRITE + query, json={"records": [RECORD | other]}, headers=headers
    )


def test_a_state_file_keeps_everything_over_a_restart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for round_ in (1, 2):
        with Emulator(state=str(tmp_path / "ukg.sqlite")) as emulator, urllib3.PoolManager(retries=False) as http:
            desk = Desk(tmp_path, emulator, http, capsys)
            desk.configure()
            desk.plan(*lines(30))
            finished = desk.run("sync", "acme")
            assert ("30 accepted" in finished.out) == (round_ == 1)
            assert desk.run("verify", "acme").code == 0
            assert len(desk.audit()) >= 5 * round_


def test_without_a_state_file_a_restart_forgets_and_verify_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for round_ in (1, 2):
        with Emulator() as emulator, urllib3.PoolManager(retries=False) as http:
            desk = Desk(tmp_path, emulator, http, capsys)
            desk.configure()
            desk.plan(*lines(3))
            if round_ == 1:
                desk.run("sync", "acme")
            outcome = desk.run("--json", "verify", "acme")
    kinds = [one["kind"] for one in outcome.events()[0]["verdict"]["differences"]]

    assert (outcome.code, kinds) == (8, ["missing"] * 3)


def test_a_repeated_key_gets_the_remembered_answer_and_has_no_second_effect(desk: Desk) -> None:
    first = post(desk, key="k1")
    post(desk, key="k2", headcount=13)
    again = post(desk, key="k1")

    assert (first.status, again.status) == (200, 200)
    assert again.data == first.data
    assert again.headers["Idempotent-Replayed"] == "true"
    assert [record["headcount"] for record in desk.held().values()] == [13]


def test_only_the_newest_answers_are_kept_so_that_memory_has_bounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Emulator(limits=Limits(answers=2)) as emulator, urllib3.PoolManager(retries=False) as http:
        desk = Desk(tmp_path, emulator, http, capsys)
        for key in ("k1", "k2", "k3"):
            post(desk, key=key)
        again = {key: "Idempotent-Replayed" in post(desk, key=key).headers for key in ("k3", "k2", "k1")}

    assert again == {"k3": True, "k2": True, "k1": False}


def test_a_key_with_another_body_is_refused(desk: Desk) -> None:
    post(desk, key="k1")
    answer = post(desk, key="k1", headcount=99)

    assert (answer.status, answer.json()["error"]) == (409, "key_reused")


def test_keys_of_two_tenants_are_two_keys(desk: Desk) -> None:
    post(desk, key="k1")
    assert post(desk, "globex", key="k1", headcount=7).json()["results"][0]["status"] == "created"
    assert [record["headcount"] for record in desk.held("acme").values()] == [12]


def test_checking_only_has_no_effect(desk: Desk) -> None:
    answer = post(desk, query="?validate_only=true")

    assert answer.json()["results"][0]["status"] == "created"
    assert desk.held() == {}


def test_an_empty_batch_is_accepted_and_has_no_effect(desk: Desk) -> None:
    client = desk.client()
    _, token = desk.token(client, tenant_context=client.tenant_id)
    headers = {"Authorization": f"Bearer {token['access_token']}", "X-Tenant-ID": client.tenant_id}
    answer = desk.http.request("POST", client.base_url + WRITE, json={"records": []}, headers=headers)

    assert (answer.status, answer.json()["results"]) == (200, [])
    assert desk.held() == {}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("org_unit", "9999", "unknown_code"),
        ("org_unit", "0099", "inactive_code"),
        ("org_unit", "0100000", "too_long"),
        ("org_unit", None, "invalid_format"),
        ("job", "", "invalid_format"),
        ("period_start", "2027-01-15", "invalid_format"),
        ("period_start", "2020-01-01", "period_closed"),
        ("scenario", "dream", "unknown_code"),
        ("scenario", "actual", "scenario_read_only"),
        ("headcount", 1.5, "not_whole"),
        ("headcount", -1, "out_of_range"),
        ("headcount", "12", "invalid_format"),
        ("headcount", None, "missing_required"),
        ("fte", 1.005, "too_many_decimals"),
        ("cost", 100, "missing_required"),
        ("currency", "euro", "invalid_format"),
        ("client_ref", "7", "invalid_format"),
        ("surplus", 1, "invalid_format"),
    ],
)
def test_each_rule_rejects_by_its_code_and_the_rest_of_the_batch_is_stored(
    desk: Desk, field: str, value: Any, code: str
) -> None:
    client = desk.client()
    _, token = desk.token(client, tenant_context=client.tenant_id)
    headers = {"Authorization": f"Bearer {token['access_token']}", "X-Tenant-ID": client.tenant_id}
    good = RECORD | {"period_start": "2027-02-01", "client_ref": "1f8fad5b-d9cb-469f-a165-70867728950e"}
    body = {"records": [RECORD | {field: value}, good]}
    answer = desk.http.request("POST", client.base_url + WRITE, json=body, headers=headers)
    bad, fine = answer.json()["results"]

    assert answer.status == 207
    assert (bad["status"], bad["error"]["code"], fine["status"]) == ("rejected", code, "created")
    assert len(desk.held()) == 1


def test_the_fixtures_for_users_start_a_ukg_pro_that_goes_by_a_clock_one_sets(
    ukg_pro: Emulator, ukg_clock: Clock, memory_ledger: MemoryLedger
) -> None:
    client = ukg_pro.demo_clients()[0]
    with urllib3.PoolManager(retries=False) as http:
        token = http.request(
            "POST",
            f"{client.base_url}/oauth/token",
            fields={
                "grant_type": "client_credentials",
                "client_id": client.client_id,
                "client_secret": client.secret,
            },
            encode_multipart=False,
        ).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        url = f"{client.base_url}/api/v1/tenant/info"
        before = http.request("GET", url, headers=headers).status
        ukg_clock.advance(token["expires_in"])
        after = http.request("GET", url, headers=headers).status

    assert (before, after) == (200, 401)
    assert list(memory_ledger.history()) == []

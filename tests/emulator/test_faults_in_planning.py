"""Faults of the planning API: which records are rejected, and how their results are told."""

from __future__ import annotations

from tests.curl import HEADCOUNT, Caller, records
from tests.walk import GOOD, stored, walk


def test_org_units_outside_a_limited_role_are_rejected_one_by_one(caller: Caller) -> None:
    caller.emulator.switch_on("org-units-limited", value=["0101"])
    results = walk(caller).write.json()["results"]

    assert [one.get("error", {}).get("code", one["status"]) for one in results] == [
        "org_unit_not_permitted",
        "created",
        "unknown_code",
        "org_unit_not_permitted",
    ]
    assert stored(caller) == ["0101"]


def test_a_server_that_ignores_validate_only_stores(caller: Caller) -> None:
    walk(caller, "?validate_only=true")
    assert stored(caller) == []
    caller.emulator.switch_on("validate-only-ignored")
    walk(caller, "?validate_only=true")
    assert stored(caller) == GOOD


def test_rejects_come_inside_a_200(caller: Caller) -> None:
    caller.emulator.switch_on("rejects-in-200")
    answer = walk(caller).write

    assert (answer.status, answer.json()["results"][2]["status"]) == (200, "rejected")


def test_results_are_told_by_position(caller: Caller) -> None:
    caller.emulator.switch_on("results-by-position")
    results = walk(caller).write.json()["results"]

    assert [one["index"] for one in results] == [0, 1, 2, 3]
    assert all("client_ref" not in one for one in results)


def test_one_bad_record_refuses_them_all_and_without_it_all_pass(caller: Caller) -> None:
    caller.emulator.switch_on("all-or-nothing")
    refused = walk(caller).write.json()

    assert [one["error"]["code"] for one in refused["results"]] == ["unknown_code"]
    token = caller.token().json()["access_token"]
    good = caller.http.request("POST", caller.base + HEADCOUNT, headers=caller.headers(token), json=records(*GOOD))
    assert (good.status, stored(caller)) == (200, GOOD)


def test_every_third_good_record_is_rejected(caller: Caller) -> None:
    caller.emulator.switch_on("partial-acceptance", value=3)
    results = walk(caller).write.json()["results"]

    assert [one["status"] for one in results] == ["created", "created", "rejected", "rejected"]
    assert stored(caller) == ["0100", "0101"]


def test_what_somebody_else_has_changed_is_rejected_where_it_stands_there_already(caller: Caller) -> None:
    caller.emulator.switch_on("version-conflict", value=2)
    first, again = walk(caller).write.json()["results"], walk(caller).write.json()["results"]

    assert [one["status"] for one in first] == ["created", "created", "rejected", "created"]
    assert [one["error"]["code"] for one in again if "error" in one] == ["version_conflict", "unknown_code"]


def test_a_tenant_holds_so_many_projections_and_no_more(caller: Caller) -> None:
    caller.emulator.switch_on("product-limit", value=2)
    first, again = walk(caller).write.json()["results"], walk(caller).write.json()["results"]

    assert [one["error"]["code"] for one in first if "error" in one] == ["unknown_code", "product_limit_exceeded"]
    assert [one["status"] for one in again] == ["unchanged", "unchanged", "rejected", "rejected"]
    assert stored(caller) == GOOD[:2]


def test_an_org_units_month_is_taken_whole_or_not_at_all(caller: Caller) -> None:
    caller.emulator.switch_on("group-incomplete")
    document = records("0100", "0100", "0101")
    document["records"][0]["job"] = "J001"
    document["records"][1]["job"] = "J999"
    headers = caller.headers(caller.token().json()["access_token"])
    answer = caller.http.request("POST", caller.base + HEADCOUNT, headers=headers, json=document)

    assert [one.get("error", {}).get("code") for one in answer.json()["results"]] == [
        "group_incomplete",
        "unknown_code",
        None,
    ]
    assert stored(caller) == ["0101"]

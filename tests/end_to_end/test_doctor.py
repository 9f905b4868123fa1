"""The doctor as people and programs meet it: its screen, its letters, its files, and what it leaves alone."""

from __future__ import annotations

import json
import re
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import WRITE, Desk, Outcome, lines
from tests.proxy import proxy, untouched

import bridgehead
from bridgehead.doctor import CHAIN

CANARY = "canary-5up3rs3cr3t"
AUDITOR = 'auditor = { client_id = "acme-auditor", client_secret = "file:auditor" }'


def findings(outcome: Outcome) -> dict[str, dict[str, Any]]:
    """Return the findings of --json by their check."""
    return {one["finding"]["check"]: one["finding"] for one in outcome.events() if one["type"] == "finding"}


def causes(finding: dict[str, Any]) -> list[str]:
    return [suspect["cause"] for suspect in finding["suspects"]]


def test_a_chain_that_holds_is_told_in_a_line_for_each_link(desk: Desk) -> None:
    desk.configure()
    healthy = desk.run("doctor", "acme")

    assert healthy.code == 0
    assert "The whole chain holds" in healthy.out
    shown = [line.split()[1] for line in healthy.out.splitlines() if line and line[0] in "\u2713?\u2013"]
    assert shown == ["configuration", "network", "token", "tenant", "planning", "load", "audit"]
    assert desk.held() == {}


def test_a_broken_link_is_named_with_evidence_who_acts_where_and_what_to_enter(desk: Desk) -> None:
    desk.configure()
    desk.emulator.switch_on("write-role-missing", client_id="acme-headcount")
    broken = desk.run("doctor", "acme")

    assert broken.code == 4
    for words in (
        "1. write: BROKEN",
        "POST /api/v1/workforce/planning/headcount: 401 insufficient_permissions (correlation id ",
        "the UKG administrator: Role Management",
        "Assign the role Workforce Planning Administrator (workforce-planning: Edit)",
        "10 to 15 minutes",
        "bridgehead doctor acme --environment production --only write",
        "bridgehead doctor acme --letter",
        "Nothing was written.",
    ):
        assert words in broken.out
    entry = desk.audit(correlation_id=re.findall(r"correlation id ([\w-]+)", broken.out)[0])[0]
    assert (entry["outcome"], entry["check"]) == ("denied", "role")


def test_what_lies_behind_a_broken_link_is_skipped_and_said_to_be_behind_it(desk: Desk) -> None:
    desk.configure()
    desk.emulator.switch_on("grant-not-enabled")
    found = findings(desk.run("--json", "doctor", "acme"))

    assert causes(found["grant"]) == ["grant-not-enabled"]
    assert found["role"]["verdict"] == "skipped"
    assert found["role"]["behind"] == ["grant"]


def test_every_line_for_programs_has_the_same_keys_and_its_schema(desk: Desk) -> None:
    desk.configure()
    keys = set()
    for fault in ("", "role-missing", "client-unknown"):
        desk.emulator.switch_off()
        if fault:
            desk.emulator.switch_on(fault)
        told = desk.run("--json", "doctor", "acme").events()
        assert [one["type"] for one in told] == ["finding"] * len(CHAIN) + ["diagnosis"]
        assert {one["schema"] for one in told} == {1}
        keys |= {tuple(sorted(one["finding"])) for one in told[:-1]}
        keys |= {tuple(sorted(suspect["remedy"])) for one in told[:-1] for suspect in one["finding"]["suspects"]}
    assert len(keys) == 2  # findings have one set of keys, remedies another


def test_one_check_is_asked_with_what_it_needs_and_no_more(desk: Desk) -> None:
    desk.configure()
    found = findings(desk.run("--json", "doctor", "acme", "--only", "scope"))

    assert "client" in found
    assert found["scope"]["verdict"] == "holds"
    assert not {"token", "role", "write"} & found.keys()
    assert desk.writes() == 0


def test_the_list_names_every_check_and_with_a_tenant_all_that_its_client_may_do(desk: Desk) -> None:
    desk.configure()
    listed = desk.run("doctor", "--list")
    may = desk.run("doctor", "acme", "--list")

    assert all(check.slug in listed.out and check.asks in listed.out for check in CHAIN)
    for words in ("write headcount", "use the scope compliance.data.access", "requests a minute: 1000000"):
        assert words in may.out


def test_all_tenants_are_a_table_and_the_worst_is_the_exit_code(desk: Desk) -> None:
    desk.configure(desk.environment(), desk.environment("globex"))
    assert desk.run("doctor", "--all").code == 0
    desk.emulator.switch_on("role-missing", client_id="globex-headcount")
    seen = desk.run("doctor", "--all")

    assert seen.code == 4
    assert "healthy" in next(line for line in seen.out.splitlines() if line.startswith(" acme"))
    sick = next(line for line in seen.out.splitlines() if line.startswith(" globex"))
    assert "role: " in sick
    assert "the UKG administrator" in sick
    assert "bridgehead doctor globex says what to do" in seen.out


def test_nobody_named_and_a_tenant_that_there_is_not_are_said_in_words(desk: Desk) -> None:
    desk.configure()

    assert "--all" in desk.run("doctor").err
    assert desk.run("doctor", "acm").code == 2


def test_a_watch_ends_when_the_chain_holds(desk: Desk) -> None:
    desk.configure()
    desk.emulator.switch_on("role-missing")
    mended = threading.Timer(0.5, desk.emulator.switch_off)
    mended.start()
    watched = desk.run("doctor", "acme", "--watch", "--every", "1")
    mended.join()

    assert watched.code == 0
    assert "not yet" in watched.err
    assert watched.out.rstrip().endswith("The whole chain holds: UKG would take a delivery.")


def test_a_letter_says_all_that_its_reader_needs(desk: Desk) -> None:
    desk.configure()
    desk.emulator.switch_on("near-miss-scopes")
    letter = desk.run("doctor", "acme", "--letter").out

    assert letter.startswith("Subject: UKG Pro, acme (production): API client acme-headcount is refused")
    assert desk.client().tenant_id in letter
    assert (
        "Integration Hub > API Clients\n      Add to acme-headcount, letter by letter: workforce.planning.write"
        in letter
    )
    assert max(map(len, letter.splitlines())) <= 78


def test_the_request_asks_for_all_of_the_set_up_before_anybody_is_asked(desk: Desk) -> None:
    desk.configure(desk.environment(base_url="https://not-there-yet.example"))
    letter = desk.run("doctor", "acme", "--request")

    assert letter.code == 0
    for words in (
        "compliance.data.access",
        "Role Management",
        "planning permission",
        "calls at once",
        "How to switch us off",
    ):
        assert words in letter.out


def test_the_contract_names_the_key_that_this_ukg_calls_otherwise(desk: Desk) -> None:
    desk.configure()
    assert "Every key that the dialect reads is there" in desk.run("doctor", "acme", "--contract").out
    ours = 'dialect_overrides = { metadata = { per_minute = "limits.perMinute", open_to = "periods.openTo" } }'
    desk.configure(desk.environment(extra=ours))
    seen = desk.run("doctor", "acme", "--contract").out

    assert 'dialect_overrides.metadata.open_to = "periods.open_to"' in seen
    assert 'dialect_overrides.metadata.per_minute = "limits.requests_per_minute"' in seen
    desk.emulator.switch_on("role-missing")
    refused = desk.run("doctor", "acme", "--contract")
    assert (refused.code, "Mend that first" in refused.err) == (2, True)


@pytest.mark.parametrize("proven", [False, True])
def test_records_are_checked_only_where_that_is_proven_to_store_nothing(desk: Desk, *, proven: bool) -> None:
    flag = f"dialect_overrides = {{ headcount = {{ validate_only_proven = {str(proven).lower()} }} }}"
    desk.configure(desk.environment(extra=flag))
    desk.emulator.switch_on("org-units-limited", value=["0100", "0101"])
    if not proven:
        desk.emulator.switch_on("validate-only-ignored")
    found = findings(desk.run("--json", "doctor", "acme"))["org-units"]

    assert desk.held() == {}
    if proven:
        assert (found["verdict"], causes(found)) == ("broken", ["org-units-limited"])
        assert "0102" in json.dumps(found["evidence"])
    else:
        assert found["verdict"] == "unknown"
        assert "validate_only_proven" in found["would_decide"]


def test_a_refused_sync_ends_with_the_doctors_verdict_and_the_doctor_lets_the_next_one_run(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(10))
    desk.emulator.switch_on("write-role-missing")
    refused = desk.run("sync", "acme")

    assert refused.code == 4
    assert refused.err.count("401") == 1
    assert "1. write: BROKEN" in refused.out
    assert desk.run("sync", "acme").err.startswith("circuit-open")
    desk.emulator.switch_off()
    assert "The circuit is closed" in desk.run("doctor", "acme").err
    assert desk.run("sync", "acme").code == 0


def test_a_client_that_may_write_and_not_read_is_warned_of_and_a_page_that_is_read_is_kept_nowhere(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(5, headcount=987654))
    assert desk.run("sync", "acme").code == 0
    desk.run("doctor", "acme", "--bundle", str(desk.folder / "case.zip"))
    assert "987654" not in _inside(desk.folder / "case.zip")
    desk.emulator.answer_next(403, {"error": "insufficient_permissions"}, method="GET", within=WRITE, times=2)
    warned = desk.run("--json", "doctor", "acme")

    assert warned.code == 0
    assert causes(findings(warned)["read-back"]) == ["read-back-refused"]
    desk.emulator.answer_next(404, {"error": "not_found"}, method="GET", within=WRITE)
    assert "read_back = false" in desk.run("doctor", "acme").out


def test_what_once_worked_is_rather_a_wrong_secret_than_an_unknown_client(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(10))
    desk.emulator.switch_on("secret-expired")
    before = findings(desk.run("--json", "doctor", "acme"))["client"]
    desk.emulator.switch_off()
    assert desk.run("sync", "acme").code == 0
    desk.emulator.switch_on("secret-expired")
    after = findings(desk.run("--json", "doctor", "acme"))["client"]

    assert causes(before)[0] == "client-unknown"
    assert causes(after)[0] == "secret-wrong"
    assert sorted(causes(before)) == sorted(causes(after))


def test_a_diagnosis_leaves_no_ledger_behind(desk: Desk) -> None:
    desk.configure()
    desk.run("doctor", "acme")

    assert not (desk.folder / ".bridgehead").exists()


def test_a_server_that_fails_is_undecided_and_not_broken(desk: Desk) -> None:
    desk.configure()
    desk.emulator.switch_on("server-error", within="/api/v1/workforce")
    seen = desk.run("doctor", "acme")

    assert seen.code == 5
    assert "asking again later" in seen.out


def test_an_examination_is_a_library_too(desk: Desk) -> None:
    desk.configure()
    desk.emulator.switch_on("module-off")
    found = list(bridgehead.examine(bridgehead.load(desk.folder / "bridgehead.toml"), "acme"))

    assert [one.check for one in found] == [check.slug for check in CHAIN]
    assert [one.suspects[0].cause for one in found if one.verdict.value == "broken"] == ["module-off"]


def test_the_examination_in_the_documents_is_a_real_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    desk.configure()
    desk.emulator.switch_on("module-off")
    monkeypatch.chdir(desk.folder)
    capsys.readouterr()
    exec(compile(example, "doctor.md", "exec"), {})  # noqa: S102 - what readers will type

    assert capsys.readouterr().out == "module Acme has no workforce-planning ['module-off']\n"


def test_no_secret_and_no_token_is_in_anything_that_the_doctor_says_or_writes(desk: Desk) -> None:
    (desk.folder / "auditor").write_text("acme-production-auditor-secret")
    (desk.folder / "app").write_text(CANARY)
    overrides = 'dialect_overrides = { call = { key_header = "appkey" } }'
    desk.configure(desk.environment(extra=f'{AUDITOR}\napp_key = "file:app"\n{overrides}'), desk.feed())
    desk.plan(*lines(3))
    said = ""
    for fault in ("", "near-miss-scopes", "secret-expired", "garbage"):
        desk.emulator.switch_off()
        if fault:
            desk.emulator.switch_on(fault, client_id="acme-headcount")
        for options in ([], ["--letter"], ["--list"], ["--bundle", str(desk.folder / f"{fault}.zip")]):
            outcome = desk.run("--json", "doctor", "acme", *options)
            said += outcome.out + outcome.err
        said += desk.run("doctor", "acme", "--request").out + desk.run("doctor", "acme").out
        said += desk.run("doctor", "acme", "--contract").out
        said += _inside(desk.folder / f"{fault}.zip")
    tokens = {
        json.loads(one.answer)["access_token"]
        for one in desk.emulator.journal.read()
        if one.path == "/oauth/token" and one.status == 200
    }

    assert tokens
    assert "acme-headcount" in said
    for secret in (CANARY, desk.client().secret, "acme-production-auditor-secret"):
        assert secret not in said
    for token in tokens:
        assert token not in said
        assert token.rpartition(".")[2] not in said  # its signature


@pytest.mark.parametrize("way", ["basic", "post"])
def test_a_secret_that_a_server_repeats_is_hidden_wherever_it_is_told(desk: Desk, way: str) -> None:
    said, repeated = "", [desk.client().secret]

    def echo(_method: str, _path: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        repeated.extend(value.partition(" ")[2] for name, value in headers.items() if name.lower() == "authorization")
        heard.append(json.dumps(headers) + body.decode())
        return headers, body

    def tell(path: str, document: Any) -> Any:
        told = {"error": "invalid_token", "error_description": heard[-1], "message": repeated[-1]}
        return document if path == "/oauth/token" and way == "basic" else told

    heard: list[str] = []
    with proxy(desk.emulator.production, echo, tell) as url:
        overrides = f'dialect_overrides = {{ token = {{ client_authentication = "{way}" }} }}'
        desk.configure(desk.environment(base_url=url, extra=overrides))
        for options in ([], ["--letter"], ["--bundle", str(desk.folder / "case.zip")]):
            for form in ([], ["--json"]):
                outcome = desk.run(*form, "doctor", "acme", *options)
                said += outcome.out + outcome.err
    said += _inside(desk.folder / "case.zip")

    flat = "".join(said.split())
    for secret in repeated:
        assert secret[:40] not in flat or len(secret) < 6


def test_a_part_that_holds_is_not_the_whole(desk: Desk) -> None:
    desk.configure()
    desk.emulator.switch_on("role-missing")
    seen = desk.run("doctor", "acme", "--only", "scope")

    assert (seen.code, "What was asked holds" in seen.out) == (0, True)
    assert "whole chain holds" not in seen.out


def test_evidence_that_a_sync_demands_is_demanded_by_the_doctor_too(desk: Desk) -> None:
    def silent(path: str, document: Any) -> Any:
        kept = {name: value for name, value in document.items() if name != "environment"}
        return kept if path.endswith("tenant/info") else document

    with proxy(desk.emulator.production, untouched, silent) as url:
        desk.configure(desk.environment(base_url=url), desk.feed())
        desk.plan(*lines(3))
        sick, refused = desk.run("doctor", "acme"), desk.run("sync", "acme")
        waived = 'waivers = { tenant-info-environment = "never said here, J. Berg" }'
        desk.configure(desk.environment(base_url=url, extra=waived), desk.feed())
        well, sent = desk.run("doctor", "acme"), desk.run("sync", "acme")

    assert (sick.code, refused.code) == (4, 4)
    assert "tenant-info-environment" in sick.out
    assert (well.code, sent.code) == (0, 0)


def test_a_case_file_holds_the_calls_and_a_past_run_and_no_planning_figure(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(5, headcount=987654))
    assert desk.run("sync", "acme").code == 0
    run_id = next(one["run"]["run_id"] for one in desk.run("--json", "history", "acme").events())
    desk.emulator.switch_on("role-missing")
    now, then = desk.folder / "now.zip", desk.folder / "then.zip"
    desk.run("doctor", "acme", "--bundle", str(now))
    assert desk.run("doctor", "acme", "--bundle", str(then), "--run", run_id).code == 0

    case = json.loads(zipfile.ZipFile(now).read("case.json"))
    assert [one["status"] for one in case["calls"]] == [200, 200, 200, 401, 401, 401]
    refused = case["calls"][3]
    assert desk.audit(correlation_id=refused["correlation_id"])[0]["check"] == "role"
    assert "date" in {header["name"] for header in refused["answered"]}
    assert {"name": "tenant_id", "value": desk.client().tenant_id} in case["calls"][1]["claims"]
    past = json.loads(zipfile.ZipFile(then).read("run.json"))
    assert past["batches"][0]["attempts"][0]["status"] == 200
    assert "987654" not in _inside(then)
    assert now.stat().st_mode & 0o777 == 0o600
    assert desk.run("doctor", "acme", "--bundle", str(then), "--run", "no-such-run").code == 2


def _inside(path: Path) -> str:
    archive = zipfile.ZipFile(path)
    return "".join(archive.read(name).decode() for name in archive.namelist())

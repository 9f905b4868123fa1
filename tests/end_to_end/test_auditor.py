"""What an auditor is handed: a line for each change, and a page with runs and decisions that can be signed off."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import datetime
from pathlib import Path

import pytest
from tests.conftest import UNJUDGED, Desk, lines


@pytest.fixture
def audited(desk: Desk) -> Desk:
    """Plans that were approved, changed, partly rejected by UKG, and rejected by a person."""
    desk.configure(desk.environment(approval="", extra=UNJUDGED), desk.feed())
    for plan, decision in (
        (lines(12), "approve"),
        ([*lines(12, headcount=6), "budget,v1,2027-01,9999,CC0100,L01,J001,5,5.50"], "approve"),
        (lines(11), "reject"),
    ):
        desk.plan(*plan)
        assert desk.run("sync", "acme").code == 6
        name = desk.run("--json", "waiting").events()[0]["name"]
        assert desk.run(decision, name, "--reason", '=HYPERLINK("http://evil")').code == 0
        desk.run("sync", "acme")
    return desk


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_each_change_is_a_line_that_answers_for_itself_and_runs_and_decisions_are_on_the_page(
    audited: Desk,
) -> None:
    path = audited.folder / "changes.csv"
    outcome = audited.run("--json", "history", "acme", "--csv", str(path))
    rows, runs = read(path), audited.run("--json", "history").events()

    assert outcome.code == 0, outcome
    exported = outcome.events()[0]["exported"]
    assert exported["lines"] == len(rows) == 12 + 13
    assert exported["digest"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.stat().st_mode & 0o777 == 0o600
    first, last = rows[0], rows[-1]
    run = runs[-1]["run"]
    for moment, name in (("began", "started_at"), ("ended", "ended_at")):
        assert datetime.fromisoformat(first.pop(moment)) == datetime.fromisoformat(run[name])
    assert {name: value for name, value in first.items() if value} == {
        "tenant": "acme",
        "environment": "production",
        "feed": "headcount",
        "run": run["run_id"],
        "state": "complete",
        "ran_by": run["owner"],
        "source": "plan.csv",
        "source_sha256": run["source_digest"],
        "record": "1",
        "action": "create",
        "scenario": "budget",
        "version": "v1",
        "period_start": "2027-01-01",
        "org_unit": "0100",
        "cost_center": "CC0100",
        "location": "L01",
        "job": "J001",
        "headcount": "5",
        "fte": "5.5",
        "outcome": "accepted",
        "answered_at": first["answered_at"],
        "correlation_id": first["correlation_id"],
        "plan_sha256": run["plan_digest"],
        "approved_by": "root",
        "approved_at": run["approved_at"],
        "reason": """'=HYPERLINK("http://evil")""",
    }
    assert (last["org_unit"], last["outcome"], last["code"], last["field"]) == (
        "9999",
        "rejected",
        "unknown_code",
        "org_unit",
    )
    assert [(row["headcount_before"], row["headcount"]) for row in rows[12:24]] == [("5", "6")] * 12

    audited.run("history", "acme", "--csv", str(path), "--key", "period_start=2027-03")
    assert [(row["period_start"], row["headcount"]) for row in read(path)] == [("2027-03-01", "5"), ("2027-03-01", "6")]
    assert audited.run("history", "acme", "--csv", str(path), "--until", "2020-12-31").code == 0
    assert read(path) == []

    page = audited.folder / "signed.html"
    assert audited.run("history", "acme", "--csv", str(path), "--html", str(page)).code == 0
    told = page.read_text()
    plans = audited.run("--json", "waiting", "--decided").events()

    assert hashlib.sha256(path.read_bytes()).hexdigest() in told
    for event in runs:
        for proof in ("run_id", "source_digest", "plan_digest"):
            assert event["run"][proof] in told
    for event in plans:
        assert event["proposal"]["plan"]["digest"] in told
    assert sorted(event["state"] for event in plans) == ["done", "done", "rejected"]
    assert "<b>rejected</b>" in told
    assert "1 unknown_code" in told
    assert told.count("=HYPERLINK(&quot;http://evil&quot;)") == 2 + 3
    assert "default-src 'none'" in told
    assert "http" not in told.replace("=HYPERLINK(&quot;http://evil&quot;)", "").replace("http-equiv", "")
    assert page.stat().st_mode & 0o777 == 0o600

    newer, older = runs
    assert audited.run("history", "acme", "--key", "org_unit=9999", "--html", str(page)).code == 0
    assert newer["run"]["run_id"] in page.read_text()
    assert older["run"]["run_id"] not in page.read_text()


def test_a_file_that_cannot_be_written_is_named(desk: Desk) -> None:
    desk.configure()
    outcome = desk.run("history", "acme", "--csv", str(desk.folder / "nowhere" / "changes.csv"))

    assert outcome.code == 2
    assert "changes.csv cannot be written: No such file or directory." in outcome.err
    assert desk.run("history", "--csv", "changes.csv").code == 2

"""What UKG rejected reaches the rejects file with its origin and UKG's words, and is fed back, whatever the source."""

from __future__ import annotations

import csv
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.conftest import HEADER, UNJUDGED, WRITE, Desk, lines
from tests.proxy import Reply, between

from bridgehead.tables import Session

SKIP = '[tenants.acme.feeds.headcount.rules]\non_invalid = "skip"'
GOOD = "budget,v1,2027-01,0100,CC0100,L01,J001,5,5.50"
BAD = "budget,v1,2027-02,9999,CC0100,L01,J001,5,5.50"
ROWS = [line.split(",") for line in (HEADER, GOOD, BAD)]
UNKNOWN = "unknown"


def rejects(desk: Desk, name: str = "rejects.csv") -> list[dict[str, str]]:
    with (desk.folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def sync(desk: Desk, *more: str, name: str = "rejects.csv") -> Any:
    return desk.run("sync", "acme", "--rejects", str(desk.folder / name), *more)


def fed_back(desk: Desk, old: str = "9999", new: str = "0101") -> Any:
    """Correct the rejects, and feed them back."""
    path = desk.folder / "rejects.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace(old, new), encoding="utf-8")
    return desk.run("sync", "acme", "--from", str(path), "--allow", "total")


def refusing(*rows: int) -> Callable[[int, int, Any], Reply]:
    """Let UKG reject these records of the first write, in words that a spreadsheet would run."""

    def reply(_number: int, status: int, document: Any) -> Reply:
        for row in rows:
            error = {"code": "frozen", "field": "org_unit", "message": "=frozen since 2027"}
            document["results"][row] |= {"status": "rejected", "error": error}
        return status, {}, document

    return reply


def csv_file(folder: Path) -> str:
    with (folder / "plan.csv").open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows(ROWS)
    return 'path = "plan.csv"'


def zipped(folder: Path) -> str:
    csv_file(folder)
    with zipfile.ZipFile(folder / "plan.zip", "w") as archive:
        archive.write(folder / "plan.csv", "plan.csv")
    return 'path = "plan.zip"'


def workbook(folder: Path) -> str:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append([float(cell) if cell[:1] == "5" else cell for cell in row])
    book.save(folder / "plan.xlsx")
    return 'path = "plan.xlsx"'


def parquet(folder: Path) -> str:
    with Session(temp_directory=str(folder)) as session:
        session.fill("plan", [f"{title} VARCHAR" for title in ROWS[0]], ROWS[1:])
        session.save_parquet("SELECT * FROM plan", str(folder / "plan.parquet"))
    return 'path = "plan.parquet"'


def several(folder: Path) -> str:
    for name, row in zip("ab", ROWS[1:], strict=True):
        (folder / f"{name}.csv").write_text(f"{HEADER}\n{','.join(row)}\n")
    return 'path = "[ab].csv"'


def database(folder: Path) -> str:
    connection = sqlite3.connect(folder / "plan.db")
    connection.execute(f"CREATE TABLE plan ({HEADER})")
    connection.executemany(f"INSERT INTO plan VALUES ({', '.join('?' * len(ROWS[0]))})", ROWS[1:])  # noqa: S608
    connection.commit()
    connection.close()
    return 'connection = "sqlite:///plan.db"\nquery = "SELECT * FROM plan ORDER BY rowid"'


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        (csv_file, "plan.csv:3"),
        (zipped, "plan.zip:plan.csv:3"),
        (workbook, "plan.xlsx Sheet row 3"),
        (parquet, "plan.parquet row 2"),
        (several, "b.csv:2"),
        (database, "query row 2"),
    ],
)
def test_what_ukg_rejects_is_written_with_its_origin_corrected_and_fed_back(
    desk: Desk, source: Callable[[Path], str], origin: str
) -> None:
    where = source(desk.folder)
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed().replace('path = "plan.csv"', where))
    outcome = sync(desk)

    assert outcome.code == 7, outcome
    assert "1 row to correct" in outcome.err
    (row,) = rejects(desk)
    assert [row[title] for title in ROWS[0][:7]] == BAD.split(",")[:7]
    assert row["origin"] == origin
    assert UNKNOWN in row["rule"]
    assert row["message"].startswith("org_unit: ")
    again = fed_back(desk)
    assert again.code == 0, again
    assert {key.split("|")[3] for key in desk.held()} == {"0100", "0101"}
    assert [one["fte"] for one in desk.held().values()] == [5.5, 5.5]


WIDE = """
[tenants.acme.feeds.headcount.source]
path = "plan.csv"
columns = { org_unit = "Dept", job = "Job" }
constants = { scenario = "budget", version = "v1" }
unset = ["cost_center", "location"]
headers = { pattern = '(?P<year>\\d{4})-(?P<month>\\d{2})', measure = "headcount" }
"""


def test_several_cells_of_a_wide_row_are_one_row_with_their_messages_joined(desk: Desk) -> None:
    desk.configure(desk.environment(extra=UNJUDGED), WIDE, SKIP)
    (desk.folder / "plan.csv").write_text("Dept,Job,2027-01,2027-02,2027-03\n0100,J001,1,2,3\n9999,J001,1,x,3\n")
    assert sync(desk).code == 7

    (row,) = rejects(desk)
    assert [row[title] for title in ("Dept", "2027-01", "2027-02", "2027-03")] == ["9999", "1", "x", "3"]
    assert row["origin"] == "plan.csv:3 [2027-02]; plan.csv:3 [2027-01]; plan.csv:3 [2027-03]"
    assert row["rule"].split("; ")[0] == "number"
    assert "'x'" in row["message"]
    assert row["message"].count("org_unit: ") == 1
    path = desk.folder / "rejects.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace(",x,", ",2,"), encoding="utf-8")
    assert fed_back(desk).code == 0
    assert sorted(one["headcount"] for one in desk.held().values()) == [1, 1, 2, 2, 3, 3]


SPLIT = """
[tenants.acme.feeds.headcount.source]
path = "plan.csv"
constants = { scenario = "budget", version = "v1", cost_center = "CC0100", location = "L01", job = "J001" }
measure = { column = "account", words = { Heads = "headcount", FTE = "fte" }, value = "amount" }
columns = { org_unit = "org_unit", period_start = "period_start" }
"""
SPLIT_ROWS = "org_unit,account,amount,period_start\n9999,Heads,5,2027-01\n0100,Heads,7,2027-01\n9999,FTE,4.5,2027-01\n"


def test_with_a_rejected_row_go_the_others_that_its_cell_is_made_of(desk: Desk) -> None:
    desk.configure(desk.environment(extra=UNJUDGED), SPLIT)
    (desk.folder / "plan.csv").write_text(SPLIT_ROWS)
    assert sync(desk).code == 7

    assert [(row["account"], row["origin"]) for row in rejects(desk)] == [
        ("Heads", "plan.csv:2"),
        ("FTE", "plan.csv:4"),
    ]
    assert fed_back(desk).code == 0
    assert desk.held()["budget|v1|2027-01-01|0101|CC0100|L01|J001"]["fte"] == 4.5
    assert desk.held()["budget|v1|2027-01-01|0101|CC0100|L01|J001"]["headcount"] == 5


def test_with_a_row_that_breaks_a_rule_go_the_others_of_its_cell_too(desk: Desk) -> None:
    desk.configure(desk.environment(), SPLIT, SKIP)
    (desk.folder / "plan.csv").write_text(SPLIT_ROWS.replace("9999", "0101").replace("4.5", "many"))
    assert sync(desk).code == 0

    heads, fte = rejects(desk)
    assert (fte["rule"], fte["origin"]) == ("number", "plan.csv:4")
    assert (heads["rule"], heads["message"]) == ("number", "belongs to a cell of plan.csv:4, and has to go with it")
    assert fed_back(desk, "many", "4.5").code == 0
    assert desk.held()["budget|v1|2027-01-01|0101|CC0100|L01|J001"]["headcount"] == 5


def test_all_rows_of_a_rejected_sum_are_fed_back_together(desk: Desk) -> None:
    desk.configure(
        desk.environment(extra=UNJUDGED), desk.feed(), '[tenants.acme.feeds.headcount.rules]\nduplicates = "sum"'
    )
    desk.plan(GOOD, BAD, BAD)
    assert sync(desk).code == 7

    assert [row["origin"] for row in rejects(desk)] == ["plan.csv:3", "plan.csv:4"]
    assert fed_back(desk).code == 0
    assert desk.held()["budget|v1|2027-02-01|0101|CC0100|L01|J001"]["headcount"] == 10


def test_a_refused_retirement_is_told_and_not_written_since_nothing_could_be_fed_back(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(12))
    assert desk.run("sync", "acme").code == 0
    desk.plan(*lines(12)[:5], *lines(12)[6:])
    with between(desk.emulator.production, refusing(0)) as url:
        desk.configure(desk.environment(base_url=url), desk.feed())
        outcome = sync(desk, "--allow", "retired")

    assert outcome.code == 7
    assert rejects(desk) == []
    assert "1 record that UKG rejected is no longer in the source" in outcome.err
    assert "no longer in the source" in outcome.out


def test_a_saved_plan_names_the_rows_of_the_file_as_it_is_by_now(desk: Desk) -> None:
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed())
    desk.plan(GOOD, BAD, BAD.replace("2027-02", "2027-03"))
    plan = str(desk.folder / "p.parquet")
    assert desk.run("plan", "acme", "--out", plan).code == 0
    desk.plan(GOOD, GOOD.replace("J001", "J002"), BAD)
    outcome = desk.run("sync", plan, "--rejects", str(desk.folder / "rejects.csv"))

    assert outcome.code == 7
    assert [(row["origin"], row["org_unit"]) for row in rejects(desk)] == [("plan.csv:4", "9999")]
    assert "1 record that UKG rejected is no longer in the source" in outcome.err


def test_a_source_that_has_changed_meanwhile_is_not_taken_for_what_was_sent(desk: Desk) -> None:
    def change(number: int, status: int, document: Any) -> Reply:
        desk.plan(BAD, GOOD)
        return refusing(1)(number, status, document)

    desk.plan(GOOD, BAD)
    (desk.folder / "rejects.csv").write_text("of an earlier run")
    with between(desk.emulator.production, change) as url:
        desk.configure(desk.environment(base_url=url, extra=UNJUDGED), desk.feed())
        outcome = sync(desk)

    assert outcome.code == 3
    assert "plan.csv is not what it was when it was read" in outcome.err
    assert "frozen" in outcome.out
    assert (desk.folder / "rejects.csv").read_text() == "of an earlier run"


def test_what_was_rejected_before_a_run_ends_otherwise_is_written_too(desk: Desk) -> None:
    def refuse_then_fail(number: int, status: int, document: Any) -> Reply:
        if number > 1:
            return 415, {}, {"error": "no more"}
        return refusing(0)(number, status, document)

    limits = "in_flight = 1\ndialect_overrides = { headcount = { max_records = 1 } }"
    desk.plan(*lines(5))
    with between(desk.emulator.production, refuse_then_fail) as url:
        desk.configure(desk.environment(base_url=url, extra=limits), desk.feed())
        outcome = sync(desk)

    assert outcome.code == 4
    assert [row["origin"] for row in rejects(desk)] == ["plan.csv:2"]


def test_what_cannot_be_written_is_said_and_leaves_nothing_behind(desk: Desk) -> None:
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed())
    desk.plan(GOOD, BAD)
    outcome = sync(desk, name="nowhere/rejects.csv")

    assert outcome.code == 2
    assert "Check --rejects" in outcome.err
    assert len(desk.held()) == 1


def test_what_ended_a_run_before_rows_were_judged_is_told_and_not_that_there_are_none(desk: Desk) -> None:
    desk.configure()
    desk.plan(GOOD)
    assert desk.run("sync", "acme").code == 0
    globex = desk.client("globex")
    section = desk.environment(tenant_id=globex.tenant_id, client_id=globex.client_id)
    (desk.folder / "acme-production.secret").write_text(globex.secret)
    desk.configure(section, desk.feed())
    plan, path = str(desk.folder / "p.parquet"), desk.folder / "rejects.csv"
    outcome = desk.run("plan", "acme", "--out", plan, "--rejects", str(path))

    assert outcome.code == 2
    assert "ledger-unusable" in outcome.err
    assert "rejects.csv was not written" in " ".join(outcome.err.split())
    assert not path.exists()


CELLS = ["=1+1", "'=1+1", "'quoted", "-5", "-1,5", "@x", "+x", "a;=b", '"=x"', "'", "", " x", "-1-2"]


def test_no_cell_runs_in_a_spreadsheet_and_each_comes_back_as_it_was(desk: Desk) -> None:
    title = "=Comment"
    extra = f"ignore = [{json.dumps(title)}]"
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed(extra=extra))
    rows = [
        [*BAD.replace("2027-02", f"2027-{number:02d}").split(","), cell] for number, cell in enumerate(CELLS[:12], 1)
    ]
    with (desk.folder / "plan.csv").open("w", newline="") as file:
        csv.writer(file).writerows([[*ROWS[0], title], *rows])
    with between(desk.emulator.production, refusing(0)) as url:
        desk.configure(desk.environment(base_url=url, extra=UNJUDGED), desk.feed(extra=extra))
        assert sync(desk).code == 7

    desk.configure(desk.environment(extra=UNJUDGED), desk.feed(extra=extra))
    written = rejects(desk)
    first = {cell[:1] for row in written for named in row.items() for cell in named if cell not in ("-5", "-1,5")}
    assert first.isdisjoint("=+-@\t\r\n")
    assert "-5" in {row["'=Comment"] for row in written}
    assert "'=frozen" in "".join(row["message"] for row in written).replace("org_unit: ", "'")
    again = desk.run(
        "sync", "acme", "--from", str(desk.folder / "rejects.csv"), "--rejects", str(desk.folder / "2.csv")
    )
    assert again.code == 7, again
    assert [row["'=Comment"] for row in rejects(desk, "2.csv")] == [row["'=Comment"] for row in written]


@pytest.mark.parametrize(
    ("size", "bad"), [(1000, 1), (5, 7), (1, 3)], ids=["in the first request", "in a later one", "alone in its request"]
)
def test_a_record_that_ukg_names_by_its_position_alone_is_the_one_that_was_rejected(
    desk: Desk, size: int, bad: int
) -> None:
    unjudged = 'metadata = { codes = { org_unit = "not.listed" } }'
    limits = f"dialect_overrides = {{ headcount = {{ max_records = {size} }}, {unjudged} }}"
    desk.configure(desk.environment(extra=limits), desk.feed())
    rows = lines(10)
    rows[bad] = rows[bad].replace(",0100,", ",9999,")
    desk.plan(*rows)
    desk.emulator.switch_on("results-by-position", within=f"POST {WRITE}")

    assert desk.run("sync", "acme", "--rejects", str(desk.folder / "rejects.csv")).code == 7
    assert [row["origin"] for row in rejects(desk)] == [f"plan.csv:{bad + 2}"]
    assert len(desk.held()) == 9
    desk.emulator.switch_off()
    again = desk.run("--json", "sync", "acme")
    assert again.finished()["rejected"] == 1  # it is tried again, and no other
    assert len(desk.held()) == 9


def test_words_that_no_database_keeps_are_kept_all_the_same(desk: Desk) -> None:
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed())
    desk.plan(*lines(2))

    def reply(_: int, status: int, body: Any) -> Reply:
        error = {"code": "bad\0code", "field": "", "message": "it says \0 here"}
        first = body["results"][0] | {"status": "rejected", "error": error}
        return status, {}, body | {"results": [first, *body["results"][1:]]}

    with between(desk.emulator.production, reply) as url:
        desk.configure(desk.environment(base_url=url, extra=UNJUDGED), desk.feed())
        assert desk.run("sync", "acme", "--no-verify").code == 7
    with sqlite3.connect(desk.folder / ".bridgehead" / "ledger.sqlite") as ledger:
        assert ledger.execute("SELECT code, message FROM reject").fetchall() == [
            ("bad\ufffdcode", "it says \ufffd here")
        ]
    ledger.close()

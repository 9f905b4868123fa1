"""Rows that are not as they should be: refused or skipped, written to a file, corrected and fed back."""

from __future__ import annotations

import csv

import pytest
from tests.conftest import Desk, lines

SKIP = '[tenants.acme.feeds.headcount.rules]\non_invalid = "skip"'


def rejects(desk: Desk, name: str = "rejects.csv") -> list[dict[str, str]]:
    with (desk.folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_one_bad_row_stops_the_plan_and_all_findings_are_listed_at_once(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(3), "budget,v1,2027-01,9999,CC0100,L01,J001,5,x", "budget,v1,2027-01,9998,CC0100,L01,J001,5,5")
    outcome = desk.run("sync", "acme", "--rejects", str(desk.folder / "rejects.csv"))

    assert outcome.code == 3
    assert "number (1)" in outcome.err
    assert "unknown (1)" in outcome.err
    assert desk.writes() == 0
    assert [(row["origin"], row["rule"]) for row in rejects(desk)] == [
        ("plan.csv:5", "number"),
        ("plan.csv:6", "unknown"),
    ]
    assert rejects(desk)[0]["fte"] == "x"


def test_bad_rows_are_skipped_where_the_rules_say_so_and_their_keys_are_held(desk: Desk) -> None:
    desk.configure(desk.environment(), desk.feed(), SKIP)
    desk.plan(*lines(12))
    assert desk.run("sync", "acme").code == 0
    desk.plan(*lines(10), lines(11)[10].replace(",5,5.50", ",5,many"), lines(12)[11].replace(",5,", ",6,"))
    outcome = desk.run("--json", "plan", "acme").events()[0]["plan"]

    assert outcome["counts"]["skipped"] == 1
    assert (outcome["counts"]["retire"], outcome["counts"]["update"]) == (0, 1)
    assert [one["rule"] for one in outcome["findings"] if one["rule"] != "part_time"] == ["number"]
    assert desk.run("sync", "acme").code == 0
    assert sorted(record["headcount"] for record in desk.held().values()) == [5] * 11 + [6]
    assert desk.run("verify", "acme").code == 0


def test_a_bad_row_whose_key_cannot_be_read_keeps_everything_from_being_retired(desk: Desk) -> None:
    desk.configure(desk.environment(), desk.feed(), SKIP)
    desk.plan(*lines(12))
    desk.run("sync", "acme")
    desk.plan(*lines(10), lines(11)[10].replace("2027-11", "soon"))
    outcome = desk.run("--json", "plan", "acme").events()[0]["plan"]

    assert (outcome["counts"]["retire"], outcome["counts"]["skipped"]) == (0, 1)


@pytest.mark.parametrize("cell", ["5,x", "-5,5.50", "5,5.50"])
def test_a_code_with_an_invisible_character_is_no_key_whatever_else_is_wrong_with_its_row(
    desk: Desk, cell: str
) -> None:
    desk.configure(desk.environment(), desk.feed(), SKIP)
    desk.plan(*lines(12))
    desk.run("sync", "acme")
    good = lines(12)
    desk.plan(good[0].replace("J001,5,5.50", f"J001\x0b,{cell}"), *good[1:])
    outcome = desk.run("--json", "sync", "acme").events()[0]["plan"]

    assert (outcome["counts"]["retire"], outcome["counts"]["skipped"]) == (0, 1)
    assert "control" in {one["rule"] for one in outcome["findings"]}
    assert len([record for record in desk.held().values() if record["headcount"]]) == 12


@pytest.mark.parametrize("wrong", ["J001\x0b", "J999", "J" * 60])
def test_half_a_cell_whose_other_half_cannot_be_placed_is_not_sent(desk: Desk, wrong: str) -> None:
    source = """[tenants.acme.feeds.headcount.source]
path = "plan.csv"
measure = { column = "m", value = "x", words = { HC = "headcount", FTE = "fte" } }
[tenants.acme.feeds.headcount.source.columns]
scenario = "s"
version = "v"
period_start = "p"
org_unit = "o"
cost_center = "c"
location = "l"
job = "j"
"""
    desk.configure(desk.environment(), source, SKIP)
    rows = ["s,v,p,o,c,l,j,m,x", *(f"budget,v1,2027-01,0100,CC0100,L01,J001,{said}" for said in ("HC,5", "FTE,5.5"))]
    (desk.folder / "plan.csv").write_text("\n".join(rows) + "\n")
    assert desk.run("sync", "acme").code == 0
    (desk.folder / "plan.csv").write_text("\n".join(rows).replace("J001,FTE", f"{wrong},FTE") + "\n")

    assert desk.run("sync", "acme").code == 3
    assert [record["fte"] for record in desk.held().values()] == [5.5]


def test_of_two_rows_of_a_cell_none_is_sent_though_one_breaks_another_rule(desk: Desk) -> None:
    strict = f'{SKIP}\nfte_over_headcount = "refuse"'
    desk.configure(desk.environment(), desk.feed(), strict)
    good = [line.replace("5.50", "5.00") for line in lines(12)]
    desk.plan(*good)
    assert desk.run("sync", "acme").code == 0
    desk.plan(good[0].replace("5,5.00", "6,6.00"), good[0].replace("5.00", "7.00"), *good[1:])
    outcome = desk.run("--json", "sync", "acme").events()[0]["plan"]

    assert {one["rule"] for one in outcome["findings"]} == {"duplicate"}
    assert {record["headcount"] for record in desk.held().values()} == {5}


def test_corrected_rejects_are_fed_back_and_nothing_else_is_touched(desk: Desk) -> None:
    desk.configure(desk.environment(), desk.feed(), SKIP)
    desk.plan(*lines(12), "budget,v1,2027-01,0101,CC0100,L01,J001,5,x", "budget,v1,2027-01,0102,CC0100,L01,J001,5,y")
    path = desk.folder / "rejects.csv"
    outcome = desk.run("sync", "acme", "--rejects", str(path))
    assert outcome.code == 0
    assert "2 rows to correct" in outcome.err
    path.write_text(path.read_text(encoding="utf-8-sig").replace(",x,", ",5,").replace(",y,", ",5,"), encoding="utf-8")
    again = desk.run("sync", "acme", "--from", str(path))

    assert again.code == 0, again
    assert "create 2" in again.out
    assert "retire 0" in again.out
    assert len(desk.held()) == 14


def test_every_row_of_a_doubled_cell_is_in_the_rejects(desk: Desk) -> None:
    desk.configure()
    desk.plan(*lines(3), lines(1)[0])
    desk.run("plan", "acme", "--rejects", str(desk.folder / "rejects.csv"))

    assert [row["origin"] for row in rejects(desk)] == ["plan.csv:2", "plan.csv:5"]
    assert "plan.csv:2" in rejects(desk)[1]["message"]


WIDE = """
[tenants.acme.feeds.headcount.source]
path = "plan.csv"
columns = { org_unit = "Dept", job = "Job" }
constants = { scenario = "budget", version = "v1" }
unset = ["cost_center", "location"]
headers = { pattern = '(?P<year>\\d{4})-(?P<month>\\d{2})', measure = "headcount" }
"""
WIDE_ROWS = "Dept,Job,2027-01,2027-02,2027-03\n0100,J001,1,2,3\n9999,J001,1,2,3\n0101,J001,4,x,6\n"


def test_a_wrong_code_of_a_wide_row_is_said_once_and_all_its_cells_are_left_out(desk: Desk) -> None:
    desk.configure(desk.environment(), WIDE, SKIP)
    (desk.folder / "plan.csv").write_text(WIDE_ROWS)
    outcome = desk.run("sync", "acme", "--rejects", str(desk.folder / "rejects.csv"))

    assert outcome.code == 0
    assert "4 cells of the plan are left out" in outcome.err
    assert "unknown (1)" in outcome.err
    assert len(desk.held()) == 5
    (code, figure) = rejects(desk)
    assert (code["origin"], code["rule"]) == ("plan.csv:3", "unknown")
    assert code["message"].startswith("Dept: UKG has no org unit '9999'")
    assert (figure["origin"], figure["2027-02"]) == ("plan.csv:4 [2027-02]", "x")


def test_corrected_rejects_of_a_wide_file_are_fed_back(desk: Desk) -> None:
    desk.configure(desk.environment(), WIDE, SKIP)
    (desk.folder / "plan.csv").write_text(WIDE_ROWS)
    path = desk.folder / "rejects.csv"
    desk.run("sync", "acme", "--rejects", str(path))
    told = path.read_text(encoding="utf-8-sig").replace("\n9999,", "\n0102,").replace(",x,", ",5,")
    path.write_text(told, encoding="utf-8")

    assert desk.run("sync", "acme", "--from", str(path), "--allow", "total").code == 0
    assert len(desk.held()) == 9


def test_where_there_are_more_mistakes_than_are_shown_the_way_to_all_of_them_is_told(desk: Desk) -> None:
    desk.configure()
    desk.plan(*[f"budget,v1,2027-01,0{number},CC0100,L01,J001,5,x" for number in range(100, 125)])
    outcome = desk.run("plan", "acme")

    assert "number (25)" in outcome.err
    assert "... and 5 more: --rejects FILE writes them all" in outcome.err


CROSSWALK = 'crosswalks = { org_unit = { path = "units.csv" } }'


def test_a_code_that_nobody_translates_keeps_everything_from_being_retired(desk: Desk) -> None:
    desk.configure(desk.environment(), desk.feed(extra=CROSSWALK), SKIP)
    (desk.folder / "units.csv").write_text("from,to\nA,0100\nB,0101\n")
    desk.plan(*[f"budget,v1,2027-{month:02d},{unit},CC0100,L01,J001,5,5" for month in range(1, 13) for unit in "AB"])
    assert desk.run("sync", "acme").code == 0
    (desk.folder / "units.csv").write_text("from,to\nA,0100\n")
    plan = desk.run("--json", "plan", "acme").events()[0]["plan"]

    assert (plan["counts"]["retire"], plan["counts"]["skipped"]) == (0, 12)


def test_half_a_cell_is_never_sent_alone(desk: Desk) -> None:
    long = "org_unit,account,amount,period_start\n"
    mapping = """
    constants = { scenario = "budget", version = "v1", cost_center = "CC0100", location = "L01", job = "J001" }
    measure = { column = "account", words = { Heads = "headcount", FTE = "fte" }, value = "amount" }
    columns = { org_unit = "org_unit", period_start = "period_start" }
    """
    source = f'[tenants.acme.feeds.headcount.source]\npath = "plan.csv"\n{mapping}\n{SKIP}'
    desk.configure(desk.environment(), source)
    (desk.folder / "plan.csv").write_text(f"{long}0100,Heads,5,2027-01\n0100,FTE,4.5,2027-01\n")
    assert desk.run("sync", "acme").code == 0
    (desk.folder / "plan.csv").write_text(f"{long}0100,Haeds,5,2027-01\n0100,FTE,4.5,2027-01\n")
    outcome = desk.run("sync", "acme")

    assert outcome.code == 3
    assert "'Haeds' is none of Heads, FTE" in outcome.err

"""One file for several tenants: every row reaches exactly one, and what would reach none or two is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.conftest import HEADER, Desk

COLUMNS = ", ".join(f'{name} = "{name}"' for name in HEADER.split(","))
ROUTING = 'routing = { column = "Company", tenants = { acme = ["ACME", "AC-*"], globex = ["GLX"] } }'
FEED = '[tenants.{0}.feeds.headcount]\nsource = "group"\n'


def configure(desk: Desk, routing: str = ROUTING, more: str = "", feeds: tuple[str, ...] = ("acme", "globex")) -> None:
    desk.configure(
        f'[sources.group]\npath = "group.csv"\ncolumns = {{ {COLUMNS} }}\n{routing}\n',
        more,
        desk.environment(),
        desk.environment("globex"),
        *(FEED.format(tenant) for tenant in feeds),
    )


def group(desk: Desk, *rows: tuple[str, str, int]) -> None:
    """Write the shared file: company, org unit, heads."""
    lines = [f"{company},budget,v1,2027-01,{org},CC0100,L01,J001,{heads},{heads}.50" for company, org, heads in rows]
    (desk.folder / "group.csv").write_text("\n".join([f"Company,{HEADER}", *lines]) + "\n")


def heads(desk: Desk, tenant: str) -> Decimal:
    return sum((Decimal(str(one["headcount"])) for one in desk.held(tenant).values()), Decimal())


ROWS = (("ACME", "0100", 5), ("GLX", "0100", 7), ("AC-2", "0101", 11), ("GLX", "0101", 13))


def test_every_row_reaches_its_tenant_and_no_other(desk: Desk) -> None:
    configure(desk)
    group(desk, *ROWS)

    assert (desk.run("sync", "acme").code, desk.run("sync", "globex").code) == (0, 0)
    assert (heads(desk, "acme"), heads(desk, "globex")) == (16, 20)
    assert (desk.run("verify", "acme").code, desk.run("verify", "globex").code) == (0, 0)


def test_the_plan_says_how_the_file_is_shared_out_and_the_shares_add_up_to_it(desk: Desk) -> None:
    configure(desk)
    group(desk, *ROWS)
    outcome = desk.run("plan", "acme")
    plan = desk.run("--json", "plan", "acme").events()[0]["plan"]

    assert "of the file's 4 projections go 2 to acme, 2 to globex; of its 36 head-months, 16 are here" in outcome.out
    assert sum(one["headcount"] for one in plan["shares"]) == 36
    assert [one["tenant"] for one in plan["shares"]] == ["acme", "globex"]


def test_the_same_cell_may_be_planned_for_each_tenant(desk: Desk) -> None:
    configure(desk)
    group(desk, ("ACME", "0100", 5), ("GLX", "0100", 7))

    assert desk.run("sync", "acme").code == 0
    assert desk.run("plan", "globex").code == 0


@pytest.mark.parametrize(
    ("routing", "company", "words"),
    [
        (ROUTING, "ACNE", "unrouted"),
        (ROUTING, "", "unrouted"),
        (ROUTING.replace('"GLX"', '"GLX", "ACME"'), "ACME", "ambiguous"),
    ],
)
def test_a_row_that_reaches_no_tenant_or_two_is_refused_and_listed(
    desk: Desk, routing: str, company: str, words: str
) -> None:
    configure(desk, routing)
    group(desk, ("AC-1", "0100", 5), (company, "0101", 7))
    for tenant in ("acme", "globex"):
        outcome = desk.run("sync", tenant)
        assert outcome.code == 3
        assert f"{words} (1)" in outcome.err
        assert "group.csv:3  Company:" in outcome.err
    assert (desk.held(), desk.held("globex")) == ({}, {})


def test_skipped_rows_of_nobody_are_held_for_every_tenant_and_still_add_up(desk: Desk) -> None:
    skip = '[tenants.acme.feeds.headcount.rules]\non_invalid = "skip"\n'
    configure(desk)
    group(desk, *ROWS)
    assert desk.run("sync", "acme").code == 0
    group(desk, ("ACNE", "0100", 6), *ROWS[1:])
    configure(desk, more="")
    text = (desk.folder / "bridgehead.toml").read_text()
    (desk.folder / "bridgehead.toml").write_text(text + skip)
    outcome = desk.run("--json", "sync", "acme")
    plan = next(event["plan"] for event in outcome.events() if event["type"] == "planned")

    assert outcome.code == 0
    assert (plan["counts"]["retire"], plan["counts"]["skipped"]) == (0, 1)
    assert {one["tenant"]: one["projections"] for one in plan["shares"]} == {"": 1, "acme": 1, "globex": 2}
    assert heads(desk, "acme") == 16


def test_a_row_without_a_number_needs_no_tenant(desk: Desk) -> None:
    configure(desk)
    group(desk, *ROWS)
    with (desk.folder / "group.csv").open("a") as file:
        file.write("exported 2027-01-02,,,,,,,,,\n")
    assert desk.run("sync", "acme").code == 0


def test_control_totals_of_the_whole_file_and_of_a_tenants_part_have_to_match(desk: Desk) -> None:
    group(desk, *ROWS)
    configure(desk, more='[sources.group.control]\ntotals = { headcount = "36", projections = "4" }\n')
    assert desk.run("sync", "acme").code == 0
    configure(desk, more='[sources.group.control]\ntotals = { headcount = "37" }\n')
    outcome = desk.run("sync", "globex")

    assert outcome.code == 6
    assert "group.csv adds up to 36 headcount, its control total says 37" in outcome.err


def test_measures_in_rows_of_their_own_come_together_for_each_tenant(desk: Desk) -> None:
    columns = {name: name for name in HEADER.split(",")[:7]}
    mapped = ", ".join(f'{name} = "{name}"' for name in columns)
    desk.configure(
        f'[sources.group]\npath = "group.csv"\ncolumns = {{ {mapped} }}\n{ROUTING}\n'
        'measure = { column = "Account", words = { Heads = "headcount", FTE = "fte" }, value = "Amount" }\n',
        desk.environment(),
        desk.environment("globex"),
        FEED.format("acme"),
        FEED.format("globex"),
    )
    lines = [
        f"{company},budget,v1,2027-01,0100,CC0100,L01,J001,{account},{amount}"
        for account, amounts in (("Heads", (5, 7)), ("FTE", (4, 6)))
        for company, amount in zip(("ACME", "GLX"), amounts, strict=True)
    ]
    (desk.folder / "group.csv").write_text("\n".join([f"Company,{','.join(columns)},Account,Amount", *lines]) + "\n")

    assert (desk.run("sync", "acme").code, desk.run("sync", "globex").code) == (0, 0)
    assert [(one["headcount"], one["fte"]) for one in desk.held("globex").values()] == [(7, 6)]


@pytest.mark.parametrize(
    ("routing", "feeds", "words"),
    [
        ("", ("acme", "globex"), "is read for acme and for globex, and has no routing"),
        (ROUTING, ("acme",), "routes rows to globex, which has no feed that reads it"),
        (ROUTING.replace(', globex = ["GLX"]', ""), ("acme", "globex"), "routes no row to globex"),
    ],
)
def test_a_source_that_would_reach_the_wrong_tenants_is_a_wrong_configuration(
    desk: Desk, routing: str, feeds: tuple[str, ...], words: str
) -> None:
    configure(desk, routing, feeds=feeds)
    outcome = desk.run("plan", "acme")

    assert outcome.code == 2
    assert words in outcome.err
    assert "bridgehead.toml:" in outcome.err
    assert "[sources.group]" in outcome.err


def test_a_source_that_nobody_declared_is_named_with_those_that_are(desk: Desk) -> None:
    configure(desk, feeds=("globex",))
    text = (desk.folder / "bridgehead.toml").read_text()
    (desk.folder / "bridgehead.toml").write_text(text + FEED.format("acme").replace('"group"', '"groupp"'))
    outcome = desk.run("plan", "acme")

    assert outcome.code == 2
    assert "there is no source 'groupp'" in outcome.err
    assert "Did you mean 'group'?" in outcome.err


def test_a_routing_column_that_the_file_lacks_is_named_with_its_section(desk: Desk) -> None:
    configure(desk, ROUTING.replace('"Company"', '"Firm"'))
    group(desk, *ROWS)
    outcome = desk.run("plan", "acme")

    assert outcome.code == 3
    assert "no column 'Firm', which routing.column names" in outcome.err

"""A dated crosswalk makes a rename a move: shown as a pair, no retirement, and the old side goes after the new one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from tests.conftest import UNJUDGED, Desk
from tests.end_to_end.test_read_back import somebody_else_writes
from tests.proxy import between

MONTHS = ("2027-01", "2027-02", "2027-03", "2027-04")
CROSSWALK = 'crosswalks = { org_unit = { path = "units.csv", effective = "since" } }'


def planned(*orgs: str, months: tuple[str, ...] = MONTHS, heads: int = 5) -> list[str]:
    return [f"budget,v1,{month},{org},CC0100,L01,J001,{heads},{heads}.50" for org in orgs for month in months]


def heads(desk: Desk) -> dict[tuple[str, str], Decimal]:
    """What UKG holds, by org unit and month, zeros left out."""
    return {
        (one["org_unit"], one["period_start"][:7]): Decimal(str(one["headcount"]))
        for one in desk.held().values()
        if one["headcount"]
    }


def drawn(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = desk.run("--json", "plan", "acme").events()[0]["plan"]
    return found


@pytest.fixture
def renamed(desk: Desk) -> Desk:
    """Units 0100 and 0101 have been delivered; since March, 0100 is called 0102."""
    (desk.folder / "units.csv").write_text("from,to,since\n")
    desk.configure(desk.environment(extra=UNJUDGED), desk.feed(extra=CROSSWALK))
    desk.plan(*planned("0100", "0101"))
    assert desk.run("sync", "acme").code == 0
    (desk.folder / "units.csv").write_text("from,to,since\n0100,0102,2027-03\n")
    return desk


def test_a_rename_is_shown_as_pairs_and_moves_no_total(renamed: Desk) -> None:
    outcome = renamed.run("plan", "acme")
    plan = drawn(renamed)

    assert "+ create 2   ~ update 0   - retire 0   = unchanged 6   → move 2" in outcome.out
    pair = "→ budget v1 2027-03 0100 / CC0100 / L01 / J001 → budget v1 2027-03 0102 / CC0100 / L01 / J001"
    assert f"{pair}   5 headcount, 5.5 fte" in outcome.out
    assert [(one["heads_before"], one["heads_after"]) for one in plan["totals"]] == [(40, 40)]
    assert [change["moved_to"]["org_unit"] for change in plan["examples"] if change["action"] == "move"] == ["0102"] * 2


def test_a_rename_stops_at_no_guardrail_and_leaves_nothing_to_plan(renamed: Desk) -> None:
    before = heads(renamed)
    assert renamed.run("sync", "acme").code == 0

    moved = {
        ("0102" if org == "0100" and month >= "2027-03" else org, month): one for (org, month), one in before.items()
    }
    assert heads(renamed) == moved
    assert renamed.run("verify", "acme").code == 0
    assert drawn(renamed)["counts"]["unchanged"] == 8
    assert renamed.run("plan", "acme", "--exit-code").code == 0


def test_a_whole_unit_may_move_though_it_may_not_go(renamed: Desk) -> None:
    (renamed.folder / "units.csv").write_text("from,to,since\n0100,0102,2027-01\n")
    assert drawn(renamed)["counts"]["move"] == 4
    assert renamed.run("sync", "acme").code == 0
    assert {org for org, _ in heads(renamed)} == {"0101", "0102"}


def test_the_old_side_stays_when_ukg_rejects_the_new_one(renamed: Desk) -> None:
    (renamed.folder / "units.csv").write_text("from,to,since\n0100,9999,2027-03\n")
    before = heads(renamed)
    outcome = renamed.run("sync", "acme")

    assert outcome.code == 7
    assert heads(renamed) == before
    plan = drawn(renamed)
    assert (plan["counts"]["create"], plan["counts"]["move"], plan["counts"]["retire"]) == (2, 2, 0)


def test_only_the_side_of_a_move_that_was_rejected_keeps_its_old_one(renamed: Desk) -> None:
    (renamed.folder / "units.csv").write_text("from,to,since\n0100,9999,2027-03\n0101,0102,2027-03\n")
    assert renamed.run("sync", "acme").code == 7
    assert heads(renamed).keys() == {
        *(("0100", month) for month in MONTHS),
        *(("0101", month) for month in MONTHS[:2]),
        *(("0102", month) for month in MONTHS[2:]),
    }
    assert renamed.run("verify", "acme").code == 0


def test_the_old_side_stays_when_the_new_code_is_known_to_be_wrong(renamed: Desk) -> None:
    (renamed.folder / "units.csv").write_text("from,to,since\n0100,9999,2027-03\n")
    skip = '[tenants.acme.feeds.headcount.rules]\non_invalid = "skip"'
    renamed.configure(renamed.environment(), renamed.feed(extra=CROSSWALK), skip)
    counts = drawn(renamed)["counts"]

    assert (counts["create"], counts["move"], counts["retire"], counts["skipped"]) == (0, 0, 0, 2)


def test_the_old_side_stays_when_the_row_of_the_new_one_breaks_a_rule(renamed: Desk) -> None:
    skip = '[tenants.acme.feeds.headcount.rules]\non_invalid = "skip"'
    renamed.configure(renamed.environment(extra=UNJUDGED), renamed.feed(extra=CROSSWALK), skip)
    lines = planned("0100", "0101")
    renamed.plan(*lines[:2], lines[2].replace(",5,", ",x,"), *lines[3:])
    counts = drawn(renamed)["counts"]

    assert (counts["create"], counts["move"], counts["retire"], counts["skipped"]) == (1, 1, 0, 1)


def test_a_unit_that_leaves_the_plan_in_the_month_of_its_rename_is_retired(renamed: Desk) -> None:
    renamed.plan(*planned("0100", "0101")[:2], *planned("0101"))
    counts = drawn(renamed)["counts"]

    assert (counts["move"], counts["retire"]) == (0, 2)


def test_the_old_side_leaves_after_every_answer_to_the_new_one(renamed: Desk) -> None:
    sent: list[list[tuple[str, int]]] = []

    def seen(_number: int, status: int, body: Any) -> Any:
        sent.append([(one["client_ref"], status) for one in body.get("results", [])])
        return status, {}, body

    with between(renamed.emulator.production, seen) as url:
        renamed.configure(renamed.environment(base_url=url, extra=UNJUDGED), renamed.feed(extra=CROSSWALK))
        assert renamed.run("sync", "acme").code == 0
    assert [len(batch) for batch in sent] == [2, 2]


def test_a_run_that_died_between_both_sides_is_finished_as_a_move(renamed: Desk) -> None:
    def second_lost(number: int, status: int, body: Any) -> Any:
        return (status, {}, body) if number == 1 else (503, {}, {"error": "unavailable"})

    with between(renamed.emulator.production, second_lost) as url:
        renamed.configure(
            renamed.environment(base_url=url, extra=f"attempts = 1\n{UNJUDGED}"), renamed.feed(extra=CROSSWALK)
        )
        assert renamed.run("sync", "acme").code == 5
    renamed.configure(renamed.environment(extra=UNJUDGED), renamed.feed(extra=CROSSWALK))
    assert renamed.run("sync", "acme").code == 0
    assert {org for org, month in heads(renamed) if month >= "2027-03"} == {"0101", "0102"}
    assert renamed.run("verify", "acme").code == 0


def test_a_retirement_that_sorts_after_a_move_does_not_carry_the_move_with_it(renamed: Desk) -> None:
    """A move that stood before a retirement travelled in the first pass, though its new side was rejected."""
    (renamed.folder / "units.csv").write_text("from,to,since\n0100,9999,2027-01\n")
    renamed.plan(*planned("0100"), *planned("0101")[1:])

    assert renamed.run("sync", "acme", "--allow", "retired").code == 7
    assert {month for org, month in heads(renamed) if org == "0100"} == set(MONTHS)
    assert {month for org, month in heads(renamed) if org == "0101"} == set(MONTHS[1:])


def test_a_chain_of_renames_whose_last_side_is_rejected_loses_nothing(renamed: Desk) -> None:
    """0100 takes the place of 0101, which is called 9999 by now: no head may leave before its new side is there."""
    (renamed.folder / "units.csv").write_text("from,to,since\n0100,0101,2027-03\n0101,9999,2027-03\n")
    renamed.plan(*planned("0100", heads=7), *planned("0101"))

    assert renamed.run("sync", "acme", "--allow", "total").code == 7
    held = heads(renamed)
    assert [held[org, "2027-03"] for org in ("0100", "0101")] == [5, 5]


def test_a_line_that_is_pointed_elsewhere_moves_from_where_it_was(renamed: Desk) -> None:
    renamed.run("sync", "acme")
    (renamed.folder / "units.csv").write_text("from,to,since\n0100,0102,2027-03\n0100,0103,2027-04\n")
    counts = drawn(renamed)["counts"]

    assert (counts["create"], counts["move"], counts["retire"]) == (1, 1, 0)


def test_corrected_rows_move_what_they_name(renamed: Desk) -> None:
    renamed.plan(*planned("0100")[2:], path="part.csv")

    assert renamed.run("sync", "acme", "--from", str(renamed.folder / "part.csv")).code == 0
    assert {org for org, month in heads(renamed) if month == "2027-03"} == {"0101", "0102"}
    assert {org for org, month in heads(renamed) if month == "2027-01"} == {"0100", "0101"}


def test_what_others_changed_keeps_both_sides_of_its_move(renamed: Desk) -> None:
    keep = '[tenants.acme.feeds.headcount.rules]\nread_back = true\non_drift = "keep"\n'
    renamed.configure(renamed.environment(extra=UNJUDGED), renamed.feed(extra=CROSSWALK), keep)
    somebody_else_writes(renamed, "2027-03", 7)

    assert renamed.run("sync", "acme").code == 0
    held = heads(renamed)
    march = {org: held[org, "2027-03"] for org, month in held if month == "2027-03"}
    april = {org for org, month in held if month == "2027-04"}
    assert march == {"0100": 7, "0101": 5}
    assert april == {"0101", "0102"}


def test_a_version_that_is_called_otherwise_from_a_month_on_is_refused(renamed: Desk) -> None:
    crosswalk = 'crosswalks = { version = { path = "units.csv", effective = "since" } }'
    renamed.configure(renamed.environment(), renamed.feed(extra=crosswalk))

    outcome = renamed.run("plan", "acme")
    assert outcome.code == 2
    assert "version" in outcome.err


UNITS = ("0100", "0101", "0102")
Renames = list[tuple[str, str, str]]
"""The lines of a crosswalk: old, new, since."""


def called(renames: Renames, unit: str, month: str) -> str:
    """What a unit is called in a month."""
    known = [(since, new) for old, new, since in renames if old == unit and since <= month]
    return max(known)[1] if known else unit


def one_more(renames: Renames, chance: random.Random, names: Sequence[str]) -> Renames:
    """Rename a unit from some month on, unless two units would then be called the same."""
    old, new, since = chance.choice(UNITS), chance.choice(names), chance.choice(MONTHS)
    longer = [one for one in renames if (one[0], one[2]) != (old, since)] + [(old, new, since)]
    unique = all(len({called(longer, unit, month) for unit in UNITS}) == len(UNITS) for month in MONTHS)
    return longer if unique else renames


@pytest.mark.parametrize("seed", [0])
@pytest.mark.parametrize("names", [(*UNITS, "0103", "0104"), (*UNITS, "0103", "9999")], ids=["known", "some unknown"])
def test_however_units_are_renamed_and_whatever_is_lost_or_rejected_nobody_goes_missing(
    desk: Desk, seed: int, names: tuple[str, ...]
) -> None:
    chance, losing, renames = random.Random(seed), 0.0, Renames()  # noqa: S311 - the luck of a test
    small = f"attempts = 1\n{UNJUDGED.removesuffix(' }')}, headcount = {{ max_records = 2 }} }}"

    def luck(_number: int, status: int, body: Any) -> Any:
        return None if chance.random() < losing else (status, {}, body)

    with between(desk.emulator.production, luck) as url:
        desk.configure(desk.environment(base_url=url, extra=small), desk.feed(extra=CROSSWALK))
        desk.plan(*planned(*UNITS))
        for losing in (0, *[0.3] * 5):
            (desk.folder / "units.csv").write_text("\n".join(["from,to,since", *map(",".join, renames), ""]))
            for _ in range(2):
                desk.run("sync", "acme")
                by_month = Counter(month for _, month in heads(desk))
                assert all(by_month[month] >= len(UNITS) for month in MONTHS)
            if "9999" not in names:
                losing = 0  # noqa: PLW2901 - the line is mended
                assert desk.run("sync", "acme").code == 0
                assert heads(desk) == {(called(renames, unit, month), month): 5 for unit in UNITS for month in MONTHS}
                assert desk.run("verify", "acme").code == 0
            renames = one_more(renames, chance, names)

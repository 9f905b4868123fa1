"""The shapes that plans have: measures in rows, points of view, filters, half headers; each number keeps its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.unit.mapped import UNSET, plain, read, read_one

from bridgehead.compare.rules import judge
from bridgehead.compare.telling import refuse, report
from bridgehead.errors import BadRow, ConfigError, MappingMismatch, RowsInvalid
from bridgehead.projection import MEASURES
from bridgehead.sources.csv import CsvReader
from bridgehead.sources.files import wanted_by
from bridgehead.sources.mapping import FIELDS, ColumnMapping, Fiscal, Headers, MeasureColumn, Pov
from bridgehead.sources.mapping.fitting import fit
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.tables import Session

QUICK = settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
CONSTANTS = {"scenario": "budget", "version": "v1"}
MONTHLY = r"(?P<year>\d{4})-(?P<month>\d{2})"


def tall(words: dict[str, Any] | None = None, **settings: Any) -> ColumnMapping:
    """Return a mapping of rows that each say which measure they hold."""
    words = words or {"Heads": "headcount", "FTE": "fte", "Hours": "hours"}
    return ColumnMapping(
        **{
            "columns": {"period_start": "M", "org_unit": "O"},
            "constants": CONSTANTS,
            "measure": MeasureColumn(column="Account", words=words, value="Amount"),
            "unset": UNSET,
            **settings,
        }
    )


TALL = ("M", "O", "Account", "Amount")


def findings(
    session: Session, folder: Path, mapping: ColumnMapping, header: Sequence[str], *rows: Sequence[str]
) -> list[BadRow]:
    """Read a CSV file, judge it, and return what is found."""
    (folder / "plan.csv").write_text("".join(f"{'|'.join(line)}\n" for line in (header, *rows)))
    plan = PlanningFile([CsvReader(folder / "plan.csv", delimiter="|", wanted=wanted_by(mapping))], mapping)
    told = plan.stage(session)
    judge(session, scales=dict.fromkeys(MEASURES, 2), unset=UNSET)
    with pytest.raises(RowsInvalid) as caught:
        refuse(report(session, words=told.words, locate=plan.locate))
    return list(caught.value.rows)


def test_the_measures_of_a_cell_come_together_from_their_rows(session: Session) -> None:
    rows = [
        ["2027-01", "A", "Heads", "5"],
        ["2027-01", "B", " FTE ", "1.5"],
        ["2027-01", "A", "FTE", "4.5"],
        ["2027-02", "A", "Heads", "6"],
        ["2027-01", "A", "Hours", "#Missing"],
    ]
    found = read(session, tall(), TALL, *rows)
    told = [(one["record"], one["org_unit"], one["headcount"], one["fte"], one["hours"]) for one in found]
    assert told == [(1, "A", "5", "4.5", None), (2, "B", None, "1.5", None), (4, "A", "6", None, None)]


def test_a_measure_that_stands_twice_is_a_duplicate_that_names_both_places(session: Session, tmp_path: Path) -> None:
    rows = [
        ["2027-01", "A", "Heads", "5"],
        ["2027-01", "A", "FTE", "4"],
        ["2027-01", "B", "Heads", "1"],
        ["2027-01", "A", "Heads", "5"],
    ]
    found = findings(session, tmp_path, tall(), TALL, *rows)
    assert {bad.rule for bad in found} == {"duplicate"}
    told = " ".join(f"{bad.origin} {bad.message}" for bad in found)
    assert "plan.csv:2" in told
    assert "plan.csv:5" in told
    assert "plan.csv:4" not in told


@pytest.mark.parametrize("word", ["heads", "Other", "", "Heads FTE"])
def test_a_word_that_nobody_explains_is_found_by_its_own_line(session: Session, tmp_path: Path, word: str) -> None:
    rows = [["2027-01", "A", "Heads", "5"], ["2027-01", "A", "FTE", "5"], ["2027-01", "A", word, "7"]]
    (bad,) = findings(session, tmp_path, tall(), TALL, *rows)
    assert (bad.origin, bad.rule, bad.column, bad.value) == ("plan.csv:4", "measure", "Account", word)


@pytest.mark.parametrize("number", ["x", "1,5", "-1", "1e3"])
def test_a_number_that_is_none_is_found_by_its_own_line(session: Session, tmp_path: Path, number: str) -> None:
    rows = [["2027-01", "A", "Heads", "5"], ["2027-01", "B", "Heads", "5"], ["2027-01", "A", "FTE", number]]
    (bad,) = findings(session, tmp_path, tall(), TALL, *rows)
    assert (bad.origin, bad.column, bad.value) == ("plan.csv:4", "Amount", number)


def test_a_note_below_the_table_is_no_measure(session: Session) -> None:
    found = read(session, tall(), TALL, ["2027-01", "A", "Heads", "5"], ["Source: HR", None, None, None])
    assert [one["headcount"] for one in found] == ["5", None]
    assert session.ask("SELECT count(*) FROM text_rows WHERE noted IS NOT NULL") == [(0,)]


def test_rows_that_say_the_measure_may_have_months_as_columns(session: Session) -> None:
    mapping = ColumnMapping(
        columns={"org_unit": "O"},
        constants=CONSTANTS,
        measure=MeasureColumn(column="Account", words={"Heads": "headcount", "FTE": "fte"}),
        headers=Headers(pattern=MONTHLY),
        unset=UNSET,
    )
    header = ["O", "Account", "2027-01", "2027-02"]
    found = read(session, mapping, header, ["A", "Heads", "1", "2"], ["A", "FTE", "0.5", ""], ["B", "FTE", "", "3"])
    told = [(one["org_unit"], one["origin_column"], one["headcount"], one["fte"]) for one in found]
    assert [one for one in told if one[2:] != (None, None)] == [
        ("A", "2027-01", "1", "0.5"),
        ("A", "2027-02", "2", None),
        ("B", "2027-02", None, "3"),
    ]


@pytest.mark.parametrize(
    ("settings", "header"),
    [
        ({"measure": MeasureColumn(column="Account", words={"H": "headcount"}), "ignore": ("Amount",)}, TALL),
        ({"headers": Headers(pattern=MONTHLY), "columns": {"org_unit": "O"}, "ignore": ("M",)}, (*TALL, "2027-01")),
        (
            {
                "measure": MeasureColumn(column="Account", words={"F": "fte"}),
                "headers": Headers(pattern=MONTHLY, measure="headcount"),
                "columns": {"org_unit": "O"},
                "ignore": ("M", "Amount"),
            },
            (*TALL, "2027-01"),
        ),
        (
            {
                "measure": MeasureColumn(column="Account", words={"F": "fte"}),
                "headers": Headers(pattern=rf"((?P<measure>cost) )?{MONTHLY}"),
                "columns": {"org_unit": "O"},
                "ignore": ("M", "Amount"),
            },
            (*TALL, "2027-01", "cost 2027-01"),
        ),
    ],
    ids=["nowhere", "twice", "in headers too", "in some headers"],
)
def test_a_number_stands_in_one_place_and_one_place_says_what_it_is(
    settings: dict[str, Any], header: Sequence[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        fit(tall(**settings), header, "plan.csv")
    assert caught.value.setting == "measure"


POV = Pov(fields=("scenario", "", "version", "job"), column="P")


def viewed(pov: Pov = POV, **settings: Any) -> ColumnMapping:
    columns = {"period_start": "M", "org_unit": "O", "headcount": "H"}
    return ColumnMapping(**{"columns": columns, "pov": pov, "unset": UNSET[:2], **settings})


@pytest.mark.parametrize(
    ("separator", "cell"), [(",", "Budget, x ,v 1,007"), ("|", "Budget|x|v 1|007"), ("::", "Budget::x::v 1::007")]
)
def test_a_point_of_view_holds_several_dimensions(session: Session, separator: str, cell: str) -> None:
    pov = Pov(fields=POV.fields, column="P", separator=separator)
    (found,) = read(session, viewed(pov), ["P", "M", "O", "H"], [cell, "2027-01", "A", "1"])
    assert (found["scenario"], found["version"], found["job"]) == ("Budget", "v 1", "007")


@pytest.mark.parametrize("cell", ["Budget,x,v1", "Budget,x,v1,J,more", "Budget", "", "Budget,x,v1,J,"])
def test_a_point_of_view_with_other_parts_is_found_by_its_line(session: Session, tmp_path: Path, cell: str) -> None:
    rows = [["Budget,x,v1,J", "2027-01", "A", "1"], [cell, "2027-01", "B", "1"]]
    found = [bad for bad in findings(session, tmp_path, viewed(), ["P", "M", "O", "H"], *rows) if bad.rule == "pov"]
    assert [(bad.origin, bad.column, bad.value) for bad in found] == [("plan.csv:3", "P", cell)]


def test_an_empty_part_of_a_point_of_view_is_absent(session: Session) -> None:
    (found,) = read(session, viewed(), ["P", "M", "O", "H"], ["Budget,,v1, #Missing ", "2027-01", "A", "1"])
    assert (found["scenario"], found["job"]) == ("Budget", None)


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ({"pov": Pov(fields=("scenario", "version", "scenario", "job"), column="P")}, "pov.fields"),
        ({"pov": Pov(fields=("scenario", "version", "work"), column="P")}, "pov.fields.work"),
        ({"constants": {"scenario": "b"}}, "pov.scenario"),
    ],
)
def test_a_point_of_view_that_contradicts_is_refused(settings: dict[str, Any], setting: str) -> None:
    with pytest.raises(ConfigError) as caught:
        fit(viewed(**settings), ["P", "M", "O", "H"], "plan.csv")
    assert caught.value.setting == setting


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"only": {"T": ("Plan",)}}, "AB"),
        ({"only": {"T": ("",)}}, "DE"),
        ({"only": {"T": ("Plan", "")}}, "ABDE"),
        ({"without": {"T": ("Plan",)}}, "CDEF"),
        ({"without": {"T": ("",)}}, "ABCF"),
        ({"without": {"T": (" Total ", "it's")}}, "ABDE"),
        ({"only": {"T": ("Plan", "Total")}, "without": {"org_unit": ("A",)}}, "BC"),
        ({"only": {"T": ("plan",)}}, ""),
    ],
)
def test_rows_are_read_or_left_by_the_values_of_a_column(session: Session, given: dict[str, Any], kept: str) -> None:
    header = ["scenario", "version", "period_start", "org_unit", "headcount", "T"]
    kinds = ["Plan", " Plan ", "Total", "", None, "it's"]
    rows = [["b", "v", "2027-01", org, "1", kind] for org, kind in zip("ABCDEF", kinds, strict=True)]
    found = read(session, plain(**given, ignore=("T",)), header, *rows)
    assert [(one["org_unit"], one["record"]) for one in found] == [(org, "ABCDEF".index(org) + 1) for org in kept]


@pytest.mark.parametrize("setting", ["only", "without"])
def test_a_filter_that_names_no_value_or_no_column_is_refused(setting: str) -> None:
    header = ["scenario", "version", "period_start", "org_unit", "headcount", "T"]
    with pytest.raises(ConfigError) as caught:
        fit(plain(**{setting: {"T": ()}}), header, "plan.csv")
    assert caught.value.setting == f"{setting}.T"
    with pytest.raises(MappingMismatch, match="'Nowhere'"):
        fit(plain(**{setting: {"Nowhere": ("x",)}}), header, "plan.csv")


@pytest.mark.parametrize(
    ("pattern", "title", "fits"),
    [
        ("Total", "Total", True),
        ("Total*", "Total 2027", True),
        ("*Total*", "Grand Total [EUR]", True),
        ("Cost [EUR]", "Cost [EUR]", True),
        ("Cost [EUR]", "Cost E", False),
        ("Filled?", "Filled?", True),
        ("Filled?", "Filled1", False),
        ("a.c", "abc", False),
        ("total", "Total", False),
        ("*", "any\nthing", True),
    ],
)
def test_only_a_star_in_ignore_stands_for_any_text(pattern: str, title: str, *, fits: bool) -> None:
    header = ["scenario", "version", "period_start", "org_unit", "headcount", title]
    try:
        fit(plain(ignore=(pattern,)), header, "plan.csv")
    except MappingMismatch as stranger:
        assert not fits
        assert repr(title) in stranger.message  # noqa: PT017
    else:
        assert fits


@pytest.mark.parametrize("title", ["Cost [EUR]", "Filled?", "a*b", 'say "x"', "back\\slash"])
def test_the_cure_for_a_stranger_cures_it(title: str) -> None:
    header = ["scenario", "version", "period_start", "org_unit", "headcount", title]
    with pytest.raises(MappingMismatch, match="nobody explains"):
        fit(plain(), header, "plan.csv")
    assert fit(plain(ignore=(title,)), header, "plan.csv")


@pytest.mark.parametrize(
    ("pattern", "column", "cells", "months"),
    [
        (r"(?P<month>[A-Z][a-z]{2})", "year", ["2027", "FY28"], [(2027, 1), (2027, 2), (2028, 1), (2028, 2)]),
        (r"(?P<month>P\d\d)", "year", ["27"], [(2027, 1), (2027, 2)]),
        (r"FY(?P<yy>\d\d)", "month", ["Jan", "2"], [(2027, 1), (2028, 1), (2027, 2), (2028, 2)]),
        (r"(?P<year>\d{4})", "month", ["P12"], [(2027, 12), (2028, 12)]),
    ],
)
def test_half_a_period_in_the_header_meets_the_other_half_in_a_column(
    session: Session, pattern: str, column: str, cells: Sequence[str], months: Sequence[tuple[int, int]]
) -> None:
    titles = {r"(?P<month>[A-Z][a-z]{2})": ["Jan", "Feb"], r"(?P<month>P\d\d)": ["P01", "P02"]}.get(pattern)
    titles = titles or (["FY27", "FY28"] if "FY" in pattern else ["2027", "2028"])
    mapping = ColumnMapping(
        columns={"org_unit": "org", column: "Half"},
        constants=CONSTANTS,
        headers=Headers(pattern=pattern, measure="headcount"),
        unset=UNSET,
    )
    found = read(session, mapping, ["org", "Half", *titles], *[["A", cell, "1", "2"] for cell in cells])
    assert sorted(one["period"] for one in found) == sorted(date(year, month, 1) for year, month in months)
    assert {one["origin_column"] for one in found} == set(titles)


def test_a_fiscal_year_beside_named_months_means_these_months(session: Session) -> None:
    mapping = ColumnMapping(
        columns={"org_unit": "org", "year": "Y"},
        constants=CONSTANTS,
        headers=Headers(pattern=r"(?P<month>Apr|Mar)", measure="headcount"),
        fiscal=Fiscal(first_month=4, year_named="end"),
        unset=UNSET,
    )
    found = read(session, mapping, ["org", "Y", "Apr", "Mar"], ["A", "FY28", "1", "2"])
    assert {one["headcount"]: one["period"] for one in found} == {"1": date(2027, 4, 1), "2": date(2028, 3, 1)}


def test_departments_may_be_headers(session: Session) -> None:
    mapping = ColumnMapping(
        columns={"period_start": "Month"},
        constants=CONSTANTS,
        headers=Headers(pattern=r"(?P<org_unit>\d{4} .*)", measure="headcount"),
        ignore=("Total",),
        unset=UNSET,
    )
    found = read(session, mapping, ["Month", "0101  North", " 0102 South ", "Total"], ["2027-01", "1", "2", "3"])
    assert {one["org_unit"]: (one["headcount"], one["period"]) for one in found} == {
        "0101  North": ("1", date(2027, 1, 1)),
        "0102 South": ("2", date(2027, 1, 1)),
    }


def test_a_header_whose_department_is_empty_is_refused() -> None:
    headers = Headers(pattern=r"(?P<org_unit>.*)\(heads\)", measure="headcount")
    mapping = ColumnMapping(columns={"period_start": "M"}, constants=CONSTANTS, headers=headers, unset=UNSET)
    with pytest.raises(MappingMismatch, match="its org_unit is empty"):
        fit(mapping, ["M", "North (heads)", " (heads)"], "plan.csv")


VALUES = st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=6)
CELLS = st.fixed_dictionaries(dict.fromkeys((*FIELDS, "T", "P"), VALUES))


@QUICK
@given(st.lists(CELLS, min_size=1, max_size=5), st.sampled_from(["", "point", "comma"]))
def test_a_mapping_never_changes_a_value_that_it_does_not_name(
    session: Session, cells: list[dict[str, str | None]], decimal: Any
) -> None:
    header = [*FIELDS, "T", "P"]
    mapping = ColumnMapping(
        columns={name: name for name in FIELDS},
        without={"T": ("never  so",)},
        ignore=("P",),
        decimal=decimal,
        missing=(),
    )
    found = read(session, mapping, header, *[[row[title] for title in header] for row in cells])
    assert len(found) == len(cells)
    swapped = str.maketrans(",.", ".,") if decimal == "comma" else {}
    for one, row in zip(sorted(found, key=lambda one: int(one["record"])), cells, strict=True):
        for name in FIELDS:
            value = row[name]
            assert one[name] == (value.translate(swapped) if value and name in MEASURES else value)


def test_a_title_that_looks_like_a_pattern_is_one_column(session: Session) -> None:
    title = "Heads (.*)[0-9]+?"
    mapping = ColumnMapping(columns={**plain().columns, "headcount": title}, unset=UNSET)
    header = ["scenario", "version", "period_start", "org_unit", title]
    (found,) = read(session, mapping, header, ["b", "v", "2027-01", "A", "7"])
    assert found["headcount"] == "7"


def test_a_code_of_blanks_is_absent_and_one_with_a_tab_is_kept_to_be_found(session: Session) -> None:
    found = read_one(session, plain(more=["job"]), job=" \u00a0 ", org_unit="A\tB")
    assert (found["job"], found["org_unit"]) == (None, "A\tB")


def test_a_row_lends_its_currency_to_no_month_in_which_it_holds_nothing(session: Session) -> None:
    mapping = ColumnMapping(
        columns={"org_unit": "O", "currency": "Cur"},
        constants=CONSTANTS,
        headers=Headers(pattern=MONTHLY),
        measure=MeasureColumn(column="Account", words={"Heads": "headcount", "Cost": "cost"}),
        unset=UNSET,
    )
    header = ("O", "Account", "Cur", "2027-01", "2027-02")
    euros = [("A", "Heads", "EUR", "1", ""), ("A", "Cost", "EUR", "100", "")]
    dollars = [("A", "Heads", "USD", "", "1"), ("A", "Cost", "USD", "", "200")]

    found = read(session, mapping, header, *euros, *dollars)
    assert [(one["cost"], one["currency"]) for one in found if one["cost"]] == [("100", "EUR"), ("200", "USD")]


def test_the_currency_of_a_cost_is_that_of_its_own_row(session: Session) -> None:
    mapping = tall(
        {"Heads": "headcount", "Cost": "cost"}, columns={"period_start": "M", "org_unit": "O", "currency": "C"}
    )
    heads, cost = ("2027-01", "A", "Heads", "1", "EUR"), ("2027-01", "A", "Cost", "100", "USD")

    (found,) = read(session, mapping, (*TALL, "C"), heads, cost)
    assert found["currency"] == "USD"

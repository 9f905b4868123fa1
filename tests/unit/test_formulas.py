"""No cell that is written runs in a spreadsheet, a number stays one, and what is read back is what was there."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridgehead.sources.csv import CsvReader
from bridgehead.sources.formulas import define_marked, marked, unmark, unmarked
from bridgehead.tables import Session

FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"
SIGNS = FORMULA + "\t\r\n"
ENDS = ',;|"\t\r\n'
TEXT = st.text(st.one_of(st.sampled_from(SIGNS + ENDS + "'\"05.a "), st.characters(exclude_categories=["Cs"])))


def is_number(text: str) -> bool:
    plain = text.translate(str.maketrans("", "", ".,' \u00a0\u202f")).lstrip("+-")
    return plain.isdigit() and text[0] in "+-" and text[1:].lstrip("+-") == text[1:]


@given(TEXT)
@example("'=1+1")
@example("''")
@example("'\t'=x")
@example("\t=x")
@example("a;=cmd|' /C calc'!A0")
def test_any_cell_survives_being_marked_and_unmarked(cell: str) -> None:
    assert unmarked(marked(cell)) == cell


@given(TEXT)
@example("-5")
@example("-1e5")
@example("-1-2")
@example("+cmd")
def test_no_cell_that_is_written_begins_a_formula_unless_it_is_a_plain_number(cell: str) -> None:
    written = marked(cell)

    if written and written[0] in SIGNS:
        assert is_number(written)


@given(TEXT)
def test_nor_does_what_another_program_may_take_for_a_cell_of_its_own(cell: str) -> None:
    written = marked(cell)

    for end, sign in pairwise(written):
        assert not (end in ENDS and sign in FORMULA)


@pytest.mark.parametrize("number", ["-5", "-1.25", "-1,5", "+5", "-1.234.567,50", "-1'234", "-1 234", "-.5", "0", "7"])
def test_a_number_stays_a_number(number: str) -> None:
    assert marked(number) == number


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd", "'-cmd"),
        ("'=1", "''=1"),
        ("'tis", "'tis"),
        ("R&D - north", "R&D - north"),
        ("x;=cmd", "x;'=cmd"),
        ('x"=cmd', "x\"'=cmd"),
        ("\t=cmd", "'\t'=cmd"),
    ],
)
def test_a_mark_goes_where_a_formula_would_begin_and_nowhere_else(cell: str, written: str) -> None:
    assert marked(cell) == written


@given(st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=5))
def test_the_tables_unmark_as_the_text_does(session: Session, rows: list[list[str]]) -> None:
    columns = ("c0 VARCHAR", "c1 VARCHAR", "c2 VARCHAR")
    session.fill("raw", columns, [[marked(cell) for cell in row] for row in rows])
    unmark(session)

    assert session.ask("SELECT c0, c1, c2 FROM raw ORDER BY rowid") == [tuple(row) for row in rows]


SEEN = st.one_of(st.sampled_from("=+-@;|,'\"5.a "), st.characters(exclude_categories=["Cc", "Cs"]))
PRINTED = st.text(SEEN, min_size=1)


@given(st.lists(st.tuples(PRINTED, PRINTED), min_size=1, max_size=5))
def test_a_file_of_marked_cells_is_read_as_what_they_were(
    session: Session, tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = Path(tmp_path_factory.getbasetemp()) / "marked.csv"
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["a", "b"])
    out.writerows([[marked(cell) for cell in row] for row in rows])
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    CsvReader(path).load(session)
    unmark(session)

    assert session.ask("SELECT c0, c1 FROM raw ORDER BY rowid") == rows


def test_tables_are_marked_as_single_cells_are(tmp_path: Path) -> None:
    signs = [*SIGNS, *ENDS, "'", "a", "5", "5,0", "."]
    cells = [*signs, *(f"{one}{other}" for one in signs for other in signs), "-1 234,5", "+1\u00a0234", "a;=cmd|' /C"]
    cells += [f"{one}{other}=1" for one in signs for other in signs]
    with Session(temp_directory=str(tmp_path)) as session:
        define_marked(session)
        told = session.ask("SELECT marked(cell) FROM (SELECT unnest($cells) AS cell)", {"cells": cells})

    assert [cell for (cell,) in told] == [marked(cell) for cell in cells]

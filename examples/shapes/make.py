"""Makes the planning files that no editor shows as they are: workbooks, other encodings, archives, tables.

    python examples/shapes/make.py

writes them anew into the folders beside it, the broken twins too. All other files are written by hand.
"""
# ruff: noqa: INP001 - a script beside its examples, in no package

from __future__ import annotations

import sqlite3
import sys
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import duckdb
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

HERE = Path(__file__).parent
STAMP = (2026, 11, 2, 18, 0, 0)
"""The time that archives and workbooks carry, so that making them twice makes the same."""


def table(separator: str, rows: Iterable[Sequence[object]], end: str = "\n") -> str:
    """Return rows as the text of a file."""
    return "".join(separator.join(str(cell) for cell in row) + end for row in rows)


def archive(path: Path, members: dict[str, bytes]) -> None:
    """Write a ZIP file whose bytes depend on nothing but its content."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as target:
        for name, content in members.items():
            target.writestr(zipfile.ZipInfo(name, STAMP), content)


def oracle_epm(folder: Path) -> None:
    """Write an export of Oracle EPM: a ZIP with one CSV; accounts as rows, periods as columns, all else in one cell."""
    header = '"Account","BegBalance","Jan","Feb","Mar","Apr","Point-of-View","Data Load Cube Name"\n'
    rows = [
        '"OWP_Headcount",#Missing,18,18,19,19,"FY27,Plan,Working,0156,CC0156,L01,J001","HCP"\n',
        '"OWP_FTE",#Missing,16.5,16.5,17.5,17.25,"FY27,Plan,Working,0156,CC0156,L01,J001","HCP"\n',
        '"OWP_Headcount",#Missing,#Missing,#Missing,2,2,"FY27, Plan, Working, 0157, CC0157, L02, J002","HCP"\n',
        '"OWP_FTE",#Missing,#Missing,#Missing,2,1.5,"FY27, Plan, Working, 0157, CC0157, L02, J002","HCP"\n',
        '"OWP_Headcount",#Missing,5,0,0,0,"FY28,Plan,Working,0157,CC0157,L02,J003","HCP"\n',
    ]
    whole = (header + "".join(rows)).encode()
    archive(folder / "plan.zip", {"HCP_Export.csv": whole})
    shorter = whole.replace(b"FY27, Plan, Working, 0157, CC0157, L02, J002", b"FY27, Plan, 0157, CC0157, L02, J002", 1)
    archive(folder / "broken.zip", {"HCP_Export.csv": shorter})
    archive(folder / "broken-two-files.zip", {"HCP_Export.csv": whole, "HCP_Export_2.csv": whole})


def german_excel(folder: Path) -> None:
    """Write Excel's CSV of a German Windows: Windows-1252, semicolons, decimal comma, Mrz and Okt."""
    rows = [
        ("Monat", "Abteilung", "Kostenstelle", "Standort", "Tätigkeit", "Köpfe", "VZÄ", "Stunden", "Kosten €"),
        ("Jan 27", "0114", "CC0114", "L01", "J001", "8", "7,5", "1.237,50", "38.400,00"),
        ("Feb 27", "0114", "CC0114", "L01", "J001", "8", "7,5", "1.162,50", "38.400,00"),
        ("Mrz 27", "0114", "CC0114", "L01", "J001", "8", "8", "1.320", "40.960,00"),
        ("Mai 27", "0114", "CC0114", "L01", "J001", "9", "8,75", "1.443,75", "44.800,50"),
        ("Okt 27", "0115", "CC0115", "L02", "J002", "1.250", "1.198,25", "", ""),
        ("Dez 27", "0115", "CC0115", "L02", "J002", "1.250", "1.198,25", "", ""),
    ]
    text = table(";", rows, "\r\n")
    (folder / "plan.csv").write_bytes(text.encode("windows-1252"))
    (folder / "broken.csv").write_bytes(text.replace("1.443,75", "1,443.75").encode("windows-1252"))


def old_mac(folder: Path) -> None:
    """Write lines that end with a carriage return alone, and a mark at the beginning that says UTF-8."""
    rows = [
        ("Scenario", "Version", "Period", "Org", "Job", "Job title", "Heads", "FTE"),
        ("budget", "v1", "2027-01-01", "0116", "J003", '"Clerk, senior"', 3, 2.5),
        ("budget", "v1", "2027-02-01", "0116", "J003", '"Clerk, senior"', 3, 2.5),
        ("budget", "v1", "2027-03-01", "0116", "J003", '"Clerk, senior"', 3, 3),
        ("forecast", "v1", "2027-01-01", "0116", "J003", "", 2, 1.75),
        ("forecast", "v1", "2027-02-01", "0117", "J004", "Façade cleaner", 1, 0.5),
    ]
    text = table(",", rows, "\r")
    (folder / "plan.csv").write_bytes(text.encode("utf-8-sig"))
    broken = text.replace('2027-03-01,0116,J003,"Clerk, senior"', "2027-03-01,0116,J003,Clerk, senior")
    (folder / "broken.csv").write_bytes(broken.encode("utf-8-sig"))
    actuals = text.replace("forecast,v1,2027-01-01", "actual,v1,2027-01-01")
    (folder / "broken-actuals.csv").write_bytes(actuals.encode("utf-8-sig"))


def unicode_text(folder: Path) -> None:
    """Write what Excel calls Unicode text: UTF-16, tabs, and dates as a British machine shows them."""
    rows = [
        ("Période", "Org unit", "Cost centre", "Site", "Job", "Heads", "FTE"),
        ("01/01/2027", "0118", "CC0118", "L03", "J005", 6, "5.60"),
        ("01/02/2027", "0118", "CC0118", "L03", "J005", 6, "5.60"),
        ("01/03/2027", "0118", "CC0118", "L03", "J005", 7, "6.60"),
        ("01/04/2027", "0118", "CC0118", "L03", "J005", 7, "6.60"),
        ("01/01/2027", "0119", "CC0119", "L04", "J005", 2, "2.00"),
    ]
    text = table("\t", rows, "\r\n")
    (folder / "plan.tsv").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    for month in ("02", "03", "04"):
        text = text.replace(f"01/{month}/2027", f"{month}/01/2027")
    (folder / "broken.tsv").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))


def workbook(folder: Path) -> None:
    """Write a planner's workbook: three sheets, a title, merged departments, dates as headers, numbers kept as text."""
    months = [datetime(2027, month, 1) for month in (1, 2, 3)]  # noqa: DTZ001 - a workbook knows no zones
    book = Workbook()
    book.active.title = "Notes"
    book["Notes"]["A1"] = "Send questions to Finance."
    sheet = book.create_sheet("Plan 2027")
    sheet["A1"] = "Headcount plan 2027"
    sheet.merge_cells("A1:F1")
    sheet["A2"] = "heads at the end of the month"
    rows: list[list[object]] = [
        ["Department", "Site", "Job", *months, "Total"],
        ["0122", "L05", "J006", 14, 14, 15, 43],
        [None, "L05", "J007", "3", "3", "4", 10],
        [None, "L06", "J007", 2, None, 2, 4],
        ["0123", "L05", "J006", "21 ", 21, 20, 62],
        [None, "L06", "J008", 1, 0, 0, 1],
        ["Total", None, None, 41, 38, 41, 120],
    ]
    for number, row in enumerate(rows, 4):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column, value)
    for cell in sheet[4][3:6]:
        cell.number_format = "mmm yy"
    sheet.merge_cells("A5:A7")
    sheet.merge_cells("A8:A9")
    book.create_sheet("Lists")["A1"] = "L05"
    save(book, folder / "plan.xlsx")
    sheet["E8"] = "#REF!"
    save(book, folder / "broken.xlsx")


def workbook_serials(folder: Path) -> None:
    """Write a workbook whose months lost their format: numbers that count days since 1900."""
    book = Workbook()
    sheet: Worksheet = book.active
    sheet.append(["Period", "Org", "CC", "Location", "Job", "Heads", "FTE", "Hours"])
    for month, heads in ((1, 9), (2, 9), (3, 10), (4, 10)):
        serial = (date(2027, month, 1) - date(1899, 12, 30)).days
        sheet.append([serial, "0124", "CC0124", "L07", "J009", heads, heads - 0.35, (heads - 0.35) * 160])
    save(book, folder / "plan.xlsx")
    sheet["G4"] = "=F4-0.35"
    save(book, folder / "broken.xlsx")


def save(book: Workbook, path: Path) -> None:
    """Save a workbook so that its bytes depend on nothing but its content."""
    made = BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as source:
        members = {name: source.read(name) for name in source.namelist() if not name.startswith("docProps/core")}
        names = zipfile.Path(source, "docProps/core.xml").read_text(encoding="utf-8")
    before, _, after = names.partition("<dcterms:created")
    members["docProps/core.xml"] = (before + after.rpartition("</dcterms:modified>")[2]).encode()
    archive(path, members)


def parquet(folder: Path) -> None:
    """Write a table of a data lake, with types: a date, whole numbers, decimals, floats, and a timestamp."""
    rows = """
        SELECT * FROM (VALUES
            (DATE '2027-01-01', '0125', 'CC0125', 'L08', 'J010', 30, 28.50, 91250.75, TIMESTAMP '2026-11-02 17:58:03'),
            (DATE '2027-02-01', '0125', 'CC0125', 'L08', 'J010', 31, 29.50, 93800.00, TIMESTAMP '2026-11-02 17:58:03'),
            (DATE '2027-01-01', '0126', 'CC0126', 'L08', 'J011', 4, 3.20, 14000.5, TIMESTAMP '2026-11-02 17:58:03'),
            (DATE '2027-02-01', '0126', 'CC0126', {place}, 'J011', 4, NULL, 14000.5, TIMESTAMP '2026-11-02 17:58:03')
        ) AS plan(month, org, cc, location, job, heads, fte, cost, loaded_at)"""
    typed = "SELECT month, org, cc, location, job, CAST(heads AS INTEGER) AS heads, CAST(fte AS DECIMAL(9, 2)) AS fte"
    typed += ", CAST(cost AS DOUBLE) AS cost, loaded_at"
    for name, place in (("plan", "'L09'"), ("broken", "NULL")):
        with duckdb.connect() as connection:
            path = folder / f"{name}.parquet"
            connection.execute(f"COPY ({typed} FROM ({rows.format(place=place)})) TO '{path}' (FORMAT parquet)")


def database(folder: Path) -> None:
    """Write a planning database: plans and their lines in two tables, several versions side by side."""
    lines = [
        (1, "2027-01-01", "0127", "CC0127", "L10", "J012", 5, 4.5),
        (1, "2027-02-01", "0127", "CC0127", "L10", "J012", 5, 4.5),
        (2, "2027-01-01", "0127", "CC0127", "L10", "J012", 6, 5.25),
        (2, "2027-02-01", "0127", "CC0127", "L10", "J012", 6, 5.25),
        (2, "2027-01-01", "0128", "CC0128", "L10", "J013", 2, None),
        (2, "2027-02-01", "0128", "CC0128", "L10", "J013", 2, 1.5),
    ]
    for name, job in (("plan", "J013"), ("broken", "J013\r")):
        path = folder / f"{name}.sqlite"
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE plan (id INTEGER PRIMARY KEY, scenario TEXT, status TEXT)")
            connection.execute(
                "CREATE TABLE line (plan INTEGER, month TEXT, org TEXT, cc TEXT, place TEXT, job TEXT, heads INTEGER,"
                " fte REAL)"
            )
            connection.execute("INSERT INTO plan VALUES (1, 'budget', 'draft'), (2, 'budget', 'approved')")
            connection.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?)", lines)
            connection.execute("UPDATE line SET job = ? WHERE org = '0128' AND month = '2027-02-01'", (job,))
        connection.close()


MAKERS = {
    "oracle-epm": oracle_epm,
    "german-excel": german_excel,
    "old-mac": old_mac,
    "unicode-text": unicode_text,
    "workbook": workbook,
    "workbook-serials": workbook_serials,
    "parquet": parquet,
    "database": database,
}
"""What is made, by the folder that it is made for."""


def make(into: Path) -> None:
    """Write every file into the folders of the shapes below a folder."""
    for name, maker in MAKERS.items():
        (into / name).mkdir(exist_ok=True)
        maker(into / name)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)

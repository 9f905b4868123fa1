"""`init` reads ordinary planning files right without help."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from tests.conftest import Desk
from tests.unseen import Content, archive, book, parquet, planned, put, source

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
ORDINARY: dict[str, tuple[str, Content, tuple[int, str, str]]] = {
    "a long file with our own titles": (
        "plan.csv",
        (
            "scenario,version,period_start,org_unit,cost_center,location,job,headcount,fte\n"
            "budget,v1,2027-01,0100,CC0100,L01,J001,5,4.5\nbudget,v1,2027-02,0100,CC0100,L01,J001,6,5.5\n"
        ),
        (2, "11", "10"),
    ),
    "a wide file with a total at the end": (
        "plan.csv",
        (
            "Department,Cost centre,Site,Job,2027-01,2027-02,Total\n"
            "0100,CC0100,L01,J001,5,6,11\n0101,CC0101,L02,J002,1,,1\n"
        ),
        (3, "12", "0"),
    ),
    "a German export of Excel: Windows-1252, semicolons, decimal commas, points that group": (
        "plan.csv",
        (
            "Szenario;Monat;Abteilung;Kostenstelle;Tätigkeit;Köpfe;VZÄ;Kosten €\n"
            "Budget;Mrz 27;0114;4711;Küche;8;7,5;38.400,00\nBudget;Okt 27;0114;4711;Küche;1.250;1.198,25;\n"
        ).encode("windows-1252"),
        (2, "1258", "1205.75"),
    ),
    "a French file with its months in the titles": (
        "plan.csv",
        (
            "Service;Centre de coût;Métier;janv. 2027;févr. 2027;août 2027;Total\n"
            "Ventes;C1;Vendeur;3;4;5;12\nAchats;C2;Acheteur;1;1;1;3\n"
        ),
        (6, "15", "0"),
    ),
    "a Spanish file with months in rows": (
        "plan.csv",
        (
            "Escenario,Versión,Mes,Departamento,Centro de coste,Ubicación,Puesto,Plantilla,EJC\n"
            'Presupuesto,v1,ene-27,0100,CC1,Madrid,P1,5,4.5\nPresupuesto,v1,dic-27,0100,CC1,Madrid,P1,5,"4.25"\n'
        ),
        (2, "10", "8.75"),
    ),
    "a Dutch file": (
        "plan.csv",
        (
            "Periode;Afdeling;Kostenplaats;Vestiging;Functie;Medewerkers;VTE\n"
            "mrt 2027;Inkoop;K1;Delft;F1;3;2,5\nmei 2027;Inkoop;K1;Delft;F1;3;2,5\n"
        ),
        (2, "6", "5.0"),
    ),
    "months called Jan-27 in tab separated text of Excel": (
        "plan.txt",
        b"\xff\xfe" + "Dept\tRole\tJan-27\tFeb-27\n0100\tJ1\t2.5\t3\n".encode("utf-16-le"),
        (2, "0", "5.5"),
    ),
    "month and measure in one title": (
        "plan.csv",
        "Dept,Job,2027-01 HC,2027-01 FTE (avg),2027-02 HC,2027-02 FTE (avg)\n0110,J1,10,9.5,10,9.25\n0111,J1,,1,2,2\n",
        (4, "22", "21.75"),
    ),
    "the measure before the month": (
        "plan.csv",
        "Org unit;HC Jan 2027;HC Feb 2027;Cost Jan 2027;Cost Feb 2027;Currency\n0100;3;4;9000;12000;EUR\n",
        (2, "7", "0"),
    ),
    "scenario and month in one title": (
        "plan.csv",
        "Department,Budget Jan 27,Budget Feb 27,Forecast Jan 27,Forecast Feb 27\n0100,5,5,4,4\n",
        (4, "18", "0"),
    ),
    "months by name, and the year in a column": (
        "plan.csv",
        "Department,Year,"
        + ",".join(MONTHS)
        + ",Total\n0100,2027,"
        + "2," * 12
        + "24\n0100,2028,"
        + "3," * 12
        + "36\n",
        (24, "60", "0"),
    ),
    "year and month in two columns": (
        "plan.csv",
        "Year,Month,Department,Headcount\n2027,January,0100,5\n2027,February,0100,6\n2027,1,0101,2\n",
        (3, "13", "0"),
    ),
    "scenario in the titles, and months in rows": (
        "plan.csv",
        "Month,Unit,Budget FTE,Forecast FTE\n2027-01,0100,4.5,4\n2027-02,0100,4.5,3.75\n",
        (4, "0", "16.75"),
    ),
    "accounts in rows, months as columns": (
        "plan.csv",
        "Department,Account,2027-01,2027-02\n0100,Headcount,5,6\n0100,FTE,4.5,5.5\n0101,Headcount,1,1\n",
        (4, "13", "10.0"),
    ),
    "accounts in rows with a column of values": (
        "plan.csv",
        "Period,Entity,Measure,Value\n2027-01,0100,Heads,5\n2027-01,0100,FTE,4.5\n2027-02,0100,Heads,6\n",
        (2, "11", "4.5"),
    ),
    "a flag that says heads or hours": (
        "plan.csv",
        "month,dept,job,unit,quantity\n2027-01,0100,J1,Heads,5\n2027-01,0100,J1,Hours,840.5\n2027-02,0100,J1,Heads,6\n",
        (2, "11", "0"),
    ),
    "a column that says plan or forecast": (
        "plan.csv",
        "Type,Period,Department,HC\nPlan,2027-01,0100,5\nForecast,2027-01,0100,4\n",
        (2, "9", "0"),
    ),
    "days first, as the firsts of months prove": (
        "plan.csv",
        "Date;Department;Heads\n01/01/2027;0100;5\n01/02/2027;0100;6\n01/03/2027;0100;7\n",
        (3, "18", "0"),
    ),
    "months first, as the firsts of months prove": (
        "plan.csv",
        "Date,Department,Heads\n1/1/2027,0100,5\n2/1/2027,0100,6\n12/1/2027,0100,7\n",
        (3, "18", "0"),
    ),
    "the last days of months": (
        "plan.csv",
        "Month end,Department,Heads\n31.01.2027,0100,5\n28.02.2027,0100,6\n",
        (2, "11", "0"),
    ),
    "a title, a line about the scenario and a blank line above the header": (
        "plan.csv",
        "Headcount plan 2027;;;\nScenario:;forecast;;\n;;;\nDepartment;Job;Jan 2027;Feb 2027\n0100;J1;5;6\n",
        (2, "11", "0"),
    ),
    "a column of line numbers without a title, blanks around codes, a pound sign, thousands": (
        "plan.csv",
        ',Department,Site ,Month,Heads,Cost £\n0, 0112 ,L11,2027-01, 4 ,"9,600"\n1,0112,L11 ,2027-02,4,"12,000.50"\n',
        (2, "8", "0"),
    ),
    "dashes and words where nothing is planned": (
        "plan.csv",
        "Department,2027-01,2027-02,2027-03\n0100,5,-,n/a\n0101,-,2,3\n",
        (3, "10", "0"),
    ),
    "a row of totals": (
        "plan.csv",
        "Department,Job,2027-01,2027-02\nSales,J1,5,6\nSales,J2,1,1\nTotal Sales,,6,7\nIT,J1,2,2\nTotal,,8,9\n",
        (6, "17", "0"),
    ),
    "cost with its currency in the title, and some rows without a job": (
        "plan.csv",
        "Month,Org,Job,Headcount,Salary cost (EUR)\n2027-01,0100,J1,5,9000.5\n2027-01,0100,,1,800\n",
        (2, "6", "0"),
    ),
    "a name beside every code": (
        "plan.csv",
        (
            "Dept Code,Dept Name,Job Code,Job Title,Period,FTE\n"
            "0100,Sales,J1,Clerk,2027-01,4.5\n0100,Sales,J2,Lead,2027-01,1\n"
        ),
        (2, "0", "5.5"),
    ),
    "a headcount that is halves of heads": (
        "plan.csv",
        "Period,Department,Headcount\n2027-01,0100,4.5\n2027-02,0100,5\n",
        (2, "0", "9.5"),
    ),
    "a workbook: one sheet of three, a title, merged departments, dates as titles": (
        "plan.xlsx",
        book(
            {
                "Notes": [["Send questions to Finance."]],
                "Plan": [
                    ["Department", "Job", datetime(2027, 1, 1), datetime(2027, 2, 1), "Total"],  # noqa: DTZ001
                    ["0122", "J1", 14, 15, 29],
                    [None, "J2", 3, 3, 6],
                    ["0123", "J1", 1, None, 1],
                ],
                "Lists": [["L05"], ["L06"]],
            },
            merge="A2:A3",
        ),
        (5, "36", "0"),
    ),
    "a workbook with a title block and no other sheet": (
        "fte-plan.xlsx",
        book(
            {
                "Sheet1": [
                    ["FTE plan", None, None],
                    ["as of", "2026-11-02", None],
                    [],
                    ["Cost center", "Org unit", "M01 2027", "M02 2027"],
                    ["C1", "0100", 4, 5],
                ]
            }
        ),
        (2, "0", "9"),
    ),
    "a workbook whose dates lost their format": (
        "plan.xlsx",
        book(
            {
                "Plan": [
                    ["Period", "Org", "Heads"],
                    *(((date(2027, month, 1) - date(1899, 12, 30)).days, "0124", 9) for month in (1, 2, 3)),
                ]
            }
        ),
        (3, "27", "0"),
    ),
    "a table of a data lake": (
        "plan.parquet",
        parquet("SELECT DATE '2027-01-01' AS month, '0125' AS org, 30 AS heads, 28.50 AS fte, now() AS loaded_at"),
        (1, "30", "28.50"),
    ),
    "a zipped export of Oracle EPM with accounts as columns": (
        "export.zip",
        archive(
            "HCP.csv",
            '"Period","OWP_Headcount","OWP_FTE","Point-of-View","Data Load Cube Name"\n'
            '"2027-01",5,4.5,"Plan,Working,Dept0100","HCP"\n"2027-02",#Missing,4,"Plan,Working,Dept0100","HCP"\n',
        ),
        (2, "5", "8.5"),
    ),
    "line ends that are carriage returns alone, and a mark at the beginning": (
        "plan.csv",
        "\ufeffScenario\rbudget".encode()[:0]
        + "\ufeffScenario,Period,Org,Heads\rbudget,2027-01-01,0116,3\rbudget,2027-02-01,0116,4\r".encode(),
        (2, "7", "0"),
    ),
    "periods written 202701, and codes with leading zeros": (
        "plan.csv",
        "calmonth|orgunit|kostenstelle|hc\n202701|00100|0000471|5\n202702|00100|0000471|6\n",
        (2, "11", "0"),
    ),
    "one column of codes whose title nobody knows": (
        "plan.csv",
        "Kürzel Einheit X,2027-01,2027-02\nA1,5,6\nB2,1,1\n",
        (4, "13", "0"),
    ),
}


@pytest.mark.parametrize("shape", ORDINARY)
def test_an_ordinary_file_is_read_right_without_help(desk: Desk, shape: str) -> None:
    name, content, (cells, heads, fte) = ORDINARY[shape]
    put(desk, name, content)

    assert planned(desk, source(desk, str(desk.folder / name))) == (cells, Decimal(heads), Decimal(fte))

"""`init` before the exports of planning systems, hand-made workbooks and other languages: read right without help."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from tests.conftest import Desk
from tests.unseen import Content, book, parquet, planned, put, source

EXPORTS: dict[str, tuple[str, Content, tuple[int, str, str]]] = {
    "Workday Adaptive: accounts with name and code, levels, months as columns": (
        "adaptive.csv",
        (
            "Account Name,Account Code,Level Name,01/2027,02/2027\nHeadcount,Personnel.HC,Sales East,5,6\n"
            "FTE,Personnel.FTE,Sales East,4.5,5.5\nHeadcount,Personnel.HC,R&D,10,10\nFTE,Personnel.FTE,R&D,9.5,9.5\n"
        ),
        (4, "31", "29.0"),
    ),
    "Anaplan: quarters, a half and the year beside their months": (
        "grid.csv",
        (
            "Department,Line item,Jan 27,Feb 27,Mar 27,Q1 FY27,H1 FY27,FY27\n0100 Sales,Headcount,5,6,7,7,7,7\n"
            "0100 Sales,FTE,4.5,5.5,6.5,6.5,6.5,6.5\n"
        ),
        (3, "18", "16.5"),
    ),
    "SAP BPC: periods called 2027.JAN, six decimals": (
        "bpc.csv",
        (
            "CATEGORY;TIME;ENTITY;ACCOUNT;RPTCURRENCY;SIGNEDDATA\nBudget;2027.JAN;DE01;HEADCOUNT;LC;5,000000\n"
            "Budget;2027.FEB;DE01;HEADCOUNT;LC;6,000000\nBudget;2027.JAN;DE01;FTE;LC;4,500000\n"
        ),
        (2, "11", "4.5"),
    ),
    "SAP BW: technical names": (
        "bw.csv",
        ("0CALMONTH;0COSTCENTER;0ORGUNIT;0JOB;ZHEADCNT;ZFTE\n202701;4711;O1;J1;5;4.50\n202702;4711;O1;J1;6;5.50\n"),
        (2, "11", "10"),
    ),
    "OneStream: periods called 2027M1, more dimensions than ours": (
        "onestream.csv",
        (
            "Entity,Scenario,Time,Account,UD1,Amount\nE100,BudV2,2027M1,HeadCount,Sales,5\n"
            "E100,BudV2,2027M10,HeadCount,Sales,7\nE100,BudV2,2027M1,FTE,Sales,4.5\n"
        ),
        (2, "12", "4.5"),
    ),
    "Workday: references, and intervals called 2027 - Jan": (
        "workday.csv",
        (
            "Organization Reference,Cost Center Reference,Location Reference,Job Profile Reference,"
            "Fiscal Time Interval,Headcount Quantity,FTE Quantity\n"
            "ORG-1,CC-1,LOC-1,JP-1,2027 - Jan,5,4.5\nORG-1,CC-1,LOC-1,JP-1,2027 - Feb,6,5.5\n"
        ),
        (2, "11", "10"),
    ),
    "Pigment: hires and leavers beside the heads at the end of a month": (
        "pigment.csv",
        (
            "Country,Department,Job Level,Month,Version,HC End of Month,New Hires,Terminations,FTE\n"
            "FR,Sales,L3,Jan 27,Budget 27,5,1,0,4.5\nFR,Sales,L3,Feb 27,Budget 27,6,1,0,5.5\n"
        ),
        (2, "11", "10"),
    ),
    "a star schema: keys, and a scenario that is a number": (
        "fact.csv",
        (
            "fact_id,scenario_id,version_id,date_key,org_key,job_key,headcount,fte,cost_usd\n"
            "1,1,1,20270101,100,7,5,4.5,1000\n2,1,1,20270201,100,7,6,5.5,1200\n"
        ),
        (2, "11", "10"),
    ),
    "a table of a data lake with months as typed columns, and a rate": (
        "plan.parquet",
        parquet("SELECT 'D1' AS department, 'J1' AS job, 5 AS \"2027-01\", 6 AS \"2027-02\", 4.5::DOUBLE AS avg_rate"),
        (2, "11", "0"),
    ),
    "years above months": (
        "plan.xlsx",
        book(
            {
                "HC Plan": [
                    ["Acme: headcount plan"],
                    [],
                    [None, None, 2027, None, 2028, None],
                    ["Department", "Job", "Nov", "Dec", "Jan", "Feb"],
                    ["Sales", "J1", 5, 6, 7, 8],
                    ["IT", "J2", 1, 1, 1, 2],
                ]
            }
        ),
        (8, "31", "0"),
    ),
    "scenarios above months": (
        "plan.csv",
        ",,Budget,,Forecast,\nDepartment,Job,Jan-27,Feb-27,Jan-27,Feb-27\nSales,J1,5,6,4,4\n",
        (4, "19", "0"),
    ),
    "months above measures, and a total of each": (
        "plan.csv",
        "Dept,Jan-27,,Feb-27,,Total,\n,HC,FTE,HC,FTE,HC,FTE\nSales,5,4.5,6,5.5,11,10\nIT,2,2,2,2,4,4\n",
        (4, "15", "14.0"),
    ),
    "scenarios above measures, months in rows": (
        "plan.csv",
        ",,Budget,,Forecast,\nMonth,Dept,HC,FTE,HC,FTE\n2027-01,Sales,5,4.5,4,4\n2027-02,Sales,6,5.5,4,4\n",
        (4, "19", "18.0"),
    ),
    "a year above months, merged": (
        "plan.xlsx",
        book({"P": [["Dept", "Job", 2027, None], [None, None, "Jan", "Feb"], ["0100", "J1", 5, 6]]}, merge="C1:D1"),
        (2, "11", "0"),
    ),
    "a sheet of sums before the plan, and dates as titles": (
        "HC.xlsx",
        book(
            {
                "Summary": [["Department", "Total 2027"], ["Sales", 11]],
                "Plan": [
                    ["Department", "Job", "Location", datetime(2027, 1, 1), datetime(2027, 2, 1), "FY27"],  # noqa: DTZ001
                    ["Sales", "J1", "L1", 5, 6, 11],
                    ["IT", "J2", "L1", 1.0, 1.0, 2],
                ],
            }
        ),
        (4, "13", "0"),
    ),
    "the yearly salary of a position beside its months": (
        "plan.csv",
        (
            "Position ID,Employee ID,Employee Name,Department,Job Title,Hire Date,Annual Salary,Jan-27,Feb-27\n"
            "P1,E1,Ann,0100,Clerk,2020-03-01,50000,1,1\nP2,E2,Bob,0100,Clerk,2021-04-15,52000,0.5,0.5\n"
        ),
        (4, "0", "3.0"),
    ),
    "a company as the sum of its departments": (
        "plan.csv",
        "Department,Month,HC\nSales,2027-01,5\nIT,2027-01,3\nTotal Company,2027-01,8\n",
        (2, "8", "0"),
    ),
    "subtotals, blank lines and a note below": (
        "plan.csv",
        (
            "Headcount Plan - Acme,,,\nPrepared by: Finance,,,\n,,,\nDepartment,Role,Jan 2027,Feb 2027\nSales,AE,5,6\n"
            "Sales,SDR,2,2\nSales Total,,7,8\n,,,\nIT,Dev,3,3\nIT Total,,3,3\nGrand Total,,10,11\n,,,\n"
            "Note: excludes contractors,,,\nPrinted 2026-11-01 by A,,,\nPage 1 of 1,,,\n"
        ),
        (6, "21", "0"),
    ),
    "rows of a quarter and of the year among the months": (
        "plan.csv",
        "Department,Month,HC\nSales,2027-01,5\nSales,2027-02,6\nSales,Q1 2027,6\nSales,FY 2027,6\n",
        (2, "11", "0"),
    ),
    "a header that is repeated on every page": (
        "plan.csv",
        "Department,Jan 27,Feb 27\nSales,5,6\nDepartment,Jan 27,Feb 27\nIT,1,1\n",
        (4, "13", "0"),
    ),
    "actual months and planned ones, as the row above them says": (
        "plan.csv",
        ",Forecast,,Budget,\nDepartment,2027-01,2027-02,2027-03,2027-04\nSales,5,6,7,8\n",
        (4, "26", "0"),
    ),
    "years, months and measures below one another": (
        "plan.csv",
        ",2027,,,,2028,\nDept,Jan,,Feb,,Jan,\n,HC,FTE,HC,FTE,HC,FTE\nSales,5,4.5,6,5.5,7,7\nIT,1,1,1,1,1,1\n",
        (6, "21", "20"),
    ),
    "German dates without zeros as titles": (
        "plan.csv",
        "Abteilung;Stellennummer;1.1.2027;1.2.2027;1.3.2027\nA1;4;5;6;7\n",
        (3, "18", "0"),
    ),
    "an American date with a midnight": (
        "plan.csv",
        "month,dept,hc\n1/1/2027 12:00:00 AM,0100,5\n2/1/2027 12:00:00 AM,0100,6\n",
        (2, "11", "0"),
    ),
    "an allocation in percent": (
        "plan.csv",
        "Month,Position,Cost Center,Dept,Allocation %,FTE\n2027-01,P1,C1,D1,50%,0.5\n2027-01,P1,C2,D1,50%,0.5\n",
        (2, "0", "1"),
    ),
    "German titles with what is counted behind them": (
        "plan.csv",
        (
            "Planjahr;Planmonat;Abteilungsnr;Abteilungsbezeichnung;Kostenstellennummer;Planstellen;MAK\n"
            "2027;1;0815;Vertrieb;4711;5;4,5\n2027;2;0815;Vertrieb;4711;6;5,5\n"
        ),
        (2, "0", "10"),
    ),
    "kinds of employment in the titles": (
        "plan.csv",
        "Dept,Jan-27 Regular,Jan-27 Temp,Feb-27 Regular,Feb-27 Temp\n0100,5,1,6,1\n",
        (4, "13", "0"),
    ),
    "measure and month glued together": (
        "plan.csv",
        "dept,HC202701,HC202702,FTE202701,FTE202702\n0100,5,6,4.5,5.5\n",
        (2, "11", "10"),
    ),
    "months called m01_hc, and the year in a column": (
        "plan.csv",
        "dept_id,plan_year,"
        + ",".join(f"m{month:02d}_hc" for month in range(1, 13))
        + "\n0100,2027"
        + ",5" * 12
        + "\n",
        (12, "60", "0"),
    ),
    "periods with a beginning and an end": (
        "plan.csv",
        (
            "Period Start,Period End,Department,Job,FTE\n2027-01-01,2027-01-31,0100,J1,1\n"
            "2027-02-01,2027-02-28,0100,J1,0.5\n"
        ),
        (2, "0", "1.5"),
    ),
    "a Swiss file: apostrophes that group, percentages, francs": (
        "plan.csv",
        (
            "Monat;Abteilung;Kostenstelle;Pensum;FTE;Kosten CHF\n01.2027;HR;100;90%;0.9;7'500.00\n"
            "02.2027;HR;100;90%;0.9;7'500.00\n"
        ),
        (2, "0", "1.8"),
    ),
    "a Swedish file with its months in the titles": (
        "plan.csv",
        "Avdelning;Kostnadsställe;Befattning;mar-27;maj-27;okt-27\nFörsäljning;1010;Säljare;5;5;5\n".encode("cp1252"),
        (3, "15", "0"),
    ),
    "a Polish file": (
        "plan.csv",
        (
            "Miesiąc;Dział;MPK;Stanowisko;Etaty\nstyczeń 2027;Sprzedaż;100;Handlowiec;4,5\n"
            "luty 2027;Sprzedaż;100;Handlowiec;5,5\n"
        ).encode("cp1250"),
        (2, "0", "10"),
    ),
    "a Brazilian file": (
        "plan.csv",
        (
            "Cenário;Mês;Departamento;Centro de Custo;Cargo;Quadro;Custo (R$)\n"
            "Orçamento;jan/27;Vendas;100;Vendedor;5;12.500,00\nOrçamento;fev/27;Vendas;100;Vendedor;6;15.000,00\n"
        ),
        (2, "11", "0"),
    ),
    "a Norwegian file": (
        "plan.csv",
        "Måned;Avdeling;Koststed;Stilling;Årsverk\njanuar 2027;Salg;100;Selger;4,5\nmai 2027;Salg;100;Selger;5,5\n",
        (2, "0", "10"),
    ),
    "a Finnish file": (
        "plan.csv",
        (
            "Kuukausi;Osasto;Kustannuspaikka;Tehtävä;Henkilöstömäärä;HTV\n2027-01;Myynti;100;Myyjä;5;4,5\n"
            "2027-02;Myynti;100;Myyjä;6;5,5\n"
        ),
        (2, "11", "10"),
    ),
    "a Czech file": (
        "plan.csv",
        (
            "Měsíc;Oddělení;Nákladové středisko;Pozice;Počet zaměstnanců;Úvazky\n"
            "1/2027;Obchod;100;P1;5;4,5\n2/2027;Obchod;100;P1;6;5,5\n"
        ),
        (2, "11", "10"),
    ),
}


@pytest.mark.parametrize("shape", EXPORTS)
def test_an_export_is_read_right_without_help(desk: Desk, shape: str) -> None:
    name, content, (cells, heads, fte) = EXPORTS[shape]
    put(desk, name, content)

    assert planned(desk, source(desk, str(desk.folder / name))) == (cells, Decimal(heads), Decimal(fte))


def test_codes_with_their_names_are_read_as_they_are_and_said(desk: Desk) -> None:
    put(desk, "plan.csv", "Department,Job,Jan-2027\n0100 - Sales,J1 - AE,5\n0200 - IT,J2 - Dev,6\n")

    outcome = desk.run("init", str(desk.folder / "plan.csv"))

    assert outcome.code == 0
    assert "crosswalks: Codes with their names are sent whole: '0100 - Sales' in 'Department'" in outcome.out


def test_a_header_that_has_a_title_twice_is_refused_with_the_setting_that_joins_two_rows(desk: Desk) -> None:
    put(desk, "plan.csv", "Department,HC,FTE,HC,FTE\n0100,5,4.5,6,5.5\n")

    outcome = desk.run("init", str(desk.folder / "plan.csv"))

    assert (outcome.code, "header_rows" in outcome.err) == (3, True)


def test_what_stands_once_beside_the_months_is_left_aside_and_said(desk: Desk) -> None:
    put(desk, "plan.csv", "Department,Annual Salary,2027-01,2027-02\n0100,50000,1,1\n")

    outcome = desk.run("init", str(desk.folder / "plan.csv"))

    assert "ignore: 'Annual Salary' is left aside: it stands once beside the columns of figures." in outcome.out

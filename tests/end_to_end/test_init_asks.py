"""Where a file has two readings, `init` asks for the right setting by its name."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.conftest import Desk
from tests.unseen import ANY_CODE, Content, archive, book, planned, put

AMBIGUOUS: dict[str, tuple[str, Content, str, str, tuple[tuple[str, str], ...], tuple[int, str, str]]] = {
    "a date that is day first or month first": (
        "plan.csv",
        "Date,Department,Headcount\n01/02/2027,0100,5\n01/02/2027,0101,6\n",
        "period_format",
        "period_format",
        (('period_format = "?"\n# period', "period"),),
        (2, "11", "0"),
    ),
    "a date in a title that is day first or month first": (
        "plan.csv",
        "Department,01/02/2027\n0100,5\n0101,6\n",
        "headers.pattern",
        "headers.pattern",
        (('pattern = "?"\n# pattern', "pattern"),),
        (2, "11", "0"),
    ),
    "fiscal periods in rows": (
        "plan.csv",
        "Period,Department,FTE\nFY28-P01,0100,4.5\nFY28-P10,0100,5\n",
        "fiscal.first_month",
        "fiscal.first_month is 0",
        (("first_month = 0", "first_month = 4"),),
        (2, "0", "9.5"),
    ),
    "fiscal periods in the titles": (
        "plan.csv",
        "Department,P01 2028,P02 2028,FY 2028\n0100,5,6,11\n",
        "fiscal.first_month",
        "fiscal.first_month is 0",
        (("first_month = 0", "first_month = 7"),),
        (2, "11", "0"),
    ),
    "fiscal years and scenarios in the titles, months in rows": (
        "plan.csv",
        "Unit,Job,Month,FY27 Budget,FY27 Forecast,FY28 Budget\n0130,J1,January,14,14,15\n0130,J1,May,14,12,#Missing\n",
        "fiscal.first_month",
        "fiscal.first_month is 0",
        (("first_month = 0", "first_month = 1"),),
        (5, "69", "0"),
    ),
    "1.234, which is a decimal or a thousand": (
        "plan.csv",
        "Period;Department;Headcount\n2027-01;0100;1.234\n2027-02;0100;2.345\n",
        "decimal",
        'decimal = "comma" with thousands = "."',
        (('# decimal = "comma"', 'decimal = "comma"'), ("# thousands", "thousands")),
        (2, "3579", "0"),
    ),
    "1,234, which is a decimal or a thousand": (
        "plan.csv",
        "Period;Department;Headcount\n2027-01;0100;1,234\n2027-02;0100;2,345\n",
        "decimal",
        'thousands = ","',
        (('# decimal = "point"', 'decimal = "point"'), ("# thousands", "thousands")),
        (2, "3579", "0"),
    ),
    "months without a year": (
        "plan.csv",
        "Department,Jan,Feb,Mar\n0100,5,6,7\n",
        "constants.year",
        'constants = { year = "..." }',
        (('# year = "2027"', 'year = "2027"'),),
        (3, "18", "0"),
    ),
    "years without months": (
        "plan.csv",
        "Department,2027,2028\n0100,5,6\n",
        "constants.month",
        'constants = { month = "..." }',
        (('# month = "1"', 'month = "1"'),),
        (2, "11", "0"),
    ),
    "no period at all": (
        "plan.csv",
        "Post Unique Reference,Unit,Grade,FTE,Salary Cost (£)\n1,0100,G1,1.00,70000\n2,0100,G1,0.80,90000\n",
        "columns.period_start",
        'constants = { period_start = "..." }',
        (('# period_start = "2027-01"', 'period_start = "2027-01"'),),
        (2, "0", "1.8"),
    ),
    "cost without a currency": (
        "plan.csv",
        "Month,Department,Headcount,Salary cost\n2027-01,0100,5,9000\n",
        "constants.currency",
        "the cost has no currency",
        (('# currency = "EUR"', 'currency = "EUR"'),),
        (1, "5", "0"),
    ),
    "two sheets that look like a plan": (
        "plan.xlsx",
        book({"North": [["Department", "2027-01"], ["0100", 5]], "South": [["Department", "2027-01"], ["0200", 7]]}),
        "sheet",
        "sheet",
        (('# sheet = "South"', 'sheet = "South"'),),
        (1, "7", "0"),
    ),
    "the heads at the beginning and at the end of a month": (
        "plan.csv",
        "Period,Department,Opening HC,Hires,Leavers,Closing HC\n2027-01,0100,5,1,0,6\n2027-02,0100,6,0,1,5\n",
        "columns.headcount",
        "headcount",
        (('# headcount = "Closing HC"', 'headcount = "Closing HC"'),),
        (2, "11", "0"),
    ),
    "departments as columns with derived totals": (
        "plan.csv",
        "month,job,Sales,Finance & Legal,total,budget_total\n2027-01,J1,8,5,13,14\n2027-02,J1,8,,8,14\n",
        "headers.pattern",
        "headers.pattern",
        (('pattern = "?"', ""), ("# pattern = ", "pattern = ")),
        (3, "21", "0"),
    ),
    "a flag of 1 and 0 that says heads or hours": (
        "plan.csv",
        "month,department,position_control,budgeted_unit\n2027-01,0153,1,6\n2027-01,0153,0,1008.5\n2027-02,0153,1,6\n",
        "measure",
        "headcount",
        (("# measure = ", "measure = "),),
        (2, "12", "0"),
    ),
    "an account that nobody explains": (
        "plan.csv",
        "Department,Account,2027-01,2027-02\n0100,Headcount,5,6\n0100,FTE,4.5,5.5\n0100,Bonus %,8,8\n",
        "measure.words",
        "measure.words",
        (("# without = ", "without = "),),
        (2, "11", "10"),
    ),
    "rows of plan and actual that only a flag tells apart": (
        "plan.csv",
        "position_number,is_budget,period,org,heads\nP1,1,2027-01,0100,1\nP1,0,2027-01,0100,1\nP2,1,2027-01,0100,1\n",
        "only",
        "rules.duplicates",
        (("# only = ", "only = "),),
        (2, "2", "0"),
    ),
    "one row for each employee": (
        "plan.csv",
        "Employee,Department,Period,FTE\nAnn,0100,2027-01,1.0\nBob,0100,2027-01,0.5\n",
        "rules.duplicates",
        "rules.duplicates",
        (("# [tenants", "[tenants"), ("# duplicates", "duplicates")),
        (1, "0", "1.5"),
    ),
    "two columns of codes whose titles nobody knows": (
        "plan.csv",
        "Alpha,Beta,2027-01,2027-02\nA1,X,5,6\nA2,Y,1,1\n",
        "columns.org_unit",
        'columns = { org_unit = "..." }',
        (('# org_unit = "Alpha"', 'org_unit = "Alpha"'),),
        (4, "13", "0"),
    ),
    "a Point-of-View whose members say nothing": (
        "export.zip",
        archive(
            "HCP.csv",
            '"Account","Jan","Feb","Point-of-View"\n"Headcount",5,6,"2027,Plan,Working,0156,CC0156"\n'
            '"Headcount",1,#Missing,"2027,Plan,Working,0157,CC0157"\n',
        ),
        "pov.fields",
        "org_unit",
        (
            ('"version", "", ""]', '"version", "org_unit", "cost_center"]'),
            ("path =", 'unset = ["location", "job"]\npath ='),
        ),
        (3, "12", "0"),
    ),
    "words in the titles that nobody knows": (
        "plan.csv",
        "Department,Stellen 2027-01,Vakanzen 2027-01\n0100,5,1\n0101,6,2\n",
        "headers.measures",
        "headers.measures",
        (
            ("pattern =", 'measures = { Stellen = "headcount" }\npattern ='),
            ("path =", 'ignore = ["Vakanzen*"]\npath ='),
        ),
        (2, "11", "0"),
    ),
    "a word among the numbers": (
        "plan.csv",
        (
            "Period,Department,Headcount\n2027-01,0100,5\n2027-02,0100,offen\n2027-03,0100,7\n2027-04,0100,7\n2027-05,0100,7\n"
            "2027-06,0100,7\n2027-07,0100,7\n2027-08,0100,7\n2027-09,0100,7\n2027-10,0100,7\n"
        ),
        "missing",
        "missing",
        (("path =", 'missing = ["offen"]\npath ='),),
        (9, "61", "0"),
    ),
    "a code that comes to all the others together, in name none of ours": (
        "plan.csv",
        "Entity,2027-01,2027-02\nAcme SE,8,9\nSales,5,6\nIT,3,3\n",
        "without",
        "without names no value of 'Entity'",
        (("Entity = []", 'Entity = ["Acme SE"]'),),
        (4, "17", "0"),
    ),
    "divisions above their teams, and a company above them": (
        "plan.csv",
        "Entity,Jan-27,Feb-27\nAcme,11,12\nSales,8,9\nSales East,5,6\nSales West,3,3\nEngineering,3,3\n",
        "without",
        "without names no value of 'Entity'",
        (("Entity = []", 'Entity = ["Acme", "Sales"]'),),
        (6, "23", "0"),
    ),
    "months from April to March, and one year in the file's name": (
        "Budget 2028.csv",
        "Dept,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec,Jan,Feb,Mar\nA" + ",1" * 12 + "\n",
        "fiscal.first_month",
        "fiscal.first_month is 0",
        (("first_month = 0", "first_month = 4"),),
        (12, "12", "0"),
    ),
    "a rate among the accounts": (
        "plan.csv",
        "Dept,Account,2027-01,2027-02\nA,Headcount,5,6\nA,FTE,4.5,5.5\nA,Attrition %,2.5%,2.5%\n",
        "measure.words",
        "measure.words",
        (("# without = ", "without = "),),
        (2, "11", "10"),
    ),
    "opening, hires, leavers and closing in rows": (
        "plan.csv",
        "Department,Movement,Jan-27,Feb-27\nSales,Opening HC,5,6\nSales,Hires,1,0\nSales,Closing HC,6,6\n",
        "only",
        "only names no value of 'Movement'",
        (("Movement = []", 'Movement = ["Closing HC"]'),),
        (2, "12", "0"),
    ),
    "positions that begin and end, of which no month is told": (
        "plan.csv",
        "Position ID,Department,Start Date,End Date,FTE\nP1,0100,2027-01-01,2027-12-31,1\nP2,0100,2027-03-01,,0.5\n",
        "columns.period_start",
        "period_start",
        (
            (
                "[tenants.acme.feeds.headcount.source.constants]\n",
                '[tenants.acme.feeds.headcount.source.constants]\nperiod_start = "2027-03"\n',
            ),
        ),
        (2, "0", "1.5"),
    ),
    "months that may be money, beside the FTE of a position": (
        "plan.csv",
        "Position,Department,FTE,Annual Salary,Jan-27,Feb-27\nP1,0100,1,60000,5000,5000\nP2,0100,0.5,30000,2500,2500\n",
        "headers.measure",
        'headers.measure = "headcount"',
        (('measure = ""', 'measure = "headcount"'),),
        (4, "15000", "0"),
    ),
    "quarters": (
        "plan.csv",
        "Department,Q1 2027,Q2 2027\nSales,5,6\nIT,1,1\n",
        "columns.period_start",
        "period_start",
        (
            ('# period_start = "2027-01"', 'period_start = "2027-01"'),
            ('org_unit = "Department"', 'org_unit = "Department"\nheadcount = "Q1 2027"'),
            ('"Q1 2027", ', ""),
        ),
        (2, "6", "0"),
    ),
    "weeks": (
        "plan.csv",
        "Department,W01 2027,W02 2027\nSales,5,6\nIT,1,1\n",
        "columns.period_start",
        "period_start",
        (
            ('# period_start = "2027-01"', 'period_start = "2027-01"'),
            ('org_unit = "Department"', 'org_unit = "Department"\nheadcount = "W02 2027"'),
            (', "W02 2027"', ""),
        ),
        (2, "7", "0"),
    ),
    "cost centres, and no org unit": (
        "sac.csv",
        (
            "Version,Date,CostCenter_ID,CostCenter_Description,Account_ID,SignedData\n"
            "public.Budget,202701,0000471,Vertrieb,HC,5\npublic.Budget,202702,0000471,Vertrieb,HC,6\n"
        ),
        "columns.org_unit",
        "org_unit",
        (('# org_unit = "CostCenter_ID"', 'org_unit = "CostCenter_ID"'),),
        (2, "11", "0"),
    ),
    "years such as 2027/28": (
        "plan.csv",
        "Financial Year,Period,Service,Post Title,WTE\n2027/28,1,Ward 1,Nurse,10.5\n2027/28,12,Ward 1,Nurse,11.5\n",
        "fiscal.first_month",
        "fiscal.first_month is 0",
        (("first_month = 0", "first_month = 4"),),
        (2, "0", "22"),
    ),
    "abbreviated titles of a database": (
        "plan.psv",
        (
            "plan_id|scenario_cd|fiscal_yr|fiscal_prd|dept_cd|loc_cd|job_cd|hc_cnt|fte_amt|load_ts\n"
            "1|BUD|2027|1|0100|L1|J1|5|4.50|2026-11-01 10:00:00\n2|BUD|2027|2|0100|L1|J1|6|5.50|2026-11-01 10:00:00\n"
        ),
        "fiscal.first_month",
        "fiscal.first_month is 0",
        (("first_month = 0", "first_month = 1"),),
        (2, "11", "10"),
    ),
    "negative numbers in brackets": (
        "plan.csv",
        "Department,Job,Jan-27,Feb-27\nSales,J1,5,6\nSales,Vacancy factor,(1),(1)\nIT,J2,3,3\n",
        "missing",
        "is not a number",
        (("path =", 'without = { Job = ["Vacancy factor"] }\npath ='),),
        (4, "17", "0"),
    ),
    "full time and part time as columns": (
        "plan.csv",
        "Month,Dept,Full-time,Part-time\n2027-01,0100,2,3\n2027-02,0100,3,3\n",
        "headers.pattern",
        "headers.pattern",
        (('pattern = "?"', ""), ("# pattern = ", "pattern = ")),
        (4, "11", "0"),
    ),
    "a sheet for each year, months without one": (
        "plan.xlsx",
        book({f"Plan {year}": [["Department", "Job", "Jan", "Feb"], ["Sales", "J1", 5, 6]] for year in (2026, 2027)}),
        "constants.year",
        "sheet",
        (('# sheet = "Plan 2027"', 'sheet = "Plan 2027"'), ('# year = "2027"', 'year = "2027"')),
        (2, "11", "0"),
    ),
}


@pytest.mark.parametrize("shape", AMBIGUOUS)
def test_an_ambiguous_file_is_asked_about_by_the_settings_name_and_works_with_the_answer(
    desk: Desk, shape: str
) -> None:
    name, content, setting, words, answers, (cells, heads, fte) = AMBIGUOUS[shape]
    put(desk, name, content)
    outcome = desk.run("init", str(desk.folder / name))
    assert outcome.code == 0, outcome
    assert f"\n  {setting}: " in outcome.out
    text = (desk.folder / "bridgehead.toml").read_text()
    section = text[text.index("[tenants.acme.feeds.headcount.source]") :]

    desk.configure(desk.environment(extra=ANY_CODE), section)
    refused = desk.run("plan", "acme")
    assert refused.code in (2, 3), section
    assert words in refused.err

    for old, new in answers:
        assert old in section, section
        section = section.replace(old, new, 1)
    assert planned(desk, section) == (cells, Decimal(heads), Decimal(fte)), section

"""Databases: what a query returns is read as it stands, in portions, and no password is ever shown."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.postgres import PASSWORD, Postgres

from bridgehead.errors import BridgeheadError, ConfigError, MappingMismatch, SourceUnreadable
from bridgehead.sources.mapping import ColumnMapping
from bridgehead.sources.planning_file import PlanningFile
from bridgehead.sources.sql import SqlReader
from bridgehead.tables import Session

FIELDS = ("scenario", "version", "period_start", "org_unit", "headcount")
MAPPING = ColumnMapping(columns={name: name for name in FIELDS}, unset=("cost_center", "location", "job"))
ROW = "SELECT 'budget' AS scenario, 'v1' AS version, {month} AS period_start, {org} AS org_unit, {heads} AS headcount"


def query(org: str = "'A'", heads: str = "1", month: str = "'2027-01'", after: str = "") -> str:
    return f"{ROW.format(org=org, heads=heads, month=month)} {after}"


def staged(session: Session, url: str, sql: str, folder: Path = Path(), **settings: Any) -> list[tuple[Any, ...]]:
    mapping = ColumnMapping(**{"columns": MAPPING.columns, "unset": MAPPING.unset, **settings})
    PlanningFile([SqlReader(lambda: url, sql, folder=folder)], mapping).stage(session)
    return session.ask("SELECT org_unit, headcount, strftime(period, '%Y-%m') FROM text_rows ORDER BY record")


def refusal(session: Session, url: str, sql: str = query(), folder: Path = Path()) -> BridgeheadError:
    with pytest.raises(BridgeheadError) as caught:
        staged(session, url, sql, folder)
    return caught.value


@pytest.fixture
def database(tmp_path: Path) -> str:
    sqlite3.connect(tmp_path / "plan.db").close()
    return f"sqlite:///{tmp_path / 'plan.db'}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("7", "7"),
        ("7::bigint", "7"),
        ("7.0::float8", "7"),
        ("0.1::float4", "0.1"),
        ("0.285::float8", "0.285"),
        ("1e-5::float8", "0.00001"),
        ("1e17::float8", "100000000000000000"),
        ("-2.50::numeric(9, 2)", "-2.5"),
        ("100.00::numeric(9, 2)", "100"),
        ("1e3::numeric", "1000"),
        ("0.00::numeric(9, 2)", "0"),
        ("12345678901234567890.123456789::numeric", "12345678901234567890.123456789"),
        ("'NaN'::numeric", "NaN"),
        ("'Infinity'::float8", "inf"),
        ("NULL::numeric", None),
        ("''", None),
        ("true", "true"),
        ("' 1.50 '", "1.50"),
        ("'007'", "007"),
        ("'x'::bytea", "x"),
        ("'\\xff'::bytea", "\\xff"),
        ("ARRAY[1, 2]", "[1, 2]"),
        ("E'one\\r\\ntwo'", "one\r\ntwo"),
        ("time '12:30'", "12:30:00"),
    ],
)
def test_a_value_is_the_text_that_it_would_be_in_a_csv_file(
    session: Session, postgres: Postgres, value: str, text: str | None
) -> None:
    ((_, heads, _),) = staged(session, postgres.url, query(heads=value))
    assert heads == text


def test_a_number_that_is_no_text_has_one_reading(session: Session, postgres: Postgres, database: str) -> None:
    assert staged(session, postgres.url, query(heads="1.125")) == [("A", "1.125", "2027-01")]
    assert staged(session, database, query(heads="1.125")) == [("A", "1.125", "2027-01")]
    assert isinstance(refusal(session, postgres.url, query(heads="'1.125'")), MappingMismatch)
    assert isinstance(
        refusal(
            session, database, query(heads="1.125", after="UNION ALL SELECT 'budget', 'v1', '2027-01', 'B', '1.250'")
        ),
        MappingMismatch,
    )


@pytest.mark.parametrize(
    "month", ["date '2027-03-01'", "timestamp '2027-03-01'", "timestamptz '2027-03-01'", "'2027-03'"]
)
def test_a_day_is_a_month_however_it_is_typed(session: Session, postgres: Postgres, month: str) -> None:
    assert staged(session, postgres.url, query(month=month)) == [("A", "1", "2027-03")]


def test_a_moment_that_is_not_midnight_is_no_month(session: Session, postgres: Postgres) -> None:
    assert staged(session, postgres.url, query(month="timestamp '2027-03-01 13:30'")) == [("A", "1", None)]


@pytest.mark.parametrize(("value", "text"), [("7", "7"), ("7.0", "7"), ("0.1", "0.1"), ("x'41'", "A"), ("NULL", None)])
def test_a_file_of_sqlite_is_read_like_a_server(session: Session, database: str, value: str, text: str | None) -> None:
    assert staged(session, database, query(heads=value)) == [("A", text, "2027-01")]


@pytest.mark.parametrize(("decimal", "thousands"), [("", ""), ("comma", "."), ("point", ",")])
@pytest.mark.parametrize("kind", ["float8", "numeric"])
def test_a_number_that_is_one_is_no_text_in_another_notation(
    session: Session, postgres: Postgres, decimal: str, thousands: str, kind: str
) -> None:
    values = f"FROM (VALUES (1.234::{kind}), (0.5::{kind})) AS t (v)"
    found = staged(session, postgres.url, query(heads="v", after=values), decimal=decimal, thousands=thousands)
    assert [heads for _, heads, _ in found] == ["1.234", "0.5"]


@pytest.mark.parametrize("org", ["' :x'", "':org'", "'100 %s'", "'%'", "'%%'", "'%(x)s'", "'a'::text", "'\\:x'"])
def test_neither_a_colon_nor_a_percent_sign_means_a_parameter(session: Session, postgres: Postgres, org: str) -> None:
    said = f"{org.removesuffix('::text')[1:-1]}"
    after = "WHERE 'x' LIKE '%' AND 7 % 4 = 3 -- 50 % :done"
    assert staged(session, postgres.url, query(org, after=after)) == [(said.strip(), "1", "2027-01")]


def test_neither_a_colon_nor_a_percent_sign_means_one_in_sqlite(session: Session, database: str) -> None:
    found = staged(session, database, query("':org' || ' %s ?'", after="WHERE 'x' LIKE '%'"))
    assert found == [(":org %s ?", "1", "2027-01")]


@pytest.mark.parametrize(
    "form", ["{}", "WITH x AS ({}) SELECT * FROM x", "-- first\n{}", "{};", "{} ;\n", "({})", "SELECT * FROM ({}) AS y"]
)
def test_a_query_may_begin_and_end_otherwise(session: Session, postgres: Postgres, form: str) -> None:
    assert staged(session, postgres.url, form.format(query())) == [("A", "1", "2027-01")]


def test_a_hundred_thousand_rows_arrive_whole_and_in_order(session: Session, postgres: Postgres) -> None:
    sql = query("'U' || i", "i", after="FROM generate_series(1, 100000) AS t (i) ORDER BY i")
    staged(session, postgres.url, sql)
    assert session.ask("SELECT count(*) FROM text_rows WHERE org_unit = 'U' || record AND headcount = record") == [
        (100_000,)
    ]


def test_a_row_is_named_by_its_number_in_the_query(session: Session, database: str) -> None:
    plan = PlanningFile([SqlReader(lambda: database, query("'A'", after="UNION ALL " + query("'B'")))], MAPPING)
    assert plan.stage(session).name == "query"
    assert plan.locate(2, "org_unit") == "query row 2"


def test_the_digest_is_that_of_the_rows(session: Session, database: str) -> None:
    def digest(sql: str) -> str:
        return PlanningFile([SqlReader(lambda: database, sql)], MAPPING).stage(session).digest

    assert digest(query()) == digest(query(after="-- the same"))
    assert digest(query()) != digest(query(heads="2"))


def test_no_rows_are_no_rows(session: Session, postgres: Postgres) -> None:
    assert staged(session, postgres.url, query(after="WHERE false")) == []


def test_a_column_that_comes_twice_is_refused_by_name(session: Session, postgres: Postgres, database: str) -> None:
    for url in (postgres.url, database):
        refused = refusal(session, url, query().replace("SELECT", "SELECT 'B' AS org_unit,"))
        assert isinstance(refused, MappingMismatch)
        assert "more than one column 'org_unit'" in refused.message


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM nowhere", "SELEC", "", "SELECT 1 / 0", "CREATE TABLE made (x int)", "DELETE FROM pg_class"]
)
def test_a_query_that_fails_is_refused_with_the_words_of_the_database(
    session: Session, postgres: Postgres, sql: str
) -> None:
    refused = refusal(session, postgres.url, sql)
    assert isinstance(refused, SourceUnreadable)
    assert f"planner:***@127.0.0.1:{postgres.port}/postgres" in refused.message
    assert PASSWORD not in f"{refused.message}{refused.cure}"


def test_a_query_that_fails_at_a_late_row_is_refused(session: Session, postgres: Postgres) -> None:
    sql = query(heads="1 / (49999 - i)", after="FROM generate_series(1, 50000) AS t (i)")
    assert "division by zero" in refusal(session, postgres.url, sql).message


def test_a_query_changes_nothing(session: Session, postgres: Postgres) -> None:
    with postgres.connect() as own:
        own.execute("CREATE TABLE kept AS SELECT 1 AS x")
        refusal(session, postgres.url, "DELETE FROM kept")
        refusal(session, postgres.url, "DELETE FROM kept RETURNING x")
        assert own.execute("SELECT count(*) FROM kept").fetchall() == [(1,)]
        own.execute("DROP TABLE kept")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "planning",
        "nosuch://h/db",
        "postgresql+nosuch://u:topsecret@h/db",
        "postgresql://u:top@secret@h/db",
        "postgresql://u:topsecret@h:port/db",
    ],
)
def test_a_url_that_is_none_is_refused_and_not_shown(session: Session, url: str) -> None:
    refused = refusal(session, url)
    assert isinstance(refused, ConfigError)
    assert refused.setting == "connection"
    for secret in ("topsecret", "top", "secret@h"):
        assert secret not in refused.message


def test_a_driver_that_is_not_installed_is_named(session: Session) -> None:
    refused = refusal(session, "mysql+pymysql://reader:topsecret@127.0.0.1/planning")
    assert isinstance(refused, ConfigError)
    assert "pymysql, is not installed" in refused.message
    assert "pip install pymysql" in refused.cure


def secrets_of(postgres: Postgres) -> Sequence[str]:
    wrong = postgres.url.replace("pass%25word", "topsecret")
    closed = "postgresql+psycopg://planner:topsecret@127.0.0.1:1/planning"
    return (
        wrong,
        closed,
        f"{closed}?connect_timeout=1",
        f"postgresql+psycopg://planner@127.0.0.1:{postgres.port}/postgres?password=topsecret",
        f"postgresql+psycopg://127.0.0.1:{postgres.port}/topsecret?user=topsecret&password=topsecret",
        "postgresql+psycopg://planner:topsecret@nowhere.invalid/planning",
    )


@pytest.mark.parametrize("number", range(6))
def test_the_password_of_a_server_that_does_not_answer_is_not_shown(
    session: Session, postgres: Postgres, number: int
) -> None:
    refused = refusal(session, secrets_of(postgres)[number])
    assert isinstance(refused, SourceUnreadable)
    shown = f"{refused.message}{refused.cure}".replace("/topsecret:", "")
    assert "topsecret" not in shown
    assert refused.__suppress_context__


def test_a_file_of_sqlite_starts_at_the_folder_of_the_configuration(
    session: Session, tmp_path: Path, database: str
) -> None:
    assert database
    assert staged(session, "sqlite:///plan.db", query(), tmp_path) == [("A", "1", "2027-01")]


def test_a_file_of_sqlite_that_is_not_there_is_named_and_not_made(session: Session, tmp_path: Path) -> None:
    refused = refusal(session, "sqlite:///nowhere.db", folder=tmp_path)
    assert "nowhere.db does not exist" in refused.message
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_refused(session: Session, tmp_path: Path) -> None:
    (tmp_path / "plan.db").write_text("scenario,version\n" * 100)
    assert "not a database" in refusal(session, "sqlite:///plan.db", "SELECT * FROM plan", tmp_path).message


def test_a_document_of_megabytes_in_a_row_is_refused(session: Session, database: str) -> None:
    refused = refusal(session, database, query("hex(zeroblob(2000000))"))
    assert "cannot be taken" in refused.message


def test_a_text_that_is_none_is_refused(session: Session, database: str) -> None:
    refused = refusal(session, database, query("CAST(x'ff41' AS TEXT)"))
    assert "decode" in refused.message

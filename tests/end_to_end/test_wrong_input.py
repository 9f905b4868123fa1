"""Wrong input: a clear error with its exit code, and nothing is sent."""

from __future__ import annotations

import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.conftest import Desk, lines

GOOD = lines(3)


def refused(desk: Desk, *, code: int, words: tuple[str, ...], command: tuple[str, ...] = ("sync", "acme")) -> None:
    outcome = desk.run(*command)
    assert outcome.code == code, outcome
    for word in words:
        assert word in outcome.err
    assert desk.writes() == 0


def test_a_planning_file_that_is_not_there(desk: Desk) -> None:
    desk.configure()
    refused(desk, code=3, words=("source-unreadable", "plan.csv does not exist", "source.path"))


def test_a_planning_file_that_is_a_folder(desk: Desk) -> None:
    desk.configure()
    (desk.folder / "plan.csv").mkdir()
    refused(desk, code=3, words=("cannot be read", "Is a directory"))


def test_a_planning_file_in_an_encoding_that_nobody_stated(desk: Desk) -> None:
    desk.configure()
    desk.plan(*GOOD)
    path = desk.folder / "plan.csv"
    path.write_bytes(path.read_bytes() + "budget,v1,2027-01,0100,CC0100,Zürich,J001,4,4\n".encode("windows-1252"))
    refused(desk, code=3, words=('source.encoding = "windows-1252"',))


def test_a_line_with_a_field_too_many_is_named(desk: Desk) -> None:
    desk.configure()
    desk.plan(*GOOD, GOOD[0] + ",surplus")
    refused(desk, code=3, words=("plan.csv:5", "another number of fields"))


def test_a_missing_column_is_named_with_the_columns_that_are_there(desk: Desk) -> None:
    desk.configure()
    desk.plan(*GOOD)
    path = desk.folder / "plan.csv"
    path.write_text(path.read_text().replace("cost_center", "costcentre", 1))
    refused(desk, code=3, words=("mapping-mismatch", "no column 'cost_center'", "costcentre", "columns.cost_center"))


def test_a_column_that_nobody_explains_is_not_ignored_in_silence(desk: Desk) -> None:
    desk.configure()
    (desk.folder / "plan.csv").write_text(
        "scenario,version,period_start,org_unit,cost_center,location,job,headcount,fte,2027-0l\n"
    )
    refused(desk, code=3, words=("2027-0l", "ignore = ["))


@pytest.mark.parametrize("number", ["five", "1e3", "0x10", "1 000", "5,5", "NaN", "--5", "5.5.5"])
def test_a_bad_number_is_named_by_line_column_and_value(desk: Desk, number: str) -> None:
    desk.configure()
    desk.plan(*GOOD, f'budget,v1,2027-01,0101,CC0100,L01,J001,5,"{number}"')
    refused(desk, code=3, words=("rows-invalid", "plan.csv:5  fte", number, "not a number", "Nothing was sent"))


def test_half_a_person_is_no_headcount(desk: Desk) -> None:
    desk.configure()
    desk.plan(*GOOD, "budget,v1,2027-01,0101,CC0100,L01,J001,2.5,2.5")
    refused(desk, code=3, words=("plan.csv:5  headcount", "whole number of heads", "parts of a person as FTE"))


def test_a_duplicate_key_names_both_lines(desk: Desk) -> None:
    desk.configure()
    desk.plan(*GOOD, GOOD[1].replace(",5,5.50", ",9,9"))
    refused(desk, code=3, words=("duplicate", "plan.csv:3", "plan.csv:5"))


KNOWN, OTHER, NEW = GOOD[1], GOOD[1].replace(",5,5.50", ",4,4"), "budget,v1,2027-01,0100,CC0100,L01,J009,5,5"


@pytest.mark.parametrize(
    "doubled",
    [
        (KNOWN, KNOWN),
        (KNOWN, OTHER),
        (OTHER, KNOWN),
        (OTHER, OTHER),
        (NEW, NEW),
        (OTHER, OTHER.replace(",4,4", ",3,3")),
    ],
)
def test_a_duplicate_key_names_both_lines_also_when_ukg_holds_the_file_already(
    desk: Desk, doubled: tuple[str, str]
) -> None:
    desk.configure()
    desk.plan(*GOOD)
    assert desk.run("sync", "acme").code == 0
    desk.plan(GOOD[0], *doubled, GOOD[2])
    outcome = desk.run("sync", "acme")
    assert outcome.code == 3
    assert "plan.csv:3" in outcome.err
    assert "plan.csv:4" in outcome.err
    assert "duplicate" in outcome.err
    assert desk.writes() == 1


def test_a_bad_period_is_named(desk: Desk) -> None:
    desk.configure()
    desk.plan("budget,v1,01/02/2027,0100,CC0100,L01,J001,5,5", "budget,v1,2027-02-30,0100,CC0100,L01,J001,5,5")
    refused(desk, code=3, words=("plan.csv:2", "plan.csv:3", "period_format"))


def test_an_empty_key_cell_is_not_a_code(desk: Desk) -> None:
    desk.configure()
    desk.plan("budget,v1,2027-01,,CC0100,L01,J001,5,5", "budget,v1,2027-02,0100,,L01,J001,5,5")
    refused(desk, code=3, words=("plan.csv:2  org_unit", "plan.csv:3  cost_center", 'unset = ["cost_center"]'))


def test_an_unknown_key_in_the_configuration_names_line_and_the_key_that_was_meant(desk: Desk) -> None:
    desk.configure(desk.environment(extra='tennant_id = "x"'), desk.feed())
    desk.plan(*GOOD)
    refused(desk, code=2, words=("bridgehead.toml:7", "'tennant_id'", "Did you mean 'tenant_id'?"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("base_url = ", "base_url = 5 #", ("base_url", "for instance: base_url = ")),
        ("client_secret = ", 'client_secret = "hunter2" #', ("client_secret is no reference", "env:")),
        ("http://127.0.0.1", "http://ukg.example", ("not encrypted", "https")),
        ("[tenants.acme.environments.production]", "[tenants.acme.environment.production]", ("environments",)),
        ("tenant_id = ", "in_flight = 0\ntenant_id = ", ("in_flight",)),
        ("tenant_id = ", 'waivers = { token = "x" }\ntenant_id = ', ("token-tenant",)),
        ("tenant_id = ", "dialect_overrides = { call = { tenant = 1 } }\ntenant_id = ", ("docs/dialects.md",)),
        ("tenant_id = ", 'dialect = "wfm"\ntenant_id = ', ("no dialect 'wfm'", "thread")),
        ("[tenants.acme.feeds.headcount.source]", "[tenants.acme.feeds.headcount.source", ("not TOML",)),
        ("columns = ", "colums = ", ("Did you mean 'columns'?",)),
        ("org_unit = ", "orgunit = ", ("columns.orgunit is not a field", 'columns = { org_unit = "')),
        ("columns = ", 'delimiter = ";;"\ncolumns = ', ("delimiter ';;' is not one character", 'delimiter = ";"')),
        ("columns = ", 'period_format = "%Q"\ncolumns = ', ("period_format '%Q'", 'period_format = "iso"')),
        ("columns = ", 'thousands = "."\ncolumns = ', ("group thousands", 'decimal = "comma"')),
        ("columns = ", 'constants = { grade = "" }\ncolumns = ', ("constants.grade is empty", 'unset = ["grade"]')),
        (
            "columns = ",
            "headers = { pattern = '(', measure = 'fte' }\ncolumns = ",
            ("headers.pattern is not a regular expression", "pattern = '(?P<year>"),
        ),
        ("client_secret = ", 'client_secret = "command:" #', ("client_secret is no reference", "env:")),
        ("client_secret = ", 'client_secret = "env: " #', ("client_secret is no reference", "env:")),
        ("tenant_id = ", 'dialect_overrides = { call = { tenant_header = "X Y" } }\ntenant_id = ', ("'X Y'", "header")),
        (
            "tenant_id = ",
            'dialect_overrides = { call = { tenant_header = "idempotency-key" } }\ntenant_id = ',
            ("stands for two things",),
        ),
        (
            "tenant_id = ",
            'dialect_overrides = { token = { parameters = { x = "{tenant}" } } }\ntenant_id = ',
            ("token.parameters", 'tenant_context = "{tenant_id}"'),
        ),
        ("[tenants.acme.environments", "[tennants.acme.environments", ("unknown key 'tennants'", "tenants")),
    ],
)
def test_a_wrong_configuration_says_what_where_and_a_right_example(
    desk: Desk, old: str, new: str, words: tuple[str, ...]
) -> None:
    desk.configure()
    desk.plan(*GOOD)
    path = desk.folder / "bridgehead.toml"
    text = path.read_text()
    assert old in text
    text = text.replace(old, new, 1)
    path.write_text(text)
    line = text[: text.index(new)].count("\n") + 1
    outcome = desk.run("sync", "acme")
    assert outcome.code == 2, outcome
    for word in words:
        assert word in outcome.err
    assert f"bridgehead.toml:{line}: " in outcome.err or f"(at line {line}," in outcome.err
    assert desk.writes() == 0


def test_a_missing_key_is_asked_for_at_its_section(desk: Desk) -> None:
    desk.configure()
    path = desk.folder / "bridgehead.toml"
    path.write_text(path.read_text().replace("client_id = ", "# ", 1))
    refused(
        desk,
        code=2,
        words=("bridgehead.toml:1: [tenants.acme.env", "lacks the key 'client_id'", 'client_id = "acme-headcount"'),
    )


def test_a_tenant_id_that_is_a_name_is_refused_before_any_call(desk: Desk) -> None:
    desk.configure(desk.environment(tenant_id="ACME"), desk.feed())
    desk.plan(*GOOD)
    refused(desk, code=2, words=("is not a tenant id", "API Configuration", "bridgehead tenant-id acme"))
    assert desk.audit() == []


def test_an_unknown_tenant_environment_or_feed_lists_those_that_are_there(desk: Desk) -> None:
    desk.configure()
    refused(desk, code=2, words=("no tenant 'acne'", "Did you mean 'acme'?"), command=("plan", "acne"))
    refused(desk, code=2, words=("no environment 'test'", "production"), command=("plan", "acme", "-e", "test"))
    refused(desk, code=2, words=("no feed 'x'", "headcount"), command=("plan", "acme", "-f", "x"))


def test_no_configuration_at_all_leads_to_init(desk: Desk) -> None:
    refused(desk, code=2, words=("There is no", "bridgehead init PLAN.csv"))


def test_an_unreachable_host_is_tried_again_aloud_and_then_named(desk: Desk) -> None:
    desk.configure(desk.environment(base_url="http://127.0.0.1:9", extra="attempts = 2"), desk.feed())
    desk.plan(*GOOD)
    refused(
        desk, code=5, words=("http://127.0.0.1:9 gives no answer", "Connection refused", "trying again in", "base_url")
    )


def test_a_web_server_that_is_no_ukg_is_recognised(desk: Desk) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.end_headers()
            self.wfile.write(b"<!DOCTYPE html><html><body>Welcome</body></html>")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    desk.configure(desk.environment(base_url=f"http://127.0.0.1:{server.server_port}"), desk.feed())
    refused(desk, code=4, words=("404", "a page of HTML", "base_url"), command=("tenant-id", "acme"))
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_host_that_does_not_exist(desk: Desk) -> None:
    desk.configure(desk.environment(base_url="https://ukg.invalid"), desk.feed())
    refused(desk, code=5, words=("https://ukg.invalid gives no answer",), command=("tenant-id", "acme"))


def test_a_wrong_secret(desk: Desk) -> None:
    desk.configure()
    desk.plan(*GOOD)
    (desk.folder / "acme-production.secret").write_text("not-the-secret")
    refused(
        desk,
        code=4,
        words=("token-refused", "invalid_client", "Integration Hub > API Clients"),
        command=("plan", "acme"),
    )
    refused(desk, code=4, words=("acme-headcount",), command=("tenant-id", "acme"))
    assert [entry["reason"] for entry in desk.audit()] == ["the secret is wrong"] * 2


def test_a_secret_that_is_nowhere(desk: Desk) -> None:
    desk.configure(desk.environment(client_secret="env:NO_SUCH_VARIABLE"), desk.feed())
    desk.plan(*GOOD)
    refused(desk, code=2, words=("secret-missing", "NO_SUCH_VARIABLE is not set"))
    desk.configure(desk.environment(client_secret="file:nowhere"), desk.feed())
    refused(desk, code=2, words=("file:nowhere cannot be read",))
    desk.configure(desk.environment(client_secret="command:false"), desk.feed())
    refused(desk, code=2, words=("command",))


def test_a_ledger_of_a_newer_version_is_refused_and_left_alone(desk: Desk) -> None:
    desk.configure()
    desk.plan(*GOOD)
    path = desk.folder / ".bridgehead" / "ledger.sqlite"
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    refused(desk, code=2, words=("ledger-unusable", "schema version 99"))


def test_a_wrong_option_is_a_usage_error(desk: Desk) -> None:
    assert desk.run("plan", "acme", "--no-such-option").code == 2


def test_init_never_changes_an_existing_configuration(desk: Desk) -> None:
    desk.configure()
    desk.plan(*GOOD)
    before = (desk.folder / "bridgehead.toml").read_text()
    outcome = desk.run("init", str(desk.folder / "plan.csv"), "--tenant", "globex")

    assert outcome.code == 0
    assert "[tenants.globex.feeds.headcount.source]" in outcome.out
    assert (desk.folder / "bridgehead.toml").read_text() == before


@pytest.mark.parametrize("name", ["init", "plan", "sync", "verify", "status", "tenant-id", "emulate", "demo"])
def test_every_command_has_help_with_an_example(desk: Desk, name: str) -> None:
    outcome = desk.run(name, "--help")

    assert outcome.code == 0
    assert "\n  Example:  bridgehead" in outcome.out
    assert "\\b" not in outcome.out
    assert "bridgehead" in outcome.out


def test_init_says_when_a_file_cannot_be_read(desk: Desk, tmp_path: Path) -> None:
    assert desk.run("init", str(tmp_path / "nothing.csv")).code == 3

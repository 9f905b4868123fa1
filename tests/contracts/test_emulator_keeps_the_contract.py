"""Whatever is asked of the emulator, its answer fits the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import schemathesis
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.config import (
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema
from tests.contract import (
    AUDIT,
    CONTRACT,
    EMPLOYEES,
    FORM,
    HEADCOUNT,
    INTROSPECT,
    METADATA,
    REVOKE,
    TENANT_INFO,
    TOKEN,
    Exchange,
    Server,
    basic,
    contract,
    serving,
)

from bridgehead.emulator import Limits


def loaded(coverage: CoveragePhaseConfig) -> OpenApiSchema:
    project = ProjectConfig(
        generation=GenerationConfig(with_security_parameters=False), phases=PhasesConfig(coverage=coverage)
    )
    config = SchemathesisConfig(seed=1, projects=ProjectsConfig(default=project))
    return schemathesis.openapi.from_path(CONTRACT, config=config)


# The coverage phase would also call each path with methods that it does not have; their 405 is not in the contract.
schema = loaded(CoveragePhaseConfig(unexpected_methods=set()))
# A stranger gets no further than the door: a few calls are enough.
schema_for_strangers = loaded(CoveragePhaseConfig(enabled=False))


_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
bounded = settings(max_examples=12, derandomize=True, database=None, deadline=None)


@schema.parametrize()
@bounded
def test_every_answer_of_the_emulator_fits_the_contract(
    case: schemathesis.Case[Any], server: Server, session: requests.Session
) -> None:
    headers = server.credentials(case.path)
    case.call_and_validate(base_url=server.emulator.production, session=session, headers=headers, checks=_CHECKS)


@schema_for_strangers.parametrize()
@bounded
def test_every_answer_to_a_stranger_fits_the_contract(
    case: schemathesis.Case[Any], server: Server, session: requests.Session
) -> None:
    answer = case.call_and_validate(base_url=server.emulator.production, session=session, checks=_CHECKS)

    public = case.path in {"/oauth/jwks", "/.well-known/oauth-authorization-server"}
    about_tokens = case.path in {TOKEN, INTROSPECT, REVOKE}
    refused = {400, 401, 429} if about_tokens else {401}
    assert answer.status_code == 200 if public else answer.status_code in refused


REFERENCES = ["3f0d6a1e-50c1-5b5e-9f0e-0d1f7b1f6a01", "3F0D6A1E-50C1-5B5E-9F0E-0D1F7B1F6A02"]
NUMBERS = [0, 5.5, 0.1, 12.0, 1.005, -1, -0.0, 1e11, 1e12, 10**30, True, "5", None, [], {}]


def mostly(good: list[Any], bad: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(good * (1 + 20 * len(bad) // len(good)) + bad)


RECORD = st.fixed_dictionaries(
    {
        "client_ref": mostly(REFERENCES, ["", "x", 1, None, "urn:uuid:" + REFERENCES[0]]),
        "scenario": mostly(["budget", "forecast"], ["actual", "", "no", 1, "x" * 41]),
        "version": mostly(["v1"], ["v2", "", None]),
        "period_start": mostly(["2027-01-01", "2029-12-01"], ["2026-12-01", "2030-01-01", "2027-01-02", "", 1]),
        "org_unit": mostly(["0100", "0101"], ["0099", "9999", "", "\x00", "x" * 7, 100]),
        "headcount": mostly([3, 7], NUMBERS),
    },
    optional={
        "cost_center": mostly([None, "CC0100"], ["", "no", "x" * 11, 1]),
        "location": mostly([None, "L01"], ["", "\n", 1]),
        "job": mostly([None, "J001"], ["J000", "", "no"]),
        "position": mostly([None, "\xe4"], ["", "x" * 16]),
        "grade": mostly([None, "G 1"], ["x" * 9]),
        "employment_type": mostly([None, "FT"], ["x" * 6]),
        "fte": mostly([2.75, 7], NUMBERS),
        "hours": mostly([None, 160.25], NUMBERS),
        "cost": mostly([None], [*NUMBERS, 18250.1]),
        "currency": mostly(["EUR"], [None, "eur", "", 1]),
    },
)


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(records=st.lists(RECORD, max_size=4), query=st.sampled_from(["", "?validate_only=true"]))
def test_whatever_mixture_of_records_comes_the_answer_fits_the_contract_and_so_does_what_was_stored(
    server: Server, records: list[dict[str, Any]], query: str
) -> None:
    headers = {**server.credentials(HEADCOUNT), "Content-Type": "application/json"}
    posted = server.call("POST", HEADCOUNT + query, headers, json.dumps({"records": records}).encode())
    stored = server.call("GET", HEADCOUNT + "?limit=1000", headers)

    assert contract.answer_breaches(posted) + contract.answer_breaches(stored) == []
    results = json.loads(posted.answer)["results"]
    assert [result["client_ref"] for result in results if result["status"] != "rejected"] == [
        record["client_ref"] for record, result in zip(records, results, strict=True) if result["status"] != "rejected"
    ]


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(record=RECORD)
def test_a_record_that_fits_the_contract_is_never_rejected_for_its_form(server: Server, record: dict[str, Any]) -> None:
    headers = {**server.credentials(HEADCOUNT), "Content-Type": "application/json"}
    body = json.dumps({"records": [record]}).encode()
    answer = server.call("POST", f"{HEADCOUNT}?validate_only=true", headers, body)

    result = json.loads(answer.answer)["results"][0]
    code = result.get("error", {}).get("code")
    of_the_catalogue = {"period_closed", "period_locked", "scenario_read_only", "unknown_code", "inactive_code"}
    fits = not contract.breaches({"$ref": "#/components/schemas/Projection"}, record, "record")
    if code not in of_the_catalogue:  # which comes before the measures are looked at
        assert fits == (code is None), result


RAW = (
    '{"client_ref":"3f0d6a1e-50c1-5b5e-9f0e-0d1f7b1f6a01","scenario":"budget","version":"v1",'
    '"period_start":"2027-01-01","org_unit":"0100","headcount":1,%s}'
)
HOSTILE = {
    "invalid UTF-8 in a record": RAW.encode() % b'"job":"\xff"',
    "invalid UTF-8 beside the records": b'{"records":[],"\xff":1}',
    "half of a surrogate pair": RAW.encode() % b'"job":"\\ud800"',
    "an escape that JSON does not know": RAW.encode() % b'"job":"\\x00"',
    "an exponent beyond decimals": RAW.encode() % b'"fte":1e99999999999999999999',
    "an exponent far below": RAW.encode() % b'"fte":1e-99999999999999999999',
    "zero with a great exponent": RAW.encode() % b'"fte":0e99999999999999999999',
    "a number of five thousand digits": RAW.encode() % (b'"fte":' + b"9" * 5000),
    "lists in lists": RAW.encode() % (b'"fte":' + b"[" * 100_000 + b"]" * 100_000),
    "lists instead of a record": b"[" * 100_000 + b"]" * 100_000,
    "an unknown field": RAW.encode() % b'"notes":"x"',
    "a number instead of a record": b"1",
}


@pytest.mark.parametrize("record", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_gets_an_answer_that_fits_the_contract(server: Server, record: bytes) -> None:
    headers = {**server.credentials(HEADCOUNT), "Content-Type": "application/json"}
    answer = server.call("POST", HEADCOUNT, headers, b'{"records":[' + record + b"]}")

    assert contract.answer_breaches(answer) == []
    assert answer.status in {207, 400}


@pytest.mark.parametrize("form", ["urn:uuid:{}", "{{{}}}", "{} ", "uuid"])
def test_a_reference_that_is_no_plain_uuid_is_rejected(server: Server, form: str) -> None:
    reference = json.dumps(form.format(REFERENCES[0]))
    record = (RAW % '"fte":1').replace(f'"{REFERENCES[0]}"', reference)
    headers = {**server.credentials(HEADCOUNT), "Content-Type": "application/json"}
    answer = server.call("POST", f"{HEADCOUNT}?validate_only=true", headers, f'{{"records":[{record}]}}'.encode())

    assert contract.answer_breaches(answer) == []
    assert [result["error"]["field"] for result in json.loads(answer.answer)["results"]] == ["client_ref"]


@pytest.mark.parametrize("digits", ["1.000000000000000000000000000000001", "1e-9999999"])
def test_a_number_with_more_decimals_than_the_contract_allows_is_rejected_however_small_they_are(
    server: Server, digits: str
) -> None:
    headers = {**server.credentials(HEADCOUNT), "Content-Type": "application/json"}
    body = b'{"records":[' + RAW.encode() % f'"fte":{digits}'.encode() + b"]}"
    answer = server.call("POST", f"{HEADCOUNT}?validate_only=true", headers, body)

    assert [result["status"] for result in json.loads(answer.answer)["results"]] == ["rejected"]


@pytest.mark.parametrize(
    "authorization",
    ["Basic \xe9", "Basic !", "Basic bm9jb2xvbg==", "Basic //46eA==", "Bearer \xe9.a.b", "Bearer a.b.c", "Bearer", "x"],
)
@pytest.mark.parametrize("path", [TOKEN, TENANT_INFO, METADATA])
def test_a_hostile_authorization_is_refused_as_the_contract_says(server: Server, path: str, authorization: str) -> None:
    method, body = ("POST", b"grant_type=client_credentials") if path == TOKEN else ("GET", None)
    answer = server.call(method, path, {"Authorization": authorization, "Content-Type": FORM}, body)

    assert contract.answer_breaches(answer) == []
    assert answer.status == 401


@pytest.mark.parametrize("scope", ["nonsense", "\xe9", "a'b", 'a"b', "a\\b", " "])
def test_an_unknown_scope_is_described_in_the_characters_that_the_rfc_allows(server: Server, scope: str) -> None:
    form = urlencode({"grant_type": "client_credentials", "scope": scope}).encode()
    answer = server.call("POST", TOKEN, {**server.credentials(TOKEN), "Content-Type": FORM}, form)

    assert contract.answer_breaches(answer) == []
    assert json.loads(answer.answer)["error"] == "invalid_scope"


def every_status(server: Server) -> Iterator[Exchange]:
    """Call until every answer of the contract was given, except for the quota's."""
    opened, basic_only = server.planning(), basic(server.client())
    form = urlencode({"grant_type": "client_credentials"}).encode()
    for path, sent in ((TOKEN, form), (INTROSPECT, b"token=x"), (REVOKE, b"token=x")):
        yield server.call("POST", path, {**basic_only, "Content-Type": FORM}, sent)
        yield server.call("POST", path, {**basic_only, "Content-Type": "application/json"}, sent)
        yield server.call("POST", path, {"Content-Type": FORM}, sent)
        yield server.call("POST", path, {"Content-Type": FORM}, bytes(64 * 1_048_576 + 1))
        guess = b"&client_id=guessed&client_secret=guess-" + path.encode()
        yield from (server.call("POST", path, {"Content-Type": FORM}, sent + guess) for _ in range(6))
    wrong = urllib3.make_headers(basic_auth="guessed:wrong")
    yield server.call("GET", TENANT_INFO, wrong)
    yield server.call("GET", "/oauth/jwks")
    yield server.call("GET", "/.well-known/oauth-authorization-server")
    yield server.call("GET", TENANT_INFO, basic_only)
    for path in (TENANT_INFO, METADATA, HEADCOUNT, EMPLOYEES, AUDIT):
        yield server.call("GET", path, server.credentials(path))
        yield server.call("GET", path)
    for path in (HEADCOUNT, AUDIT):
        yield server.call("GET", f"{path}?limit=0", server.credentials(path))
    good = RAW % '"fte":1'
    once = {**opened, "Idempotency-Key": "once"}
    for headers, body in (
        (once, f'{{"records":[{good}]}}'),
        (once, f'{{"records":[{good}]}}'),
        (once, '{"records":[]}'),
        (opened, f'{{"records":[{good},{good}]}}'),
        (opened, "[]"),
        (opened, json.dumps({"records": [None] * 1001})),
        (opened, " " * 1_048_577),
        ({**opened, "Content-Type": "text/csv"}, ""),
        ({**opened, "X-Tenant-ID": server.client(environment="sandbox").tenant_id}, '{"records":[]}'),
    ):
        yield server.call("POST", HEADCOUNT, headers, body.encode())


def every_quota(server: Server) -> Iterator[Exchange]:
    """Use the quota of one request up, then call again."""
    for path in (METADATA, EMPLOYEES, AUDIT):
        for _ in range(2):
            yield server.call("GET", path, server.credentials(path))
    yield server.call("GET", HEADCOUNT, server.credentials(HEADCOUNT))
    yield server.call("POST", HEADCOUNT, server.planning(), b'{"records":[]}')


def test_every_answer_in_the_contract_is_one_that_the_emulator_gives(server: Server) -> None:
    given = list(every_status(server))
    for hurried in serving(Limits(requests_per_minute=1)):
        given += every_quota(hurried)

    assert [words for exchange in given for words in contract.answer_breaches(exchange)] == []
    assert {(exchange.method, exchange.path, exchange.status) for exchange in given} == contract.statuses()


def test_only_an_answer_that_is_given_again_says_so(server: Server) -> None:
    headers = {**server.planning(), "Idempotency-Key": "again"}
    answers = [server.call("POST", HEADCOUNT, headers, body) for body in (b'{"records":[]}', b'{"records":[]}', b"{}")]

    assert [answer.status for answer in answers] == [200, 200, 409]
    assert ["idempotent-replayed" in answer.answer_headers for answer in answers] == [False, True, False]


def test_what_the_sandbox_forgives_is_answered_as_the_contract_says(server: Server) -> None:
    near_miss = server.bearer(server.client("integration", "sandbox"), "workforce:write planning:manage")
    answers = [
        server.call("GET", METADATA, near_miss, environment="sandbox"),
        server.call("GET", HEADCOUNT, near_miss, environment="sandbox"),
        server.call(
            "POST",
            HEADCOUNT,
            {**near_miss, "Content-Type": "application/json"},
            b'{"records":[' + RAW.encode() % b'"fte":1' + b"]}",
            environment="sandbox",
        ),
    ]

    assert [words for answer in answers for words in contract.answer_breaches(answer)] == []
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert all(json.loads(answer.answer)["echo"]["tenant_id"] is None for answer in answers)

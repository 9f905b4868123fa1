"""The contract as the tests read it, and a UKG Pro that is called as it says."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jsonschema_rs
import urllib3
import yaml

from bridgehead.emulator import DemoClient, Emulator, Limits

CONTRACT = Path(__file__).parents[1] / "contract" / "openapi.yaml"

TOKEN = "/oauth/token"
INTROSPECT = "/oauth/introspect"
REVOKE = "/oauth/revoke"
TENANT_INFO = "/api/v1/tenant/info"
METADATA = "/api/v1/workforce/planning/metadata"
HEADCOUNT = "/api/v1/workforce/planning/headcount"
EMPLOYEES = "/api/v1/employees"
AUDIT = "/api/v1/system/audit/api-access-logs"

# The thread's words, on purpose not taken from the client.
SCOPES = "workforce.planning.write compliance.data.access tenant.context.read"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as they went over the wire. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer_headers: dict[str, str]
    answer: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{self.query} -> {self.status}"

    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True)


class Contract:
    """Finds what in an exchange does not fit the contract."""

    def __init__(self, path: Path) -> None:
        self.document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    @cached_property
    def operations(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (method.upper(), path): operation
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
        }

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """Follow the reference that stands in a place of OpenAPI's own; those inside schemas are JSON Schema's."""
        while "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def statuses(self) -> set[tuple[str, str, int]]:
        return {(*key, int(status)) for key, operation in self.operations.items() for status in operation["responses"]}

    def breaches(self, schema: dict[str, Any], value: Any, where: str) -> list[str]:
        """Return what is wrong with a value."""
        key = json.dumps(schema)
        if key not in self._validators:
            whole = {"allOf": [schema], "components": self.document["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [
            f"{where}{''.join(f'[{part!r}]' for part in error.instance_path)}: {error.message}"
            for error in self._validators[key].iter_errors(value)
        ]

    def request_breaches(self, exchange: Exchange) -> list[str]:
        operation = self.operations.get((exchange.method, exchange.path))
        if operation is None:
            return [f"{exchange}: no such operation"]
        parameters = [self.resolve(one) for one in operation.get("parameters", ())]
        found = self._parameter_breaches(parameters, exchange)
        schemes = {"".join(one) for one in operation["security"]}
        sent = exchange.headers.get("authorization", "").partition(" ")[0]
        if schemes and sent not in {_SCHEMES[scheme] for scheme in schemes}:
            found.append(f"Authorization: {sent or 'absent'}, wanted is one of {', '.join(sorted(schemes))}")
        if "requestBody" in operation:
            found += self._body_breaches(operation["requestBody"]["content"], exchange.headers, exchange.body, "body")
        elif exchange.body:
            found.append("a body where none belongs")
        return [f"{exchange}: {words}" for words in found]

    def answer_breaches(self, exchange: Exchange) -> list[str]:
        operation = self.operations[exchange.method, exchange.path]
        if str(exchange.status) not in operation["responses"]:
            return [f"{exchange}: no such status; {exchange.answer[:200]!r}"]
        response = self.resolve(operation["responses"][str(exchange.status)])
        headers = {name: self.resolve(header) for name, header in response.get("headers", {}).items()}
        found = []
        for name, header in headers.items():
            found += self._value_breaches(header, exchange.answer_headers.get(name.lower()), f"header {name}")
        found += self._body_breaches(response["content"], exchange.answer_headers, exchange.answer, "answer")
        return [f"{exchange}: {words}" for words in found]

    def _parameter_breaches(self, parameters: list[dict[str, Any]], exchange: Exchange) -> list[str]:
        query = parse_qsl(exchange.query, keep_blank_values=True)
        known = {one["name"] for one in parameters if one["in"] == "query"}
        found = [f"query {name}: unknown" for name, _ in query if name not in known]
        if len(dict(query)) != len(query):
            found.append("a parameter is repeated")
        for one in parameters:
            sent = dict(query).get(one["name"]) if one["in"] == "query" else exchange.headers.get(one["name"].lower())
            found += self._value_breaches(one, sent, f"{one['in']} {one['name']}")
        return found

    def _value_breaches(self, described: dict[str, Any], sent: str | None, where: str) -> list[str]:
        """Judge a parameter or a header; its text becomes what its schema speaks of."""
        if sent is None:
            return [f"{where}: missing"] if described.get("required") else []
        kind, value = described["schema"].get("type"), sent
        if (kind == "integer" and re.fullmatch("[0-9]+", sent)) or (kind == "boolean" and sent in {"true", "false"}):
            value = json.loads(sent)
        return self.breaches(described["schema"], value, where)

    def _body_breaches(self, content: dict[str, Any], headers: dict[str, str], body: bytes, where: str) -> list[str]:
        media_type = headers.get("content-type", "").partition(";")[0].strip()
        if media_type not in content:
            return [f"{where}: Content-Type is {media_type or 'absent'}"]
        value = dict(parse_qsl(body.decode(), keep_blank_values=True)) if media_type == FORM else json.loads(body)
        return self.breaches(content[media_type]["schema"], value, where)


_SCHEMES = {"basic": "Basic", "bearer": "Bearer", "oauth2": "Bearer", "": ""}
contract = Contract(CONTRACT)


def basic(client: DemoClient) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client.client_id}:{client.secret}".encode()).decode()}


@dataclass(slots=True)
class Server:
    """A running emulator, and how to call it."""

    emulator: Emulator
    http: urllib3.PoolManager
    _opened: dict[str, dict[str, str]] = field(default_factory=dict)

    def client(self, kind: str = "headcount", environment: str = "production") -> DemoClient:
        wanted = (f"acme-{kind}", environment)
        return next(one for one in self.emulator.demo_clients() if (one.client_id, one.environment) == wanted)

    def call(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        *,
        environment: str = "production",
    ) -> Exchange:
        url = self.emulator.environments[environment].base_url + path
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        answer = self.http.request(method, url, headers=sent, body=body)
        parts = urlsplit(path)
        got = {name.lower(): value for name, value in answer.headers.items()}
        return Exchange(method, parts.path, parts.query, sent, body or b"", answer.status, got, answer.data)

    def bearer(self, client: DemoClient, scope: str, **form: str) -> dict[str, str]:
        body = urlencode({"grant_type": "client_credentials", "scope": scope, **form}).encode()
        headers = {**basic(client), "Content-Type": FORM}
        answer = self.call("POST", TOKEN, headers, body, environment=client.environment)
        assert answer.status == 200, answer.answer
        return {"Authorization": f"Bearer {json.loads(answer.answer)['access_token']}"}

    def planning(self, environment: str = "production") -> dict[str, str]:
        """Return what the thread asks of every planning call."""
        client = self.client(environment=environment)
        token = self.bearer(client, SCOPES, tenant_context=client.tenant_id)
        return {**token, "X-Tenant-ID": client.tenant_id, "Content-Type": "application/json"}

    def credentials(self, path: str) -> dict[str, str]:
        """Return what opens a path, for who may use it."""
        if path not in self._opened:
            self._opened[path] = self._credentials(path)
        return self._opened[path]

    def _credentials(self, path: str) -> dict[str, str]:
        if path in (TOKEN, INTROSPECT, REVOKE):
            return basic(self.client())
        if path == EMPLOYEES:
            return self.bearer(self.client("integration"), "employees.read")
        if path == AUDIT:
            auditor = self.client("auditor")
            return {**self.bearer(auditor, "audit.logs.read"), "X-Tenant-ID": auditor.tenant_id}
        return {name: value for name, value in self.planning().items() if name != "Content-Type"}


def serving(limits: Limits) -> Iterator[Server]:
    with Emulator(limits=limits) as emulator, urllib3.PoolManager(retries=False, maxsize=4) as http:
        yield Server(emulator, http)

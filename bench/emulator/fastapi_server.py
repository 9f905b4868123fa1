"""What the emulator's records are measured beside: the same gate, store and audit, by FastAPI and pydantic.

Written as one would: typed bodies, the directory in memory, one SQLite database that commits each call with its audit
entry before it is answered. Run as `python -m bench.emulator.fastapi_server PORT DATABASE CATALOGUE`.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import time
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

TENANT = "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"
DIMENSIONS = ("scenario", "version", "period_start", "org_unit", "cost_center", "location", "job", "position", "grade")
SCHEMA = """
CREATE TABLE projection (tenant_id TEXT, key TEXT, document TEXT NOT NULL, changed_at TEXT NOT NULL,
    PRIMARY KEY (tenant_id, key)) WITHOUT ROWID;
CREATE TABLE answer (tenant_id TEXT, key TEXT, digest TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (tenant_id, key)) WITHOUT ROWID;
CREATE TABLE audit (id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL, entry TEXT NOT NULL);
"""

port, database, catalogue = int(sys.argv[1]), sys.argv[2], json.loads(Path(sys.argv[3]).read_text(encoding="utf-8"))
issuer = f"http://127.0.0.1:{port}"
key = ECKey.generate_key("P-256")
client = {
    "client_id": "acme-headcount",
    "tenant_id": TENANT,
    "enabled": True,
    "addresses": [],
    "scopes": ["workforce.planning.write", "compliance.data.access", "tenant.context.read"],
    "planning_permission": True,
    "account": {"locked": False, "roles": ["Workforce Planning Administrator"]},
}
tenant = {"tenant_id": TENANT, "modules": ["core-hr", "workforce-planning"]}
codes = {
    field: {entry["code"]: entry["active"] for entry in catalogue[name]}
    for field, name in (
        ("org_unit", "org_units"),
        ("cost_center", "cost_centers"),
        ("location", "locations"),
        ("job", "jobs"),
    )
}
versions = {(one["code"], version): one["read_only"] for one in catalogue["scenarios"] for version in one["versions"]}
periods = catalogue["periods"]

connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA synchronous = FULL")
connection.executescript(SCHEMA)

Amount = Annotated[Decimal, Field(ge=0, lt=Decimal(10) ** 12, decimal_places=2)]


def _text(length: int) -> Any:
    return Annotated[str, StringConstraints(min_length=1, max_length=length, pattern=r"^[^\x00-\x1f]+$")]


class Record(BaseModel):
    """One projection."""

    model_config = ConfigDict(extra="forbid")

    client_ref: uuid.UUID
    scenario: _text(40)
    version: _text(40)
    period_start: date
    org_unit: _text(6)
    cost_center: _text(10) | None = None
    location: _text(6) | None = None
    job: _text(8) | None = None
    position: _text(15) | None = None
    grade: _text(8) | None = None
    employment_type: _text(5) | None = None
    headcount: Annotated[int, Field(ge=0, lt=10**12)] | None = None
    fte: Amount | None = None
    hours: Amount | None = None
    cost: Amount | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None

    @field_validator("period_start")
    @classmethod
    def _open(cls, value: date) -> date:
        if value.day != 1 or not periods["open_from"] <= value.isoformat() <= periods["open_to"]:
            raise ValueError("the period is not open")
        if value.isoformat() in periods["locked"]:
            raise ValueError("the period is locked")
        return value

    @field_validator("org_unit", "cost_center", "location", "job")
    @classmethod
    def _known(cls, value: str | None, info: Any) -> str | None:
        if value is not None and not codes[info.field_name].get(value):
            raise ValueError(f"{value} could not be found, or is inactive")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Record:
        if versions.get((self.scenario, self.version)) is not False:
            raise ValueError("no such scenario and version, or read-only")
        if self.headcount is None and self.fte is None:
            raise ValueError("headcount or fte is required")
        if self.cost is not None and not self.currency:
            raise ValueError("currency is required with cost")
        return self


class Bulk(BaseModel):
    """A request."""

    records: Annotated[list[Record], Field(max_length=1000)]


class Result(BaseModel):
    """What became of a record."""

    client_ref: uuid.UUID
    status: str


class Results(BaseModel):
    """The answer."""

    results: list[Result]
    echo: dict[str, str]


app = FastAPI()


def _gate(request: Request) -> tuple[list[tuple[str, str]], str]:
    """Walk the same checks as the emulator's gate; return the walk, and which check refused."""
    walk: list[tuple[str, str]] = []
    header = request.headers.get("x-tenant-id")
    try:
        shown = jwt.decode(request.headers.get("authorization", "")[7:], key, algorithms=["ES256"])
    except (JoseError, ValueError):
        return [("token", "denied")], "token"
    claims, now = shown.claims, time.time()
    address = request.client.host if request.client else ""
    checks = (
        ("token", claims["iss"] == issuer and claims["aud"] == "ukg-pro-api" and claims["nbf"] <= now < claims["exp"]),
        ("environment", claims["environment"] == "production"),
        ("client", claims["client_id"] == client["client_id"] and client["enabled"]),
        ("address", not client["addresses"] or address in client["addresses"]),
        ("token-tenant", bool(claims.get("tenant_id"))),
        ("tenant-header", header is not None),
        ("tenant-match", header == claims.get("tenant_id") == client["tenant_id"]),
        ("scope", "workforce.planning.write" in claims["scope"].split(" ")),
        ("registration", {"compliance.data.access", "tenant.context.read"} <= set(client["scopes"])),
        ("permission", client["planning_permission"]),
        ("module", "workforce-planning" in tenant["modules"]),
        ("account", not client["account"]["locked"]),
        ("role", "Workforce Planning Administrator" in client["account"]["roles"]),
    )
    for check, holds in checks:
        walk.append((check, "holds" if holds else "denied"))
        if not holds:
            return walk, check
    return walk, ""


def _write_down(request: Request, status: int, walk: list[tuple[str, str]], check: str) -> None:
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "correlation_id": request.headers.get("x-correlation-id") or str(uuid.uuid4()),
        "method": request.method,
        "path": request.url.path,
        "status": status,
        "client_id": client["client_id"],
        "tenant_id": TENANT,
        "outcome": "denied" if check else "allowed",
        "check": check,
        "steps": walk,
    }
    connection.execute("INSERT INTO audit (tenant_id, entry) VALUES (?, ?)", (TENANT, json.dumps(entry)))


@app.exception_handler(RequestValidationError)
async def invalid(request: Request, wrong: RequestValidationError) -> Response:
    """Name what is wrong with a request."""
    _write_down(request, 400, [], "invalid")
    return JSONResponse(
        {"error": "invalid_records", "errors": json.loads(json.dumps(wrong.errors(), default=str))}, 400
    )


@app.post("/token")
async def token() -> dict[str, str]:
    """Give the token that the records are posted with."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "sub": "svc",
        "aud": "ukg-pro-api",
        "client_id": client["client_id"],
        "scope": "workforce.planning.write",
        "environment": "production",
        "tenant_id": TENANT,
        "iat": now,
        "nbf": now,
        "exp": now + 1800,
        "jti": str(uuid.uuid4()),
    }
    return {"access_token": jwt.encode({"alg": "ES256", "typ": "at+jwt"}, claims, key)}


@app.post("/api/v1/workforce/planning/headcount", response_model=Results)
async def post_headcount(request: Request, bulk: Bulk) -> Any:
    """Store records, tell of each, and write it down: in one commit, before the answer."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        walk, check = _gate(request)
        answer: Any = JSONResponse({"error": "insufficient_permissions"}, 401) if check else _stored(request, bulk)
        _write_down(request, 401 if check else 200, walk, check)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
    return answer


def _stored(request: Request, bulk: Bulk) -> Any:
    body_digest = hashlib.sha256(request._body).hexdigest()  # noqa: SLF001 - FastAPI has read it already
    asked = request.headers.get("idempotency-key", "")
    before = connection.execute(
        "SELECT digest, status, body FROM answer WHERE tenant_id = ? AND key = ?", (TENANT, asked)
    ).fetchone()
    if before is not None:
        return Response(before[2], 409 if before[0] != body_digest else before[1])
    results, seen, moment = [], set(), datetime.now(UTC).isoformat()
    for record in bulk.records:
        place = "\x1f".join(str(getattr(record, name) or "") for name in DIMENSIONS)
        if place in seen:
            results.append(Result(client_ref=record.client_ref, status="rejected"))
            continue
        seen.add(place)
        document = record.model_dump_json()
        row = connection.execute(
            "SELECT document FROM projection WHERE tenant_id = ? AND key = ?", (TENANT, place)
        ).fetchone()
        status = "created" if row is None else "unchanged" if row[0] == document else "updated"
        if status != "unchanged":
            connection.execute(
                "INSERT OR REPLACE INTO projection VALUES (?, ?, ?, ?)", (TENANT, place, document, moment)
            )
        results.append(Result(client_ref=record.client_ref, status=status))
    answer = Results(results=results, echo={"tenant_id": TENANT, "environment": "production"})
    connection.execute(
        "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?)",
        (TENANT, asked, body_digest, 200, answer.model_dump_json()),
    )
    return answer


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)

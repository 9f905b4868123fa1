"""The routes behind the gate: planning metadata, headcount, employees, and the audit log."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any

import msgspec

from bridgehead.emulator import gate
from bridgehead.emulator.audit import FILTERS, describe
from bridgehead.emulator.bulk import Bulk, Manner
from bridgehead.emulator.directory import ROLE_MANAGEMENT, ApiClient
from bridgehead.emulator.environment import Environment
from bridgehead.emulator.exchange import Answer, Handler, Inbound, denied, json_answer, page_size, taking
from bridgehead.emulator.faults.bend import Take
from bridgehead.emulator.identity import call_of, refusal
from bridgehead.emulator.planning import Posted
from bridgehead.emulator.records import RecordRefused

_MAX_KEY = 255
_TOLD = ("records", "bytes", "requests_per_minute", "page")
"""Limits that the metadata call tells."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who passed the gate, for which tenant, and how the gate decided.

    reach: the only org units that its roles count for; None means all. limited: whether that is minded here, as it is
    in production.
    """

    client: ApiClient
    tenant_id: str
    told: dict[str, object]
    tenant_header: str | None = None
    reach: frozenset[str] | None = None
    limited: bool = True

    @property
    def org_units(self) -> frozenset[str] | None:
        """The only org units that it may see and write here; None means all."""
        return self.reach if self.limited else None

    def told_beyond(self, org_units: Collection[str]) -> dict[str, object]:
        """Tell the log also of org units that it sees or writes here, and would not in production."""
        beyond = set(org_units) - (self.reach or set())
        if self.limited or self.reach is None or not beyond or self.told["outcome"] != "allowed":
            return self.told
        reason = f"the roles count for {', '.join(sorted(self.reach))} only, not for {', '.join(sorted(beyond)[:10])}"
        return self.told | {"outcome": "forgiven", "check": "role", "reason": reason, "menu": ROLE_MANAGEMENT}

    def echo(self, environment: Environment) -> dict[str, Any]:
        """Tell tenant and environment as they were received: what a proxy rewrote shows."""
        return {"tenant_id": self.tenant_header, "environment": environment.name}

    def answer(self, status: int, document: Any, headers: dict[str, str] | None = None) -> Answer:
        """Answer this caller."""
        return json_answer(
            status,
            document,
            headers=headers,
            client_id=self.client.client_id,
            tenant_id=self.tenant_id,
            told=self.told,
        )

    def fault(self, status: int, error: str, message: str, **more: Any) -> Answer:
        """Answer with an error that is the request's own fault."""
        return json_answer(
            status,
            {"error": error, "message": message, **more},
            client_id=self.client.client_id,
            tenant_id=self.tenant_id,
            told={**self.told, "outcome": "denied", "check": error, "reason": message},
        )


Guarded = Callable[[Environment, Inbound, Caller], Answer]


def guarded(operation: gate.Operation) -> Callable[[Guarded], Handler]:
    """Put a route behind the gate."""

    def decorate(handle: Guarded) -> Handler:
        @wraps(handle)
        def through_the_gate(environment: Environment, inbound: Inbound) -> Answer:
            call = call_of(environment, inbound, operation)
            decision = gate.judge(call, strictness=environment.strictness)
            told = describe(decision) | {"account": call.claim("sub") or ""}
            client_id = call.client.client_id if call.client else call.claim("client_id") or ""
            tenant_id = call.tenant.tenant_id if call.tenant else ""
            if decision.denied is not None or call.client is None:
                return refusal(client_id=client_id, tenant_id=tenant_id, told=told)
            limited = environment.strictness == "production"
            caller = Caller(call.client, tenant_id, told, call.tenant_header, call.reach(), limited)
            seconds = environment.quota.wait(client_id)
            if seconds:
                answer = caller.fault(429, "too_many_requests", "the minute's quota of requests is used up")
                return msgspec.structs.replace(answer, headers={"Retry-After": str(seconds)})
            return handle(environment, inbound, caller)

        return through_the_gate

    return decorate


@guarded(gate.METADATA)
def metadata(environment: Environment, _: Inbound, caller: Caller) -> Answer:
    """`GET /api/v1/workforce/planning/metadata`: the harmless first test (T7)."""
    catalogue = environment.catalogue(caller.tenant_id)
    document = {
        "echo": caller.echo(environment),
        "scenarios": catalogue.scenarios,
        "periods": {
            "type": "month",
            "open_from": catalogue.open_from,
            "open_to": catalogue.open_to,
            "locked": catalogue.locked,
        },
        "org_units": catalogue.org_units,
        "cost_centers": catalogue.cost_centers,
        "locations": catalogue.locations,
        "jobs": catalogue.jobs,
        "limits": {name: getattr(environment.limits, name) for name in _TOLD},
    }
    return caller.answer(200, document)


class _Records(msgspec.Struct, forbid_unknown_fields=True):
    records: list[msgspec.Raw]


@guarded(gate.WRITE_HEADCOUNT)
def post_headcount(environment: Environment, inbound: Inbound, caller: Caller) -> Answer:
    """`POST /api/v1/workforce/planning/headcount`: the bulk upsert (T2)."""
    take, now = taking(environment, inbound), environment.clock()
    fewer = take("too-large")
    most = environment.limits.records if fewer is None else fewer.value
    unfit = _unfit_request(environment, inbound, caller)
    if unfit is not None:
        return unfit
    dry = inbound.query.get("validate_only") == "true" and not take("validate-only-ignored")
    key = inbound.headers.get("idempotency-key")
    if key is not None and not dry:
        remembered = environment.planning.remembered(caller.tenant_id, key, inbound.body, now)
        if remembered is not None:
            return _again(caller, remembered)
    try:
        records = msgspec.json.decode(inbound.body, type=_Records).records
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        return caller.fault(400, "invalid_request", f'the body is not {{"records": [...]}}: {wrong}')
    if len(records) > most:
        return _too_large(caller, "records", len(records), most)
    bulk = Bulk(
        tenant_id=caller.tenant_id,
        rules=environment.rules(caller.tenant_id),
        echo=caller.echo(environment),
        changed_by=caller.client.client_id,
        now=now,
        org_units=caller.org_units,
        validate_only=dry,
        request=None if key is None else (key, inbound.body),
        manner=_manner(take),
    )
    posted = environment.planning.post(records, bulk)
    told = caller.told_beyond(posted.org_units)
    return Answer(posted.status, posted.body, {}, caller.client.client_id, caller.tenant_id, told)


def _unfit_request(environment: Environment, inbound: Inbound, caller: Caller) -> Answer | None:
    """Return the answer to a request that is wrong before its records are looked at."""
    if inbound.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        return caller.fault(415, "unsupported_media_type", "Content-Type must be application/json")
    if len(inbound.body) > environment.limits.bytes:
        return _too_large(caller, "bytes", len(inbound.body), environment.limits.bytes)
    if inbound.query.get("validate_only", "false") not in ("true", "false"):
        return caller.fault(400, "invalid_request", "validate_only must be true or false")
    key = inbound.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= _MAX_KEY:
        return caller.fault(400, "invalid_request", f"Idempotency-Key must have 1 to {_MAX_KEY} characters")
    return None


def _again(caller: Caller, remembered: Posted) -> Answer:
    """Give a remembered answer once more."""
    if remembered.status == 409:
        return caller.fault(409, "key_reused", "the Idempotency-Key was used with another body")
    told = {**caller.told, "reason": "answered before"}
    headers = {"Idempotent-Replayed": "true"}
    return Answer(remembered.status, remembered.body, headers, caller.client.client_id, caller.tenant_id, told)


def _manner(take: Take) -> Manner:
    """Return how results are told, and which records a fault rejects."""
    every, conflicts, most = take("partial-acceptance"), take("version-conflict"), take("product-limit")
    return Manner(
        always_200=take("rejects-in-200") is not None,
        by_position=take("results-by-position") is not None,
        all_or_nothing=take("all-or-nothing") is not None,
        reject_every=every.value if every else 0,
        conflict_every=conflicts.value if conflicts else 0,
        most=most.value if most else None,
        in_groups=take("group-incomplete") is not None,
    )


def _too_large(caller: Caller, limit: str, actual: int, maximum: int) -> Answer:
    return caller.fault(
        413,
        "payload_too_large",
        f"{actual} {limit}, at most {maximum}",
        limits=[{"limit": limit, "actual": actual, "maximum": maximum}],
    )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@guarded(gate.READ_HEADCOUNT)
def get_headcount(environment: Environment, inbound: Inbound, caller: Caller) -> Answer:
    """`GET /api/v1/workforce/planning/headcount`: read back, page by page."""
    query, most = inbound.query, environment.limits.page
    for name in ("period_from", "period_to"):
        if name in query and not _is_date(query[name]):
            return caller.fault(400, "invalid_request", f"{name} must be a date, YYYY-MM-DD")
    size = page_size(inbound, default=most, most=most)
    if size is None:
        return caller.fault(400, "invalid_request", f"limit must be 1 to {most}")
    try:
        documents, cursor = environment.planning.page(
            caller.tenant_id, dict(query), limit=size, org_units=caller.org_units
        )
    except RecordRefused as refused:
        return caller.fault(400, "invalid_request", refused.error["message"])
    rest = msgspec.json.encode({"next_cursor": cursor, "echo": caller.echo(environment)})
    body = b'{"records":[' + b",".join(documents) + b"]," + rest[1:]
    shown = [] if caller.reach is None else {environment.planning.read(one).org_unit for one in documents}
    return Answer(200, body, {}, caller.client.client_id, caller.tenant_id, caller.told_beyond(shown))


@guarded(gate.READ_EMPLOYEES)
def employees(environment: Environment, _: Inbound, caller: Caller) -> Answer:
    """`GET /api/v1/employees`: another module under its own permission; it works when planning does not."""
    catalogue = environment.catalogue(caller.tenant_id)
    people = [
        {"employee_number": f"{number:09d}", "org_unit": unit["code"], "status": "active"}
        for number, unit in enumerate(catalogue.org_units[:10], 1)
    ]
    return caller.answer(200, {"employees": people, "echo": caller.echo(environment)})


@guarded(gate.READ_AUDIT)
def audit_log(environment: Environment, inbound: Inbound, caller: Caller) -> Answer:
    """`GET /api/v1/system/audit/api-access-logs`: the tenant's entries, newest first (T11)."""
    size = page_size(inbound, default=100, most=1000)
    if size is None:
        return caller.fault(400, "invalid_request", "limit must be 1 to 1000")
    asked = {name: inbound.query[name] for name in FILTERS if name in inbound.query}
    if asked.get("outcome", "denied") not in ("allowed", "forgiven", "denied"):
        return caller.fault(400, "invalid_request", "outcome must be allowed, forgiven or denied")
    entries = environment.audit.read(asked, tenant_id=caller.tenant_id, limit=size)
    return caller.answer(200, {"entries": entries})


def not_found(environment: Environment, inbound: Inbound) -> Answer:
    """Whatever has no route here."""
    if environment.faults.take("gateway-401", inbound.claimant):
        return refusal(told=denied("path", f"there is nothing at {inbound.path[:200]}; the gateway says 401"))
    message = f"there is nothing at {inbound.path[:200]}"
    return json_answer(404, {"error": "not_found", "message": message}, told=denied("path", message))

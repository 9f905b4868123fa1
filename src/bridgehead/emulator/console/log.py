"""*Reports > System Audit > API Access Logs*: why a call was refused, and the one click to where it is mended."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlencode

import msgspec

from bridgehead.emulator.audit import FILTERS, Entry
from bridgehead.emulator.console.visits import NotThere, Visit, address, signed_in
from bridgehead.emulator.directory import ApiClient, Person, ServiceAccount
from bridgehead.emulator.exchange import Answer
from bridgehead.emulator.gate import CHECKS

_SHOWN = 200
_EXPORTED = 100_000
_RECENT = 2000
_OF_THE_CLIENT = {
    "scope": "scopes",
    "registration": "scopes",
    "planning-permission": "planning",
    "client": "state",
    "client-tenant": "state",
    "address": "addresses",
    "oauth-invalid-client": "secrets",
    "oauth-invalid-scope": "scopes",
    "oauth-unauthorized-client": "grants",
}
"""Checks that are mended on the client's own screen, with the part of it."""

_OF_THE_TENANT = {
    "token-tenant": "token",
    "tenant-header": "token",
    "tenant-match": "tenant-id",
    "oauth-invalid-target": "tenant-id",
    "environment": "tenant-id",
    "module": "modules",
    "oauth-invalid-request": "token",
    "oauth-unsupported-grant-type": "token",
}
"""Checks that are mended with what stands on the tenant's screen."""


def cure(visit: Visit, entry: Entry) -> tuple[str, str] | None:
    """Return where a refusal is mended: what the link says, and where it leads."""
    store, mine = visit.environment.store, visit.tenant.tenant_id
    if entry.check == "role":
        found = store.find(ServiceAccount, entry.account) or store.find(Person, entry.account)
        if found is not None and found.tenant_id == mine:
            return f"Role Management: {entry.account}", address("/console/roles", entry.account) + "#assign"
        return "Role Management", "/console/roles"
    client = store.find(ApiClient, entry.client_id)
    asked_by_browser = entry.check == "oauth-invalid-request" and entry.path == "/oauth/authorize"
    part = "addresses" if asked_by_browser else _OF_THE_CLIENT.get(entry.check, "")
    if part:
        if client is not None and client.tenant_id == mine:
            return f"API Clients: {entry.client_id}", address("/console/api-clients", entry.client_id) + f"#{part}"
        return "API Clients", "/console/api-clients"
    if entry.check in _OF_THE_TENANT or entry.check.startswith("token"):
        part = _OF_THE_TENANT.get(entry.check, "token")
        return "API Configuration", f"/console/api-configuration#{part}"
    return None


def _asked(visit: Visit) -> dict[str, str]:
    return {name: value for name in FILTERS if (value := visit.inbound.query.get(name, "").strip())}


def _entries(visit: Visit, limit: int) -> list[tuple[int, Entry]]:
    asked, mine = _asked(visit), visit.tenant.tenant_id
    return visit.environment.audit.numbered(asked, tenant_id=mine, nobodys=True, limit=limit)


def _checks(visit: Visit, asked: str) -> list[str]:
    """Return the checks to choose from: the gate's, and what else refused calls lately (a token has many ways)."""
    mine = visit.tenant.tenant_id
    recent = visit.environment.audit.read({"outcome": "denied"}, tenant_id=mine, nobodys=True, limit=_RECENT)
    gates = [check.slug for check in CHECKS if check.slug != "token"]
    return [*gates, *sorted({asked, *(entry.check for entry in recent)} - {"", *gates})]


@signed_in
def show_all(visit: Visit) -> Answer:
    """`GET /console/api-access-logs`: the newest first, filtered by what the address says."""
    asked = _asked(visit)
    entries = [(number, entry, cure(visit, entry)) for number, entry in _entries(visit, _SHOWN)]
    clients = [one.client_id for one in visit.clients()]
    whose = asked.get("client_id", "")
    return visit.page(
        "log",
        title="API Access Logs",
        most=_SHOWN,
        entries=entries,
        asked=dict.fromkeys(FILTERS, "") | asked,
        query=urlencode(asked),
        clients=clients if whose in ("", *clients) else [*clients, whose],
        checks=_checks(visit, asked.get("check", "")),
    )


@signed_in
def show(visit: Visit) -> Answer:
    """`GET /console/api-access-logs/{number}`: one call with its walk through the gate."""
    text = visit.inbound.parameters["number"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    found = visit.environment.audit.numbered({}, tenant_id=visit.tenant.tenant_id, nobodys=True, number=number)
    if not found:
        raise NotThere
    entry, asks = found[0][1], {check.slug: visit.environment.spelling.say(check.asks) for check in CHECKS}
    return visit.page("entry", title="One call", entry=entry, cure=cure(visit, entry), asks=asks)


@signed_in
def export(visit: Visit) -> Answer:
    """`GET /console/api-access-logs.csv` and `.json`: what the filter shows, as a file."""
    entries, kind = [entry for _, entry in _entries(visit, _EXPORTED)], visit.inbound.path.rpartition(".")[2]
    headers = {"Content-Disposition": f'attachment; filename="api-access-logs.{kind}"', "Cache-Control": "no-store"}
    if kind == "json":
        return Answer(200, msgspec.json.encode({"entries": entries}), headers)
    names = [name for name in Entry.__struct_fields__ if name != "steps"]
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(names)
    lines.writerows([_unlike_formula(str(getattr(entry, name))) for name in names] for entry in entries)
    return Answer(200, text.getvalue().encode(), headers, media_type="text/csv; charset=utf-8")


def _unlike_formula(text: str) -> str:
    """Keep a spreadsheet from calculating what a caller has sent."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text

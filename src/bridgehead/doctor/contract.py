"""The contract: whether the answers of this UKG have the keys that the dialect names, and which to override."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from bridgehead.doctor.calls import Heard, Spent
from bridgehead.doctor.case import Case
from bridgehead.ukg.dialect import at

_ALIKE = 0.5


class Clause(msgspec.Struct, frozen=True):
    """One key of the dialect, held against an answer. found: its value in short, None when nothing stands there.

    override: the line that says it as this UKG has it, empty where nothing alike was found; needed: whether a sync does
    without it.
    """

    call: str
    key: str
    path: str
    found: str | None
    override: str = ""
    needed: bool = False


def compare_contract(case: Case) -> Iterator[Clause]:
    """Yield each key that the dialect reads, as the answers of this UKG have it. Reads only."""
    dialect = case.dialect
    token = {name: getattr(dialect.token, name) for name in ("access_token", "expires_in", "granted_scope")}
    yield from _clauses("token", case.bound.heard, "token", token, needed={"access_token"})
    claims = {name: getattr(dialect.token, name) for name in ("claim_tenant", "claim_environment")}
    if case.bound.claims:
        yield from _held_against("token claims", case.bound.claims, "token", claims, {"claim_tenant"})
    info = dialect.tenant_info
    named = {name: getattr(info, name) for name in ("tenant", "environment", "tenant_name", "modules")}
    yield from _clauses("tenant/info", case.info, "tenant_info", named, needed={"tenant", "environment"})
    known = dialect.metadata
    names = ("echo_tenant", "echo_environment", "max_records", "max_bytes", "per_minute", "open_from", "open_to")
    told = {name: getattr(known, name) for name in (*names, "scenarios")}
    yield from _clauses("metadata", case.metadata, "metadata", told, needed={"echo_tenant", "echo_environment"})
    codes = {f"codes.{name}": path for name, path in known.codes.items()}
    yield from _clauses("metadata", case.metadata, "metadata", codes, needed=set())
    yield from _page(case)


def _page(case: Case) -> Iterator[Clause]:
    """Yield what a page of headcount has, and the fields of its first record."""
    known = case.dialect.headcount
    if not known.read_back:
        return
    try:
        heard = case.page
    except Spent:  # too many calls were refused before
        return
    envelope = {"envelope": known.envelope, "echo_tenant": known.echo_tenant, "next_cursor": known.next_cursor}
    yield from _clauses("headcount", heard, "headcount", envelope, needed={"envelope"})
    records = at(heard.document, known.envelope)
    if isinstance(records, list) and records and isinstance(records[0], Mapping):
        names = {f"names.{name}": path for name, path in known.names.items()}
        needed = {"names.scenario", "names.version", "names.period_start", "names.org_unit", "names.headcount"}
        yield from _held_against("headcount record", records[0], "headcount", names, needed)


def _clauses(call: str, heard: Heard, section: str, keys: Mapping[str, str], *, needed: set[str]) -> Iterator[Clause]:
    yield from _held_against(call, heard.document, section, keys, needed)


def _held_against(
    call: str, document: Any, section: str, keys: Mapping[str, str], needed: set[str]
) -> Iterator[Clause]:
    there = dict(_paths(document))
    free = [path for path in there if path not in keys.values()]
    for key, path in keys.items():
        if path in there:
            shown = "there" if key == "access_token" else _short(there[path])
            yield Clause(call, f"{section}.{key}", path, shown, needed=key in needed)
            continue
        alike = _alike(path, free)
        override = f'dialect_overrides.{section}.{key} = "{alike}"' if alike else ""
        yield Clause(call, f"{section}.{key}", path, None, override, needed=key in needed)


def _paths(document: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every dotted path of a document, with what stands there."""
    if not isinstance(document, Mapping):
        return
    for name, value in document.items():
        path = f"{before}{name}"
        yield path, value
        yield from _paths(value, f"{path}.")


def _alike(path: str, free: list[str]) -> str:
    """Return the path whose last word is most like the one that is missing, case and signs aside."""
    plain = {one: "".join(sign for sign in one.rpartition(".")[2].lower() if sign.isalnum()) for one in free}
    wanted = "".join(sign for sign in path.rpartition(".")[2].lower() if sign.isalnum())
    close = difflib.get_close_matches(wanted, plain.values(), 1, _ALIKE)
    return next((one for one, word in plain.items() if close and word == close[0]), "")


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    if isinstance(value, Mapping):
        return f"an object of {len(value):,}"
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

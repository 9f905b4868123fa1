"""Old habits: scopes that look right, a token request without the tenant, calls without its header (the thread).

Each can be written as an override of the dialect. A sync refuses them; the doctor names them and looks behind them.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection

import msgspec

from bridgehead.ukg.dialect import Dialect

_NEAR = 0.72
"""So alike are two names that one is taken for the other: `workforce-planning.write` is, `employees.read` is not."""


class Habit(msgspec.Struct, frozen=True):
    """One habit. check: as the doctor calls what it breaks. cause: as in cures.toml. override: its key."""

    check: str
    cause: str
    says: str
    override: str
    right: str


def old_habits(dialect: Dialect, standard: Dialect, waived: Collection[str]) -> tuple[Habit, ...]:
    """Return what the overrides of a dialect break. standard: the dialect without them. waived: evidence, by name.

    A UKG that needs no tenant in the token or no header has that on record, as a waiver of the evidence.
    """
    found = []
    wrong = misspelt(dialect, standard)
    if wrong:
        asked, exact = ", ".join(dialect.scopes), ", ".join(standard.scopes)
        says = f"the scopes that are asked for ({asked}) look like the exact ones and are not: {', '.join(wrong)}"
        found.append(Habit("scope-names", "scope-misspelt", says, "scopes", exact))
    if not _binds(dialect) and _binds(standard) and "token-tenant" not in waived:
        right = next(f'{name} = "{one}"' for name, one in standard.token.parameters.items() if "{tenant_id}" in one)
        says = "the token request does not carry the tenant; a token without it opens no planning"
        found.append(Habit("tenant-context", "tenant-context-missing", says, "token.parameters", right))
    if not dialect.call.tenant_header and "metadata-tenant" not in waived:
        says = f"calls do not carry the tenant; every planning call needs the header {standard.call.tenant_header}"
        right = standard.call.tenant_header
        found.append(Habit("header-name", "tenant-header-missing", says, "call.tenant_header", right))
    return tuple(found)


def misspelt(dialect: Dialect, standard: Dialect) -> tuple[str, ...]:
    """Return scopes that are taken for exact ones; scopes of another kind are not."""
    return tuple(scope for scope in dialect.scopes if looks_like(scope, standard))


def looks_like(scope: str, standard: Dialect) -> str:
    """Return the exact scope that a name is taken for, empty when it looks like none."""
    if scope in standard.scopes:
        return ""
    alike = difflib.get_close_matches(scope.lower(), standard.scopes, 1, _NEAR)
    return alike[0] if alike else standard.scopes[0] if scope in standard.near_scopes else ""


def without_habits(dialect: Dialect, standard: Dialect, habits: Collection[Habit]) -> Dialect:
    """Return the dialect as it would be without them."""
    broken = {habit.override for habit in habits}
    if "scopes" in broken:
        dialect = msgspec.structs.replace(dialect, scopes=standard.scopes)
    if "token.parameters" in broken:
        bound = {name: one for name, one in standard.token.parameters.items() if "{tenant_id}" in one}
        parameters = dialect.token.parameters | bound
        dialect = msgspec.structs.replace(dialect, token=msgspec.structs.replace(dialect.token, parameters=parameters))
    if "call.tenant_header" in broken:
        call = msgspec.structs.replace(dialect.call, tenant_header=standard.call.tenant_header)
        dialect = msgspec.structs.replace(dialect, call=call)
    return dialect


def _binds(dialect: Dialect) -> bool:
    return any("{tenant_id}" in template for template in dialect.token.parameters.values())

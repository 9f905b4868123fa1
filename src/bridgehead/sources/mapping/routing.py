"""Routing: a file that plans for several tenants, and whose each row says for which one."""

from __future__ import annotations

from bridgehead.plan import Share
from bridgehead.projection import MEASURES
from bridgehead.sources.mapping.settings import Routing
from bridgehead.tables import Session, literal

NOBODY = ""
"""Whom a row is routed to that fits no tenant, or more than one."""

_BETWEEN = "\x1f"


def route_of(routing: Routing, cell: str) -> str:
    """Compose whom a row is routed to: a tenant, none, or several with a sign between. cell: its text, as SQL."""
    cases = [
        f"CASE WHEN {' OR '.join(_fits(cell, pattern) for pattern in patterns) or 'false'} THEN {literal(tenant)} END"
        for tenant, patterns in routing.tenants.items()
    ]
    return f"concat_ws({literal(_BETWEEN)}, {', '.join(cases)})"


def _fits(cell: str, pattern: str) -> str:
    """Compose whether a text fits a pattern in which * stands for any text, and every other sign for itself."""
    if "*" not in pattern:
        return f"{cell} = {literal(pattern.strip())}"
    escaped = pattern.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    return f"{cell} LIKE {literal(escaped)} ESCAPE {literal(chr(92))}"


def misrouted(route: str) -> list[tuple[str, str]]:
    """Compose, with the rule that it breaks, what is wrong with a row's route."""
    return [(f"{route} = ''", "unrouted:route"), (f"contains({route}, {literal(_BETWEEN)})", "ambiguous:route")]


def only_of(tenant: str) -> str:
    """Compose which rows of a routed file a tenant has to look at: its own, and those of nobody."""
    return f" WHERE m.route = {literal(tenant)} OR m.route = '' OR contains(m.route, {literal(_BETWEEN)})"


def shares(session: Session, rows: str) -> tuple[Share, ...]:
    """Add up what a routed file plans for each tenant, and for nobody. rows: the query for all of them."""
    sums = ", ".join(f"coalesce(sum(TRY_CAST({name} AS DECIMAL(38, 10))), 0)" for name in MEASURES)
    filled = f"coalesce({', '.join(MEASURES)}) IS NOT NULL"
    whose = f"CASE WHEN contains(route, {literal(_BETWEEN)}) THEN {literal(NOBODY)} ELSE route END AS tenant"
    found = session.ask(
        f"SELECT {whose}, count(*), {sums} FROM ({rows}) AS m WHERE {filled} GROUP BY tenant ORDER BY tenant"  # noqa: S608
    )
    return tuple(Share(*row) for row in found)

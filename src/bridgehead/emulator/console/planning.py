"""The planning data of the tenant: projections as a table, and the headcount by month as a chart."""

from __future__ import annotations

from bridgehead.emulator.console.visits import Visit, signed_in
from bridgehead.emulator.exchange import Answer
from bridgehead.emulator.records import RecordRefused

_FILTERS = ("scenario", "version", "period_from", "period_to", "org_unit", "cursor")
_PAGE = 50
_WIDTH, _HEIGHT = 720, 200


@signed_in
def show(visit: Visit) -> Answer:
    """`GET /console/planning`: filtered by scenario, version, months and org unit."""
    asked = {name: value for name in _FILTERS if (value := visit.inbound.query.get(name, "").strip())}
    for name in ("period_from", "period_to"):
        if len(asked.get(name, "")) == len("2027-01"):  # a month is written as the table writes it, or by its first day
            asked[name] += "-01"
    unit = asked.get("org_unit")
    reach = frozenset({unit}) if unit else None
    planning, mine = visit.environment.planning, visit.tenant.tenant_id
    try:
        records, cursor = planning.page(mine, asked, limit=_PAGE, org_units=reach)
    except RecordRefused:
        asked.pop("cursor")
        records, cursor = planning.page(mine, asked, limit=_PAGE, org_units=reach)
    months = planning.months(mine, asked)
    most = max((heads for _, heads in months), default=0)
    catalogue = visit.environment.catalogue(mine)
    return visit.page(
        "planning",
        title="Headcount projections",
        records=[planning.read(one) for one in records],
        cursor=cursor,
        asked=dict.fromkeys(_FILTERS, "") | asked,
        months=months,
        bars=_bars(months, most),
        width=_WIDTH,
        height=_HEIGHT,
        most=most,
        catalogue=catalogue,
    )


def _bars(months: list[tuple[str, int]], most: int) -> list[tuple[float, float, float, float, str, int]]:
    """Return a bar for each month: left, top, width, height, month, heads."""
    step = _WIDTH / max(1, len(months))
    bars = []
    for place, (month, heads) in enumerate(months):
        height = heads / most * _HEIGHT if most else 0.0
        bars.append(
            (
                round(place * step + step * 0.1, 1),
                round(_HEIGHT - height, 1),
                round(step * 0.8, 1),
                round(height, 1),
                month,
                heads,
            )
        )
    return bars

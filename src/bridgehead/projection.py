"""A headcount projection: how many people one cell of the plan is to hold, and what makes it valid.

On the bulk path projections are rows of a table and never objects; the classes here are for code that handles one.
"""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import msgspec

DIMENSIONS = (
    "scenario",
    "version",
    "period_start",
    "org_unit",
    "cost_center",
    "location",
    "job",
    "position",
    "grade",
    "employment_type",
)
"""The key, in order. Codes are text: leading zeros and inner spaces count."""

REQUIRED = ("scenario", "version", "period_start", "org_unit")
"""These are never null. cost_center, location and job may be, where the mapping says that they are unset."""

STATED = ("cost_center", "location", "job")
"""Dimensions that a mapping has to provide or to state as unset; the last three are simply null when absent."""

MEASURES = ("headcount", "fte", "hours", "cost")

SCALE_LIMIT = 4
"""No measure has more decimals than this: UKG's hours allow four, 194,598 of 194,599 published FTE values have two."""

SEPARATOR = "\x1f"
"""Stands between the parts of a key's text. A code never holds it: control characters are refused."""


def namespace_of(tenant_id: str) -> uuid.UUID:
    """Return the namespace of a tenant's references: its id, or one made of it where ids are no UUIDs."""
    try:
        return uuid.UUID(tenant_id)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_OID, tenant_id)


class Cell(msgspec.Struct, frozen=True, order=True):
    """The grain of a plan: one job in one place and period, under one scenario and version. Unset is None."""

    scenario: str
    version: str
    period_start: date
    org_unit: str
    cost_center: str | None = None
    location: str | None = None
    job: str | None = None
    position: str | None = None
    grade: str | None = None
    employment_type: str | None = None

    def __str__(self) -> str:
        """Name the cell as people read it: `budget v1 2027-01 0100 / CC0100 / L01 / J001`."""
        rest = [getattr(self, name) for name in DIMENSIONS[3:]]
        places = " / ".join(part for part in rest if part is not None)
        return f"{self.scenario} {self.version} {self.period_start:%Y-%m} {places}"

    def key_text(self) -> str:
        """Return the key as one text, the same that the tables use; an unset dimension is empty there."""
        parts = [getattr(self, name) for name in DIMENSIONS]
        return SEPARATOR.join("" if part is None else str(part) for part in parts)

    @classmethod
    def of_key(cls, text: str) -> Cell:
        """Return the cell of a key's text."""
        scenario, version, period, org_unit, *rest = text.split(SEPARATOR)
        return cls(scenario, version, date.fromisoformat(period), org_unit, *(part or None for part in rest))

    def client_ref(self, tenant_id: str) -> str:
        """Return the record's reference: a UUID (version 5) of tenant and key, the same in every run."""
        return str(uuid.uuid5(namespace_of(tenant_id), self.key_text()))


class Projection(msgspec.Struct, frozen=True):
    """What a cell is planned to hold. A measure that the plan does not speak of is None, which is not 0."""

    cell: Cell
    headcount: Decimal | None = None
    fte: Decimal | None = None
    hours: Decimal | None = None
    cost: Decimal | None = None
    currency: str | None = None

    def measures(self) -> dict[str, Decimal]:
        """Return the measures that the plan speaks of."""
        values = {name: getattr(self, name) for name in MEASURES}
        return {name: value for name, value in values.items() if value is not None}

"""bridgehead delivers headcount projections into UKG Pro, unattended, for several tenants.

These are its public names; each is imported when it is first asked for, so that `import bridgehead` opens no door.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bridgehead.config import Config, load
    from bridgehead.errors import BridgeheadError
    from bridgehead.examining import examine
    from bridgehead.feed import Feed, Guardrails
    from bridgehead.plan import Action, Batch, Change, Owned, Plan
    from bridgehead.ports import Ledger, Receipt, Source, Target
    from bridgehead.projection import Cell, Projection
    from bridgehead.sync import Sync
    from bridgehead.tenant import choose, open_sync

_HOMES = {
    "Action": "plan",
    "Batch": "plan",
    "BridgeheadError": "errors",
    "Cell": "projection",
    "Change": "plan",
    "Config": "config",
    "Feed": "feed",
    "Guardrails": "feed",
    "Ledger": "ports",
    "Owned": "plan",
    "Plan": "plan",
    "Projection": "projection",
    "Receipt": "ports",
    "Source": "ports",
    "Sync": "sync",
    "Target": "ports",
    "choose": "tenant",
    "examine": "examining",
    "load": "config",
    "open_sync": "tenant",
}

__all__ = [
    "Action",
    "Batch",
    "BridgeheadError",
    "Cell",
    "Change",
    "Config",
    "Feed",
    "Guardrails",
    "Ledger",
    "Owned",
    "Plan",
    "Projection",
    "Receipt",
    "Source",
    "Sync",
    "Target",
    "choose",
    "examine",
    "load",
    "open_sync",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

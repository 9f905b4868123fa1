"""Keeping away from a UKG that refused a tenant's authorization a while ago, and remembering when it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from bridgehead.circuit import Circuit, opened
from bridgehead.errors import PermissionRefused, TokenRefused, Unavailable
from bridgehead.feed import Feed
from bridgehead.ports import Ledger


def check_circuit(ledger: Ledger, feed: Feed, now: datetime) -> Circuit | None:
    """Raise CircuitOpen where UKG refused a while ago; return the circuit that may be tried."""
    before = ledger.circuit()
    if before is not None:
        objection = before.objection(now, tenant=feed.tenant, environment=feed.environment)
        if objection is not None:
            raise objection
    return before


@contextmanager
def authorized(
    ledger: Ledger, feed: Feed, clock: Callable[[], datetime], halt: Callable[[], BaseException | None]
) -> Iterator[None]:
    """Let the block ask UKG, unless it refused a while ago; a refusal opens the circuit, a good end closes it."""
    before = check_circuit(ledger, feed, clock())
    try:
        yield
    except (TokenRefused, PermissionRefused) as refused:
        ledger.set_circuit(opened(before, clock(), refused.message))
        raise
    except Unavailable as wrong:  # what was held back since somebody wants to stop is a stop
        raise halt() or wrong from None
    ledger.set_circuit(None)

"""How long to wait before another try, and when to give up: a pure decision.

What only people can mend is never retried.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

import msgspec

from bridgehead.ukg.messages import Response

_TRANSIENT = frozenset({408, 425, 429})
_OVERLOAD = frozenset({408, 429, 503, 504})


class Pace(msgspec.Struct, frozen=True):
    """Exponential waits with full jitter. attempts: tries in all. base, cap, patience: seconds.

    patience: the longest wait that is obeyed when a server asks for one.
    """

    attempts: int = 6
    base: float = 0.5
    cap: float = 30.0
    patience: float = 120.0

    def wait(self, attempt: int, response: Response | None, chance: Callable[[], float]) -> float | None:
        """Return the seconds to wait after this attempt (the first is 1), or None to give up.

        response: None when there was none. chance: a number between 0 and 1.
        """
        if response is not None and not is_transient(response):
            return None
        if attempt >= self.attempts:
            return None
        asked = retry_after(response) if response is not None else None
        if asked is not None:
            return asked if asked <= self.patience else None
        return float(min(self.cap, self.base * 2 ** (attempt - 1)) * chance())


def is_transient(response: Response) -> bool:
    """Whether the same call may pass later: overload, an outage, or a first try that is still being processed.

    What is not implemented (501) will not be a moment later.
    """
    if response.status == 409:
        document = response.document()
        return isinstance(document, dict) and document.get("error") == "in_progress"
    return response.status in _TRANSIENT or (response.status >= 500 and response.status != 501)


def is_overload(response: Response) -> bool:
    """Whether an answer says that there are too many requests, or was too long in coming."""
    return response.status in _OVERLOAD


def retry_after(response: Response) -> float | None:
    """Return the wait that the server asks for (RFC 9110 section 10.2.3), in seconds or as a date."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - response.at).total_seconds())
    except (ValueError, OverflowError):  # also a zone that no clock has
        return None

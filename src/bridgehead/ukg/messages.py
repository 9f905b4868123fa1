"""A request and a response as values: what is decided here is sent elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec


def printable(text: str) -> str:
    """Return a server's words as any database keeps them: PostgreSQL takes no NUL in a text."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True, slots=True)
class Request:
    """One call to be made. path: from the tenant's base URL. Headers and body hold secrets and stay out of a repr.

    alone: while nothing else of the tenant is on its way.
    anew: makes it once more for another try, where the same bytes would count only once.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    correlation_id: str = ""
    alone: bool = False
    anew: Callable[[], Request] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. headers: names in lower case. at: when it came, by the clock of the client.

    retried: an earlier try of this call went without an answer, or failed at the server: it may have had an effect.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    at: datetime
    retried: bool = False

    def header(self, name: str) -> str:
        """Return a header, whatever its case; empty when it is not there."""
        return self.headers.get(name.lower(), "")

    @property
    def says_token_is_spent(self) -> bool:
        """Whether a refusal says that a new token is needed (RFC 6750 section 3.1)."""
        return self.status == 401 and 'error="invalid_token"' in self.header("WWW-Authenticate")

    def document(self) -> Any:
        """Return the body as JSON, None when it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def words(self) -> str:
        """Return what the server says, short enough for a message: the error, its description, or the first line."""
        if 300 <= self.status < 400:
            target = urlsplit(self.header("Location"))
            where = f"{target.scheme}://{target.netloc}{target.path}" if target.netloc else target.path
            return f"a redirect to {where or 'nowhere'}, which is not followed; something else may answer"
        document = self.document()
        if isinstance(document, Mapping):
            told = [document.get(name) for name in ("error", "error_description", "message", "errorCode")]
            words = ": ".join(str(part) for part in told if part)
            if words:
                return printable(words[:300])
            # What it says otherwise may be a token.
            return printable(f"an answer with the keys {', '.join(map(str, document)) or 'none'}"[:300])
        text = self.body[:200].decode("utf-8", "replace").strip()
        if text.startswith("<"):
            return "a page of HTML, which UKG's API never sends; something else may answer at base_url"
        return printable(text.split("\n", maxsplit=1)[0])

"""How a UKG spells the binding to a tenant: as in the thread, or as on UKG's newer platform.

The rest of the emulator knows the thread's words alone; what arrives is put into them, and what is said out of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridgehead.emulator.authorization.refusals import OAuthError

_PARAMETER, _HEADER, CLAIM = "tenant_context", "X-Tenant-ID", "tenant_id"


@dataclass(frozen=True, slots=True)
class Spelling:
    """Names of a dialect. parameter: of the token request. claim: of the token. audience: what must be asked for."""

    name: str
    parameter: str = _PARAMETER
    header: str = _HEADER
    claim: str = CLAIM
    audience: str = ""

    def read_form(self, form: Mapping[str, str]) -> Mapping[str, str]:
        """Return a token or authorization request in the thread's words; raise where the audience is not asked for."""
        if self.audience and "grant_type" in form and form.get("audience") != self.audience:
            raise OAuthError(
                "invalid_request", f"audience must be {self.audience}", client_id=form.get("client_id", "")
            )
        return self._read(form, self.parameter, _PARAMETER)

    def read_headers(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        """Return headers in the thread's words; names are in lower case."""
        return self._read(headers, self.header.lower(), _HEADER.lower())

    @staticmethod
    def _read(sent: Mapping[str, str], theirs: str, ours: str) -> Mapping[str, str]:
        if theirs == ours:
            return sent
        rest = {name: value for name, value in sent.items() if name not in (theirs, ours)}
        return rest | ({ours: sent[theirs]} if theirs in sent else {})

    def say_claims(self, claims: Mapping[str, Any]) -> dict[str, Any]:
        """Return a token's claims in this dialect's words."""
        return {self.claim if name == CLAIM else name: value for name, value in claims.items()}

    def say(self, text: str) -> str:
        """Return a text in this dialect's words."""
        if self.header == _HEADER:
            return text
        return text.replace(_HEADER, self.header).replace(_PARAMETER, self.parameter)


DIALECTS = {
    "thread": Spelling("thread"),
    "platform": Spelling("platform", "organization", "global-tenant-id", "org_id", "https://api.ukg.net"),
}
"""By name. `platform`: the words of UKG's Developer Console, as its public pages have them."""

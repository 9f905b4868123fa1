"""Last month's script, as the thread's author had it: a few plain HTTP calls, each missing piece added in turn."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, replace
from typing import Any

import urllib3


@dataclass(frozen=True, slots=True)
class Script:
    """What the script sends. tenant_context and header: None when it does not know of them."""

    base_url: str
    client_id: str
    secret: str
    scope: str
    tenant_context: str | None = None
    header: str | None = None

    def with_(self, **changes: str) -> Script:
        """Return the script with one piece repaired."""
        return replace(self, **changes)

    def token(self, http: urllib3.PoolManager) -> tuple[int, Any]:
        """`POST /oauth/token`."""
        form = {"grant_type": "client_credentials", "scope": self.scope}
        form |= {"tenant_context": self.tenant_context} if self.tenant_context else {}
        answer = http.request(
            "POST",
            f"{self.base_url}/oauth/token",
            fields=form,
            encode_multipart=False,
            headers=urllib3.make_headers(basic_auth=f"{self.client_id}:{self.secret}"),
        )
        return answer.status, answer.json()

    def get(self, http: urllib3.PoolManager, path: str, token: str) -> int:
        """`GET` something with the token alone."""
        headers = {"Authorization": f"Bearer {token}"}
        return http.request("GET", f"{self.base_url}{path}", headers=headers).status

    def post(self, http: urllib3.PoolManager, token: str) -> tuple[int, Any]:
        """`POST /api/v1/workforce/planning/headcount` with one projection."""
        record = {
            "client_ref": str(uuid.uuid5(uuid.NAMESPACE_URL, "last-month")),
            "scenario": "budget",
            "version": "v1",
            "period_start": "2029-01-01",
            "org_unit": "0100",
            "headcount": 12,
        }
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers |= {"X-Tenant-ID": self.header} if self.header else {}
        answer = http.request(
            "POST",
            f"{self.base_url}/api/v1/workforce/planning/headcount",
            body=json.dumps({"records": [record]}),
            headers=headers,
        )
        return answer.status, answer.json()

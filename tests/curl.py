"""Somebody with curl, and a person's browser on the sign-in page: how the tests call the emulator as others would."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import urllib3

from bridgehead.emulator import DemoClient, Emulator
from bridgehead.testing import Clock

SCOPES = "workforce.planning.write compliance.data.access tenant.context.read"
METADATA = "/api/v1/workforce/planning/metadata"
HEADCOUNT = "/api/v1/workforce/planning/headcount"
ADMINISTRATOR = "Workforce Planning Administrator"
CALLBACK = "http://127.0.0.1:49152/callback"


@dataclass(slots=True)
class Caller:
    """Somebody with curl: no redirect is followed, nothing is tried again. whose and where: tenant and environment."""

    emulator: Emulator
    http: urllib3.PoolManager
    clock: Clock
    whose: str = "acme"
    where: str = "production"

    @property
    def base(self) -> str:
        return self.emulator.environments[self.where].base_url

    def client(self, kind: str = "headcount") -> DemoClient:
        wanted = (f"{self.whose}-{kind}", self.where)
        return next(one for one in self.emulator.demo_clients() if (one.client_id, one.environment) == wanted)

    @property
    def tenant(self) -> str:
        return self.client().tenant_id

    def post(self, path: str, *, basic: tuple[str, str] | None = None, **form: str) -> Any:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers |= urllib3.make_headers(basic_auth=":".join(basic)) if basic else {}
        return self.http.request("POST", self.base + path, body=urlencode(form), headers=headers, redirect=False)

    def token(self, **form: str) -> Any:
        client = self.client()
        asked = {"grant_type": "client_credentials", "scope": SCOPES, "tenant_context": client.tenant_id} | form
        return self.post("/oauth/token", basic=(client.client_id, client.secret), **asked)

    def headers(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}", "X-Tenant-ID": self.tenant}

    def get(self, path: str, token: str) -> Any:
        return self.http.request("GET", self.base + path, headers=self.headers(token))

    def switch(self, method: str, path: str, **body: Any) -> Any:
        answer = self.http.request(method, f"{self.base}/_emulator/{path}", json=body)
        assert answer.status < 300, answer.data
        return answer.json()

    def log(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest entries of the audit log."""
        entries: list[dict[str, Any]] = self.http.request("GET", f"{self.base}/_emulator/audit?limit={limit}").json()[
            "entries"
        ]
        return entries

    def why(self) -> dict[str, Any]:
        """Return the newest entry of the audit log."""
        entry: dict[str, Any] = self.http.request("GET", f"{self.base}/_emulator/audit?limit=1").json()["entries"][0]
        return entry


def records(*units: str) -> dict[str, Any]:
    """Return a write of one cell for each org unit."""
    cell = {"scenario": "budget", "version": "v1", "period_start": "2027-01-01", "headcount": 3}
    reference = "0f8fad5b-d9cb-469f-a165-70867728{}"
    return {"records": [{"client_ref": reference.format(unit), "org_unit": unit} | cell for unit in units]}


@dataclass(slots=True)
class Browser:
    """A person's browser on the sign-in page, without scripts."""

    caller: Caller
    verifier: str = ""
    cookie: str = ""

    def request(self, **other: str) -> dict[str, str]:
        self.verifier = secrets.token_urlsafe(32)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": "acme-desk",
            "redirect_uri": CALLBACK,
            "scope": SCOPES,
            "state": "s-1",
            "tenant_context": self.caller.tenant,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        } | other

    def open(self, **other: str) -> Any:
        asked = urlencode({name: value for name, value in self.request(**other).items() if value})
        answer = self.caller.http.request("GET", f"{self.caller.base}/oauth/authorize?{asked}", redirect=False)
        self.cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
        return answer

    def send(self, page: bytes, **typed: str) -> Any:
        """Fill the form in and press a button."""
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.decode())
        form = {name: unescape(value) for name, value in hidden} | {"decision": "allow"} | typed
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        url = f"{self.caller.base}/oauth/authorize"
        return self.caller.http.request("POST", url, body=urlencode(form), headers=headers, redirect=False)

    def sign_in(self, **other: str) -> dict[str, str]:
        """Sign in as the planner; return what comes back to the client."""
        answer = self.send(self.open(**other).data, username="planner@acme.example", password="acme-planner")
        assert answer.status == 303, answer.data
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def redeem(self, code: str, **other: str) -> Any:
        form = {
            "grant_type": "authorization_code",
            "client_id": "acme-desk",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
        } | other
        return self.caller.post("/oauth/token", **form)

"""Somebody with a browser without scripts on the admin console: how the tests use its pages and forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

from tests.curl import Caller


@dataclass(slots=True)
class Visitor:
    """A browser without scripts, on the console."""

    caller: Caller
    cookie: str = ""
    page: str = ""

    def sign_in(self, tenant: str = "acme", password: str = "") -> Any:
        form = {"username": f"admin@{tenant}.example", "password": password or f"{tenant}-admin"}
        answer = self.call("POST", "/console/sign-in", form)
        self.cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
        return answer

    def call(self, method: str, path: str, form: dict[str, Any] | None = None, **headers: str) -> Any:
        sent = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded", **headers}
        body = urlencode(form, doseq=True) if form is not None else None
        answer = self.caller.http.request(method, self.caller.base + path, body=body, headers=sent, redirect=False)
        self.page = answer.data.decode()
        return answer

    def open(self, path: str) -> str:
        answer = self.call("GET", path)
        assert answer.status == 200, answer.data
        return self.page

    def send(self, path: str, **form: Any) -> Any:
        """Send a form as a page of this visit would; follow where it leads."""
        (csrf, *_) = re.findall(r'name="csrf" value="(\w+)"', self.open("/console/api-configuration"))
        answer = self.call("POST", path, {"csrf": csrf, **form})
        if answer.status == 303:
            said = answer.headers["Set-Cookie"].partition(";")[0]
            self.call("GET", answer.headers["Location"], Cookie=f"{self.cookie}; {said}")
        return answer

    def says(self) -> str:
        (said,) = re.findall(r'role="(?:status|alert)">([^<]*)<', self.page)
        return unescape(said)

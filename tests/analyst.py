"""An analyst with a browser without scripts at the page: how the tests open it, send its forms and read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urlencode

import urllib3

from bridgehead.config import Config, load
from bridgehead.service.listening import listen, serving
from bridgehead.service.web.application import application
from bridgehead.service.web.passwords import hash_password
from bridgehead.tenant import utc_now
from bridgehead.testing import Clock
from tests.conftest import Desk, lines

PASSWORD = "four words make one"
HASH = hash_password(PASSWORD, cost=(10, 8, 1), salt=bytes(16))
"""Cheaper than what people get, so that a test is over at once."""


def person(name: str, *, sees: str = "", approves: str = "") -> str:
    """Return a section of the configuration. sees, approves: tenants, apart by blanks."""
    told = {"sees": sees.split(), "approves": approves.split()}
    rest = "".join(f"{key} = {names}\n".replace("'", '"') for key, names in told.items() if names)
    return f'[people.{name}]\npassword = "{HASH}"\n{rest}'


PEOPLE = person("ann", sees="acme", approves="acme") + person("vic", sees="acme") + person("gil", sees="globex")


@dataclass(slots=True)
class Analyst:
    """Somebody at the page."""

    http: urllib3.PoolManager
    where: str
    cookies: dict[str, str] = field(default_factory=dict)
    page: str = ""

    def call(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> Any:
        """Call an address as a browser does; keep its cookies and what it shows."""
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            sent |= {"Origin": self.where, "Content-Type": "application/x-www-form-urlencoded"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = urlencode(form or {}) if method == "POST" else None
        answer = self.http.request(method, self.where + path, body=body, headers=sent, redirect=False)
        for cookie in answer.headers.getlist("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        self.page = answer.data.decode()
        return answer

    def sign_in(self, name: str = "ann", password: str = PASSWORD, **other: str) -> Any:
        """Sign in."""
        return self.call("POST", "/sign-in", {"name": name, "password": password, **other})

    def open(self, path: str) -> str:
        """Open a page that there is; return what it shows, without its elements."""
        answer = self.call("GET", path)
        assert answer.status == 200, (answer.status, answer.headers.get("location"), self.page)
        return self.shown()

    def shown(self) -> str:
        """Return what the page shows."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.page)).split())

    def send(self, path: str, **form: str) -> Any:
        """Send a form as a page of this visit would; follow where it leads."""
        (csrf, *_) = re.findall(r'name="csrf" value="([\w-]+)"', self.page)
        answer = self.call("POST", path, {"csrf": csrf, **form})
        if answer.status == 303:
            self.call("GET", answer.headers["Location"])
        return answer

    def links(self, part: str) -> list[str]:
        """Return the addresses on the page in which a text stands."""
        return list(dict.fromkeys(link for link in re.findall(r'href="([^"]+)"', self.page) if part in link))


@contextmanager
def page_of(desk: Desk, clock: Any = utc_now) -> Iterator[str]:
    """Serve the page of a desk's configuration, read anew for every call; hand out its address."""

    def config() -> Config:
        return load(desk.folder / "bridgehead.toml")

    with serving(application(config, clock=clock, next_run=lambda _: None), listen("127.0.0.1:0")) as where:
        yield where


def moved(clock: Clock, until: datetime) -> None:
    """Set a clock forward."""
    clock.advance((until - clock()).total_seconds())


def some_lines(count: int = 12, *, headcount: int = 5) -> list[str]:
    """Return valid lines of a plan."""
    return lines(count, headcount=headcount)

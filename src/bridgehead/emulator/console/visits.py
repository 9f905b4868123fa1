"""A visit to the console: who has signed in, for which tenant, and that a form was sent by their own page."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from bridgehead.emulator.authorization.clients import parse_form
from bridgehead.emulator.authorization.grants import Consent
from bridgehead.emulator.authorization.refusals import OAuthError
from bridgehead.emulator.directory import ApiClient, Person, Tenant, hash_secret, password_matches
from bridgehead.emulator.environment import Environment
from bridgehead.emulator.exchange import Answer, Handler, Inbound
from bridgehead.emulator.pages import page

_HOURS = 8
_HTML = "text/html; charset=utf-8"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",  # with none at all a browser would not say which page sent a form
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

MENU = (
    ("System Configuration", "Organization Settings > API Configuration", "/console/api-configuration"),
    ("Integration Hub", "API Clients", "/console/api-clients"),
    ("Role Management", "Accounts and people", "/console/roles"),
    ("Reports", "System Audit > API Access Logs", "/console/api-access-logs"),
    ("Workforce Planning", "Headcount projections", "/console/planning"),
    ("Emulator", "Strictness, keys, faults", "/console/emulator"),
)
"""The menu: heading, entry and path."""


class NotThere(Exception):
    """Something that does not exist, or is another tenant's, which is the same to a visitor."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One call of somebody who has signed in."""

    environment: Environment
    inbound: Inbound
    person: Person
    tenant: Tenant
    csrf: str
    form: Mapping[str, str]
    lists: Mapping[str, list[str]]

    def page(self, screen: str, /, *, title: str, status: int = 200, **values: Any) -> Answer:
        """Show a screen. What a change has said before is shown once."""
        cookie = _said(self.environment)
        said = unquote(self.inbound.cookie(cookie))
        body = page(
            f"console_{screen}",
            title=title,
            menu=MENU,
            here=self.inbound.path,
            environment=self.environment.name,
            strictness=self.environment.strictness,
            tenant=self.tenant,
            person=self.person,
            csrf=self.csrf,
            said=said,
            **values,
        )
        gone = {"Set-Cookie": f"{cookie}=; Path=/console; Max-Age=0"} if said else {}
        return Answer(status, body, {**_HEADERS, **gone}, media_type=_HTML)

    def clients(self) -> list[ApiClient]:
        """Return the tenant's API clients."""
        return [one for one in self.environment.store.every(ApiClient) if one.tenant_id == self.tenant.tenant_id]

    def back(self, path: str, said: str = "") -> Answer:
        """Lead the browser to a screen, which says what was done."""
        cookie = f"{_said(self.environment)}={quote(said)}; Path=/console; HttpOnly; SameSite=Strict"
        return Answer(303, b"", {**_HEADERS, "Location": path, **({"Set-Cookie": cookie} if said else {})})


Screen = Callable[[Visit], Answer]


def address(screen: str, name: str) -> str:
    """Return the address of one thing on a screen, whatever is in its name."""
    return f"{screen}/{quote(name, safe='')}"


def _cookie(environment: Environment) -> str:
    """Name the cookie of a visit. Browsers send a cookie to every port, so each environment has its own."""
    return f"ukg_console_{environment.name}"


def _said(environment: Environment) -> str:
    return f"ukg_said_{environment.name}"


def signed_in(show: Screen) -> Handler:
    """Put a screen behind the sign-in; a form must come from a page of this visit."""

    @wraps(show)
    def visited(environment: Environment, inbound: Inbound) -> Answer:
        token = inbound.cookie(_cookie(environment))
        found = environment.tickets.look("console", token) if token else None
        person = environment.store.find(Person, found[0].person) if found is not None and not found[1] else None
        tenant = environment.store.find(Tenant, person.tenant_id) if person is not None else None
        if person is None or tenant is None or person.locked or not person.administrator:
            return _elsewhere("/console/sign-in?" + urlencode({"to": _afterwards(inbound)}))
        csrf = _proof(environment, token)
        lists = _lists(inbound)
        form = {name: values[-1] for name, values in lists.items()}
        if inbound.method == "POST" and not hmac.compare_digest(form.get("csrf", "").encode(), csrf.encode()):
            return _bare(403, "forbidden", environment, title="This form cannot be taken")
        visit = Visit(environment, inbound, person, tenant, csrf, form, lists)
        try:
            return show(visit)
        except NotThere:
            return visit.page("missing", title="There is nothing here", status=404)

    return visited


def _afterwards(inbound: Inbound) -> str:
    """Return where to go after signing in: to the same page, and from a form to the screen that it belongs to."""
    if inbound.method == "POST":
        screen = "/".join(inbound.path.split("/")[:3])
        return screen if screen in [path for _, _, path in MENU] else ""
    return quote(inbound.path) + (f"?{inbound.query_text}" if inbound.query_text else "")


def _lists(inbound: Inbound) -> dict[str, list[str]]:
    """Return a form's values; one that is ticked several times has several."""
    lists: dict[str, list[str]] = {}
    if inbound.method == "POST":
        for name, value in parse_qsl(inbound.body.decode("utf-8", "replace"), keep_blank_values=True):
            lists.setdefault(name, []).append(value)
    return lists


def _proof(environment: Environment, token: str) -> str:
    return hash_secret(f"console {token}", environment.hash_key)


def _elsewhere(path: str, cookie: str = "") -> Answer:
    return Answer(303, b"", {**_HEADERS, "Location": path, **({"Set-Cookie": cookie} if cookie else {})})


def _bare(status: int, name: str, environment: Environment, *, title: str, **values: Any) -> Answer:
    body = page(f"console_{name}", title=title, environment=environment.name, **values)
    return Answer(status, body, _HEADERS, media_type=_HTML)


def show_sign_in(environment: Environment, inbound: Inbound) -> Answer:
    """`GET /console/sign-in`: the way in."""
    return _bare(200, "sign_in", environment, title="Sign in", to=_own(inbound.query.get("to", "")), wrong="")


def sign_in(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /console/sign-in`: open the console for an administrator of a tenant; guesses are slowed."""
    try:
        form = parse_form(inbound.headers.get("content-type", ""), inbound.body)
    except OAuthError:
        form = {}
    username, to = form.get("username", ""), _own(form.get("to", ""))
    origin = inbound.headers.get("origin", "")
    if origin not in ("", f"http://{inbound.headers.get('host', '')}"):  # another site's page would sign somebody in
        return _bare(403, "forbidden", environment, title="This form cannot be taken")
    wait = environment.attempts.wait(f"console {username}", inbound.address)
    if wait:
        wrong = f"Too many attempts. Wait {wait} seconds."
        return _bare(429, "sign_in", environment, title="Sign in", to=to, wrong=wrong)
    person = environment.store.find(Person, username)
    known = password_matches(person, form.get("password", ""))
    if person is None or not known or person.locked or not person.administrator:
        environment.attempts.failed(f"console {username}", inbound.address)
        wrong = "User name or password is wrong, or not an administrator's."
        return _bare(401, "sign_in", environment, title="Sign in", to=to, wrong=wrong)
    environment.attempts.succeeded(f"console {username}", inbound.address)
    consent = Consent("console", person.username, "", person.tenant_id, environment.new_id())
    token = environment.tickets.write("console", consent, _HOURS * 3600)
    return _elsewhere(to, f"{_cookie(environment)}={token}; Path=/console; HttpOnly; SameSite=Strict")


@signed_in
def sign_out(visit: Visit) -> Answer:
    """`POST /console/sign-out`: close the console."""
    cookie = _cookie(visit.environment)
    visit.environment.tickets.use(visit.inbound.cookie(cookie))
    return _elsewhere("/console/sign-in", f"{cookie}=; Path=/console; Max-Age=0")


@signed_in
def missing(_: Visit) -> Answer:
    """`GET /console/...`: whatever has no screen."""
    raise NotThere


def home(_: Environment, __: Inbound) -> Answer:
    """`GET /console`: begin with the log, where refusals are told."""
    return _elsewhere("/console/api-access-logs")


def _own(path: str) -> str:
    """Return a path of the console: nobody is led elsewhere after signing in."""
    ours = path.startswith("/console/") and "\\" not in path and "//" not in path.partition("?")[0]
    return quote(path, safe="/?&=%+:@") if ours else "/console/api-access-logs"

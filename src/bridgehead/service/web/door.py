"""The way in and out: signing in with name and password, slowed for whoever fails, and signing out."""

from __future__ import annotations

from threading import BoundedSemaphore

from starlette.responses import RedirectResponse, Response

from bridgehead.service.web.guard import is_secure
from bridgehead.service.web.passwords import LONGEST, password_matches
from bridgehead.service.web.visits import Call, Visit, own_path, signed_in

_AT_ONCE = BoundedSemaphore(2)
"""Checking a password takes 32 MB and a processor for a while, on purpose: so many are checked at once."""

_PATIENCE = 2.0


def show_sign_in(call: Call) -> Response:
    """`GET /sign-in`."""
    return _sign_in(call, 200, "", own_path(call.request.query_params.get("to", "/")))


def sign_in(call: Call) -> Response:
    """`POST /sign-in`: begin a visit; a name that nobody has takes as long as a wrong password."""
    name, password = call.form.get("name", "")[:LONGEST], call.form.get("password", "")[:LONGEST]
    to, house = own_path(call.form.get("to", "/")), call.house
    wait = house.attempts.wait(name, call.address)
    if wait:
        return _sign_in(call, 429, f"Too many attempts. Wait {wait} seconds, then try again.", to)
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        return _sign_in(call, 503, "Many people sign in at this moment. Try again.", to)
    try:
        person = call.config.people.get(name)
        matches = password_matches(person.password if person is not None else None, password)
    finally:
        _AT_ONCE.release()
    if person is None or not matches:
        house.attempts.failed(name, call.address)
        return _sign_in(call, 401, "Name or password is wrong.", to)
    house.attempts.succeeded(name, call.address)
    house.sessions.end(call.token)
    answer = RedirectResponse(to, 303)
    _give(call, answer, house.sessions.begin(name, person.password))
    return answer


@signed_in
def sign_out(visit: Visit) -> Response:
    """`POST /sign-out`: end the visit."""
    visit.call.house.sessions.end(visit.call.token)
    answer = RedirectResponse("/sign-in", 303)
    _give(visit.call, answer, "")
    return answer


def home(_: Call) -> Response:
    """`GET /sign-out`: an address that is only for a form."""
    return RedirectResponse("/", 303)


def _give(call: Call, answer: Response, token: str) -> None:
    secure = is_secure(call.request.headers.get("host", ""), call.config.notify.link)
    age = None if token else 0
    # Lax, since people come by a link in an e-mail; no address changes anything by being opened.
    answer.set_cookie(call.cookie, token, max_age=age, path="/", httponly=True, samesite="lax", secure=secure)


def _sign_in(call: Call, status: int, wrong: str, to: str) -> Response:
    nobody = not call.config.people
    return call.bare("sign_in", status, title="Sign in", wrong=wrong, to=to, nobody=nobody)

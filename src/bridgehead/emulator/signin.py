"""Signing in: the page on which a person lets an API client act in their name (RFC 6749 section 4.1, with PKCE)."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from bridgehead.emulator.authorization.clients import parse_form, read_parameters
from bridgehead.emulator.authorization.grants import CODE_SECONDS, Consent
from bridgehead.emulator.authorization.refusals import OAuthError
from bridgehead.emulator.authorization.requests import AuthorizationRequest, RequestRefused, back, read_request
from bridgehead.emulator.directory import API_CLIENTS, Person, Tenant, hash_secret, password_matches
from bridgehead.emulator.environment import Environment
from bridgehead.emulator.exchange import Answer, Inbound, denied
from bridgehead.emulator.pages import page

_COOKIE = "ukg_signin"


def ask(environment: Environment, inbound: Inbound) -> Answer:
    """`GET /oauth/authorize`: show the sign-in page."""
    try:
        asked = _asked(environment, inbound.query_text)
    except RequestRefused as refused:
        return _refused(environment, refused)
    except OAuthError as wrong:
        return _refused(environment, RequestRefused(wrong))
    return _form(environment, inbound, asked, inbound.query_text)


def decide(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /oauth/authorize`: what the person decided; their browser goes back to the client with a code."""
    try:
        form = parse_form(inbound.headers.get("content-type", ""), inbound.body)
        asked = _asked(environment, form.get("request", ""))
    except RequestRefused as refused:
        return _refused(environment, refused)
    except OAuthError as wrong:
        return _refused(environment, RequestRefused(wrong))
    cookie = inbound.cookie(_COOKIE)
    proof = _proof(environment, cookie, form["request"])
    if not cookie or not hmac.compare_digest(form.get("proof", "").encode(), proof.encode()):
        return _form(environment, inbound, asked, form["request"], wrong="The page was open for too long. Try again.")
    if form.get("decision") != "allow":
        client, words = asked.client, "the person did not allow it"
        denial = OAuthError("access_denied", words, client_id=client.client_id, tenant_id=client.tenant_id)
        return _refused(environment, RequestRefused(denial, asked.redirect_uri, asked.state))
    try:
        person = _signed_in(environment, inbound, asked, form)
    except _NotSignedIn as refused:
        return _form(environment, inbound, asked, form["request"], wrong=str(refused), reason=refused.reason)
    consent = Consent(
        client_id=asked.client.client_id,
        person=person.username,
        scope=asked.scope,
        tenant_id=asked.tenant_id,
        session=environment.new_id(),
        redirect_uri=asked.redirect_uri,
        challenge=asked.challenge,
    )
    code = environment.tickets.write("code", consent, CODE_SECONDS)
    reason = f"{person.username} let {asked.client.client_id} act; scope {asked.scope}"
    return Answer(
        303,
        b"",
        {**_HEADERS, "Location": back(asked.redirect_uri, environment.base_url, code=code, state=asked.state)},
        asked.client.client_id,
        asked.client.tenant_id,
        {"reason": reason},
    )


def _asked(environment: Environment, text: str) -> AuthorizationRequest:
    return read_request(environment.store, environment.spelling.read_form(read_parameters(text)))


class _NotSignedIn(Exception):
    """What the person is told, and the exact reason, which only the audit log learns."""

    def __init__(self, told: str, reason: str) -> None:
        super().__init__(told)
        self.reason = reason


def _signed_in(environment: Environment, inbound: Inbound, asked: AuthorizationRequest, form: dict[str, str]) -> Person:
    """Return who signed in; raise _NotSignedIn."""
    username = form.get("username", "")
    wait = environment.attempts.wait(f"person {username}", inbound.address)
    if wait:
        words = f"Too many attempts. Wait {wait} seconds."
        raise _NotSignedIn(words, f"too many failed attempts of {username[:64]!r} from {inbound.address}")
    person = environment.store.find(Person, username)
    known = password_matches(person, form.get("password", ""))
    if person is None or person.tenant_id != asked.client.tenant_id:  # whose they are is not this tenant's business
        reason = f"the tenant has no person {username[:64]!r}"
    elif not known:
        reason = f"the password of {username} is wrong"
    elif person.locked:
        reason = f"{username} is locked"
    else:
        environment.attempts.succeeded(f"person {username}", inbound.address)
        return person
    environment.attempts.failed(f"person {username}", inbound.address)
    raise _NotSignedIn("User name or password is wrong.", reason)


def _proof(environment: Environment, cookie: str, request: str) -> str:
    """Bind the form to the browser that was shown it, so that no other page can send it."""
    return hash_secret(f"sign in {cookie} {request}", environment.hash_key)


def _form(
    environment: Environment,
    inbound: Inbound,
    asked: AuthorizationRequest,
    request: str,
    *,
    wrong: str = "",
    reason: str = "",
) -> Answer:
    cookie = inbound.cookie(_COOKIE) or secrets.token_urlsafe(32)
    tenant = environment.store.find(Tenant, asked.client.tenant_id)
    body = page(
        "signin",
        title="Sign in",
        environment=environment.name,
        tenant=tenant.name if tenant else "",
        client=asked.client,
        scopes=asked.scope.split(" "),
        bound=asked.tenant_id is not None,
        request=request,
        proof=_proof(environment, cookie, request),
        wrong=wrong,
    )
    back_to = urlsplit(asked.redirect_uri)
    headers = {
        **_HEADERS,
        "Content-Security-Policy": _policy(f"'self' {back_to.scheme}://{back_to.netloc}"),
        "Set-Cookie": f"{_COOKIE}={cookie}; Path=/oauth/authorize; HttpOnly; SameSite=Lax",
    }
    client = asked.client
    told = {"reason": "the sign-in page"} if not wrong else denied("sign-in", reason or wrong)
    return Answer(
        401 if wrong else 200, body, headers, client.client_id, client.tenant_id, told, "text/html; charset=utf-8"
    )


def _refused(environment: Environment, refused: RequestRefused) -> Answer:
    """Tell the client where its redirect URI can be trusted, else the person (RFC 6749 section 4.1.2.1)."""
    wrong = refused.wrong
    told = denied(f"oauth-{wrong.error.replace('_', '-')}", wrong.reason, API_CLIENTS)
    if refused.redirect_uri:
        parameters = {"error": wrong.error, "error_description": wrong.description, "state": refused.state}
        location = back(refused.redirect_uri, environment.base_url, **parameters)
        return Answer(303, b"", {**_HEADERS, "Location": location}, wrong.client_id, wrong.tenant_id, told)
    body = page("refused", title="This cannot be asked", environment=environment.name, wrong=wrong)
    headers = {**_HEADERS, "Content-Security-Policy": _policy("'none'")}
    return Answer(400, body, headers, wrong.client_id, wrong.tenant_id, told, "text/html; charset=utf-8")


_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def _policy(form_action: str) -> str:
    return f"default-src 'none'; style-src 'self'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"

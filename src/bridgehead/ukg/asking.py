"""Asking for a token: who we are, proven by a secret or by a key, and what the token shall be bound to."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote_plus, urlencode

import msgspec

from bridgehead.errors import ConfigError
from bridgehead.ukg.assertion import ASSERTION_TYPE, signed_assertion
from bridgehead.ukg.delegated import Login
from bridgehead.ukg.dialect import Dialect
from bridgehead.ukg.messages import Request

_BOUND = ("{tenant_id}", "{scopes}")
"""What a plain token is asked for without."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are, in which tenant and environment.

    secret: read anew for every token, never kept. keyed: it is a private key in PEM, which signs and is never sent.
    key_id: what UKG calls the key. base_url: where this UKG is, since an assertion says whom it is meant for.
    app_key: reads the key that this UKG wants with every call besides the token, None where it wants none.
    login: of the person for whom we act, None where the client acts by itself. public: the client has no secret.
    """

    tenant: str
    tenant_id: str
    environment: str
    client_id: str
    secret: Callable[[], str] = field(repr=False)
    waivers: Mapping[str, str] = field(default_factory=dict)
    keyed: bool = False
    key_id: str = ""
    base_url: str = ""
    app_key: Callable[[], str] | None = field(default=None, repr=False)
    public: bool = False
    login: Login | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What a client asks of the authorization server. name: of its templates in the dialect. values: of this one."""

    path: str
    name: str
    templates: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


def token_request(
    dialect: Dialect,
    identity: Identity,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    *,
    plain: bool = False,
    refresh_token: str = "",
) -> Request:
    """Ask for a token that is bound to the tenant (T3). plain: ask for one that is bound to nothing, and opens little.

    refresh_token: what the person who signed in granted; without one the client acts by itself. Raises ConfigError for
    a template that cannot be filled, and for a key that cannot sign.
    """
    spoken = leaving_out(dialect, *_BOUND) if plain else dialect
    form = Form(dialect.token.path, "token.parameters", spoken.token.parameters)
    if refresh_token:
        form = Form(dialect.token.path, "login.refresh", spoken.login.refresh, {"refresh_token": refresh_token})
    return client_request(dialect, identity, clock, new_id, form)


def client_request(
    dialect: Dialect, identity: Identity, clock: Callable[[], datetime], new_id: Callable[[], str], form: Form
) -> Request:
    """Ask something of the authorization server, as the client that proves who it is."""
    token, correlation_id = dialect.token, new_id()
    parameters = filled(dialect, identity, form)
    headers = {"Accept": "application/json", dialect.call.correlation_header: correlation_id}
    if identity.keyed:
        parameters |= _assertion(dialect, identity, clock(), new_id())
    elif identity.public:
        parameters |= {"client_id": identity.client_id}
    elif token.client_authentication == "basic":
        headers["Authorization"] = basic(identity.client_id, identity.secret())
    else:
        parameters |= {"client_id": identity.client_id, "client_secret": identity.secret()}
    if token.body == "form":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(parameters).encode()
    else:
        headers["Content-Type"] = "application/json"
        body = json.dumps(parameters).encode()
    # An assertion counts once: a second try with the same one would be refused.
    anew = (lambda: client_request(dialect, identity, clock, new_id, form)) if identity.keyed else None
    return Request("POST", form.path, headers, body, correlation_id, anew=anew)


def filled(dialect: Dialect, identity: Identity, form: Form) -> dict[str, str]:
    """Return the parameters of a form; raise ConfigError where a template holds what nobody knows."""
    known = {"scopes": " ".join(dialect.scopes), "tenant_id": identity.tenant_id, "client_id": identity.client_id}
    values = known | dict(form.values)
    return {name: _filled(form.name, template, values) for name, template in form.templates.items()}


def _assertion(dialect: Dialect, identity: Identity, now: datetime, assertion_id: str) -> dict[str, str]:
    base_url = identity.base_url.rstrip("/")
    places = {"token_endpoint": base_url + dialect.token.path, "base_url": base_url}
    audience = _filled("token.assertion_audience", dialect.token.assertion_audience, places)
    try:
        signed = signed_assertion(
            identity.secret(),
            client_id=identity.client_id,
            audience=audience,
            key_id=identity.key_id,
            now=now,
            assertion_id=assertion_id,
        )
    except ConfigError as wrong:
        raise wrong.with_traceback(None) from None  # further in, the key itself is at hand
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}


def _filled(key: str, template: str, values: Mapping[str, str]) -> str:
    try:
        return template.format(**values)
    except (KeyError, ValueError, IndexError) as wrong:
        raise ConfigError(
            f"A template in {key} cannot be filled: {wrong}.",
            cure=f"Known are: {', '.join(f'{{{name}}}' for name in values)}. For instance: "
            + (
                'tenant_context = "{tenant_id}".'
                if key != "token.assertion_audience"
                else 'assertion_audience = "{base_url}".'
            ),
            setting=f"dialect_overrides.{key.partition('.')[0]}",
        ) from None


def call_headers(dialect: Dialect, identity: Identity, token: str, correlation_id: str) -> dict[str, str]:
    """Return the headers of a call: token, tenant, and the key that some wish for besides (T4)."""
    call = dialect.call
    headers = {
        "Authorization": f"Bearer {token}",
        call.tenant_header: identity.tenant_id,
        call.correlation_header: correlation_id,
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    headers |= app_key(dialect, identity)
    return {name: value for name, value in headers.items() if name}


def app_key(dialect: Dialect, identity: Identity) -> dict[str, str]:
    """Return the header of the key that is wanted besides a token, nothing where none is configured."""
    return {dialect.call.key_header: identity.app_key()} if identity.app_key and dialect.call.key_header else {}


def basic(client_id: str, secret: str) -> str:
    """Return a Basic header; id and secret are form-encoded first (RFC 6749 section 2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def leaving_out(dialect: Dialect, *templates: str) -> Dialect:
    """Return the dialect without the parameters of token requests that hold any of the templates."""

    def without(parameters: Mapping[str, str]) -> dict[str, str]:
        return {name: one for name, one in parameters.items() if not any(part in one for part in templates)}

    return msgspec.structs.replace(
        dialect,
        token=msgspec.structs.replace(dialect.token, parameters=without(dialect.token.parameters)),
        login=msgspec.structs.replace(dialect.login, refresh=without(dialect.login.refresh)),
    )

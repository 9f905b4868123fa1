"""The routes that say who is who: token endpoint, introspection, revocation, key set, metadata, and `tenant/info`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial, wraps
from typing import Any

import msgspec

from bridgehead.emulator import gate
from bridgehead.emulator.audit import describe
from bridgehead.emulator.authorization.clients import (
    ASSERTION_ALGORITHMS,
    METHODS,
    Presented,
    basic_credentials,
    parse_form,
    presented,
)
from bridgehead.emulator.authorization.grants import GRANTS, Consent
from bridgehead.emulator.authorization.refusals import OAuthError
from bridgehead.emulator.authorization.tokens import TokenRefused
from bridgehead.emulator.directory import API_CLIENTS, API_CONFIGURATION, SCOPES, ApiClient, Tenant
from bridgehead.emulator.environment import Environment
from bridgehead.emulator.exchange import Answer, Handler, Inbound, denied, json_answer, taking
from bridgehead.emulator.faults.bend import bend_call, bend_claims, bend_request, bend_tenant, refuse_client

# RFC 6749 section 5.1: a token, and what speaks of one, is not to be cached.
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="UKG Pro"'}


def _by_the_rfc(handle: Handler) -> Handler:
    """Let a route raise OAuthError, and answer it as RFC 6749 section 5.2 asks."""

    @wraps(handle)
    def answered(environment: Environment, inbound: Inbound) -> Answer:
        try:
            return handle(environment, inbound)
        except OAuthError as wrong:
            return oauth_refusal(environment, wrong)

    return answered


@_by_the_rfc
def token(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /oauth/token`: issue an access token."""
    client, form = _asking(environment, inbound)
    grants = environment.grants
    if environment.faults.any:
        take = taking(environment, inbound)
        client, form = bend_request(take, client, form)
        grants = msgspec.structs.replace(grants, bend=partial(bend_claims, take))
    granted = grants.answer(client, form)
    return json_answer(
        200,
        granted.answer(),
        headers=NO_STORE,
        client_id=granted.client.client_id,
        tenant_id=granted.tenant_id or granted.client.tenant_id,
        told={"reason": f"scope {granted.scope}; tenant context {granted.tenant_id or 'none'}"},
    )


def _asking(environment: Environment, inbound: Inbound) -> tuple[ApiClient, Mapping[str, str]]:
    """Return the client that proved who it is, and the form it sent."""
    form = environment.spelling.read_form(parse_form(inbound.headers.get("content-type", ""), inbound.body))
    shown = presented(form, inbound.headers.get("authorization"))
    if environment.faults.any:
        client = environment.client(shown.client_id) if shown is not None else None
        refuse_client(taking(environment, inbound), shown, client)
    return environment.doorkeeper.admit(shown, inbound.address), form


def oauth_refusal(environment: Environment, wrong: OAuthError) -> Answer:
    """Answer as RFC 6749 section 5.2 asks."""
    headers = {
        **NO_STORE,
        **(_CHALLENGE if wrong.status == 401 else {}),
        **({"Retry-After": str(wrong.wait)} if wrong.wait else {}),
    }
    return json_answer(
        wrong.status,
        {"error": wrong.error, "error_description": environment.spelling.say(wrong.description)},
        headers=headers,
        client_id=wrong.client_id,
        tenant_id=wrong.tenant_id,
        told=denied(f"oauth-{wrong.error.replace('_', '-')}", wrong.reason, API_CLIENTS),
    )


@_by_the_rfc
def introspect(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /oauth/introspect`: what a token says, while it counts (RFC 7662); a client is told of its own only."""
    client, form = _asking(environment, inbound)
    if client.methods == ("none",):
        reason, words = "a public client may not introspect", "client authentication failed"
        raise OAuthError("invalid_client", words, status=401, client_id=client.client_id, reason=reason)
    if "token" not in form:
        raise OAuthError("invalid_request", "token is missing", client_id=client.client_id)
    document: dict[str, Any] = {"active": False}
    found = _its_consent(environment, client, form["token"]) or _its_claims(environment, client, form["token"])
    told = _why_not(found)
    if isinstance(found, Consent):
        document = {"active": True, "client_id": client.client_id, "scope": found.scope, "sub": found.person}
    elif not isinstance(found, TokenRefused):
        claims = environment.spelling.say_claims(found)
        document = {"active": True, "token_type": "Bearer", "username": found["sub"], **claims}
    who = {"client_id": client.client_id, "tenant_id": client.tenant_id}
    return json_answer(200, document, headers=NO_STORE, told=told, **who)


@_by_the_rfc
def revoke(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /oauth/revoke`: let a token count no more (RFC 7009); an unknown one is no error."""
    client, form = _asking(environment, inbound)
    if "token" not in form:
        raise OAuthError("invalid_request", "token is missing", client_id=client.client_id)
    found = _its_consent(environment, client, form["token"]) or _its_claims(environment, client, form["token"])
    revoked = "nothing"
    if isinstance(found, Consent):  # a refresh token takes all that came of its sign-in along
        environment.grants.end_session(found.session)
        revoked = "a session"
    elif not isinstance(found, TokenRefused):
        environment.mint.revoke(found)
        revoked = "a token"
    told = {"reason": f"{revoked} of this client was revoked"} | _why_not(found)
    return json_answer(200, {}, headers=NO_STORE, client_id=client.client_id, tenant_id=client.tenant_id, told=told)


def _its_claims(environment: Environment, client: ApiClient, shown: str) -> dict[str, Any] | TokenRefused:
    """Return what a token of this client says, or why it counts for nothing."""
    try:
        claims = environment.mint.verify(shown)
    except TokenRefused as refused:
        return refused
    other = TokenRefused("token-client", "the token was issued to another client")
    return claims if claims["client_id"] == client.client_id else other


def _why_not(found: Consent | dict[str, Any] | TokenRefused) -> dict[str, str]:
    """Tell the audit log why a token counts for nothing; the client hears no more than that."""
    return {"check": found.check, "reason": found.detail} if isinstance(found, TokenRefused) else {}


def _its_consent(environment: Environment, client: ApiClient, shown: str) -> Consent | None:
    found = environment.tickets.look("refresh", shown)
    if found is None or found[1] or found[0].client_id != client.client_id:
        return None
    return found[0]


def key_set(environment: Environment, _: Inbound) -> Answer:
    """`GET /oauth/jwks`: the public keys (RFC 7517)."""
    return json_answer(200, environment.keys.key_set())


def server_metadata(environment: Environment, _: Inbound) -> Answer:
    """`GET /.well-known/oauth-authorization-server` (RFC 8414)."""
    base = environment.base_url
    confidential = [method for method in METHODS if method != "none"]
    return json_answer(
        200,
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/oauth/authorize",
            "token_endpoint": f"{base}/oauth/token",
            "introspection_endpoint": f"{base}/oauth/introspect",
            "revocation_endpoint": f"{base}/oauth/revoke",
            "jwks_uri": f"{base}/oauth/jwks",
            "grant_types_supported": GRANTS,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "token_endpoint_auth_methods_supported": METHODS,
            "token_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
            "introspection_endpoint_auth_methods_supported": confidential,
            "introspection_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
            "revocation_endpoint_auth_methods_supported": METHODS,
            "revocation_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
            "scopes_supported": sorted(SCOPES),
        },
    )


def bearer(inbound: Inbound) -> str:
    """Return the bearer token of a call (RFC 6750 section 2.1)."""
    scheme, _, value = inbound.headers.get("authorization", "").partition(" ")
    token = value.strip(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRefused("token-missing", "no bearer token was sent")
    return token


def call_of(environment: Environment, inbound: Inbound, operation: gate.Operation) -> gate.Call:
    """Gather what the gate has to know."""
    header, at = inbound.headers.get("x-tenant-id"), environment.now()
    try:
        claims = environment.mint.verify(bearer(inbound))
    except TokenRefused as refused:
        problem = (refused.check, refused.detail)
        return gate.Call(operation, environment.name, at, token_problem=problem, tenant_header=header)
    client = environment.client(claims["client_id"])
    tenant_id = claims.get("tenant_id") or (client.tenant_id if client else "")
    call = gate.Call(
        operation,
        environment.name,
        at,
        claims=claims,
        tenant_header=header,
        address=inbound.address,
        client=client,
        account=environment.account(claims, client),
        tenant=environment.store.find(Tenant, tenant_id),
    )
    return bend_call(taking(environment, inbound), call)


def tenant_info(environment: Environment, inbound: Inbound) -> Answer:
    """`GET /api/v1/tenant/info`: the tenant that the caller belongs to, by Basic or any valid token (T6)."""
    try:
        credentials = basic_credentials(inbound.headers.get("authorization"))
        if credentials is None:
            return _tenant_by_token(environment, inbound)
        client = environment.doorkeeper.admit(Presented("client_secret_basic", *credentials), inbound.address)
    except OAuthError as wrong:
        if wrong.wait:
            return oauth_refusal(environment, wrong)
        return refusal(client_id=wrong.client_id, told=denied("client", wrong.reason, API_CLIENTS))
    header = inbound.headers.get("x-tenant-id", client.tenant_id)
    if header != client.tenant_id:
        reason = f"X-Tenant-ID is {header[:64]!r}, the caller belongs to {client.tenant_id}"
        told = denied("tenant-match", reason, API_CONFIGURATION)
        return refusal(client_id=client.client_id, tenant_id=client.tenant_id, told=told)
    return _tenant(environment, inbound, client, client.tenant_id, {})


def _tenant_by_token(environment: Environment, inbound: Inbound) -> Answer:
    """Answer a token as the gate decides; it asks for no scope and no role here."""
    call = call_of(environment, inbound, gate.TENANT_INFO)
    decision = gate.judge(call, strictness=environment.strictness)
    told = describe(decision) | {"account": call.claim("sub") or ""}
    if decision.denied is None and call.client is not None:
        return _tenant(environment, inbound, call.client, call.claim("tenant_id") or call.client.tenant_id, told)
    client_id = call.client.client_id if call.client else call.claim("client_id") or ""
    return refusal(client_id=client_id, tenant_id=call.tenant.tenant_id if call.tenant else "", told=told)


def _tenant(
    environment: Environment, inbound: Inbound, client: ApiClient, tenant_id: str, told: dict[str, Any]
) -> Answer:
    found = environment.store.find(Tenant, tenant_id) or Tenant(tenant_id, "")
    tenant = bend_tenant(taking(environment, inbound), found)
    document: dict[str, Any] = {
        "tenant_id": tenant.tenant_id,
        "name": tenant.name,
        "environment": environment.name,
        "release": tenant.release,
        "modules": tenant.modules,
    }
    return json_answer(200, document, client_id=client.client_id, tenant_id=tenant_id, told=told)


def refusal(*, client_id: str = "", tenant_id: str = "", told: dict[str, Any]) -> Answer:
    """Answer as in the thread, and no word more: 401 `insufficient_permissions`."""
    return json_answer(
        401,
        {"error": "insufficient_permissions"},
        headers={"WWW-Authenticate": 'Bearer realm="UKG Pro"'},
        client_id=client_id,
        tenant_id=tenant_id,
        told=told,
    )

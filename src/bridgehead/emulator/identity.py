"""The routes that say who is who: token endpoint, key set, server metadata, and `tenant/info`."""

from __future__ import annotations

from typing import Any

from bridgehead.emulator.directory import API_CLIENTS, SCOPES, Tenant
from bridgehead.emulator.environment import Environment
from bridgehead.emulator.exchange import Answer, Inbound, denied, json_answer
from bridgehead.emulator.oauth import OAuthError, authenticate, basic_credentials, grant, parse_form
from bridgehead.emulator.tokens import TokenRefused

# RFC 6749 section 5.1: a token, and what speaks of one, is not to be cached.
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="UKG Pro"'}


def token(environment: Environment, inbound: Inbound) -> Answer:
    """`POST /oauth/token`: issue an access token."""
    try:
        form = parse_form(inbound.headers.get("content-type", ""), inbound.body)
        granted = grant(
            form,
            inbound.headers.get("authorization"),
            find=environment.client,
            hash_key=environment.hash_key,
            mint=environment.mint,
            known_scopes=SCOPES,
        )
    except OAuthError as wrong:
        headers = {**_NO_STORE, **(_CHALLENGE if wrong.status == 401 else {})}
        return json_answer(
            wrong.status,
            {"error": wrong.error, "error_description": wrong.description},
            headers=headers,
            client_id=wrong.client_id,
            told=denied(f"oauth-{wrong.error.replace('_', '-')}", wrong.reason, API_CLIENTS),
        )
    return json_answer(
        200,
        granted.answer(),
        headers=_NO_STORE,
        client_id=granted.client.client_id,
        tenant_id=granted.tenant_id or granted.client.tenant_id,
        told={"reason": f"scope {granted.scope}; tenant context {granted.tenant_id or 'none'}"},
    )


def key_set(environment: Environment, _: Inbound) -> Answer:
    """`GET /oauth/jwks`: the public keys (RFC 7517)."""
    return json_answer(200, environment.mint.key_set())


def server_metadata(environment: Environment, _: Inbound) -> Answer:
    """`GET /.well-known/oauth-authorization-server` (RFC 8414)."""
    base = environment.base_url
    return json_answer(
        200,
        {
            "issuer": base,
            "token_endpoint": f"{base}/oauth/token",
            "jwks_uri": f"{base}/oauth/jwks",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "scopes_supported": sorted(SCOPES),
        },
    )


def _who(environment: Environment, inbound: Inbound) -> tuple[str, str]:
    """Return client id and tenant id of a call to tenant/info: by Basic, or by any valid token."""
    credentials = basic_credentials(inbound.headers.get("authorization"))
    if credentials is not None:
        client = authenticate(environment.client, environment.hash_key, credentials)
        return client.client_id, client.tenant_id
    claims = environment.mint.verify(bearer(inbound))
    known = environment.client(claims.get("client_id", ""))
    if known is None or not known.enabled:
        raise TokenRefused("client", "the API client is not registered or disabled")
    return known.client_id, claims.get("tenant_id", known.tenant_id)


def bearer(inbound: Inbound) -> str:
    """Return the bearer token of a call (RFC 6750 section 2.1)."""
    scheme, _, value = inbound.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise TokenRefused("token-missing", "no bearer token was sent")
    return value.strip()


def tenant_info(environment: Environment, inbound: Inbound) -> Answer:
    """`GET /api/v1/tenant/info`: the tenant that the caller belongs to, by Basic or any valid token (T6)."""
    try:
        client_id, tenant_id = _who(environment, inbound)
    except TokenRefused as refused:
        return refusal(told=denied(refused.check, refused.detail))
    except OAuthError as wrong:
        return refusal(client_id=wrong.client_id, told=denied("client", wrong.reason, API_CLIENTS))
    header = inbound.headers.get("x-tenant-id", tenant_id)
    if header != tenant_id:
        reason = f"X-Tenant-ID is {header[:64]}, the caller belongs to {tenant_id}"
        return refusal(client_id=client_id, tenant_id=tenant_id, told=denied("tenant-match", reason))
    tenant = environment.store.find(Tenant, tenant_id) or Tenant(tenant_id, "")
    document: dict[str, Any] = {
        "tenant_id": tenant.tenant_id,
        "name": tenant.name,
        "environment": environment.name,
        "release": tenant.release,
        "modules": tenant.modules,
    }
    return json_answer(200, document, client_id=client_id, tenant_id=tenant_id)


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

"""How one UKG Pro speaks: paths, parameters, field names and limits as data, from a file that a tenant can override."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec

from bridgehead.errors import ConfigError
from bridgehead.projection import SCALE_LIMIT
from bridgehead.typed import converted

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # what a header's name is made of, RFC 9110 section 5.6.2
_HEADERS_TAKEN = {"authorization", "content-type", "accept", "host", "content-length", "user-agent"}


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a dialect; a key that nobody knows is an error, not a silence."""


class TokenSection(Section, frozen=True):
    """The token endpoint."""

    path: str
    body: Literal["form", "json"]
    client_authentication: Literal["basic", "post", "private_key_jwt"]
    assertion_audience: str
    parameters: dict[str, str]
    access_token: str
    expires_in: str
    granted_scope: str
    lifetime: int
    claim_tenant: str
    claim_environment: str
    audience: str
    discovery: str


class LoginSection(Section, frozen=True):
    """How a person signs in, and how what they granted is redeemed, renewed and ended. revocation: empty: nowhere."""

    path: str
    callback: str
    ask: dict[str, str]
    redeem: dict[str, str]
    refresh: dict[str, str]
    revoke: dict[str, str]
    revocation: str
    code: str
    state: str
    error: str
    issuer: str
    refresh_token: str
    claim_person: str


class CallSection(Section, frozen=True):
    """Headers of every planning call. tenant_header, key_header: empty where there is none."""

    tenant_header: str
    key_header: str
    correlation_header: str
    idempotency_header: str


class TenantIdSection(Section, frozen=True):
    """What a tenant id looks like and where people find it."""

    pattern: str
    menu: str


class TenantInfoSection(Section, frozen=True):
    """The call that says who we are."""

    path: str
    tenant: str
    environment: str
    tenant_name: str
    modules: str
    module: str
    minds_header: bool


class MetadataSection(Section, frozen=True):
    """The harmless first test, and what it says about limits and open periods."""

    path: str
    echo_tenant: str
    echo_environment: str
    max_records: str
    max_bytes: str
    per_minute: str
    open_from: str
    open_to: str
    codes: dict[str, str]
    code: str
    active: str
    scenarios: str
    versions: str
    read_only: str


class HeadcountSection(Section, frozen=True):
    """The bulk write and the read back."""

    path: str
    envelope: str
    max_records: int
    max_bytes: int
    results: str
    result_reference: str
    result_status: str
    created: tuple[str, ...]
    unchanged: tuple[str, ...]
    rejected: tuple[str, ...]
    refused_for_records: tuple[int, ...]
    read_back: bool
    validate_only: str
    validate_only_proven: bool
    beyond_reach: tuple[str, ...]
    error_code: str
    error_field: str
    error_message: str
    limits: str
    limit_name: str
    limit_maximum: str
    limit_records: str
    limit_bytes: str
    echo_tenant: str
    echo_environment: str
    next_cursor: str
    names: dict[str, str]
    scales: dict[str, int]
    lengths: dict[str, int]
    query: dict[str, str]


class MenuSection(Section, frozen=True):
    """Where people mend a refusal, as it stands on the screen."""

    api_clients: str
    roles: str
    audit: str


class AuditSection(Section, frozen=True):
    """The audit log as a call, and which cause each of its checks stands for; words of a reason tell several apart."""

    path: str
    scope: str
    by_correlation: str
    entries: str
    check: str
    reason: str
    causes: dict[str, str]
    words: dict[str, dict[str, str]]


class Dialect(Section, frozen=True):
    """All that is known of how one UKG Pro speaks. near_scopes: names that look right, and are not enough."""

    name: str
    scopes: tuple[str, ...]
    near_scopes: tuple[str, ...]
    token: TokenSection
    login: LoginSection
    call: CallSection
    tenant_id: TenantIdSection
    tenant_info: TenantInfoSection
    metadata: MetadataSection
    headcount: HeadcountSection
    menus: MenuSection
    audit: AuditSection


@cache
def dialect_data(name: str) -> dict[str, Any]:
    """Return a dialect as its file has it, with what it extends; raise ConfigError where there is none of that name."""
    folder = resources.files("bridgehead.ukg").joinpath("dialects")
    known = sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
    if name not in known:
        raise ConfigError(
            f"There is no dialect {name!r}.",
            cure=f'Known are: {", ".join(known)}. For instance: dialect = "thread".',
            setting="dialect",
        )
    data = tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    return merged(dialect_data(data.pop("extends")), data) if "extends" in data else data


def load_dialect(name: str, overrides: Mapping[str, Any]) -> Dialect:
    """Read a dialect and lay a tenant's overrides over it; raise ConfigError for a key that does not exist."""
    data = dialect_data(name)
    laid = {key: value for key, value in overrides.items() if key != "cures"}
    try:
        dialect = converted(merged(data, laid), Dialect)
        _check(dialect, data["headcount"])
    except (msgspec.ValidationError, re.error) as wrong:
        raise ConfigError(
            f"The dialect overrides do not fit: {wrong}.",
            cure="docs/dialects.md lists every key. For instance: "
            'dialect_overrides = { call = { tenant_header = "global-tenant-id" } }.',
            setting="dialect_overrides",
        ) from None
    return dialect


def _check(dialect: Dialect, known: Mapping[str, Any]) -> None:
    """Refuse what the types cannot see, in the words of the dialect."""
    re.compile(dialect.tenant_id.pattern)
    sections = (dialect.token, dialect.login, dialect.tenant_info, dialect.metadata, dialect.headcount, dialect.audit)
    for path in (
        *(section.path for section in sections),
        dialect.token.discovery or "/-",
        *_login_paths(dialect.login),
    ):
        if not re.fullmatch(r"/[^/\s].*", path):
            raise msgspec.ValidationError(f"the path {path!r} does not begin with one slash")
    _check_headers(dialect.call)
    _check_headcount(dialect.headcount, known)


def _login_paths(login: LoginSection) -> tuple[str, ...]:
    return login.callback, login.revocation or "/-"


def _check_headers(call: CallSection) -> None:
    optional = tuple(header for header in (call.tenant_header, call.key_header) if header)
    headers = (*optional, call.correlation_header, call.idempotency_header)
    for header in headers:
        if not _TOKEN.fullmatch(header) or header.lower() in _HEADERS_TAKEN:
            raise msgspec.ValidationError(f"{header!r} cannot be the name of a header here")
    _check_distinct(headers)


def _check_headcount(headcount: HeadcountSection, known: Mapping[str, Any]) -> None:
    for table in ("names", "scales", "lengths", "query"):
        for key in getattr(headcount, table):
            if key not in known[table]:
                raise msgspec.ValidationError(f"headcount.{table} has no key {key!r}")
    if min(headcount.max_records, headcount.max_bytes) < 1:
        raise msgspec.ValidationError("headcount.max_records and max_bytes are at least 1")
    for measure, scale in headcount.scales.items():
        if not 0 <= scale <= SCALE_LIMIT:
            raise msgspec.ValidationError(f"headcount.scales.{measure} is {scale}, not 0 to {SCALE_LIMIT}")
    _check_distinct(tuple(headcount.names.values()))


def _check_distinct(names: tuple[str, ...]) -> None:
    twice = [name for name in names if [one.lower() for one in names].count(name.lower()) > 1]
    if twice:
        raise msgspec.ValidationError(f"the name {twice[0]!r} stands for two things")


_WHOLE = ("parameters", "ask", "redeem", "refresh", "revoke")
"""Parameters of a request are replaced as one: leaving one out must be possible."""


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return one table laid over another, key by key."""
    laid = dict(base)
    for key, value in over.items():
        inner = laid.get(key)
        deeper = isinstance(value, Mapping) and isinstance(inner, Mapping) and key not in _WHOLE
        laid[key] = merged(inner, value) if deeper and isinstance(inner, Mapping) else value
    return laid


def at(document: Any, path: str) -> Any:
    """Return what stands at a dotted path of a JSON document, None when nothing does."""
    for part in path.split("."):
        if not isinstance(document, Mapping):
            return None
        document = document.get(part)
    return document

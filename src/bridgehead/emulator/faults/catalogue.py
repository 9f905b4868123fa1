"""The faults that there are, as data: what each one does, which cause of the taxonomy it shows, what it excludes."""

from __future__ import annotations

from typing import Any

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """One fault.

    causes: numbers in the taxonomy of refusals, as docs/faults.md lists them. value: what its value means, with the one
    that it has by default; of numbers, from least to most. excludes: faults that cannot be on beside it. dialect: the
    only one that it exists in.
    """

    slug: str
    about: str
    causes: tuple[int, ...] = ()
    value: str = ""
    default: Any = None
    excludes: tuple[str, ...] = ()
    dialect: str = ""
    least: int = 0
    most: int = 1_000_000

    def exists_in(self, dialect: str) -> bool:
        """Whether servers of this dialect can show it."""
        return self.dialect in ("", dialect)

    def read(self, text: str) -> Any:
        """Return a value as it is written on a command line; several are written with + between them."""
        if isinstance(self.default, list):
            return text.split("+")
        return (
            int(text) if isinstance(self.default, int) and text.isascii() and text.isdigit() and len(text) < 9 else text
        )


_ROLES = ("role-missing", "write-role-missing", "role-pending", "role-propagating", "service-account-refused")
_LOST = ("reset-before", "reset-after", "closed-after", "truncated", "garbage")
_ANSWERS = ("server-error", "too-many-requests", "address-block", "blocked")


def _but(slug: str, group: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in group if one != slug)


_KINDS = (
    # Before anybody is asked.
    Kind("address-block", "Every path answers 403 with a page of HTML, the token endpoint too.", (1,)),
    Kind("blocked", "Every call is refused with 403 for a time, as after many failures.", (22,), "seconds", 60),
    Kind("clock-skew", "UKG's clock is ahead, for everybody; its Date header shows it.", (12,), "seconds", 600),
    Kind("gateway-401", "A path that does not exist answers 401, as some gateways do.", (25,)),
    Kind("planning-moved", "The planning routes answer 404, as under another version of the API.", (25,)),
    Kind("throttle-as-401", "More requests in a second than this are refused with 401.", (23,), "requests", 5),
    Kind("throttle-as-403", "More requests in a second than this are refused with 403.", (23,), "requests", 5),
    Kind("server-error", "The server fails; nothing was done.", (), "status", 503, least=500, most=599),
    Kind("too-many-requests", "429; with Retry-After unless the value is 0.", (), "seconds", 1),
    # At the token endpoint.
    Kind("client-unknown", "The client is not registered in this environment.", (3,)),
    Kind("secret-expired", "The secret has expired.", (4,)),
    Kind("account-locked", "The service account is locked.", (21,)),
    Kind("grant-not-enabled", "The client has not the grant that it asks for.", (5,)),
    Kind("basic-refused", "Client authentication by Basic is refused, by post accepted.", (6,)),
    Kind(
        "post-refused",
        "Client authentication by post is refused, by Basic accepted.",
        (6,),
        excludes=("basic-refused",),
    ),
    Kind("tenant-context-ignored", "tenant_context is ignored: the token carries no tenant.", (8,)),
    Kind("tenant-context-refused", "The client's grant is not assigned to the tenant.", (9,)),
    Kind("scope-refused", "A scope is unknown here.", (13,), "scope", "workforce.planning.write"),
    Kind("scope-dropped", "A scope is left out of the token in silence.", (14,), "scope", "workforce.planning.write"),
    Kind("near-miss-scopes", "The client has scopes that look right: workforce:write, planning:manage.", (15,)),
    Kind("wrong-audience", "Tokens are issued for another audience.", (11,)),
    Kind("wrong-issuer", "Tokens name another issuer.", (11,)),
    Kind("short-lived", "Tokens live no longer than this, whatever expires_in says.", (12,), "seconds", 0),
    # At the gate.
    Kind("tenant-header-stripped", "X-Tenant-ID does not arrive.", (10,)),
    Kind(
        "tenant-header-rewritten",
        "X-Tenant-ID arrives as another one.",
        (10,),
        "tenant id",
        "00000000-0000-0000-0000-000000000000",
    ),
    Kind("role-missing", "The account has no role.", (16,)),
    Kind("write-role-missing", "The account may read and not write.", (16,)),
    Kind("service-account-refused", "People may, service accounts may not.", (17,)),
    Kind("role-pending", "The role waits for somebody to activate it.", (18,)),
    Kind("role-propagating", "The role takes effect so long after it was switched on.", (18,), "seconds", 600),
    Kind("org-units-limited", "The role counts for some org units only.", (19,), "org units", ["0100"]),
    Kind("module-off", "The tenant has no workforce planning.", (20,)),
    Kind("authority-outage", "Tokens that are good are refused for a while.", (24,)),
    Kind(
        "legacy-key",
        "Calls need the header appkey with this value besides; in the dialect platform only.",
        (26,),
        "key",
        "legacy",
        dialect="platform",
    ),
    # In planning.
    Kind("validate-only-ignored", "?validate_only=true is ignored: what is sent is stored."),
    Kind("rejects-in-200", "Rejected records come in an answer with status 200."),
    Kind("results-by-position", "Results name records by their position instead of client_ref."),
    Kind("all-or-nothing", "One bad record refuses all of a request: 400, with the records' errors."),
    Kind("partial-acceptance", "Every so many-th record is rejected.", (), "records", 3, least=1),
    Kind(
        "version-conflict",
        "Every so many-th record that is there already was changed by somebody else: rejected.",
        (),
        "records",
        3,
        least=1,
    ),
    Kind("product-limit", "A tenant may hold so many projections: new ones beyond are rejected.", (), "records", 1000),
    Kind("group-incomplete", "One bad record of an org unit's month rejects the others of it."),
    Kind("too-large", "Requests with more records than this are refused: 413 with the maximum.", (), "records", 100),
    # On the wire.
    Kind("latency", "Every answer waits so long.", (), "milliseconds", 200),
    Kind("dribble", "The answer comes in pieces, over so long.", (), "milliseconds", 1000),
    Kind("reset-on-connect", "The connection is reset when it is made, for everybody."),
    Kind("reset-before", "The connection is reset before anything was done."),
    Kind("reset-after", "What was asked is done; then the connection is reset."),
    Kind("closed-after", "What was asked is done; then the connection is closed without an answer."),
    Kind("truncated", "What was asked is done; half of the answer arrives."),
    Kind("garbage", "What was asked is done; what arrives is no HTTP."),
)

CATALOGUE: dict[str, Kind] = {
    kind.slug: msgspec.structs.replace(
        kind,
        excludes=tuple(
            {
                *kind.excludes,
                *(slug for group in (_ROLES, _LOST, _ANSWERS) if kind.slug in group for slug in _but(kind.slug, group)),
                *(other.slug for other in _KINDS if kind.slug in other.excludes),
            }
        ),
    )
    for kind in _KINDS
}
"""By slug."""

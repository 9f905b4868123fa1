"""The causes of a refusal, each as it is injected: by a switch of the server, or by a line of the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Cause:
    """One cause. names: the doctor's names for it, any of which is right.

    alike: what it cannot be told from without the audit log, itself included. logged: the check under which the audit
    log has it, empty where it never gets there.

    faults, with their values; settings of the environment, in which {name} is filled from the bench; overrides of the
    dialect. dialect: `platform` where only that one has it.
    """

    number: int
    names: tuple[str, ...]
    logged: str = ""
    alike: tuple[str, ...] = ()
    faults: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, Any] = field(default_factory=dict)
    dialect: str = ""
    keyed: bool = False

    @property
    def name(self) -> str:
        return self.names[0]


_CLIENT = ("client-unknown", "secret-wrong", "account-locked")
_HOST = ("wrong-host", "client-unknown", "secret-wrong")
_KEYED = ("client-unknown", "key-not-registered", "account-locked")
_RIGHTS = ("role-missing", "role-pending", "service-account-refused")
_PROVEN = {"headcount": {"validate_only_proven": True}}

CAUSES: dict[int, Cause] = {
    one.number: one
    for one in (
        Cause(1, ("address-blocked",), "address-block", faults={"address-block": None}),
        Cause(2, ("wrong-host",), "", _HOST, settings={"base_url": "{sandbox_url}"}),
        Cause(3, ("client-unknown",), "oauth-invalid-client", _CLIENT, {"client-unknown": None}),
        Cause(4, ("secret-wrong",), "oauth-invalid-client", _CLIENT, {"secret-expired": None}),
        Cause(5, ("grant-not-enabled",), "oauth-unauthorized-client", faults={"grant-not-enabled": None}),
        Cause(6, ("client-authentication",), "oauth-invalid-client", faults={"basic-refused": None}),
        Cause(7, ("tenant-id-wrong",), settings={"tenant_id": "ACME"}),
        Cause(8, ("tenant-context-ignored",), faults={"tenant-context-ignored": None}),
        Cause(9, ("tenant-not-assigned",), "oauth-invalid-target", faults={"tenant-context-refused": None}),
        Cause(10, ("tenant-header-stripped",), "tenant-header", faults={"tenant-header-stripped": None}),
        Cause(11, ("wrong-audience",), "token-audience", faults={"wrong-audience": None}),
        Cause(12, ("token-expired",), faults={"short-lived": None}),
        Cause(13, ("scope-unknown",), "oauth-invalid-scope", faults={"scope-refused": None}),
        Cause(14, ("scope-dropped",), faults={"scope-dropped": "compliance.data.access"}),
        Cause(15, ("scope-near-miss",), faults={"near-miss-scopes": None}),
        Cause(16, ("role-missing",), "role", _RIGHTS, {"role-missing": None}),
        Cause(17, ("service-account-refused",), "role", _RIGHTS, {"service-account-refused": None}),
        Cause(18, ("role-pending",), "role", _RIGHTS, {"role-pending": None}),
        Cause(19, ("org-units-limited",), faults={"org-units-limited": None}, overrides=_PROVEN),
        Cause(20, ("module-off",), faults={"module-off": None}),
        Cause(21, ("account-locked",), "oauth-invalid-client", _CLIENT, {"account-locked": None}),
        Cause(22, ("blocked",), "blocked", faults={"blocked": 3600}),
        Cause(23, ("throttled",), "throttle", faults={"throttle-as-401": None}),
        Cause(24, ("authority-outage",), "token-authority", faults={"authority-outage": None}),
        Cause(25, ("path-unknown",), "path", faults={"planning-moved": None}),
        Cause(26, ("key-missing",), "legacy-key", faults={"legacy-key": None}, dialect="platform"),
    )
}
"""By number in the taxonomy: the way in which the matrix injects each."""

VARIANTS: tuple[Cause, ...] = (
    Cause(2, ("wrong-host",), settings={"base_url": "{sandbox_url}", "client_secret": "file:acme-sandbox"}),
    Cause(3, ("client-of-another-environment",), settings={"client_secret": "file:acme-sandbox"}),
    Cause(
        3,
        ("client-of-another-tenant",),
        settings={"client_id": "globex-headcount", "client_secret": "file:globex-production"},
    ),
    Cause(3, ("client-unknown",), "oauth-invalid-client", _CLIENT, settings={"client_id": "acme-headcont"}),
    Cause(
        4,
        ("key-not-registered",),
        "oauth-invalid-client",
        _KEYED,
        settings={"client_key": "file:other.pem"},
        keyed=True,
    ),
    Cause(4, ("secret-wrong",), "oauth-invalid-client", _CLIENT, settings={"client_secret": "file:wrong"}),
    Cause(
        6,
        ("client-authentication",),
        faults={"post-refused": None},
        overrides={"token": {"client_authentication": "post"}},
    ),
    Cause(7, ("tenant-id-wrong",), settings={"tenant_id": "{upper_id}"}),
    Cause(
        7,
        ("tenant-id-wrong",),
        alike=("tenant-id-wrong", "client-of-another-tenant"),
        settings={"tenant_id": "{nobodys_id}"},
    ),
    Cause(
        8,
        ("tenant-context-missing",),
        overrides={"token": {"parameters": {"grant_type": "client_credentials", "scope": "{scopes}"}}},
    ),
    Cause(10, ("tenant-header-missing",), overrides={"call": {"tenant_header": ""}}),
    Cause(10, ("tenant-header-rewritten",), "tenant-match", faults={"tenant-header-rewritten": None}),
    Cause(11, ("wrong-issuer",), faults={"wrong-issuer": None}),
    Cause(12, ("clock-skew",), faults={"clock-skew": None}),
    Cause(12, ("clock-skew",), faults={"clock-skew": None}, keyed=True),
    Cause(
        14,
        ("scope-not-registered",),
        "oauth-invalid-scope",
        settings={"client_id": "acme-auditor", "client_secret": "file:auditor"},
    ),
    Cause(15, ("scope-misspelt",), overrides={"scopes": ["workforce:write", "planning:manage"]}),
    Cause(
        15,
        ("scope-near-miss",),
        "oauth-invalid-scope",
        settings={"client_id": "acme-integration", "client_secret": "file:integration"},
    ),
    Cause(16, ("write-role-missing",), "role", faults={"write-role-missing": None}),
    Cause(18, ("role-pending",), "role", _RIGHTS, {"role-propagating": 3600}),
    Cause(23, ("throttled",), "throttle", faults={"throttle-as-403": 2}),
    Cause(
        25,
        ("path-unknown",),
        "path",
        faults={"gateway-401": None},
        overrides={"metadata": {"path": "/api/v2/workforce/planning/metadata"}},
    ),
    Cause(25, ("path-unknown",), "path", overrides={"headcount": {"path": "/api/v2/workforce/planning/headcount"}}),
    Cause(
        26,
        ("key-missing",),
        "legacy-key",
        faults={"legacy-key": None},
        settings={"app_key": "file:wrong"},
        dialect="platform",
    ),
)
"""Other ways in which the same causes come."""

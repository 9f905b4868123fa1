"""The interlock: before the first byte of data, everything that names a tenant or an environment must name the same.

A pure decision over the evidence. A contradiction can never be waived; evidence that a server does not offer needs a
waiver that is named and recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from bridgehead.errors import EvidenceMissing, Interlock

EVIDENCE = (
    "token-tenant",
    "token-environment",
    "tenant-info-tenant",
    "tenant-info-environment",
    "metadata-tenant",
    "metadata-environment",
)
"""What has to agree with the configuration. The same names stand under `waivers`."""

_WHERE = {
    "token": "the access token",
    "tenant-info": "tenant/info",
    "metadata": "the metadata answer, which echoes what reached UKG",
    "receipt": "the answer to a delivery, which echoes what reached UKG",
}


class Evidence(msgspec.Struct, frozen=True):
    """What one source says about tenant or environment; value is None when it says nothing."""

    name: str
    value: str | None

    @property
    def about(self) -> str:
        """Tenant or environment."""
        return self.name.rpartition("-")[2]

    @property
    def where(self) -> str:
        """Where it was found, in words."""
        return _WHERE[self.name.rpartition("-")[0]]


def spoken(value: object) -> str | None:
    """Return what a server said as text. Only an absent value is silence; anything else can contradict."""
    return None if value is None else str(value)


def prove(
    expected: Mapping[str, str], evidence: Sequence[Evidence], *, waivers: Mapping[str, str], tenant_menu: str
) -> None:
    """Raise Interlock for a contradiction, EvidenceMissing for a silence that nobody waived.

    expected: what the configuration says, by `tenant` and `environment`. Contradictions are looked for first.
    """
    for one in evidence:
        wanted = expected[one.about]
        if one.value is not None and one.value != wanted:
            arrived = one.name.startswith("receipt")
            raise Interlock(
                f"The configuration says {one.about} {wanted}, {one.where} says {one.value}. "
                + ("This one request has arrived there; nothing more is sent." if arrived else "Nothing was sent."),
                cure=f"Find out which is right: {tenant_menu}. Then correct tenant id, environment, base_url or "
                "credentials, so that they belong together.",
            )
    for one in evidence:
        if one.value is None and one.name not in waivers:
            raise EvidenceMissing(
                f"The {one.about} cannot be confirmed: {one.where} does not name it. Nothing was sent.",
                cure=f'If this UKG never offers it, accept that on record: waivers = {{ {one.name} = "who, why, '
                'when" }.',
            )

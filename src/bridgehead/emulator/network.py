"""Where a call came from, and whether a list of networks holds it."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network


def within(address: str, networks: Sequence[str]) -> bool:
    """Whether an address lies in one of the networks (CIDR); what is no address lies in none."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in ip_network(network, strict=False) for network in networks)


def is_network(text: str) -> bool:
    """Whether a text names a network or an address."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True

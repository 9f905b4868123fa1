"""The second link, the network: name, connection, proxy, certificate, who answers, and at what time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bridgehead.doctor.calls import Heard
from bridgehead.doctor.case import Case
from bridgehead.doctor.check import Check
from bridgehead.doctor.finding import Evidence, Said, broken, holds, skipped, warning
from bridgehead.errors import BridgeheadError

_SKEW = 30
"""Seconds by which clocks may differ; assertions and tokens have margins of a minute."""


def _proxy(case: Case) -> Said:
    reach = case.reach
    if not reach.proxy:
        return skipped("none is used")
    if reach.stage == "proxy":
        return broken(f"{reach.proxy}: {reach.problem}", ["proxy-refuses"], [Evidence("proxy", reach.proxy)])
    return holds(reach.proxy)


def _dns(case: Case) -> Said:
    reach = case.reach
    if reach.stage == "dns":
        return broken(f"{reach.host}: {reach.problem}", ["unreachable"], [Evidence("host", reach.host)])
    return holds(", ".join(reach.addresses[:3]) or "by the proxy")


def _tcp(case: Case) -> Said:
    reach = case.reach
    if reach.stage == "tcp":
        where = f"{reach.host}:{reach.port}"
        return broken(f"{where}: {reach.problem}", ["unreachable"], [Evidence("connecting to", where)])
    return holds(f"port {reach.port}")


def _tls(case: Case) -> Said:
    reach = case.reach
    if not reach.encrypted:
        return skipped("plain HTTP, on this machine")
    if reach.stage == "tls":
        return broken(f"{reach.host}: {reach.problem}", ["tls-broken"], [Evidence("TLS", reach.problem)])
    if reach.expires_at is None:
        return holds("verified by the system")
    days = (reach.expires_at - case.clock()).days
    told = f"issued by {reach.issuer}, until {reach.expires_at:%Y-%m-%d}"
    return (
        warning(f"the certificate expires in {days} days", ["tls-broken"], [Evidence("certificate", told)])
        if (days < 14)
        else holds(told)
    )


def turned_away(heard: Heard) -> Said | None:
    """Return what stands before UKG and turns every call away, None when nothing does."""
    if heard.status == 407:
        return broken("a proxy wants to know who asks: 407", ["proxy-refuses"], [heard.evidence()])
    if heard.status == 403 and heard.is_page:
        return broken("403 with a page of HTML: this address is not let in", ["address-blocked"], [heard.evidence()])
    if heard.status == 403 or (heard.status == 429 and heard.says("error") == "slow_down"):
        return broken(f"every call is turned away: {heard.words}", ["blocked"], [heard.evidence()])
    return None


def _answer(case: Case) -> Said:
    heard = case.server
    if heard.response is None:
        says = f"the connection stands, and no answer comes: {heard.problem}"
        return broken(says, ["unreachable", "wrong-host"], [heard.evidence()])
    away = turned_away(heard)
    if away is not None and not _lets_somebody_in(case):
        return away
    return holds(f"{heard.status}")


def _lets_somebody_in(case: Case) -> bool:
    """Whether the token endpoint answers, although what the server says of itself is closed to us."""
    try:
        return turned_away(case.token.heard) is None
    except BridgeheadError:  # there is no secret to ask with
        return False


def skew_of(case: Case) -> float | None:
    """Return by how many seconds UKG's clock is ahead of ours, None when it does not tell the time."""
    response = case.server.response
    if response is None:
        return None
    try:
        said = parsedate_to_datetime(response.header("Date")).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    age = response.header("Age").strip()  # of an answer that a cache has kept
    kept = int(age) if age.isascii() and age.isdigit() and len(age) < 9 else 0
    return float((said.astimezone(UTC) - response.at.astimezone(UTC)).total_seconds()) + kept


def server_time(case: Case) -> datetime:
    """Return the time at UKG, or ours where it does not tell."""
    return case.clock() + timedelta(seconds=skew_of(case) or 0)


def _clock(case: Case) -> Said:
    skew = skew_of(case)
    if skew is None:
        return skipped("the server does not tell the time")
    if abs(skew) <= _SKEW:
        return holds(f"within {_SKEW} s")
    says = f"UKG's clock is {abs(skew):,.0f} s {'ahead' if skew > 0 else 'behind'}"
    evidence = [Evidence("Date header", case.server.response.header("Date") if case.server.response else "")]
    if case.identity.keyed:
        # An assertion lives for two minutes, by our clock.
        return broken(says + ": a signed assertion is not valid there", ["clock-skew"], evidence, passable=True)
    return warning(says + "; tokens live shorter or longer than we think", ["clock-skew"], evidence)


_PATH = ("proxy", "dns", "tcp", "tls")
CHECKS = (
    Check("proxy", "network", "Does the proxy let us through?", _proxy),
    Check("dns", "network", "Is the host's name known?", _dns, needs=_PATH[:1]),
    Check("tcp", "network", "Can the host be connected to?", _tcp, needs=_PATH[:2]),
    Check("tls", "network", "Is its certificate good?", _tls, needs=_PATH[:3]),
    Check("answer", "network", "Does UKG answer, and no guard before it?", _answer, needs=_PATH, decides=True),
    Check("clock", "network", "Do the clocks agree?", _clock, needs=("answer",)),
)

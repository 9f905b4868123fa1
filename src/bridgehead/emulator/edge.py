"""Faults that answer in the place of UKG Pro, before anybody is asked; and whom a call seems to come from."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from bridgehead.emulator.authorization.clients import basic_credentials, read_parameters
from bridgehead.emulator.authorization.refusals import OAuthError
from bridgehead.emulator.authorization.tokens import claims_of
from bridgehead.emulator.directory import ApiClient
from bridgehead.emulator.exchange import Answer, Inbound, denied, json_answer
from bridgehead.emulator.faults.switchboard import Claimant, Switchboard
from bridgehead.emulator.store import Store

_BLOCKED = b"<!doctype html><title>403 Forbidden</title><h1>Access denied</h1><p>Your address is not on the list.</p>\n"


def claimant_of(store: Store, inbound: Inbound) -> Claimant:
    """Return whom a call seems to come from, proven or not: a fault has to know before anything is proven."""
    client_id = _named(inbound)
    client = store.find(ApiClient, client_id) if client_id else None
    tenant_id = client.tenant_id if client else inbound.headers.get("x-tenant-id", "")
    return Claimant(client_id, tenant_id, inbound.path, inbound.method)


def _named(inbound: Inbound) -> str:
    authorization = inbound.headers.get("authorization", "")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return str(claims_of(token).get("client_id", ""))
    try:
        basic = basic_credentials(authorization)
        form = read_parameters(inbound.body.decode()) if inbound.path.startswith("/oauth/") else {}
    except (OAuthError, UnicodeDecodeError):
        return ""
    assertion = claims_of(form.get("client_assertion", ""))
    return basic[0] if basic is not None else form.get("client_id", str(assertion.get("sub", "")))


class Edge:
    """What stands before the server of one environment. While anything is on, it counts the requests of a second."""

    def __init__(self, faults: Switchboard) -> None:
        self._faults = faults
        self._recent: deque[datetime] = deque()

    def answer(self, inbound: Inbound, clock: Callable[[], datetime]) -> Answer | None:
        """Return what is answered in the place of UKG Pro, None when nothing is."""
        if not self._faults.any:  # as nearly always
            return None
        now = clock()
        self._recent.append(now)
        while not timedelta(0) <= now - self._recent[0] < timedelta(seconds=1):  # a test's clock may go back
            self._recent.popleft()
        scripted = self._faults.take_scripted(inbound.method, inbound.path)
        if scripted is not None:
            told = denied("scripted", "an answer that a test has written")
            return Answer(scripted.status, scripted.body, scripted.headers, told=told)
        claimant = inbound.claimant
        return (
            self._blocked(claimant, now)
            or self._throttled(claimant)
            or self._failed(claimant)
            or self._without_key(inbound)
        )

    def _blocked(self, claimant: Claimant, now: datetime) -> Answer | None:
        if self._faults.take("address-block", claimant):
            told = denied("address-block", "the address is not on the list")
            return Answer(403, _BLOCKED, told=told, media_type="text/html; charset=utf-8")
        blocked = self._faults.take("blocked", claimant)
        if blocked is not None and now < blocked.since + timedelta(seconds=blocked.value):
            return _told(403, {"error": "blocked"}, "blocked", "blocked for a time, as after many failures")
        return None

    def _throttled(self, claimant: Claimant) -> Answer | None:
        for slug, status in (("throttle-as-401", 401), ("throttle-as-403", 403)):
            throttled = self._faults.take(slug, claimant)
            if throttled is not None and len(self._recent) > throttled.value:
                reason = f"more than {throttled.value} requests in a second"
                return _told(status, {"error": "insufficient_permissions"}, "throttle", reason)
        return None

    def _failed(self, claimant: Claimant) -> Answer | None:
        failed = self._faults.take("server-error", claimant)
        if failed is not None:
            return _told(failed.value, {"error": "server_error"}, "server-error", "the server failed")
        hurried = self._faults.take("too-many-requests", claimant)
        if hurried is not None:
            document = {"error": "too_many_requests", "message": "too many requests"}
            headers = {"Retry-After": str(hurried.value)} if hurried.value else {}
            return json_answer(429, document, headers=headers, told=denied("too_many_requests", "too many requests"))
        if "/workforce/planning/" in claimant.path and self._faults.take("planning-moved", claimant):
            document = {"error": "not_found", "message": f"there is nothing at {claimant.path}"}
            return json_answer(404, document, told=denied("path", "the planning API is under another version"))
        return None

    def _without_key(self, inbound: Inbound) -> Answer | None:
        if not inbound.path.startswith("/api/"):
            return None
        wanted = self._faults.take("legacy-key", inbound.claimant)
        if wanted is None or inbound.headers.get("appkey") == wanted.value:
            return None
        reason = "the header appkey is another one" if "appkey" in inbound.headers else "the header appkey is missing"
        return _told(401, {"error": "insufficient_permissions"}, "legacy-key", reason)


def _told(status: int, document: dict[str, str], check: str, reason: str) -> Answer:
    return json_answer(status, document, told=denied(check, reason))

"""One examination's facts: each is asked for once, when a check first needs it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import msgspec

from bridgehead.doctor.calls import Calls, Heard
from bridgehead.errors import ConfigError
from bridgehead.ukg.asking import Identity, app_key, basic, call_headers, leaving_out, token_request
from bridgehead.ukg.auth import claims_of, renew
from bridgehead.ukg.client import Door
from bridgehead.ukg.cures import Cure
from bridgehead.ukg.dialect import Dialect, at
from bridgehead.ukg.habits import Habit, old_habits, without_habits
from bridgehead.ukg.messages import Request
from bridgehead.ukg.reach import Reach


class Neighbour(msgspec.Struct, frozen=True):
    """Another environment, of this tenant or another one, in the same configuration."""

    tenant: str
    environment: str
    tenant_id: str
    base_url: str


@dataclass(frozen=True, slots=True)
class Patient:
    """Whom the doctor examines. dialect: as configured; standard: without overrides. cures: by cause.

    auditor: may read the audit log. in_flight: how many requests a sync has under way at most. worked_before: whether
    the ledger knows of a run that UKG accepted.
    """

    identity: Identity
    dialect: Dialect
    standard: Dialect
    cures: Mapping[str, Cure]
    in_flight: int = 8
    auditor: Identity | None = None
    neighbours: tuple[Neighbour, ...] = ()
    worked_before: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request for a token heard. token: empty when none was issued. granted: None where the answer is silent."""

    heard: Heard
    token: str = ""
    granted: frozenset[str] | None = None
    error: str = ""

    @property
    def claims(self) -> dict[str, Any]:
        """What the token says, nothing when it is opaque."""
        return dict(claims_of(self.token))


@dataclass
class Case:
    """The facts about one patient.

    elsewhere: returns a door to another base URL. look: looks how far the network leads.
    """

    patient: Patient
    calls: Calls
    elsewhere: Callable[[str], Door]
    look: Callable[[], Reach]
    clock: Callable[[], datetime]
    new_id: Callable[[], str]

    @property
    def identity(self) -> Identity:
        """Who we are, by the configuration."""
        return self.patient.identity

    @cached_property
    def habits(self) -> tuple[Habit, ...]:
        """Old habits in the overrides of the dialect."""
        return old_habits(self.patient.dialect, self.patient.standard, self.identity.waivers)

    @cached_property
    def dialect(self) -> Dialect:
        """The dialect that is spoken: as configured, but for old habits, so that what lies behind them is seen.

        All scopes are asked for, also where the configuration asks for some: a client has to be registered for all.
        """
        spoken = without_habits(self.patient.dialect, self.patient.standard, self.habits)
        if set(spoken.scopes) < set(self.patient.standard.scopes):
            spoken = msgspec.structs.replace(spoken, scopes=self.patient.standard.scopes)
        return spoken

    # Before anybody is asked ---------------------------------------------------------------------------------------

    @cached_property
    def reach(self) -> Reach:
        """How far the network leads."""
        return self.look()

    @property
    def well_formed(self) -> bool:
        """Whether the configured tenant id has the shape of one."""
        return re.fullmatch(self.dialect.tenant_id.pattern, self.identity.tenant_id) is not None

    @cached_property
    def told_tenant(self) -> str:
        """The tenant id that tenant/info says without being told one; empty when it says none."""
        if self.reach.stage or self.server.response is None:
            return ""
        told = self.plain_info.says(self.dialect.tenant_info.tenant)
        return told if re.fullmatch(self.dialect.tenant_id.pattern, told) else ""

    @cached_property
    def acting(self) -> Identity:
        """Who we are, with the tenant id that the examination goes on with: the told one where ours is none."""
        if self.well_formed or not self.told_tenant:
            return self.identity
        return replace(self.identity, tenant_id=self.told_tenant)

    # The token ------------------------------------------------------------------------------------------------------

    @cached_property
    def server(self) -> Heard:
        """What the authorization server says of itself (RFC 8414)."""
        path = self.dialect.token.discovery or self.dialect.tenant_info.path
        return self.calls.ask("what the server says of itself", Request("GET", path, {"Accept": "application/json"}))

    @cached_property
    def token(self) -> Asked:
        """The token for tenant and scopes."""
        return self._asked("a token for the tenant", self.dialect)

    @cached_property
    def unscoped(self) -> Asked:
        """A token for the tenant, with whatever scopes the client has."""
        return self._asked("a token for the tenant, no scopes asked for", leaving_out(self.dialect, "{scopes}"))

    @cached_property
    def unbound(self) -> Asked:
        """A token for the scopes, for no tenant."""
        return self._asked("a token for no tenant", leaving_out(self.dialect, "{tenant_id}"))

    @cached_property
    def plain(self) -> Asked:
        """A token that is bound to nothing."""
        return self._asked("a token for nothing", leaving_out(self.dialect, "{scopes}", "{tenant_id}"))

    @cached_property
    def other_way(self) -> Asked | None:
        """The token, with the client's proof shown in the other way; None where there is no other one."""
        known = self.dialect.token
        if self.identity.keyed or self.identity.public or known.client_authentication not in ("basic", "post"):
            return None
        offered = at(self.server.document, "token_endpoint_auth_methods_supported")
        other = "post" if known.client_authentication == "basic" else "basic"
        if isinstance(offered, list) and f"client_secret_{other}" not in offered:
            return None
        section = msgspec.structs.replace(known, client_authentication=other)
        return self._asked(f"a token, by {other}", msgspec.structs.replace(self.dialect, token=section))

    def go_on_with(self, asked: Asked, way: str) -> None:
        """Speak from now on as it was heard that this UKG wants it. way: in which the client shows its proof."""
        token = msgspec.structs.replace(self.dialect.token, client_authentication=way)
        self.dialect, self.token = msgspec.structs.replace(self.dialect, token=token), asked

    def asked_at(self, neighbour: Neighbour) -> Asked:
        """Return what another environment's token endpoint says to the same client."""
        spoken = leaving_out(self.dialect, "{scopes}", "{tenant_id}")
        door = self.elsewhere(neighbour.base_url)
        request = token_request(spoken, self.identity, self.clock, self.new_id)
        heard = self.calls.ask(f"a token in {neighbour.environment}", request, door=door, token=True)
        return self._read(heard)

    def _asked(self, purpose: str, dialect: Dialect) -> Asked:
        login = self.acting.login
        if login is None:
            return self._tokened(purpose, dialect, "")
        with login.turn() as turn:
            kept = login.current(turn)
            asked = self._tokened(purpose, dialect, kept.refresh_token)
            if asked.heard.response is not None:
                renew(dialect, turn, kept, asked.heard.response)
        return asked

    def _tokened(self, purpose: str, dialect: Dialect, refresh_token: str) -> Asked:
        request = token_request(dialect, self.acting, self.clock, self.new_id, refresh_token=refresh_token)
        heard = self.calls.ask(purpose, request, token=True)
        if heard.refused and not heard.is_page and heard.says("error") not in _OAUTH_ERRORS:
            heard = self.calls.calmer(purpose, heard, token=True)
        return self._read(heard)

    def _read(self, heard: Heard) -> Asked:
        token, granted = (at(heard.document, path) for path in (self._known.access_token, self._known.granted_scope))
        return Asked(
            heard,
            token if heard.status == 200 and isinstance(token, str) else "",
            frozenset(granted.split()) if isinstance(granted, str) else None,
            heard.says("error"),
        )

    @property
    def _known(self) -> Any:
        return self.dialect.token

    @property
    def bound(self) -> Asked:
        """The best token that there is for tenant and planning."""
        if not self.token.token and self.token.error == "invalid_scope":
            return self.unscoped
        return self.token

    # The tenant -----------------------------------------------------------------------------------------------------

    def _call(
        self, path: str, token: str, *, method: str = "GET", tenant: str | None = None, body: bytes = b""
    ) -> Request:
        """Return a call with a token. tenant: instead of ours; empty: without the header."""
        correlation_id = self.new_id()
        who = self.acting if tenant is None else replace(self.acting, tenant_id=tenant)
        spoken = self.dialect
        if tenant == "":
            spoken = msgspec.structs.replace(spoken, call=msgspec.structs.replace(spoken.call, tenant_header=""))
        return Request(method, path, call_headers(spoken, who, token, correlation_id), body, correlation_id)

    @cached_property
    def info(self) -> Heard:
        """What tenant/info says to the token."""
        return self.calls.calmly("tenant/info", self._call(self.dialect.tenant_info.path, self.bound.token))

    @cached_property
    def info_without_header(self) -> Heard:
        """What tenant/info says to the token without the tenant's header."""
        request = self._call(self.dialect.tenant_info.path, self.bound.token, tenant="")
        return self.calls.ask("tenant/info, without the header", request)

    @cached_property
    def info_with_nobodys_header(self) -> Heard:
        """What tenant/info says to a header that names no tenant: where it passes, the header does not arrive."""
        nobody = re.sub(r"[0-9A-Za-z]", "0", self.acting.tenant_id.removeprefix("org_"))
        prefix = "org_" if self.acting.tenant_id.startswith("org_") else ""
        request = self._call(self.dialect.tenant_info.path, self.bound.token, tenant=prefix + nobody)
        return self.calls.ask("tenant/info, with a header that names no tenant", request)

    @cached_property
    def plain_info(self) -> Heard:
        """What tenant/info says to the client's own proof: its secret, or a token that its key got (T6)."""
        path = self.dialect.tenant_info.path
        if self.identity.keyed or self.identity.login is not None:
            return self.calls.ask("tenant/info, by a plain token", self._call(path, self.plain.token, tenant=""))
        correlation_id = self.new_id()
        headers = {
            "Authorization": basic(self.identity.client_id, self.identity.secret()),
            "Accept": "application/json",
            self.dialect.call.correlation_header: correlation_id,
        } | app_key(self.dialect, self.identity)
        return self.calls.ask(
            "tenant/info, by client id and secret", Request("GET", path, headers, b"", correlation_id)
        )

    # Planning -------------------------------------------------------------------------------------------------------

    @cached_property
    def metadata(self) -> Heard:
        """The planning metadata."""
        return self.calls.calmly("the planning metadata", self._call(self.dialect.metadata.path, self.bound.token))

    def standing_at(self, path: str, method: str) -> Heard:
        """Return what is heard at the dialect's own path, where the configuration names another one."""
        return self.calls.ask(f"{path}, the path as it usually is", self._call(path, self.bound.token, method=method))

    @cached_property
    def write(self) -> Heard:
        """A delivery of no records, which has no effect."""
        known = self.dialect.headcount
        body = msgspec.json.encode({known.envelope: []})
        request = self._call(known.path, self.bound.token, method="POST", body=body)
        return self.calls.calmly("a delivery of no records", request)

    @cached_property
    def page(self) -> Heard:
        """The first page of what planning holds, of one scenario."""
        known, record = self.dialect.headcount, self._record("", "")
        query = {
            known.query["scenario"]: record[known.names["scenario"]],
            known.query["version"]: record[known.names["version"]],
            known.query["first_period"]: record[known.names["period_start"]],
            known.query["last_period"]: str(at(self.metadata.document, self.dialect.metadata.open_to)),
        }
        request = self._call(f"{known.path}?{urlencode(query)}", self.bound.token)
        return self.calls.withheld("a page of headcount", request)

    @cached_property
    def units(self) -> tuple[Heard, dict[str, str]]:
        """One record of each org unit, checked without being stored; and which reference is which org unit's."""
        known, listed, references = self.dialect.headcount, self._org_units(), dict[str, str]()
        records = []
        for unit in listed[: known.max_records]:
            references[reference := self.new_id()] = unit
            records.append(self._record(reference, unit))
        path = f"{known.path}?{known.validate_only}=true"
        body = msgspec.json.encode({known.envelope: records})
        request = self._call(path, self.bound.token, method="POST", body=body)
        return self.calls.calmly("a record of each org unit, to be checked and not stored", request), references

    def _org_units(self) -> list[str]:
        known = self.dialect.metadata
        listed = at(self.metadata.document, known.codes.get("org_unit", "org_units"))
        active = [one for one in listed if at(one, known.active) is not False] if isinstance(listed, list) else []
        return [str(at(one, known.code)) for one in active]

    def _record(self, reference: str, unit: str) -> dict[str, Any]:
        known, names, document = self.dialect.metadata, self.dialect.headcount.names, self.metadata.document
        scenarios = at(document, known.scenarios)
        open_to = [one for one in scenarios if not at(one, known.read_only)] if isinstance(scenarios, list) else []
        versions = at(open_to[0], known.versions) if open_to else None
        versions = versions if isinstance(versions, list) else None
        return {
            names["client_ref"]: reference,
            names["scenario"]: str(at(open_to[0], known.code)) if open_to else "budget",
            names["version"]: str(versions[0]) if versions else "v1",
            names["period_start"]: str(at(document, known.open_from)),
            names["org_unit"]: unit,
            names["headcount"]: 0,
        }

    @cached_property
    def crowd(self) -> list[Heard]:
        """The metadata, asked for as often at once as a sync would have requests under way."""
        path, token = self.dialect.metadata.path, self.bound.token
        count = min(self.patient.in_flight, self.calls.left)
        if self.calls.refused:
            self.calls.settle()
        return self.calls.together("the planning metadata", lambda: self._call(path, token), count)

    # The audit log --------------------------------------------------------------------------------------------------

    @cached_property
    def _reading(self) -> str:
        """The auditor's token, empty when it gets none."""
        auditor = self.patient.auditor
        if auditor is None:
            return ""
        spoken = msgspec.structs.replace(leaving_out(self.dialect, "{tenant_id}"), scopes=(self.dialect.audit.scope,))
        try:
            request = token_request(spoken, auditor, self.clock, self.new_id)
        except ConfigError:  # its secret cannot be read
            return ""
        return self._read(self.calls.ask("the auditor's token", request, token=True)).token

    @property
    def auditor_is_let_in(self) -> bool:
        """Whether there is an auditor, and it gets a token."""
        return bool(self._reading)

    @cached_property
    def auditors_tenant(self) -> str:
        """The tenant that the auditor belongs to, empty when nobody can say."""
        if not self._reading:
            return ""
        request = self._call(self.dialect.tenant_info.path, self._reading, tenant="")
        return self.calls.ask("the auditor's tenant/info", request).says(self.dialect.tenant_info.tenant)

    def logged(self, correlation_id: str) -> Heard | None:
        """Return what the audit log says of a call, None where nobody may read it."""
        if not self._reading:
            return None
        known = self.dialect.audit
        request = self._call(f"{known.path}?{known.by_correlation}={correlation_id}", self._reading, tenant="")
        return self.calls.ask("the audit log", request)


_OAUTH_ERRORS = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_target",
        "access_denied",
    }
)
"""RFC 6749 section 5.2, RFC 8707, and what Auth0 says of an organization that is not assigned."""

"""The web application of one environment: it turns requests into calls, writes the audit log, and sends the answers."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import lru_cache

import msgspec
from starlette.datastructures import QueryParams
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from bridgehead.emulator import api, control, identity, signin
from bridgehead.emulator.audit import Entry, timestamp
from bridgehead.emulator.console.routes import CONSOLE
from bridgehead.emulator.database import Database
from bridgehead.emulator.edge import Edge, claimant_of
from bridgehead.emulator.environment import Environment
from bridgehead.emulator.exchange import Answer, Handler, Inbound, denied, json_answer, taking
from bridgehead.emulator.faults.line import Line, Reply
from bridgehead.emulator.faults.wire import Wires
from bridgehead.emulator.journal import Exchanged, Journal

_CORRELATION = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_MAX_BODY = 64 * 1_048_576

# UKG Pro's own routes: every call to them leaves an entry in the audit log.
ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/oauth/token", identity.token),
    ("POST", "/oauth/introspect", identity.introspect),
    ("POST", "/oauth/revoke", identity.revoke),
    ("GET", "/oauth/jwks", identity.key_set),
    ("GET", "/.well-known/oauth-authorization-server", identity.server_metadata),
    ("GET", "/api/v1/tenant/info", identity.tenant_info),
    ("GET", "/api/v1/workforce/planning/metadata", api.metadata),
    ("GET", "/api/v1/workforce/planning/headcount", api.get_headcount),
    ("POST", "/api/v1/workforce/planning/headcount", api.post_headcount),
    ("GET", "/api/v1/employees", api.employees),
    ("GET", "/api/v1/system/audit/api-access-logs", api.audit_log),
)
# Pages of UKG Pro, for people.
PAGES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/oauth/authorize", signin.ask),
    ("POST", "/oauth/authorize", signin.decide),
)
CONTROL_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/_emulator/state", control.state),
    ("GET", "/_emulator/ukg.css", control.style_sheet),
    ("GET", "/_emulator/audit", control.audit),
    ("PATCH", "/_emulator/environment", control.change_environment),
    ("GET", "/_emulator/faults", control.list_faults),
    ("DELETE", "/_emulator/faults", control.switch_off),
    ("PUT", "/_emulator/faults/{slug}", control.switch_on),
    ("DELETE", "/_emulator/faults/{slug}", control.switch_off),
    ("POST", "/_emulator/keys", control.rotate_key),
    ("DELETE", "/_emulator/keys/{id}", control.withdraw_key),
    ("POST", "/_emulator/clients", control.register_client),
    ("PATCH", "/_emulator/clients/{id}", control.change_client),
    ("POST", "/_emulator/clients/{id}/secrets", control.add_secret),
    ("DELETE", "/_emulator/clients/{id}/secrets/{number}", control.withdraw_secret),
    ("PATCH", "/_emulator/service-accounts/{id}", control.change_account),
    ("PATCH", "/_emulator/people/{id}", control.change_person),
)


def make_app(environment: Environment, wires: Wires, journal: Journal, database: Database) -> ASGIApp:
    """Return the environment as an ASGI application.

    wires: the server's connections. journal: notes each call. database: of all environments.
    """
    anything = _Endpoint(environment, Edge(environment.faults), wires, journal, database, {}, logged=True)
    endpoints = _endpoints(anything, ROUTES + PAGES)
    endpoints |= _endpoints(replace(anything, logged=False), CONTROL_ROUTES + CONSOLE)
    with_parameters = [Route(path, endpoints.pop(path)) for path in list(endpoints) if "{" in path]
    router = Router(routes=[*with_parameters, Route("/{path:path}", anything)], redirect_slashes=False)

    async def by_path(scope: Scope, receive: Receive, send: Send) -> None:
        await endpoints.get(scope["path"], router)(scope, receive, send)

    return by_path


def _endpoints(anything: _Endpoint, table: tuple[tuple[str, str, Handler], ...]) -> dict[str, ASGIApp]:
    paths: dict[str, dict[str, Handler]] = {}
    for method, path, handler in table:
        paths.setdefault(path, {})[method] = handler
    return {path: replace(anything, handlers=handlers) for path, handlers in paths.items()}


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """One path with its handlers by method. An ASGI application, so that it sees every method and logs it."""

    environment: Environment
    edge: Edge
    wires: Wires
    journal: Journal
    database: Database
    handlers: Mapping[str, Handler]
    logged: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if body is None:
            with self.database.call():
                self._log(self._inbound(scope, b""), cut_off())
            await self.database.durable()
            return
        inbound = self._inbound(scope, body)
        if not self.logged or not self.environment.faults.any:  # as nearly always
            answer = await self._answer(inbound)
            self._note(inbound, answer)
            await _reply(self.environment, inbound, answer).travel(send)
            return
        inbound = msgspec.structs.replace(inbound, claimant=claimant_of(self.environment.store, inbound))
        line = Line(taking(self.environment, inbound), self.wires, scope)
        if not await line.arrives():
            self._note(inbound, None)
            return
        answer = await self._answer(inbound)
        self._note(inbound, answer)
        await line.carry(_reply(self.environment, inbound, answer), send)

    def _inbound(self, scope: Scope, body: bytes) -> Inbound:
        headers = dict[str, str]()
        for name_sent, value_sent in scope["headers"]:
            name, value = name_sent.decode("latin-1"), value_sent.decode("latin-1")
            # A header that is sent twice is both of them, and so names no tenant and no token.
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        asked, query = headers.get("x-correlation-id", ""), scope["query_string"].decode("latin-1")
        return Inbound(
            method=scope["method"],
            path=scope["path"],
            headers=self.environment.spelling.read_headers(headers),
            query=dict(QueryParams(query)) if query else {},
            query_text=query,
            parameters=scope.get("path_params", {}),
            body=body,
            correlation_id=asked if _CORRELATION.fullmatch(asked) else self.environment.new_id(),
            address=scope["client"][0] if scope["client"] else "",
        )

    async def _answer(self, inbound: Inbound) -> Answer:
        """Answer, and write the audit entry: both with their effect in one commit, which is waited for."""
        try:
            with self.database.call():
                answer = self._decide(inbound)
                self._log(inbound, answer)
        except Exception:  # noqa: BLE001 - a fault of the emulator's own is an answer too, and stands in the log
            traceback.print_exc()
            message = "the emulator failed; its terminal shows where"
            answer = json_answer(500, {"error": "internal_error", "message": message}, told=denied("emulator", message))
            with self.database.call():
                self._log(inbound, answer)
        await self.database.durable()
        return answer

    def _note(self, inbound: Inbound, answer: Answer | None) -> None:
        """Note a call of UKG's own routes in the journal."""
        if self.logged and self.journal.keeps:
            called = (self.environment.name, inbound.method, inbound.path, inbound.query_text, inbound.headers)
            status, body = (None, b"") if answer is None else (answer.status, answer.body)
            self.journal.note(Exchanged(*called, inbound.body, status, body))

    def _log(self, inbound: Inbound, answer: Answer) -> None:
        if self.logged:
            self.environment.audit.write(_entry(self.environment, inbound, answer))

    def _decide(self, inbound: Inbound) -> Answer:
        instead = self.edge.answer(inbound, self.environment.clock) if self.logged else None
        return instead or self._handled(inbound)

    def _handled(self, inbound: Inbound) -> Answer:
        handler = self.handlers.get("GET" if inbound.method == "HEAD" else inbound.method)
        if not self.handlers:
            return api.not_found(self.environment, inbound)
        if handler is None:
            allowed = ", ".join(sorted(self.handlers))
            message = f"{inbound.method} is not allowed here, only {allowed}"
            document = {"error": "method_not_allowed", "message": message}
            return json_answer(405, document, headers={"Allow": allowed}, told=denied("method", message))
        if len(inbound.body) > _MAX_BODY:
            message = f"at most {_MAX_BODY} bytes"
            document = {"error": "payload_too_large", "message": message}
            return json_answer(413, document, told=denied("size", message))
        return handler(self.environment, inbound)


def cut_off() -> Answer:
    """Return what the log says of a caller that left before it had said everything; nobody hears it."""
    return json_answer(400, {}, told=denied("disconnected", "the caller left in the middle of the request"))


async def _body(receive: Receive) -> bytes | None:
    """Return the body of a request, None when the caller left before it had sent it all."""
    first = await receive()
    if first["type"] == "http.request" and not first.get("more_body"):  # as nearly always
        return bytes(first.get("body", b""))
    body, message = bytearray(), first
    while message["type"] == "http.request":
        if len(body) <= _MAX_BODY:  # what is beyond is read, so that the caller hears the answer, and dropped
            body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)
        message = await receive()
    return None


def _entry(environment: Environment, inbound: Inbound, answer: Answer) -> Entry:
    return Entry(
        at=timestamp(environment.clock()),
        correlation_id=inbound.correlation_id,
        method=inbound.method,
        path=inbound.path,
        status=answer.status,
        client_id=answer.client_id,
        tenant_id=answer.tenant_id,
        outcome=answer.told.get("outcome", "allowed"),
        check=answer.told.get("check", ""),
        reason=environment.spelling.say(answer.told.get("reason", "")),
        menu=answer.told.get("menu", ""),
        steps=tuple((check, how, environment.spelling.say(told)) for check, how, told in answer.told.get("steps", ())),
        account=answer.told.get("account", ""),
    )


def _reply(environment: Environment, inbound: Inbound, answer: Answer) -> Reply:
    told = f"bridgehead; environment={environment.name}; strictness={environment.strictness}"
    headers = {
        b"date": _http_date(int(environment.clock().timestamp())),
        b"x-correlation-id": inbound.correlation_id.encode(),
        b"x-emulator": told.encode(),
        b"content-type": answer.media_type.encode(),
        b"content-length": b"%d" % len(answer.body),
    }
    for name, value in answer.headers.items():
        headers[name.lower().encode()] = value.encode("latin-1")
    return Reply(answer.status, list(headers.items()), answer.body)


@lru_cache(maxsize=2)
def _http_date(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()

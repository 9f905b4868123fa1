"""No tenant's data in another tenant: every way to cross is stopped, and nothing leaves before it is."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.conftest import WRITE, Desk, lines
from tests.proxy import proxy, untouched


def stopped(desk: Desk, *words: str, code: int = 4) -> None:
    outcome = desk.run("sync", "acme")
    assert outcome.code == code, outcome
    for word in words:
        assert word in outcome.err + outcome.out
    assert desk.writes() == 0
    assert desk.held("globex") == {}


def test_another_tenants_credentials_get_no_token(desk: Desk) -> None:
    globex = desk.client("globex")
    desk.configure(desk.environment(client_id=globex.client_id), desk.feed())
    (desk.folder / "acme-production.secret").write_text(globex.secret)
    desk.plan(*lines(3))
    stopped(desk, "invalid_target", globex.client_id, desk.client().tenant_id)


def test_the_sandbox_written_as_production_is_stopped(desk: Desk) -> None:
    sandbox = desk.client("acme", "sandbox")
    desk.configure(
        desk.environment(base_url=sandbox.base_url, tenant_id=sandbox.tenant_id, client_id=sandbox.client_id),
        desk.feed(),
    )
    (desk.folder / "acme-production.secret").write_text(sandbox.secret)
    desk.plan(*lines(3))
    stopped(desk, "interlock", "environment production", "says sandbox")
    assert desk.writes("sandbox") == 0


def test_a_token_server_that_ignores_tenant_context_is_noticed(desk: Desk) -> None:
    def drop(_method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        if path == "/oauth/token":
            body = urlencode([pair for pair in parse_qsl(body.decode()) if pair[0] != "tenant_context"]).encode()
        return headers, body

    with proxy(desk.emulator.production, drop) as url:
        desk.configure(desk.environment(base_url=url), desk.feed())
        desk.plan(*lines(3))
        stopped(desk, "evidence-missing", "the access token does not name it")


def test_a_proxy_that_rewrites_the_header_is_stopped(desk: Desk) -> None:
    globex = desk.client("globex").tenant_id

    def rewrite(_path: str, document: Any) -> Any:
        if "echo" in document:
            document["echo"]["tenant_id"] = globex
        return document

    with proxy(desk.emulator.production, untouched, rewrite) as url:
        desk.configure(desk.environment(base_url=url), desk.feed())
        desk.plan(*lines(3))
        stopped(desk, "interlock", desk.client().tenant_id, globex, "API Configuration")


def test_a_proxy_that_alters_only_posts_is_stopped_at_its_first_receipt(desk: Desk) -> None:
    globex = desk.client("globex").tenant_id

    def rewrite(path: str, document: Any) -> Any:
        if path == WRITE and "results" in document:
            document["echo"]["tenant_id"] = globex
        return document

    with proxy(desk.emulator.production, untouched, rewrite) as url:
        limits = "in_flight = 1\ndialect_overrides = { headcount = { max_records = 1 } }"
        desk.configure(desk.environment(base_url=url, extra=limits), desk.feed())
        desk.plan(*lines(5))
        outcome = desk.run("sync", "acme")

    assert outcome.code == 4
    assert globex in outcome.err
    assert desk.writes() == 1


def test_tenant_info_of_another_tenant_is_stopped(desk: Desk) -> None:
    globex = desk.client("globex").tenant_id

    def rewrite(path: str, document: Any) -> Any:
        return document | {"tenant_id": globex} if path == "/api/v1/tenant/info" else document

    with proxy(desk.emulator.production, untouched, rewrite) as url:
        desk.configure(desk.environment(base_url=url), desk.feed())
        desk.plan(*lines(3))
        stopped(desk, "interlock", "tenant/info", globex)


def test_a_server_that_names_no_environment_needs_a_waiver_that_is_recorded(desk: Desk) -> None:
    def silent(path: str, document: Any) -> Any:
        if path == "/api/v1/tenant/info":
            del document["environment"]
        return document

    with proxy(desk.emulator.production, untouched, silent) as url:
        desk.configure(desk.environment(base_url=url), desk.feed())
        desk.plan(*lines(3))
        stopped(desk, "evidence-missing", "tenant-info-environment", "waivers")
        waiver = 'waivers = { tenant-info-environment = "agreed with J. Berg, 2026-11-02" }'
        desk.configure(desk.environment(base_url=url, extra=waiver), desk.feed())
        outcome = desk.run("sync", "acme")

    assert outcome.code == 0
    ledger = (desk.folder / ".bridgehead" / "ledger.sqlite").read_bytes()
    wal = desk.folder / ".bridgehead" / "ledger.sqlite-wal"
    assert b"agreed with J. Berg" in ledger + (wal.read_bytes() if wal.exists() else b"")


def test_a_redirect_is_not_followed(desk: Desk) -> None:
    class Moved(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(302)
            self.send_header("Location", desk.emulator.production + "/oauth/token")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Moved)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    desk.configure(desk.environment(base_url=f"http://127.0.0.1:{server.server_port}"), desk.feed())
    desk.plan(*lines(3))
    stopped(desk, "request-refused", "302")
    server.shutdown()
    server.server_close()
    thread.join()
    assert desk.audit() == []

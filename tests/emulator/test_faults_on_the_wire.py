"""Faults on the wire: answers that get lost, connections that are reset, for real."""

from __future__ import annotations

import json
import socket
import time
from urllib.parse import urlsplit

import pytest
import urllib3
from tests.curl import HEADCOUNT, Caller
from tests.walk import BODY, GOOD, stored, walk


def raw_write(caller: Caller) -> tuple[bytes, BaseException | None]:
    """Write as walk does, over a bare socket; return what came back, and how the connection ended."""
    token = caller.token().json()["access_token"]
    body = json.dumps(BODY).encode()
    lines = [f"POST {HEADCOUNT} HTTP/1.1", "Host: ukg", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in caller.headers(token).items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    heard = b""
    parts = urlsplit(caller.base)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as line:
        line.sendall("\r\n".join(lines).encode() + body)
        try:
            while piece := line.recv(65536):
                heard += piece
        except ConnectionResetError as reset:
            return heard, reset
    return heard, None


@pytest.mark.parametrize(
    ("slug", "ends", "effect"),
    [
        ("reset-before", ConnectionResetError, []),
        ("reset-after", ConnectionResetError, GOOD),
        ("closed-after", type(None), GOOD),
        ("truncated", type(None), GOOD),
        ("garbage", type(None), GOOD),
    ],
)
def test_an_answer_gets_lost_for_real_and_what_was_done_stays_done(
    caller: Caller, slug: str, ends: type, effect: list[str]
) -> None:
    whole, _ = raw_write(caller)
    caller.emulator.environments["production"].store.connection.execute("DELETE FROM projection")
    caller.emulator.switch_on(slug, within=HEADCOUNT, times=1)
    heard, ended = raw_write(caller)

    assert isinstance(ended, ends)
    assert stored(caller) == effect
    if slug == "truncated":
        assert heard.startswith(b"HTTP/1.1 207 ")
        assert b"content-length: " in heard.lower()
        assert len(heard) < len(whole) * 0.75
    elif slug == "garbage":
        assert b"this is no HTTP" in heard
    else:
        assert heard == b""
    assert walk(caller).statuses == (200, 200, 207)  # the server is none the worse


def test_connections_are_reset_when_they_are_made(caller: Caller) -> None:
    caller.emulator.switch_on("reset-on-connect")
    with urllib3.PoolManager(retries=False) as fresh, pytest.raises(urllib3.exceptions.ProtocolError):
        fresh.request("GET", f"{caller.base}/oauth/jwks")
    caller.emulator.switch_off()
    with urllib3.PoolManager(retries=False) as fresh:
        assert fresh.request("GET", f"{caller.base}/oauth/jwks").status == 200


def test_an_answer_waits_and_one_that_dribbles_is_whole_in_the_end(caller: Caller) -> None:
    plain = caller.http.request("GET", f"{caller.base}/oauth/jwks").data
    for slug in ("latency", "dribble"):
        caller.emulator.switch_on(slug, value=120)
        before = time.perf_counter()
        answer = caller.http.request("GET", f"{caller.base}/oauth/jwks")

        assert time.perf_counter() - before >= 0.12
        assert answer.data == plain
        caller.emulator.switch_off()

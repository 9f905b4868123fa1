"""What the tests of the emulator share: somebody with curl, a person's browser, and a forger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import urllib3
from tests.console import Visitor
from tests.curl import HEADCOUNT, Browser, Caller, records
from tests.forging import Forge

from bridgehead.emulator import Emulator
from bridgehead.testing import Clock


@pytest.fixture
def caller(ukg_pro: Emulator, ukg_clock: Clock) -> Iterator[Caller]:
    with urllib3.PoolManager(retries=False) as http:
        yield Caller(ukg_pro, http, ukg_clock)


@pytest.fixture
def browser(caller: Caller) -> Browser:
    return Browser(caller)


@pytest.fixture
def globex(caller: Caller) -> Caller:
    """Return the neighbour. Both tenants have a projection, so that there is something to lose."""
    other = replace(caller, whose="globex")
    for one, unit in ((caller, "0100"), (other, "0101")):
        headers = one.headers(one.token().json()["access_token"])
        answer = one.http.request("POST", one.base + HEADCOUNT, json=records(unit), headers=headers)
        assert answer.status == 200
    return other


@pytest.fixture
def forge(caller: Caller, globex: Caller) -> Forge:
    assert globex.tenant != caller.tenant
    return Forge(caller, caller.token().json()["access_token"])


@pytest.fixture
def visitor(caller: Caller) -> Visitor:
    made = Visitor(caller)
    made.sign_in()
    return made

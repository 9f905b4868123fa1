"""What the tests of the emulator share: somebody with curl, and a person's browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import urllib3
from tests.curl import Browser, Caller

from bridgehead.emulator import Emulator
from bridgehead.testing import Clock


@pytest.fixture
def caller(ukg_pro: Emulator, ukg_clock: Clock) -> Iterator[Caller]:
    with urllib3.PoolManager(retries=False) as http:
        yield Caller(ukg_pro, http, ukg_clock)


@pytest.fixture
def browser(caller: Caller) -> Browser:
    return Browser(caller)

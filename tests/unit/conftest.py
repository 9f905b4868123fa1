"""What the unit tests share: one table session, since opening one costs more than most tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridgehead.compare.accepted import prepare
from bridgehead.tables import Session


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Session(temp_directory=str(tmp_path_factory.mktemp("spill"))) as opened:
        prepare(opened)
        yield opened

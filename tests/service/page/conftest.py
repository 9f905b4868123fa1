"""A page over a desk's ledger, and analysts who look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.analyst import PEOPLE, Analyst, page_of, some_lines
from tests.conftest import Desk

from bridgehead.testing import Clock


@pytest.fixture
def office(desk: Desk) -> Desk:
    """Acme's plans wait for a person, Globex's do not; Ann decides for Acme, Vic looks at it, Gil sees Globex."""
    configure(desk)
    desk.plan(*some_lines())
    desk.plan(*some_lines(4), path="globex.csv")
    return desk


def configure(desk: Desk, *sections: str, people: str = PEOPLE, **acme: str) -> None:
    own = {"approval": "required", **acme}
    desk.configure(
        desk.environment(**own),
        desk.feed(),
        desk.environment("globex"),
        desk.feed("globex", "globex.csv"),
        *sections,
        people,
    )


@pytest.fixture
def where(office: Desk) -> Iterator[str]:
    """Return where the page is."""
    with page_of(office) as address:
        yield address


@pytest.fixture
def nobody(office: Desk, where: str) -> Analyst:
    """Return somebody who has not signed in."""
    return Analyst(office.http, where)


@pytest.fixture
def ann(office: Desk, where: str) -> Analyst:
    """Return who decides for Acme."""
    made = Analyst(office.http, where)
    assert made.sign_in("ann").status == 303
    return made


@pytest.fixture
def vic(office: Desk, where: str) -> Analyst:
    """Return who looks at Acme."""
    made = Analyst(office.http, where)
    assert made.sign_in("vic").status == 303
    return made


@pytest.fixture
def gil(office: Desk, where: str) -> Analyst:
    """Return who sees Globex."""
    made = Analyst(office.http, where)
    assert made.sign_in("gil").status == 303
    return made


@pytest.fixture
def clock() -> Clock:
    """Return a clock that the page goes by."""
    return Clock()

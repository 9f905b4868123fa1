"""One number's whole life: every run that touched it, from which row of which file, who approved it, what UKG said."""

from __future__ import annotations

import tempfile
from contextlib import closing
from threading import BoundedSemaphore

from starlette.responses import Response

from bridgehead.answering.lives import READ, Lives, lives_of, wanted_of
from bridgehead.errors import ConfigError
from bridgehead.projection import DIMENSIONS
from bridgehead.service.web.visits import Visit, signed_in
from bridgehead.service.web.words import ACTIONS, OUTCOMES
from bridgehead.tables import Session
from bridgehead.tenant import Choice, open_ledger

_AT_ONCE = BoundedSemaphore(2)
"""Looking through all runs takes memory: so many people do so at once."""

_PATIENCE = 20.0


@signed_in
def show(visit: Visit) -> Response:
    """`GET /feeds/.../number`: a form for where the number stands in the plan, and its life; what is empty is any."""
    seen = visit.look(visit.feed())
    given = {name: visit.call.request.query_params.get(name, "").strip() for name in DIMENSIONS}
    asked = [f"{name}={value}" for name, value in given.items() if value]
    found, wrong, status = None, "", 200
    if asked:
        try:
            found = _lives(visit, seen.choice, asked)
        except ConfigError as unclear:
            wrong, status = _plainly(f"{unclear.message} {unclear.cure}"), 400
        else:
            wrong = "" if found is not None else "Others are looking through the ledger at this moment. Try again."
    return visit.page(
        "number",
        title=f"History of a number, {seen.name}",
        status=status,
        seen=seen,
        given=given,
        found=found,
        wrong=wrong,
        actions=ACTIONS,
        outcomes=OUTCOMES,
        read=READ,
    )


def _lives(visit: Visit, choice: Choice, asked: list[str]) -> Lives | None:
    """Return the lives of the cells that fit; None where too many people ask at once."""
    wanted = wanted_of(asked)
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        return None
    try:
        with (
            tempfile.TemporaryDirectory(prefix="bridgehead-") as spill,
            Session(temp_directory=spill, memory_limit=visit.config.memory_limit) as session,
            closing(open_ledger(choice, visit.call.house.clock)) as ledger,
        ):
            return lives_of(ledger, session, wanted)
    finally:
        _AT_ONCE.release()


def _plainly(words: str) -> str:
    """Return what is wrong without the options of the command line."""
    for end in (" Or let all of them be written", "; for instance: --key"):
        words = words.partition(end)[0]
    return words.removeprefix("--key: ").rstrip(".") + "."

"""Did it arrive? Read back what UKG holds, and compare it with what it accepted."""

from __future__ import annotations

import msgspec

from bridgehead.compare.accepted import held_parts, prepare
from bridgehead.compare.differences import write_owned
from bridgehead.compare.drift import Difference, add_remote, drift, stage_remote
from bridgehead.feed import Feed
from bridgehead.ports import Ledger, Target
from bridgehead.tables import Session


class Verdict(msgspec.Struct, frozen=True):
    """What reading back found. compared: how many projections UKG holds of what the feed owns, says the ledger.

    unsettled: a run died and its batches in doubt were not settled yet, so differences may come from there.
    """

    compared: int
    read: int
    differences: tuple[Difference, ...]
    unsettled: bool


def verify(feed: Feed, target: Target, ledger: Ledger, session: Session) -> Verdict:
    """Read back the part that the feed owns, and name every cell that is missing, extra or different."""
    terms = target.open()
    prepare(session)
    unsettled = ledger.unfinished(session) is not None
    ledger.snapshot(session)
    owned = feed.owns or held_parts(session)
    write_owned(session, owned)
    stage_remote(session)
    for page in target.read(owned):
        add_remote(session, page, terms.names)
    return Verdict(
        compared=session.value(
            "SELECT count(*) FROM accepted WHERE NOT retired AND is_owned(scenario, version, period_start)"
        ),
        read=session.value("SELECT count(*) FROM remote"),
        differences=tuple(drift(session)),
        unsettled=unsettled,
    )

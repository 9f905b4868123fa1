"""What a notice has with it: the page of the plan that waits."""

from __future__ import annotations

from contextlib import closing

import msgspec

from bridgehead.agenda import Notice
from bridgehead.cli.options import place_of
from bridgehead.cli.page import page
from bridgehead.config import Config
from bridgehead.errors import BridgeheadError
from bridgehead.tenant import choose, open_ledger


def page_of(config: Config, notice: Notice) -> str:
    """Return the plan that a notice is about as a page; empty where it is about none, or the plan is gone."""
    plan = msgspec.json.decode(notice.document).get("plan", "")
    if not plan:
        return ""
    try:
        choice = choose(config, notice.tenant, notice.environment, notice.feed)
        with closing(open_ledger(choice)) as ledger:
            found = next((one for one in ledger.proposals.all() if one.name == plan), None)
    except BridgeheadError:
        return ""
    return page(place_of(config, choice), found.plan, None, proposal=found) if found is not None else ""

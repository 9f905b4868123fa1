"""dlt with a custom destination and dictionaries, its most usual form. Fair: its defaults, but 1000 items a call.

dlt writes every row to a load package on disk first, types it and counts it, and so can resume after a crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
import orjson
import requests

from bench.peers.wire import BATCH, HEADERS, asked, batches


def main() -> None:
    """Load a planning file."""
    url, file = asked()
    session = requests.Session()
    session.headers.update(HEADERS)

    @dlt.resource(name="headcount")
    def planned() -> Iterator[list[dict[str, Any]]]:
        yield from batches(file)

    @dlt.destination(name="ukg", batch_size=BATCH)
    def ukg(items: list[dict[str, Any]], _table: dict[str, Any]) -> None:
        session.post(url, data=orjson.dumps({"records": items}), timeout=60).raise_for_status()

    dlt.pipeline("headcount", pipelines_dir="pipelines", destination=ukg).run(planned()).raise_on_failed_jobs()


if __name__ == "__main__":
    main()

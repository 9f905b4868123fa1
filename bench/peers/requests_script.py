"""The script that everybody writes first: `requests`, one request after the other. A fair floor for effort, not speed.

It stops at the first refusal, and sends everything again the next time.
"""

from __future__ import annotations

import requests

from bench.peers.wire import HEADERS, asked, batches


def main() -> None:
    """Post a planning file."""
    url, file = asked()
    with requests.Session() as session:
        session.headers.update(HEADERS)
        for batch in batches(file):
            session.post(url, json={"records": batch}, timeout=60).raise_for_status()


if __name__ == "__main__":
    main()

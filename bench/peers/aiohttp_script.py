"""The script that somebody writes who knows how: aiohttp and orjson, 8 requests at once. Nothing in Python is leaner.

It checks nothing and remembers nothing, so bridgehead, which does both, is meant to come near it and not to pass it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp
import orjson

from bench.peers.wire import HEADERS, asked, batches

AT_ONCE = 8


async def deliver(session: aiohttp.ClientSession, url: str, waiting: Iterator[list[dict[str, Any]]]) -> None:
    """Take one batch after the other from those that wait, and post it."""
    for batch in waiting:
        async with session.post(url, data=orjson.dumps({"records": batch})) as answer:
            answer.raise_for_status()
            await answer.read()


async def main() -> None:
    """Post a planning file."""
    url, file = asked()
    waiting = batches(file)
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        await asyncio.gather(*(deliver(session, url, waiting) for _ in range(AT_ONCE)))


if __name__ == "__main__":
    asyncio.run(main())

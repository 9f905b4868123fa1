"""A round: every tenant's feeds, the tenants at once and each by itself, with a verdict for every feed.

A tenant whose UKG hangs, refuses or throttles waits in a thread of its own; what needs processors is done at so many
desks at once. The feeds of one tenant go one after the other, since they share its lease.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import BoundedSemaphore

from bridgehead.config import Config
from bridgehead.ended import Ended
from bridgehead.events import Event
from bridgehead.tenant import Choice, choose
from bridgehead.ukg.tokens import TokenCache
from bridgehead.unattended import Circumstances, sync_feed


def sync_round(
    config: Config,
    tenants: Sequence[str],
    *,
    owner: str,
    desks: int,
    halt: Callable[[], BaseException | None],
    on_event: Callable[[Choice, Event], object] = lambda _choice, _event: None,
    on_wait: Callable[[Choice, str, float], object] = lambda _choice, _why, _seconds: None,
    verifying: bool = True,
) -> Iterator[Ended]:
    """Sync the feeds of some tenants, each in its default environment; yield each verdict as soon as there is one.

    owner: who runs, for the lease. desks: how many feeds at once are read and compared. on_event, on_wait: told what
    happens, from several threads. halt: asked again and again; what it returns ends every feed's run.
    """
    circumstances = Circumstances(
        owner,
        halt=halt,
        on_event=on_event,
        on_wait=on_wait,
        verifying=verifying,
        tokens=TokenCache(),
        desk=BoundedSemaphore(max(1, desks)),
    )
    ended: SimpleQueue[Ended | None] = SimpleQueue()

    def of(tenant: str) -> None:
        try:
            for feed in config.tenants[tenant].feeds:
                ended.put(sync_feed(choose(config, tenant, None, feed), circumstances))
        finally:
            ended.put(None)

    with ThreadPoolExecutor(max(1, len(tenants)), thread_name_prefix="tenant") as pool:
        waiting = [pool.submit(of, tenant) for tenant in tenants]
        for _ in waiting:
            while (one := ended.get()) is not None:
                yield one
        for done in waiting:
            done.result()

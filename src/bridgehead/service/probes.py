"""What a monitor asks: is the scheduler alive, what does it count. Nobody signs in for it, and no plan is in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bridgehead.service.metrics import Metrics
from bridgehead.service.scheduler import Scheduler

_ALIVE = timedelta(seconds=60)
"""A scheduler that has not looked for so long hangs, or cannot read its ledger."""


def is_alive(scheduler: Scheduler) -> bool:
    """Whether the scheduler has looked lately what is due."""
    ticked_at = scheduler.ticked_at
    return ticked_at is not None and scheduler.clock() - ticked_at < _ALIVE


def probes(scheduler: Scheduler, metrics: Metrics) -> list[Route]:
    """Return the routes."""
    return [Route("/health", _health(scheduler)), Route("/metrics", _metrics(scheduler, metrics))]


def _health(scheduler: Scheduler) -> Callable[[Request], Response]:
    def health(_request: Request) -> Response:
        alive, wrong = is_alive(scheduler), scheduler.watched.wrong
        told = {
            "status": "ok" if alive else "hangs",
            "ticked_at": scheduler.ticked_at.isoformat(timespec="seconds") if scheduler.ticked_at else None,
            "feeds": len(scheduler.watched.feeds),
            "under_way": len(scheduler.under_way()),
            "stopping": scheduler.stopping.is_set(),
            "configuration": wrong.message if wrong is not None else "ok",
        }
        return JSONResponse(told, 200 if alive else 503)

    return health


def _metrics(scheduler: Scheduler, metrics: Metrics) -> Callable[[Request], Response]:
    def figures(_request: Request) -> Response:
        if scheduler.ticked_at is not None:
            metrics.tick.set(scheduler.ticked_at.timestamp())
        metrics.under_way.set(len(scheduler.under_way()))
        metrics.configuration.set(scheduler.watched.wrong is None)
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return figures

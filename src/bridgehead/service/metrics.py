"""Figures for Prometheus: how runs ended, how long they took, what waits, and whether the scheduler is alive."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bridgehead.ended import Ended, worst
from bridgehead.errors import PlanRejected
from bridgehead.events import Event
from bridgehead.service.due import Why
from bridgehead.tenant import Choice

_FEED = ("tenant", "environment", "feed")
_SECONDS = (0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


class Metrics:
    """The figures of one scheduler, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._codes: dict[tuple[str, str, str], int] = {}
        self._runs = self._counter("runs", "Runs that have ended, by how they did.", *_FEED, "state")
        self._records = self._counter("records", "Records that UKG answered.", *_FEED, "answer")
        self._seconds = Histogram(
            "bridgehead_run_seconds",
            "How long runs took.",
            _FEED,
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._exit_code = self._gauge("verdict", "Exit code of the last run: 0 is good.", *_FEED)
        self._success = self._gauge("last_success_timestamp_seconds", "When a run last ended well.", *_FEED)
        self._waiting = self._gauge("plan_waiting", "Whether a plan waits for a person.", *_FEED)
        self.tick = self._gauge("tick_timestamp_seconds", "When the scheduler last looked what is due.")
        self.under_way = self._gauge("runs_under_way", "Runs that are under way.")
        self.configuration = self._gauge("configuration_good", "Whether the configuration's file can be used.")

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"bridgehead_{name}", says, labels, registry=self.registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(f"bridgehead_{name}", says, labels, registry=self.registry)

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        return generate_latest(self.registry)

    def worst(self) -> int:
        """Return the worst exit code of the feeds' last runs."""
        return worst(list(self._codes.values()))

    def placed(self, choice: Choice, why: Why) -> None:
        """Count nothing yet: what counts is how it ends."""

    def happened(self, choice: Choice, event: Event) -> None:
        """Count nothing yet: what counts is how it ends."""

    def ended(self, choice: Choice, ended: Ended) -> None:  # noqa: ARG002 - the verdict names its feed
        """Count a run."""
        feed = (ended.tenant, ended.environment, ended.feed)
        self._runs.labels(*feed, ended.state).inc()
        self._records.labels(*feed, "accepted").inc(ended.accepted)
        self._records.labels(*feed, "rejected").inc(ended.rejected)
        self._seconds.labels(*feed).observe(ended.seconds)
        if ended.retry_in is not None:  # it goes on
            return
        self._codes[feed] = ended.exit_code
        self._exit_code.labels(*feed).set(ended.exit_code)
        self._waiting.labels(*feed).set(bool(ended.plan) and ended.state != PlanRejected.slug)
        if not ended.exit_code:
            self._success.labels(*feed).set_to_current_time()

    def said(self, level: str, words: str) -> None:
        """Count nothing: words are for the log."""

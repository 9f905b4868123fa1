"""Traces for OpenTelemetry: a span for each run, with one for planning, delivering and reading back inside it.

Needs the extra `otel`. Where they go is said in OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT).
"""

from __future__ import annotations

from threading import Lock

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context

from bridgehead.ended import Ended
from bridgehead.events import BatchAnswered, Event, Planned, RunFinished, RunStarted, Verified
from bridgehead.service.due import Why
from bridgehead.tenant import Choice

_Key = tuple[str, str, str]


class Traces:
    """Makes the spans. exporter: where they go; by default to the collector that the environment names."""

    def __init__(self, exporter: SpanExporter | None = None) -> None:
        self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "bridgehead"}))
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("bridgehead")
        self._lock = Lock()
        self._runs: dict[_Key, Span] = {}
        self._steps: dict[_Key, Span] = {}

    def close(self) -> None:
        """Send what was not sent yet."""
        self._provider.shutdown()

    def placed(self, choice: Choice, why: Why) -> None:
        """Begin a run's span."""
        key = _key(choice)
        span = self._tracer.start_span(
            "sync",
            attributes={
                "bridgehead.tenant": key[0],
                "bridgehead.environment": key[1],
                "bridgehead.feed": key[2],
                "bridgehead.why": why,
            },
        )
        with self._lock:
            self._runs[key] = span
        self._step(key, "plan")

    def happened(self, choice: Choice, event: Event) -> None:
        """Begin the next step, and note each batch."""
        key = _key(choice)
        match event:
            case Planned(plan):
                self._note(key, {"bridgehead.changes": plan.counts.changes})
            case RunStarted(run_id, records):
                self._note(key, {"bridgehead.run_id": run_id})
                self._step(key, "deliver", records=records)
            case BatchAnswered(receipt):
                with self._lock:
                    step = self._steps.get(key)
                if step is not None:
                    step.add_event("batch answered", {"number": receipt.number, "status": receipt.status})
            case RunFinished():
                self._step(key, "verify")
            case Verified(verdict):
                self._note(key, {"bridgehead.differences": len(verdict.differences)})

    def ended(self, choice: Choice, ended: Ended) -> None:
        """End the run's span."""
        key = _key(choice)
        with self._lock:
            step, run = self._steps.pop(key, None), self._runs.pop(key, None)
        if step is not None:
            step.end()
        if run is None:
            return
        run.set_attributes({"bridgehead.state": ended.state, "bridgehead.accepted": ended.accepted})
        if ended.exit_code and ended.retry_in is None:
            run.set_status(Status(StatusCode.ERROR, ended.state))
        run.end()

    def said(self, level: str, words: str) -> None:
        """Trace nothing: words are for the log."""

    def _step(self, key: _Key, name: str, **attributes: int) -> None:
        with self._lock:
            before, run = self._steps.pop(key, None), self._runs.get(key)
            if before is not None:
                before.end()
            if run is not None:
                self._steps[key] = self._tracer.start_span(name, set_span_in_context(run), attributes=attributes)

    def _note(self, key: _Key, attributes: dict[str, str | int]) -> None:
        with self._lock:
            run = self._runs.get(key)
        if run is not None:
            run.set_attributes(attributes)


def _key(choice: Choice) -> _Key:
    return choice.tenant, choice.environment, choice.feed_name

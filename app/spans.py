"""Spans recorded with OpenTelemetry and exported in the background. Loaded only where somebody wants them."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags, Tracer
from opentelemetry.trace import set_span_in_context as with_span

from app.service import tracing
from app.service.tracing import Kind

log = logging.getLogger("dragoman.traces")

_LAST_EXPORT = 3.0
"""Seconds that the end of the process waits for the last spans to be sent."""

_EXPORTERS: Mapping[str, Callable[[], SpanExporter]] = {"otlp": OTLPSpanExporter, "console": ConsoleSpanExporter}
_KINDS = {
    Kind.SERVER: SpanKind.SERVER,
    Kind.INTERNAL: SpanKind.INTERNAL,
    Kind.CONSUMER: SpanKind.CONSUMER,
    Kind.CLIENT: SpanKind.CLIENT,
}


def start(exporters: Sequence[str], environment: Mapping[str, str]) -> Callable[[], None]:
    if environment.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf") != "http/protobuf" and "otlp" in exporters:
        log.warning("traces are sent by http/protobuf only")
    provider = TracerProvider(resource=_resource(environment), shutdown_on_exit=False)
    for name in exporters:
        provider.add_span_processor(BatchSpanProcessor(_EXPORTERS[name]()))
    tracing.use(Spans(provider.get_tracer("dragoman")))

    def stop() -> None:
        tracing.use(None)
        # A daemon, since a collector that does not answer must not keep the process.
        ending = threading.Thread(target=provider.shutdown, name="dragoman-last-spans", daemon=True)
        ending.start()
        ending.join(_LAST_EXPORT)

    return stop


def _resource(environment: Mapping[str, str]) -> Resource:
    """What is passed wins over the environment, so a name is passed only where that has none."""
    named = "OTEL_SERVICE_NAME" in environment or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return Resource.create({} if named else {"service.name": "dragoman"})


class Spans:
    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def span(self, name: str, kind: Kind, facts: Mapping[str, Any]) -> AbstractContextManager[tracing.Span]:
        return _Open(self._tracer, name, kind, facts)


class _Open:
    def __init__(self, tracer: Tracer, name: str, kind: Kind, facts: Mapping[str, Any]) -> None:
        self._tracer = tracer
        self._name = name
        self._kind = kind
        self._facts = facts

    def __enter__(self) -> tracing.Span:
        self._span = self._tracer.start_span(
            self._name, _context(tracing.above()), _KINDS[self._kind], dict(self._facts), record_exception=False
        )
        self._carried = tracing.Carried(_text(self._span.get_span_context()))
        self._carried.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._carried.__exit__()
        if kind is not None:
            self.fail(kind.__qualname__)  # not its text, which may hold what somebody sent
        self._span.end()

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def tell(self, **facts: str | int | float) -> None:
        self._span.set_attributes(facts)

    def fail(self, why: str) -> None:
        self._span.set_attribute("error.type", why)
        self._span.set_status(Status(StatusCode.ERROR))


def _context(traceparent: str) -> Context:
    """Never the library's own current one: ours travels as text."""
    if not traceparent:
        return Context()
    _, trace, span, flags = traceparent.split("-")
    above = SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))
    return with_span(NonRecordingSpan(above), Context())


def _text(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

"""What becomes of a step that is recorded: its place in the trace, its facts, and how it failed."""

import asyncio
import re
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from app.dialects.native import mapping
from app.service import tracing
from app.spans import Spans
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant
from tests.live.following import until

_GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_PERSON = "Wilhelmina Vandersloot"


@pytest.fixture
def recorded() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(Spans(provider.get_tracer("test")))
    yield exporter
    tracing.use(None)
    provider.shutdown()


def _names(recorded: InMemorySpanExporter) -> list[str]:
    return [span.name for span in recorded.get_finished_spans()]


def _text(span: ReadableSpan) -> str:
    context = span.get_span_context()
    assert context is not None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-01"


def _parent(span: ReadableSpan) -> str:
    assert span.parent is not None
    return f"{span.parent.span_id:016x}"


async def _step(name: str) -> str:
    with tracing.span(name):
        await asyncio.sleep(0)
        return tracing.current()


async def test_steps_are_under_what_they_are_in(recorded: InMemorySpanExporter) -> None:
    with tracing.Carried(_GIVEN):
        with tracing.span("outer", tracing.Kind.SERVER, a=1):
            outer = tracing.current()
            inner = await asyncio.gather(*(_step(f"inner{n}") for n in range(2)))
            assert tracing.current() == outer
        assert tracing.current() == _GIVEN
    spans = {span.name: span for span in recorded.get_finished_spans()}
    assert [_text(spans[name]) for name in ("outer", "inner0", "inner1")] == [outer, *inner]
    above = [_parent(spans[name]) for name in ("outer", "inner0", "inner1")]
    assert above == [_GIVEN.split("-")[2], outer.split("-")[2], outer.split("-")[2]]
    assert (spans["outer"].kind, dict(spans["outer"].attributes or {})) == (SpanKind.SERVER, {"a": 1})


def test_an_exception_is_a_failure_by_its_kind_alone(recorded: InMemorySpanExporter) -> None:
    with pytest.raises(KeyError), tracing.span("x"):
        raise KeyError(_PERSON)
    [span] = recorded.get_finished_spans()
    assert (span.status.status_code, span.events) == (StatusCode.ERROR, ())
    assert dict(span.attributes or {}) == {"error.type": "KeyError"}
    assert _PERSON not in span.to_json()


def test_a_fault_of_ours_is_a_failed_request(
    tenant: Tenant, recorded: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError(_PERSON)

    order = tenant.create()
    recorded.clear()
    monkeypatch.setattr(mapping, "from_order", fail)
    assert tenant.send(Wire("GET", f"/api/orders/{order['id']}")).status_code == 500
    until(lambda: _names(recorded) == ["native get_order"], "the span")
    [span] = recorded.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    facts = dict(span.attributes or {})
    assert (facts["error.type"], facts["dragoman.outcome"]) == ("500", "internal_error")
    assert _PERSON not in span.to_json()
    assert order["id"] not in span.to_json()


def test_operators_routes_are_named_too(tenant: Tenant, recorded: InMemorySpanExporter) -> None:
    tenant.send(Wire("GET", "/health/live"))
    until(lambda: _names(recorded) == ["http"], "the span")


def test_what_is_made_up_is_not_recorded_under_a_recorder(recorded: InMemorySpanExporter) -> None:
    """A task of a time without one, say: it goes on as it was."""
    with tracing.Carried(""):
        made_up = tracing.current()
        with tracing.span("x"):
            assert re.fullmatch(f"00-{made_up.split('-')[1]}-[0-9a-f]{{16}}-0[02]", tracing.current())
    assert _names(recorded) == []

"""The trace that is handed on: what comes in goes out; what is not there is made up, once."""

import asyncio
import contextvars
import re

import pytest

from app import observing
from app.service import tracing

_GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (_GIVEN, _GIVEN),
        ("cc" + _GIVEN[2:], _GIVEN),
        ("cc" + _GIVEN[2:] + "-what-is-to-come", _GIVEN),
        (
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        ),
        (_GIVEN + "-more", ""),
        ("ff" + _GIVEN[2:], ""),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", ""),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", ""),
        (_GIVEN.upper(), ""),
        (_GIVEN[:-1], ""),
        (f" {_GIVEN}", ""),
        (f"{_GIVEN}\n", ""),
        ("", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_what_is_read(text: object, read: str) -> None:
    assert tracing.read(text) == read


def test_one_is_made_up_where_there_is_none_and_then_kept() -> None:
    def two() -> list[str]:
        assert tracing.above() == ""
        return [tracing.current(), tracing.current(), tracing.above()]

    first, second = (contextvars.Context().run(two) for _ in range(2))
    assert len(set(first)) == len(set(second)) == 1
    assert first != second
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", first[0])
    assert tracing.read(first[0]) == first[0]


async def test_it_is_carried_and_then_put_down() -> None:
    with tracing.Carried(_GIVEN):
        assert tracing.current() == _GIVEN
        assert await asyncio.create_task(_current()) == _GIVEN
        with tracing.Carried(""):
            assert tracing.current() != _GIVEN
        assert tracing.current() == _GIVEN
    assert tracing.above() == ""


async def _current() -> str:
    return tracing.current()


def test_a_span_that_nobody_records_does_nothing() -> None:
    assert not tracing.recording()
    with tracing.Carried(_GIVEN), tracing.span("x", tracing.Kind.CLIENT, a=1) as span:
        span.rename("y")
        span.tell(b=2)
        span.fail("z")
        assert tracing.current() == _GIVEN


_ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    ("environment", "exporters"),
    [
        ({}, ()),
        ({"OTEL_SERVICE_NAME": "x", "OTEL_TRACES_SAMPLER": "always_on"}, ()),
        (_ENDPOINT, ("otlp",)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, ("otlp",)),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ("otlp",)),
        ({"OTEL_TRACES_EXPORTER": "console, OTLP"}, ("otlp", "console")),
        ({"OTEL_TRACES_EXPORTER": "none", **_ENDPOINT}, ()),
        ({"OTEL_TRACES_EXPORTER": "", **_ENDPOINT}, ("otlp",)),
        ({"OTEL_SDK_DISABLED": "TRUE", "OTEL_TRACES_EXPORTER": "otlp", **_ENDPOINT}, ()),
        ({"OTEL_SDK_DISABLED": "false", **_ENDPOINT}, ("otlp",)),
    ],
)
def test_the_standard_variables_say_whether(environment: dict[str, str], exporters: tuple[str, ...]) -> None:
    assert observing.wanted(environment) == exporters


def test_an_unknown_exporter_is_told_and_left_out(caplog: pytest.LogCaptureFixture) -> None:
    assert observing.wanted({"OTEL_TRACES_EXPORTER": "zipkin,console"}) == ("console",)
    assert "no such exporter" in caplog.text


def test_nothing_is_started_that_nobody_wants() -> None:
    observing.start({})()
    assert not tracing.recording()

"""Around every request: its id, its trace, its log line, its metrics. Plain ASGI; body and answer pass untouched."""

import logging
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.service import tracing
from app.service.chance import CHANCE
from app.web import metrics
from app.web.trace import Trace

log = logging.getLogger("dragoman.request")

_LONGEST_ID = 128
_ALIKE = vars(logging.makeLogRecord({"name": log.name, "levelno": logging.INFO, "levelname": "INFO", "msg": "request"}))
_STARTS = frozenset({"http.response.start", "websocket.http.response.start", "websocket.accept"})
_SWITCHED = 101
_REFUSED = 403
_OUR_FAULT = 500


class _Line(logging.LogRecord):
    """The log's record of a request. The library would find out anew for each what is alike in all of them, which costs
    more than writing the line."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.__dict__.update(_ALIKE, created=time.time(), facts=facts)


class Requests:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        trace = Trace(_request_id(scope))
        trace.attach(scope)
        header = (b"x-request-id", trace.request_id.encode())
        status = _REFUSED if scope["type"] == "websocket" else 500  # what it is if no answer is begun

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] in _STARTS:
                status = message.get("status", _SWITCHED)
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        with tracing.Carried(_traceparent(scope)), tracing.span("request", tracing.Kind.SERVER) as span:
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                _report(scope, trace, status, time.perf_counter() - started)
                if tracing.recording():
                    _tell(span, scope, trace, status)


class RequestIdAs:
    """Repeats the request's id in one more header of every reply of a face, under the name that a partner knows."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._name = name.lower().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        header = (self._name, Trace.of(scope).request_id.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] in _STARTS:
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        await self._app(scope, receive, send_with_id)


def _request_id(scope: Scope) -> str:
    """The caller's own, if it is one that can stand in a log line; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given: str = value.decode("latin-1")
            if 0 < len(given) <= _LONGEST_ID and given.isascii() and given.isprintable():
                return given
    return f"{CHANCE.getrandbits(128):032x}"


def _traceparent(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return tracing.read(value.decode("latin-1"))
    return ""


def _tell(span: tracing.Span, scope: Scope, trace: Trace, status: int) -> None:
    span.rename(f"{trace.dialect} {trace.operation}" if trace.operation else scope["type"])
    span.tell(
        **{
            "http.request.method": scope.get("method", "GET"),
            "http.response.status_code": status,
            "dragoman.request_id": trace.request_id,
            "dragoman.tenant": trace.tenant_id,
            "dragoman.credential": trace.credential_id,
            "dragoman.outcome": trace.outcome,
        }
    )
    if status >= _OUR_FAULT:
        span.fail(str(status))


def _report(scope: Scope, trace: Trace, status: int, seconds: float) -> None:
    dialect, operation = trace.dialect or "none", trace.operation or "none"
    outcome = trace.outcome if trace.operation else str(status)
    if scope["type"] == "http" and not trace.endless:  # how long a WebSocket was open says nothing either
        metrics.observe(dialect, operation, outcome, seconds)
    if log.isEnabledFor(logging.INFO):
        facts: dict[str, Any] = {
            "request_id": trace.request_id,
            "tenant": trace.tenant_id,
            "credential": trace.credential_id,
            "dialect": dialect,
            "operation": operation,
            "method": scope.get("method", "WEBSOCKET"),
            "status": status,
            "outcome": outcome,
            "ms": round(seconds * 1000, 2),
        }
        log.handle(_Line(facts))

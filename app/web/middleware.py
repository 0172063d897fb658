"""Around every request: its id, its log line, its metrics. Plain ASGI; the body and the answer pass untouched."""

import logging
import random
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web import metrics
from app.web.trace import Trace

log = logging.getLogger("dragoman.request")

_LONGEST_ID = 128


class Requests:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        trace = Trace(_request_id(scope))
        trace.attach(scope)
        header = (b"x-request-id", trace.request_id.encode())
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], header]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            _report(scope, trace, status, time.perf_counter() - started)


class RequestIdAs:
    """Repeats the request's id in one more header of every reply of a face, under the name that a partner knows."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._name = name.lower().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        header = (self._name, Trace.of(scope).request_id.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], header]
            await send(message)

        await self._app(scope, receive, send_with_id)


def _request_id(scope: Scope) -> str:
    """The caller's own, if it is one that can stand in a log line; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given: str = value.decode("latin-1")
            if 0 < len(given) <= _LONGEST_ID and given.isascii() and given.isprintable():
                return given
    return f"{random.getrandbits(128):032x}"


def _report(scope: Scope, trace: Trace, status: int, seconds: float) -> None:
    dialect, operation = trace.dialect or "none", trace.operation or "none"
    outcome = trace.outcome if trace.operation else str(status)
    metrics.observe(dialect, operation, outcome, seconds)
    if log.isEnabledFor(logging.INFO):
        facts: dict[str, Any] = {
            "request_id": trace.request_id,
            "tenant": trace.tenant_id,
            "credential": trace.credential_id,
            "dialect": dialect,
            "operation": operation,
            "method": scope["method"],
            "status": status,
            "outcome": outcome,
            "ms": round(seconds * 1000, 2),
        }
        log.info("request", extra={"facts": facts})

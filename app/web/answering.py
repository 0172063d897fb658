"""What all applications of a dialect have in common: whatever happens under the prefix is answered in its own words."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from starlette.types import Message, Receive, Scope, Send

from app.core.refusal import Refusal
from app.service.rates import Allowance
from app.web.faults import Fault, FaultCode, Problem
from app.web.reply import Reply, Stream
from app.web.trace import Trace

log = logging.getLogger("dragoman.web")


class Words(Protocol):
    """A dialect's personality: where its key is, how its errors look, what it adds to every reply."""

    dialect: str

    def key(self, headers: Mapping[bytes, bytes]) -> str | None: ...

    def error(self, problem: Problem) -> Reply: ...

    def headers(self, request: Mapping[bytes, bytes]) -> Mapping[str, str]: ...

    def allowance(self, allowance: Allowance) -> Mapping[str, str]:
        """Headers of every reply to a caller whose requests are limited."""
        ...


class Answering(ABC):
    def __init__(self, words: Words) -> None:
        self._answering = words

    @abstractmethod
    async def answer(self, scope: Scope, receive: Receive, trace: Trace) -> Reply | Stream:
        """To an HTTP request. Raises Refusal and Fault; whatever else it raises is a fault of ours."""

    def worded(self, problem: Problem, headers: Mapping[bytes, bytes]) -> Reply:
        """`headers` are the request's."""
        return self._answering.error(problem)

    async def socket(self, scope: Scope, receive: Receive, send: Send, trace: Trace) -> None:
        """Takes a WebSocket, or raises as `answer` while nothing has been sent."""
        raise Fault(FaultCode.NO_ROUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        trace = Trace.of(scope)
        trace.dialect = self._answering.dialect
        answer: Reply | Stream
        try:
            if scope["type"] == "websocket":
                await self.socket(scope, receive, send, trace)
                return
            answer = await self.answer(scope, receive, trace)
        except (Refusal, Fault) as problem:
            trace.outcome = problem.code.value
            answer = self.worded(problem, headers)
            if isinstance(problem, Fault) and problem.allow is not None:
                answer = replace(answer, headers={**answer.headers, "Allow": problem.allow})
        except Exception:
            _unexpected(trace)
            answer = self.worded(Fault(FaultCode.INTERNAL), headers)
        try:
            extra = self._answering.headers(headers)
            if trace.allowance is not None:
                extra = {**extra, **self._answering.allowance(trace.allowance)}
            await answer.send(_denial(send) if scope["type"] == "websocket" else send, extra)
        except Exception:
            _unexpected(trace)
            raise  # midway through a stream: the server cuts the connection, so that the client sees an end too early


def _unexpected(trace: Trace) -> None:
    log.exception("unexpected error", extra={"facts": {"request_id": trace.request_id}})
    trace.outcome = FaultCode.INTERNAL.value


def _denial(send: Send) -> Send:
    """An HTTP answer to a WebSocket's handshake, as ASGI's extension `websocket.http.response` has it."""

    async def send_denial(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return send_denial

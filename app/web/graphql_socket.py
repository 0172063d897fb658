"""GraphQL over WebSocket, one connection: who it is, and the operations that run on it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

from graphql import GraphQLError, OperationType
from starlette.types import Receive, Scope, Send

from app.core.refusal import Code, Refusal
from app.service.access import Caller
from app.web import decode, metrics
from app.web.dialect import Services
from app.web.faults import Fault, FaultCode
from app.web.graphql_call import Call
from app.web.graphql_documents import Unfit
from app.web.graphql_engine import Answer, Engine
from app.web.graphql_request import Asked, from_value
from app.web.graphql_wire import (
    FORBIDDEN,
    INTERNAL,
    INVALID,
    TAKEN,
    TIMED_OUT,
    TOO_MANY,
    TRY_AGAIN,
    UNAUTHORIZED,
    Closed,
    Wire,
)
from app.web.graphql_words import Words, Wrong
from app.web.trace import Trace

log = logging.getLogger("dragoman.web")

Authenticate = Callable[[str | None], Awaitable[Caller]]
"""From the text that `Words.key` found. Raises as `Access.authenticate`, which it is unless the dialect has its own."""

KEY = "idempotencyKey"
"""Of an operation's `extensions`, since there are no headers to put it in; `idempotencyReplayed` answers it."""

_PASSING = frozenset({Code.BUSY, Code.UNAVAILABLE, Code.TIMED_OUT})
_LONGEST_ID = 255
_T = TypeVar("_T")


class Socket:
    """The key is that of the handshake's headers or of the first message's payload, under the same name."""

    def __init__(
        self,
        engine: Engine,
        services: Services,
        words: Words,
        authenticate: Authenticate,
        *,
        scope: Scope,
        trace: Trace,
    ) -> None:
        self._engine = engine
        self._services = services
        self._words = words
        self._authenticate = authenticate
        self._scope = scope
        self._trace = trace
        self._limits = services.graphql
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._unharmed: set[asyncio.Task[Any]] = set()

    async def run(self, receive: Receive, send: Send) -> None:
        self._wire = Wire(self._scope, receive, send, self._limits.send_timeout)
        try:
            await self._wire.accept()
            await self._greet()
            async with asyncio.TaskGroup() as self._group:
                self._group.create_task(self._watch_key())
                await self._listen()
        except* Closed as ends:
            await self._end(ends)
        except* Exception:
            log.exception("unexpected error", extra={"facts": {"request_id": self._trace.request_id}})
            self._trace.outcome = FaultCode.INTERNAL.value
            await self._wire.close(INTERNAL, "Internal server error")
        finally:
            if self._unharmed:
                await asyncio.wait(self._unharmed)

    async def _end(self, ends: BaseExceptionGroup[Closed]) -> None:
        """Several operations may have found out at the same time; one reason is enough."""
        end: Any = ends
        while isinstance(end, BaseExceptionGroup):
            end = end.exceptions[0]
        if end.code is not None:
            self._trace.outcome = str(end.code)
            await self._wire.close(end.code, end.reason)

    async def _greet(self) -> None:
        try:
            async with asyncio.timeout(self._limits.init_timeout):
                while (message := await self._wire.receive())["type"] != "connection_init":
                    if message["type"] == "subscribe":
                        raise Closed(UNAUTHORIZED, "Unauthorized")
                    await self._answer_ping(message)
        except TimeoutError:
            raise Closed(TIMED_OUT, "Connection initialisation timeout") from None
        self._key = self._words.key({**self._headers, **_as_headers(message.get("payload"))})
        await self._recognise()
        await self._wire.send("connection_ack")

    async def _recognise(self) -> None:
        try:
            self._caller = await self._authenticate(self._key)
        except Refusal as refusal:
            raise Closed(
                TRY_AGAIN if refusal.code in _PASSING else FORBIDDEN, self._words.shown(refusal).message
            ) from None  # fmt: skip
        self._trace.tenant_id, self._trace.credential_id = self._caller.tenant_id, self._caller.credential_id

    async def _watch_key(self) -> None:
        """A key that is revoked or expires ends what it began."""
        while True:
            await asyncio.sleep(self._limits.key_check)
            try:
                await self._recognise()
            except Closed as end:
                if end.code != TRY_AGAIN:
                    raise

    async def _listen(self) -> None:
        while True:
            message = await self._wire.receive()
            kind = message["type"]
            if kind == "subscribe":
                await self._subscribe(message)
            elif kind == "complete":
                task = self._operations.pop(_id_of(message), None)
                if task is not None:
                    task.cancel()
            elif kind == "connection_init":
                raise Closed(TOO_MANY, "Too many initialisation requests")
            else:
                await self._answer_ping(message)

    async def _answer_ping(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "ping":
            await self._wire.send("pong", payload=message.get("payload"))
        elif message["type"] != "pong":
            raise Closed(INVALID, "Invalid message: no such type")

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        id_ = _id_of(message)
        try:
            asked = from_value(message.get("payload"))
        except Fault:
            raise Closed(INVALID, "Invalid message: its payload is no GraphQL request") from None
        if id_ in self._operations:
            raise Closed(TAKEN, f"Subscriber for {id_} already exists")
        if max(len(self._operations), len(self._unharmed)) >= self._limits.operations:
            told = f"At most {self._limits.operations} operations at a time."
            await self._fail(id_, self._engine.unfit(Unfit(Wrong.OPERATION, [GraphQLError(told)])))
            return
        self._operations[id_] = self._group.create_task(self._operate(id_, asked))

    async def _operate(self, id_: str, asked: Asked) -> None:
        try:
            done = await self._run(id_, asked)
        except Unfit as unfit:
            done = await self._fail(id_, self._engine.unfit(unfit))
        except (Refusal, Fault) as problem:
            done = await self._fail(id_, self._engine.refused(problem))
        # The client may have ended it meanwhile, and begun another under the same id.
        if self._operations.get(id_) is asyncio.current_task():
            del self._operations[id_]
            if done:
                await self._wire.send("complete", id_)

    async def _run(self, id_: str, asked: Asked) -> bool:
        """False after an error message, which ends the operation by itself. Raises Unfit, Fault, Closed."""
        self._trace.known(self._caller, self._services.rates)
        prepared, operation = self._engine.prepare(asked)
        call = self._call(asked)
        if operation.kind is OperationType.SUBSCRIPTION:
            async with aclosing(self._engine.subscribe(prepared, asked, call)) as answers:
                async for answer in answers:
                    if not await self._next(id_, answer):
                        return False
            return True
        began = time.perf_counter()
        answer = await self._unharmed_by_the_end(self._engine.execute(prepared, asked, call))
        metrics.observe(self._words.dialect, operation.label, answer.outcome, time.perf_counter() - began)
        if call.replayed:
            answer.body["extensions"] = {"idempotencyReplayed": True}
        return await self._next(id_, answer)

    async def _next(self, id_: str, answer: Answer) -> bool:
        if "data" not in answer.body:
            return await self._fail(id_, answer)
        await self._wire.send("next", id_, answer.body)
        return True

    async def _fail(self, id_: str, answer: Answer) -> bool:
        await self._wire.send("error", id_, answer.body["errors"])
        return False

    async def _unharmed_by_the_end(self, work: Coroutine[Any, Any, _T]) -> _T:
        """A change that has begun is not stopped midway because the client went: nobody could say what became of it."""
        task = asyncio.ensure_future(work)
        self._unharmed.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._unharmed.discard(task)
        if not task.cancelled():
            task.exception()  # which nobody may be there to hear of any more

    def _call(self, asked: Asked) -> Call:
        given = asked.extensions.get(KEY)
        return Call(
            self._services,
            self._caller,
            self._words.dialect,
            asked,
            headers=self._headers,
            key=None if given is None else decode.check_idempotency_key(given, KEY),
            request_id=self._trace.request_id,
        )


def _id_of(message: Mapping[str, Any]) -> str:
    id_ = message.get("id")
    if not isinstance(id_, str) or not 0 < len(id_) <= _LONGEST_ID:
        raise Closed(INVALID, "Invalid message: its id must be a text")
    return id_


def _as_headers(payload: Any) -> dict[bytes, bytes]:
    """A browser cannot set headers of a WebSocket, so the first message's payload stands in for them."""
    if not isinstance(payload, dict):
        return {}
    return {
        name.lower().encode("latin-1", "replace"): value.encode("latin-1", "replace")
        for name, value in payload.items()
        if isinstance(value, str)
    }

"""One REST operation, the same in every dialect: authenticate, decode, run, encode; errors in the dialect's words."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import unquote

from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from app.core.messages import Command, CreateOrder
from app.core.ports import Ref
from app.core.refusal import Refusal
from app.service.access import Caller
from app.service.desk import Done, Once
from app.web import decode, reply
from app.web.dialect import Services
from app.web.faults import Fault, FaultCode, Problem
from app.web.paths import Paths
from app.web.reply import Reply, Stream
from app.web.trace import Trace

log = logging.getLogger("dragoman.web")

B = TypeVar("B", bound=BaseModel)
Q = TypeVar("Q", bound=BaseModel)


class Nothing(decode.Body):
    """For operations without a body, or without a query."""


NOTHING = Nothing()
_DOCUMENT = ["", "openapi.json"]


class Words(Protocol):
    """A dialect's personality: where its key is, how its errors look, what it adds to every reply."""

    dialect: str

    def key(self, headers: Mapping[bytes, bytes]) -> str | None: ...

    def error(self, problem: Problem) -> Reply: ...

    def headers(self, request: Mapping[bytes, bytes]) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Call(Generic[B, Q]):
    """A decoded request of an authenticated caller. `path` holds the path parameters as they came."""

    services: Services
    caller: Caller
    dialect: str
    path: Mapping[str, str]
    headers: Mapping[bytes, bytes]
    body: B
    query: Q
    once: Once | None
    receive: Receive

    async def act(self, ref: Ref, command: Command, render: Callable[[Done], Reply], *, dry_run: bool = False) -> Reply:
        """Run a command on an order; `render` is called before anything is committed."""
        stored = await self.services.desk.act(
            self.caller,
            self.dialect,
            ref,
            command,
            lambda done: reply.pack(render(done)),
            once=self.once,
            dry_run=dry_run,
        )
        return reply.unpack(stored)

    async def create(self, command: CreateOrder, render: Callable[[Done], Reply]) -> Reply:
        stored = await self.services.desk.create(
            self.caller, self.dialect, command, lambda done: reply.pack(render(done)), once=self.once
        )
        return reply.unpack(stored)


Handler = Callable[[Call[Any, Any]], Awaitable[Reply | Stream]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the contract says of an operation, and the function that does it.

    `answer` is a type for the 200 body. `stream` leaves the body unread for the handler; then `line` is the type of a
    line of it, and `answer` that of a line of the answer. The handler's docstring is the operation's description, its
    name the operation id.
    """

    method: str
    path: str
    handler: Handler
    scope: str
    answer: Any
    body: type[BaseModel] = Nothing
    query: type[BaseModel] = Nothing
    status: int = 200
    may_wait: bool = False
    stream: bool = False
    line: Any = None

    @property
    def name(self) -> str:
        return self.handler.__name__


def _unexpected(trace: Trace) -> None:
    log.exception("unexpected error", extra={"facts": {"request_id": trace.request_id}})
    trace.outcome = FaultCode.INTERNAL.value


class RestApp:
    """The ASGI application of a REST dialect. Whatever happens under its prefix is answered in its own words."""

    def __init__(
        self, operations: Iterable[Operation], words: Words, services: Services, document: Callable[[], str]
    ) -> None:
        self._words = words
        self._services = services
        self._document = document
        self._paths: Paths[Operation] = Paths()
        for operation in operations:
            self._paths.add(operation.method, operation.path, operation)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        trace = Trace.of(scope)
        trace.dialect = self._words.dialect
        answer: Reply | Stream
        try:
            answer = await self._answer(scope, receive, headers, trace)
        except (Refusal, Fault) as problem:
            trace.outcome = problem.code.value
            answer = self._words.error(problem)
            if isinstance(problem, Fault) and problem.allow is not None:
                answer = replace(answer, headers={**answer.headers, "Allow": problem.allow})
        except Exception:
            _unexpected(trace)
            answer = self._words.error(Fault(FaultCode.INTERNAL))
        try:
            await answer.send(send, self._words.headers(headers))
        except Exception:
            _unexpected(trace)
            raise  # midway through a stream: the server cuts the connection, so that the client sees an end too early

    async def _answer(
        self, scope: Scope, receive: Receive, headers: dict[bytes, bytes], trace: Trace
    ) -> Reply | Stream:
        path = _segments(scope)
        operation, parameters, methods = self._paths.find(scope["method"], path)
        if operation is not None:
            trace.operation = operation.name
            caller = await self._services.access.authenticate(self._words.key(headers), self._words.dialect)
            trace.tenant_id, trace.credential_id = caller.tenant_id, caller.credential_id
            caller.require(operation.scope)
            return await operation.handler(await self._call(operation, caller, parameters, scope, receive))
        if path == _DOCUMENT:
            methods = ["GET", "HEAD"]
            if scope["method"] in methods:
                return Reply(200, self._document().encode())
        if methods:
            raise Fault(FaultCode.METHOD, allow=", ".join(methods))
        raise Fault(FaultCode.NO_ROUTE)

    async def _call(
        self, operation: Operation, caller: Caller, path: Mapping[str, str], scope: Scope, receive: Receive
    ) -> Call[Any, Any]:
        headers, takes_body = dict(scope["headers"]), operation.body is not Nothing
        unread = operation.stream or operation.method == "GET"
        raw = b"" if unread else await decode.read_body(scope, receive, self._services.body_limit)
        if operation.stream:
            decode.check_lines_type(headers.get(b"content-type"))
        elif raw and takes_body:
            decode.check_media_type(headers.get(b"content-type"))
        takes_query = operation.query is not Nothing
        return Call(
            services=self._services,
            caller=caller,
            dialect=self._words.dialect,
            path=path,
            headers=headers,
            body=decode.parse_body(raw, operation.body) if takes_body else NOTHING,
            query=decode.parse_query(scope["query_string"], operation.query) if takes_query else NOTHING,
            once=decode.once(headers, scope, raw) if operation.method != "GET" else None,
            receive=receive,
        )


def _segments(scope: Scope) -> list[str]:
    """Of the path below the prefix. An escaped slash is part of its segment: partners have ids with slashes."""
    if b"%" not in scope["raw_path"]:
        path: str = scope["path"][len(scope["root_path"]) :]
        return path.split("/")
    below = scope["raw_path"].decode("ascii").split("/")[1 + scope["root_path"].count("/") :]
    return ["", *(unquote(segment) for segment in below)] if below else [""]

"""One REST operation, the same in every dialect: authenticate, decode, run, encode; errors in the dialect's words."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import unquote

from pydantic import BaseModel
from starlette.types import Receive, Scope

from app.core.commands import Command
from app.core.messages import CreateOrder
from app.core.model import Party
from app.core.ports import Ref
from app.core.refusal import Code, Refusal
from app.protocol import STREAMS
from app.service.access import Caller
from app.service.desk import Done, Once
from app.web import decode, pages, reply
from app.web.answering import Answering, Words
from app.web.dialect import Services
from app.web.faults import Fault, FaultCode, Problem
from app.web.paths import Paths
from app.web.reply import Reply, Stream
from app.web.trace import Trace

B = TypeVar("B", bound=BaseModel)
Q = TypeVar("Q", bound=BaseModel)


class Nothing(decode.Body):
    """For operations without a body, or without a query."""


NOTHING = Nothing()
_DOCUMENT = ["", "openapi.json"]
_PAGE = ["", "docs"]
_NOBODY = Caller("", "", Party.WAREHOUSE, frozenset(), frozenset(), None)


@dataclass(slots=True)  # frozen, making one would take more than twice as long
class Call(Generic[B, Q]):
    """A decoded request of an authenticated caller. `path` holds the path parameters as they came.

    `raw` is the body as it came, for whoever checks a signature over it.
    """

    services: Services
    caller: Caller
    dialect: str
    path: Mapping[str, str]
    headers: Mapping[bytes, bytes]
    body: B
    query: Q
    once: Once | None
    scope: Scope
    receive: Receive
    raw: bytes = b""
    may_wait: bool = False

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
            wait=self.may_wait,
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
    line of it, and `answer` that of a line of the answer. `events` answers Server-Sent Events, and `answer` is the type
    of their data. The handler's docstring is the operation's description, its name the operation id. `error` is for an
    operation whose errors look different from those of the face's others. `may_wait` waits for warehouses as the policy
    says. Without a `scope` no key is asked for: the handler finds out itself who it is. `parties`: for keys of these
    only; any other is refused as one without the scope.
    """

    method: str
    path: str
    handler: Handler
    scope: str | None
    answer: Any
    parties: frozenset[Party] | None = None
    body: type[BaseModel] = Nothing
    query: type[BaseModel] = Nothing
    status: int = 200
    may_wait: bool = False
    stream: bool = False
    line: Any = None
    events: bool = False
    error: Callable[[Problem], Reply] | None = None

    @property
    def name(self) -> str:
        return self.handler.__name__


class _Document:
    """The contract, made once somebody asks, in a thread: it takes longer than others should wait for an answer."""

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make
        self._made: asyncio.Future[str] | None = None

    async def read(self) -> bytes:
        if self._made is None:
            self._made = asyncio.ensure_future(asyncio.to_thread(self._make))
        return (await asyncio.shield(self._made)).encode()  # whoever goes away does not take it from the others


class RestApp(Answering):
    """The ASGI application of a REST dialect."""

    def __init__(
        self, operations: Iterable[Operation], words: Words, services: Services, document: Callable[[], str]
    ) -> None:
        super().__init__(words)
        self._words = words
        self._services = services
        self._document = _Document(document)
        self._paths: Paths[Operation] = Paths()
        for operation in operations:
            self._paths.add(operation.method, operation.path, operation)

    async def answer(self, scope: Scope, receive: Receive, trace: Trace) -> Reply | Stream:
        path = _segments(scope)
        operation, parameters, methods = self._paths.find(scope["method"], path)
        if operation is not None:
            trace.operation = operation.name
            try:
                return await self._run(operation, parameters, scope, receive, trace)
            except (Refusal, Fault) as problem:
                if operation.error is None:
                    raise
                trace.outcome = problem.code.value
                return operation.error(problem)
        if path == _DOCUMENT or (path == _PAGE and self._services.pages):
            methods = ["GET", "HEAD"]
            if scope["method"] in methods:
                return Reply(200, await self._document.read()) if path == _DOCUMENT else self._page(trace)
        if methods:
            raise Fault(FaultCode.METHOD, allow=", ".join(methods))
        raise Fault(FaultCode.NO_ROUTE)

    def _page(self, trace: Trace) -> Reply:
        trace.operation = "page"
        return pages.try_rest(self._words.dialect)

    async def _run(
        self, operation: Operation, path: Mapping[str, str], scope: Scope, receive: Receive, trace: Trace
    ) -> Reply | Stream:
        caller = _NOBODY
        if operation.scope is not None:
            key = self._words.key(dict(scope["headers"]))
            caller = await self._services.access.authenticate(key, self._words.dialect)
            trace.known(caller, self._services.rates)
            caller.require(operation.scope)
            if operation.parties is not None and caller.party not in operation.parties:
                raise Refusal(Code.SCOPE_MISSING, scope=operation.scope)
        return await operation.handler(await self._call(operation, caller, path, scope, receive))

    async def _call(
        self, operation: Operation, caller: Caller, path: Mapping[str, str], scope: Scope, receive: Receive
    ) -> Call[Any, Any]:
        headers, takes_body = dict(scope["headers"]), operation.body is not Nothing
        unread = operation.stream or operation.method == "GET"
        raw = b"" if unread else await decode.read_body(scope, receive, self._services.body_limit)
        if operation.stream:
            decode.check_lines_type(headers.get(b"content-type"))
            decode.check_encoding(headers.get(b"content-encoding"))
            scope.get("state", {})[STREAMS] = True
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
            scope=scope,
            receive=receive,
            raw=raw,
            may_wait=operation.may_wait,
        )


def _segments(scope: Scope) -> list[str]:
    """Of the path below the prefix. An escaped slash is part of its segment: partners have ids with slashes."""
    if b"%" not in scope["raw_path"]:
        path: str = scope["path"][len(scope["root_path"]) :]
        return path.split("/")
    below = scope["raw_path"].decode("ascii").split("/")[1 + scope["root_path"].count("/") :]
    return ["", *(unquote(segment) for segment in below)] if below else [""]

"""A GraphQL dialect as its own sub-application: `/graphql` over HTTP and WebSocket, plain routes, its error bodies."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from graphql import GraphQLError, GraphQLSchema, OperationType
from starlette.types import Receive, Scope, Send

from app.web import decode, pages
from app.web.answering import Answering
from app.web.dialect import Services
from app.web.faults import Fault, FaultCode, Problem
from app.web.graphql_call import Call, Info
from app.web.graphql_documents import Unfit
from app.web.graphql_engine import Answer, Engine
from app.web.graphql_limits import Limits
from app.web.graphql_request import GRAPHQL_JSON, JSON, Asked, from_body, from_query, media_type, wants_page
from app.web.graphql_socket import Authenticate, Socket
from app.web.graphql_words import Rules, Shown, Words, Wrong
from app.web.paths import Paths
from app.web.reply import Reply
from app.web.trace import Trace

__all__ = [
    "Authenticate",
    "Call",
    "GraphQLApp",
    "Info",
    "Limits",
    "Plain",
    "Route",
    "Rules",
    "Shown",
    "Words",
    "Wrong",
]

_PATH = "/graphql"
_PAGE = "/docs"
"""Where a REST dialect has its page: whoever opens that here is sent on."""
_METHODS = ("GET", "HEAD", "POST")


@dataclass(frozen=True, slots=True)
class Plain:
    """A request to a plain route as it came: nobody is authenticated, nothing decoded. `path` has its parameters.

    Whoever finds out who is asking tells `trace.known`.
    """

    services: Services
    method: str
    path: Mapping[str, str]
    headers: Mapping[bytes, bytes]
    query: bytes
    body: bytes
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route beside `/graphql`, path below the prefix (`/oauth2/token`). What it raises is worded by `Words.error`;
    its name in logs and metrics is the handler's.
    """

    method: str
    path: str
    handler: Callable[[Plain], Awaitable[Reply]]


class GraphQLApp(Answering):
    """The ASGI application of a GraphQL dialect; `build` of its record returns one.

    `schema` is executable, as `ariadne.make_executable_schema` makes it: resolvers of `Query` and `Mutation` may be
    coroutines, all others are plain functions, the source of a `Subscription` field is an async generator.
    `info.context` is a `Call`. Resolvers raise `Refusal` or `Fault`.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        words: Words,
        services: Services,
        routes: Iterable[Route] = (),
        authenticate: Authenticate | None = None,
    ) -> None:
        super().__init__(words)
        self._words = words
        self._services = services
        self._limits = services.graphql
        self._authenticate = authenticate or (lambda key: services.access.authenticate(key, words.dialect))
        self._engine = Engine(schema, words, self._limits)
        self._paths: Paths[Route] = Paths()
        self.beside = tuple(routes)
        """What is served beside `/graphql`."""
        for route in self.beside:
            self._paths.add(route.method, route.path, route)

    async def answer(self, scope: Scope, receive: Receive, trace: Trace) -> Reply:
        path, method = _below(scope), scope["method"]
        if path == _PATH:
            trace.operation = "graphql"
            if method not in _METHODS:
                raise Fault(FaultCode.METHOD, allow=", ".join(_METHODS))
            return await self._graphql(scope, receive, trace)
        route, parameters, methods = self._paths.find(method, path.split("/"))
        if route is not None:
            trace.operation = getattr(route.handler, "__name__", "route")
            body = await decode.read_body(scope, receive, self._services.body_limit)
            headers = dict(scope["headers"])
            return await route.handler(
                Plain(self._services, method, parameters, headers, scope["query_string"], body, trace)
            )  # fmt: skip
        if methods:
            raise Fault(FaultCode.METHOD, allow=", ".join(methods))
        if path == _PAGE and method in {"GET", "HEAD"} and self._shows_page(scope):
            return Reply(307, b"", {"Location": _PATH[1:], "Vary": "Accept"})
        raise Fault(FaultCode.NO_ROUTE)

    def _shows_page(self, scope: Scope) -> bool:
        return self._services.pages and self._limits.introspection and wants_page(dict(scope["headers"]))

    def worded(self, problem: Problem, headers: Mapping[bytes, bytes]) -> Reply:
        reply, told = self._words.error(problem), self._words.rules.told
        if not told:
            return reply
        kind = media_type(headers.get(b"accept"))
        status = 200 if problem.code in told and kind == JSON else reply.status
        return replace(reply, status=status, media_type=f"{kind}; charset=utf-8")

    async def socket(self, scope: Scope, receive: Receive, send: Send, trace: Trace) -> None:
        if _below(scope) != _PATH:
            raise Fault(FaultCode.NO_ROUTE)
        trace.operation = "socket"
        socket = Socket(
            self._engine, self._services, self._words, self._authenticate, scope=scope, trace=trace
        )  # fmt: skip
        await socket.run(receive, send)

    async def _graphql(self, scope: Scope, receive: Receive, trace: Trace) -> Reply:
        headers, reading = dict(scope["headers"]), scope["method"] != "POST"
        if reading and self._shows_page(scope):
            trace.operation = "page"
            return pages.try_graphql(self._words.dialect)
        caller = await self._authenticate(self._words.key(headers))
        trace.known(caller, self._services.rates)
        if reading:
            asked = from_query(scope["query_string"])
        else:
            raw = await decode.read_body(scope, receive, self._services.body_limit)
            asked = from_body(raw, headers.get(b"content-type"))
        call = Call(
            self._services,
            caller,
            self._words.dialect,
            asked,
            headers=headers,
            key=decode.idempotency_key(headers),
            request_id=trace.request_id,
        )
        answer = await self._run(asked, call, trace, reading=reading)
        trace.outcome = answer.outcome
        return self._reply(answer, call, media_type(headers.get(b"accept")))

    async def _run(self, asked: Asked, call: Call, trace: Trace, *, reading: bool) -> Answer:
        try:
            prepared, operation = self._engine.prepare(asked)
            trace.operation = operation.label
            if operation.kind is OperationType.SUBSCRIPTION:
                raise Unfit(Wrong.OPERATION, [GraphQLError("A subscription needs a WebSocket.", operation.node)])
            if reading and operation.kind is not OperationType.QUERY:
                raise Fault(FaultCode.METHOD, allow="POST")
            return await self._engine.execute(prepared, asked, call)
        except Unfit as unfit:
            return self._engine.unfit(unfit)

    def _reply(self, answer: Answer, call: Call, kind: str) -> Reply:
        status = 200
        if answer.wrong is not None:
            status = 400 if kind == GRAPHQL_JSON else self._words.rules.statuses.get(answer.wrong, 200)
        headers: dict[str, Any] = {"Idempotency-Replayed": "true"} if call.replayed else {}
        return Reply(status, msgspec.json.encode(answer.body), headers, f"{kind}; charset=utf-8")


def _below(scope: Scope) -> str:
    path: str = scope["path"][len(scope["root_path"]) :]
    return path

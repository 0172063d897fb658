"""What a resolver has to work with: who asks, the services, and how to change something exactly once."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from graphql import GraphQLResolveInfo

from app.core.commands import Command
from app.core.messages import CreateOrder
from app.core.ports import MAX_KEY, Ref
from app.service.access import Caller
from app.service.desk import Done, Once
from app.service.desk import Reply as Stored
from app.web.dialect import Services
from app.web.graphql_execution import Execution, Finished
from app.web.graphql_request import Asked

_canonical = msgspec.json.Encoder(order="deterministic")


class Call:
    """One operation of an authenticated caller, `info.context` of every resolver.

    A changing field is a root field of `Mutation` whose resolver is a coroutine and ends with `return await
    call.act(info, …)` or `call.create(info, …)`, or, for other services, hands them `call.once(info)` and a render
    function made with `call.render(info, value)`, and ends with `return call.finished(reply)`.

    `value` is what the resolvers of the payload type read from, as for any other field. Those have to be plain
    functions of it: they run, for the fields that the client selected, before anything is committed. When one of them
    fails, nothing is committed and the whole field is an error.

    A resolver may catch the `Refusal` of `act` and return an ordinary value: nothing has been committed or stored then.
    """

    __slots__ = ("_asked", "_execution", "_key", "_replays", "caller", "dialect", "headers", "request_id", "services")

    def __init__(
        self,
        services: Services,
        caller: Caller,
        dialect: str,
        asked: Asked,
        *,
        headers: Mapping[bytes, bytes],
        key: str | None,
        request_id: str,
    ) -> None:
        """`key` is the Idempotency-Key; of a WebSocket's operation, `headers` are those of its handshake."""
        self.services = services
        self.caller = caller
        self.dialect = dialect
        self.headers = headers
        self.request_id = request_id
        self._asked = asked
        self._key = key
        self._replays: list[bool] = []

    @property
    def replayed(self) -> bool:
        """Whether all that changing fields answered was stored before."""
        return bool(self._replays) and all(self._replays)

    def attach(self, execution: Execution) -> None:
        """Before any resolver sees this."""
        self._execution = execution

    def require(self, scope: str) -> None:
        """Raises SCOPE_MISSING."""
        self.caller.require(scope)

    async def act(self, info: "Info", ref: Ref, command: Command, to_value: Callable[[Done], Any]) -> Finished:
        """Run a command on an order; `to_value` may be called more than once, and may refuse. Raises as `Desk.act`."""
        stored = await self.services.desk.act(
            self.caller,
            self.dialect,
            ref,
            command,
            lambda done: self.render(info, to_value(done)),
            once=self.once(info),
        )
        return self.finished(stored)

    async def create(self, info: "Info", command: CreateOrder, to_value: Callable[[Done], Any]) -> Finished:
        """Raises as `Desk.create`."""
        stored = await self.services.desk.create(
            self.caller,
            self.dialect,
            command,
            lambda done: self.render(info, to_value(done)),
            once=self.once(info),
        )
        return self.finished(stored)

    def once(self, info: "Info") -> Once | None:
        """The request's idempotency key for this field: within the document it belongs to the response name.

        The request is its document, operation and variables; how it came (spaces in the JSON, headers) is not.
        """
        if self._key is None:
            return None
        name, asked = str(info.path.key), self._asked
        key = f"{name}:{self._key}"
        if len(key) > MAX_KEY:
            key = hashlib.sha256(key.encode()).hexdigest()
        request = (self.dialect, name, asked.operation, asked.document, asked.variables)
        return Once(key, hashlib.sha256(_canonical.encode(request)).hexdigest())

    def render(self, info: "Info", value: Any) -> str:
        """The field's value with what the client selected of it, as JSON. Raises a `GraphQLError` with its path."""
        return self._execution.finish_now(info, value)

    def finished(self, stored: Stored) -> Finished:
        """What a service answered to `once` and a rendered text, as the resolver's result."""
        self._replays.append(stored.replayed)
        return Finished(stored.text)


Info = GraphQLResolveInfo[Call]
"""What graphql-core gives every resolver; `info.context` is the `Call`."""

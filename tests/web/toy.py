"""A small GraphQL dialect over the real desk: everything that the machinery promises can be shown with it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from ariadne import MutationType, ObjectType, QueryType, SubscriptionType, make_executable_schema
from graphql import GraphQLSchema

from app.core.ledger import Ledger
from app.core.messages import Cancel, CreateOrder, EditOrder, NewLine
from app.core.model import Scope
from app.core.ports import Ref
from app.core.refusal import Code, Refusal
from app.service.desk import Done
from app.service.desk import Reply as Stored
from app.service.rates import Allowance
from app.web import reply
from app.web.dialect import Services
from app.web.faults import Fault, Problem
from app.web.graphql import Authenticate, GraphQLApp, Info, Plain, Route, Rules, Shown, Wrong
from app.web.headers import bearer
from app.web.reply import Reply

SDL = """
"A comment on an order."
input Remark { note: String!, tags: [String!] = ["toy"] }

enum Mood { GLAD, SAD }

type Query {
  "Greets."
  hello(name: String = "you"): String!
  mood: Mood!
  feels(mood: Mood!): String
  order(id: String!): Order
  orders(ids: [String!]!): [Order]!
  fails(how: String!): String
  failsStrictly(how: String!): String!
}

type Mutation {
  cancel(id: String!): Request
  cancelStrictly(id: String!): Request!
  remark(id: String!, input: Remark!): Order
  create(number: String!): Order
  memo(text: String!): String
  slow(id: String!): Request
  tolerant(id: String!): Request
}

type Subscription {
  count(to: Int!): Int!
  numbers(from: Int!, to: Int!): [Number]!
  forever(size: Int = 10, pause: Boolean = true): String!
  breaks(how: String!): Int
}

type Number { is: Int!, half: Int }

type Order {
  id: String!
  number: String!
  note: String
  lines: [Line!]!
  broken: String
  brokenStrictly: String!
  self: Order!
}

type Line { sku: String!, quantity: Int!, open: Int!, later: String }

type Request { id: String, type: String!, state: String!, message: String, order: Order }
"""

query, mutation, subscription = QueryType(), MutationType(), SubscriptionType()
order_type, request_type, number_type, line_type = (ObjectType(n) for n in ("Order", "Request", "Number", "Line"))

began: list[str] = []
"""Of every source of a subscription that has begun, and of every one that has ended: `forever`, `-forever`."""

held: list[str] = []
"""As long as anything is in it, `slow` waits."""


class OursError(Exception):
    """What no client may see the text of."""


SECRET = "a text with somebody's address in it"


def _fail(how: str) -> Any:
    if how == "refusal":
        raise Refusal(Code.NOT_OPEN)
    if how == "busy":
        raise Refusal(Code.BUSY)
    if how == "nothing":
        return None
    raise OursError(SECRET)


@query.field("hello")
def hello(_: Any, info: Info, name: str | None) -> str:
    return f"hello {name}"


@query.field("mood")
def mood(*_: Any) -> str:
    return f"NEITHER, {SECRET}"


@query.field("order")
async def order(_: Any, info: Info, id: str) -> Ledger:  # noqa: A002 - the schema's name
    call = info.context
    call.require("read_orders")
    return await call.services.desk.read(call.caller, Ref.to_order("toy", id))


@query.field("orders")
async def orders(_: Any, info: Info, ids: list[str]) -> list[Any]:
    return list(await asyncio.gather(*(order(_, info, id_) for id_ in ids), return_exceptions=True))


query.set_field("fails", lambda _, info, how: _fail(how))
query.set_field("failsStrictly", lambda _, info, how: _fail(how))


def _request(done: Done) -> Mapping[str, Any]:
    case = done.case
    assert case is not None
    return {"id": case.id, "type": "CANCEL", "state": case.state.value.upper(), "order": done.ledger}


@mutation.field("cancel")
@mutation.field("cancelStrictly")
async def cancel(_: Any, info: Info, id: str) -> Any:  # noqa: A002
    info.context.require("write_orders")
    return await info.context.act(info, Ref.to_order("toy", id), Cancel(scope=Scope.ORDER), _request)


@mutation.field("tolerant")
async def tolerant(_: Any, info: Info, id: str) -> Any:  # noqa: A002
    try:
        return await cancel(_, info, id)
    except Refusal as refusal:
        return {"type": "CANCEL", "state": "REJECTED", "message": refusal.code.value}


@mutation.field("slow")
async def slow(_: Any, info: Info, id: str) -> Any:  # noqa: A002
    """Between what it has decided and what it writes, the client has time to go away."""
    began.append("slow")
    await asyncio.sleep(0.2)
    while held:  # noqa: ASYNC110 - another thread ends it
        await asyncio.sleep(0.005)
    return await cancel(_, info, id)


@mutation.field("remark")
async def remark(_: Any, info: Info, id: str, input: dict[str, Any]) -> Any:  # noqa: A002
    command = EditOrder(note=input["note"], tags=tuple(input["tags"]))
    return await info.context.act(info, Ref.to_order("toy", id), command, lambda done: done.ledger)


@mutation.field("create")
async def create(_: Any, info: Info, number: str) -> Any:
    lines = (NewLine(sku="MUG", quantity=2, unit_price=100), NewLine(sku="TEA", quantity=1, unit_price=50))
    command = CreateOrder(number=number, currency="EUR", lines=lines)
    return await info.context.create(info, command, lambda done: done.ledger)


@mutation.field("memo")
async def memo(_: Any, info: Info, text: str) -> Any:
    """As for a service that is not the desk."""
    once = info.context.once(info)
    return info.context.finished(Stored(info.context.render(info, f"{once.key if once else None} {text}")))


@subscription.source("count")
async def count(_: Any, info: Info, to: int) -> AsyncGenerator[int, None]:
    info.context.require("read_orders")
    for n in range(1, to + 1):
        yield n


@subscription.source("numbers")
async def numbers(_: Any, info: Info, to: int, **asked: int) -> AsyncGenerator[list[int], None]:
    yield list(range(asked["from"], to))


@subscription.source("forever")
async def forever(_: Any, info: Info, size: int, pause: bool) -> AsyncGenerator[str, None]:
    began.append("forever")
    try:
        while True:
            yield "x" * size
            if pause:
                await asyncio.sleep(0.001)
    finally:
        began.append("-forever")


@subscription.source("breaks")
async def breaks(_: Any, info: Info, how: str) -> AsyncGenerator[int | None, None]:
    if how == "at once":
        _fail("refusal")
    yield 1
    yield _fail(how)


for _name in ("count", "numbers", "forever", "breaks"):
    subscription.set_field(_name, lambda event, info, **_: event)
number_type.set_field("is", lambda n, info: n)
number_type.set_field("half", lambda n, info: n // 2 if n % 2 == 0 else _fail("unexpected"))
for _name in ("id", "number", "note"):
    order_type.set_field(_name, lambda ledger, info: getattr(ledger.order, info.field_name))
order_type.set_field("lines", lambda ledger, info: [(ledger, line) for line in ledger.order.lines])
order_type.set_field("broken", lambda ledger, info: _fail("unexpected"))
order_type.set_field("brokenStrictly", lambda ledger, info: _fail("unexpected"))
order_type.set_field("self", lambda ledger, info: ledger)
for _name in ("sku", "quantity"):
    line_type.set_field(_name, lambda line, info: getattr(line[1], info.field_name))
line_type.set_field("open", lambda line, info: line[0].positions[line[1].id].counts()["open"])


async def _later() -> str:
    return "too late"


line_type.set_field("later", lambda line, info: _later())


def schema() -> GraphQLSchema:
    return make_executable_schema(
        SDL, query, mutation, subscription, order_type, request_type, number_type, line_type
    )  # fmt: skip


class Words:
    dialect = "toy"

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def key(self, headers: Mapping[bytes, bytes]) -> str | None:
        return bearer(headers)

    def error(self, problem: Problem) -> Reply:
        status = {"unauthenticated": 401, "no_such_route": 404, "method_not_allowed": 405, "body_too_large": 413}
        status |= {"unsupported_media_type": 415, "internal_error": 500, "unavailable": 503}
        fields = [detail.field for detail in problem.details] if isinstance(problem, Fault) else []
        return reply.json({"toy": problem.code.value, "fields": fields}, status.get(problem.code.value, 400))

    def headers(self, request: Mapping[bytes, bytes]) -> Mapping[str, str]:
        return {"X-Toy": "1"}

    def allowance(self, allowance: Allowance) -> Mapping[str, str]:
        return {"X-Left": str(allowance.remaining)}

    def shown(self, problem: Problem) -> Shown:
        more = {"scope": problem.facts["scope"]} if problem.code is Code.SCOPE_MISSING else {}
        return Shown(f"it is {problem.code.value}", problem.code.value.upper(), more)


async def echo(asked: Plain) -> Reply:
    held = {
        "method": asked.method,
        "path": dict(asked.path),
        "query": asked.query.decode(),
        "body": asked.body.decode(),
    }
    if asked.body == b"fail":
        raise OursError(SECRET)
    if asked.body == b"refuse":
        raise Refusal(Code.UNAVAILABLE)
    return reply.json(held)


ROUTES = [
    Route(method="POST", path="/token", handler=echo),
    Route(method="GET", path="/token", handler=echo),
    Route(method="POST", path="/things/{thing}/token", handler=echo),
]
EXACT = Rules()
PARTNERS = Rules(statuses={Wrong.SYNTAX: 400}, locations=False, null_data=True)
"""As a partner's own contract may have it: 400 for what does not parse, no locations, no data of nulls alone."""


def build(services: Services, rules: Rules, authenticate: Authenticate | None = None) -> GraphQLApp:
    return GraphQLApp(schema(), Words(rules), services, ROUTES, authenticate)

"""How many statements an operation costs on PostgreSQL: a cancel two, a read one, a list one. Lesson 44."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from asyncpg.connection import LoggedQuery

from app.core.fulfil import decide_allocate
from app.core.messages import Allocate, Answer, Cancel, Target
from app.core.model import Scope, Stage
from app.core.policy import Policy
from app.core.ports import Query, Ref, Store
from app.core.refusal import Refusal
from app.service.desk import Once
from app.store import gathering, open_store
from tests.store.world import World, new_order, told

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
WHOLE = Cancel(scope=Scope.ORDER)


class Counter:
    """The statements that the store's connections have sent since last asked."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def __call__(self, logged: LoggedQuery) -> None:
        self.sent.append(logged.query)

    async def taken(self) -> int:
        await asyncio.sleep(0)  # the driver tells its loggers in the next turn of the loop
        count, self.sent = len(self.sent), []
        return count


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    counter = Counter()
    connect = asyncpg.connect

    async def watched(*args: Any, **more: Any) -> asyncpg.Connection:
        connection = await connect(*args, **more)
        connection.add_query_logger(counter)
        return connection

    monkeypatch.setattr(asyncpg, "connect", watched)
    return counter


@pytest.fixture
async def store(counter: Counter, database_url: str) -> AsyncIterator[Store]:
    opened = await open_store(database_url)
    assert await counter.taken() > 0
    await opened.ready()
    assert await counter.taken() == 1
    yield opened
    await opened.close()


async def test_many_cancels_at_once_cost_a_load_and_a_transaction(world: World, counter: Counter):
    orders = [await world.create(new_order(5)) for _ in range(gathering.MOST)]
    await counter.taken()
    await asyncio.gather(*(world.act(order.id, WHOLE, key=order.id) for order in orders))
    assert [text.split()[0] for text in counter.sent] == ["SELECT", "WITH"]


@pytest.mark.parametrize("subscribed", [False, True])
async def test_a_cancel_costs_two(world: World, counter: Counter, subscribed: bool):
    if subscribed:
        await world.subscribe()
    orders = [await world.create(new_order(5)) for _ in range(3)]
    await counter.taken()
    await world.act(orders[0].id, WHOLE)
    assert await counter.taken() == 2
    await world.act(orders[1].id, WHOLE, key="k")
    assert await counter.taken() == 2
    target = Target(ref=orders[2].lines[0].id, units=((2, 3),), contra_ids={"2": "a", "3": "b"})
    await world.act(orders[2].id, Cancel(scope=Scope.LINES, targets=(target,)), key="l", dialect="afosto")
    assert await counter.taken() == 2
    await world.act(orders[1].id, WHOLE, key="k")
    assert await counter.taken() == 1  # the stored reply
    with pytest.raises(Refusal):
        await world.act(orders[1].id, WHOLE)
    assert await counter.taken() == 1


async def test_a_cancel_that_a_warehouse_must_answer_costs_two_and_the_answer_two(world: World, counter: Counter):
    tenant = await world.store.tenant("t1")
    assert tenant is not None
    policy = Policy(warehouse_deadline=60, restock_on_cancel=True)
    await world.store.save_tenant(replace(tenant, policy=policy))
    order = await world.create(new_order(5))
    held = Allocate(location_id="w", connector="manual", stage=Stage.REQUESTED)
    await world.write(world.decision(decide_allocate, order, held))
    await counter.taken()
    await world.act(order.id, WHOLE, key="k")
    assert await counter.taken() == 2
    case_id = (await world.order(order.id)).cases[0].id
    await counter.taken()
    await world.act(order.id, Answer(case_id=case_id, accepted=True))
    assert await counter.taken() == 2
    await world.act(order.id, WHOLE, key="k")
    assert await counter.taken() == 1  # the reply rendered anew


async def test_a_creation_costs_two(world: World, counter: Counter):
    command = new_order(1, 2, 3, keys={"shopline": "s", "afosto": "a"})
    await counter.taken()
    await world.desk.create(world.caller, "shopline", command, told, once=Once("k", "f"))
    assert await counter.taken() == 2
    with pytest.raises(Refusal):
        await world.desk.create(world.caller, "shopline", command, told)
    assert await counter.taken() == 6  # the collision; loading again; who has the number, and a key of each dialect


async def test_reads_cost_one_each(world: World, counter: Counter):
    order = await world.create(new_order(keys={"shopline": "s"}))
    await counter.taken()
    desk, caller = world.desk, world.caller
    await desk.read(caller, Ref.to_order("native", order.id))
    assert await counter.taken() == 1
    await desk.read(caller, Ref.to_order("shopline", "s"))
    assert await counter.taken() == 1
    await desk.find(caller, Query(refs=[Ref.to_order("shopline", "s")], by_update=True))
    assert await counter.taken() == 1
    await desk.count(caller, Query())
    assert await counter.taken() == 1
    await desk.history(caller, order.id, 0, 10)
    assert await counter.taken() == 1
    await desk.feed(caller, order.id, 10)
    assert await counter.taken() == 1

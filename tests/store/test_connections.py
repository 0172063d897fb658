"""The store's connections to PostgreSQL: no more than allowed, none lost, whoever gives up waiting for one."""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import asyncpg
import pytest

from app.core.messages import Cancel
from app.core.model import Scope
from app.core.ports import Query, Ref, Store
from app.core.refusal import Refusal
from app.store import open_store
from tests.store.world import World, new_order

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
REF = Ref.to_order("native", "x")


@pytest.fixture
async def narrow(database_url: str) -> AsyncIterator[Store]:
    opened = await open_store(database_url, pool_size=3)
    yield opened
    await opened.close()


@pytest.fixture
async def observer(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def connections(observer: asyncpg.Connection) -> int:
    count = await observer.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    return int(count)


async def test_never_more_than_allowed_however_many_ask(narrow: Store, observer: asyncpg.Connection):
    loads = asyncio.gather(*(narrow.load("t1", REF, None) for _ in range(200)))
    most = 0
    while not loads.done():
        most = max(most, await connections(observer))
    assert await loads == [None] * 200
    assert 1 <= most <= 3
    assert await connections(observer) <= 3


async def test_requests_given_up_lose_no_connection(narrow: Store, observer: asyncpg.Connection):
    """Cancelled while connecting, while waiting for a connection, while the statement runs or is answered."""
    chance = random.Random(1)
    for _ in range(30):
        tasks = [asyncio.create_task(narrow.load("t1", REF, None)) for _ in range(12)]
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        for task in chance.sample(tasks, 6):
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}
    assert await asyncio.gather(*(narrow.load("t1", REF, None) for _ in range(20))) == [None] * 20
    assert await connections(observer) <= 3


async def test_a_failed_transaction_gives_its_connection_back_clean(world: World, narrow: Store):
    orders = [world.creation(new_order(number="N-1")) for _ in range(2)]
    known: list[Coroutine[Any, Any, Any]] = [narrow.add_orders("t1", [order]) for order in orders * 5]
    await asyncio.gather(*known, return_exceptions=True)
    assert await narrow.count("t1", Query()) == 1
    (order,) = await narrow.find("t1", Query())
    await world.on(narrow).act(order.id, Cancel(scope=Scope.ORDER))
    assert (await world.order(order.id)).version == 2


async def test_room_is_given_back_when_connecting_fails(database_url: str, monkeypatch: pytest.MonkeyPatch):
    store = await open_store(database_url, pool_size=2)
    connect = asyncpg.connect

    async def fails(*_: Any, **__: Any) -> asyncpg.Connection:
        raise ConnectionRefusedError

    try:
        monkeypatch.setattr(asyncpg, "connect", fails)
        results = await asyncio.gather(*(store.load("t1", REF, None) for _ in range(10)), return_exceptions=True)
        assert {type(result) for result in results} <= {type(None), Refusal}
        monkeypatch.setattr(asyncpg, "connect", connect)
        assert await asyncio.gather(*(store.load("t1", REF, None) for _ in range(10))) == [None] * 10
    finally:
        await store.close()

"""Lists and history come from a standby that really follows, by streaming replication; all else does not."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from app.core.ports import Query, Ref
from app.store import migrate, open_store
from app.store.sql import NIL
from tests.postgres import fresh_database, own_server, standby
from tests.store.world import World, new_order


@pytest.fixture(scope="module")
def urls() -> Iterator[tuple[str, str]]:
    with own_server() as server:
        url = asyncio.run(fresh_database(server))
        migrate(url)
        with standby(server) as follower:
            yield url, follower.rpartition("/")[0] + "/" + url.rpartition("/")[2]


@pytest.fixture
async def world(urls: tuple[str, str]) -> AsyncIterator[World]:
    store = await open_store(urls[0], standby=urls[1])
    yield await World(store, tenant_id="t-lists").add_tenant()
    await store.close()


async def _tell(url: str, text: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(text)
    finally:
        await connection.close()


async def _numbers(world: World, **asked: object) -> list[str]:
    return [order.number for order in await world.store.find(world.tenant_id, Query(**asked))]  # type: ignore[arg-type]


async def _followed(world: World, numbers: list[str]) -> None:
    async with asyncio.timeout(20):
        while await _numbers(world) != numbers:  # noqa: ASYNC110 - the standby tells nobody
            await asyncio.sleep(0.02)


async def test_it_is_behind_then_away_and_nobody_fails(urls: tuple[str, str], world: World):
    first = await world.create(new_order(1, number="A"))
    await _followed(world, ["A"])
    await _tell(urls[1], "SELECT pg_wal_replay_pause()")
    second = await world.create(new_order(1, number="B"))

    assert await _numbers(world) == ["A"]
    assert await world.store.count(world.tenant_id, Query()) == 1
    # What the caller knows of is there at once.
    assert await _numbers(world, number="B") == ["B"]
    assert await _numbers(world, refs=[Ref.to_order("native", second.id)]) == ["B"]
    assert [e.version for e in await world.store.order_events(world.tenant_id, second.id, 0, 9)] == [1]
    assert [e.order_id for e in await world.store.events(world.tenant_id, NIL, 9)] == [first.id, second.id]

    await _tell(urls[1], "SELECT pg_wal_replay_resume()")
    await _followed(world, ["A", "B"])
    # Every connection there is cut: the first server is asked instead, and the standby left alone for a while.
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'dragoman'"
    assert await _tell(urls[1], cut)
    assert await _numbers(world) == ["A", "B"]
    assert await world.store.count(world.tenant_id, Query()) == 2


async def test_one_that_was_never_there_costs_nothing(urls: tuple[str, str]):
    store = await open_store(urls[0], standby="postgresql://nobody@127.0.0.1:9/none")
    world = await World(store, tenant_id="t-alone").add_tenant()
    await world.create(new_order(1, number="A"))
    assert await _numbers(world) == ["A"]
    await store.close()

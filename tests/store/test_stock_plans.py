"""A page of stock costs its own rows, also when it was planned before there was any stock."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product

import asyncpg
import pytest

from app.core.ports import Store
from app.core.stock import LevelQuery, MovementQuery
from app.store import open_store
from app.store.postgres import PostgresStore
from tests.store.world import START, World

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PAGE = 5
FILL = """
INSERT INTO stock_movements (tenant_id, id, location_id, sku, delta, at)
SELECT 't1', gen_random_uuid(), 'L' || n % 10, 'S' || (n / 10) % 500, 1, $1::timestamptz + n * interval '1 second'
FROM generate_series(1, 20000) n
"""
"""Four movements for each of 500 skus at each of ten locations."""


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """With one connection, which keeps its plans."""
    opened = await open_store(database_url, pool_size=1)
    yield opened
    await opened.close()


@pytest.fixture
async def observer(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def rows_read(store: Store, observer: asyncpg.Connection) -> int:
    """Of the movements and of their indexes, so far."""
    assert isinstance(store, PostgresStore)
    await store.fetch("SELECT pg_stat_force_next_flush()")
    return int(
        await observer.fetchval(
            "SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'stock_movements')"
            " + (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'stock_movements')"
        )
    )


@pytest.mark.parametrize("counted", [False, True])
async def test_no_page_reads_all_there_is(store: Store, observer: asyncpg.Connection, counted: bool):
    world = await World(store).add_tenant()
    for n in range(10):
        await world.add_location(f"L{n}")
    wanted = [*product((None, "L3"), (None, "S250"), (False, True))]

    async def levels(location: str | None, sku: str | None, go_on: bool) -> int:
        after = (location or "L2", "S2") if go_on else None
        query = LevelQuery(location_id=location, sku=sku, after=after, limit=PAGE)
        return len(await store.levels("t1", query))

    async def movements(location: str | None, sku: str | None, go_on: bool) -> int:
        after = (START + timedelta(seconds=18_000), "ffffffff-ffff-ffff-ffff-ffffffffffff") if go_on else None
        query = MovementQuery(location_id=location, sku=sku, after=after, limit=PAGE)
        return len(await store.movements("t1", query))

    await observer.execute("VACUUM ANALYZE stock_movements")
    for _, ask in product(range(7), (levels, movements)):  # a plan is kept after the fifth
        for each in wanted:
            assert await ask(*each) == 0
    await observer.execute(FILL, START)
    if counted:
        await observer.execute("VACUUM ANALYZE stock_movements")
    cost = {}
    for ask, each in product((levels, movements), wanted):
        before = await rows_read(store, observer)
        found = await ask(*each)
        assert found in ({1, 4, PAGE} if each[0] and each[1] else {PAGE}), each
        cost[ask.__name__, *each] = await rows_read(store, observer) - before
    assert max(cost.values()) <= 300, cost

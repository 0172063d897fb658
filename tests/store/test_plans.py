"""A queue that was short when its statements were first planned, and is long now."""

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from app.core.outbox import DeliveryState, Settled
from app.core.ports import Store
from app.store import open_store
from app.store.postgres import PostgresStore
from tests.store.jobs import Queue, at, delivery, job, jobs

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
WAITING = 10_000


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


async def rows_read(queue: Queue, observer: asyncpg.Connection) -> int:
    """Of the queue and the log, so far."""
    assert isinstance(queue.store, PostgresStore)
    await queue.store.fetch("SELECT pg_stat_force_next_flush()")
    return int(
        await observer.fetchval(
            "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_user_tables "
            "WHERE relname IN ('tasks', 'webhook_deliveries')"
        )
    )


async def go_round(queue: Queue, count: int) -> None:
    """Events are claimed and handed on, some messages sent, some to be tried again, one after another."""
    await queue.add(*jobs(count, kind="publish", channel=""))
    done = await queue.claim(limit=count, busy=["c"])
    assert len(done) == count
    made = jobs(count, lanes="s1:{}", channel="s1")
    own = await queue.store.hand_on(done, made, [delivery(each) for each in made], at(61))
    await queue.again(own[0], 2)
    entries = {each.id: each for each in await queue.store.deliveries("t1", [each.id for each in made])}
    again = await queue.claim(5, busy=["c"])
    ends = [replace(entries[each.id], state=DeliveryState.DELIVERED) for each in (*own[1:], *again)]
    await queue.settle(*(Settled(job=each, delivery=end) for each, end in zip((*own[1:], *again), ends, strict=True)))


@pytest.mark.parametrize("rows", [0, 1])
async def test_nothing_is_looked_up_by_reading_all_that_waits(store: Store, observer: asyncpg.Connection, rows: int):
    """It was long before, too, so there is room for many rows where few were counted. What a claim looks at may then
    cost a read of the queue, but no job that is taken or settled."""
    queue = Queue(store)
    await queue.add(*jobs(2_000))
    await queue.add(*jobs(rows, lanes=None))
    await observer.execute("DELETE FROM tasks WHERE lane IS NOT NULL")
    await observer.execute("VACUUM ANALYZE tasks")
    await observer.execute("VACUUM ANALYZE webhook_deliveries")
    await observer.execute("SELECT pg_stat_force_next_flush()")
    for _ in range(7):  # a plan is kept after the fifth
        await go_round(queue, 1)
    await queue.add(*(job(f"s9:{n}", due=-9) for n in range(WAITING)))
    before = await rows_read(queue, observer)
    await go_round(queue, 20)  # with two claims
    assert await rows_read(queue, observer) - before < 3 * WAITING

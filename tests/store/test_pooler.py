"""Behind PgBouncer in transaction mode: many connections share few, each for one transaction at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.core.ledger import Ledger
from app.core.messages import Cancel, Target
from app.core.model import Scope
from app.core.ports import Query, Ref, Store
from app.core.refusal import Refusal
from app.service.desk import Reply
from app.service.signals import Signals
from app.store import open_store
from app.store.postgres import PostgresStore
from tests.dialects.intents import lines
from tests.dialects.server import serve
from tests.dialects.speakers import SPEAKERS
from tests.dialects.tenants import Tenant
from tests.store.jobs import Queue, jobs
from tests.store.pooler import PGBOUNCER, SIZE, pooler
from tests.store.world import World, new_order, table

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"] if PGBOUNCER else [], indirect=True)
OURS = "datname = current_database() AND backend_type = 'client backend' AND application_name = 'dragoman'"
SOON = 10.0


@pytest.fixture
def pooled(database_url: str) -> Iterator[str]:
    with pooler(database_url) as url:
        yield url


@pytest.fixture
async def stores(pooled: str, database_url: str) -> AsyncIterator[list[Store]]:
    """Of three processes, with six times the connections that there are."""
    opened = [await open_store(pooled, pool_size=6, direct=database_url) for _ in range(3)]
    yield opened
    for each in opened:
        await each.close()


@pytest.fixture
async def worlds(stores: list[Store]) -> list[World]:
    first = await World(stores[0]).add_tenant()
    await first.subscribe()
    return [first, *(first.on(store) for store in stores[1:])]


async def test_statements_are_prepared_once_and_found_wherever_they_run(worlds: list[World], database_url: str):
    """Commits of many shapes, all at once: what one client prepared is there on each connection that it is lent."""
    one = worlds[0]
    orders = [await one.create(new_order(9, number=f"N-{n}", keys={"shopline": f"s-{n}"})) for n in range(12)]
    for _ in range(6):
        await asyncio.gather(*(_cancel_one(worlds[n % 3], order.id) for n, order in enumerate(orders * 3)))
    for order in orders:
        after = await one.order(order.id)
        assert Ledger(after).cancelled_units == after.version - 1 == 9
    assert len(await table(one.store, "events")) == 12 * 10
    observer = await asyncpg.connect(database_url)
    assert 1 < await observer.fetchval(f"SELECT count(*) FROM pg_stat_activity WHERE {OURS}") <= SIZE  # noqa: S608
    await observer.close()
    # Each of the connections that are lent keeps the statements of all.
    rows = await asyncio.gather(*(_session(world) for world in worlds * 6))
    assert {seqscan for _, seqscan, _ in rows} == {"off"}
    assert 1 < len({pid for pid, _, _ in rows}) <= SIZE
    assert all(prepared > 0 for _, _, prepared in rows)


async def _cancel_one(world: World, order_id: str) -> None:
    """Whoever only came too late asks again; when all is cancelled he is told so."""
    line = (await world.order(order_id)).lines[0].id
    command = Cancel(scope=Scope.LINES, targets=(Target(ref=line, quantity=1),))
    while Ledger(await world.order(order_id)).cancelled_units < 9:
        try:
            await world.act(order_id, command)
        except Refusal as refusal:
            if refusal.code == "busy":
                continue
        return


async def _session(world: World) -> tuple[int, str, int]:
    """Process id, setting and number of prepared statements of one that is lent for a while."""
    assert isinstance(world.store, PostgresStore)
    async with world.store.transaction() as connection:
        await connection.execute("SELECT pg_sleep(0.05)")
        row = await connection.fetchrow(
            "SELECT pg_backend_pid(), current_setting('enable_seqscan'), (SELECT count(*) FROM pg_prepared_statements)"
        )
    return int(row[0]), str(row[1]), int(row[2])


async def test_races_imports_and_the_queue(worlds: list[World]):
    one = worlds[0]
    order = await one.create(new_order(5))
    whole = Cancel(scope=Scope.ORDER)
    results = await asyncio.gather(
        *(worlds[n % 3].act(order.id, whole, key=f"k{n % 10}") for n in range(30)), return_exceptions=True
    )
    assert all(isinstance(result, Reply | Refusal) for result in results), results
    replies = [result for result in results if isinstance(result, Reply)]
    assert len({reply.text for reply in replies}) == 1
    assert [reply.replayed for reply in replies].count(False) == 1
    commits = [one.creation(new_order(number=f"N-{n}")) for n in range(200)]  # by COPY, in a transaction
    assert (await worlds[1].store.add_orders("t1", commits)).count(None) == 200
    assert await worlds[2].store.count("t1", Query()) == 201
    queues = [Queue(world.store, "t2") for world in worlds]
    made = jobs(60, tenant_id="t2")
    await queues[0].add(*made)
    claimed = await asyncio.gather(*(queue.claimed(limit=60) for queue in queues))
    assert sorted(id_ for ids in claimed for id_ in ids) == sorted(each.id for each in made)


async def test_hints_need_the_direct_url(
    stores: list[Store], pooled: str, worlds: list[World], caplog: pytest.LogCaptureFixture
):
    here, there = Signals(), Signals()
    heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    there.listen(lambda *told: heard.put_nowait(told))
    await stores[0].pass_on(here)
    await stores[1].pass_on(there)
    async with asyncio.timeout(SOON):
        while await heard.get() != ("t1", "o1"):
            here.changed("t1", "o1")
    caplog.set_level(logging.WARNING, logger="dragoman.store")
    without = await open_store(pooled)
    await without.pass_on(Signals())
    assert isinstance(without, PostgresStore)
    assert without._relay is not None
    await asyncio.wait_for(without._relay._task, SOON)  # it ends by itself
    assert "no hints from other processes" in caplog.text
    assert await without.load("t1", Ref.to_order("native", "x"), None) is not None
    await without.close()


def test_the_whole_server(database_url: str):
    """Through all dialects, with its worker."""
    with pooler(database_url) as url, serve(url, direct_url=database_url) as server:
        tenant = Tenant.add(server)
        for speaker in SPEAKERS.values():
            order = tenant.create(lines=lines())
            answer = tenant.send(speaker.cancel_rest(order, tenant.send(speaker.read(order)).json(), "late"))
            assert answer.status_code == 200, answer.text
            assert speaker.see(tenant.send(speaker.read(order)).json()).over, speaker.name
        assert urlsplit(server.database_url).port != urlsplit(database_url).port

"""What goes wrong outside: a refusal says so, nothing is half done, and the same store works again afterwards."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import asyncpg
import pytest

from app.core.ledger import Ledger
from app.core.messages import Cancel
from app.core.model import Scope
from app.core.ports import Query, Ref, Store
from app.core.refusal import Code, Refusal
from app.store import open_store
from app.store.postgres import PostgresStore
from tests.store.world import World, everything, new_order

WHOLE = Cancel(scope=Scope.ORDER)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def hasty(database_url: str) -> AsyncIterator[Store]:
    """Gives up after a fifth of a second."""
    store = await open_store(database_url, timeout=0.2, pool_size=2)
    yield store
    await store.close()


async def refused(world: World, order_id: str, code: Code, key: str = "k") -> None:
    with pytest.raises(Refusal) as raised:
        await world.act(order_id, WHOLE, key=key)
    assert raised.value.code is code


async def works(world: World, order_id: str) -> None:
    """The refused request, sent again under its key, has its one effect."""
    assert not (await world.act(order_id, WHOLE, key="k")).replayed
    assert Ledger(await world.order(order_id)).cancelled


@on_sqlite
async def test_a_database_locked_for_too_long_is_busy(database_url: str, world: World, hasty: Store):
    order = await world.create(new_order())
    before = await everything(world.store)
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await refused(world.on(hasty), order.id, Code.BUSY)
    results = await asyncio.gather(*(refused(world.on(hasty), order.id, Code.BUSY, f"{n}") for n in range(5)))
    assert len(results) == 5
    assert await world.on(hasty).order(order.id) == order  # readers do not wait
    assert await hasty.count("t1", Query()) == 1
    other.execute("ROLLBACK")
    other.close()
    assert await everything(world.store) == before
    await works(world.on(hasty), order.id)


@on_sqlite
async def test_a_lock_that_is_given_up_in_time_is_waited_for(database_url: str, world: World):
    order = await world.create(new_order())
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(world.act(order.id, WHOLE, key="k"))
    await asyncio.sleep(0)
    assert not waiting.done()
    other.execute("COMMIT")
    other.close()
    assert not (await waiting).replayed


@asynccontextmanager
async def row_lock(url: str, order_id: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody else's transaction holds the order's row."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT FROM orders WHERE tenant_id = 't1' AND id = $1 FOR UPDATE", order_id)
            yield connection
    finally:
        await connection.close()


@on_sqlite
async def test_a_closed_database_is_one_file(database_url: str, tmp_path: Path):
    """That can be copied as it is: no connection is left to keep a log beside it."""
    store = await open_store(database_url)
    await (await World(store).add_tenant()).create(new_order())
    await asyncio.gather(*(store.count("t1", Query()) for _ in range(20)))
    await store.close()
    assert os.listdir(tmp_path) == ["dragoman.db"]


@on_postgres
async def test_a_statement_that_takes_too_long_times_out(database_url: str, world: World, hasty: Store):
    order = await world.create(new_order())
    before = await everything(world.store)
    async with row_lock(database_url, order.id) as locker:
        await refused(world.on(hasty), order.id, Code.TIMED_OUT)
        assert await world.on(hasty).order(order.id) == order
        await _nobody_waits(locker)
    assert await everything(world.store) == before
    await works(world.on(hasty), order.id)


@on_postgres
async def test_a_timeout_set_on_the_server_is_one_too(database_url: str, world: World):
    order = await world.create(new_order())
    before = await everything(world.store)
    store = await open_store(f"{database_url}?statement_timeout=100ms")
    try:
        async with row_lock(database_url, order.id):
            await refused(world.on(store), order.id, Code.TIMED_OUT)
        assert await everything(world.store) == before
        await works(world.on(store), order.id)
    finally:
        await store.close()


@on_postgres
async def test_waiting_for_a_free_connection_times_out(world: World, hasty: Store):
    connections = cast(PostgresStore, hasty)._connections
    held = [await connections.take() for _ in range(connections._size)]
    assert await _refusal(hasty) is Code.TIMED_OUT
    for connection in held:
        connections.give(connection)
    assert await _refusal(hasty) is None


@on_postgres
async def test_connections_cut_while_idle(database_url: str, world: World):
    """Those that were idle may be noticed only when used; each fails once at most, and no request half."""
    orders = [await world.create(new_order()) for _ in range(8)]
    await asyncio.gather(*(world.desk.read(world.caller, Ref.to_order("native", order.id)) for order in orders))
    await _cut_all(database_url)
    async with asyncio.timeout(10):
        for n, order in enumerate(orders):
            while (code := await _refused_cancel(world, order.id, f"k{n}")) is not None:
                assert code is Code.UNAVAILABLE
    rows = await everything(world.store)
    assert all(row["cancelled"] for row in rows["orders"])
    assert (len(rows["events"]), len(rows["replays"])) == (16, 8)


@on_postgres
async def test_a_connection_cut_in_the_middle_of_a_commit(database_url: str, world: World):
    order = await world.create(new_order())
    before = await everything(world.store)
    async with row_lock(database_url, order.id) as locker:
        cancel = asyncio.create_task(world.act(order.id, WHOLE, key="k"))
        await locker.fetchval("SELECT pg_terminate_backend($1, 10000)", await _somebody_waits(locker))
        with pytest.raises(Refusal) as raised:
            await cancel
    assert raised.value.code is Code.UNAVAILABLE
    assert await everything(world.store) == before
    await works(world, order.id)


@on_postgres
async def test_a_request_given_up_in_the_middle_of_a_commit(database_url: str, world: World):
    """The client hung up: its task is cancelled, the statement with it, and the connection is good for the next."""
    order = await world.create(new_order())
    before = await everything(world.store)
    async with row_lock(database_url, order.id) as locker:
        cancel = asyncio.create_task(world.act(order.id, WHOLE, key="k"))
        await _somebody_waits(locker)
        cancel.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancel
        await _nobody_waits(locker)
        await _nobody_waits(locker)
    assert await everything(world.store) == before
    await works(world, order.id)


@on_postgres
async def test_a_fault_of_the_program_is_no_outage(store: Store):
    with pytest.raises(asyncpg.DataError, match="UUID"):
        await store.order_events("t1", "no id", 0, 1)


async def test_a_server_that_is_not_there_is_unavailable(unused_tcp_port: int):
    with pytest.raises(Refusal) as raised:
        await open_store(f"postgresql://postgres@127.0.0.1:{unused_tcp_port}/postgres")
    assert raised.value.code is Code.UNAVAILABLE


async def test_ready_says_whether_the_database_answers(database_url: str):
    store = await open_store(database_url)
    await store.ready()
    await store.close()
    with pytest.raises(Refusal) as raised:
        await store.ready()
    assert raised.value.code is Code.UNAVAILABLE


async def test_a_closed_store_refuses_and_what_was_asked_before_is_answered(database_url: str, world: World):
    orders = [await world.create(new_order()) for _ in range(20)]
    store = await open_store(database_url)
    closing = world.on(store)
    calls = [asyncio.create_task(closing.act(order.id, WHOLE, key=order.id)) for order in orders]
    await asyncio.sleep(0)
    await store.close()
    results = await asyncio.gather(*calls, return_exceptions=True)
    refusals = [result for result in results if isinstance(result, Refusal)]
    assert {refusal.code for refusal in refusals} <= {Code.UNAVAILABLE}
    rows = await everything(world.store)
    assert len(rows["replays"]) == len(results) - len(refusals) == sum(row["cancelled"] for row in rows["orders"])
    await refused(closing, orders[0].id, Code.UNAVAILABLE)
    for call in (
        store.find("t1", Query()),
        store.tenants(),
        store.add_orders("t1", [world.creation(new_order())]),
        store.revoke_credential("t1", "c1", world.watch()),
    ):
        with pytest.raises(Refusal):
            await call


async def _refused_cancel(world: World, order_id: str, key: str) -> Code | None:
    try:
        await world.act(order_id, WHOLE, key=key)
    except Refusal as refusal:
        return refusal.code
    return None


async def _cut_all(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        cut = await connection.fetch(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert len(cut) > 0
    finally:
        await connection.close()


async def _refusal(store: Store) -> Code | None:
    try:
        await store.load("t1", Ref.to_order("native", "x"), None)
    except Refusal as refusal:
        return refusal.code
    return None


async def _somebody_waits(connection: asyncpg.Connection) -> int:
    """The process id of a backend that waits for a lock, as soon as there is one."""
    pid = None
    while pid is None:
        pid = await _waiting(connection)
    return pid


async def _nobody_waits(connection: asyncpg.Connection) -> None:
    """Until the server, too, has given up what its client has."""
    while await _waiting(connection) is not None:
        pass


async def _waiting(connection: asyncpg.Connection) -> int | None:
    pid: int | None = await connection.fetchval(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return pid

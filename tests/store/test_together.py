"""Loads and commits that are asked for at once: each ends as if it had been alone."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence

import asyncpg
import pytest

from app.core.cancel import decide_cancel
from app.core.ledger import Ledger
from app.core.messages import Cancel, Target
from app.core.model import Order, Scope
from app.core.ports import Commit, Moved, Ref, ReplayKey, Store
from app.core.refusal import Code, Refusal
from app.store.postgres import PostgresStore
from tests.store.world import World, new_order, table


@pytest.fixture
async def orders(world: World) -> list[Order]:
    return [await world.create(new_order(5)) for _ in range(6)]


def _cancels(world: World, orders: list[Order]) -> list[Commit]:
    made = []
    for n, order in enumerate(orders):
        command = Cancel(scope=Scope.LINES, targets=(Target(ref=order.lines[0].id, quantity=2),))
        made.append(world.decision(decide_cancel, order, command, key=f"k{n}", fingerprint="f", reply=f"r{n}"))
    return made


async def _together(store: Store, commits: Sequence[Commit]) -> list[type | None]:
    """What each ended with: None is well."""
    ends = await asyncio.gather(*(store.commit(commit) for commit in commits), return_exceptions=True)
    return [None if end is None else type(end) for end in ends]


async def _versions(world: World, orders: list[Order]) -> list[int]:
    return [(await world.order(order.id)).version for order in orders]


async def test_commits_at_once_are_all_written(world: World, orders: list[Order]):
    assert await _together(world.store, _cancels(world, orders)) == [None] * 6
    assert await _versions(world, orders) == [2] * 6
    assert sorted(row["reply"] for row in await table(world.store, "replays")) == [f"r{n}" for n in range(6)]


async def test_one_that_comes_too_late_leaves_the_others_alone(world: World, orders: list[Order]):
    commits = _cancels(world, orders)
    await world.write(world.decision(decide_cancel, orders[2], Cancel(scope=Scope.ORDER)))
    assert await _together(world.store, commits) == [None, None, Moved, None, None, None]
    assert await _versions(world, orders) == [2] * 6
    assert sorted(row["key"] for row in await table(world.store, "replays")) == ["k0", "k1", "k3", "k4", "k5"]
    assert len(await table(world.store, "events")) == 12


async def test_one_whose_key_is_taken_leaves_the_others_alone(world: World, orders: list[Order]):
    commits = _cancels(world, orders)
    await world.store.commit(world.creation(new_order(1), key="k4", fingerprint="f", reply="taken"))
    assert await _together(world.store, commits) == [None, None, None, None, Moved, None]
    assert await _versions(world, orders) == [2, 2, 2, 2, 1, 2]


async def test_of_two_about_one_order_one_is_written(world: World, orders: list[Order]):
    """Both were decided at the same version."""
    commits = [*_cancels(world, orders), *_cancels(world, orders[:1])]
    commits[-1] = world.decision(decide_cancel, orders[0], Cancel(scope=Scope.ORDER), key="other")
    assert await _together(world.store, commits) == [None] * 6 + [Moved]
    assert await _versions(world, orders) == [2] * 6


async def test_new_orders_and_changes_at_once(world: World, orders: list[Order]):
    new = [world.creation(new_order(1, number="same" if n < 2 else None)) for n in range(4)]
    ends = await _together(world.store, [*new, *_cancels(world, orders)])
    assert sorted(map(str, ends[:2])) == sorted([str(None), str(Moved)])
    assert ends[2:] == [None] * 8


async def test_loads_at_once_find_each_its_own(world: World, orders: list[Order]):
    await _together(world.store, _cancels(world, orders[:3]))
    refs: list[Ref | None] = [Ref.to_order("native", order.id) for order in orders]
    refs += [None, Ref.to_order("native", world.clock.new_order_id(world.watch()))]
    replays = [ReplayKey(world.credential_id, f"k{n}") for n in range(8)]
    found = await asyncio.gather(*(world.store.load("t1", *each) for each in zip(refs, replays, strict=True)))
    assert [each and each.order and each.order.id for each in found] == [order.id for order in orders] + [None, None]
    assert [each and each.replay and each.replay.reply for each in found] == ["r0", "r1", "r2"] + [None] * 5


async def test_loads_at_once_of_no_tenant_find_nothing(world: World, orders: list[Order]):
    refs = [Ref.to_order("native", order.id) for order in orders]
    assert await asyncio.gather(*(world.store.load("nobody", ref, None) for ref in refs)) == [None] * 6


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_an_order_that_somebody_has_locked_holds_up_only_itself(
    world: World, orders: list[Order], database_url: str
):
    commits = _cancels(world, orders)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("BEGIN")
        await connection.fetch("SELECT 1 FROM orders WHERE id = $1 FOR UPDATE", orders[2].id)
        tasks = [asyncio.create_task(world.store.commit(commit)) for commit in commits]
        await asyncio.wait_for(asyncio.gather(*tasks[:2], *tasks[3:]), 3)
        assert not tasks[2].done()
        await asyncio.wait_for(_together(world.store, [world.creation(new_order(1)) for _ in range(40)]), 3)
        await connection.execute("COMMIT")
        await asyncio.wait_for(tasks[2], 3)
    finally:
        await connection.close()
    assert await _versions(world, orders) == [2] * 6


async def test_the_same_new_orders_from_two_processes(world: World, second_store: Store):
    """In opposite order: neither waits for the other until one of them is undone."""
    for n in range(4):
        commits = [[world.creation(new_order(1, number=f"{n}-{m}")) for m in range(12)] for _ in range(2)]
        commits[1].reverse()
        ends = await asyncio.wait_for(
            asyncio.gather(_together(world.store, commits[0]), _together(second_store, commits[1])), 3
        )
        assert Counter(end for some in ends for end in some) == {None: 12, Moved: 12}


@pytest.fixture
async def slow(database_url: str) -> AsyncIterator[None]:
    """Every change of an order takes the database 0.4 seconds."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("""
        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.4); RETURN NEW; END';
        CREATE TRIGGER slow BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION slow();
    """)
    yield
    await connection.execute("DROP FUNCTION slow CASCADE")
    await connection.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_wait_for_a_connection_is_part_of_a_commits_time(database_url: str, world: World, slow: None):
    """Or who reads events on would have to look back further."""
    store = await PostgresStore.open(database_url, pool_size=1, timeout=0.6)
    try:
        order = await world.create(new_order())
        commit = world.decision(decide_cancel, order, Cancel(scope=Scope.ORDER))
        held = await store._connections.take()
        asyncio.get_running_loop().call_later(0.4, store._connections.give, held)
        with pytest.raises(Refusal) as raised:
            await store.commit(commit)
        assert raised.value.code is Code.TIMED_OUT
        assert await world.order(order.id) == order
        await store.commit(commit)
        assert Ledger(await world.order(order.id)).cancelled
    finally:
        await store.close()
